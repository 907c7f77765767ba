"""The engine: what a note was made from, and whether it has to be made anew.

Whatever a note reads while it is made is recorded as a leaf with its digest. As long as the digests are the same, the
note is the same and is taken from the state of the last run; a missing or wrong state costs time and nothing else.
"""
