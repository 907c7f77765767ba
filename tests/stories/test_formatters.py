"""What Obsidian, a formatter or git does to notes by itself is no edit of a person's: nothing is kept of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checklist import check_vault
from tests.marks import REGION
from tests.stories.workspaces import call, tree
from thesisvault.vault.index import scan

WORDS = "Words of my own, with two  blanks,\n\t* and a list.\n"


def notes_of(root: Path) -> list[Path]:
    return sorted(path for path in (root / "vault").rglob("*.md") if ".trash" not in path.parts)


def rewrite(root: Path, change: Callable[[str], str]) -> int:
    """Change the text of every note; return how many have changed."""
    changed = 0
    for path in notes_of(root):
        before = path.read_bytes().decode()
        after = change(before)
        path.write_bytes(after.encode())
        changed += after != before
    return changed


def in_regions(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: REGION.sub(lambda m: change(m[0]), text)


def padded(text: str) -> str:
    """Pad the cells of each table to one width, as a formatter does."""

    def table(found: re.Match[str]) -> str:
        rows = [re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in found[0].splitlines()]
        cells = [[cell.strip() for cell in row] for row in rows]
        widths = [max(3, *(len(row[k]) for row in cells)) for k in range(len(cells[0]))]
        lines = []
        for row in cells:
            rule = all(re.fullmatch(r":?-+:?", cell) for cell in row)
            filled = [
                cell[0] + "-" * (width - 2) + cell[-1] if rule else cell.ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ]
            lines.append("| " + " | ".join(filled) + " |")
        return "\n".join(lines) + "\n"

    return re.sub(r"(?:^\|.*\|\n)+", table, text, flags=re.MULTILINE)


def tight(text: str) -> str:
    """Take all padding out of tables."""
    return re.sub(r"^\|.*\|$", lambda m: re.sub(r"[ ]*(?<!\\)\|[ ]*", "|", m[0]), text, flags=re.MULTILINE)


def spaced(text: str) -> str:
    """Make each blank line three, and put blanks at the ends of lines outside tables."""
    return re.sub(r"(?m)^([^|\n%`].*[^|\n])$", r"\1  ", text.replace("\n\n", "\n\n\n\n"))


def requoted(text: str) -> str:
    """Write the properties as Obsidian's editor does: sorted anew, quotes only where needed, lists indented."""
    front, body = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    entries = re.findall(r"^(\w+):(.*(?:\n  - .*)*)", front, re.MULTILINE)
    plain = [(key, re.sub(r'"([A-Za-z][\w -]*)"', r"\1", value)) for key, value in entries]
    lines = [f"{key}:{value}" for key, value in sorted(plain, reverse=True)]
    return "---\n" + "\n".join(lines) + "\n---\n" + body


def outside_code(change: Callable[[str], str]) -> Callable[[str], str]:
    """Apply a change to the body of a note, line by line joined, but not to fences and markers."""

    def changed(text: str) -> str:
        front, body = re.match(r"(---\n.*?\n---\n)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        parts = re.split(r"(^(?:> ?)*```.*?^(?:> ?)*```$|^%%[^\n]*$)", body, flags=re.MULTILINE | re.DOTALL)
        return front + "".join(part if k % 2 else change(part) for k, part in enumerate(parts))

    return changed


def substituted(pattern: str, by: str) -> Callable[[str], str]:
    return outside_code(lambda text: re.sub(pattern, by, text, flags=re.MULTILINE))


def sorted_in_one_line(text: str) -> str:
    """Write lists of the properties on one line, with their values sorted, and the properties in another order."""
    front, body = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    entries = re.findall(r"^(\w+):(.*(?:\n  - .*)*)", front, re.MULTILINE)
    lines = []
    for key, value in sorted(entries):
        items = sorted(re.findall(r"\n  - (.*)", value))
        lines.append(f"{key}: [{', '.join(items)}]" if items else f"{key}:{value}")
    return "---\n" + "\n".join(lines) + "\n---\n" + body


def single_quoted(text: str) -> str:
    front, body = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    front = re.sub(r'"([^"\\\n\']*)"', r"'\1'", front)
    return "---\n" + re.sub(r"^  - ", "- ", front, flags=re.MULTILINE) + "\n---\n\n" + body.lstrip("\n")


# What linters of Obsidian do, rule by rule.
RULES: dict[str, Callable[[str], str]] = {
    "emphasis with asterisks": substituted(r"(?<![\w\\])_([^_\n]+)_(?!\w)", r"*\1*"),
    "strength with underscores": substituted(r"(?<![\w*])\*\*([^*\n|]+)\*\*(?![\w*])", r"__\1__"),
    "bullets": substituted(r"^((?:> )*\s*)- ", r"\1* "),
    "blanks after bullets": substituted(r"^((?:> )*)- (?=\S.*$(?!\n+ ))", r"\1-   "),
    "no blank lines between items": substituted(r"(^- .*\n)\n(?=- )", r"\1"),
    "blank lines between paragraphs": substituted(r"^([A-Za-z].*[^\\\n])\n(?=[A-Za-z])", r"\1\n\n"),
    "blank lines around blocks": substituted(r"^(#.*|\|.*\|)$\n(?!\|)", r"\1\n\n"),
    "two blanks between lines": substituted(r"([^\n|\\])\n(?=[^\n|>#])", r"\1  \n"),
    "a true ellipsis and straight quotes": outside_code(
        lambda text: text.replace("...", "…").translate(str.maketrans("“”‘’", "\"\"''"))
    ),
    "no bare addresses": substituted(r"(?<![(<\w])(https?://[^\s)>]+)", r"<\1>"),
    "quotes without a blank": substituted(r"^> (?=\w)", ">"),
    "headings underlined": substituted(r"^# (.*)$", r"\1\n==="),
    "lists of properties sorted on one line": sorted_in_one_line,
    "properties in single quotes": single_quoted,
}


def all_rules(text: str) -> str:
    for rule in RULES.values():
        text = rule(text)
    return text


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


WAYS: dict[str, Callable[[str], str]] = {
    "tables padded": in_regions(padded),
    "tables tight": in_regions(tight),
    "blank lines tripled, blanks at line ends": in_regions(spaced),
    "no blank lines beside markers": lambda text: re.sub(r"(%% tv:begin .*%%\n)\n|\n(\n%% tv:end)", r"\1\2", text),
    "blank lines beside markers doubled": lambda text: re.sub(r"(%% tv:begin .*%%\n)|(\n%% tv:end)", r"\1\n\2", text),
    "no newline at the end": lambda text: text.rstrip("\n"),
    "properties quoted and sorted anew": requoted,
    "Windows line ends": crlf,
    "a byte order mark": lambda text: "\ufeff" + text,
    "all rules": all_rules,
    "all at once": lambda text: "\ufeff" + crlf(in_regions(lambda body: spaced(padded(body)))(requoted(text))),
}


def build_quietly(root: Path) -> None:
    """Build, and find that nothing was kept as somebody's edit, and that a second build writes nothing."""
    said = call("build", "-w", root, "--offline")
    assert said.status == 0, said
    assert "by hand" not in said.err, said
    for path in notes_of(root):
        text = path.read_bytes().decode()
        assert "Your edit, kept" not in text, path.name
        assert "_mine" not in text.partition("\n---")[0], path.name
    before = tree(root)
    again = call("build", "-w", root, "--offline")
    assert again.status == 0, again
    assert tree(root) == before


@pytest.mark.parametrize("later", [False, True], ids=["same figures", "other figures"])
@pytest.mark.parametrize("way", WAYS)
def test_a_formatter_leaves_no_kept_edit_and_ones_own_words_stand(tiny: Path, way: str, later: bool) -> None:
    rewrite(tiny, lambda text: text.replace("\n\n%% tv:begin", f"\n\n{WORDS}\n%% tv:begin", 2))
    build_quietly(tiny)
    assert rewrite(tiny, WAYS[way]) >= 5
    if later:
        settings = tiny / "thesisvault.yaml"
        settings.write_text(settings.read_text().replace("2024-06-28", "2024-06-27"))
    outside = {path.name: REGION.sub("", path.read_bytes().decode()).split("---", 2)[2] for path in notes_of(tiny)}
    build_quietly(tiny)
    for path in notes_of(tiny):
        text = path.read_bytes().decode()
        assert REGION.sub("", text).split("---", 2)[2] == outside[path.name], path.name
        lone = re.search(r"(?<!\r)\n", text) if "\r\n" in text else None
        assert lone is None, f"{path.name}: line ends of two kinds"
    if later:
        assert not any("as_of: 2024-06-28" in path.read_text(encoding="utf-8") for path in notes_of(tiny))


def rename_as_obsidian(root: Path, old: Path, new: Path, *, bare: bool) -> None:
    """Move a note and rewrite every link to it, properties and tables included, as Obsidian does."""
    vault = root / "vault"
    target = new.stem if bare else new.relative_to(vault).with_suffix("").as_posix()
    new.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(old, new)
    link = re.compile(rf"\[\[(?:[^\[\]|#\\]*/)?{re.escape(old.stem)}(?=\\?\||\]\]|#)")
    assert rewrite(root, lambda text: link.sub(lambda _: f"[[{target}", text)) >= 2


@pytest.mark.parametrize(
    ("old", "new", "bare"),
    [
        ("Assets/Badger.md", "Assets/Badger of the north.md", True),
        ("Assets/Badger.md", "Mine/deep/Badger.md", False),
        ("Theses/Left to right.md", "The turn.md", True),
        ("Theses/Left to right.md", "Mine/Left, then right.md", False),
        ("Concepts/Rotation.md", "Concepts/Rotation (idea).md", True),
        ("Entities/Central bank.md", "People/Bank.md", True),
    ],
)
def test_a_note_renamed_in_obsidian_is_followed_and_nothing_is_kept(tiny: Path, old: str, new: str, bare: bool) -> None:
    vault = tiny / "vault"
    mine = "Mine: [[Badger]], [[Left to right|the turn]], [[Rotation]], [[Central bank]].\n"
    (vault / "My own.md").write_text(mine, encoding="utf-8")
    rename_as_obsidian(tiny, vault / old, vault / new, bare=bare)
    own = (vault / "My own.md").read_bytes()
    build_quietly(tiny)
    assert not (vault / old).exists()
    assert (vault / "My own.md").read_bytes() == own
    index = scan(vault)
    for note in index.notes:
        for link in note.links:
            assert index.resolve(link.target, note.path), (note.path, link)
    assert [fault for fault in check_vault(vault, allowed_tags=frozenset({"rotation"})) if fault[:2] != "10"] == []


def test_a_clone_by_git_on_windows_and_back_leaves_every_byte_as_it_was(tiny: Path) -> None:
    before = tree(tiny / "vault")
    rewrite(tiny, crlf)
    for path in (*(tiny / "data").rglob("*.yaml"), *(tiny / "data").rglob("*.txt"), tiny / "thesisvault.yaml"):
        path.write_bytes(crlf(path.read_bytes().decode()).encode())
    build_quietly(tiny)
    rewrite(tiny, lambda text: text.replace("\r\n", "\n"))
    build_quietly(tiny)
    now = tree(tiny / "vault")
    assert {name: now[name] for name in now if name.endswith(".md")} == {
        name: before[name] for name in before if name.endswith(".md")
    }
