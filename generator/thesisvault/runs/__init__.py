"""The story of a build, from definitions on disk to a vault that is whole.

What lives here: `run` is the story, in the order in which it happens, and the place to begin reading; `plan` says
what is stale and why; `state` remembers what was built from what; `report` turns events into text or JSON; `lock`
keeps a second run out. Nothing here knows how a number is computed, a chart is drawn, a price is fetched or a note is
written; those are asked of the layers below, and what day it is arrives as an argument.
"""
