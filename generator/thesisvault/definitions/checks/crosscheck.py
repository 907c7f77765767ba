"""Checks definitions against one another: names, expressions, sources and links.

Everything that can be known without prices is said here, for all files in one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any

from thesisvault.blocks.core.block import BlockModel
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.checks.finder import Check, Finder, tree_of
from thesisvault.definitions.checks.holdings import check_baskets, check_held, check_instruments
from thesisvault.definitions.library import Library, ThesisRecord, blocks_of, link_names
from thesisvault.definitions.models import models
from thesisvault.errors import Finding, Place, did_you_mean
from thesisvault.language.check import Vocabulary, check_expression
from thesisvault.scalars import folded

_SIDES = ("buy", "sell")


def crosscheck(library: Library, notes: Set[str] = frozenset()) -> list[Finding]:
    """Return what is wrong between the definitions of a library.

    Args:
        library: Everything that was read.
        notes: Names of further notes in the vault that links may reach, as written.
    """
    linkable = frozenset(folded(name) for name, _, _ in link_names(library)) | {folded(n) for n in notes}
    linkable |= {folded(name) for name in library.wounded} | {"home"}
    vocabulary = Vocabulary(
        library.series_names | library.wounded,
        frozenset(library.universes) | library.wounded,
        baskets={**dict.fromkeys(library.wounded, ()), **_members(library)},
    )
    check = Check(library, vocabulary, linkable, [])
    for record in library.definitions.values():
        _thesis(check, record)
    _mapping_file(check, "instruments.yaml", library.instruments)
    _mapping_file(check, "entities.yaml", library.entities)
    check_instruments(check)
    check_baskets(check)
    _episodes(check)
    _settings(check)
    _wounded(check)
    _plain_names(check)
    check.findings += duplicate_names(library)
    check.findings = [f for f in check.findings if not _may_be_unread(f, library.unread)]
    return sorted(dict.fromkeys(check.findings), key=lambda f: f.sort_key)


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
    finder, thesis = Finder(record.tree), record.model
    names = set(record.names)
    vocabulary = check.vocabulary.with_names(*names)
    check.texts(
        finder,
        thesis,
        vocabulary.with_names(*_SIDES) if _compares(thesis) else vocabulary,
    )
    for word in _SIDES:
        side = getattr(thesis, word)
        if side:
            _side(check, finder, side.members)
    if thesis.benchmark:
        check.series(finder, [thesis.benchmark])
    for signal in thesis.signals:
        check.expressions(finder, signal.when, check_expression(signal.when, vocabulary))
    _claims(check, finder, thesis.claims, vocabulary)
    known_sources = [s.id for s in thesis.sources]
    named = [c.source for c in thesis.claims] + [d.source for d in thesis.drivers] + [u.source for u in thesis.updates]
    check.known(finder, filter(None, named), known_sources, "source")
    for _, block in blocks_of(thesis):
        _block(check, finder, block, vocabulary, known_sources)
    for related in thesis.related:
        if folded(related.note) not in check.linkable:
            check.say(
                f'no note is called "{related.note}".',
                finder.place(related.note),
                "unknown-link",
                did_you_mean(related.note, check.names()),
            )


def _side(check: Check, finder: Finder, members: tuple[str, ...]) -> None:
    check.series(finder, members)
    for name in members if len(members) > 1 else ():
        if "|" in name:
            problem = f'the chain "{name}" stands among several names; a side holds one chain alone, or tickers.'
            check.say(
                problem, finder.place(name), "chain-in-side", "Give the instrument proxies in data/instruments.yaml."
            )
    if len(members) > 1:
        check_held(check, finder, members)


def _compares(thesis: models.Thesis) -> bool:
    # In a comparison, buy and sell are those of each column, so a concept without sides may name them.
    return any(kind == "compare" for kind, _ in blocks_of(thesis))


def _block(check: Check, finder: Finder, block: BlockModel, vocabulary: Vocabulary, sources: list[str]) -> None:
    for source, names in block.expressions():
        wider = vocabulary.with_names(*names)
        shown = source.removeprefix("breadth(").removesuffix(")") if finder.place(source).line == 0 else source
        for each in check_expression(source, wider):
            check.say(each.problem, finder.place(shown), "expression")
    check.series(finder, block.series(), frozenset(vocabulary.names))
    check.known(finder, block.universes(), check.library.universes, "universe")
    check.known(finder, block.definitions(), check.library.definitions, "thesis")
    check.known(finder, block.episodes(), check.library.episodes, "episode")
    check.known(finder, block.sources(), sources, "source")


def _claims(check: Check, finder: Finder, claims: Iterable[Claim], vocabulary: Vocabulary) -> None:
    for claim in claims:
        check.expressions(finder, claim.check, check_expression(claim.check, vocabulary))


def _mapping_file(check: Check, name: str, entries: dict[str, Any]) -> None:
    tree = tree_of(check.library, name)
    if tree is None:
        return
    finder = Finder(tree)
    for entry in entries.values():
        check.texts(finder, entry, check.vocabulary)
        check.series(finder, getattr(entry, "proxies", ()))


def _episodes(check: Check) -> None:
    tree = tree_of(check.library, "episodes.yaml")
    if tree is None:
        return
    finder = Finder(tree)
    for episode in check.library.episodes.values():
        _episode(check, finder, episode)


def _episode(check: Check, finder: Finder, episode: EpisodeDefinition) -> None:
    names = [word for word in _SIDES if getattr(episode, word)]
    vocabulary = check.vocabulary.with_names(*names, "over")
    check.texts(finder, episode, vocabulary)
    for word in names:
        _side(check, finder, getattr(episode, word).members)
    _claims(check, finder, episode.claims, vocabulary)
    if episode.chart:
        check.series(finder, episode.chart.series(), frozenset(names))


_CONTEXT = ("buy", "sell", "benchmark", "over", "row", "column")


def _wounded(check: Check) -> None:
    """Check the texts of theses whose shape is wrong as far as they go, so that one run shows all there is."""
    whole = {record.tree.shown for record in check.library.definitions.values()}
    for shown, tree in check.library.trees.items():
        if "/theses/" in f"/{shown}" and shown not in whole:
            _raw(check, Finder(tree), tree.value, "")


def _raw(check: Check, finder: Finder, value: Any, key: str) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            _raw(check, finder, each, name)
    elif isinstance(value, list):
        if key == "hold":
            check.series(finder, [each for each in value if isinstance(each, str)])
        for each in value:
            _raw(check, finder, each, key)
    elif isinstance(value, str):
        vocabulary = check.vocabulary.with_names(*_CONTEXT)
        if key in ("check", "when"):
            check.expressions(finder, value, check_expression(value, vocabulary))
        else:
            check.texts(finder, value, vocabulary)


def _plain_names(check: Check) -> None:
    """Names are plain: a live expression in one would be printed as it stands."""
    library = check.library
    named: list[tuple[str, str]] = []
    for key, record in library.definitions.items():
        thesis = record.model
        sides = [side.name for side in (thesis.buy, thesis.sell) if side and side.name]
        names = [
            thesis.title,
            *thesis.aliases,
            *sides,
            *(s.name for s in thesis.signals),
            *(d.name for d in thesis.drivers),
        ]
        named += [(f"theses/{key}.yaml", name) for name in (*names, *(s.title for s in thesis.sources))]
    for episode in library.episodes.values():
        sides = [side.name for side in (episode.buy, episode.sell) if side and side.name]
        named += [("episodes.yaml", name) for name in (episode.title, *filter(None, [episode.type]), *sides)]
    named += [(f"baskets/{key}.yaml", basket.title) for key, basket in library.baskets.items()]
    named += [("instruments.yaml", i.name) for i in library.instruments.values()]
    named += [("entities.yaml", e.name) for e in library.entities.values()]
    for ending, name in named:
        tree = tree_of(library, ending)
        if "{{" in name and tree is not None:
            problem = f'the name "{name}" holds a live expression; a name is plain text.'
            check.say(problem, Finder(tree).place(name), "expression-in-name", "Put the expression into a text.")


def _settings(check: Check) -> None:
    benchmark = check.library.settings.benchmark
    if "thesisvault.yaml" in check.library.unread:
        return  # its own mistakes are said; what stands in it is not known
    if check.library.definitions and benchmark not in check.vocabulary.series:
        problem = f'benchmark is "{benchmark}", which is not a known ticker.'
        check.say(
            problem,
            Place("thesisvault.yaml"),
            "unknown-ticker",
            did_you_mean(benchmark, check.vocabulary.series) or "Name it in data/instruments.yaml.",
        )


def duplicate_names(library: Library) -> list[Finding]:
    """Return a finding for every title or name that two definitions share, without regard to case."""
    findings = []
    first: dict[str, tuple[str, str]] = {}
    for name, kind, key in _titles(library):
        other = first.setdefault(folded(name), (kind, key))
        if other != (kind, key):
            place = _place_of_title(library, kind, key, name)
            problem = f'the {kind} "{name}" has the same name as the {other[0]} "{other[1]}"; a link could mean either.'
            findings.append(Finding(problem, place, "Give one of them another title.", code="duplicate-title"))
    return findings


def _titles(library: Library) -> Iterator[tuple[str, str, str]]:
    yield from ((d.model.title, "thesis", k) for k, d in library.definitions.items())
    yield from ((i.name, "instrument", library.current(k)) for k, i in library.instruments.items())
    yield from ((b.title, "basket", k) for k, b in library.baskets.items())
    yield from ((e.name, "entity", k) for k, e in library.entities.items())


def _place_of_title(library: Library, kind: str, key: str, name: str) -> Place:
    ending = {
        "thesis": f"theses/{key}.yaml",
        "basket": f"baskets/{key}.yaml",
        "instrument": "instruments.yaml",
        "entity": "entities.yaml",
    }[kind]
    tree = tree_of(library, ending)
    return Finder(tree).place(name) if tree else Place(ending)
