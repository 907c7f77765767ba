"""The vault of a stranger: made up, the same each time, with everything in it that real vaults have wrong.

    python -m tests.stories.stranger FOLDER [--notes N]

Most of it is what people write: daily notes, people, books, projects, clippings, linked to one another by name, alias,
heading and block. Among it lies every fault that a tool meets in the wild, each under a name that says what it is, and
every collision with the notes of the small workspace of the stories: names, aliases, ids, markers, properties.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import stat
import unicodedata
from collections.abc import Sequence
from pathlib import Path

WORDS = (
    *("market", "energy", "copper", "margin", "river", "winter", "ledger", "signal", "patience", "garden", "broker"),
    *("horizon", "letter", "cycle", "memory", "harbour", "interest", "rate", "spread", "curve", "thesis", "journal"),
    *("meeting", "coffee", "travel", "recipe", "piano", "chapter", "question", "answer", "habit"),
)
PEOPLE = (
    "Ada Lindqvist",
    "José Ortega",
    "Łukasz Nowak",
    "Mary O'Neil",
    "松本 清張",
    "Zoë Müller",
    "Ngũgĩ",
    "A. B. Smith",
)
FOLDERS = (
    "Daily",
    "People",
    "Projects/2024",
    "Projects/Old (archive)",
    "Clippings",
    "Books",
    "Área/Ñandú",
    "日記",
    "🌱 Garden",
)

MARKERS = "%% tv:begin summary %%\n\n# Left to right\n\nshown as code\n\n%% tv:end summary 00000000 %%\n"
"""Our markers, as somebody who writes about this tool would paste them into a fence."""


OURS = (
    *("Home", "Left to right", "Rotation", "Aardvark", "Badger", "Whole market", "Gap", "Newcomer", "The pair"),
    *("Central bank", "AAA", "BBB", "MKT", "pair", "bank", "Theses", "Home (2)", "Aardvark (2)", "Market 2024-06-28"),
)
"""Every name that a note of the small workspace has or could get."""


def make_vault(root: Path, notes: int = 300, seed: int = 20260227, twins: Sequence[str] = ()) -> Path:
    """Make the vault of a stranger in a new folder and return it.

    Args:
        root: The folder to make.
        notes: About how many ordinary notes; the faulty ones come on top.
        seed: Another one gives other words.
        twins: Names for which there is a note more, each with a link of every kind to every other.
    """
    chance = random.Random(seed)
    root.mkdir(parents=True)
    names = [_name(chance, n) for n in range(notes)]
    for n, name in enumerate(names):
        folder = root / chance.choice(FOLDERS) / (f"{n % 12 + 1:02}" if n % 3 == 0 else "")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(_note(chance, name, names), encoding="utf-8")
    for path, data in _collisions().items():
        _put(root / path, data)
    for path, data in _faults().items():
        _put(root / path, data)
    for path, data in _twins(twins).items():
        _put(root / path, data)
    _settings(root)
    _oddities(root)
    return root


def _name(chance: random.Random, n: int) -> str:
    if n % 5 == 0:
        return f"{2019 + n // 5 % 7}-{n // 35 % 12 + 1:02}-{n // 5 % 28 + 1:02} {n}"
    if n % 17 == 0:
        return f"{chance.choice(PEOPLE)} {n}"
    return f"{' '.join(chance.sample(WORDS, 3)).capitalize()} {n}"


def _note(chance: random.Random, name: str, names: list[str]) -> str:
    lines = []
    kind = chance.randrange(10)
    if kind < 6:
        lines += ["---", f"tags: [{', '.join(chance.sample(WORDS, 2))}]", f"created: 2024-0{chance.randrange(1, 9)}-11"]
        if kind < 3:
            lines += ["aliases:", f"  - {name.split()[0]} alias", f'  - "{chance.choice(WORDS)}, {len(name)}"']
        if kind == 5:
            lines += ["kind: book", "as_of: 2024-03-01", "rating:: 4"]
        lines += ["---"]
    lines += [f"# {name}", ""]
    for _ in range(chance.randrange(2, 14)):
        words = [chance.choice(WORDS) for _ in range(chance.randrange(5, 60))]
        if chance.random() < 0.5:
            words[2] = _link(chance, chance.choice(names))
        if chance.random() < 0.1:
            words.append(f"#{chance.choice(WORDS)}/{chance.choice(WORDS)} key:: value %%hidden%% ==lit== $5 and $6")
        if chance.random() < 0.1:
            lines += [f"## {' '.join(words[:4])}", ""]
        lines += [" ".join(words) + (f" ^b{chance.randrange(99)}" if chance.random() < 0.05 else ""), ""]
    if chance.random() < 0.1:
        lines += ["| a | b |", "|---|:--|", f"| [[{chance.choice(names)}\\|x]] | 1 |", ""]
    if chance.random() < 0.1:
        lines += ["```dataview", "TABLE rating FROM [[#]] WHERE x = [[none]]", "```", ""]
    return "\n".join(lines)


def _link(chance: random.Random, name: str) -> str:
    forms = (
        f"[[{name}]]", f"[[{name}|shown]]", f"[[{name}#Heading]]", f"[[{name}#^b1]]", f"![[{name}]]", "[[#Here]]",
        f"[text]({name.replace(' ', '%20')}.md)", f"[text](<Daily/{name}.md>)", "![[photo.png|300]]", "[[Not there]]",
        "![alt](img/photo%20two.jpg)", "<https://example.org/a_(b)>", "[web](https://example.org)", "\\[[no]]", "[[]]",
    )  # fmt: skip
    return chance.choice(forms)


def _collisions() -> dict[str, str]:
    """Return notes that have names, aliases, ids or properties of ours, and are none of ours."""
    ours = "---\nid: left-to-right\nkind: thesis\nas_of: 2024-06-28\n---\n"
    return {
        "Home.md": "# My home\n\n[[Theses]] [[Badger]] ![[photo.png]]\n",
        "Theses.md": "what I believe\n",
        "Central bank notes.md": "---\naliases:\n  - Central bank\n  - The turn\n---\nThey set the rate.\n",
        "People/Badger.md": "---\naliases: [AAA, Whole market]\n---\nThe animal.\n",
        "Archive/Left to right.md": "---\nid: left-to-right\n---\nA driving manual.\n",
        "Archive/Dataview user.md": ours + "A note whose properties look like ours.\n",
        "Archive/About thesisvault.md": ours + f"They look like this:\n\n```text\n{MARKERS}```\n",
        "Archive/Quoted.md": ours + "> [!quote]- Your edit\n> ```text\n"
        + "".join(f"> {line}\n" for line in MARKERS.splitlines()) + "> ```\n",
        "Archive/Loose marker.md": "text\n%% tv:begin summary %%\nnever ended\n",
        "Projects/2024/Rotation.md": "crops\n",
        "Projects/2024/rotation of crops.md": "---\nalias: Rotation\n---\n",
        "attachments/chart-left-to-right-mine.png": "no picture at all",
        "markets-old/Theses/Left to right (2).md": "",
    }  # fmt: skip


def _twins(names: Sequence[str]) -> dict[str, str]:
    """Return a note of each name, and a canvas and a base, with a link of every kind to every one of them."""
    found = {}
    for n, name in enumerate(names):
        body = "".join(_links_of_each_kind(other) for other in names)
        front = f'---\nup: "[[{name}]]"\nsee:\n  - "[[{name}|shown]]"\n  - \'[[{name}#Now]]\'\nticker: {name}\n---\n'
        found[f"{FOLDERS[n % len(FOLDERS)]}/Twins/{name}.md"] = f"{front}# {name}\n\nWords. ^b1\n\n{body}"
    cards: list[dict[str, str]] = [
        card
        for name in names
        for card in (
            {"id": name, "type": "text", "text": _links_of_each_kind(name)},
            {"id": f"f-{name}", "type": "file", "file": f"{FOLDERS[0]}/Twins/{name}.md", "subpath": "#Now"},
        )
    ]
    if names:
        found["Board of twins.canvas"] = json.dumps({"nodes": cards, "edges": []}, ensure_ascii=False, indent="\t")
        rows = "".join(f'    - file.hasLink("{name}")\n    - link("{name}")\n' for name in names)
        found["Twins.base"] = f"filters:\n  or:\n{rows}views:\n  - type: table\n    name: All\n"
    return found


def _links_of_each_kind(name: str) -> str:
    bare = name.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return (
        f"[[{name}]] [[{name}|shown]] [[{name}#Now]] [[{name}#^b1|block]] ![[{name}]] ![[{name}#Now]] [[{name}.md]]\n"
        f"[a]({bare}.md) [b](<{name}.md#Now>) ![c]({bare}.md) [[/{name}]] [[./{name}]] [[../Twins/{name}|x]]\n"
        f"| a | b |\n|---|---|\n| [[{name}\\|x]] | `[[{name}]]` |\n\n> [!note] [[{name}]]\n\n%%[[{name}]]%%\n"
        f"[[Markets/Home]] [[Theses/{name}]] [d](Assets/{bare}.md) key:: [[{name}]]\n\n"
    )


def _faults() -> dict[str, str | bytes]:
    """Return notes with something wrong, by names that say what."""
    wide = "x" * 300_000
    texts: dict[str, str | bytes] = {
        "broken frontmatter": "---\ntitle: [open\naliases: Newcomer\n---\nbody\n",
        "frontmatter without end": "---\ntitle: x\n\n# Body\n",
        "frontmatter with duplicate keys": "---\na: 1\na: 2\naliases: [dup one]\nAliases: [dup two]\n---\n",
        "frontmatter with tabs": "---\na:\n\t- b\naliases:\n\t- tabbed\n---\n",
        "frontmatter as JSON": '---\n{"aliases": ["json alias"], "a": 1}\n---\n',
        "frontmatter of anchors": "---\na: &x [1]\nb: *x\naliases: *x\n---\n",
        "frontmatter deep": "---\na: " + "[" * 5000 + "\n---\n",
        "frontmatter with a tag": "---\naliases: !!python/object:os.system [x]\n---\n",
        "frontmatter of a template": '---\ncreated: {{date}}\naliases: <% tp.file.title %>\n---\n<%* tR += "x" %>\n',
        "frontmatter after a blank": "\n---\na: 1\n---\n",
        "frontmatter with a list inside": "---\naliases: [a, [b, c], {d: e}, 12, null, 2024-01-01]\n---\n",
        "windows line ends": "---\r\naliases: [crlf]\r\n---\r\n# Head\r\n\r\n[[Home]]\r\n",
        "old mac line ends": "# Head\r\r[[Home]]\r",
        "byte order mark": "\ufeff---\naliases: [bom]\n---\n# B\n",
        "utf-16": "---\naliases: [wide]\n---\n".encode("utf-16"),
        "utf-16 without mark": "# Wide [[Home]]".encode("utf-16-le"),
        "latin-1": "# Caf\u00e9\n\n[[Home]]\n".encode("latin-1"),
        "cut in a character": "# Caf\u00e9".encode()[:-1],
        "nul bytes": b"# A\0B\n\0\0\0[[Home]]\0",
        "only nul": b"\0" * 4096,
        "binary": hashlib.sha512(b"x").digest() * 64,
        "one byte": b"#",
        "empty": b"",
        "only rules": "---\n---\n",
        "a rule": "---",
        "enormous line": wide,
        "enormous link": f"[a]({wide}",
        "enormous brackets": "[" * 300_000,
        "enormous link target": f"[[{wide}]]",
        "enormous heading": "# " + " " * 300_000 + "#\n",
        "enormous frontmatter": f'---\nx: "{wide}"\naliases: [after it]\n---\n',
        "many ticks": "`a ``b " * 2000,
        "fence without end": f"```\n{MARKERS}",
        "tilde fence": f"~~~~markdown\n~~~\n{MARKERS}~~~~\n",
        "comment without end": "%%\nhidden [[Home]]\n",
        "no final newline": "text",
        "separators": "a\u2028b\u2029c\x0bd\x0ce\x85f\u200bg\u202eh",
        "  leading blanks": "x",
        "trailing blanks  ": "x",
        "dots...": "x",
        ".hidden": "x",
        "what? a *star* <and> \"quotes\" | pipe": "x",
        "hash # caret ^ brackets [a] %% colon: 1": "x",
        "con": "x",
        "\U0001f680 rocket": "x",
        unicodedata.normalize("NFD", "Café décomposé"): unicodedata.normalize("NFD", "---\naliases: [Zoë]\n---\n"),
        unicodedata.normalize("NFC", "Café décomposé"): "the same name, composed",
        "Case": "one",
        "case": "other",
        "CASE": "third",
        "no-break\u00a0space": "x",
        "n" * 240: "x",
    }  # fmt: skip
    return {f"Faults/{name}.md": data for name, data in texts.items()} | {
        "Faults/ENDING.MD": "---\naliases: [shouting]\n---\n",
        "Faults/not a note.markdown": "x",
        "Faults/board.canvas": json.dumps({"nodes": [{"id": "a", "type": "file", "file": "Home.md"}], "edges": []}),
        "Faults/broken.canvas": '{"nodes": [',
        "Faults/list.base": "views:\n  - type: table\n    name: [[broken\n",
        "photo.png": b"\x89PNG\r\n\x1a\n",
        "img/photo two.jpg": b"\xff\xd8",
        ".trash/Home.md": "thrown away before",
        ".trash/Markets/Theses/Left to right.md": "of another time",
        ".git/HEAD": "ref: refs/heads/main\n",
        ".stversions/Home~20240101.md": "old",
    }


def _settings(root: Path) -> None:
    types = {"types": {"as_of": "text", "rating": "number", "Status": "multitext"}}
    for folder in (".obsidian", ".obsidian-mobile"):
        _put(root / folder / "app.json", '{"newLinkFormat": "relative", "alwaysUpdateLinks": true}')
        _put(root / folder / "core-plugins.json", '["file-explorer"]')
        _put(root / folder / "workspace.json", '{"main": {"id": "x"}}')
    _put(root / ".obsidian" / "types.json", json.dumps(types))
    _put(root / ".obsidian" / "plugins" / "templater" / "data.json", '{"trigger_on_file_creation": true}')
    _put(root / ".obsidian" / "snippets" / "mine.css", "b {}\n")


def _oddities(root: Path) -> None:
    """Add what is no plain file: links, pipes, things without rights; a system without such things goes without."""
    odd = root / "Odd"
    odd.mkdir()
    outside = root.parent / f"{root.name} outside"
    _put(outside / "Elsewhere.md", "---\naliases: [outsider]\n---\n")
    _put(odd / "read-only.md", "---\naliases: [fixed]\n---\n")
    (odd / "read-only.md").chmod(0o444)
    _put(odd / "nobody.md", "secret")
    (odd / "nobody.md").chmod(0)
    _put(odd / "shut" / "inside.md", "secret")
    _put(odd / "program.md", "#!/bin/sh\n")
    (odd / "program.md").chmod(0o755)
    with contextlib.suppress(OSError, NotImplementedError):
        (odd / "link to file.md").symlink_to(outside / "Elsewhere.md")
        (odd / "link to folder").symlink_to(outside, target_is_directory=True)
        (odd / "link to vault").symlink_to(root, target_is_directory=True)
        (odd / "loop").symlink_to(odd / "loop")
        (odd / "loop.md").symlink_to(odd / "loop.md")
        (odd / "dangling.md").symlink_to(odd / "nowhere.md")
        os.link(odd / "program.md", odd / "second name.md")
        os.link(outside / "Elsewhere.md", odd / "the same file outside.md")
    with contextlib.suppress(OSError, UnicodeError, ValueError):
        _put(Path(os.fsdecode(os.fsencode(odd) + b"/latin-1 n\xe4me.md")), "x")
    if hasattr(os, "mkfifo"):
        os.mkfifo(odd / "pipe.md")
        os.mkfifo(odd / "pipe")
    deep = odd
    for _ in range(30):
        deep = deep / "deep"
    _put(deep / "down.md", "[[Home]]")
    (odd / "shut").chmod(0)


def _put(path: Path, data: str | bytes) -> None:
    """Write a file; a name that this system does not allow is left out."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() == b"":  # where case does not count, the first stays
            path.write_bytes(data if isinstance(data, bytes) else data.encode())


def unlocked(root: Path) -> None:
    """Give back the rights that were taken, so that the vault can be deleted."""
    for path in (root / "Odd" / "shut", root / "Odd" / "nobody.md"):
        if path.exists():
            path.chmod(0o755)


def everything(root: Path) -> dict[str, str]:
    """Return kind, mode, time of writing and content of every path below a folder, hidden ones too."""
    found = {}
    stack = [root]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                what = f"{stat.filemode(status.st_mode)} {status.st_mtime_ns}"
                if stat.S_ISLNK(status.st_mode):
                    what += f" {Path(entry.path).readlink()}"
                elif stat.S_ISREG(status.st_mode):
                    with contextlib.suppress(PermissionError):
                        what += f" {hashlib.sha256(Path(entry.path).read_bytes()).hexdigest()}"
                elif stat.S_ISDIR(status.st_mode):
                    what = stat.filemode(status.st_mode)  # a folder's time changes with what is put beside
                    if os.access(entry.path, os.R_OK | os.X_OK):
                        stack.append(Path(entry.path))
                found[os.path.relpath(entry.path, root)] = what
    return found


def main() -> None:
    """Make a vault by hand, to look at it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notes", type=int, default=8000)
    asked = parser.parse_args()
    make_vault(asked.folder, asked.notes)


if __name__ == "__main__":
    main()
