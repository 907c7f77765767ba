"""Charts: a specification with its series in, PNG bytes out.

`specs` says what can be drawn, `draw` turns a specification into bytes, `style` holds every color and size.
Nothing here fetches prices, knows a vault or a note, or reads a clock. `agg` is the only module that knows matplotlib,
`letters` keeps what it made of letters, `png` packs what was drawn.
"""
