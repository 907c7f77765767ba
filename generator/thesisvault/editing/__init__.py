"""Definitions changed by command as a person would change them: a line put in, a value set, all else as it was.

A change is spliced into the text of the file at a place that the reader names, and the result is read again before it
is written: it holds what the file held and the change, and nothing else. What may not live here: what a note shows of
it, and anything that writes a file which a build would refuse.
"""
