"""The facts of the shipped definitions as lists, so that new wording can be told from a lost fact.

`python -m tests.facts.kept` adds to `kept.yaml` what the definitions say beyond it. It removes nothing: a fact that is
dropped on purpose is taken out of that file by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
THESES = ROOT / "data" / "theses"
KEPT = Path(__file__).with_name("kept.yaml")

JUDGED = ("expect", "within", "at_least", "at_most", "between", "truth", "date", "count", "word", "on", "source")
_TABLES = ("rows", "columns", "of", "open", "on", "source", "check", "within")
_LISTED = ("claims", "episodes", "flows", "targets")
_LINK = re.compile(r"\[\[([^\]|#]+)")
_SLOT = re.compile(r"{{.*?}}", re.DOTALL)
_FIGURE = re.compile(
    r"\$\s?(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(?:%|x\b|times\b|(?:US)?\$|thousand|million|billion|trillion|bn\b|m\b)"
)
_CODE = ("check", "when")

Facts = dict[str, list[str]]


def facts_of(definition: Mapping[str, Any]) -> Facts:
    """Return the facts of one definition by kind, each list sorted; a fact that stands twice is listed twice."""
    every = list(_mappings(definition))
    listed = {
        "head": [
            _line(definition, "title", "kind"),
            _line(definition, "status", "conviction", "opened", "review_every", "benchmark", "over"),
            *(f"{side}: {', '.join(definition[side]['hold'])}" for side in ("buy", "sell") if side in definition),
            *(f"alias: {alias}" for alias in definition.get("aliases", ())),
        ],
        "claims": [_line(each, "check", *JUDGED) for each in every if "says" in each and "check" in each],
        "quotes": [_line(each, "says", "by", "on", "source") for each in every if "says" in each and "by" in each],
        "sources": [_line(each, "id", "url", "on", "by") for each in definition.get("sources", ())],
        "updates": [_line(each, "on", "data", "source") for each in definition.get("updates", ())],
        "signals": [_line(each, "when", "kills") for each in definition.get("signals", ())],
        "drivers": [_line(each, "source") for each in definition.get("drivers", ())],
        "scenarios": [_line(each, "id", "by") for each in definition.get("scenarios", ())],
        "events": [_line(each, "on", "when") for each in every if "event" in each],
        "tables": [
            f"{name}: {_line(each[name], *_TABLES) if isinstance(each[name], dict) else each[name]}"
            for each in every
            for name in _LISTED
            if name in each and each is not definition and each[name]
        ],
        "links": sorted({*_links(definition), *(each["note"] for each in definition.get("related", ()))}),
        "figures": sorted(set(_figures(definition))),
    }
    return {kind: sorted(lines) for kind, lines in listed.items() if lines}


def lost(kept: Facts, now: Facts) -> list[str]:
    """Return the kept facts that a definition no longer says, each behind its kind."""
    return [
        f"{kind}: {line}"
        for kind, lines in kept.items()
        for line in (Counter(lines) - Counter(now.get(kind, ()))).elements()
    ]


def read(path: Path) -> Any:
    """Return a YAML file with every value as text."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def definitions() -> dict[str, Facts]:
    """Return the facts of all shipped definitions by file name without its ending."""
    return {path.stem: facts_of(read(path)) for path in sorted(THESES.glob("*.yaml"))}


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(part)


def _line(record: Mapping[str, Any], *keys: str) -> str:
    given = {key: record[key] for key in keys if key in record}
    return " · ".join(f"{key} {' '.join(str(value).split())}" for key, value in given.items())


def _prose(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in _CODE:
                yield from _prose(part)
    else:
        for part in value:
            yield from _prose(part)


def _links(definition: Any) -> Iterator[str]:
    for text in _prose(definition):
        yield from (found.strip() for found in _LINK.findall(text))


def _figures(definition: Any) -> Iterator[str]:
    """Yield the figures that stand in words, not computed: an amount, a share or a multiple."""
    for text in _prose(definition):
        for found in _FIGURE.finditer(_SLOT.sub(" ", text)):
            yield found[1] or found[2]


def main() -> None:
    """Add to the kept lists what the definitions say beyond them."""
    kept = read(KEPT) if KEPT.exists() else {}
    for name, facts in definitions().items():
        of = kept.setdefault(name, {})
        for kind, lines in facts.items():
            of[kind] = sorted((Counter(of.get(kind, ())) | Counter(lines)).elements())
    KEPT.write_text(yaml.safe_dump(kept, allow_unicode=True, width=10_000), encoding="utf-8")


if __name__ == "__main__":
    main()
