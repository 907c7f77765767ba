"""Properties: the YAML block at the top of a note.

Obsidian reads YAML 1.2 and so does this package: `ON`, `no` and `1:30` are texts. It writes the part of YAML on which
all readers agree: one key per line, strings in JSON's double quotes, block lists. It reads whatever a person or
Obsidian's own editor makes of that. Merging edits lines and never rewrites a key of a person's.
"""
