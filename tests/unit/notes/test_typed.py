"""Markdown that was typed in a definition does nothing but be read, whatever it is put together from."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile import TEXTS, acting
from thesisvault.language.text import Figure, Mention, Part, Plain, Text
from thesisvault.language.values import Number
from thesisvault.notes.escape import heading, link_text, prose, settled, yaml_string
from thesisvault.notes.links import LinkTable, Target
from thesisvault.notes.markdown import Writer
from thesisvault.notes.typed.markdown import doubts, person_markdown

LINKS = LinkTable({"rotation": Target("Rotation", "Rotation")})
WRITER = Writer(LINKS)
FRAGMENTS = """
< % ` `` ``` ~~~ $ $$ \\ [ ] ( ) ! [[ ]] ]( ]: :// https://evil.example/ javascript:x <script> </b> <b> <br>
<img/src=x/onerror=y> | %% :: : = == dataviewjs text #tag # [x] a * ** _ --- === " @evil.example www. mailto: ^ pic.png
\\frac \\href{x} \u202e \u200b \ufdd1\ufdd2\ufddc \ufddd \ue000 {{ 4217 }} {{ '%' }} {{ '' }} {{ '`' }} {{ '<' }}
{{ '~~~js' }} {{ '](' }} {{ ':' }} {{ '//e.example' }} {{ '[' }} {{ '!' }}"""
PIECES = [
    *re.findall(r"\{\{ .*? \}\}|\S+", FRAGMENTS),
    *(" ", "\n", "\n\n", "\n- ", "\n> ", "\n1. ", "    ", "\t", "\n-|-\n", "\n| - | - |\n", "= 1+1", "$= x", "- [ ] "),
]
typed = (
    st.lists(st.sampled_from(PIECES), min_size=2, max_size=14).map("".join)
    | st.tuples(st.sampled_from(TEXTS), st.sampled_from(PIECES), st.sampled_from(TEXTS)).map("".join)
    | st.tuples(st.sampled_from(TEXTS), st.integers(0, 60), st.sampled_from(PIECES)).map(
        lambda it: it[0][: it[1]] + it[2] + it[0][it[1] :]
    )
)


def filled(source: str) -> Text:
    """Return a text with each constant between braces as the figure that it gives."""
    parts: list[Part] = []
    last = 0
    for found in re.finditer(r"\{\{ ('?)(.*?)'? \}\}", source):
        kind = "word" if found[1] else "number"
        parts += [source[last : found.start()], Figure(found[2], Number(found[2] if found[1] else 4217.0, kind, None))]
        last = found.end()
    return tuple(part for part in (*parts, source[last:]) if part != "")


def note(source: str, *, table: bool) -> str:
    """Return what a note shows of a text, in a cell or as a paragraph."""
    written = settled(WRITER.text(filled(source), table=table))
    return f"| a |\n| --- |\n| {written} |\n" if table else written


@pytest.mark.parametrize("table", [False, True])
def test_no_hostile_text_acts(table: bool) -> None:
    assert not {text: acts for text in TEXTS if (acts := acting(note(text, table=table)))}


@settings(max_examples=400, deadline=None)
@given(typed, st.booleans())
@example("https://x.org/![a](http://x.org/a.png)", False)
@example("<mailto:<script>alert(1)</script>", False)
@example("https://x.org/(<script>", False)
@example("- \n  [x] buy", False)
@example("![a [b](https://x.org)](https://x.org/a.png)[{{ 4217 }}](x)", False)
@example("> > ```js\n> > x\n> key:: $a", False)
@example("![[https:/`/x.org/a.png]]", False)
@example("$$<% tp.x %>$$\\href{x}$$<% tp.x %>$$", False)
def test_nothing_that_is_put_together_acts(text: str, table: bool) -> None:
    if "{{" not in re.sub(r"\{\{ .*? \}\}", "", text):  # what no expression is, the language refuses
        text = re.sub("4217(?! }})", "", text)
        assert not acting(note(text, table=table))


@settings(max_examples=300, deadline=None)
@given(typed.filter(lambda text: "{{" not in text and "\ufdd1" not in text), st.booleans())
def test_a_second_time_changes_nothing(text: str, table: bool) -> None:
    once = person_markdown(text, table=table)
    assert person_markdown(once, table=table) == once


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("5%{{ '%' }}", r"5%\%"),
        ("<{{ '% x %' }}>", r"&lt;\% x \%>"),
        ("a{{ 4217 }}%", "a4217%"),
        ("`{{ '=1' }}`", r"\=1"),
        ("`a {{ '`' }}`", "`a '`"),
        ("[a](https://x.org) {{ 4217 }}", "[a](https://x.org) 4217"),
        ("[a](My%20note.md) [b](<My note.md>)", "[a](My%20note.md) [b](My%20note.md)"),
        ("![a](pic.png) ![[pic.png|300]]", "![a](pic.png) ![[pic.png|300]]"),
        ("```yaml\na: 1\n```", "\n```yaml\na: 1\n```\n"),
        ("```dataview\na\n```", "\n```text\na\n```\n"),
        ("- ```js\n  <b> ![x](u)\n  ```", "\n- ```text\n  < b> ! [x] (u)\n  ```\n"),
        ("`ret('A', 'ytd') > 0` and `a\nb`", "`ret('A', 'ytd') > 0` and `a b`"),
        ("$$\\frac{a}{b} < c$$", "$$\\frac{a}{b} < c$$"),
        ("$$\\href{a}{b}$$", r"\$\$\\href{a}{b}\$\$"),
    ],
)
def test_what_is_typed_shows_as_such(text: str, wanted: str) -> None:
    assert WRITER.text(filled(text)) == wanted


def test_names_beside_texts_join_into_nothing() -> None:
    text = ("100%", Plain("% "), "<", Mention("script>"), "[a]", Plain(": x"))
    assert WRITER.text(text) == r"100%\% &lt;script>[a]\: x"
    assert WRITER.text((Mention("rotation"), Plain(": x"))) == "[[Rotation]]: x"


def test_trusted_code_stays_and_all_else_is_disarmed() -> None:
    text = ("```dataviewjs\nx\n```\n`= 1` <b onclick=x> [a](javascript:x)",)
    assert Writer(LINKS, trusted=True).text(text) == (
        "\n```dataviewjs\nx\n```\n`= 1` &lt;b onclick=x> [a]\\(javascript:x)"
    )


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("[a](https://x.org) `code` ![[a.png]] <mailto:a@b.org> https://x.org {{ ret('A') }}", []),
        ("a {{ b }} [c](obsidian://x)", ["link"]),
        ("[c]: data:x", ["link"]),
        ("zotero://x", ["link"]),
        ("https://x.org/{{ b }}", ["figure"]),
        ("[c](https://x.org/{{ b }})", ["figure"]),
        ("![c](https://x.org/a.png)", ["picture"]),
        ("~~~js\nx\n~~~\n\n`= 1`", ["code", "code"]),
    ],
)
def test_what_is_only_shown_is_known_before_anything_is_filled(text: str, kinds: list[str]) -> None:
    assert [doubt.kind for doubt in doubts(text)] == kinds


def test_plain_words_lead_nowhere_and_run_nothing() -> None:
    text = "<% x %> obsidian://x www.x.org a@x.org [a](javascript:x) `=1`"
    for written in (prose(text), heading(text), link_text(text)):
        assert not acting(written)
        assert "obsidian://" not in written
    assert yaml_string("<% x %>") == '"\\u003c% x %>"'
