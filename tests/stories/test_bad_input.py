"""Bad input, through the command line: a clear message, the right exit status, and nothing changed on disk."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stories import workspaces
from tests.stories.workspaces import COMMAND, Said, call, differences, environment, shown, tree, unmeasured

THESIS = "data/theses/left-to-right.yaml"
NOTE = "vault/Theses/Left to right.md"
Spoil = Callable[[Path], None]


def edit(name: str, old: str, new: str) -> Spoil:
    """Return what puts a text in the place of another in a file."""

    return lambda root: workspaces.edit(root / name, old, new)


def put(name: str, data: str | bytes) -> Spoil:
    """Return what writes a file."""

    def spoil(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data.encode() if isinstance(data, str) else data)

    return spoil


def template(body: str, *, outside: str = "") -> Spoil:
    """Return what gives the workspace a template of theses of its own, with this body in its only region."""
    return put("templates/thesis.md.j2", f'{outside}{{% call region("summary") %}}\n{body}\n{{% endcall %}}\n')


def bomb() -> str:
    """Return nine lists of nine aliases each, which would be 387 million texts."""
    names = "abcdefghi"
    lines = [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in itertools.pairwise(names)]
    return "\n".join(["title: Bomb", f"a: &a [{', '.join(['x'] * 9)}]", *lines, ""])


def assert_refused(root: Path, said: Said, before: dict[str, str], status: int, *words: str) -> None:
    assert said.status == status, said
    for word in words:
        assert word in said.err, said
    assert "Traceback" not in said.all
    assert differences(before, tree(root)) == set()


VERDICT = "\"Right leads left by {{ spread(buy, sell, 'ytd') | pp }}.\""
LIVE = "{{ spread(buy, sell, 'ytd') | pp }}"

# What is done to the workspace, the place that the message names, what it says is wrong and how it is mended.
DEFINITIONS: dict[str, tuple[Spoil, str, str, str]] = {
    "an unknown ticker in a sentence": (
        *(edit(THESIS, "ret('BBB', '1d')", "ret('BBBB', '1d')"), f"{THESIS}:18:20"),
        *('"BBBB" is not a known ticker', 'Did you mean "BBB"?'),
    ),
    "an unknown ticker on a side": (
        *(edit(THESIS, "hold: [AAA]", "hold: [AAB]"), f"{THESIS}:8:27"),
        *('"AAB" is not a known ticker', 'Did you mean "AAA"?'),
    ),
    "an unknown ticker in a basket": (
        *(edit("data/baskets/pair.yaml", "BBB", "BBX"), "data/baskets/pair.yaml:2:16"),
        *('"BBX" is not a known ticker', 'Did you mean "BBB"?'),
    ),
    "a misspelt key": (
        *(edit(THESIS, "summary:", "sumary:"), f"{THESIS}:6:1"),
        *('unknown key "sumary"', 'Did you mean "summary"?'),
    ),
    "a misspelt key of a block": (
        *(edit(THESIS, "caption:", "captoin:"), f"{THESIS}:25:47"),
        *('unknown key "captoin"', 'Did you mean "caption"?'),
    ),
    "a misspelt block": (
        *(edit(THESIS, "- chart:", "- chrat:"), f"{THESIS}:25:9"),
        *('unknown kind of block "chrat"', 'Did you mean "chart"?'),
    ),
    "a misspelt setting": (
        *(edit("thesisvault.yaml", "benchmark:", "benchmrk:"), "thesisvault.yaml:2:1"),
        *('unknown key "benchmrk"', 'Did you mean "benchmark"?'),
    ),
    "a misspelt function": (
        *(edit(THESIS, "spread(buy", "spraed(buy"), f"{THESIS}:5:31"),
        *("spraed", 'Did you mean "spread"?'),
    ),
    "a day that no calendar has": (
        *(edit(THESIS, "2024-01-03", "2024-02-30"), f"{THESIS}:4:9"),
        *('"2024-02-30" is not in the calendar', "Write a date as YYYY-MM-DD"),
    ),
    "a date in words": (
        *(edit(THESIS, "on: 2024-03-05", "on: 5 March 2024"), f"{THESIS}:16:9"),
        *('"5 March 2024" is not a date', "Write 2024-03-05"),
    ),
    "a wrong date in a window": (
        *(edit(THESIS, "over: 90d, caption", "over: since 2024-13-01, caption"), f"{THESIS}:25:42"),
        *('"2024-13-01" is not in the calendar', "Write a date as YYYY-MM-DD"),
    ),
    "a window that is none": (
        *(edit(THESIS, "[5d, 90d, ytd]", "[5d, 90x]"), f"{THESIS}:24:52"),
        *('"90x" is not a window', "Write for example 5d"),
    ),
    "braces without quotes": (
        *(edit(THESIS, VERDICT, LIVE), f"{THESIS}:5:10"),
        *("begins with {{ without quotes", "Put quotes around the whole value"),
    ),
    "braces without quotes inside braces": (
        *(edit(THESIS, "caption: Left and right", "caption: {{ ret(buy, '1d') }}"), f"{THESIS}:25:56"),
        *("begins with {{ without quotes", "Put quotes around the whole value"),
    ),
    "braces that never end": (
        *(edit(THESIS, LIVE, "{{ spread(buy, sell"), f"{THESIS}:5:31"),
        *('found "{{" without its "}}"', "Nothing was written"),
    ),
    "a thesis that compares itself": (
        *(edit(THESIS, "hold: [BBB]", "hold: [AAA]"), f"{THESIS}:9:26"),
        *("sell and buy hold the same", "compared with itself shows nothing"),
    ),
    "a table of a thesis beside itself": (
        *(edit("data/theses/rotation.yaml", "[left-to-right]", "[left-to-right, left-to-right]"),),
        *("data/theses/rotation.yaml:7:39", "is duplicated", "compared with itself"),
    ),
    "a chart of a share against itself": (
        *(edit(THESIS, "pair: [sell, buy]", "pair: [BBB, BBB]"), f"{THESIS}:25:29"),
        *("a pair of BBB with itself", "shows nothing"),
    ),
    "a title twice": (
        *(put("data/theses/zebra.yaml", "kind: concept\ntitle: LEFT to  right\n"), "data/theses/zebra.yaml:2:8"),
        *("has the same name as", "Give one of them another title"),
    ),
    "a title that is a company's name": (
        *(put("data/theses/zebra.yaml", "title: badger\n"), "data/instruments.yaml:2:13"),
        *('has the same name as the thesis "zebra"', "Give one of them another title"),
    ),
    "a title twice in the same words": (
        *(put("data/theses/zebra.yaml", "title: Left to right\n"), "data/theses/zebra.yaml:1:8"),
        *("has the same name as", "Give one of them another title"),
    ),
    "a broken link": (
        *(edit(THESIS, "[[Rotation]]", "[[Rotaton]]"), f"{THESIS}:7:83"),
        *("no note is called [[Rotaton]]", 'Did you mean "Rotation"?'),
    ),
    "a tab in the indentation": (
        *(edit(THESIS, "  - heading: The trade", "\t- heading: The trade"), f"{THESIS}:22:1"),
        *("found a tab in the indentation", "Indent with spaces"),
    ),
    "a tab in a folded text": (
        *(edit(THESIS, "  Capital leaves", "\tCapital leaves"), f"{THESIS}:7:1"),
        *("found a tab in the indentation", "Indent with spaces"),
    ),
    "an alias bomb": (
        *(put("data/theses/bomb.yaml", bomb()), "data/theses/bomb.yaml:3:8"),
        *("*a is an alias, and aliases are not read", "Write the value out"),
    ),
    "ten megabytes": (
        *(put("data/theses/big.yaml", "title: Big\nsummary: " + "x" * 10_000_000), "data/theses/big.yaml"),
        *("10.0 MB; a definition may have 2 MB at most", "Split it, or move it out"),
    ),
    "ten megabytes of prices": (
        *(put("data/instruments.yaml", "X: {name: X, kind: stock}\n" * 400_000), "data/instruments.yaml"),
        *("10.4 MB; a definition may have 2 MB at most", "Split it, or move it out"),
    ),
    "a binary file": (
        *(put("data/theses/picture.yaml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "data/theses/picture.yaml"),
        *("not a text file", "Move it out of this folder"),
    ),
    "a file in another encoding": (
        *(put("data/theses/cafe.yaml", "title: Café\n".encode("latin-1")), "data/theses/cafe.yaml:1:11"),
        *("the byte 0xE9 is not UTF-8 text", "Save it as UTF-8"),
    ),
    "an empty file": (
        *(put("data/theses/empty.yaml", ""), "data/theses/empty.yaml:1:1"),
        *('"title" is missing', "Nothing was written"),
    ),
    "a file with the wrong ending": (
        *(put("data/theses/x.yml", "title: X\n"), "data/theses/x.yml"),
        *("ends in .yml and is not read", "name it .yaml"),
    ),
    "a broken universe": (
        *(put("data/universes/three.txt", "AAA BBB\nZZZ ???\n"), "data/universes/three.txt:2:5"),
        *('"???" is not a ticker', "write tickers with blanks between them"),
    ),
    "a broken memory": (
        *(put("data/notes.yaml", "x: [\n"), "data/notes.yaml:1:4"),
        *("[ opens here and is never closed", "Close it"),
    ),
}


@pytest.mark.parametrize("case", DEFINITIONS)
def test_a_definition_that_cannot_be_used_is_refused_with_its_place(tiny: Path, case: str) -> None:
    spoil, place, problem, hint = DEFINITIONS[case]
    spoil(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 2, f"error: {place}: ", problem, hint, "Nothing was written.")


def test_a_universe_whose_file_is_missing_is_refused_with_the_file_to_make(tiny: Path) -> None:
    (tiny / "data/universes/three.txt").unlink()
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 2, f'error: {THESIS}:28:16: "three" is not a known ticker')
    assert "data/universes" in said.err, "the message does not say where a universe would lie"


def test_mistakes_in_several_files_are_shown_at_once_and_as_json_with_their_places(tiny: Path) -> None:
    edit(THESIS, "summary:", "sumary:")(tiny)
    put("data/theses/broken.yaml", "title: [\n")(tiny)
    edit("data/entities.yaml", "kind: institution", "kind: bank")(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 2, f"{THESIS}:6:1", "data/theses/broken.yaml:1:8", "data/entities.yaml:1:34")
    checked = call("check", "-w", tiny, "--json")
    assert checked.status == 2, checked
    places = {(each["path"], each["line"]) for each in json.loads(checked.out)["findings"] if each["level"] == "error"}
    assert places == {(THESIS, 6), ("data/theses/broken.yaml", 1), ("data/entities.yaml", 1)}


# Templates --------------------------------------------------------------------------------------------------------

TEMPLATES: dict[str, tuple[Spoil, str, str]] = {
    "braces that never end": (template("{{ note.title"), ":3", "the template cannot be read"),
    "a region that never ends": (
        *(put("templates/thesis.md.j2", '{% call region("summary") %}\nx\n'), ":2", "the template cannot be read"),
    ),
    "a statement that there is not": (template("{% frobnicate %}"), ":2", "unknown tag 'frobnicate'"),
    "a filter that there is not": (template("{{ note.title | frob }}"), ":2", "No filter named 'frob'"),
    "a name that there is not": (template("\n{{ nope }}"), ":3", "'nope' is undefined"),
    "a part of a note that there is not": (
        template("\n{{ note.titel }}"),
        ":3",
        'no field "titel" (did you mean "title"?)',
    ),
    "a way to the machine": (template("\n{{ note.__class__.__mro__ }}"), ":3", "does what a template may not"),
    "a way to the machine by format": (
        *(template("\n{{ '{0.__class__}'.format(note) }}"), ":3", "does what a template may not"),
    ),
    "a way to the program": (template("\n{{ region.__globals__ }}"), ":3", "does what a template may not"),
    "another file": (template("{% include '../../../etc/passwd' %}"), ":2", "there is no template"),
    "a file by its whole path": (template("{% include '/etc/passwd' %}"), ":2", "there is no template"),
    "a loop without end": (template("\n{% for i in range(10**9) %}x{% endfor %}"), ":3", "Range too big"),
    "loops in a loop": (
        template("\n{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}"),
        ":3",
        "goes on for too long",
    ),
    "a number that is a giant": (template("\n{{ 9**99999 }}"), ":3", "a number that is too large"),
    "thirty loops in each other": (
        *(template("{% for i in [1] %}" * 30 + "{% endfor %}" * 30), "", "nests too deeply"),
    ),
    "two megabytes": (put("templates/thesis.md.j2", "x" * 2_000_000), ":1", "more than 1 MB"),
    "a name that no file has": (template("\n{% include 'a\0b' %}"), ":3", "there is no template"),
    "a region of an endless name": (
        *(template("{% call region('x' * 600) %}y{% endcall %}"), ":2", "a name of more than 500 characters"),
    ),
    "very many regions": (
        template("{% for i in range(2000) %}{% call region('x' ~ i) %}y{% endcall %}{% endfor %}"),
        ":2",
        "over 1000 regions",
    ),
    "a list in the place of a text": (template("\n{{ md([1]) }}"), ":3", "the template fails"),
    "numbers and texts mixed": (template("\n{{ 1 + 'a' }}"), ":3", "the template fails"),
    "text outside a region": (template("x", outside="Hello.\n"), "", '"Hello." stands outside every region'),
    "a template that includes itself": (template("{% include 'thesis.md.j2' %}"), "", "the template"),
    "bytes that are no text": (put("templates/thesis.md.j2", b"{# #}\n\xff\xfe\0abc"), ":2", "it is not UTF-8 text"),
}


@pytest.mark.parametrize(
    "case",
    list(TEMPLATES),
)
def test_a_broken_template_of_ones_own_is_refused_with_its_line(tiny: Path, case: str) -> None:
    spoil, line, problem = TEMPLATES[case]
    spoil(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    place = f"error: templates/thesis.md.j2{line}: "
    assert_refused(tiny, said, before, 2, place, problem, "Nothing was written.")


def test_a_broken_template_of_a_block_is_refused_with_its_line(tiny: Path) -> None:
    put("templates/blocks/returns.md.j2", "\n{% if %}\n")(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 2, "error: templates/blocks/returns.md.j2:2: ", "cannot be read")


# Data that are not there ------------------------------------------------------------------------------------------


def section(root: Path, heading: str) -> str:
    """Return the text of a note from a heading to the end of its region."""
    text = shown(root / NOTE)
    return text[text.index(f"## {heading}") :].partition("%% tv:end")[0]


def test_a_window_without_data_is_na_in_its_cell_with_the_reason_below(tiny: Path) -> None:
    edit(THESIS, "of: [AAA, BBB, pair], over: [5d, 90d, ytd]", "of: [BBB], over: [ytd, 2015, 10y]")(tiny)
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    text = section(tiny, "The trade so far")
    assert re.search(r"BBB\]\] \| \+16\.\d% \| n/a \| n/a \|", text)
    assert "Badger: the first close is 3 Jan 2023, 2015 needs one by 31 Dec 2014" in text
    assert "Badger: the first close is 3 Jan 2023, 10y needs one by 28 Jun 2014" in text


def test_a_window_without_data_in_the_verdict_has_its_reason_below(tiny: Path) -> None:
    edit(THESIS, "spread(buy, sell, 'ytd') | pp", "spread(buy, sell, '2015') | pp")(tiny)
    assert call("build", "-w", tiny).status == 0
    top = shown(tiny / NOTE).partition("%% tv:end summary")[0]
    assert "**Right leads left by n/a.**" in top
    assert "2015 needs one by 31 Dec 2014" in top


def test_a_leg_that_is_missing_on_the_day_leaves_a_signal_neither_on_nor_off_and_says_why(tiny: Path) -> None:
    edit(THESIS, "ret(sell, '60d') > ret(buy, '60d')", "ret('GAP', '5d') > ret(buy, '5d')")(tiny)
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    assert "GAP ends 2024-06-25, before 2024-06-28" in said.err
    text = section(tiny, "Exit signals")
    (row,) = (line for line in text.splitlines() if "Left is back" in line)
    assert row.split(" | ")[1] == "unknown"
    assert "_Unknown: GAP ends 25 Jun 2024._" in text
    top = shown(tiny / NOTE).partition("%% tv:end summary")[0]
    # Nothing on the first screen rests on it, so it is told further down.
    assert "GAP" not in top
    assert re.search(r"\[\[Gap\|GAP\]\] ends 25 Jun; figures marked † stop there", shown(tiny / NOTE))


def test_a_leg_that_is_not_known_leaves_a_signal_neither_on_nor_off_and_says_why(tiny: Path) -> None:
    edit(THESIS, "ret(sell, '60d') > ret(buy, '60d')", "ret('NEW', '1y') > ret(buy, '1y')")(tiny)
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    text = section(tiny, "Exit signals")
    (row,) = (line for line in text.splitlines() if "Left is back" in line)
    assert row.split(" | ")[1] == "unknown"
    assert "_Unknown: NEW: the first close is 1 May 2024, 1y needs one by 28 Jun 2023._" in text


def test_without_prices_and_network_nothing_is_built(tiny: Path) -> None:
    edit("thesisvault.yaml", "[{csv: {folder: prices, closes: split_adjusted}}]", "[yahoo, fred]")(tiny)
    shutil.rmtree(tiny / "data/market")
    before = tree(tiny)
    for words in (("build",), ("build", "--check"), ("build", "rotation")):
        said = call(*words, "-w", tiny, "--offline")
        hint = "Fetch them: thesisvault refresh"
        assert_refused(tiny, said, before, 3, "data/market/store.sqlite", "no prices", hint, "Nothing was written.")


def test_without_prices_run_and_refresh_say_how_to_get_some(tiny: Path) -> None:
    shutil.rmtree(tiny / "data/market")
    shutil.rmtree(tiny / "prices")
    before = tree(tiny / "vault")
    for words in (("run",), ("refresh",), ("run", "--offline")):
        said = call(*words, "-w", tiny)
        assert said.status == 3, said
        assert "no prices are stored, and none could be fetched" in said.err
        assert "thesisvault refresh --csv DIR" in said.err
        first, *_, last = said.err.splitlines()[:-1]
        assert "is not a folder" in first, "the cause comes first"
        assert last.endswith("Fix that, or name another folder of price files: thesisvault refresh --csv DIR")
        assert differences(before, tree(tiny / "vault")) <= {"Home.md"}, "Home says that the run failed"


# The disk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked(tiny: Path) -> Iterator[Callable[[str], None]]:
    """What makes a file or folder of the workspace unwritable, for an ordinary user and for root."""
    done: list[Path] = []

    def lock(name: str) -> None:
        path = tiny / name
        done.append(path)
        if os.name == "nt":
            pytest.skip("folders cannot be made read-only here")
        if os.geteuid():
            for each in (path, *path.rglob("*")):
                each.chmod(each.stat().st_mode & ~0o222)
            return
        if not shutil.which("chattr") or subprocess.run(["chattr", "-R", "+i", path], capture_output=True).returncode:
            pytest.skip("root may write anywhere, and this file system knows no immutable files")

    yield lock
    for path in done:
        if os.geteuid():
            for each in (path, *path.rglob("*")):
                each.chmod(each.stat().st_mode | 0o700)
        elif shutil.which("chattr"):
            subprocess.run(["chattr", "-R", "-i", path], capture_output=True)


def test_an_unwritable_vault_is_refused_before_anything_is_written(tiny: Path, locked: Callable[[str], None]) -> None:
    edit(THESIS, "leads left", "is ahead of left")(tiny)
    locked("vault")
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 74, "error: vault/", "cannot be written", "Give yourself permission to write")
    assert call("build", "-w", tiny, "--check").status == 4


def test_unwritable_definitions_keep_the_vault_as_it_is(tiny: Path, locked: Callable[[str], None]) -> None:
    put("data/theses/new.yaml", "title: New\n")(tiny)
    locked("data")
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert said.status == 74, said
    assert "Traceback" not in said.all
    assert differences(before, tree(tiny)) == set()


def test_a_read_only_note_is_refused_by_name(tiny: Path) -> None:
    edit(THESIS, "leads left", "is ahead of left")(tiny)
    (tiny / NOTE).chmod(0o444)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 74, f"error: {NOTE}: ", "read-only", "Make it writable")


def test_a_vault_that_is_a_file_is_refused(tiny: Path) -> None:
    shutil.rmtree(tiny / "vault")
    put("vault", "A shopping list.\n")(tiny)
    before = tree(tiny)
    for words in (("build",), ("build", "--check"), ("check",), ("run",)):
        said = call(*words, "-w", tiny)
        hint = "Move the file away, or name another vault in thesisvault.yaml."
        assert_refused(tiny, said, before, 74, "vault: found a file, expected the folder of the vault.", hint)


def test_a_folder_of_the_vault_that_is_a_file_is_refused(tiny: Path) -> None:
    shutil.rmtree(tiny / "vault/attachments")
    put("vault/attachments", "")(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 74, "vault/attachments", "A file stands where a folder is needed")


def test_a_note_that_is_a_symbolic_link_is_refused(tiny: Path) -> None:
    (tiny / NOTE).rename(tiny / "elsewhere.md")
    try:
        (tiny / NOTE).symlink_to(tiny / "elsewhere.md")
    except OSError:
        pytest.skip("no symbolic links here")
    edit(THESIS, "leads left", "is ahead of left")(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 74, f"error: {NOTE}: ", "symbolic link", "Replace the link with a file")


def test_a_market_store_that_is_no_store_is_refused(tiny: Path) -> None:
    put("data/market/store.sqlite", b"not a database, just words" * 100)(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert_refused(tiny, said, before, 74, "data/market/store.sqlite", "is damaged", "Move it aside")


def test_definitions_that_are_a_file_are_refused(tiny: Path) -> None:
    shutil.rmtree(tiny / "data/theses")
    put("data/theses", "")(tiny)
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert said.status in (2, 74), said
    assert differences(before, tree(tiny)) == set()


def test_a_folder_named_like_a_definition_does_not_keep_others_from_being_checked(tiny: Path) -> None:
    (tiny / "data/theses/folder.yaml").mkdir()
    edit(THESIS, "summary:", "sumary:")(tiny)
    said = call("build", "-w", tiny)
    assert "data/theses/folder.yaml" in said.err
    assert f"{THESIS}:6:1" in said.err


def test_a_full_disk_leaves_every_file_whole_and_the_next_run_goes_on(tiny: Path) -> None:
    resource = pytest.importorskip("resource")
    story = "".join(f"      - text: {n} {'A long story. ' * 1_000}\n" for n in range(5))
    put("data/theses/long.yaml", f"title: Long\nsections:\n  - heading: Story\n    blocks:\n{story}")(tiny)
    before = tree(tiny)
    after = tree_after_build(tiny)
    done = subprocess.run(
        [*COMMAND, "build", "-w", tiny],
        env=unmeasured(),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
        timeout=300,
    )
    assert done.returncode == 74, done.stdout + done.stderr
    assert "error: vault/Theses/Long.md: it cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert_whole(before, tree(tiny), after)
    assert call("build", "-w", tiny).status == 0
    assert differences(after, tree(tiny)) == set()


def tree_after_build(root: Path) -> dict[str, str]:
    """Return checksums of what a build would make of a workspace, which stays as it is."""
    whole = Path(shutil.copytree(root, root.parent / "whole"))
    assert call("build", "-w", whole).status == 0
    return tree(whole)


def assert_whole(before: dict[str, str], now: dict[str, str], after: dict[str, str]) -> None:
    """Every file is the old one or the new one, none is gone, and what remembers a run is still the old one."""
    for name, checksum in now.items():
        assert checksum in (before.get(name), after.get(name)) or name.endswith(".tv-tmp"), f"{name} is half written"
    assert before.keys() <= now.keys()
    assert now["data/notes.yaml"] == before["data/notes.yaml"]


# Words on the command line ----------------------------------------------------------------------------------------

WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "an unknown command": (("bild",), ("No such command 'bild'", "build")),
    "an unknown option": (("build", "--ofline"), ("No such option: --ofline", "--offline")),
    "a missing word": (("eval",), ("Missing argument 'EXPR'", "See thesisvault eval --help.")),
    "a name that nothing has": (("build", "Left to rigth"), ('"Left to rigth"', 'Did you mean "left to right"?')),
    "a date that is none": (("build", "--as-of", "yesterday"), ('"yesterday" is not a date', "YYYY-MM-DD")),
    "a ticker that nothing has": (("refresh", "AAAA"), ('"AAAA" is not a known ticker', 'Did you mean "AAA"?')),
    "a folder that is not there": (("refresh", "--csv", "nowhere"), ("nowhere is not a folder",)),
    "a kind that is none": (("new", "thesys", "X"), ('unknown kind "thesys"', 'Did you mean "thesis"?')),
    "a definition that exists": (("new", "thesis", "Left to right"), (f"{THESIS} exists already",)),
    "half an expression": (("eval", "ret('AAA'"), ("parenthesis is missing",)),
    "an expression with a way out": (("eval", "close('AAA').to_csv('x')"), ("only known functions can be called",)),
    "an expression without its thesis": (("eval", "ret(buy, 'ytd')"), ("buy",)),
}


@pytest.mark.parametrize("case", WORDS)
def test_wrong_words_are_refused_with_the_right_ones(tiny: Path, case: str) -> None:
    words, expected = WORDS[case]
    before = tree(tiny)
    where = ("-w", str(tiny)) if words[0] != "bild" else ()
    assert_refused(tiny, call(*words, *where), before, 2, "error: ", *expected)


def test_no_words_at_all_show_the_help() -> None:
    said = call()
    assert said.status == 2
    assert said.err.startswith("Usage: thesisvault")
    rows = [line for line in said.err.splitlines() if line.startswith("  ")]
    listed = {name.strip() for row in rows for name in row[2:].partition("  ")[2].split(",")}
    assert {"init", "demo", "new", "refresh", "build", "run", "check", "eval", "schema"} <= listed


def test_a_folder_that_lies_in_no_workspace_is_refused(tmp_path: Path) -> None:
    for command in ("build", "run", "check", "refresh"):
        said = call(command, "-w", tmp_path)
        assert said.status == 2, said
        assert "is not a workspace" in said.err
        assert "thesisvault init DIR" in said.err
    assert list(tmp_path.iterdir()) == []


def test_init_and_demo_write_into_no_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all,")
    before = tree(tmp_path)
    for command in ("init", "demo"):
        said = call(command, tmp_path)
        assert_refused(tmp_path, said, before, 2, "is not empty", "ame")


# Other runs, and interruptions ------------------------------------------------------------------------------------


def test_a_workspace_that_another_process_holds_is_left_alone(tiny: Path) -> None:
    holding = (
        "import sys; from pathlib import Path; from thesisvault.vault.lock import locked\n"
        "with locked(Path(sys.argv[1]), 'refresh'):\n    print('held', flush=True); sys.stdin.read()\n"
    )
    edit(THESIS, "leads left", "is ahead of left")(tiny)
    before = tree(tiny)
    with subprocess.Popen(
        [sys.executable, "-c", holding, tiny / ".thesisvault"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for command in ("build", "run", "refresh"):
            said = call(command, "-w", tiny)
            words = ("another run is using this workspace", f"process {other.pid}, refresh", "Try again when")
            assert_refused(tiny, said, before, 75, *words)
        assert call("check", "-w", tiny).status == 0
        other.communicate("")
    assert call("build", "-w", tiny).status == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C reaches a whole console there")
@pytest.mark.parametrize("moment", ["while it reads", "while it draws", "while it writes"])
def test_an_interrupted_build_ends_with_130_and_leaves_whole_files(tiny: Path, moment: str) -> None:
    edit(THESIS, "    blocks:\n      - text: ", "    blocks:\n" + charts(6) + "      - text: ")(tiny)
    before = tree(tiny)
    after = tree_after_build(tiny)
    signs = {
        "while it reads": ".thesisvault/lock.json",
        "while it draws": ".thesisvault/lock.json",
        "while it writes": "vault/attachments/chart-left-to-right-aaa-bbb-11d.png",
    }
    shutil.rmtree(tiny / ".thesisvault", ignore_errors=True)
    for attempt in range(5):  # where the machine is busy, a build may be over before it is pressed
        root = Path(shutil.copytree(tiny, tiny.parent / f"attempt {attempt}", copy_function=shutil.copy2))
        later = 0.3 / 2**attempt if moment == "while it draws" else 0  # nobody knows how fast a machine is
        status, said = pressed(root, root / signs[moment], later)
        if status != 0:
            break
    assert status == 130, said
    assert "interrupted; what was written is whole" in said
    assert "Traceback" not in said
    assert_whole(before, tree(root), after)
    assert call("build", "-w", root).status == 0
    assert differences(after, tree(root)) == set()


def pressed(root: Path, sign: Path, later: float) -> tuple[int, str]:
    """Press Ctrl-C in a build some time after a file is there; return how it ended and what it said."""
    with subprocess.Popen(
        [*COMMAND, "build", "-w", root], env=unmeasured(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        # A shell has what it starts in the background ignore Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:  # fmt: skip
        until = time.monotonic() + 300
        while not sign.exists() and running.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(later)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=300)
    return running.returncode, said


def charts(count: int) -> str:
    """Return so many charts as blocks of a section, each over a window of its own."""
    return "".join(f"      - chart: {{pair: [sell, buy], over: {11 + n}d}}\n" for n in range(count))
