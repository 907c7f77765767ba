"""Runs that come by themselves: entries for systemd, cron, launchd, the Windows Task Scheduler and GitHub Actions.

What lives here: when a run is due (`due`, `times`), what an entry is and how a later command knows its own again
(`entry`), one module a scheduler (`kinds/`), and the story of installing, showing, proving and removing (`manage`).
What may not: anything that a run does, and a clock; a moment is an argument.
"""
