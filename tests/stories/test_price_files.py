"""Files of one's own in a workspace: settings that say how they are written, and what a refresh says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.stories.workspaces import call

PRICES = "providers: [{csv: {folder: prices, closes: split_adjusted}}]"


def provided(root: Path, *providers: str) -> None:
    path = root / "thesisvault.yaml"
    text = path.read_text("utf-8")
    assert PRICES in text
    path.write_text(text.replace(PRICES, f"providers: [{', '.join(providers)}]"), encoding="utf-8")


def rewritten(root: Path, ticker: str, head: str, row: str) -> None:
    """Write the file of a ticker anew, in another layout."""
    path = root / "prices" / f"{ticker}.csv"
    lines = [line.split(",") for line in path.read_text("utf-8").splitlines()[1:]]
    body = [row.format(day=day, d=day.split("-"), close=close, comma=close.replace(".", ",")) for day, close in lines]
    path.write_text("\n".join([head, *body, ""]), encoding="utf-8")


def test_a_missing_folder_is_an_error_though_nothing_is_due(tiny: Path) -> None:
    assert call("refresh", "-w", tiny).status == 0
    provided(tiny, "{csv: {folder: prices, closes: split_adjusted}}", "{csv: {folder: gone}}")
    said = call("refresh", "-w", tiny)
    assert said.status == 74
    assert call("run", "-w", tiny).status == 74
    assert "no new bars" in said.out
    assert "error: " in said.err
    assert f"{Path('gone')} is not a folder" in said.err
    assert "correct `folder`" in said.err


def test_the_settings_say_how_files_are_written(tiny: Path) -> None:
    plain = call("eval", "-w", tiny, "ret('AAA', '2023')").out
    rewritten(tiny, "AAA", "When;What;Who", "{d[2]}/{d[1]}/{d[0]};{comma};me")
    provided(
        tiny,
        '{csv: {folder: prices, separator: ";", decimal: ",", date_format: DD/MM/YYYY, '
        "closes: split_adjusted, columns: {date: When, close: What}}}",
    )
    said = call("refresh", "-w", tiny, "AAA")
    assert said.status == 0, said
    assert "AAA: nobody understands the column Who." in said.err
    assert "held for review" not in said.err
    assert call("eval", "-w", tiny, "ret('AAA', '2023')").out == plain


def test_files_that_do_not_show_what_their_closes_are_say_what_to_write_and_where(tiny: Path) -> None:
    for path in (tiny / "prices").glob("*.csv"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"(,\d+\.?\d*)$", r"\g<1>123", text, flags=re.MULTILINE), encoding="utf-8")
    provided(tiny, "{csv: {folder: prices}}")
    said = call("refresh", "-w", tiny)
    entry = "csv: {folder: prices, closes: adjusted}"
    assert f"`{entry}` at providers in thesisvault.yaml" in said.err
    provided_again = (tiny / "thesisvault.yaml").read_text("utf-8").replace("{csv: {folder: prices}}", f"{{{entry}}}")
    (tiny / "thesisvault.yaml").write_text(provided_again, encoding="utf-8")
    assert "nothing shows" not in call("refresh", "-w", tiny).err


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (
            "{csv: {folder: prices, timezone: Europe/Pariss}}",
            'there is no time zone "Europe/Pariss". Did you mean "Europe',
        ),
        ("{csv: {folder: prices, decimal: ;}}", "decimal"),
        ("{csv: {folder: prices, columns: {clse: Kurs}}}", 'Did you mean "close"'),
        ("{csv: {folder: prices, closes: adjustd}}", 'Did you mean "adjusted"'),
    ],
)
def test_settings_that_cannot_be_are_named_with_their_place(tiny: Path, provider: str, words: str) -> None:
    provided(tiny, provider)
    said = call("refresh", "-w", tiny)
    assert said.status == 2
    assert "thesisvault.yaml:1:" in said.err
    assert words in said.err


def test_what_is_said_of_many_files_is_said_once(tiny: Path) -> None:
    for ticker in ("AAA", "BBB", "MKT"):
        rewritten(tiny, ticker, "Date,Close,Sector", "{day},{close},x")
    said = call("refresh", "-w", tiny)
    assert said.err.count("nobody understands the column Sector") == 1
