"""Regions of an earlier version, whose marker holds one hash, are told from edits even when a formatter was there."""

from __future__ import annotations

import datetime as dt

import pytest

from thesisvault.notes.markers import digest, parse
from thesisvault.notes.regions import FreshNote, merge

WRITTEN = r"""## Round 1

*Total return to 2026-02-27; **ytd** from 2025-12-31.*

> [!warning] Older data
> - [[Copper price|Copper]] at \$5.10
> - [A day](<https://a.example/b>), [[Bank]]

| Asset | Close |
| --- | --: |
| [[Badger\|BBB]] | \$1.20 |

- **Off.** It rose & fell.
- Shown in [[Rotation]]"""

# What formatters made of it.
PRETTIER = r"""## Round 1

_Total return to 2026-02-27; **ytd** from 2025-12-31._

> [!warning] Older data
>
> - [[Copper price|Copper]] at \$5.10
> - [A day](https://a.example/b), [[Bank]]

| Asset           |  Close |
| --------------- | -----: |
| [[Badger\|BBB]] | \$1.20 |

- **Off.** It rose & fell.
- Shown in [[Rotation]]"""
REMARK = r"""## Round 1

*Total return to 2026-02-27; **ytd** from 2025-12-31.*

> \[!warning] Older data
>
> * \[\[Copper price|Copper]] at \$5.10
> * [A day](https://a.example/b), \[\[Bank]]

| Asset             |  Close |
| ----------------- | -----: |
| \[\[Badger\|BBB]] | \$1.20 |

* **Off.** It rose \& fell.
* Shown in \[\[Rotation]]"""
MDFORMAT = r"""## Round 1

*Total return to 2026-02-27; **ytd** from 2025-12-31.*

> [!warning] Older data
>
> - \[[Copper price|Copper]\] at $5.10
> - [A day](https://a.example/b), \[[Bank]\]

| Asset | Close |
| --- | --: |
| \[[Badger\|BBB]\] | $1.20 |

- **Off.** It rose & fell.

- Shown in \[[Rotation]\]"""


def earlier(body: str) -> str:
    return f"# Mine\n\n%% tv:begin round %%\n\n{body}\n\n%% tv:end round {digest(WRITTEN)} %%\n"


FRESH = FreshNote({"id": "x"}, (("round", WRITTEN.replace("1.20", "1.30")),))


@pytest.mark.parametrize("body", [WRITTEN, PRETTIER, REMARK, MDFORMAT], ids=["as it was", "P", "r", "m"])
def test_a_formatter_that_came_before_the_new_marks_is_no_person(body: str) -> None:
    assert not parse(earlier(body)).regions["round"].edited
    merged = merge(earlier(body), FRESH, as_of=dt.date(2026, 3, 2), known={"round"})
    assert merged.kept == ()
    assert "1.30" in merged.text


@pytest.mark.parametrize("body", [PRETTIER, REMARK, MDFORMAT], ids=["P", "r", "m"])
def test_every_word_typed_beside_what_a_formatter_changed_is_kept(body: str) -> None:
    for word in ("Round", "Total", "ytd", "Older", "|Copper", "5.10", "A day", "Asset", "BBB", "1.20", "Off", "rose"):
        at = body.index(word) + len(word)
        merged = merge(earlier(f"{body[:at]}zz{body[at:]}"), FRESH, as_of=dt.date(2026, 3, 2))
        assert merged.kept == ("round",), word
        assert f"{word}zz" in merged.text


def test_a_kept_edit_of_that_age_says_that_it_may_be_a_formatters() -> None:
    merged = merge(earlier(WRITTEN + " and more"), FRESH, as_of=dt.date(2026, 3, 2))
    [finding] = [each for each in merged.findings if each.code == "kept-edit"]
    assert "an earlier version" in (finding.hint or "").lower()
    assert "formatter" in (finding.hint or "")


def test_thousands_of_open_marks_are_no_long_wait() -> None:
    body = "_a " * 15_000 + "\\* " * 1_000
    assert parse(earlier(body)).regions["round"].edited
