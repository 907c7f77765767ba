"""What all kinds of blocks share: the registry, what a block may see, and what a filled block holds.

What may not live here: anything that only one kind of block needs.
"""
