from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from thesisvault.notes.properties.marks import marks
from thesisvault.notes.properties.merging import merge
from thesisvault.notes.properties.reading import read, split
from thesisvault.notes.properties.values import property_types, render, same

DAY = dt.date(2026, 2, 27)
OURS = {"id": "x", "kind": "thesis", "status": "active", "tags": ["a", "b"], "as_of": DAY, "spread": 47.9}

texts = st.text(max_size=20) | st.sampled_from(
    ["ON", "no", "007", "12e4", "1:30", "2026-01-01", "~", "a: b", "x #y", "'"]
)
scalars = texts | st.integers(-(2**53), 2**53) | st.booleans() | st.floats(-1e15, 1e15)
values = st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), scalars | st.lists(texts, max_size=3))


@settings(max_examples=400, deadline=None)
@given(values)
def test_what_is_written_is_read_back_by_us_and_by_an_independent_reader(wanted):
    block = render(wanted)
    ours, theirs = read(block), YAML(typ="safe", pure=True).load(block) or {}
    assert not ours.findings
    assert all(same(ours.values[key], value) for key, value in wanted.items())
    assert all(same(theirs[key], value) for key, value in wanted.items())


SCALARS = ["ON", "No", "1:30", "007", "0o17", "0x1F", "1e3", "-1.5", ".5", "1_0x", "a b", "'it''s'", '"q\\u0041"', "~"]
SCALARS += ["null", "TRUE", "a#b", "a:b", "http://x.y/z", "-x", "2026-02-27", "[a, 'b']", "[a, b]", "[]", "{a: 1}", ""]


@pytest.mark.parametrize("scalar", [*SCALARS, "!!str 12"])
def test_scalars_mean_what_a_reader_of_yaml_1_2_says(scalar):
    theirs = YAML(typ="safe", pure=True).load(f"k: {scalar}\n")["k"]
    theirs = theirs.isoformat() if isinstance(theirs, dt.date) else theirs
    found = read(f"k: {scalar}\n").values["k"]
    assert (type(found), found) == (type(theirs), theirs)


@pytest.mark.parametrize(
    ("block", "line", "column"),
    [
        ("a: 1\nb: [x\n", 4, 1),
        ("a: b: c\n", 2, 5),
        ("a: 1\na: 2\n", 3, 1),
        ("a: @x\n", 2, 4),
        ("a: 1\n\tb: 2\n", 3, 1),
        ("{a: 1}\n", 2, 1),
        ("- a\n", 2, 1),
    ],
)
def test_broken_properties_are_reported_with_line_and_column_and_left_alone(block, line, column):
    out, findings = merge(block, OURS, frozenset(), path="N.md")
    assert out == block
    assert (findings[0].level, findings[0].place.line, findings[0].place.column) == ("error", line, column)


def test_what_the_property_editor_does_is_no_change():
    block = "tags: [a, b]\nspread: 47.90\nas_of: '2026-02-27'\nstatus: active\nid: x\nkind:  thesis\n"
    assert merge(block, OURS, frozenset()) == (block, ())
    block = "tags:\n- b\n- a\nspread: 47.9\nas_of: 2026-02-27\nstatus: active\nid: x\nkind: thesis\n"
    assert merge(block, OURS, frozenset()) == (block, ())


def written(**properties):
    return frozenset(marks(properties))


def test_a_persons_keys_stay_with_their_spelling_quoting_and_comments():
    block = '# mine\nMy Key:  "v"   # why\nstatus: "idea"\nlist: [ a,b ]\nnote: |\n  a: 1\n\n  # no comment\nid: "x"\n'
    out, findings = merge(block, {"id": "x", "status": "active", "new": 1}, frozenset(), written(status="idea"))
    assert out == block.replace('"idea"', '"active"').replace("\nlist", "\nnew: 1\nlist")
    assert not findings


def test_a_key_that_is_no_longer_produced_goes_and_comments_stay():
    block = 'id: "x"\nold: 3 # my remark\nmine: 1\nconviction:\n  - "a"\n'
    assert merge(block, {"id": "x"}, {"old", "conviction", "mine"}, written(id="x", old=3, conviction=2))[0] == (
        'id: "x"\n# my remark\nmine: 1\nconviction:\n  - "a"\n'
    )
    assert merge(block, {"id": "x"}, {"old", "conviction", "mine"})[0] == block


def test_a_value_that_a_person_changed_is_kept_under_another_name_and_reported():
    block = 'id: "x"\nstatus: watching # hm\n'
    ours = {"id": "x", "status": "active"}
    out, findings = merge(block, ours, frozenset(), written(id="x", status="idea"), path="N.md")
    assert out == 'id: "x"\nstatus: "active"\nstatus_mine: watching # hm\n'
    assert str(findings[0]).startswith('N.md:3: the property "status"')
    assert merge(out, ours, frozenset(), written(**ours)) == (out, ())
    again, _ = merge(out.replace('"active"', "closed"), ours, frozenset(), written(**ours))
    assert again == 'id: "x"\nstatus: "active"\nstatus_mine_2: closed\nstatus_mine: watching # hm\n'


def test_a_value_without_a_mark_is_a_persons_also_where_nothing_is_known():
    block = 'id: "x"\nstatus: watching\nconviction: 5\n'
    out, _ = merge(block, {"id": "x", "status": "active"}, {"conviction"})
    assert out == 'id: "x"\nstatus: "active"\nstatus_mine: watching\nconviction: 5\n'


@pytest.mark.parametrize("value", ["2026-03-01", "12.5", "", "n/a", "-3"])
def test_a_computed_figure_is_never_kept_but_words_in_its_place_are(value):
    wanted = {"id": "x", "as_of": DAY, "spread_ytd_pp": 1.5}
    for key in ("as_of", "spread_ytd_pp"):
        block = f"id: x\n{key}: {value}\n"
        assert set(read(merge(block, wanted, frozenset())[0]).values) == set(wanted)
        out, findings = merge(f"id: x\n{key}: when May comes\n", wanted, frozenset())
        assert read(out).values[f"{key}_mine"] == "when May comes"
        assert [finding.code for finding in findings] == ["kept-property"]


def test_a_computed_key_that_is_not_wanted_goes_only_if_it_was_written():
    block = "id: x\nspread_ytd_pp: 1.5\nspread_of_mine_pp: 3\n"
    owned = {"spread_ytd_pp", "spread_of_mine_pp"}
    assert merge(block, {"id": "x"}, owned, written(id="x", spread_ytd_pp=2.0))[0] == "id: x\nspread_of_mine_pp: 3\n"


def test_tags_and_aliases_that_a_person_added_stay_and_ours_that_went_go():
    block = "tags:\n  - mine\n  - a\n  - old\naliases: [Other]\n"
    out, findings = merge(block, {"tags": ["a", "b"]}, frozenset({"aliases"}), written(tags=["a", "old"]))
    assert read(out).values == {"tags": ["a", "b", "mine"], "aliases": ["Other"]}
    assert not findings
    assert merge(out, {"tags": ["a", "b"]}, frozenset({"aliases"}), written(tags=["a", "b"]))[0] == out


@pytest.mark.parametrize("value", ["{a: b}", "[{a: b}]", "[[a, b]]", ".inf", "[.nan]", "99999999999999999999"])
def test_aliases_that_are_no_list_of_names_are_kept_as_they_were_typed(value):
    out, findings = merge(f"id: x\naliases: {value}\n", {"id": "x", "aliases": ["A"]}, frozenset())
    assert out == f'id: x\naliases:\n  - "A"\naliases_mine: {value}\n'
    assert [finding.code for finding in findings] == ["kept-property"]
    left_alone = f"id: x\naliases: {value}\n"
    assert merge(left_alone, {"id": "x"}, frozenset({"aliases"})) == (left_alone, ())


def test_windows_line_ends_stay():
    out, _ = merge('id: "x"\r\nmine: 1\r\n', {"id": "x", "tags": ["a"]}, frozenset())
    assert out == 'id: "x"\r\ntags:\r\n  - "a"\r\nmine: 1\r\n'


def test_anchors_that_an_edit_would_break_are_reported():
    block = "status: &s idea\nmine: *s\n"
    out, findings = merge(block, {"status": "active"}, frozenset(), written(status="idea"))
    assert (out, findings[0].level) == (block, "error")


LINES = [
    "mine: 1",
    "# c",
    "",
    "status: idea",
    "tags: [z]",
    "tags:",
    "- q",
    "  - r",
    "note: |",
    "  text",
    "x: 'a",
    "  b'",
    "Status: y",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=9), st.booleans())
def test_merging_twice_is_merging_once_and_no_line_of_a_person_goes(lines, crlf):
    block = "".join(line + ("\r\n" if crlf else "\n") for line in lines)
    out, findings = merge(block, OURS, frozenset())
    if any(finding.level == "error" for finding in findings):
        assert out == block
        return
    assert merge(out, OURS, frozenset(), written(**OURS)) == (out, ())
    for line in set(lines) - {"tags:", "tags: [z]", "- q", "  - r", "status: idea", "Status: y"}:
        assert line.strip() in out
    meant = read(out).values
    assert all(same(meant[key], OURS[key]) for key in OURS if key != "tags")
    assert {"a", "b"} <= set(meant["tags"])


def test_types_and_splitting():
    assert property_types(OURS)["tags"] == "tags"
    assert property_types({"at": dt.datetime(2026, 2, 27, 9)}) == {"at": "datetime"}
    assert split("---\n---\nx") == ("", "x")
    assert split("--- \na: 1\n---  \nx") == ("a: 1\n", "x")
    assert split("---\na: 1\n") == (None, "---\na: 1\n")
    with pytest.raises(ValueError, match="cannot hold"):
        render({"a": float("nan")})


def test_an_anchor_used_twice_is_read_without_a_warning():
    assert read("&a x: 1\n&a y: 2\n").values == {"x": 1, "y": 2}


def test_a_text_of_several_lines_that_holds_what_looks_like_a_comment_is_kept_once():
    block = 'tags:\n  - "mine\n  # not a comment"\n'
    merged, _ = merge(block, {"tags": ["a"]}, {"tags"})
    assert merged == 'tags:\n  - "a"\n  - "mine # not a comment"\n'
