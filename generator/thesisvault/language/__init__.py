"""The expressions in YAML and templates: parsing, kinds, functions, checking, evaluation and formatting.

`parse` turns text into a small tree through a whitelist. `kinds` says what may be mixed, `natures` what a series has,
and `check` finds mistakes from both without prices. `tracks` are values over time on plain arrays, `functions` make
them of their arguments, `evaluate` walks a tree over a `Market`, `values` holds the newest number with all that goes
with it, `formats` turns numbers into words. Nothing here knows notes, Markdown or files.
"""
