"""The expressions in YAML and templates: parsing, functions, checking, evaluation and formatting.

`parse` turns text into a small tree through a whitelist, `functions` holds what may be called, `check` finds mistakes
without prices, `evaluate` walks a tree over a `Market`, `values` joins series and keeps what is unknown unknown,
`formats` turns numbers into words. Nothing here knows notes, Markdown or files.
"""
