"""The shipped vault stays within the limits of reading, and what is beyond a limit is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.measure import LIMITS, Found, main, measure, measured, numbers, over, sentences, words
from tests.docs.page import ROOT

GOOD = """\
---
id: "a"
kind: "thesis"
---

%% tv:begin summary %%

# Left to right

**Right is 4.7pp ahead of left since the trade was opened on 5 February.**

Money moves.

|          | Since opened |    YTD |
| -------- | -----------: | -----: |
| [[A\\|B]] |        +7.1% | +25.1% |

_Total return to 27 Feb 2026._

> [!example]- All of it
> This sentence is folded, so that it may be as long as it likes, with 1 and 2 and 3 and 4 numbers, since nobody reads
> it unless he opens the fold and wants to know what is in there, which may be a lot.

%% tv:end summary 1 %%
"""


@pytest.fixture(scope="module")
def shipped() -> dict[str, list[Found]]:
    return measure(ROOT / "vault")


@pytest.mark.parametrize("name", LIMITS)
def test_the_shipped_vault_is_within_the_limits(shipped: dict[str, list[Found]], name: str) -> None:
    beyond = over(shipped[name])
    told = [f"{each.value}  {each.note}: {each.text[:100]}" for each in beyond]
    assert len(beyond) <= LIMITS[name].granted, "\n".join([LIMITS[name].says, *told])


def test_everything_is_measured_somewhere(shipped: dict[str, list[Found]]) -> None:
    assert [name for name, found in shipped.items() if not found] == []
    assert len(shipped["properties"]) == len(list((ROOT / "vault").rglob("*.md")))


def test_a_good_note_is_within_all_limits() -> None:
    found = list(measured("Theses/Left to right.md", GOOD))
    assert [each for each in found if each.is_over] == []
    assert {each.measure for each in found} >= {"words of a thesis", "words of a verdict", "caption lines of a table"}


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("Money moves.", f"{'Money moves, ' * 13}and so on.", "words of a sentence"),
        ("Money moves.", "It rose 3%, then 5%, then $7.", "numbers of a sentence"),
        ("Money moves.", "It is n/a today.", "n/a in a headline"),
        ("Money moves.", "## What the market has said of it", "words of a heading"),
        ("Money moves.", "word. " * 1_501, "words of a thesis"),
        ("Right is 4.7pp ahead", f"Right{' is far' * 12} ahead", "words of a verdict"),
        ("# Left to right", "# Left to right: n/a", "n/a in a headline"),
        ("|          | Since opened |    YTD |", "|  |  |  |", "lone heads of a table"),
        ("|    YTD |", "| Contribution, YTD |", "letters of a label"),
        ("Total return to 27 Feb 2026.", "Total return to 27 Feb 2026; " + "and so on, " * 9, "letters of a caption"),
        ("_Total return to 27 Feb 2026._", "_One._\n\n_Two._", "caption lines of a table"),
        ("_Total return to 27 Feb 2026._", "_One._\n\nText.\n\n_One._", "repeated captions"),
        ("+7.1% |", "![[chart.png\\|480]] |", "charts in cells"),
        ('kind: "thesis"\n', "".join(f"k{n}: 1\n" for n in range(12)), "properties"),
        ("[!example]- All", "[!example] All", "words of a sentence"),
    ],
)
def test_what_is_beyond_a_limit_is_found(old: str, new: str, name: str) -> None:
    assert GOOD.count(old) == 1, old
    assert name in {
        each.measure for each in measured("Theses/Left to right.md", GOOD.replace(old, new)) if each.is_over
    }


def test_a_wide_table_is_found() -> None:
    row = "| a | b | c | d | e | f |\n"
    found = measured("Home.md", f"# Home\n\n{row}{'| - ' * 6}|\n{row}")
    assert [each.value for each in found if each.measure == "columns of a table"] == [6]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It rose 3.5% on 27 Feb 2026.", 1),
        ("In 2026 it fell 0.4% while 55% of members rose.", 2),
        ("The S&P 500 and the Russell 2000 lead over 60 sessions.", 0),
        ("The 3-3-3 target and BAMLH0A0HYM2.", 1),
        ("Since 2025-12-31 it made +1,234.5pp, −3%, $530bn and 29x.", 4),
    ],
)
def test_days_spans_and_names_are_no_numbers(text: str, count: int) -> None:
    assert numbers(text) == count


def test_a_sentence_ends_where_a_reader_ends_it() -> None:
    text = "The U.S. is up 3.5%. **It leads.** (So it is.) 55% rose! Why?"
    assert sentences(text) == ["The U.S. is up 3.5%.", "**It leads.", "(So it is.", "55% rose!", "Why?"]
    assert sentences("3 Apr −6% (3 ×) · 9 Apr +11% (6 ×)") == ["3 Apr −6% (3 ×)", "9 Apr +11% (6 ×)"]
    assert words("It's up −3.5%, so (they say) [[A|B]].") == 8


def test_the_command_ends_with_1_where_more_is_beyond_a_limit_than_is_granted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Theses").mkdir()
    note = tmp_path / "Theses" / "Left to right.md"
    note.write_text(GOOD, "utf-8")
    assert main(str(tmp_path)) == 0
    note.write_text(GOOD.replace("Money moves.", "It is n/a today."), "utf-8")
    assert main(str(tmp_path)) == 1
    assert "Theses/Left to right.md: It is n/a today." in capsys.readouterr().out
