"""The functions of expressions, one file per family, each entry with its parameters, its meaning and how it is made.

A new function is one entry in the file of its family, what it gives in `signatures`, and, where there is a new formula,
a kernel in `analytics.kernels`. What may not live here: parsing, formatting, and the walk over a tree; functions
get their arguments read, and return tracks.
"""
