"""Changes put into texts of many layouts: each holds what was there and the change, all other lines as they were."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from thesisvault.definitions.reading.load import parse_tree
from thesisvault.editing.rendering import as_read, entry, flow, item, typed
from thesisvault.editing.splice import Add, Enter, Put, Sheet
from thesisvault.errors import DefinitionError, UsageError

ORDER = ("title", "status", "closed", "claims", "updates", "sources")
UPDATE = {"on": "2026-02-27", "title": "New: one"}


def made(text, *changes):
    sheet = Sheet(text, "a.yaml", ORDER)
    for each in changes:
        sheet.make(each)
    return sheet.text


def taken_out(before, after):
    """The lines of the old text that the new one lacks."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return [line[2:] for line in difflib.ndiff(old, new) if line.startswith("- ")]


# --- lists -----------------------------------------------------------------------------------------------------------

LISTS = {
    "missing": (
        "title: A\nsources: []\n",
        'title: A\nupdates:\n  - on: 2026-02-27\n    title: "New: one"\nsources: []\n',
    ),
    "empty": (
        "title: A\nupdates:  # none yet\nsources: []\n",
        'title: A\nupdates:  # none yet\n  - on: 2026-02-27\n    title: "New: one"\nsources: []\n',
    ),
    "inline and empty": (
        "title: A\nupdates: []  # none\nsources: []\n",
        'title: A\nupdates:  # none\n  - on: 2026-02-27\n    title: "New: one"\nsources: []\n',
    ),
    "inline": (
        "title: A\nupdates: [{on: 2026-01-01, title: Old}]  # all\n",
        'title: A\nupdates: [{on: 2026-02-27, title: "New: one"}, {on: 2026-01-01, title: Old}]  # all\n',
    ),
    "dashes below the key": (
        "title: A\nupdates:\n- on: 2026-01-01\n  title: Old\n",
        'title: A\nupdates:\n- on: 2026-02-27\n  title: "New: one"\n- on: 2026-01-01\n  title: Old\n',
    ),
    "items of one line": (
        "title: A\nupdates:\n    - {on: 2026-01-01, title: Old}\n",
        'title: A\nupdates:\n    - {on: 2026-02-27, title: "New: one"}\n    - {on: 2026-01-01, title: Old}\n',
    ),
    "no end of the last line": ("title: A\nupdates:", 'title: A\nupdates:\n  - on: 2026-02-27\n    title: "New: one"'),
    "braces around all": (
        "{title: A, updates: [{on: 2026-01-01, title: Old}]}",
        '{title: A, updates: [{on: 2026-02-27, title: "New: one"}, {on: 2026-01-01, title: Old}]}',
    ),
    "braces without the key": ("{title: A}\n", '{title: A, updates: [{on: 2026-02-27, title: "New: one"}]}\n'),
    "a dash above its item": (
        "title: A\nupdates:\n  -\n    on: 2026-01-01\n    title: Old\n",
        'title: A\nupdates:\n  - on: 2026-02-27\n    title: "New: one"\n  -\n    on: 2026-01-01\n    title: Old\n',
    ),
}


@pytest.mark.parametrize("layout", LISTS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_item_comes_first_in_a_list_of_any_layout(layout, end):
    before, after = (text.replace("\n", end) for text in LISTS[layout])
    assert made(before, Add("updates", UPDATE, 0)) == after


def test_an_item_comes_last_below_what_belongs_to_the_one_before():
    before = "updates:\n  - on: 2026-01-01 # a day\n    title: Old\n    # more of it\n\n# The end\nsources: []\n"
    after = made(before, Add("updates", {"on": "2026-02-27", "title": "New"}))
    assert after == (
        "updates:\n  - on: 2026-01-01 # a day\n    title: Old\n    # more of it\n"
        "  - on: 2026-02-27\n    title: New\n\n# The end\nsources: []\n"
    )


def test_an_item_in_the_middle_leaves_a_comment_with_the_item_below_it():
    before = "updates:\n  - {on: 2026-03-01, title: a}\n  # of January\n  - {on: 2026-01-01, title: b}\n"
    after = made(before, Add("updates", {"on": "2026-02-01", "title": "new"}, 1))
    assert after.splitlines()[2:4] == ["  - {on: 2026-02-01, title: new}", "  # of January"]


def test_blank_lines_that_a_text_keeps_stay_with_it():
    before = "updates:\n  - on: 2026-01-01\n    title: |+\n      one\n\nsources: []\n"
    after = made(before, Add("updates", {"on": "2026-02-01", "title": "new"}))
    assert after == before.replace("sources", "  - on: 2026-02-01\n    title: new\nsources")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_of_several_lines_is_written_in_lines(end):
    before = f"title: A{end}"
    after = made(before, Add("updates", {"on": "2026-02-27", "blocks": [{"text": "one: a\n\n  - two # three"}]}))
    assert after.splitlines()[3:] == [
        "    blocks:",
        "      - text: |-",
        "          one: a",
        "",
        "            - two # three",
    ]
    assert after.count("\n") == after.count(end)


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: A\nstatus: active # now\n", "title: A\nstatus: closed # now\n"),
        ("title: A\nstatus:   'active'\n", "title: A\nstatus:   'closed'\n"),
        ('title: A\n"status" : "active"\n', 'title: A\n"status" : "closed"\n'),
        ("title: A\nstatus:  # which?\n", "title: A\nstatus: closed  # which?\n"),
        ("title: A\n# kinds\nkind: thesis\n", "title: A\nstatus: closed\n# kinds\nkind: thesis\n"),
        ("{title: A, status: active}", "{title: A, status: closed}"),
        ("{title: A}", "{title: A, status: closed}"),
        ("kind: thesis", "kind: thesis\nstatus: closed"),
        ("  title: A\n  kind: thesis\n", "  title: A\n  status: closed\n  kind: thesis\n"),
        ("---\ntitle: >\n  A\n  b\n\nkind: thesis\n", "---\ntitle: >\n  A\n  b\nstatus: closed\n\nkind: thesis\n"),
    ],
)
def test_a_value_is_put_in_its_place(before, after):
    assert made(before, Put("status", "closed")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "XLE: {name: Energy}\n"),
        ("# what has a price\n", "# what has a price\nXLE: {name: Energy}\n"),
        ("SPY: {name: All}", "SPY: {name: All}\nXLE: {name: Energy}"),
        ("SPY: {name: All}\n\n# the end\n", "SPY: {name: All}\n\n# the end\nXLE: {name: Energy}\n"),
        (
            "SPY:\n  name: All\n\nIGV:\n  name: Software\n",
            "SPY:\n  name: All\n\nIGV:\n  name: Software\n\nXLE:\n  name: Energy\n",
        ),
        ("SPY: {name: All}\n...\n", "SPY: {name: All}\nXLE: {name: Energy}\n...\n"),
        ("{}\n", "{XLE: {name: Energy}}\n"),
        ("{SPY: {name: All},}\n", "{SPY: {name: All}, XLE: {name: Energy},}\n"),
    ],
)
def test_an_entry_comes_at_the_end_of_its_file(before, after):
    assert made(before, Enter("XLE", {"name": "Energy"})) == after


# --- what is left alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title: &a A\n", "anchor"),
        ("title: A\nupdates: *a\n", "alias"),
        ("<<: {a: b}\ntitle: A\n", "merge-key"),
        ("title: A\ntitle: B\n", "duplicate-key"),
        ("title: A\n\tkind: thesis\n", "tab"),
        ("title: [A\n", "yaml"),
        ("title: A\n---\ntitle: B\n", "documents"),
        ("title: A\nstatus: !!str active\n", "tag"),
        ("title: A\nupdates: null\n", "not-editable"),
        ("- A\n", "not-editable"),
        ("title: A\nupdates: none\n", "not-editable"),
        ("title: A\nupdates: {on: 2026-01-01}\n", "not-editable"),
        ("{title: A, updates: }\n", "not-editable"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(text, why):
    with pytest.raises(DefinitionError) as refused:
        made(text, Add("updates", UPDATE, 0))
    assert refused.value.findings[0].code == why


def test_a_text_that_would_get_a_line_end_is_refused_where_it_lacks_one():
    with pytest.raises(DefinitionError, match="no safe place"):
        made("title: |\n  A", Enter("XLE", {"name": "Energy"}))


def test_a_change_that_is_refused_leaves_the_text():
    sheet = Sheet("title: A\nupdates: none\n", "a.yaml", ORDER)
    with pytest.raises(DefinitionError):
        sheet.make(Add("updates", UPDATE))
    assert sheet.text == "title: A\nupdates: none\n"


@pytest.mark.parametrize("text", ["", " \n", "bell \a", "half \ud800", "escape \x1b[31m", "return\rhere"])
def test_what_no_definition_can_hold_is_refused_when_it_is_typed(text):
    with pytest.raises(UsageError):
        typed(text, "the text")


# --- any text, any layout --------------------------------------------------------------------------------------------


def readable(text):
    try:
        return typed(text, "it") == text
    except UsageError:
        return False


TEXTS = st.one_of(
    st.text(min_size=1, max_size=60).filter(readable),
    st.text(alphabet="ab:#-'\"{}[]&*!|>%@,?` \n\t\\~.0", min_size=1, max_size=40).filter(readable),
    st.sampled_from(
        [
            "yes",
            "NULL",
            "~",
            "1_000",
            "0x1F",
            "2026-02-27",
            "- a",
            "a:",
            "a #b",
            "🙂👩‍🚀",
            "\u200b",
            "\u2028x",
            "\ufeff",
            "a\u0301",
        ]
    ),
)
NODES = st.recursive(
    TEXTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(TEXTS, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(TEXTS, NODES)
def test_what_is_written_is_read_as_the_same(key, node):
    assume(len(key) < 400)
    for text in ("\n".join(entry(key, node, 0)), f"{{{flow({key: node})[1:-1]}}}"):
        tree, findings = parse_tree(text, "a.yaml")
        assert findings == []
        assert tree.value == {key: as_read(node)}
    tree, findings = parse_tree("\n".join(["a:", *item(node, 2)]), "a.yaml")
    assert findings == []
    assert tree.value == {"a": [as_read(node)]}


@st.composite
def layouts(draw):
    """A definition as somebody might have written it."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    pad = " " * draw(st.integers(0, 4))
    lines = []

    def between():
        lines.extend(
            draw(st.lists(st.sampled_from(["", "# a word", "  # deeper", "    # deepest", "   "]), max_size=2))
        )

    days = draw(st.lists(st.dates(), max_size=3))
    between()
    lines.append(
        draw(
            st.sampled_from(
                ["title: A", "title: 'A' # b", 'title: "A\n  b"', "title: >-\n  A\n\n  b", "title: |+\n  A\n"]
            )
        )
    )
    between()
    style = draw(st.sampled_from(["block", "flow", "lines", "empty", "none", "inline"]))
    if style == "inline":
        items = ", ".join(f"{{on: {day}, title: b}}" for day in days)
        lines.append(f"updates: [{items}]" + draw(st.sampled_from(["", " # c", " "])))
    elif style == "empty" or (style != "none" and not days):
        lines.append(f"updates:{draw(st.sampled_from(['', ' # c', '  ']))}")
    elif style == "lines":
        lines += ["updates: [", *(f"  {{on: {day}, title: b}}, # c" for day in days), "]"]
    elif style != "none":
        lines.append("updates:")
        for day in days:
            between()
            if style == "flow":
                lines.append(f"{pad}- {{on: {day}, title: b}}{draw(st.sampled_from(['', ' # c']))}")
            else:
                text = draw(
                    st.sampled_from(
                        ["b # c", "|\n{p}    b\n{p}     # c", "|+\n{p}    b\n", ">-\n{p}    b", '"b\n{p}    c"', ""]
                    )
                )
                lines += [f"{pad}-   on: {day}", f"{pad}    title: {text.format(p=pad + '  ')}"]
    between()
    lines += draw(
        st.sampled_from([[], ["sources: []"], ["sources:", "- {id: a, title: b}"], ["status:"], ["status: active"]])
    )
    between()
    text = end.join(line.replace("\n", end) for line in lines)
    return text + draw(st.sampled_from(["", end, end * 3]))


CHANGES = st.one_of(
    st.builds(
        lambda text, first: Add("updates", {"on": "2026-02-27", "title": text}, 0 if first else None),
        TEXTS,
        st.booleans(),
    ),
    st.builds(lambda day: Put("closed", day.isoformat()), st.dates()),
    st.just(Put("status", "closed")),
    st.builds(lambda text: Enter("new", {"name": text}), TEXTS),
)


@given(layouts(), CHANGES)
def test_a_change_keeps_every_other_line(text, change):
    tree, findings = parse_tree(text, "a.yaml")
    assume(not findings and isinstance(tree.value, dict))
    after = made(text, change)
    gone = taken_out(text, after)
    kept = [line for line in gone if not line.startswith(("updates:", "status:"))]
    inner = [line for line in kept if not ("updates: [" in text and line.strip().startswith("{on:"))]
    last = text.splitlines(keepends=True)[-1:] if not text.endswith("\n") else []
    assert [line for line in inner if line not in last] == []
    assert len(gone) <= 1 + len(last)
    comments = [line.strip() for line in text.splitlines() if line.strip().startswith("#")]
    assert [line.strip() for line in after.splitlines() if line.strip().startswith("#")] == comments
