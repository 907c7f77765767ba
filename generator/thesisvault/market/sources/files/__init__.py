"""Files of prices as sites and people write them, read for what they prove of themselves.

`table` finds separator, header and rows; `columns` knows what each name of a column means; `numbers` and `days` read
cells in the notation that the whole file proves; `closes` decides what the closes are adjusted for; `reader` puts it
together. What a file leaves open is asked, never guessed. Nothing here knows a folder, a store or an instrument.
"""
