"""The first screen of every shipped thesis on a phone: title, verdict, position and bear case, nothing between them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THESES = sorted((ROOT / "vault/Theses").glob("*.md"))
CONCEPTS = sorted((ROOT / "vault/Concepts").glob("*.md"))
THE_MARKET_IS_A_SIDE = ("Cap weight to equal weight", "Memory bottleneck")
MOST_COLUMNS = 4
LONGEST_CAPTION = 90


def summary(path: Path) -> list[str]:
    """The paragraphs of the first region."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r"%% tv:begin summary %%\n\n(.*?)\n\n%% tv:end summary", text, re.DOTALL)
    assert found, path.name
    return found[1].split("\n\n")


def kinds(paragraphs: list[str]) -> list[str]:
    """What each paragraph is, by how it begins."""
    begins = (
        ("# ", "title"),
        ("**", "verdict"),
        ("| ", "table"),
        ("_", "caption"),
        ("> [!danger] Bear case", "bear case"),
        ("> ", "other callout"),
    )
    return [next((kind for start, kind in begins if each.startswith(start)), "text") for each in paragraphs]


def test_there_are_theses_to_look_at() -> None:
    assert len(THESES) >= 9
    assert len(CONCEPTS) >= 6


@pytest.mark.parametrize("path", THESES, ids=lambda path: path.stem)
def test_a_thesis_opens_with_verdict_position_and_bear_case(path: Path) -> None:
    found = kinds(summary(path))
    # A line on stale data may stand below the verdict, where what follows rests on it.
    stale = [i for i, each in enumerate(summary(path)) if "; figures marked † stop there." in each]
    assert stale in ([], [2])
    screen = [kind for i, kind in enumerate(found) if i not in stale]
    assert screen[:4] == ["title", "verdict", "table", "caption"]
    after = [kind for kind in screen[4:] if kind != "caption"]
    assert after[:1] == ["bear case"]
    assert screen.count("bear case") == 1


@pytest.mark.parametrize("path", THESES, ids=lambda path: path.stem)
def test_its_table_fits_a_phone(path: Path) -> None:
    paragraphs = summary(path)
    table = next(each for each in paragraphs if each.startswith("| "))
    caption = next(each for each in paragraphs if each.startswith("_"))
    head, _, *rows = table.splitlines()
    titles = [cell.strip() for cell in head.strip("|").split("|")]
    assert titles[0] == "Side"
    assert titles[-1] == "YTD"
    assert len(titles) <= MOST_COLUMNS
    first = [re.sub(r"\W", "", row.split(":")[0].split("|")[1]) for row in rows]
    # The market has no row of its own where one of the sides is the market.
    market = [] if path.stem in THE_MARKET_IS_A_SIDE else ["Market"]
    assert first == ["Long", "Short", "Spread", *market]
    assert len(caption.strip("_")) <= LONGEST_CAPTION
    assert re.match(r"_(Total|Price) return to \d+ [A-Z][a-z]{2} \d{4}\. ", caption)


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_a_concept_opens_with_its_verdict(path: Path) -> None:
    assert kinds(summary(path))[:2] == ["title", "verdict"]
    assert "other callout" not in kinds(summary(path))
