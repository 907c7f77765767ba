"""Kinds of blocks: one file per kind, with its model and the function that fills it from a market.

To add a kind, add a file here, named like the kind, that registers its model, and a template of that name in
`templates/blocks`; `kinds` finds it. Kinds do not import one another: what several share lives in `core`, and
`chart_kinds` holds one file per kind of chart. A filled block holds tables, figures and chart specifications; no
Markdown, which is made in `notes`, and no file.
"""
