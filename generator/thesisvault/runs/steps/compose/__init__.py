"""Composing: from a definition and the market to the view of its note, one module per kind.

Each module has a function that fills the blocks of a definition and gathers what stands around them: standing, figures,
stale series, properties. Nothing here knows Markdown, paths or the disk.
"""
