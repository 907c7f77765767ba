"""The functions of expressions, one file a family, each entry with its parameters, its meaning and how it is computed.

A new function is one entry in the file of its family. What may not live here: parsing, formatting, and the walk over an
expression; a function gets its arguments as nodes and asks the scope for their values.
"""
