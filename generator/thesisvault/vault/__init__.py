"""The disk: what is in a vault, and how it is changed.

Here live the index of every note, atomic writes, the audit, and the few files of `.obsidian/` that may be touched.
What may not live here: prices, definitions, data frames, and any decision about what a note says.
"""
