"""Reading YAML: what a person typed, where it stood, and plain words for what cannot be read."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from thesisvault.definitions.reading.load import Tree, parse_tree, read_tree
from thesisvault.errors import DiskError


def tree_of(text: str) -> Tree:
    tree, findings = parse_tree(text, "a.yaml")
    assert tree is not None, findings
    return tree


def wrong(text: str) -> list[str]:
    tree, findings = parse_tree(text, "a.yaml")
    assert tree is None
    return [str(finding) for finding in findings]


@pytest.mark.parametrize(
    "typed",
    ["NO", "ON", "TRUE", "yes", "off", "007", "1_000", "0x1F", "1e5", ".inf", "null", "~", "2026-02-27", "12:30:45"],
)
@pytest.mark.parametrize("more", ["", "%", "T10:00:00Z"])
def test_a_plain_value_stays_the_text_that_was_typed(typed: str, more: str) -> None:
    typed += more
    assert tree_of(f"a: {typed}\nb: [{typed}]\n{typed}: c\n").value == {"a": typed, "b": [typed], typed: "c"}


@pytest.mark.parametrize("typed", ["+18%", "-9%", "1.10", "= 5", "^GSPC", "60%", "$530B", "~ 5%", "it's 5 o'clock"])
def test_a_figure_needs_no_quotes(typed: str) -> None:
    assert tree_of(f"a: {typed}\n").value == {"a": typed}


def test_an_empty_plain_value_is_absent_and_a_quoted_one_is_an_empty_text() -> None:
    tree = tree_of("a:\nb: ''\nc: {d: , e: 1}\n")
    assert tree.value == {"b": "", "c": {"e": "1"}}
    assert str(tree.key_place(("a",))) == "a.yaml:1:1"
    assert set(tree.empty) == {("a",), ("c", "d")}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\ufeff"])
def test_a_file_without_a_value_is_an_empty_mapping(text: str) -> None:
    assert tree_of(text).value == {}


def test_places_count_lines_and_characters_from_one() -> None:
    tree = tree_of("title: Öl 🛢 und Gas\nlist:\n  - {'ключ': [a, 🛢, b]}\n")
    assert str(tree.place_of(("title",))) == "a.yaml:1:8"
    assert str(tree.key_place(("list", 0, "ключ"))) == "a.yaml:3:6"
    assert str(tree.place_of(("list", 0, "ключ", 2))) == "a.yaml:3:21"
    assert str(tree.place_of(("list", 0, "nothing", "here"))) == "a.yaml:3:5"


def test_windows_line_ends_a_byte_order_mark_and_unix_line_ends_read_alike(tmp_path: Path) -> None:
    text = "a: |\n  one\n  two {{ x }}\nb:\n  - c\n"
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    tree, findings = read_tree(file, "data/x.yaml")
    assert not findings
    assert tree is not None
    assert tree.value == tree_of(text).value == {"a": "one\ntwo {{ x }}\n", "b": ["c"]}
    assert str(tree.place_of(("a",), nth_braces=0)) == "data/x.yaml:3:7"
    assert str(tree.place_of(("b", 0))) == "data/x.yaml:5:5"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: up {{ x }} and {{ y }}\n", ["1:7", "1:19"]),
        ("a: 'it''s {{ ret(''XLE'') }}\n  and {{ y }}'\n", ["1:11", "2:7"]),
        ('a: "\\u00e4\\t{{ x }} \\\n   \\"{{ y }}\\""\n', ["1:13", "2:6"]),
        ('a: "{\\\n   { x }} \\x7b{ y }}"\n', ["1:5", "2:11"]),
        ("a: >-  # kept\n  up {{ x }}\n\n  and\n    {{ y }}\n", ["2:6", "5:5"]),
        ("a: |2+\n   {{ x }}\n  {{ y }}\n\n", ["2:4", "3:3"]),
        ("a: up\n  {{ x }}\n  and {{ y }}\n", ["2:3", "3:7"]),
    ],
)
def test_braces_are_found_again_in_every_style(text: str, places: list[str]) -> None:
    tree = tree_of(text)
    assert [str(tree.place_of(("a",), nth_braces=n)) for n in range(2)] == [f"a.yaml:{place}" for place in places]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1\n", "a.yaml:2:1: found a tab in the indentation. Indent with spaces."),
        ("a:\n  b: 1\n  \tc: 2\n", "a.yaml:3:3: found a tab in the indentation. Indent with spaces."),
        ("a: x: y\n", "a.yaml:1:5: found a colon and a blank"),
        ("a: 'abc\nb: 1\n", "a.yaml:1:4: unbalanced quotation mark: it opens here and is never closed."),
        ("a: [1, 2\nb: 3\n", "a.yaml:1:4: unbalanced bracket: a list opens with ["),
        ("a: %x\n", 'a.yaml:1:4: a value cannot begin with "%". Put quotes around the whole value.'),
        ("a: **bold** x\n", 'a.yaml:1:4: a value cannot begin with "*". Put quotes'),
        ("a: [[NVDA]] rises\n", "a.yaml:1:13: the value ends at ] and more follows on its line. Put quotes"),
        ("expect: > 5%\n", 'a.yaml:1:9: a value cannot begin with "|" or ">" and go on. Put quotes'),
        ("a:\n  - x\n y: 2\n", 'a.yaml:3:2: the line "y: 2" fits no key above it. Fix its indentation.'),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document begins here."),
        ("a: *b\n", "a.yaml:1:4: *b is an alias, and aliases are not read."),
        ("a: &b c\n", "a.yaml:1:4: &b is an anchor, and anchors are not read."),
        ("a: !!python/object:os.system x\n", "a.yaml:1:4: a value begins with !, which marks a tag"),
        ("<<: {a: 1}\n", "a.yaml:1:1: merge keys (<<) are not read."),
        ("a: 1\nb: 2\na: 3\n", 'a.yaml:3:1: "a" is duplicated; it was first written in line 1.'),
        ("a:\n  - x\n  -\n", "a.yaml:3:4: a list item is empty."),
        ("[a, b]: 1\n", "a.yaml:1:1: a key is text, found a list or a mapping."),
        ('" ": 1\n', "a.yaml:1:1: a key is empty."),
        ("a: [1,,2]\n", "a.yaml:1:7: a value is missing."),
        ("hold: {XOM, CVX}\n", 'a.yaml:1:8: "XOM" has no value, and in braces each key has one.'),
        ('a: "\\0"\n', "a.yaml:1:4: the text holds the control character U+0000."),
        ("a: b\x07\n", "a.yaml:1:5: the file holds the control character U+0007."),
        ("a: " + "[" * 100_000, "a.yaml:1:44: nested deeper than 40 levels."),
    ],
)
def test_what_cannot_be_read_is_told_in_plain_words(text: str, message: str) -> None:
    assert wrong(text)[0].startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "a: {{ x }}\n",
        "a: {{ ret('IGV', 'ytd') | pct }} of the year\n",
        "a: {{ 'x' | pct }}\n",
        "a: {{ x }}: {{ y }}\n",
        "a: {{ x }}\n  and on\n",
    ],
)
def test_a_value_that_begins_with_unquoted_braces_gets_its_own_message_once(text: str) -> None:
    words = (
        "the value begins with {{ without quotes, so YAML takes it for a mapping. Put quotes around the whole value."
    )
    assert wrong(text) == [f"a.yaml:1:4: {words}"]
    assert wrong(f"- {text[3:]}") == [f"a.yaml:1:3: {words}"]


def test_all_findings_are_shown_in_the_order_of_the_file() -> None:
    found = wrong("a: {{ x }}\nb: &c 1\nb: *c\nd: [1,\n")
    assert [line.split(": ")[0] for line in found] == [
        "a.yaml:1:4",
        "a.yaml:2:4",
        "a.yaml:3:1",
        "a.yaml:3:4",
        "a.yaml:4:4",
    ]


def test_a_bomb_of_aliases_is_refused_line_by_line() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    # Nothing is unfolded: each anchor and each list of aliases is refused where it stands, once.
    assert len(wrong("\n".join(lines))) == 12 + 11


def test_files_that_are_no_definitions_are_refused(tmp_path: Path) -> None:
    cases = {
        "big": (b"a: " + b"x" * 10_000_000, "the file has 10.0 MB; a definition may have 2 MB at most."),
        "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file."),
        "latin": ("a: b\nc: Café\n".encode("latin-1"), "the byte 0xE9 is not UTF-8 text."),
        "wide": ("a: b\n".encode("utf-16"), "the file is UTF-16, not UTF-8."),
    }
    for name, (data, problem) in cases.items():
        file = tmp_path / f"{name}.yaml"
        file.write_bytes(data)
        tree, (finding,) = read_tree(file, f"data/{name}.yaml")
        assert tree is None
        assert finding.problem == problem
        assert finding.place is not None
        assert (finding.place.line, finding.place.column) == ((2, 7) if name == "latin" else (0, 0))


def test_what_is_no_readable_file_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"gone.yaml: the file cannot be read: No such file"):
        read_tree(tmp_path / "gone.yaml", "gone.yaml")


def test_what_stands_in_the_place_of_a_file_is_a_finding_and_is_not_waited_for(tmp_path: Path) -> None:
    assert said_of(tmp_path) == "x.yaml: it is a folder, not a file; a definition is expected here."
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.yaml")
        assert said_of(tmp_path / "pipe.yaml") == "x.yaml: it is a pipe, not a file; a definition is expected here."
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "socket.yaml"))
        assert said_of(tmp_path / "socket.yaml") == "x.yaml: it is a socket, not a file; a definition is expected here."
        assert said_of(Path("/dev/zero")) == "x.yaml: it is a device, not a file; a definition is expected here."


def said_of(path: Path) -> str:
    tree, (finding,) = read_tree(path, "x.yaml")
    assert tree is None
    return str(finding).removesuffix(f" {finding.hint}")


TYPED = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff\ufeff"))


@given(TYPED, TYPED.filter(str.strip))
@settings(max_examples=200, deadline=None)
def test_quoted_text_comes_back_as_it_was(text: str, key: str) -> None:
    out = io.StringIO()
    YAML().dump({DoubleQuotedScalarString(key): DoubleQuotedScalarString(text)}, out)
    assert tree_of(out.getvalue()).value == {key: text}
    assert tree_of(yaml.safe_dump({"a": [text]}, default_style='"', allow_unicode=True)).value == {"a": [text]}


@given(st.text(st.sampled_from(list("ab:-#[]{}'\"|>*&!%@?,~ \n\t\\{}")), max_size=40))
@settings(max_examples=400, deadline=None)
def test_no_text_whatever_raises(text: str) -> None:
    tree, findings = parse_tree(text, "a.yaml")
    assert (tree is None) == bool(findings)
    for finding in findings:
        assert finding.place is not None
        assert 1 <= finding.place.line <= text.count("\n") + 1


@given(st.text(st.sampled_from(list("ab{} \n'\"\\é🛢:")), min_size=1, max_size=40).filter(str.strip))
@settings(max_examples=200, deadline=None)
def test_every_brace_is_found_where_it_was_dumped(text: str) -> None:
    for style in ('"', "'", "|", ">"):
        source = yaml.safe_dump({"a": text}, default_style=style, allow_unicode=True, width=20)
        tree = tree_of(source)
        lines = source.split("\n")
        for n in range(text.count("{{")):
            place = tree.place_of(("a",), nth_braces=n)
            assert lines[place.line - 1][place.column - 1] == "{"
