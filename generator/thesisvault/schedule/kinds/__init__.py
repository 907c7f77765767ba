"""One module a scheduler: the texts that it wants, and how it is told of them.

What lives here: pure functions from a job to texts, and a thin class around them that reads, writes and removes the
entries of one scheduler. What may not: any decision about which scheduler is used, or what a person is told of it.
"""
