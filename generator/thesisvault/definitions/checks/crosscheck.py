"""Checks definitions against one another: names, expressions, sources and links.

Everything that can be known without prices is said here, for all files in one run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Set
from functools import partial
from typing import Any

from thesisvault.definitions.checks.check import MOST_FINDINGS, Check, EnoughError, place
from thesisvault.definitions.checks.claims import check_claims
from thesisvault.definitions.checks.holdings import check_baskets, check_holding, check_instruments
from thesisvault.definitions.checks.kept import KeptFindings
from thesisvault.definitions.expressions import blocks_of, windows_of, written_expressions
from thesisvault.definitions.library import Library, link_names
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.digests import digest_of
from thesisvault.errors import Finding, Place, did_you_mean
from thesisvault.language import kinds
from thesisvault.language.check import Vocabulary
from thesisvault.language.names import not_yet
from thesisvault.language.natures import OF_BASKET, Nature, nature_of
from thesisvault.market.records import major
from thesisvault.scalars import NOT_OPENED, SINCE_OPENED, Window, folded
from thesisvault.structs import replace
from thesisvault.written import place_of

_SIDES = ("buy", "sell")


def crosscheck(
    library: Library, notes: Set[str] = frozenset(), day: dt.date | None = None, kept: KeptFindings | None = None
) -> list[Finding]:
    """Return what is wrong between the definitions of a library.

    Args:
        library: Everything that was read.
        notes: Names of further notes in the vault that links may reach, as written.
        day: The last day of data, where that is known: a window that is not over then is an error.
        kept: What earlier checks found; takes what this one finds.
    """
    linkable = frozenset(folded(name) for name, _, _ in link_names(library)) | {folded(n) for n in notes}
    linkable |= {folded(name) for name in library.wounded} | {"home"}
    linkable |= {"sources"} if any(record.card.claimants for record in library.definitions.values()) else set()
    check = Check(library, replace(vocabulary_of(library), day=day), linkable, [])
    try:
        _every_check(check, kept or KeptFindings())
    except EnoughError:
        words = f"only the first {MOST_FINDINGS} mistakes between definitions are shown."
        check.findings.append(Finding(words, hint="Fix those first.", code="more-findings"))
    check.findings = [f for f in check.findings if not _may_be_unread(f, library.unread)]
    return sorted(dict.fromkeys(check.findings), key=lambda f: f.sort_key)


def _every_check(check: Check, kept: KeptFindings) -> None:
    library, around = check.library, _around_theses(check)
    for key, record in library.definitions.items():
        own = (record.card.digest, dict(record.names), record.currency)
        _once(check, kept, f"theses/{key}", digest_of(around, *own), partial(_thesis, record=record))
    _once(check, kept, "shared", around, _shared)
    _settings(check)
    _wounded(check)
    _plain_names(check)
    check.findings += [*duplicate_names(library), *_titles_like_tickers(library)]


def _once(check: Check, kept: KeptFindings, part: str, digest: str, look: Callable[[Check], None]) -> None:
    """Check a part of the definitions, unless an earlier check of the same day saw the same."""
    known, before = kept.find(part, digest, check.vocabulary.day), len(check.findings)
    if known is None:
        look(check)
        kept.keep(part, digest, check.vocabulary.day, check.findings[before:])
    else:
        check.add(known)


def _shared(check: Check) -> None:
    """Check what is no thesis."""
    _entries(check, check.library.instruments)
    _entries(check, check.library.entities)
    check_instruments(check)
    check_baskets(check)
    _episodes(check)


def _around_theses(check: Check) -> str:
    """Return the digest of all that the check of a thesis may look at besides the thesis itself and the day.

    Nothing else goes into it of another thesis than its names, and its sides among the series and baskets. It is all
    that the checks of everything but theses look at.
    """
    library, vocabulary = check.library, check.vocabulary
    return digest_of(
        library.settings,
        sorted(vocabulary.series),
        sorted(vocabulary.universes),
        sorted(vocabulary.baskets.items()),
        sorted(vocabulary.called.items()),
        *(part for name, nature in sorted(vocabulary.natures.items()) for part in (name, nature)),
        sorted(check.linkable),
        check.names,
        [*library.definitions, "", *library.episodes, "", *library.universes],
        sorted(library.wounded),
        # What an instrument or a basket is like is in its file; sides of theses are among the members of baskets.
        *(part for name, file in library.files.items() if not _is_thesis(name) for part in (name, file.text)),
    )


def _is_thesis(file: str) -> bool:
    return file.startswith("theses/")


def vocabulary_of(library: Library) -> Vocabulary:
    """Return the names that expressions may use, and what each of them has."""
    return Vocabulary(
        library.series_names | library.wounded,
        frozenset(library.universes) | library.wounded,
        baskets={**dict.fromkeys(library.wounded, ()), **_members(library)},
        natures=natures(library),
        called=_called(library),
    )


def _called(library: Library) -> dict[str, str]:
    """Return the ticker or basket behind each other name, folded; the first that a name stands for."""
    found: dict[str, str] = {}
    for name, kind, key in link_names(library):
        if kind in ("instrument", "basket"):
            found.setdefault(folded(name), key)
    return found


def context_of(record: ThesisRecord, vocabulary: Vocabulary) -> Vocabulary:
    """Return the names that the expressions of a thesis may use."""
    words = {"over", SINCE_OPENED} & record.names.keys()
    return vocabulary.with_names(*words).where({k: v for k, v in record.names.items() if k not in words})


def natures(library: Library) -> dict[str, Nature]:
    """Return what each series has, by its definition: closes in a currency, points, an amount, a rate, a level."""
    instruments, baskets = library.records
    found = {
        ticker: nature_of(instrument.kind, instrument.unit, instrument.currency)
        for ticker, instrument in instruments.items()
    }
    found |= dict.fromkeys(baskets, OF_BASKET)
    for name, tickers in library.universes.items():
        currencies = {major(instruments[ticker].currency) for ticker in tickers if ticker in instruments}
        found[name] = Nature(kinds.price(currencies.pop() if len(currencies) == 1 else ""), kinds.LEVEL)
    return found


def _members(library: Library) -> dict[str, tuple[str, ...]]:
    """Return the members of each basket, under former names too."""
    instruments, baskets = library.records
    formerly = {t: i.formerly for t, i in instruments.items()}
    return {key: tuple(n for t in b.tickers for n in (t, *formerly.get(t, ()))) for key, b in baskets.items()}


def _may_be_unread(finding: Finding, unread: Set[str]) -> bool:
    """Return whether a name may be missing only because the file that gives it could not be read."""
    if finding.code == "unknown-link":
        return bool(unread - {"thesisvault.yaml"})
    about_series = finding.code == "unknown-ticker" or (
        finding.code == "expression" and "known ticker or basket" in finding.problem
    )
    return about_series and bool(unread & {"instruments.yaml", "baskets"})


def _thesis(check: Check, record: ThesisRecord) -> None:
    thesis = record.model
    _plain(check, [thesis.title, *thesis.aliases, *_side_names(thesis)])
    _plain(check, [each.name for part in (thesis.signals, thesis.drivers) for each in part])
    _plain(check, [source.title for source in thesis.sources])
    vocabulary = context_of(record, check.vocabulary)
    # In a comparison, buy and sell are those of each column, so a concept without sides may name them there.
    check.expressions(thesis, vocabulary, vocabulary.with_names(*_SIDES, SINCE_OPENED))
    _windows(check, thesis, record.life)
    for word in _SIDES:
        side = getattr(thesis, word)
        if side:
            _side(check, side.members)
    if thesis.benchmark:
        check.series([thesis.benchmark])
    known_sources = [s.id for s in thesis.sources]
    named = [c.source for c in thesis.claims] + [d.source for d in thesis.drivers] + [u.source for u in thesis.updates]
    check.known(filter(None, named), known_sources, "source")
    check_claims(check, ((claim, {}) for claim in thesis.claims), vocabulary)
    for _, block in blocks_of(thesis):
        check_claims(check, block.claims(), vocabulary)
        check.series(block.series(), vocabulary.names)
        check.known(block.universes(), check.library.universes, "universe")
        check.known(block.definitions(), check.library.definitions, "thesis")
        check.known(block.episodes(), check.library.episodes, "episode")
        check.known(block.sources(), known_sources, "source")
    for related in thesis.related:
        if folded(related.note) not in check.linkable:
            problem = f'no note is called "{related.note}".'
            check.say(problem, place(related.note), "unknown-link", did_you_mean(related.note, check.names))


def _windows(check: Check, thing: object, life: Window | None) -> None:
    """Check windows that stand outside of expressions: of one that is not over every figure would be n/a."""
    for window in windows_of(thing):
        if window.kind == "opened" and life is None:
            hint = "Write opened: 2026-01-02, your own day." if isinstance(thing, Thesis) else ""
            check.say(f"{NOT_OPENED}.", place(window.text), "not-opened", hint)
        elif problem := not_yet(window, check.vocabulary.day):
            check.say(f"{problem.replace(chr(39), '')}.", place(window.text), "window-ahead")  # YAML needs no quotes


def _side(check: Check, members: tuple[str, ...]) -> None:
    check.series(members)
    for name in members if len(members) > 1 else ():
        if "|" in name:
            problem = f'the chain "{name}" is among several names; a side holds one chain alone, or tickers.'
            check.say(problem, place(name), "chain-in-side", "Give the instrument proxies in data/instruments.yaml.")
    if len(members) > 1:
        check_holding(check, members)


def _entries(check: Check, entries: dict[str, Any]) -> None:
    for entry in entries.values():
        check.expressions(entry, check.vocabulary)
        check.series(getattr(entry, "proxies", ()))


def _episodes(check: Check) -> None:
    for episode in check.library.episodes.values():
        names = [word for word in _SIDES if getattr(episode, word)]
        vocabulary = check.vocabulary.with_names(*names, "over")
        check.expressions(episode, vocabulary)
        _windows(check, episode, None)
        check_claims(check, ((claim, {}) for claim in episode.claims), vocabulary)
        for word in names:
            _side(check, getattr(episode, word).members)
        if episode.chart:
            check.series(episode.chart.series(), frozenset(names))


_CONTEXT = ("buy", "sell", "benchmark", "over", "row", "column")


def _wounded(check: Check) -> None:
    """Check the texts of theses whose shape is wrong as far as they go, so that one run shows all there is."""
    vocabulary = check.vocabulary.with_names(*_CONTEXT)
    whole = {f"theses/{key}.yaml" for key in check.library.definitions}
    for name, file in check.library.files.items():
        if _is_thesis(name) and name not in whole:
            check.expressions(file.tree.value, vocabulary)
            for source in written_expressions(file.tree.value):
                check.bare(source, vocabulary)
            for side in _SIDES:
                holding = file.tree.at((side, "hold"))
                if isinstance(holding, list | dict):
                    check.series(each for each in holding if isinstance(each, str))


def _plain_names(check: Check) -> None:
    """Names are plain: a live expression in one would be printed as it stands. Each thesis checks its own."""
    library = check.library
    named: list[str] = []
    for episode in library.episodes.values():
        named += [episode.title, *filter(None, [episode.type]), *_side_names(episode)]
    named += [basket.title for basket in library.baskets.values()]
    named += [instrument.name for instrument in library.instruments.values()]
    named += [entity.name for entity in library.entities.values()]
    _plain(check, named)


def _plain(check: Check, names: Iterable[str]) -> None:
    for name in names:
        if "{{" in name:
            problem = f'the name "{name}" has a live expression; a name is plain text.'
            check.say(problem, place(name), "expression-in-name", "Put the expression into a text.")


def _side_names(thing: Any) -> list[str]:
    return [side.name for side in (thing.buy, thing.sell) if side and side.name]


def _settings(check: Check) -> None:
    benchmark = check.library.settings.benchmark
    if "thesisvault.yaml" in check.library.unread:
        return  # its own mistakes are said; what stands in it is not known
    if check.library.definitions and benchmark not in check.vocabulary.series:
        problem = f'benchmark is "{benchmark}", which is not a known ticker.'
        check.say(
            problem,
            place_of(benchmark) or Place("thesisvault.yaml"),
            "unknown-ticker",
            did_you_mean(benchmark, check.vocabulary.series) or f"Add it: thesisvault add {benchmark}",
        )


def duplicate_names(library: Library) -> list[Finding]:
    """Return a finding for every title or name that two definitions share, without regard to case."""
    findings = []
    first: dict[str, tuple[str, str]] = {}
    for name, kind, key in _titles(library):
        other = first.setdefault(folded(name), (kind, key))
        if other != (kind, key):
            problem = f'the {kind} "{name}" has the same name as the {other[0]} "{other[1]}"; a link could mean either.'
            findings.append(Finding(problem, place(name), "Give one of them another title.", code="duplicate-title"))
    return findings


def _titles_like_tickers(library: Library) -> Iterator[Finding]:
    """Yield a finding for every title or name that is the ticker of another thing, without regard to case."""
    tickers = {folded(ticker): ticker for ticker in library.instruments}
    for name, kind, key in _titles(library):
        ticker = tickers.get(folded(name))
        if ticker is None or (kind, key) == ("instrument", library.current(ticker)):
            continue
        what = "title" if kind in ("thesis", "basket") else "name"
        problem = f'the {what} "{name}" is the ticker of the instrument "{ticker}" too; a link could mean either.'
        hint = f"Give it another {what}. Tables of instruments link the instrument in any case."
        yield Finding(problem, place(name), hint, "warning", "title-is-ticker")


def _titles(library: Library) -> Iterator[tuple[str, str, str]]:
    yield from ((d.title, "thesis", k) for k, d in library.definitions.items())
    yield from ((i.name, "instrument", library.current(k)) for k, i in library.instruments.items())
    yield from ((b.title, "basket", k) for k, b in library.baskets.items())
    yield from ((e.name, "entity", k) for k, e in library.entities.items())
