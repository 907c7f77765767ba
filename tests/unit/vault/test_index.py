from __future__ import annotations
from thesisvault.structs import replace

import json

import pytest

from thesisvault.errors import DiskError
from thesisvault.notes.links import LinkTable, Target
from thesisvault.notes.markers import wrap
from thesisvault.vault.audit import audit
from thesisvault.vault.index import TICK, scan
from thesisvault.vault.note import heading_key
from thesisvault.vault.obsidian import config_folders, merged_types


def made(root, **files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def later(index):
    """Return an index as if it had been read when its files were old already."""
    return replace(index, read_at=index.read_at + 10 * TICK)


def test_the_index_knows_names_headings_links_and_blocks(tmp_path):
    text = (
        '---\nid: "x"\nkind: thesis\nas_of: 2026-02-27\naliases: [Other, ON]\nup: "[[Up]]"\n---\n# Head **one**\n\n'
        "[[A#Part|t]] and ![[b.png|300]] `[[no]]` [m](Sub/C%20d.md#x) [w](https://x.y)\n\n"
        "```\n[[no]]\n# no\n```\n\nText ^id-1\n"
    )
    made(tmp_path, **{"T/N.md": text, ".obsidian/app.json": "{}", "a/b.png": b"", "T/.N.md.tv-tmp": b""})
    index = scan(tmp_path)
    note = index.notes[0]
    assert (note.path, note.basename, note.id, note.aliases) == ("T/N.md", "N", "x", ("Other", "ON"))
    assert note.headings == ("Head **one**",)
    assert [tuple(link) for link in note.links] == [
        ("Up", "", 6, False),
        ("A", "Part", 10, False),
        ("b.png", "", 10, True),
        ("Sub/C d.md", "x", 10, False),
    ]
    assert note.blocks == ("id-1",)
    assert (index.attachments, index.leftovers) == (("a/b.png",), ("T/.N.md.tv-tmp",))
    assert heading_key(note.headings[0]) == "head one"


def test_an_id_of_a_persons_own_is_not_ours(tmp_path):
    index = scan(made(tmp_path, **{"a.md": "---\nid: 2026\n---\n", "b.md": "---\nid: b\n---\n" + wrap("s", "x")}))
    assert [note.id for note in index.notes] == [None, "b"]


def test_broken_notes_become_findings(tmp_path):
    made(
        tmp_path, **{"a.md": b"---\nid: [x\naliases: y\n---\nb\n\xff", "b.md": b"\xef\xbb\xbf---\naliases: [Q]\n---\n"}
    )
    made(tmp_path, **{"c.md": "---\nother: [broken\naliases: [R]\n---\n"})
    index = scan(tmp_path)
    assert [note.aliases for note in index.notes] == [(), ("Q",), ("R",)]
    assert [(f.place.path, f.place.line, f.code) for f in index.findings] == [
        ("a.md", 3, "broken-properties"),
        ("a.md", 6, "not-utf-8"),
    ]


def test_no_vault_is_an_empty_one_and_a_file_is_an_error(tmp_path):
    assert scan(tmp_path / "none").notes == ()
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="expected the folder of the vault"):
        scan(tmp_path / "file")


def test_a_link_opens_what_obsidian_opens(tmp_path):
    files = ["b/Note.md", "a/deep/Note.md", "Only.md", "x.png", "x.png.md", "a/Üb er.md", "a/Here.md"]
    index = scan(made(tmp_path, **dict.fromkeys(files, "")))
    assert index.resolve("note", "b/N.md") == "b/Note.md"
    assert index.resolve("Note", "a/Here.md") == "a/deep/Note.md"
    assert index.resolve("Note") == "b/Note.md"
    assert index.resolve("deep/note") == "a/deep/Note.md"
    assert index.resolve("x.png") == "x.png"
    assert index.resolve("./Here", "a/X.md") == "a/Here.md"
    assert index.resolve("../Only", "a/X.md") == "Only.md"
    assert index.resolve("/Note") is None
    assert index.resolve("U\u0308B ER") == "a/Üb er.md"
    assert index.resolve("", "a/Here.md") == "a/Here.md"
    assert index.resolve("Nobody") is None


def test_a_warm_index_reads_only_what_changed(tmp_path):
    made(tmp_path, **{"a.md": "# A\n", "b.md": "# B\n"})
    first = later(scan(tmp_path))
    made(tmp_path, **{"b.md": "# Bee\n"})
    second = scan(tmp_path, first)
    assert second.notes[0] is first.notes[0]
    assert second.notes[1].headings == ("Bee",)


def test_lines_in_regions_are_told_from_a_persons(tmp_path):
    region = wrap("s", "![[chart-a.png|640]]")
    files = {"a.md": f"mine\n{region}\n![[chart-b.png]]\n", "b.md": "mine\n", "c.md": region.removesuffix("%%")}
    notes = scan(made(tmp_path, **files)).notes
    assert [note.own_lines for note in notes] == [frozenset(range(2, 7)), None, None]
    assert [note.has_pictures for note in notes] == [True, False, True]


def test_the_audit_tells_our_faults_from_a_persons(tmp_path):
    ours = wrap("s", "[[Gone]] [[B#No]] [[B#^no]] ![[gone.png]] [[Bee]] \\$1 `$2`") + "\n\n[[Mine]] [[B#Yes it's]]\n"
    made(
        tmp_path,
        **{"T/A.md": ours, "T/B.md": "---\naliases: [Bee]\n---\n# Yes: it’s\n", "P/Own.md": "[[Nowhere]]\n"},
        **{"attachments/chart-x.png": b"", "attachments/photo.png": b"", "T/.q.tv-tmp": b"", "P/A.md": ""},
    )
    found = audit(tmp_path, scan(tmp_path), frozenset({"T/A.md", "T/Deleted.md"}), "vault")
    assert {(str(f.place), f.level, f.code) for f in found} == {
        ("vault/T/A.md:3", "error", "dead-link"),
        ("vault/T/A.md:3", "error", "dead-embed"),
        ("vault/T/A.md:3", "error", "dead-fragment"),
        ("vault/T/A.md:7", "warning", "dead-link"),
        ("vault/T/A.md", "warning", "double-name"),
        ("vault/T/.q.tv-tmp", "warning", "leftover"),
        ("vault/T/Deleted.md", "warning", "deleted-note"),
        ("vault/attachments/chart-x.png", "warning", "orphan-picture"),
    }
    assert any("[[B|Bee]]" in finding.hint for finding in found)


def test_a_run_of_backslashes_is_read_once(tmp_path):
    """A second look at each of them would take half an hour."""
    run = "\\" * 300_000
    made(tmp_path, **{"A.md": f"[[B]] {run}\n{run}[[C]] {run}\\[[D]]\n", "B.md": "", "C.md": ""})
    assert [link.target for note in scan(tmp_path).notes for link in note.links] == ["B", "C"]
    table = LinkTable({"b": Target("B", "B")})
    assert table.rewrite(f"[[b]] {run}\n{run}[[b]] {run}\\[[b]]").count("[[B") == 2


@pytest.mark.parametrize("sign", ["costs $5", "$5 and $6 $7", "<% x %>", "{{ x }}", "100%% sure"])
def test_the_audit_finds_signs_that_would_act(tmp_path, sign):
    made(tmp_path, **{"A.md": wrap("s", f"# T\n\n{sign}")})
    found = audit(tmp_path, scan(tmp_path), frozenset({"A.md"}))
    assert [(finding.code, finding.place.line) for finding in found] == [("unescaped", 5)]


def test_the_audit_leaves_formulas_alone_and_tells_one_sign_of_a_line(tmp_path):
    text = "# T\n\n$\\beta$ costs \\$5, $x^2$ and $$a$$\n\n$5 $6 $7\n$8\n\n| a |\n| --- |\n| $\\beta$ $9 |"
    made(tmp_path, **{"A.md": wrap("s", text)})
    found = audit(tmp_path, scan(tmp_path), frozenset({"A.md"}))
    assert [(finding.code, finding.place.line) for finding in found] == [("unescaped", 7), ("unescaped", 8), ("unescaped", 12)]


def test_types_are_only_added_to():
    assert json.loads(merged_types(None, {"b": "date", "a": "text"})[0]) == {"types": {"a": "text", "b": "date"}}
    own = '{"x": 1,  "types": {"As_of": "text", "mine": "number"}}'
    assert merged_types(own, {"mine": "number", "as_of": "text"}) == (None, ())
    text, findings = merged_types(own, {"mine": "date", "new": "tags"})
    assert json.loads(text) == {"x": 1, "types": {"As_of": "text", "mine": "number", "new": "tags"}}
    assert [finding.level for finding in findings] == ["info"]
    for broken in ("{", "[]", '{"types": []}', "[" * 100000):
        text, findings = merged_types(broken, {"a": "text"})
        assert text is None
        assert findings[0].code == "broken-types"


def test_configuration_folders_of_any_name_are_found(tmp_path):
    assert config_folders(tmp_path) == []
    assert config_folders(tmp_path / "none") == []
    made(tmp_path, **{".obsidian-work/app.json": "{}", ".obsidian-empty/x": "", ".vscode/settings.json": "{}"})
    made(tmp_path, **{".settings/app.json": "{}", ".settings/workspace.json": "{}", "visible/app.json": "{}"})
    assert [folder.name for folder in config_folders(tmp_path)] == [".obsidian-work", ".settings"]
    (tmp_path / ".obsidian").mkdir()
    assert config_folders(tmp_path)[0].name == ".obsidian"


def test_half_a_character_in_the_types_of_properties_stays_an_escape():
    text, _ = merged_types('{"types": {"\\ud800": "text"}}', {"as_of": "date"})
    assert text is not None
    assert '"\\ud800": "text"' in text.encode().decode()


def test_of_a_large_vault_few_texts_are_held_and_each_is_still_known(tmp_path):
    for n in range(300):
        (tmp_path / f"Note {n}.md").write_text(f"# Head {n}\n\n[[Note {n + 1}]]\n", encoding="utf-8")
    index = scan(tmp_path)

    def holders():
        return [note.path for note in index.notes if {"text", "_shape"} & vars(note).keys()]

    assert 0 < len(holders()) < 100
    assert [note.headings for note in index.notes] == [(f"Head {note.basename[5:]}",) for note in index.notes]
    assert [note.links[0].target for note in index.notes] == [f"Note {int(n.basename[5:]) + 1}" for n in index.notes]
    assert 0 < len(holders()) < 100
