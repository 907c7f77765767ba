"""A look at everything that a run needs: the computer, the sources, the workspace, its schedule.

Nothing is written or mended here; each check says what it found and, where there is something to do, what.
"""
