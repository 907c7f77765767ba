"""Runs that come by themselves: files for systemd, cron, launchd, the Windows Task Scheduler and GitHub Actions.

What lives here: one module a scheduler, each a pure function from a workspace's folder, a command and a time of day
to the text of the files that this scheduler wants, with the words that tell a person where they go. Nothing here
installs a schedule, starts a run or knows what a build does; commands print these texts, and a person puts them in
place.
"""
