"""Checks definitions against one another: names, expressions, sources and links.

Everything that can be known without prices is said here, for all files in one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from generator.blocks.block import BlockModel, texts_of
from generator.blocks.claims import Claim
from generator.blocks.episodes import EpisodeDefinition
from generator.definitions import models
from generator.definitions.library import Library, ThesisRecord, blocks_of, link_names
from generator.definitions.load import Tree
from generator.errors import Finding, Place, did_you_mean
from generator.language.check import Vocabulary, check_expression, check_series, check_text
from generator.language.parse import ExpressionError
from generator.market.currency import pair_in
from generator.scalars import folded

_LINK = re.compile(r"(!?)\[\[([^\[\]\n|#]+)(?:#[^\[\]\n|]*)?(?:\\?\|[^\[\]\n]*)?\]\]")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_SIDES = ("buy", "sell")


class Finder:
    """Finds the place of a text in the file that it was typed in."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._trails: dict[str, tuple[str | int, ...]] = {}
        self._keys: dict[str, tuple[str | int, ...]] = {}
        self._index(tree.value, ())

    def _index(self, value: Any, trail: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                self._keys.setdefault(key, (*trail, key))
                self._index(each, (*trail, key))
        elif isinstance(value, list):
            for i, each in enumerate(value):
                self._index(each, (*trail, i))
        else:
            self._trails.setdefault(value, trail)
            self._trails.setdefault(value.strip(), trail)

    def place(self, text: str, nth: int | None = None) -> Place:
        """Return the place of a text, of its n-th `{{` if asked for; of the file if the text is not found."""
        if text in self._trails:
            return self.tree.place_of(self._trails[text], nth)
        if text in self._keys:
            return self.tree.key_place(self._keys[text])
        return Place(self.tree.shown)

    def at(self, text: str, offset: int) -> Place:
        """Return the place of one character of a text."""
        if text in self._trails:
            return self.tree.place_at(self._trails[text], offset)
        return self.place(text)


@dataclass
class _Check:
    library: Library
    vocabulary: Vocabulary
    linkable: Set[str]
    findings: list[Finding]

    def say(self, problem: str, place: Place, code: str, hint: str = "") -> None:
        self.findings.append(Finding(problem, place, hint, code=code))

    def expressions(self, finder: Finder, source: str, problems: Iterable[ExpressionError]) -> None:
        for each in problems:
            nth = each.nth if "{{" in source else None
            self.say(each.problem, finder.place(source, nth), "expression")

    def texts(self, finder: Finder, thing: object, vocabulary: Vocabulary) -> None:
        for text in dict.fromkeys(texts_of(thing)):
            if "{{" in text or "{%" in text:
                self.expressions(finder, text, check_text(text, vocabulary))
            if "[[" in text:
                self.links(finder, text)

    def links(self, finder: Finder, text: str) -> None:
        hidden = _CODE.sub(lambda code: " " * len(code[0]), text)
        for found in _LINK.finditer(hidden):
            if found[1]:
                continue
            name = found[2].strip().removesuffix("\\")
            if folded(name) not in self.linkable:
                hint = did_you_mean(name, self._names())
                self.say(
                    f"no note is called [[{name}]]; it is no title, name, alias or ticker of any definition.",
                    finder.at(text, found.start()),
                    "unknown-link",
                    hint,
                )

    def _names(self) -> list[str]:
        return [name for name, _, _ in link_names(self.library)]

    def series(self, finder: Finder, names: Iterable[str], allowed: Set[str] = frozenset()) -> None:
        for name in names:
            if name in allowed or name in self.vocabulary.names:
                continue
            problem = check_series(name, self.vocabulary)
            if problem:
                self.say(problem, finder.place(name), "unknown-ticker")

    def known(self, finder: Finder, names: Iterable[str], known: Iterable[str], what: str) -> None:
        options = list(known)
        for name in names:
            if name not in options and name not in self.library.wounded:
                self.say(
                    f'"{name}" is not a known {what}.',
                    finder.place(name),
                    f"unknown-{what}",
                    did_you_mean(name, options),
                )


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
    check = _Check(library, vocabulary, linkable, [])
    for record in library.definitions.values():
        _thesis(check, record)
    _mapping_file(check, "instruments.yaml", library.instruments)
    _mapping_file(check, "entities.yaml", library.entities)
    _instruments(check)
    _baskets(check)
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


def _thesis(check: _Check, record: ThesisRecord) -> None:
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
                did_you_mean(related.note, check._names()),
            )


def _side(check: _Check, finder: Finder, members: tuple[str, ...]) -> None:
    check.series(finder, members)
    for name in members if len(members) > 1 else ():
        if "|" in name:
            problem = f'the chain "{name}" stands among several names; a side holds one chain alone, or tickers.'
            check.say(
                problem, finder.place(name), "chain-in-side", "Give the instrument proxies in data/instruments.yaml."
            )
    if len(members) > 1:
        _among_several(check, finder, members)


def _among_several(check: _Check, finder: Finder, names: Iterable[str]) -> None:
    """Refuse parts of a holding that cannot be added up: baskets with rules of their own, one security twice."""
    several = tuple(names)
    for name in several:
        inner = check.library.baskets.get(name)
        if inner and (inner.cap or inner.dated):
            why = "a cap" if inner.cap else "members that change by date"
            problem = f'the basket "{name}" has {why} and is part of another here, where its weights would not hold.'
            hint = "Name its members here, or hold it alone."
            check.say(problem, finder.place(name), "basket-in-basket", hint)
    current: dict[str, str] = {}
    for name in several:
        other = current.setdefault(check.library.current(name), name)
        if other != name:
            problem = f'"{name}" and "{other}" are one and the same since a renaming; the holding names both.'
            check.say(problem, finder.place(name), "held-twice", f"Keep {check.library.current(name)}.")


def _compares(thesis: models.Thesis) -> bool:
    # In a comparison, buy and sell are those of each column, so a concept without sides may name them.
    return any(kind == "compare" for kind, _ in blocks_of(thesis))


def _block(check: _Check, finder: Finder, block: BlockModel, vocabulary: Vocabulary, sources: list[str]) -> None:
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


def _claims(check: _Check, finder: Finder, claims: Iterable[Claim], vocabulary: Vocabulary) -> None:
    for claim in claims:
        check.expressions(finder, claim.check, check_expression(claim.check, vocabulary))


def _mapping_file(check: _Check, name: str, entries: dict[str, Any]) -> None:
    tree = _tree(check.library, name)
    if tree is None:
        return
    finder = Finder(tree)
    for entry in entries.values():
        check.texts(finder, entry, check.vocabulary)
        check.series(finder, getattr(entry, "proxies", ()))


def _baskets(check: _Check) -> None:
    for key, basket in check.library.baskets.items():
        tree = _tree(check.library, f"baskets/{key}.yaml")
        if tree is None:
            continue
        finder = Finder(tree)
        check.texts(finder, basket, check.vocabulary)
        check.series(finder, basket.names)
        for held in basket.dated.values() if basket.dated else (basket.newest,):
            _among_several(check, finder, held)
        for name in basket.names:
            if "|" in name:
                hint = "Give the instrument proxies in data/instruments.yaml."
                problem = f'the chain "{name}" stands among the members; a basket holds tickers.'
                check.say(problem, finder.place(name), "chain-in-basket", hint)
        if key in basket.names:
            check.say(f'the basket "{key}" holds itself.', finder.place(key), "basket-of-itself")
        if key in check.library.instruments or key in check.library.universes:
            check.say(
                f'"{key}" is a ticker or a universe already; name the file otherwise.',
                Place(tree.shown),
                "duplicate-name",
            )
        _cap(check, tree, key)


def _cap(check: _Check, tree: Tree, key: str) -> None:
    """Refuse a cap that too few members could never keep; baskets among them count by what they hold."""
    record = check.library.records[1][key]
    held = [(f" from {day} on", len(shares)) for day, shares in record.dated] or [("", len(record.members))]
    for since, count in held:
        if record.cap and record.cap * count < 1 - 1e-9:
            reach = f"{record.cap * 100:g}% each of {count} members{since} reaches {record.cap * count * 100:g}%"
            hint = f"Raise it to {100 / count:.4g}% or more, or name more members."
            check.say(f"cap: {reach}, not 100%.", tree.place_of(("cap",)), "cap-too-low", hint)


def _instruments(check: _Check) -> None:
    """Check what instruments say of one another: what they were renamed to, and which currencies a rate joins."""
    tree = _tree(check.library, "instruments.yaml")
    if tree is None:
        return
    instruments = check.library.instruments
    targets: dict[str, str] = {}
    for ticker, instrument in instruments.items():
        _rate(check, tree, ticker, instrument)
        if instrument.renamed_to:
            problem, hint = _renaming(instruments, ticker, instrument.renamed_to, targets)
            if problem and instrument.renamed_to not in check.library.wounded:
                check.say(problem, tree.place_of((ticker, "renamed_to")), "wrong-renaming", hint)


def _rate(check: _Check, tree: Tree, ticker: str, instrument: models.Instrument) -> None:
    """Check that an exchange rate joins two currencies, and the two that its ticker names."""
    if instrument.price_of:
        place = tree.place_of((ticker, "price_of"))
        if instrument.kind != "currency":
            problem = f"price_of belongs to an exchange rate, and this is of kind {instrument.kind}."
            check.say(problem, place, "wrong-pair", "Write kind: currency.")
        elif instrument.price_of == instrument.currency:
            problem = f"price_of and currency are both {instrument.currency}; a rate is a price in another currency."
            check.say(problem, place, "wrong-pair")
        return
    pair = pair_in(ticker) if instrument.kind == "currency" else None
    if pair and instrument.currency != pair[1] and "currency" in instrument.model_fields_set:
        problem = f'"{ticker}" is the price of {pair[0]} in {pair[1]}, and its currency is {instrument.currency}.'
        hint = f"Write currency: {pair[1]}, or say by price_of what it is the price of."
        check.say(problem, tree.place_of((ticker, "currency")), "wrong-pair", hint)


def _renaming(
    instruments: Mapping[str, models.Instrument], ticker: str, target: str, targets: dict[str, str]
) -> tuple[str, str]:
    """Return what is wrong with a renaming, and how to mend it."""
    if target not in instruments:
        return f'"{target}" is not a known instrument.', did_you_mean(target, instruments)
    other = targets.setdefault(target, ticker)
    if other != ticker:
        hint = "Of one security one name follows the other; let the older one be renamed to the newer one."
        return f'"{other}" and "{ticker}" were both renamed to "{target}".', hint
    seen, after = [ticker], instruments[ticker].renamed_to
    while after is not None and after in instruments and after not in seen:
        seen.append(after)
        after = instruments[after].renamed_to
    if after in seen:
        round_trip = " to ".join([*seen, str(after)])
        return f"the renamings go round: {round_trip}.", "The name that it goes by now has no renamed_to."
    kinds = (instruments[ticker].kind, instruments[target].kind)
    if "macro" in kinds or kinds[0] != kinds[1]:
        hint = "Only something with a price is renamed, and it stays of one kind."
        return f'"{ticker}" is of kind {kinds[0]} and "{target}" of kind {kinds[1]}.', hint
    return "", ""


def _episodes(check: _Check) -> None:
    tree = _tree(check.library, "episodes.yaml")
    if tree is None:
        return
    finder = Finder(tree)
    for episode in check.library.episodes.values():
        _episode(check, finder, episode)


def _episode(check: _Check, finder: Finder, episode: EpisodeDefinition) -> None:
    names = [word for word in _SIDES if getattr(episode, word)]
    vocabulary = check.vocabulary.with_names(*names, "over")
    check.texts(finder, episode, vocabulary)
    for word in names:
        _side(check, finder, getattr(episode, word).members)
    _claims(check, finder, episode.claims, vocabulary)
    if episode.chart:
        check.series(finder, episode.chart.named(), frozenset(names))


_CONTEXT = ("buy", "sell", "benchmark", "over", "row", "column")


def _wounded(check: _Check) -> None:
    """Check the texts of theses whose shape is wrong as far as they go, so that one run shows all there is."""
    whole = {record.tree.shown for record in check.library.definitions.values()}
    for shown, tree in check.library.trees.items():
        if "/theses/" in f"/{shown}" and shown not in whole:
            _raw(check, Finder(tree), tree.value, "")


def _raw(check: _Check, finder: Finder, value: Any, key: str) -> None:
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


def _plain_names(check: _Check) -> None:
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
        tree = _tree(library, ending)
        if "{{" in name and tree is not None:
            problem = f'the name "{name}" holds a live expression; a name is plain text.'
            check.say(problem, Finder(tree).place(name), "expression-in-name", "Put the expression into a text.")


def _settings(check: _Check) -> None:
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


def _tree(library: Library, ending: str) -> Tree | None:
    return next((tree for shown, tree in library.trees.items() if shown.endswith(ending)), None)


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
    tree = _tree(library, ending)
    return Finder(tree).place(name) if tree else Place(ending)
