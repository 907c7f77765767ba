"""Pages of assets and baskets: their figures by plain arithmetic, and what each page is made from."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import itertools
import math
import re
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.stories.workspaces import call, edit, make_tiny

Closes = Mapping[dt.date, float]

INSTRUMENTS = """\
AAA: {name: Aardvark, short: Aardvark, kind: stock, sector: Tools, what: Makes ladders.}
BBB: {name: Badger, short: Badger, kind: stock, sector: Tools, of: [FUN]}
MKT: {name: Whole market, short: Market, kind: etf}
GAP: {name: Gap, kind: stock, what: Trades with holes.}
NEW: {name: Newcomer, kind: stock}
FUN: {name: Tool fund, short: Tools, kind: etf, sector: Tools, sector_fund: true}
NIL: {name: Nothing yet, kind: stock}
CPI: {name: Price level, kind: macro, unit: index, frequency: monthly, lag: 14d}
RATE: {name: A yield, kind: macro, unit: "%"}
"""
THESES = {
    "fund": "title: The fund\nopened: 2024-03-01\nbuy: {hold: [FUN]}\nsell: {hold: [MKT]}\n"
    'summary: "[[NIL]], [[GAP]], [[NEW]]."\n',
    "pair": "title: Both\nstatus: watching\nbuy: {name: The pair, hold: [pair]}\nsummary: x\n",
    "macro": "title: Figures\nkind: concept\nsummary: x\nsections:\n  - heading: A\n    blocks:\n"
    "      - text: \"{{ change('CPI', '1y') }} {{ change('RATE', '1m') | pp }}\"\n",
}
BASKET = "title: The pair\nmembers: [AAA, BBB]\nversus: FUN\nchosen: 2024-01-02\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with assets of every kind, built."""
    root = make_tiny(tmp_path_factory.mktemp("assets") / "ws")
    (root / "data/instruments.yaml").write_text(INSTRUMENTS, encoding="utf-8")
    (root / "data/baskets/pair.yaml").write_text(BASKET, encoding="utf-8")
    for name, text in THESES.items():
        (root / f"data/theses/{name}.yaml").write_text(text, encoding="utf-8")
    closes = closes_of(root, "MKT")
    rows = [f"{day},{close * (1 + 0.1 * math.sin(n / 30)):.2f}" for n, (day, close) in enumerate(closes.items())]
    (root / "prices/FUN.csv").write_text("\n".join(["date,close", *rows, ""]))
    (root / "macro").mkdir()
    edit(root / "thesisvault.yaml", "split_adjusted}}]", "split_adjusted}}, {csv: {folder: macro, layout: fred}}]")
    months = [f"{y}-{m:02}-01,{300 + 12 * y + m - 24276}" for y in (2023, 2024) for m in range(1, 13)][:16]
    (root / "macro/CPI.csv").write_text("\n".join(["observation_date,CPI", *months, ""]))
    rates = [f"{day},{4 + n / 1000:.3f}" for n, day in enumerate(closes)]
    (root / "macro/RATE.csv").write_text("\n".join(["observation_date,RATE", *rates, ""]))
    call("refresh", "-w", root)
    said = call("build", "--offline", "-w", root)
    assert said.status == 0, said
    return root


def closes_of(root: Path, ticker: str) -> Closes:
    rows = list(csv.reader((root / f"prices/{ticker}.csv").read_text().splitlines()))[1:]
    return {dt.date.fromisoformat(day): float(value) for day, value in rows}


def page(root: Path, title: str) -> str:
    """Return a note as it reads: without the marks of tables, emphasis and regions."""
    text = (root / f"vault/Assets/{title}.md").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^%%.*$|[*|\\]", " ", text.partition("\n# ")[2])
    return re.sub(r"[ \u00a0]+", " ", text)


def base(closes: Closes, first: dt.date) -> dt.date:
    return max(day for day in closes if day <= first)


def signed(value: float, digits: int = 1) -> str:
    text = f"{value * 100:+.{digits}f}"
    return (text if float(text) else text[1:]).replace("-", "−")


def day(of: dt.date) -> str:
    return f"{of.day} {of:%b %Y}"


END, YEAR_END, YEAR_BEFORE = dt.date(2024, 6, 28), dt.date(2023, 12, 31), dt.date(2023, 6, 28)


def returned(closes: Closes, first: dt.date) -> float:
    return closes[END] / closes[base(closes, first)] - 1


@pytest.mark.parametrize(("title", "ticker"), [("Aardvark", "AAA"), ("Badger", "BBB")])
def test_returns_stand_beside_the_market_and_the_sector(root: Path, title: str, ticker: str) -> None:
    own, market, sector = (closes_of(root, name) for name in (ticker, "MKT", "FUN"))
    firsts = (sorted(own)[-2], YEAR_END, YEAR_BEFORE)
    note = page(root, title)
    assert f" {ticker} " + " ".join(f"{signed(returned(own, first))}%" for first in firsts) in note
    for other, name in ((market, "MKT"), (sector, "FUN")):
        leads = [returned(own, first) - returned(other, first) for first in firsts]
        assert f"{name}]] " + " ".join(f"{signed(lead)}pp" for lead in leads) in note


@pytest.mark.parametrize(("title", "ticker"), [("Aardvark", "AAA"), ("Badger", "BBB"), ("Tool fund", "FUN")])
def test_the_first_line_says_where_the_price_stands(root: Path, title: str, ticker: str) -> None:
    own, market = closes_of(root, ticker), closes_of(root, "MKT")
    inside = [close for of, close in own.items() if of > YEAR_BEFORE]
    below = 1 - own[END] / max(inside)
    lead = returned(own, YEAR_END) - returned(market, YEAR_END)
    stands = f"{below * 100:.1f}% below its 52-week high" if below >= 0.0005 else "at its 52-week high"
    beside = f"{abs(lead) * 100:.1f}pp {'ahead of' if lead > 0 else 'behind'} the market this year"
    assert page(root, title).split("\n")[2].strip() == f"${own[END]:.2f}, {stands}; {beside}."
    assert f"${min(inside):.2f} – ${max(inside):.2f}" in page(root, title)


@pytest.mark.parametrize(("title", "ticker"), [("Aardvark", "AAA"), ("Badger", "BBB"), ("Whole market", "MKT")])
def test_risk_is_that_of_the_year(root: Path, title: str, ticker: str) -> None:
    own, market = closes_of(root, ticker), closes_of(root, "MKT")
    days = [of for of in own if of >= base(own, YEAR_BEFORE)]
    depth, high, low = min((own[b] / own[a] - 1, a, b) for a in days for b in days if a < b)
    note = page(root, title)
    same = (high.year == low.year) + ((high.year, high.month) == (low.year, low.month))
    span = (f"{day(high)} – {day(low)}", f"{high.day} {high:%b} – {day(low)}", f"{high.day}–{day(low)}")[same]
    assert f"Worst fall {signed(depth)}%, {span} " in note
    steps, beside = ([of[b] / of[a] - 1 for a, b in itertools.pairwise(days)] for of in (own, market))
    deviation = f"{statistics.stdev(steps) * math.sqrt(252) * 100:.0f}%"
    if ticker == "MKT":
        assert f"Volatility {deviation} " in note
        assert "beta" not in note
        return
    beta = statistics.covariance(steps, beside) / statistics.variance(beside)
    assert f"Volatility · beta to MKT {deviation} · {beta:.2f} ".replace("-", "−") in note


def test_unusual_days_are_told_by_the_sixty_before(root: Path) -> None:
    own = closes_of(root, "FUN")
    days = list(own)
    steps = [own[b] / own[a] - 1 for a, b in itertools.pairwise(days)]
    inside = [n for n in range(60, len(steps)) if days[n + 1] > YEAR_BEFORE]
    times = {n: steps[n] / statistics.stdev(steps[n - 60 : n]) for n in inside}
    largest = [n for n in sorted(times, key=lambda n: -abs(times[n]))[:3] if abs(times[n]) >= 2]
    assert largest
    told = [f"{day(days[n + 1])} {signed(steps[n])}% ({abs(times[n]):.1f} ×" for n in largest]
    note = page(root, "Tool fund").partition("## Unusual days, 1 year")[2].strip()
    assert note.split("\n")[0].strip() == " · ".join([f"{told[0]} usual)", *(f"{each})" for each in told[1:])])


def test_a_page_names_the_theses_that_hold_it_and_through_what(root: Path) -> None:
    fund, market = closes_of(root, "FUN"), closes_of(root, "MKT")
    opened = dt.date(2024, 3, 1)
    spread = signed(returned(fund, opened) - returned(market, opened))
    assert f"[[The fund]] long active, {spread}pp since opened" in page(root, "Tool fund")
    assert f"[[The fund]] short active, {spread}pp since opened" in page(root, "Whole market")
    badger = page(root, "Badger")
    assert f"[[The fund]] long, through [[Tool fund FUN]] active, {spread}pp since opened" in badger
    assert "[[Left to right]] long active, " in badger
    # One side alone has no spread.
    assert "[[Both]] long, through [[The pair]] watchlist \n" in badger
    assert "[[Both]] long watchlist \n" in page(root, "The pair")
    assert "[[The fund]]" not in page(root, "Aardvark")


def test_of_many_theses_some_are_shown_and_the_rest_counted(root: Path) -> None:
    for n in range(40):
        text = f"title: Many {n}\nbuy: {{hold: [NIL]}}\nsummary: '[[NEW]]'\n"
        (root / f"data/theses/many-{n:02}.yaml").write_text(text, encoding="utf-8")
    try:
        assert call("build", "--offline", "-w", root).status == 0
        assert re.findall(r"\[\[Many (\d+)\]\]", page(root, "Nothing yet")) == [str(n) for n in range(15)]
        assert " and 25 more – – " in page(root, "Nothing yet")
        mentioned = page(root, "Newcomer").partition("Mentioned in ")[2].split("\n")[0]
        assert mentioned.endswith(" and 11 more.")
        assert mentioned.count("[[") == 30
    finally:
        for path in (root / "data/theses").glob("many-*.yaml"):
            path.unlink()
        assert call("build", "--offline", "-w", root).status == 0


def test_a_member_says_its_part_of_the_basket(root: Path) -> None:
    note = page(root, "Badger")
    found = re.search(r"In \[\[The pair\]\]: ([\d.]+)% of the basket, (\S+)pp of its (\S+)% this year\.", note)
    assert found
    members = page(root, "The pair").partition("## Members")[2]
    assert re.search(rf"BBB\]\] {float(found[1]):.0f}% \S+ \{found[2]} ", members), members


def test_a_basket_is_said_to_be_chosen_with_hindsight_until_its_year_began_later(root: Path) -> None:
    note = page(root, "The pair")
    assert "Chosen with hindsight: history before 2024 flatters." in note
    assert re.match(
        r"(Up|Down) [\d.]+% this year, [\d.]+pp (ahead of|behind) \[\[Tool fund Tools \(FUN\)\]\]\.",
        note.split("\n")[2].strip(),
    )
    with edited(root / "data/baskets/pair.yaml", "chosen: 2024-01-02", "chosen: 2023-06-28"):
        assert call("build", "--offline", "-w", root).status == 0
        assert "hindsight" not in page(root, "The pair")
    assert call("build", "--offline", "-w", root).status == 0


def test_without_prices_a_page_says_so_and_shows_nothing_empty(root: Path) -> None:
    note = page(root, "Nothing yet")
    assert note.split("\n")[2].strip() == "No prices stored."
    assert "n/a" not in note
    assert "Return" not in note
    assert "Mentioned in [[The fund]]." in note


def test_prices_that_ended_early_are_told_in_the_first_line(root: Path) -> None:
    assert re.match(r"No close since 25 Jun 2024, when it was \$[\d.]+\.", page(root, "Gap").split("\n")[2].strip())


@pytest.mark.parametrize("title", ["Newcomer", "Gap", "Nothing yet", "Price level", "A yield", "The pair"])
def test_no_first_line_says_what_is_not_available(root: Path, title: str) -> None:
    first = page(root, title).split("\n")[2].strip()
    assert first.endswith(".")
    assert "n/a" not in first


def test_a_macro_series_tells_its_level_by_its_own_pace(root: Path) -> None:
    note = page(root, "Price level")
    assert note.split("\n")[2].strip().startswith("316.00 (Apr 2024")
    assert "up 3.9% in a year" in note
    assert "Change over a month +0.3%" in note
    assert "Monthly values from Jan 2023. Each is known 14 days after its date." in note
    rate = page(root, "A yield")
    closes = list(closes_of(root, "MKT"))
    month = len(closes) - 1 - closes.index(base(dict.fromkeys(closes, 0.0), dt.date(2024, 5, 28)))
    assert f"Change over a month +{month / 10:.0f}bp" in rate
    for absent in ("beta", "dividend", "Volatility", "Return"):
        assert absent not in rate + note


@contextlib.contextmanager
def edited(path: Path, old: str, new: str) -> Iterator[None]:
    """Have another text in a file for a while."""
    before = path.read_bytes()
    edit(path, old, new)
    try:
        yield
    finally:
        path.write_bytes(before)


def same_as_clean(root: Path) -> dict[str, bytes]:
    """Build what is known anew and all of it anew; return the notes, which are the same either way."""
    said = call("build", "--offline", "-w", root)
    assert said.status == 0, said
    kept = {path.name: path.read_bytes() for path in (root / "vault").rglob("*.*") if path.is_file()}
    said = call("build", "--offline", "--clean", "-w", root)
    assert said.status == 0, said
    assert {path.name: path.read_bytes() for path in (root / "vault").rglob("*.*") if path.is_file()} == kept
    return kept


@pytest.mark.parametrize(
    ("file", "old", "new", "remade"),
    [
        (
            "data/theses/fund.yaml",
            "title: The fund",
            "title: A fund",
            {"Badger", "Tool fund", "Whole market", "Gap", "Nothing yet", "Newcomer"},
        ),
        ("data/theses/fund.yaml", "opened: 2024-03-01", "opened: 2024-02-01", {"Badger", "Tool fund", "Whole market"}),
        ("data/theses/pair.yaml", "status: watching", "status: active", {"Aardvark", "Badger", "The pair"}),
        ("data/theses/pair.yaml", "hold: [pair]", "hold: [AAA]", {"Aardvark", "Badger", "The pair"}),
        ("data/instruments.yaml", ", of: [FUN]}", "}", {"Badger"}),
        ("data/instruments.yaml", ", sector_fund: true", "", {"Aardvark", "Badger"}),
        ("data/instruments.yaml", "kind: stock, what: Trades", "kind: stock, versus: AAA, what: Trades", {"Gap"}),
        ("data/baskets/pair.yaml", "versus: FUN", "versus: MKT", {"The pair"}),
    ],
    ids=["title", "opened", "status", "side", "held by a fund", "sector fund", "versus", "versus of a basket"],
)
def test_an_edit_remakes_the_pages_that_show_it(root: Path, file: str, old: str, new: str, remade: set[str]) -> None:
    before = same_as_clean(root)
    with edited(root / file, old, new):
        after = same_as_clean(root)
        changed = {name.removesuffix(".md") for name in before if name.endswith(".md") and before[name] != after[name]}
        assert changed & {path.stem for path in (root / "vault/Assets").glob("*.md")} == remade
    same_as_clean(root)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("sector: Tools, sector_fund", "sector_fund", ':62: "FUN" is a sector fund without a sector. Add sector:.'),
        (
            "kind: stock, sector: Tools, what",
            "kind: stock, sector: Tools, sector_fund: true, what",
            '"AAA" and "FUN" are both',
        ),
        ("of: [FUN]", "of: [FUNN]", "FUNN"),
        ("of: [FUN]", "of: [BBB]", '"BBB" is named as what holds it, or is compared with.'),
        ("of: [FUN]", "versus: MTK", 'Did you mean "MKT"?'),
    ],
    ids=["no sector", "two funds", "unknown fund", "itself", "unknown versus"],
)
def test_what_holds_an_asset_is_checked(root: Path, old: str, new: str, says: str) -> None:
    with edited(root / "data/instruments.yaml", old, new):
        said = call("check", "-w", root)
        assert said.status != 0
        assert says in said.all, said
        assert "data/instruments.yaml:" in said.all
