"""Kinds of blocks: one file a kind, with its model and the function that fills it from a market.

A filled block holds tables, figures and chart specifications; it knows no Markdown, which is the notes layer's, and no
file. `block` holds the registry and what all kinds share; `context` what a block may see; `filled` what it gives.
"""
