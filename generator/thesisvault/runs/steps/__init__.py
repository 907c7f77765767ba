"""The steps of a build, one file each: every step takes values and returns values.

What may not live here: the order of the steps, which is `runs.build`, and anything that reads the clock.
"""
