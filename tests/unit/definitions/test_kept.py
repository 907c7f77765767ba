"""Findings that are kept are those of a check that keeps nothing, whatever is edited between two checks."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path

import pytest

from thesisvault import instant
from thesisvault.definitions.checks import crosscheck as crosschecks
from thesisvault.definitions.checks.check import MOST_FINDINGS
from thesisvault.definitions.checks.crosscheck import crosscheck
from thesisvault.definitions.checks.kept import FILE, KeptFindings, checked, write_findings
from thesisvault.definitions.read import read_settings
from thesisvault.errors import Finding, Place
from thesisvault.sealed import read_sealed
from thesisvault.session import Session

NOW = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)
THESIS = """\
title: {title}
aliases: [{alias}]
opened: 2026-01-15
summary: "{summary}"
sell: {{name: Sold, hold: [{sell}]}}
buy: {{name: Bought, hold: [{buy}]}}
claims:
  - {{says: It gained, check: "{claim}", expect: 8%}}
signals:
  - {{name: Up, when: "{signal}"}}
related:
  - {{note: {related}, why: Same money}}
"""
WHOLE = {
    "title": "Small caps",
    "alias": "Smalls",
    "summary": "See [[Energy]].",
    "sell": "QQQ",
    "buy": "IWM",
    "claim": "ret(buy, 'ytd')",
    "signal": "ret(buy, '5d') > 0",
    "related": "Energy",
}
EDITS = {
    "title": ("Large caps", "Energy", "XLE", "{{ ret('XLE', '1d') }}"),
    "alias": ("Minis", "Mine"),
    "summary": (
        "See [[Minis]].",
        "See [[Nobody]], [[Mine]] and [[Oil]].",
        "Up {{ ret('XLE', 'ytd') | pct }}",
        "Up {{ close('RATE') | usd }} {{ ret('own', '5d') }} {{ 'x'",
        "{{ count(ret('few', '1d') > 0) }} {{ close('SHELL') | usd }}",
    ),
    "sell": ("XLE, IWM", "own, XLE", "NEW, OLD", "missing", "own"),
    "buy": ("few", "SHELL", "own, QQQ", "QQQ | XLE", ""),
    "claim": ("close('RATE')", "close('SHELL')", "ret('few', 'ytd')", "ret(buy, '2027')", "level('theses')", "ret("),
    "signal": (
        "ret('own', '1m') > spread(buy, sell, '1m')",
        "breadth(ret('few', '1d') > 0) > 0.5",
        "corr('NEW', 'OLD', '60d') > 0.5",
        "close('SHELL') > close('RATE')",
        "ret('one:buy', '5d') > 0",
        "level(buy) > 0 for ever",
    ),
    "related": ("Large caps", "Oil", "Rotation", "Nobody", "Mine"),
}
FUNDS = "SPY: {name: Market, kind: etf}, QQQ: {name: Large, kind: etf}, IWM: {name: Small, kind: etf}"
OTHERS = """\
OLD: {name: Was, kind: stock, renamed_to: NEW}, NEW: {name: Is, kind: stock},
 SHELL: {name: Shell, kind: stock, currency: EUR}, RATE: {name: Rate, kind: macro, unit: '%'}"""
SHARED = {
    "thesisvault.yaml": ("", "benchmark: XLE\n", "benchmark: NONE\n", "home_currency: EUR\n", "vault: [broken\n"),
    "data/instruments.yaml": (
        f"{{{FUNDS}, XLE: {{name: Energy, kind: etf}}, {OTHERS}}}\n",
        f"{{{FUNDS}, XLE: {{name: Oil, kind: etf}}, {OTHERS}}}\n".replace(", renamed_to: NEW", ""),
        f"{{{FUNDS}, XLE: {{name: Energy, kind: etf}}, {OTHERS}}}\n".replace("EUR", "USD").replace("'%'", "USD"),
        "{SPY: {name: Market, kind: etf}, XLE: {name: Energy, kind: etf, what: 'See [[Smalls]] {{ ret(1) }}'}}\n",
        "SPY: {name: Market, kind: etf\n",
    ),
    "data/entities.yaml": (
        "oil: {name: Oil, kind: idea, what: 'See [[one]].'}\n",
        "oil: {name: Crude, kind: idea, aliases: [Oil], what: 'See [[Minis]].'}\n",
        "oil: {name: Small caps, kind: idea}\n",
        "oil: {nam: Oil}\n",
    ),
    "data/episodes.yaml": (
        "e: {title: Rotation, start: 2025-12-31, sell: {hold: [QQQ]}, buy: {hold: [IWM]}}\n",
        "e: {title: Rotation, start: 2025-12-31, sell: {hold: [own, XLE]}, buy: {hold: [few]}}\n",
        "e: {title: 2025}\n",
    ),
    "data/baskets/own.yaml": (
        "{title: Own, members: [XLE, IWM]}\n",
        "{title: Own, members: [XLE, IWM], cap: 60%}\n",
        "{title: Minis, members: [XLE, other]}\n",
        "{title: Own, members: [one]}\n",
    ),
    "data/baskets/other.yaml": ("{title: Other, members: [own, SPY]}\n", "{title: Other, members: [NEW, SPY]}\n"),
    "data/universes/few.txt": ("XLE IWM\n", "SHELL\n", "XLE SHELL\n", "? \n"),
    "vault/Mine.md": ("Words.\n", "---\naliases: [Nobody]\n---\n"),
}
"""What each file may say; it may be missing, too."""
THESES = ("one", "two", "three")


class Desk:
    """A workspace that is edited at random."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        self.theses = {key: {**WHOLE, "title": f"{WHOLE['title']} {key}", "alias": key} for key in THESES}
        for file, texts in SHARED.items():
            self.write(file, texts[0])
        for key in THESES:
            self.write_thesis(key)

    def write(self, file: str, text: str | None) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text)

    def write_thesis(self, key: str) -> None:
        self.write(f"data/theses/{key}.yaml", THESIS.format(**self.theses[key]))

    def edit(self) -> None:
        if self.chance.random() < 0.8:
            key, word = self.chance.choice(THESES), self.chance.choice(list(EDITS))
            self.theses[key][word] = self.chance.choice((WHOLE[word], *EDITS[word]))
            self.write_thesis(key)
        elif self.chance.random() < 0.2:
            key = self.chance.choice(THESES)
            self.write(f"data/theses/{key}.yaml", self.chance.choice((None, "title: [broken\n", "title: Small caps\n")))
        else:
            file, texts = self.chance.choice(list(SHARED.items()))
            self.write(file, self.chance.choice((*texts, texts[0], texts[0], None)))

    def findings(self, now: dt.datetime = NOW) -> tuple[Finding, ...]:
        return Session(self.root, now).findings

    def findings_anew(self, now: dt.datetime = NOW) -> tuple[Finding, ...]:
        """Return what a check finds to which no earlier one is known."""
        session = Session(self.root, now)
        between = crosscheck(session.library, frozenset(session.foreign_names), now.date())
        found = [*read_settings(self.root)[1], *session.library.findings, *between]
        return tuple(sorted(dict.fromkeys(found), key=lambda each: each.sort_key))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which theses were checked; what was kept would not have to be."""
    found: list[str] = []
    real = crosschecks._thesis
    monkeypatch.setattr(instant, "TICK", 0)  # code that was edited a moment ago may be tested

    def thesis(check: crosschecks.Check, record: crosschecks.ThesisRecord) -> None:
        found.append(record.id)
        real(check, record)

    monkeypatch.setattr(crosschecks, "_thesis", thesis)
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, random.Random(1))


@pytest.mark.parametrize("seed", range(2))
def test_findings_are_those_of_a_clean_check_after_any_edit(seed: int, tmp_path: Path, looked: list[str]) -> None:
    desk = Desk(tmp_path, random.Random(seed))
    anew = kept = broken = 0
    for _ in range(40):
        for _ in range(desk.chance.choice((1, 1, 1, 3))):
            desk.edit()
        now = NOW + dt.timedelta(days=desk.chance.choice((0,) * 8 + (1, 400, -300)))
        looked.clear()
        found = desk.findings(now)
        kept += len(looked)
        looked.clear()
        clean = desk.findings_anew(now)
        anew += len(looked)
        assert list(map(repr, found)) == list(map(repr, clean))
        broken += bool(found)
    assert 0 < kept <= anew - 10
    assert broken > 10


def test_only_the_thesis_that_was_edited_is_checked(desk: Desk, looked: list[str]) -> None:
    desk.findings()
    assert looked == ["one", "three", "two"]
    looked.clear()
    desk.findings()
    assert looked == []
    desk.theses["two"]["summary"] = "See [[Nobody]]."
    desk.write_thesis("two")
    first = desk.findings()
    assert looked == ["two"]
    assert [each.code for each in first] == ["unknown-link"]
    looked.clear()
    assert desk.findings() == first
    assert looked == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("data/instruments.yaml", SHARED["data/instruments.yaml"][1]),
        ("data/universes/few.txt", "SHELL\n"),
        ("data/baskets/own.yaml", SHARED["data/baskets/own.yaml"][1]),
        ("vault/Another.md", "Words.\n"),
        ("thesisvault.yaml", "benchmark: XLE\n"),
    ],
)
def test_what_every_thesis_may_name_has_all_of_them_checked(
    file: str, text: str, desk: Desk, looked: list[str]
) -> None:
    desk.findings()
    looked.clear()
    desk.write(file, text)
    desk.findings()
    assert looked == ["one", "three", "two"]


def test_a_clean_run_believes_nothing_that_was_kept(desk: Desk, looked: list[str]) -> None:
    desk.findings()
    looked.clear()
    session = Session(desk.root, NOW)
    session.clean = True
    assert session.findings == ()
    assert looked == ["one", "three", "two"]


def test_what_was_not_over_is_looked_at_again_on_another_day(desk: Desk, looked: list[str]) -> None:
    desk.theses["two"]["claim"] = "ret(buy, '2026-03')"
    desk.write_thesis("two")
    assert len(desk.findings()) == 1
    looked.clear()
    assert desk.findings(NOW + dt.timedelta(days=60)) == ()
    assert looked == ["two"]
    looked.clear()
    assert len(desk.findings()) == 1  # an earlier day knows less
    assert looked == ["two"]


def test_what_came_from_elsewhere_or_is_broken_is_not_believed(desk: Desk, looked: list[str]) -> None:
    desk.theses["one"]["summary"] = "See [[Nobody]]."
    desk.write_thesis("one")
    found = desk.findings()
    kept = desk.root / ".thesisvault" / FILE
    whole = kept.read_bytes()
    head, _, body = whole.partition(b"\n")
    forged = json.loads(body)
    forged["theses/one"][2] = []
    for data in (whole, whole[:-9], b"", head + b"\n" + json.dumps(forged).encode(), b"[" * 100_000):
        kept.write_bytes(data)
        looked.clear()
        assert desk.findings() == found
        assert looked == ["one", "three", "two"]
    kept.with_suffix(".seal").unlink()
    kept.with_suffix(".seal").mkdir()
    assert desk.findings() == found


def test_no_more_mistakes_are_shown_of_those_that_were_kept(desk: Desk, looked: list[str]) -> None:
    for key in THESES:
        desk.theses[key]["summary"] = " ".join(f"[[Nobody {key} {number}]]" for number in range(MOST_FINDINGS // 2))
        desk.write_thesis(key)
    found = desk.findings()
    assert len(found) == MOST_FINDINGS + 1
    looked.clear()
    assert desk.findings() == found == desk.findings_anew()
    desk.write("data/theses/one.yaml", None)
    assert desk.findings() == desk.findings_anew()


def test_what_is_kept_is_read_as_it_was_written(tmp_path: Path) -> None:
    findings = [Finding("x" * 3000, Place("a.yaml", 1, 2), "y" * 3000), Finding("\ud800 \u2026", None, level="warning")]
    kept = KeptFindings("code")
    kept.keep("theses/a", "digest", NOW.date(), findings)
    write_findings(tmp_path, kept)
    body = read_sealed(tmp_path / FILE, "thesisvault checked 1 code")
    assert body is not None
    assert list(checked(body).values()) == list(kept.after.values())
