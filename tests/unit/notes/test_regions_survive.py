"""Whatever a person does to a note, their lines survive a build, and a second build changes nothing."""

from __future__ import annotations

import datetime as dt
import os
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from thesisvault.notes import markers, spelling
from thesisvault.notes.escape import clean
from thesisvault.notes.markers import parse, sound
from thesisvault.notes.regions import FreshNote, adopt, merge
from thesisvault.notes.spelling import normal

DAY = dt.date(2026, 2, 27)
NAMES = ("summary", "returns", "claims", "sources")
BODIES = (
    "# Title\n\nText with [[Oil|crude]].",
    "| a | b |\n| --- | --: |\n| 1 | 2 |",
    "```mermaid\npie\n```\n\nMore.",
    "> [!note] Say\n> so",
    "",
)
PIECES = (
    "mine", "", "%% tv:begin summary %%", "%% tv:end returns 00000000 %%", "%% tv:", "```", "~~~text", "````",
    "> quote", "---", "- item", "  ```", "\tTab", "%%", "| x | y |", "[[Nowhere]]", "trailing  ", "1. one", "   ```",
    "> [!quote]- Your edit, kept 2026-02-27", "> ```text", "\u2028 line separator", "a\x0bb", "id: fake", "e\u0301",
)  # fmt: skip

bodies = st.sampled_from(BODIES)
fresh_notes = st.lists(st.tuples(st.sampled_from(NAMES), bodies), unique_by=lambda pair: pair[0], max_size=4).map(
    lambda regions: FreshNote({"id": "x", "as_of": DAY, "tags": ["a"]}, tuple(regions))
)
edits = st.lists(st.tuples(st.sampled_from(["put", "cut"]), st.integers(0, 60), st.sampled_from(PIECES)), max_size=6)


def edited(text: str, changes: list[tuple[str, int, str]]) -> tuple[str, list[str]]:
    """Return the text after random edits, and the lines that were typed and still stand in it."""
    lines = text.split("\n")
    typed: list[str] = []
    for kind, where, piece in changes:
        at = where % (len(lines) + 1)
        if kind == "put":
            lines.insert(at, piece)
            typed.append(piece)
        elif at < len(lines):
            del lines[at]
    return "\n".join(lines), [piece for piece in typed if piece in lines]


@settings(max_examples=600, deadline=None)
@given(fresh_notes, fresh_notes, edits, st.booleans(), st.booleans(), st.booleans())
@example(FreshNote({}, (("summary", "A"),)), FreshNote({}, ()), [("put", 7, "mine")], False, False, True)
@example(
    FreshNote({"id": "x", "as_of": DAY, "tags": ["a"]}, (("summary", "```mermaid\npie\n```\n\nMore."),)),
    FreshNote({"id": "x", "as_of": DAY, "tags": ["a"]}, ()),
    [("cut", 47, "mine"), ("put", 11, "````")],
    *(False, False, False),
)
def test_a_person_loses_no_line_and_a_second_build_changes_nothing(first, second, changes, crlf, bom, final):
    before = merge(None, first, as_of=DAY)
    text, typed = edited(before.text, changes)
    text = text if final else text.rstrip("\n")
    text = ("\ufeff" if bom else "") + (text.replace("\n", "\r\n") if crlf else text)
    known = frozenset(before.regions)
    owned = frozenset({"id", "as_of", "tags"})
    result = merge(text, second, as_of=DAY, known=known, owned_keys=owned)
    if result.damaged:
        assert result.text == text
        assert any(finding.level == "error" for finding in result.findings)
        return
    owned_lines = {line for _, body in first.regions for line in body.split("\n")}
    for line in typed:
        bare = re.sub(r"^(id: |- )", "", line.rstrip())  # as properties these are kept, written otherwise
        is_fence = not bare.strip("` ")  # a longer one in the place of another says the same
        if bare and line not in owned_lines and not line.startswith("%% tv:") and not is_fence:
            assert clean(bare).strip() in clean(result.text)
    if bom and text.strip("\ufeff\r\n "):
        assert result.text.startswith("\ufeff")
    again = merge(
        result.text,
        second,
        as_of=DAY,
        known=frozenset(result.regions),
        removed=result.removed,
        owned_keys=owned,
    )
    assert again.text == result.text
    assert not again.kept


@settings(max_examples=300, deadline=None)
@given(fresh_notes, fresh_notes, st.lists(st.sampled_from(PIECES), max_size=5), st.booleans())
def test_text_outside_regions_stays_byte_for_byte(first, second, typed, crlf):
    before = merge(None, first, as_of=DAY)
    words = [piece for piece in typed if "tv:" not in piece and "``" not in piece and "~~~" not in piece]
    mine = "".join(f"\n{line}" for line in words)
    text = before.text + mine
    text = text.replace("\n", "\r\n") if crlf else text
    result = merge(text, second, as_of=DAY, known=frozenset(before.regions))
    assert not result.damaged
    tail = mine.replace("\n", "\r\n") if crlf else mine
    assert tail.lstrip("\r\n") in result.text


@given(st.lists(st.sampled_from([*PIECES, "%% tv:begin a %%", "%% tv:end a 12345678 %%"]), max_size=12), st.booleans())
def test_the_parts_of_a_note_are_the_note(lines, crlf):
    text = ("\r\n" if crlf else "\n").join(lines)
    parsed = parse(text)
    assert parsed.front + "".join(part.text for part in parsed.parts) == text


LINES = st.sampled_from((
    *PIECES, "%% tv:begin a %%", "%% tv:begin a", "a %%", "%%", "%% tv:begin", "%% tv:end a 12345678 %%", "%% tv:end",
    "12345678", "12345678 %%", " %% tv:begin b %%", "%%tv:begin b %%", "%%\ttv: b", "a %% tv:end a 12345678 %%", "\r",
    "---", "\u00a0", "\x1c", " \t ", "| -- |  :-: |", "|  a  |b|  ", "> | a | b  |", "[[A\\|b]]  ", "a\rb",
))  # fmt: skip


@given(st.lists(LINES, max_size=14), st.sampled_from(("\n", "\r\n")), st.booleans(), st.booleans())
@example(["%% tv:begin", "a", "%%", "x", "%% tv:end", "a", "12345678", "0a0b0c", "%%", "y"], "\n", False, True)
@example(["%% tv:begin a %%", "x", "%% tv:end", "a", "12345678", "0a0b0c", "", "%%", "y"], "\n", False, True)
@example(["%% tv:begin a %%", "%% tv:begin", "%% tv:end a 12345678 %%"], "\n", False, False)
def test_a_text_without_fences_is_read_at_once_as_it_is_read_line_by_line(lines, newline, has_fence, final):
    lines = [line for line in lines if has_fence or not re.search("```|~~~", line)]
    text = newline.join(lines) + final * newline
    found = parse(text, path="N.md"), sound(text), normal(text, links=False), normal(text, links=True)
    known = markers.may_have_fences
    markers.may_have_fences = spelling.may_have_fences = lambda _: True
    try:
        assert found == (parse(text, path="N.md"), sound(text), normal(text, links=False), normal(text, links=True))
    finally:
        markers.may_have_fences = spelling.may_have_fences = known


@given(st.text("a \t\n\r\x0b\x1c\x85\u2028|", max_size=20))
def test_the_blank_lines_around_a_body_are_no_part_of_it(inner):
    lines = inner.split("\n")
    full = [number for number, line in enumerate(lines) if line.strip()]
    body = "\n".join(lines[full[0] : full[-1] + 1]).removesuffix("\r") if full else ""
    region = parse(f"%% tv:begin a %%\n{inner}\n%% tv:end a 12345678 %%\n").parts[0]
    assert region.body == body


TYPED = (
    "{t}",
    " {t} ",
    "\n{t}\n",
    "\n\n{t}",
    "{t}\n\n",
    "\n- {t}\n",
    "\n> {t}\n",
    "\n```\n{t}\n",
    "\n~~~{t}\n",
    "\n---\n{t}\n",
    "\n%% tv:begin {t} %%\n",
    "\n%% tv:begin mine %%\n{t}\n%% tv:end mine 00000000 %%\n",
    "\n%% {t}\n",
    "\n| {t} |\n",
    "\nkey: {t}\n",
    "\nid: {t}\n",
    "\nstatus: '{t}' # {t}\n",
    "\ntags: [{t}]\n",
    "\n  - {t}\n",
    "\n# {t}\n",
    "\t{t}",
    "\r{t}",
    "{t}\u2028",
    "\x85{t}",
    "\x00{t}",
    "\ufeff{t}",
    "\n```",
    "\n- ```\n{t}\n",
    "%%",
    "\n\\{t}\n",
    "\n> [!quote]- Your edit, kept 2026-02-27\n{t}\n",
)
typings = st.lists(st.tuples(st.integers(0, 1500), st.sampled_from(TYPED)), min_size=1, max_size=3)


def with_typing(text: str, typing: list[tuple[int, str]], number: int) -> str:
    """Return the text with words typed anywhere but in the target of a link, each piece with a token of its own."""
    for where, words in typing:
        at = where % (len(text) + 1)
        inside = next((m for m in re.finditer(r"\[\[[^\[\]\n]*\]\]", text) if m.start() < at < m.end()), None)
        at = inside.end() if inside else at
        while "{t}" in words:
            number += 1
            words = words.replace("{t}", f"qz{number:05}z", 1)
        text = text[:at] + words + text[at:]
    return text


@settings(max_examples=int(os.environ.get("SURVIVE_EXAMPLES", "400")), deadline=None)
@given(fresh_notes, fresh_notes, typings, typings, st.booleans(), st.booleans())
def test_a_word_typed_anywhere_stands_there_once_after_each_merge_and_after_adopting(
    first, second, early, late, crlf, adopting
):
    made = merge(None, first, as_of=DAY)
    text, known = made.text, frozenset(made.regions)
    for number, (typing, fresh) in enumerate([(early, second), (late, first)]):
        text = with_typing(text.replace("\n", "\r\n") if crlf and not number else text, typing, 1000 * (number + 1))
        bring_up = adopt if adopting else merge
        result = bring_up(text, fresh, as_of=DAY, known=known, owned_keys=frozenset({"id", "tags"}))
        tokens = re.findall(r"qz\d{5}z", text)
        kept = re.findall(r"qz\d{5}z", result.text)
        assert sorted(kept) == sorted(tokens)
        if result.damaged:
            assert result.text == text
            codes = {finding.code for finding in result.findings if finding.level == "error"}
            assert not adopting or codes == {"broken-properties"}, result.findings
            return
        again = merge(
            result.text,
            fresh,
            as_of=DAY,
            known=frozenset(result.regions),
            removed=result.removed,
            owned_keys=frozenset({"id", "tags"}),
        )
        assert (again.text, again.kept) == (result.text, ())
        text, known = result.text, frozenset(result.regions)
