"""The commands of `schedule`, and what `run` needs of it: whether it is due."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated
from zoneinfo import available_timezones

import typer

from thesisvault.cli.options import HERE, Command, Json, Where, open_session, with_quiet
from thesisvault.cli.output import say, say_json
from thesisvault.errors import UsageError
from thesisvault.workspace import real_path, workspace_at

if TYPE_CHECKING:
    from thesisvault.schedule.due import Rule
    from thesisvault.schedule.entry import Job
    from thesisvault.schedule.kinds.kind import Kind
    from thesisvault.schedule.manage import Plan
    from thesisvault.schedule.times import Exchange
    from thesisvault.session import Session

_INTERRUPTED = 130

Word = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="systemd, cron, launchd, windows or github; by default the first that this machine has.",
    ),
]
After = Annotated[
    str | None,
    typer.Option("--after", metavar="TIME", help="After the close of the benchmark's exchange, as in close+45m."),
]
At = Annotated[str | None, typer.Option("--at", metavar="HH:MM", help="At a time of day, after each session.")]
Zone = Annotated[
    str | None,
    typer.Option("--tz", metavar="ZONE", help="The time zone of --at, as in America/New_York; else this machine's."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace or remove an entry even if it was edited by hand.")]
Dry = Annotated[bool, typer.Option("--dry", help="Say what would be done, and do nothing.")]

schedule = typer.Typer(
    name="schedule",
    help="Run after each session, on this machine or on GitHub.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@schedule.callback()
def start(context: typer.Context) -> None:
    """Print the help where no command was given."""
    if context.invoked_subcommand is None:
        say(context.get_help(), err=True)
        raise typer.Exit(2)


@schedule.command(cls=Command)
@with_quiet
def install(
    *,
    workspace: Where = HERE,
    after: After = None,
    at: At = None,
    tz: Zone = None,
    kind: Word = None,
    force: Force = False,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Install a schedule: show what is written and where, then write it."""
    from thesisvault.schedule import manage

    kinds, plan = _planned(open_session(workspace), after, at, tz, kind)
    manage.check_install(plan, kinds, force=force)
    if not json and plan.state != "same":
        say("\n".join(plan.lines()), chat=True)
        say("", chat=True)
    if not dry:
        manage.install(plan, kinds, force=force)
    if json:
        say_json("schedule install", {**plan.as_json(), "dry_run": dry})
        return
    name = f"{plan.kind.title} {plan.kind.name(plan.job.workspace)}"
    if plan.state == "same":
        say(f"{name} is installed as it should be; nothing was written.", chat=True)
    elif dry:
        say(f"would install {name}; nothing was written.")
    else:
        say(f"installed {name}.", chat=True)
        for hint in plan.kind.hints(plan.job):
            say(hint, chat=True)


@schedule.command(cls=Command)
@with_quiet
def show(
    *,
    workspace: Where = HERE,
    after: After = None,
    at: At = None,
    tz: Zone = None,
    kind: Word = None,
    json: Json = False,
) -> None:
    """Print what install would write and where, for any kind; write nothing."""
    _, plan = _planned(open_session(workspace), after, at, tz, kind)
    if json:
        say_json("schedule show", plan.as_json())
    else:
        say("\n".join(plan.lines()))


@schedule.command(cls=Command)
@with_quiet
def status(*, workspace: Where = HERE, json: Json = False) -> None:
    """Show the last good run, the last try and what came of it, and when the next run is due.

    Exit with 1 if anything is wrong: no schedule, an entry that calls what is gone, a run that failed or did not come.
    """
    from thesisvault.schedule.status import schedule_of

    session = open_session(workspace)
    with schedule_of(session) as found:
        lines = found.lines(session.now.year)
    if json:
        say_json("schedule status", found.as_json())
    else:
        say("\n".join(lines))
        for each in found.findings:
            say(f"{each.level}: {each}", err=True)
    if found.findings:
        raise typer.Exit(1)


@schedule.command(cls=Command)
@with_quiet
def remove(
    *, workspace: Where = HERE, kind: Word = None, force: Force = False, dry: Dry = False, json: Json = False
) -> None:
    """Remove the entries of this workspace, or of one that is gone, and no others."""
    from thesisvault.schedule import manage
    from thesisvault.schedule.machine import Machine

    # The entries of a workspace that was moved or deleted are known by where it was.
    where = open_session(workspace).workspace if workspace.exists() else workspace_at(real_path(workspace))
    planned = manage.plan_removal(manage.all_kinds(Machine(), where), where, kind, force=force)
    if not dry:
        manage.remove(planned)
    if json:
        say_json("schedule remove", {**planned.as_json(), "dry_run": dry})
    else:
        say("\n".join(planned.lines(dry=dry)))


@schedule.command(cls=Command)
@with_quiet
def allow(
    *,
    workspace: Where = HERE,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Revoke the permission.")] = False,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Show the commands on_failure and on_change of the settings, and let runs on this machine call them.

    It holds for these words and the files of the workspace that they name, as they are now.
    """
    from thesisvault.runs import hooks

    session = open_session(workspace)
    if not session.has_sound_settings:
        raise UsageError("the settings cannot be read.", hint="See why: thesisvault check")
    commands = {} if withdraw else hooks.commands_in(session.settings)
    if not commands and not withdraw:
        raise UsageError("the settings name no command.", hint="Add one to thesisvault.yaml, as in: on_failure: notify")
    is_new = not hooks.is_allowed(session.root, commands) if commands else bool(hooks.consent_of(session.root).digest)
    if not dry and is_new:
        hooks.allow(session.root, commands)
    if json:
        shown = {name: list(words) for name, words in commands.items()}
        say_json("schedule allow", {"commands": shown, "new": is_new, "dry_run": dry})
        return
    for name, words in commands.items():
        say(f"{name}: {shlex.join(words)}")
    if withdraw:
        say(
            "nothing was allowed." if not is_new else "would take it back." if dry else "taken back; no command is run."
        )
    else:
        say("they are allowed already." if not is_new else "would allow this." if dry else "allowed on this machine.")


# What `run` needs --------------------------------------------------------------------------------------------------


def is_due(session: Session, text: str, *, json: bool) -> bool:
    """Return whether a run is due by a rule; if it is not, say when it will be.

    Only to programs and on a terminal: cron sends a mail for each line, and calls more often than a run is due.

    Args:
        session: The run.
        text: The rule, as a schedule passes it.
        json: Whether to say it as JSON.

    Raises:
        UsageError: The text is no rule.
    """
    from thesisvault.runs.result import recall
    from thesisvault.schedule.due import find_due, parse_rule
    from thesisvault.schedule.status import exchange_of, in_zone

    rule, known = parse_rule(text), recall(session.workspace)
    good, again = known.last_good, known.last.again_at if known.last else None
    with exchange_of(session) as exchange:
        found = find_due(rule, exchange, good.began if good else None, session.now, again)
    if found.since is None and json:
        say_json("run", {"due": False, "next": found.next.isoformat() if found.next else None})
    elif found.since is None and sys.stdout is not None and sys.stdout.isatty():
        then = f"The next is due on {in_zone(found.next, None)}." if found.next else ""
        say(f"run: not due; nothing was done. {then}".rstrip())
    return found.since is not None


# What the commands share -------------------------------------------------------------------------------------------


def _planned(
    session: Session, after: str | None, at: str | None, tz: str | None, word: str | None
) -> tuple[list[Kind], Plan]:
    from thesisvault.schedule import manage
    from thesisvault.schedule.machine import Machine
    from thesisvault.schedule.status import exchange_of

    machine = Machine()
    kinds = manage.all_kinds(machine, session.workspace)
    kind = manage.choose_kind(kinds, word)
    with exchange_of(session) as exchange:
        return kinds, manage.plan_entry(
            kind, _job(session, exchange, machine.python, _rule(exchange, after, at, tz, machine.own_zone))
        )


def _job(session: Session, exchange: Exchange, python: str, rule: Rule) -> Job:
    from thesisvault.schedule.entry import Job
    from thesisvault.schedule.times import Timing

    return Job(session.workspace, python, Timing(rule, exchange, session.now.year))


def _rule(exchange: Exchange, after: str | None, at: str | None, tz: str | None, own_zone: str) -> Rule:
    from thesisvault.schedule.due import AfterClose, AtTime, known_zone, parse_rule
    from thesisvault.schedule.manage import check_rule, default_rule

    if after is not None and at is not None:
        raise UsageError("--after and --at exclude one another; give one of them.")
    if tz is not None and at is None:
        raise UsageError("--tz goes with --at.", hint="Give a time of day, as in: --at 17:30 --tz America/New_York")
    if after is None and at is None:
        return default_rule(exchange)
    # A program that the scheduler starts may not know the variable that names the zone of this person's programs.
    zone = known_zone(tz) if tz is not None else own_zone if own_zone in available_timezones() else ""
    rule = parse_rule(f"{at} {zone}".rstrip() if at is not None else str(after))
    if isinstance(rule, AtTime if after is not None else AfterClose):
        wrong = f'--after: "{after}"' if after is not None else f'--at: "{at}"'
        right = f"--at {after}" if after is not None else f"--after {at}"
        raise UsageError(f"{wrong} is the other kind of time.", hint=f"Use {right}")
    check_rule(rule, exchange)
    return rule
