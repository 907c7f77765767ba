"""Notes as text: a definition and filled blocks in, Markdown out.

Here live names, escaping, properties, regions, links and the rendering of templates. Everything is a pure function of
its arguments: text goes in, text comes out. What may not live here: the disk, prices, data frames, the clock.
"""
