"""What a merge writes, to the byte and the blank line, and what its findings name."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.notes.unmarked import adopt, merge, renamed
from thesisvault.notes.markers import wrap
from thesisvault.notes.regions import FreshNote, Merged

DAY = dt.date(2026, 2, 27)
HEAD = '---\nid: "x"\n---\n'


def note(*names: str, body: str = "text of {}") -> FreshNote:
    return FreshNote({"id": "x"}, tuple((name, body.format(name)) for name in names))


def region(name: str, body: str = "text of {}") -> str:
    return wrap(name, body.format(name))


def told(merged: Merged) -> list[tuple[str, str, str, int]]:
    return [
        (each.code, each.level, each.place.path, each.place.line) for each in merged.findings if each.place is not None
    ]


# New, foreign and adopted -----------------------------------------------------------------------------------------


def test_a_new_note_leaves_out_what_was_removed_and_knows_its_regions():
    merged = merge(None, note("a", "b", "c"), as_of=DAY, removed={"b"})
    assert merged.text == f"{HEAD}\n{region('a')}\n\n{region('c')}\n"
    assert merged.regions == ("a", "c")
    assert merge("\ufeff \t\r\n", note("a"), as_of=DAY).text == merge(None, note("a"), as_of=DAY).text


def test_a_note_without_regions_is_ours_by_its_id_or_by_what_is_remembered():
    text = f"{HEAD}Mine.\n"
    assert merge(text, note("a"), as_of=DAY).text == f"{HEAD}Mine.\n\n{region('a')}\n"
    other = text.replace('"x"', '"y"')
    foreign = merge(other, note("a"), as_of=DAY, path="N.md")
    assert (foreign.damaged, foreign.text, told(foreign)) == (True, other, [("foreign-note", "error", "N.md", 1)])
    assert merge("Mine.\n", FreshNote({}, (("a", "1"),)), as_of=DAY).damaged
    assert not merge("Mine.\n", note("a"), as_of=DAY, known={"a"}).damaged
    assert not merge("Mine.\n", note("a"), as_of=DAY, removed={"a"}).damaged


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("above", ["", "\n"])
def test_a_note_without_properties_gets_them_with_a_blank_line_below(newline, above):
    text = f"{above}Mine.\nMore.\n".replace("\n", newline)
    wanted = f"{HEAD}\nMine.\nMore.\n\n{region('a')}\n".replace("\n", newline)
    assert adopt(text, note("a"), as_of=DAY).text == wanted


def test_adopting_dates_what_it_keeps_and_gives_up_without_a_trace():
    edited = f"{HEAD}\n{region('a')}\n".replace("text of a", "mine")
    assert "> [!quote]- Your edit, kept 2026-02-27\n" in adopt(edited, note("a"), as_of=DAY).text
    broken = "---\nmine: [a\n---\n%% tv:begin a %%\nText.\n"
    assert adopt(broken, note("a"), as_of=DAY, path="N.md").text == broken


# Damage -----------------------------------------------------------------------------------------------------------


def test_markers_that_moved_into_lines_are_named_with_their_lines():
    inside = region("b").replace("%% tv:", "- %% tv:")
    text = f"{HEAD}above\n\n{region('a')}\n\nmid\n\n{inside}\n"
    merged = merge(text, note("a", "b"), as_of=DAY, path="N.md", known={"a", "b"})
    assert (merged.damaged, merged.text) == (True, text)
    assert told(merged) == [("damaged-markers", "error", "N.md", line) for line in (14, 18)]
    assert 'a marker of region "b" is not alone on its line, at the start.' in merged.findings[0].problem


@pytest.mark.parametrize("quoted", ["> %% tv:begin b %%", "\\%% tv:begin b %%"])
def test_a_marker_that_is_quoted_or_escaped_is_no_damage(quoted):
    text = f"{HEAD}\n{region('a')}\n\n{quoted}\n"
    merged = merge(text, note("a", "b"), as_of=DAY, known={"a", "b"})
    assert (merged.damaged, merged.removed) == (False, {"b"})


# Regions that leave -----------------------------------------------------------------------------------------------


def test_a_region_that_a_person_took_out_is_a_note_and_no_warning():
    merged = merge(f"{HEAD}\n{region('a')}\n", note("a", "b"), as_of=DAY, known={"a", "b"}, path="N.md")
    assert told(merged) == [("removed-region", "info", "N.md", 0)]
    assert "thesisvault restore" in merged.findings[0].hint


def test_an_edited_region_that_left_gives_its_words_to_the_person_and_an_emptied_one_nothing():
    text = f"{HEAD}\n{region('a')}\n\n{region('b')}\n\n{region('c')}\n"
    merged = merge(text.replace("text of b", "mine"), note("a", "c"), as_of=DAY, path="N.md")
    assert merged.text == f"{HEAD}\n{region('a')}\n\nmine\n\n{region('c')}\n"
    assert told(merged) == [("kept-region", "warning", "N.md", 11)]
    assert merged.regions == ("a", "c")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_regions_that_leave_take_their_blank_lines_along_and_no_word(newline):
    def lines(text):
        return text.replace("\n", newline)

    whole = f"{HEAD}\n{region('a')}\n\nmine\n\n{region('b')}\n\n{region('c')}\n"
    assert merge(lines(whole), note("a"), as_of=DAY).text == lines(f"{HEAD}\n{region('a')}\n\nmine\n\n")
    assert merge(lines(whole), note("b"), as_of=DAY).text == lines(f"{HEAD}\nmine\n\n{region('b')}\n")
    assert merge(lines(whole), note("a", "c"), as_of=DAY).text == lines(
        f"{HEAD}\n{region('a')}\n\nmine\n\n{region('c')}\n"
    )
    close = f"{HEAD}\n{region('a')}\n{region('b')}\nmine\n"
    assert merge(lines(close), note("a"), as_of=DAY).text == lines(f"{HEAD}\n{region('a')}\nmine\n")


# Regions that are edited, or come ---------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        ("", "\n\n{kept}"),  # the marker is the end of the file, without a line end
        ("\n", "\n\n{kept}\n"),
        ("\nmine\n", "\n\n{kept}\n\nmine\n"),
        ("\n\nmine\n", "\n\n{kept}\n\nmine\n"),
    ],
)
def test_a_kept_edit_stands_apart_from_what_is_below_it(newline, below, wanted):
    text = f"{HEAD}\n{region('a').replace('text of a', 'mine, too')}{below}".replace("\n", newline)
    kept = "> [!quote]- Your edit, kept 2026-02-27\n>\n> ```text\n> mine, too\n> ```"
    merged = merge(text, note("a"), as_of=DAY, path="N.md")
    assert merged.text == f"{HEAD}\n{region('a')}{wanted.format(kept=kept)}".replace("\n", newline)
    assert told(merged) == [("kept-edit", "warning", "N.md", 5)]
    assert merged.regions == ("a",)


def test_a_region_emptied_by_hand_is_filled_again_and_nothing_is_kept():
    text = f"{HEAD}\n{region('a')}\n".replace("text of a", " ")
    merged = merge(text, note("a"), as_of=DAY)
    assert (merged.text, merged.kept, merged.findings) == (f"{HEAD}\n{region('a')}\n", (), ())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "names", "after"),
    [
        ("\n[b]\n", "ab", "\n[a]\n\n[b]\n"),
        ("\n[a]\n", "ab", "\n[a]\n\n[b]\n"),
        ("\n[a]\n\n[c]\n", "abc", "\n[a]\n\n[b]\n\n[c]\n"),
        ("\n[a]\nmine\n", "ab", "\n[a]\n\n[b]\n\nmine\n"),
        ("\nmine", "a", "\nmine\n\n[a]\n"),
        ("\nmine\n\n", "a", "\nmine\n\n[a]\n"),
        ("\n[c]\n\nmine\n", "abc", "\n[a]\n\n[b]\n\n[c]\n\nmine\n"),
        ("\n[c]\n", "cab", "\n[c]\n\n[a]\n\n[b]\n"),
    ],
)
def test_a_region_that_comes_has_one_blank_line_on_each_side(newline, before, names, after):
    def full(text):
        for name in "abc":
            text = text.replace(f"[{name}]", region(name))
        return (HEAD + text).replace("\n", newline)

    merged = merge(full(before), note(*names), as_of=DAY)
    assert merged.text == full(after)
    assert set(merged.regions) == set(names)
    assert merge(merged.text, note(*names), as_of=DAY).text == merged.text


def test_a_region_that_comes_goes_below_what_was_kept_of_its_predecessor():
    text = f"{HEAD}\n{region('a').replace('text of a', 'mine')}\n\nbelow\n"
    merged = merge(text, note("a", "b"), as_of=DAY)
    kept = "> [!quote]- Your edit, kept 2026-02-27\n>\n> ```text\n> mine\n> ```\n"
    assert merged.text == f"{HEAD}\n{region('a')}\n\n{kept}\n{region('b')}\n\nbelow\n"
    assert merged.regions == ("a", "b")


def test_a_link_that_obsidian_rewrote_is_set_right_and_is_no_edit():
    fresh = FreshNote({"id": "x"}, (("a", "[[Oil|crude]]"),))
    text = f"{HEAD}\n{wrap('a', '[[Oil|crude]]')}\n"
    merged = merge(text.replace("[[Oil|", "[[Energy/Crude oil|"), fresh, as_of=DAY, leads=renamed(Oil="Crude oil"))
    assert (merged.text, merged.kept) == (text, ())
