"""Charts: a specification with its series in, PNG bytes out.

`specs` says what can be drawn, `draw` turns a specification into bytes, `style` holds every color and size.
Nothing here fetches prices, knows a vault or a note, or reads a clock. `sheet` is the only module that touches
matplotlib, and only when something is drawn.
"""
