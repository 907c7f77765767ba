"""What a text means: the same however it is spelled, another after the smallest edit of a person's."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.notes.markers import Region, digest, parse, wrap
from thesisvault.notes.meaning import _letters, alike, mark, read
from thesisvault.notes.spelling import normal

SAME = {
    "emphasis": ("*a* **b** ***c***", "_a_ __b__ _**c**_"),
    "bullets": ("- a\n- b", "* a\n\n* b"),
    "other bullets between": ("- a\n- b\n\n* c", "- a\n- b\n- c"),
    "numbers after the first": ("1. a\n2. b", "1) a\n1) b"),
    "lists in lists": ("- a\n  - b", "-   a\n\n    *   b"),
    "headings": ("# A\n\n## B", "A\n===\n\nB ##\n---".replace("B ##", "B")),
    "rules": ("a\n\n---\n\nb", "a\n\n***\n\nb"),
    "fences": ("```text\na  b\n```", "~~~text\na  b\n~~~"),
    "indented code": ("    a  b", "```\na  b\n```"),
    "code that Prettier writes anew": ("```js\na={b:'c'}\n```", '```js\na = { b: "c" };\n```'),
    "code between words": ("``a``", "`a`"),
    "blank lines": ("a\n\n\n\nb", "a\n\nb"),
    "lines joined": ("a\nb", "a b"),
    "lines broken into paragraphs": ("a\nb", "a\n\nb"),
    "breaks": ("a  \nb", "a\\\nb"),
    "breaks in HTML": ("a<br>b", "a<br />b"),
    "blanks": ("a   b \n", "a b"),
    "escapes": ("1\\. a \\_b\\_ \\[c] \\$5 \\#d", "1\\. a \\_b\\_ [c] $5 #d"),
    "entities": ("&amp; &copy; &lt;", "& © \\<"),
    "quotation marks": ("“a” ‘b’ c…", "\"a\" 'b' c..."),
    "wikilinks of a formatter that knows none": ("[[A]] ![[b.png|480]]", "\\[\\[A]] !\\[[b.png|480]\\]"),
    "callouts of a formatter that knows none": ("> [!info]- A\n> b", "> \\[!info]- A\n> b"),
    "a callout with a blank line": ("> [!info] A\n> - b", "> [!info] A\n>\n> * b"),
    "quotes with lazy lines": ("> a\n> b", "> a\nb"),
    "tables": ("| a | b |\n| --- | --: |\n| c | 1 |", "|a|b|\n|-|-:|\n|c|1|"),
    "tables without outer pipes": ("| a | b |\n|---|---|\n| c | d |", "a | b\n-- | --\nc | d"),
    "tables of a formatter that knows none": (
        "| [[A\\|b]] | c |\n|--|--|\n|  | d |",
        "| [[A|b]] | c |\n|--|--|\n| | d |",
    ),
    "rows that are too short": ("| a | b |\n|---|---|\n| c |", "| a | b |\n|---|---|\n| c |   |"),
    "addresses": ("https://e.com/a and a@b.com", "<https://e.com/a> and <a@b.com>"),
    "targets": ("[a](<https://e.com>) [b](x.md 't')", '[a](https://e.com) [b](<y z.md> "t")'),
    "renamed notes": ("[[A]] [[A|b]] ![[x/c.png]]", "[[B]] [[x/B|b]] ![[c.png]]"),
    "references": ("[a][x]\n\n[x]: https://e.com", "[x]: <https://e.com>\n\n[a][X]"),
    "formulas": ("$a_1*b*$", "$a_1_b_$"),
    "words beside wide ones": ("日本語abc", "日本語 abc"),
    "line ends": ("a\n\n- b\n", "a\r\n\r\n- b\r\n"),
    "empty comments between lists": ("- a\n\n<!-- -->\n\n- b", "- a\n\n<!---->\n\n- b"),
}
OTHER = {
    "a word": ("The price rose.", "The prices rose."),
    "a figure": ("+4.7pp", "+4.8pp"),
    "a sign": ("+4.7pp", "-4.7pp"),
    "a case": ("gold", "Gold"),
    "a comma": ("gold, oil", "gold oil"),
    "emphasis": ("a b", "a *b*"),
    "strength": ("*a*", "**a**"),
    "an item": ("- a\n- b", "- a"),
    "a task": ("- [ ] a", "- [x] a"),
    "the depth of an item": ("- a\n- b", "- a\n  - b"),
    "the kind of a list": ("- a\n- b", "1. a\n2. b"),
    "the first number": ("1. a", "3. a"),
    "an item for a line": ("- a", "a"),
    "the level of a heading": ("# a", "## a"),
    "a heading for a line": ("# a", "a"),
    "a quote for a line": ("> a", "a"),
    "a rule": ("a\n\n---\n\nb", "a\n\nb"),
    "a cell": ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| c | e |"),
    "cells swapped": ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| d | c |"),
    "a row": ("| a | b |\n|---|---|\n| c | d |\n| e | f |", "| a | b |\n|---|---|\n| c | d |"),
    "a column": ("| a | b |\n|---|---|\n| c | d |", "| a |\n|---|\n| c |"),
    "an empty cell": ("| a | b |\n|---|---|\n| | d |", "| a | b |\n|---|---|\n| d | |"),
    "the side of a column": ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|--:|\n| c | d |"),
    "the kind of a callout": ("> [!info] a", "> [!note] a"),
    "the fold of a callout": ("> [!info]- a", "> [!info]+ a"),
    "the text of a link": ("[[A|b]]", "[[A|c]]"),
    "a link for words": ("[[A]]", "A"),
    "an embed for a link": ("![[a.png]]", "[[a.png]]"),
    "the file of an embed": ("![[a.png]]", "![[b.png]]"),
    "the width of a picture": ("![[a.png|480]]", "![[a.png|300]]"),
    "an address": ("[a](https://e.com)", "[a](https://f.com)"),
    "a title": ("[a](https://e.com 'b')", "[a](https://e.com 'c')"),
    "the text of an address": ("[a](https://e.com)", "[b](https://e.com)"),
    "a picture of the web": ("![a](https://e.com/a.png)", "![a](https://e.com/b.png)"),
    "code": ("`a`", "`b`"),
    "blanks in code": ("```text\na  b\n```", "```text\na b\n```"),
    "a word of code that Prettier writes anew": ("```js\na = b\n```", "```js\na = c\n```"),
    "a language": ("```text\na\n```", "```sh\na\n```"),
    "a formula": ("$a_1 + b$", "$a_1 - b$"),
    "a formula on its lines": ("$$\n\\frac{1}{2}\n$$", "$$\n\\frac{1}{3}\n$$"),
    "a tag": ("a<sub>b</sub>", "a<sup>b</sup>"),
    "a comment": ("a <!-- b -->", "a <!-- c -->"),
    "a block of HTML": ("<div>\na\n</div>", "<div>\nb\n</div>"),
    "a mark": ("==a==", "a"),
    "an id": ("a ^b", "a ^c"),
    "a note at the foot": ("a[^1]", "a[^2]"),
    "a definition": ("a", "a\n\n[b]: https://e.com"),
    "a no-break space": ("a\u00a0b", "ab"),
    "what is nested too deep to be parsed": (">" * 90 + "a", ">" * 90 + "b"),
}


@pytest.mark.parametrize("what", SAME)
def test_spelling_is_no_meaning(what: str) -> None:
    one, other = SAME[what]
    assert read(one) == read(other)
    assert mark(one) == mark(other)


@pytest.mark.parametrize("what", OTHER)
def test_the_smallest_edit_is_seen(what: str) -> None:
    one, other = OTHER[what]
    assert mark(one) != mark(other)
    assert not alike(one, other)


@pytest.mark.parametrize(
    "what",
    [
        "wikilinks of a formatter that knows none",
        "callouts of a formatter that knows none",
        "tables of a formatter that knows none",
        "escapes",
        "renamed notes",
        "lines joined",
        "lines broken into paragraphs",
    ],
)
def test_what_obsidian_would_show_otherwise_is_not_alike(what: str) -> None:
    assert not alike(*SAME[what])


@pytest.mark.parametrize("what", ["emphasis", "bullets", "tables", "fences", "breaks", "blank lines", "addresses"])
def test_what_obsidian_shows_as_before_is_alike(what: str) -> None:
    assert alike(*SAME[what])


WORD = st.from_regex(r"[A-Za-z]{2,8}|\d{1,4}\.\d%|\[\[[A-Z][a-z]{1,6}\|[a-z]{2,6}\]\]", fullmatch=True)
LINE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
SHAPE = st.sampled_from(
    ["{}", "- {}", "  - {}", "# {}", "> {}", "| {} | b |\n| --- | --: |\n| c | 1 |", "*{}*", "1. {}"]
)
BODY = st.lists(st.tuples(SHAPE, LINE), min_size=1, max_size=6)


def spelled(parts: list[tuple[str, str]]) -> str:
    return "\n\n".join(shape.format(line) for shape, line in parts)


def respelled(body: str) -> str:
    """Spell a text as another formatter would."""
    body = re.sub(r"(?m)^( *)- ", r"\1* ", body)
    body = re.sub(r"\*([^*\n]+)\*(?=\n|$)", r"_\1_", body)
    body = body.replace("1. ", "1) ").replace("| b |", "|  b|").replace("--- | --:", "-|-:").replace("[[", "\\[\\[")
    return re.sub(r"(?m)^# (.*)", r"\1\n======", body)


@given(BODY, st.randoms(use_true_random=False))
def test_a_word_typed_into_a_formatted_region_is_an_edit_and_its_formatting_is_none(
    parts: list[tuple[str, str]], chance: random.Random
) -> None:
    body = spelled(parts)
    hash_, _, meaning = wrap("a", body).rsplit(" ", 2)[1].partition("-")
    formatted = respelled(body)

    def edited(text: str) -> bool:
        return Region("a", text, hash_, 1, text, meaning).edited

    assert not edited(formatted)
    k = chance.randrange(len(parts))
    shape, line = parts[k]
    words = line.split(" ")
    at = chance.randrange(len(words))
    typed = chance.choice([[], [words[at], "more"], ["other9"]])
    parts = [*parts[:k], (shape, " ".join([*words[:at], *typed, *words[at + 1 :]])), *parts[k + 1 :]]
    assert edited(respelled(spelled(parts)))


@pytest.mark.parametrize("body", ["\ud800 a", "\0 a", "[a](\ud800)", "[" * 3000, "> " * 3000, "*a " * 2000])
def test_any_text_has_a_meaning(body: str) -> None:
    assert re.fullmatch("[0-9a-f]{8}", mark(body))
    assert alike(body, body)


def test_a_marker_of_an_earlier_version_says_what_its_spelling_says() -> None:
    body = "*a* b"
    old = f"%% tv:begin a %%\n\n{body}\n\n%% tv:end a {digest(body)} %%\n"
    region = parse(old).regions["a"]
    assert not region.edited
    assert parse(old.replace(body, "*a* c")).regions["a"].edited


def test_a_marker_broken_over_lines_is_one() -> None:
    text = wrap("a-long-name", "*a* b").replace(" a-long-name", "\na-long-name").replace(" %%", "\n%%") + "\nmine\n"
    parsed = parse(text)
    assert not parsed.findings
    assert "".join(part.text for part in parsed.parts) == text
    region = parsed.regions["a-long-name"]
    assert (region.edited, region.line, region.last_line, parsed.parts[-1].line) == (False, 1, 9, 10)


@pytest.mark.parametrize("sign", ["[", "![", "[!", "[[", "[^", "[a][b", "[\\]"])
def test_brackets_that_nobody_closes_take_no_more_than_others(sign):
    def calls(text):
        count = Counter()
        sys.setprofile(lambda _frame, event, _: count.update([event]))
        try:
            read(text)
        finally:
            sys.setprofile(None)
        return count["call"]

    read("[a](b)")  # the parser is there
    assert calls(sign * 500) < 80 * len(sign * 500)


@given(st.text(st.sampled_from("ab1-|:\\ \t\n\r\x0b\u00a0[](>`~"), max_size=40))
def test_spelling_takes_out_blanks_and_dashes_alone(body: str) -> None:
    assert _letters(normal(body, links=True)) == _letters(body)


def test_a_picture_in_a_link_in_brackets_is_read():
    assert read("[[[ [![a](https://e.com/b.png)](https://e.com) ]]]", exact=True).endswith(
        "[![a](https://e.com/b.png)](https://e.com) ]]]"
    )
