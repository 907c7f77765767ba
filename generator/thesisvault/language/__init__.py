"""The expressions that stand in YAML and templates: parsing, names, functions, evaluation and formatting.

`parse` turns text into a small tree of our own through a whitelist, `functions` is the table of what may be called,
 `evaluate` walks the tree over a `Market`, `values` joins series and keeps what is unknown unknown, `formats`
turns numbers into words. Nothing here knows notes, Markdown or files.
"""
