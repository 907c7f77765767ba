"""The disk: what is in a vault, and how it is changed.

This package holds the index of all notes, atomic writes, the audit, and the types of properties in `.obsidian/`. It
knows no prices, definitions or data frames, and decides nothing about what a note says.
"""
