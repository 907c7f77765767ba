"""The command that builds after every save."""

from __future__ import annotations

import json as json_module
from typing import TYPE_CHECKING

from thesisvault.cli.options import HERE, AsOf, By, Json, Offline, Where, day, now, opened_root
from thesisvault.cli.output import line_of, said, say, say_labeled
from thesisvault.cli.progress import progress_bar
from thesisvault.interrupts import ended_by_others
from thesisvault.words import plural
from thesisvault.workspace import find_root

if TYPE_CHECKING:
    from thesisvault.errors import Finding
    from thesisvault.runs.watch import Attempt

_NAMES = 3
"""So many written files are named."""


def watch(
    *,
    workspace: Where = HERE,
    as_of: AsOf = None,
    offline: Offline = False,
    executor: By = "auto",
    json: Json = False,
) -> None:
    """Build now and after every save of a definition, template, setting or price file, until Ctrl-C."""
    from thesisvault.runs.watch import Watch

    root = find_root(workspace)
    opened_root.set(root)

    def tell(finding: Finding) -> None:
        say(f"{finding.level}: {finding}", err=True)

    with ended_by_others():
        watching = Watch(root, now, tell, as_of=day(as_of), offline=offline, executor=executor, progress=progress_bar)
        if not json:
            say(f"watch: {root}; Ctrl-C ends it.", chat=True)
        try:
            for attempt in watching.attempts():
                _tell(attempt, json=json)
                said.clear()  # a watch may go on for weeks
        except KeyboardInterrupt:
            if watching.is_building:
                raise
        if not json:
            say("watch: stopped.", chat=True)


def _tell(attempt: Attempt, *, json: bool) -> None:
    """Print what came of an attempt: what is new, then one line; as JSON one line with everything."""
    from thesisvault.cli.bugs import report_bug
    from thesisvault.runs import news
    from thesisvault.runs.report import Report

    before, report = news.read_said(attempt.cache), attempt.report
    if attempt.bug is not None:
        report_bug(attempt.bug)
    if json:
        more = {
            "status": attempt.status,
            "seconds": round(attempt.seconds, 3),
            "changed": attempt.changed,
            "mended": [str(each) for each in attempt.mended],
        }
        say(json_module.dumps({**report.body(), **more}, default=str))
    else:
        fresh = Report(report.command)
        fresh.add(*attempt.fresh)
        fresh.add(*(each for each in report.findings if each.level != "error" and not before.knows(each)))
        for each in attempt.mended:
            say(f"fixed: {each}", err=True)
        for each in fresh.ordered():
            if each.level == "error":
                say(line_of(each), err=True)
        say(f"watch: {_done(attempt)} ({attempt.seconds:.1f} s).", chat=True)
        say_labeled(news.told(fresh, before))
    if not attempt.status:
        news.write_said(attempt.cache, before.after(report, attempt.now))


def _done(attempt: Attempt) -> str:
    report = attempt.report
    if attempt.status:
        errors = report.count("error")
        return f"nothing built; {plural(errors, 'error')}" if errors else "nothing built"
    if not (report.written or report.removed):
        return f"nothing to write, {report.unchanged} unchanged"
    names = sorted(report.written)
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    said = [f"wrote {plural(len(names), 'file')}: {', '.join(names[:_NAMES])}{more}"] if names else []
    said += [f"moved {plural(len(report.removed), 'file')} to .trash"] if report.removed else []
    return "; ".join(said)
