from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.notes.unmarked import adopt, merge, renamed, unmarked
from thesisvault.notes import regions as real
from thesisvault.notes.markers import digest, parse, wrap
from thesisvault.notes.meaning import mark
from thesisvault.notes.regions import FreshNote, orphaned

DAY = dt.date(2026, 2, 27)
LATER = dt.date(2026, 3, 2)


def note(*regions, **properties):
    return FreshNote({"id": "x", **properties}, regions)


def built(*regions):
    return merge(None, note(*regions), as_of=DAY).text


def test_a_new_note_has_properties_regions_and_one_final_newline():
    assert built(("summary", "# T"), ("returns", "Table")) == (
        '---\nid: "x"\n---\n\n'
        f"%% tv:begin summary %%\n\n# T\n\n%% tv:end summary {digest('# T')}-{mark('# T')} %%\n\n"
        f"%% tv:begin returns %%\n\nTable\n\n%% tv:end returns {digest('Table')}-{mark('Table')} %%\n"
    )


def test_text_above_between_and_below_stays_when_figures_change():
    text = built(("a", "1"), ("b", "2")).replace("---\n\n%%", "---\nabove\n\n%%").replace("%%\n\n%%", "%%\nmid\n%%")
    text += "below, without a final newline"
    merged = merge(text, note(("a", "10"), ("b", "20")), as_of=DAY).text
    assert merged == text.replace("\n1\n", "\n10\n").replace("\n2\n", "\n20\n").replace(
        f"{digest('1')}-{mark('1')}", f"{digest('10')}-{mark('10')}"
    ).replace(f"{digest('2')}-{mark('2')}", f"{digest('20')}-{mark('20')}")


def test_an_edited_region_is_refreshed_and_the_edit_kept_once_below_it():
    text = built(("a", "one"), ("b", "two")).replace("one", "one, I say\n```py\nx\n```")
    first = merge(text, note(("a", "new"), ("b", "two")), as_of=DAY, path="N.md")
    kept = "> [!quote]- Your edit, kept 2026-02-27\n>\n> ````text\n> one, I say\n> ```py\n> x\n> ```\n> ````\n"
    assert first.kept == ("a",)
    assert f"{wrap('a', 'new')}\n\n{kept}\n%% tv:begin b %%" in first.text
    assert "N.md:5: region" in str(first.findings[0])
    assert merge(first.text, note(("a", "new"), ("b", "two")), as_of=LATER).text == first.text


def test_two_edits_of_one_region_are_both_kept_and_the_same_one_only_once():
    text = built(("a", "one")).replace("one", "mine 1")
    text = merge(text, note(("a", "one")), as_of=DAY).text.replace("\none\n", "\nmine 2\n")
    text = merge(text, note(("a", "one")), as_of=LATER).text
    assert text.count("> mine 1") == text.count("> mine 2") == 1
    again = merge(text.replace("\none\n", "\nmine 1\n"), note(("a", "one")), as_of=LATER)
    assert again.text == text
    assert again.kept == ("a",)


def test_an_edit_that_says_what_the_generator_now_says_is_no_edit():
    merged = merge(built(("a", "one")).replace("one", "two"), note(("a", "two")), as_of=DAY)
    assert not merged.kept
    assert "quote" not in merged.text


def test_a_removed_region_stays_removed_until_it_is_wanted_again():
    text = built(("a", "1"), ("b", "2"))
    without = text[: text.index("%% tv:begin b")] + "mine\n"
    fresh = note(("a", "1"), ("b", "2"))
    merged = merge(without, fresh, as_of=DAY, known={"a", "b"})
    assert (merged.text, merged.removed, merged.regions) == (without, {"b"}, ("a",))
    assert merge(without, fresh, as_of=DAY, known={"a"}, removed={"b"}).text == without
    assert wrap("b", "2") in merge(without, fresh, as_of=DAY, known={"a"}).text
    assert merge(text, fresh, as_of=DAY, known={"a"}, removed={"b"}).restored == {"b"}


def test_order_and_place_are_the_persons_and_a_new_region_follows_its_predecessor():
    text = f'---\nid: "x"\n---\n\n{wrap("b", "2")}\n\nmine\n\n{wrap("a", "1")}\n\nmine too\n'
    merged = merge(text, note(("a", "1"), ("new", "N"), ("b", "2"), ("last", "L")), as_of=DAY)
    assert merged.text == (
        f'---\nid: "x"\n---\n\n{wrap("b", "2")}\n\n{wrap("last", "L")}\n\nmine\n\n'
        f"{wrap('a', '1')}\n\n{wrap('new', 'N')}\n\nmine too\n"
    )
    assert merged.regions == ("b", "last", "a", "new")


def test_a_section_that_left_takes_its_region_along_only_if_untouched():
    text = built(("a", "1"), ("b", "2"), ("c", "3"))
    assert merge(text, note(("a", "1"), ("c", "3")), as_of=DAY).text == built(("a", "1"), ("c", "3"))
    assert merge(text, note(("a", "1")), as_of=DAY).text.count("tv:begin") == 1
    edited = merge(text.replace("\n2\n", "\n2 mine\n"), note(("a", "1"), ("c", "3")), as_of=DAY)
    assert "\n\n2 mine\n\n" in edited.text
    assert "tv:begin b" not in edited.text
    assert edited.findings[0].code == "kept-region"


def test_a_section_comes_and_goes_without_a_trace():
    text = built(("a", "1"), ("c", "3"))
    more = merge(text, note(("a", "1"), ("b", "2"), ("c", "3")), as_of=DAY).text
    assert merge(more, note(("a", "1"), ("c", "3")), as_of=DAY).text == text
    longer = merge(text, note(("a", "1"), ("c", "3"), ("d", "4")), as_of=DAY).text
    assert merge(longer, note(("a", "1"), ("c", "3")), as_of=DAY).text == text


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("%% tv:end a ", "(%% tv:end a ", 9, "begins inside"),
        ("%% tv:begin a %%\n", "", 7, "has not begun"),
        ("%% tv:begin b %%", "%% tv:begin a %%", 11, "is duplicated"),
        ("%% tv:begin b %%", "%% tv:begin b %% my words", 11, "looks like"),
        ("1\n", "1\n```\n", 5, "never ends"),
        ("%% tv:begin a %%", "```\n%% tv:begin a %%", 6, "code fence"),
    ],
)
def test_damaged_markers_leave_the_note_alone_and_name_the_line(old, new, line, word):
    text = built(("a", "1"), ("b", "2"))
    broken = text.replace(old, new, 1)
    assert broken != text
    merged = merge(broken, note(("a", "1"), ("b", "9")), as_of=DAY, path="N.md", known={"a", "b"})
    assert merged.damaged
    assert merged.text == broken
    assert any(word in finding.problem for finding in merged.findings), merged.findings
    assert all(finding.place.path == "N.md" and finding.place.line for finding in merged.findings)
    assert "adopt" in merged.findings[0].hint
    mended = adopt(broken, note(("a", "1"), ("b", "9")), as_of=DAY)
    if word not in ("never ends", "code fence"):
        assert not mended.damaged, mended.findings
        assert "my words" in mended.text or "my words" not in broken


def test_a_region_pushed_into_a_list_is_damage_not_removal():
    text = built(("a", "1")).replace("%% tv:", "  %% tv:")
    assert merge(text, note(("a", "1")), as_of=DAY, known={"a"}).damaged


def test_markers_in_code_and_in_kept_edits_are_text():
    fenced = "```\n%% tv:begin z %%\n%% tv:end q 00000000 %%\n```"
    text = built(("a", "1")) + f"\n{fenced}\n"
    assert merge(text, note(("a", "2")), as_of=DAY).text.endswith(f"\n{fenced}\n")
    inside = merge(built(("a", "1")).replace("\n1\n", f"\nmine\n{fenced}\n"), note(("a", "2")), as_of=DAY)
    assert "> %% tv:begin z %%" in inside.text
    assert not merge(inside.text, note(("a", "3")), as_of=DAY, known={"a"}).damaged


def test_a_list_with_a_fence_hides_no_marker():
    text = built(("a", "1"), ("b", "2")).replace(
        "---\n\n%%", "---\n\n- item\n  ```\n  code\n  ```\n- ```\n  open\n\n%%"
    )
    assert list(parse(text).regions) == ["a", "b"]


def test_a_foreign_note_is_not_written_and_an_empty_one_is_ours():
    foreign = merge("# Mine\n", note(("a", "1")), as_of=DAY, path="N.md")
    assert foreign.damaged
    assert "thesisvault adopt" in foreign.findings[0].hint
    assert merge("\n", note(("a", "1")), as_of=DAY).text == built(("a", "1"))
    adopted = adopt("---\nid: mine\n---\n# Mine\n", note(("a", "1")), as_of=DAY)
    assert adopted.text == f'---\nid: "x"\nid_mine: mine\n---\n# Mine\n\n{wrap("a", "1")}\n'


def test_properties_that_cannot_be_read_leave_the_note_alone():
    text = built(("a", "1")).replace('id: "x"', 'id: "x"\nmine: [a')
    merged = merge(text, note(("a", "2")), as_of=DAY, path="N.md")
    assert merged.damaged
    assert merged.text == text
    assert str(merged.findings[0].place) == "N.md:4:1"
    unclosed = built(("a", "1")).replace('"x"\n---', '"x"\n--')
    assert merge(unclosed, note(("a", "2")), as_of=DAY).findings[0].code == "broken-properties"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a\n\nb", "a  \r\n\r\n\r\n\r\nb\r\n"),
        ("| a | b |\n| --- | --: |\n| 1 | 2 |", "| a    |   b |\n| ---- | --: |\n|1|2|"),
        ("[[Oil|crude]] [[Gas]]", "[[Energy/Crude oil|crude]] [[Natural gas]]"),
        ("| [[Oil\\|crude]] |", "| [[Energy/Crude oil\\|crude]] |"),
        ("![[chart-a.png|640]]", "![[attachments/chart-a.png|640]]"),
        ("[x](Oil.md)", "[x](<Energy/Crude oil.md>)"),
    ],
)
def test_what_obsidian_and_formatters_do_is_no_edit(written, found):
    assert digest(written) == digest(found)
    text = built(("a", written)).replace(written, found)
    leads = renamed(Oil="Crude oil", Gas="Natural gas", **{"chart-a.png": "attachments/chart-a.png"})
    merged = merge(text, note(("a", written)), as_of=DAY, leads=leads)
    assert not merged.kept
    assert merge(merged.text, note(("a", written)), as_of=DAY).text == merged.text


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a b", "a c"),
        ("[[Oil|crude]]", "[[Oil|gas]]"),
        ("```\na  b\n| x |\n```", "```\na b\n|x|\n```"),
        ("![[a.png|640]]", "![[b.png|640]]"),
        ("| a |", "| b |"),
        ("[x](https://a.b)", "[x](https://a.c)"),
    ],
)
def test_other_words_are_an_edit(written, found):
    assert digest(written) != digest(found)


def test_a_formatters_padding_stays_while_the_figures_are_the_same():
    written = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    text = built(("a", written)).replace(written, "| a   | b   |\n| --- | --- |\n| 1   | 2   |")
    assert merge(text, note(("a", written)), as_of=DAY).text == text


def test_a_body_can_neither_open_nor_hide_a_region():
    for body in ("%% tv:begin b %%\ntext", "```\nopen", "%% tv:end a 00000000 %%"):
        text = built(("a", body), ("b", "2"))
        assert [part.edited for part in parse(text).regions.values()] == [False, False]


def test_a_note_without_its_definition_says_so_and_nothing_else_changes():
    text = "\ufeff" + built(("a", "1")).replace("\n", "\r\n") + "mine"
    marked = orphaned(text)
    assert unmarked(marked) == text.replace('id: "x"\r\n', 'id: "x"\r\nstatus: "orphaned"\r\n')
    assert orphaned(marked) is None
    assert orphaned("---\nid: [\n---\n") is None
    assert orphaned("no properties") is None


def test_a_status_of_ones_own_stays_when_the_definition_goes():
    text = real.merge(None, note(("a", "1"), status="active"), as_of=DAY).text
    gone = orphaned(text.replace('"active"', '"waiting for May"'))
    assert '\nstatus: "orphaned"\nstatus_mine: "waiting for May"\n' in gone
    assert orphaned(gone) is None
    gone = orphaned(text)
    assert "_mine" not in gone
    assert 'status_mine: "active"' in orphaned(gone.replace('"orphaned"', '"active"'))
    assert "status" not in real.merge(gone, note(("a", "1")), as_of=DAY, owned_keys={"status"}).text


def test_a_marker_into_which_somebody_typed_keeps_its_words_when_the_note_is_adopted():
    text = built(("a", "1"), ("b", "2")).replace("begin a %%", "begin a-word-of-mine %%")
    adopted = adopt(text, note(("a", "1"), ("b", "2")), as_of=DAY, known={"a", "b"})
    assert not adopted.damaged
    assert "\\%% tv:begin a-word-of-mine %%\n" in adopted.text
    assert set(parse(adopted.text).regions) == {"a", "b"}


def test_a_foreign_note_keeps_its_properties_under_another_name_when_it_is_adopted():
    text = "---\nstatus: waiting   # for May\n---\nText of mine.\n"
    adopted = adopt(text, note(("a", "1"), status="active"), as_of=DAY)
    assert '\nstatus: "active"\nstatus_mine: waiting   # for May\n' in adopted.text
    assert "Text of mine.\n" in adopted.text


def test_regions_taken_out_before_a_note_is_adopted_stay_out_unless_all_were():
    text = built(("a", "1"), ("b", "2"), ("c", "3")).replace("end c", "end d")
    without_a = text.replace(wrap("a", "1"), "")
    fresh = note(("a", "1"), ("b", "2"), ("c", "3"))
    assert set(parse(adopt(without_a, fresh, as_of=DAY, known={"a", "b", "c"}).text).regions) == {"b", "c"}
    assert set(parse(adopt("Mine.\n", fresh, as_of=DAY, known={"a", "b", "c"}).text).regions) == {"a", "b", "c"}


def test_an_edit_in_a_note_of_windows_is_kept_with_its_blank_lines_and_line_ends():
    text = built(("a", "one"), ("b", "two")).replace("one", "mine\n\n more").replace("\n", "\r\n")
    merged = merge(text, note(("a", "new"), ("b", "two")), as_of=DAY, known={"a", "b"})
    kept = "> [!quote]- Your edit, kept 2026-02-27\n>\n> ```text\n> mine\n>\n>  more\n> ```\n"
    wanted = built(("a", "new"), ("b", "two")).replace("%%\n\n%% tv:begin b", f"%%\n\n{kept}\n%% tv:begin b")
    assert merged.text == wanted.replace("\n", "\r\n")
    assert merge(merged.text, note(("a", "new"), ("b", "two")), as_of=LATER, known={"a", "b"}).text == merged.text


def test_a_note_that_is_adopted_keeps_out_what_was_removed_and_drops_properties_that_were_ours():
    made = real.merge(None, note(("a", "1"), ("c", "3"), status="active"), as_of=DAY)
    adopted = adopt(
        made.text.replace("end c", "end d"),
        note(("a", "1"), ("b", "2"), ("c", "3")),
        as_of=DAY,
        removed={"b"},
        known={"a", "c"},
        owned_keys={"status"},
    )
    assert set(parse(adopted.text).regions) == {"a", "c"}
    assert adopted.text.startswith('---\nid: "x"\n---\n')


def test_a_note_that_cannot_be_adopted_is_named_and_stays_as_it_is():
    text = "---\nmine: [a\n---\nText.\n"
    adopted = adopt(text, note(("a", "1")), as_of=DAY, path="N.md")
    assert (adopted.damaged, adopted.text) == (True, text)
    assert {finding.place.path for finding in adopted.findings} == {"N.md"}
