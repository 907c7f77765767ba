"""Runs: one module per command that does work, each taking a session and returning a report.

`build` is the story of a build and the place to begin reading; its steps are in `steps`, one module each. `lifecycle`
holds what happens to a note later. Nothing here knows how a number is computed, a chart is drawn, a price is fetched or
a note is rendered; the layers below do. The moment of a run arrives with its session.
"""
