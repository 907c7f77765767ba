"""What several kinds of blocks share; what only one needs stays in its own file.

`block` holds the registry, `context` what a block may see, `filled` what it gives, `chart` and `levels` what charts
are made of. `claims` and `judging`, `signals`, `sources`, `sides` and `theses` are parts of definitions of which
several kinds are built.
"""
