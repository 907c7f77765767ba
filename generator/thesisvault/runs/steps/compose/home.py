"""The view of the home note: the morning page.

It is made from the briefs of theses and concepts, so that it costs little however many there are, and from a few facts
of the whole. It says first what needs a look, and nothing where there is nothing to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from thesisvault.blocks.changes import newest_session, session_before, since_words
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, head, say
from thesisvault.definitions.library import Library
from thesisvault.language.formats import pct, rose, share
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.market.records import plain_name
from thesisvault.notes.brief import Brief, BriefFigure, SideMove
from thesisvault.notes.views import AssetView, ConceptView, EntityView, GroupView, HomeView, ThesisView
from thesisvault.runs.last_run import LastRun
from thesisvault.runs.steps.compose.ahead import coming_up, overdue
from thesisvault.runs.steps.compose.parts import mentions
from thesisvault.runs.steps.compose.sources import SOURCES_ID, SOURCES_TITLE
from thesisvault.runs.steps.trust import Trust, home_trust
from thesisvault.words import day_in_words, in_words, plural, short_day

NEAR = 1.0
"""So many usual daily moves from an exit a thesis needs a look."""
UNUSUAL = 3.0
"""So many times its usual daily move makes the day of a side one to look at."""
LARGE = 2.0
"""So many times its usual daily move makes the day of a side a change to tell."""
_SHORT_LIST = 12
_MOST_ROWS = 50
"""So many theses stand in the table, the nearest exits first."""
_MOST_LINES = 8
"""So many lines a list has before it says how many more there are."""
_LISTED = tuple(view.folder for view in (ConceptView, AssetView, EntityView))


Listed = tuple[str, str, str]
"""Id, title and folder of a note."""


class Members(Struct, frozen=True):
    """How many of the members of a universe rose on the last day.

    Attributes:
        universe: Its id.
        rose: Their share.
    """

    universe: str
    rose: float


class HomeParts(Struct, frozen=True):
    """All that the home note is made from besides the benchmark and the names of things.

    Attributes:
        notes: All other notes.
        briefs: What is said of each thesis and concept.
        trust: What of the prices behind the notes cannot be trusted.
        members: How many members of a universe rose; None without one.
        last_run: How the last runs ended; None where there was none.
    """

    notes: Sequence[Listed]
    briefs: Sequence[Brief]
    trust: Trust
    members: Members | None = None
    last_run: LastRun | None = None


def home_note(parts: HomeParts, library: Library, base: Context) -> HomeView:
    """Return the view of the home note."""
    context = Context(base.scope, library, "home")
    briefs = by_nearness(parts.briefs)
    theses = [each for each in briefs if each.kind == ThesisView.kind]
    affected = [each.title for each in parts.briefs if each.is_stale]
    stale_title, stale = home_trust(parts.trust, affected, context)
    before = session_before(context)
    since = _since(briefs, context) if before and briefs else ()
    last = parts.last_run
    return HomeView(
        id="home",
        title="Home",
        further={"as_of": context.as_of, "stale_series": len(parts.trust.early)},
        standing=(*_market(parts.members, context), *_exits(briefs)),
        failed_title=last.failed_title if last else "",
        failed=last.failed if last else (),
        first=_shortened(list(_first(briefs, context))),
        theses=Table(head("Thesis", "Since opened", "YTD", "Exit in", right=[1, 2, 3]), _rows(theses, context))
        if theses
        else None,
        lines=_caption(theses, context),
        since_title=since_words(before, context.as_of) if before and since else "",
        since=since,
        ahead=coming_up(briefs, context.as_of),
        stale=stale,
        stale_title=stale_title,
        records=(Plain("Who tends to be right: "), Mention(SOURCES_TITLE, title=True), Plain("."))
        if any(key == SOURCES_ID for key, _, _ in parts.notes)
        else (),
        groups=tuple(_groups(parts.notes, len(theses))),
        ran=last.good if last else (),
    )


def by_nearness(briefs: Iterable[Brief]) -> list[Brief]:
    """Return briefs by how near their exits are, in usual daily moves; those of closed theses last."""
    return sorted(briefs, key=lambda each: each.nearness)


# The first lines ----------------------------------------------------------------------------------------------------


def _market(members: Members | None, context: Context) -> Iterator[Part]:
    """Yield the day with the move of the benchmark, and how many members of a universe rose with it or against it."""
    day = newest_session(context)
    yield Plain(f"{day:%A} {day_in_words(day)}, close.", strong=True)
    if isinstance(context.series("benchmark"), str):
        return
    figure = context.call("ret", context.resolve("benchmark"), "1d")
    move = figure.number.value
    if not isinstance(move, float):
        return
    ticker = context.resolve("benchmark")
    name = context.short(ticker)
    yield Plain(" The " if name != plain_name(ticker) else " ")
    yield Mention(ticker, name)
    yield Plain(f" {rose(move)}")
    if members:
        same = "".join(filter(str.isalnum, name)).casefold() == members.universe.casefold()
        whose = "its members" if same else f"the members of {members.universe}"
        link = "while" if (move < 0) == (members.rose > 0.5) else "and"
        yield Plain(f" {link} {share(members.rose)} of {whose} rose")
    yield Plain(".")


def _exits(briefs: Sequence[Brief]) -> Iterator[Part]:
    """Yield how many exit signals have fired and how many are near."""
    watched = [each for each in briefs if each.exit and each.status != "closed"]
    if not watched:
        return
    count = sum(each.exits for each in watched)
    said = f"{in_words(count).capitalize()} exit signal{'' if count < 2 else 's'} {_have(count)} fired"
    if unknown := sum(len(each.unknown) for each in watched):
        said += f", and {in_words(unknown)} cannot be computed"
    near = sum(each.exits == 0 and each.exit is not None and each.exit.distance < NEAR for each in watched)
    is_are = "is" if near == 1 else "are"
    yield Plain(
        f" {said}." + (f" {in_words(near).capitalize()} {is_are} less than a usual day's move away." if near else "")
    )


def _have(count: int) -> str:
    return "has" if count < 2 else "have"


def _first(briefs: Sequence[Brief], context: Context) -> Iterator[Text]:
    """Yield what needs a look: exits, verdicts and unusual days of each thesis, then reviews that are overdue."""
    for brief in briefs:
        if brief.status == "closed":
            continue
        said: list[Text] = [*_of_exit(brief, context.as_of)]
        said += [(Plain(f"exit signal “{name}” cannot be computed; its note says why"),) for name in brief.unknown]
        said += [
            (*_side(move, context), Plain(f" {rose(move.move)}, {_times(move)} a usual day"))
            for move in _unusual(brief)
        ]
        said += [(Plain("“"), each.says, Plain(f"” was {each.before}, is {each.now}")) for each in brief.verdicts]
        if said:
            parts: list[Part] = [Mention(brief.title, title=True)]
            for nth, each in enumerate(said):
                parts += [Plain("; " if nth else ": "), *each]
            yield (*parts, Plain("."))
    if late := overdue(briefs, context.as_of):
        yield late


def _of_exit(brief: Brief, as_of: dt.date) -> Iterator[Text]:
    found = brief.exit
    if found is None:
        return
    if found.holds:
        since = f" since {short_day(found.since, as_of)}" if found.since else ""
        more = f", and {brief.exits - 1} more" if brief.exits > 1 else ""
        yield (Plain("exit signal triggered", strong=True), Plain(f"{since}: “{found.name}”{more}"))
    elif found.distance < NEAR and found.room and found.moves:
        away = (found.room.figure(), Plain(" away, "), found.moves.figure(), Plain(" of a usual day's move"))
        yield (Plain(f"the exit signal “{found.name}” is "), *away)


def _unusual(brief: Brief) -> list[SideMove]:
    return [each for each in brief.moves if abs(each.times) >= UNUSUAL]


def _times(move: SideMove) -> str:
    return f"{abs(move.times):.1f} times"


def _side(move: SideMove, context: Context) -> Text:
    """Return a side by the note of what it holds; a side of several names, which has none, by its own name."""
    if ":" in move.series or "|" in move.series:
        return say(move.name or context.label(move.series))
    return (Mention(move.series, context.label(move.series)),)


def _shortened(lines: list[Text]) -> tuple[Text, ...]:
    more = len(lines) - _MOST_LINES
    return (*lines[:_MOST_LINES], say(f"and {more} more.")) if more > 1 else tuple(lines)


# Theses -------------------------------------------------------------------------------------------------------------


def _rows(theses: Sequence[Brief], context: Context) -> tuple[tuple[Text, ...], ...]:
    newest = newest_session(context)
    return tuple(thesis_row(each, newest, context.as_of) for each in theses[:_MOST_ROWS])


def thesis_row(brief: Brief, newest: dt.date, as_of: dt.date) -> tuple[Text, ...]:
    """Return the row of a thesis: title, spreads since opened and this year in points, usual moves to its exit.

    Args:
        brief: What is said of the thesis.
        newest: The newest session: a thesis opened since then has not moved yet.
        as_of: The last day of data; a thesis opened after it has no spread since then.
    """
    opened = say("new") if _is_new(brief, newest, as_of) else _points(brief.since_opened)
    return ((Mention(brief.title, brief.short, title=True),), opened, _points(brief.ytd), _exit_cell(brief))


def _is_new(brief: Brief, newest: dt.date, as_of: dt.date) -> bool:
    return brief.opened is not None and newest <= brief.opened <= as_of


def _points(figure: BriefFigure | None) -> Text:
    if figure is None:
        return say("–")
    return (figure.figure(pct(figure.value).removesuffix("%") if figure.value is not None else "–"),)


def _exit_cell(brief: Brief) -> Text:
    found = brief.exit
    if brief.status == "closed":
        return say("closed")
    if found is None or (found.moves is None and not found.holds):
        return say("–")
    if found.holds or found.moves is None:
        return say("triggered", strong=True)
    return (found.moves.figure(strong=found.distance < NEAR),)


def _caption(theses: Sequence[Brief], context: Context) -> tuple[Text, ...]:
    shown = theses[:_MOST_ROWS]
    figures = [figure for each in shown for figure in (each.since_opened, each.ytd) if figure]
    kinds = sorted({kind for figure in figures for kind in figure.returns}, reverse=True)
    said = []
    if figures:
        said.append(f"Long minus short, {' and '.join(kinds) or 'total'} return, pp.")
    if any(each.exit and each.exit.moves for each in shown):
        said.append("Exit in: usual daily moves.")
    newest, as_of = newest_session(context), context.as_of
    if days := sorted({each.opened for each in shown if each.opened and _is_new(each, newest, as_of)}):
        said.append(f"New: opened {' and '.join(short_day(day, as_of) for day in days)}.")
    if any(each.opened and each.opened > as_of for each in shown):
        said.append("–: opens later.")
    if len(theses) > _MOST_ROWS:
        said.append(f"Another {len(theses) - _MOST_ROWS:,} are in the index.")
    return (say(" ".join(said), emphasis=True),) if said else ()


# What changed -------------------------------------------------------------------------------------------------------


def _since(briefs: Sequence[Brief], context: Context) -> tuple[Text, ...]:
    """Return what changed since the session before; one line says so if nothing did."""
    found = [*_flips(briefs), *_verdicts(briefs), *_moves(briefs, context)]
    if not any(each.exit or each.moves or each.flips for each in briefs) and not found:
        return ()
    quiet = "No signal or verdict changed, and no side moved more than twice its usual day."
    return _shortened(found) or (say(quiet),)


_FLIPS = {
    (True, True): "Triggered",
    (True, False): "Clear again",
    (False, True): "Now",
    (False, False): "No longer",
}


def _flips(briefs: Sequence[Brief]) -> Iterator[Text]:
    flips = [(each, flip) for each in briefs for flip in each.flips]
    for key, word in _FLIPS.items():
        for brief, flip in flips:
            if (flip.is_exit, flip.holds) == key:
                told = (Plain(f"{word}:", strong=True), Plain(f" {flip.name} ("))
                yield (*told, Mention(brief.title, title=True), Plain(")"))


def _verdicts(briefs: Sequence[Brief]) -> Iterator[Text]:
    for brief in briefs:
        for each in brief.verdicts:
            told = (Plain(f"{each.now.capitalize()}:", strong=True), Plain(" "), each.says)
            yield (*told, Plain(f", was {each.before} ("), Mention(brief.title, title=True), Plain(")"))


def _moves(briefs: Sequence[Brief], context: Context) -> Iterator[Text]:
    """Yield one line with the sides that moved much, each once, the largest first."""
    found = {move.series: move for each in briefs for move in each.moves if abs(move.times) >= LARGE}
    moves = sorted(found.values(), key=lambda move: (-abs(move.times), move.series))
    if not moves:
        return
    parts: list[Part] = [Plain("Large moves:", strong=True)]
    for nth, move in enumerate(moves[:_MOST_LINES]):
        usual = f"{abs(move.times):.1f} × usual" if not nth else f"{abs(move.times):.1f} ×"
        parts += [Plain(", " if nth else " "), *_side(move, context), Plain(f" {pct(move.move)} ({usual})")]
    more = len(moves) - _MOST_LINES
    yield (*parts, Plain(f" and {more} more")) if more > 0 else tuple(parts)


# The index ----------------------------------------------------------------------------------------------------------


def _groups(notes: Sequence[Listed], theses: int) -> Iterator[GroupView]:
    """Yield the notes by folder; those of theses only where the table does not show all of them."""
    folders = (ThesisView.folder, *_LISTED) if theses > _MOST_ROWS else _LISTED
    for folder in folders:
        titles = sorted((title for _, title, within in notes if within == folder), key=str.casefold)
        if titles:
            yield GroupView(folder.lower(), folder, mentions(titles, " · "), plural(len(titles), "note"))
