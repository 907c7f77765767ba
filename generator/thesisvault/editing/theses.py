"""What is written into a thesis or concept by command: a dated update, a review, a claim, its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

from thesisvault.blocks.core.sources import Source
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.editing.edit import ByHandError, Edit, held, save
from thesisvault.editing.rendering import Node, typed
from thesisvault.editing.splice import Add, Change, Put, by_hand
from thesisvault.errors import DefinitionError, Finding, UsageError, did_you_mean
from thesisvault.notes.names import slug
from thesisvault.scalars import folded
from thesisvault.session import Session
from thesisvault.structs import replace

_ORDER = tuple(Thesis.model_fields)
_Changes: TypeAlias = Callable[[Thesis | None], Sequence[Change]]
"""The changes to a thesis; to one that cannot be read, as far as they can be told without it."""


class BrokenThesisError(DefinitionError):
    """A thesis that cannot be read.

    Args:
        findings: Why.
        shown: Its file, relative to the workspace.
    """

    def __init__(self, findings: Sequence[Finding], shown: str) -> None:
        super().__init__(findings)
        self.shown = shown


def find_thesis(session: Session, name: str) -> ThesisRecord:
    """Return the thesis or concept of an id, a title, an alias or a file name.

    Raises:
        UsageError: There is none, or there are several.
        BrokenThesisError: There is one, and it cannot be read.
    """
    library = session.library
    wanted = folded(name.rsplit("/", 1)[-1].removesuffix(".yaml"))
    for known in (_ids, _titles, _aliases):
        found = {key for each, key in known(library) if folded(each) in (wanted, folded(name))}
        if len(found) > 1:
            hint = f"Name one by its id: {', '.join(sorted(found))}"
            raise UsageError(f'"{name}" is the name of several definitions.', hint=hint)
        if found:
            return library.definitions[found.pop()]
    path = session.workspace.data / "theses" / f"{wanted}.yaml"
    shown = session.workspace.shown(path)
    if broken := [each for each in session.findings if each.place and each.place.path == shown]:
        raise BrokenThesisError(broken, shown)
    names = [each for known in (_ids, _titles, _aliases) for each, _ in known(library)]
    raise UsageError(f'unknown thesis "{name}".', hint=did_you_mean(name, names))


def _ids(library: Library) -> Iterator[tuple[str, str]]:
    yield from ((key, key) for key in library.definitions)


def _titles(library: Library) -> Iterator[tuple[str, str]]:
    yield from ((record.title, key) for key, record in library.definitions.items())


def _aliases(library: Library) -> Iterator[tuple[str, str]]:
    yield from ((alias, key) for key, record in library.definitions.items() for alias in record.head.aliases)


def log(session: Session, name: str, text: str, *, on: dt.date, source: str | None = None, dry: bool = False) -> Edit:
    """Add a dated update to a thesis: its title, and where there are more lines, the rest as text.

    Args:
        session: The run.
        name: The thesis.
        text: What the update says.
        on: The day of the update.
        source: The id of a source of the thesis, or a web address, which becomes one.
        dry: Whether to write nothing.
    """
    said = typed(text, "the text")

    def changes(thesis: Thesis | None) -> list[Change]:
        added, source_id = _source(thesis, source, None)
        return [*added, _dated(thesis, _update(said, on, source_id), on)]

    with held(session, "log", dry=dry):
        return _save(session, _found(session, name, changes), changes, dry=dry)


def _update(text: str, on: dt.date, source: str | None = None) -> dict[str, Node]:
    title, _, rest = text.strip("\n").partition("\n")
    update: dict[str, Node] = {"on": on.isoformat(), "title": title}
    if source:
        update["source"] = source
    if rest.strip():
        update["blocks"] = [{"text": rest.strip("\n")}]
    return update


def _dated(thesis: Thesis | None, update: Node, on: dt.date) -> Change:
    """Return an update among the others of a thesis, which are kept newest first unless they run the other way."""
    days = [each.on for each in thesis.updates] if thesis else []
    if len(days) > 1 and days[0] < days[-1]:
        position = next((i for i, day in enumerate(days) if day > on), len(days))
    else:
        position = next((i for i, day in enumerate(days) if day <= on), len(days))
    return Add("updates", update, position)


def review(session: Session, name: str, *, on: dt.date, dry: bool = False) -> Edit:
    """Write down that a thesis was looked at on a day, from which its next review is counted."""

    def changes(_: Thesis | None) -> list[Change]:
        return [Put("reviewed", on.isoformat())]

    with held(session, "review", dry=dry):
        record = _found(session, name, changes)
        thesis = record.model
        if thesis.status == "closed":
            raise UsageError(f'"{record.title}" is closed; a closed thesis has no review.')
        edit = _save(session, record, changes, dry=dry)
        if thesis.review_every:
            due = on + dt.timedelta(days=thesis.review_every)
            remark = Finding(f"the next review is due on {due}.", level="info", code="review")
        else:
            remark = Finding("no next review is due.", hint="Say how often: review_every: 30d", level="info")
        return replace(edit, remarks=(remark,))


def close(session: Session, name: str, *, on: dt.date, reason: str | None = None, dry: bool = False) -> Edit:
    """Close a thesis on a day; the reason becomes an update of that day."""
    why = None if reason is None else typed(reason, "--reason").strip()

    def changes(thesis: Thesis | None) -> list[Change]:
        ended: list[Change] = [Put("status", "closed"), Put("closed", on.isoformat())]
        return ended if why is None else [*ended, _dated(thesis, _update(f"Closed: {why}", on), on)]

    with held(session, "close", dry=dry):
        record = _found(session, name, changes)
        thesis = record.model
        if thesis.status == "closed":
            since = f" since {thesis.closed}" if thesis.closed else ""
            raise UsageError(f'"{record.title}" is closed already{since}.')
        return _save(session, record, changes, dry=dry)


def claim(
    session: Session,
    name: str,
    says: str,
    check: str,
    expected: Mapping[str, Node],
    *,
    on: dt.date | None = None,
    source: str | None = None,
    by: str | None = None,
    note: str | None = None,
    dry: bool = False,
) -> Edit:
    """Add a claim to a thesis.

    Args:
        session: The run.
        name: The thesis.
        says: The claim in words.
        check: The expression that computes what is claimed.
        expected: What was said, by the key of the expectation, and the tolerance.
        on: The day at which it is judged; left out, the last close before the day of its source, else today.
        source: The id of a source of the thesis, or a web address, which becomes one.
        by: Who said so; with no source, a source of that name.
        note: What to make of it.
        dry: Whether to write nothing.
    """
    given: dict[str, Node] = {"says": typed(says, "the claim"), "check": typed(check, "--check"), **expected}
    named = by and typed(by, "--by").strip()
    remark = None if note is None else typed(note, "--note")

    def changes(thesis: Thesis | None) -> list[Change]:
        added, source_id = _source(thesis, source, named)
        known = next((each for each in thesis.sources if each.id == source_id), None) if thesis else None
        made = dict(given)
        if on or known is None or known.on is None:
            made["on"] = (on or session.now.date()).isoformat()
        if source_id:
            made["source"] = source_id
        if remark is not None:
            made["note"] = remark
        return [*added, Add("claims", made)]

    with held(session, "claim", dry=dry):
        return _save(session, _found(session, name, changes), changes, dry=dry)


def _source(thesis: Thesis | None, source: str | None, by: str | None) -> tuple[list[Change], str | None]:
    """Return the id of a source, and the change that adds it to the thesis if it is not there yet.

    Args:
        thesis: The thesis; None if it cannot be read, so that an id is taken for one of its sources.
        source: The id of a source, or a web address.
        by: Who said it.
    """
    if source is None and by is None:
        return [], None
    sources = thesis.sources if thesis else ()
    known = _known(sources, source, by)
    if known:
        return [], known.id
    if source is not None and "://" not in source:
        if thesis is None:
            return [], source
        hint = did_you_mean(source, [each.id for each in sources]) or "Give its web address: https://..."
        raise UsageError(f'--source: "{source}" is not the id of a source of this thesis.', hint=hint)
    taken = {each.id for each in sources}
    made: dict[str, Node] = {}
    if source is not None:
        parts = urlsplit(source)
        host = (parts.hostname or "").removeprefix("www.")
        made["title"] = f"{host}{parts.path.rstrip('/')}"[:200] or source
        stem = by or host
    else:
        stem = made["title"] = str(by)
    stem = slug(stem)[:80].strip("-")
    key = next(each for n in range(1, len(taken) + 2) if (each := stem if n == 1 else f"{stem}-{n}") not in taken)
    made = {"id": key, **made}
    if by:
        made["by"] = by
    if source is not None:
        made["url"] = source
    return [Add("sources", made)], key


def _known(sources: Sequence[Source], source: str | None, by: str | None) -> Source | None:
    for each in sources:
        if source is not None and source in (each.id, each.url):
            return each
        if source is None and by is not None and folded(by) in (folded(each.title), each.id):
            return each
    return None


def _found(session: Session, name: str, changes: _Changes) -> ThesisRecord:
    """Return the thesis of a name; see `find_thesis`.

    Raises:
        ByHandError: It cannot be read; what would have been changed is there to be pasted.
    """
    try:
        return find_thesis(session, name)
    except BrokenThesisError as problem:
        raise ByHandError(problem.findings, by_hand(changes(None)), problem.shown) from None


def _save(session: Session, record: ThesisRecord, changes: _Changes, *, dry: bool) -> Edit:
    path = session.workspace.data / "theses" / f"{record.id}.yaml"
    return save(session, path, changes(record.model), order=_ORDER, dry=dry)
