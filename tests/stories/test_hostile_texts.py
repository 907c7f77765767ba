"""What a stranger writes into a definition neither runs nor leaves the note, whatever field it stands in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import SECRET, TEXTS, acting
from tests.stories.workspaces import FILES, SETTINGS, Said, call, make_tiny


def yaml(value: Any) -> str:
    """Return a value as a line of YAML, which JSON is."""
    return json.dumps(value, ensure_ascii=False)


def one_line(text: str) -> str:
    return " ".join(text.split())


def name_of(text: str) -> str:
    """Return a text as a name may hold it: on one line, and what figures would show typed out."""
    return one_line(re.sub(r"(?s)\{\{ '?(.*?)'? \}\}", r"\1", text.replace(SECRET, "41")))


def concept(number: int, text: str) -> dict[str, Any]:
    """Return a concept that holds a text in each of its fields, as text of several lines and as a line."""
    line, name = one_line(text), f"N{number} {name_of(text)}"
    cells = [[text, line], [line, text]]
    claim = {"says": text, "check": "ret('AAA', 'ytd')", "expect": "+1%", "on": "2024-06-28", "note": text}
    blocks: list[dict[str, Any]] = [
        {"text": text},
        {"text": f"Before {text} after"},
        {"text": f"- item\n- {text}\n\n> {text}"},
        {"quote": {"says": text, "by": line}},
        {"fold": {"title": line, "blocks": [{"text": text}]}},
        {"table": {"columns": [line, "b"], "rows": cells, "caption": text}},
        {"timeline": [{"when": line, "event": text}]},
        {"compare": {"of": ["left-to-right"], "rows": [{line: text}]}},
        {"targets": {"on": "2024-01-03", "rows": {"AAA": "+9%"}, "notes": {"AAA": text}}},
        {"text": f"[[I{number}]], [[b{number}]] and [[e{number}]]"},
        *([{"episodes": {"of": [f"t{number}"]}}] if number % 40 == 0 else []),
        {"flows": {"title": line, "unit": "USD m", "rows": {"Jan": 1}, "notes": {"Jan": text}, "table": True}},
    ]
    return {
        "title": name,
        "kind": "concept",
        "aliases": [f"{name} again"],
        "verdict": text,
        "summary": text,
        "against": text,
        "sell": {"name": name, "hold": ["AAA"]},
        "buy": {"name": f"{name} too", "hold": ["BBB"]},
        "drivers": [{"name": name, "detail": text}],
        "scenarios": [{"if": line, "then": line, "because": text}],
        "signals": [{"name": name, "when": "ret('AAA', '5d') > 0", "means": text}],
        "claims": [claim],
        "updates": [{"on": "2024-03-05", "title": line, "blocks": [{"text": text}]}],
        "sections": [{"heading": line, "blocks": blocks}],
        "related": [{"note": "rotation", "why": text}],
        "sources": [{"id": "s", "title": name, "by": line, "url": "https://x.org/a%%b==c"}],
    }


def hostile_workspace(folder: Path, texts: list[str]) -> Path:
    """Make a workspace in which each text stands in every field of a concept, an instrument, a basket and an entity."""
    make_tiny(folder)
    instruments, entities, episodes = [FILES["data/instruments.yaml"]], [FILES["data/entities.yaml"]], []
    for number, text in enumerate(texts):
        line = f"N{number} {name_of(text)}"
        (folder / f"data/theses/hostile-{number}.yaml").write_text(yaml(concept(number, text)), encoding="utf-8")
        basket = {"title": f"Basket {line}", "short": line, "what": text, "members": ["AAA", "BBB"]}
        (folder / f"data/baskets/b{number}.yaml").write_text(yaml(basket), encoding="utf-8")
        instruments.append(f"I{number}: {yaml({'name': f'Share {line}', 'kind': 'stock', 'what': text})}\n")
        entities.append(f"e{number}: {yaml({'name': f'Bank {line}', 'kind': 'institution', 'what': text})}\n")
        episode = {"title": f"Turn {line}", "start": "2023-12-01", "end": "2024-02-01", "type": line, "trigger": text}
        if number % 40:
            continue  # each is drawn, which takes its time
        episode |= {"what": text, "sell": {"hold": ["AAA"]}, "buy": {"hold": ["BBB"]}, "caption": text}
        episodes.append(f"t{number}: {yaml(episode)}\n")
    (folder / "data/instruments.yaml").write_text("".join(instruments), encoding="utf-8")
    (folder / "data/episodes.yaml").write_text("".join(episodes), encoding="utf-8")
    (folder / "data/entities.yaml").write_text("".join(entities), encoding="utf-8")
    return folder


def notes_of(root: Path) -> dict[str, str]:
    """Return the notes of a workspace's vault by their paths."""
    vault = root / "vault"
    return {path.relative_to(vault).as_posix(): path.read_text(encoding="utf-8") for path in vault.rglob("*.md")}


def body_of(note: str) -> str:
    """Return a note without its properties, in which no command stands either."""
    _, block, body = note.split("---\n", 2)
    assert "<%" not in block
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", block)
    return body


def built(root: Path, texts: list[str]) -> Said:
    """Build hostile texts and return what was said; nothing of them acts in any note."""
    hostile_workspace(root, texts)
    said = call("build", "--all", "-w", root)
    assert said.status == 0, said
    notes = notes_of(root)
    for folder, least in (("Concepts", len(texts)), ("Assets", 2 * len(texts)), ("Entities", len(texts))):
        assert sum(path.startswith(folder) for path in notes) > least
    tags = frozenset({"rotation"})
    assert not {path: acts for path, text in notes.items() if (acts := acting(body_of(text), tags=tags))}
    assert not ON_SCREEN.search(said.all)
    again = call("build", "--check", "-w", root)
    assert again.status == 0, again  # nothing in a text opens, ends or breaks a region
    return said


ON_SCREEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, or turns the order of letters."""


@pytest.mark.slow
def test_nothing_of_a_stranger_runs_leaves_or_hides_in_any_field(tmp_path: Path) -> None:
    assert len(set(TEXTS)) > 300
    built(tmp_path, TEXTS)


@pytest.mark.parametrize("first", [5, 11])
def test_some_of_a_strangers_texts_do_nothing_in_any_field(first: int, tmp_path: Path) -> None:
    built(tmp_path, TEXTS[first::40])


ONE = """\
title: One
kind: concept
summary: >
  See [the map](file:///etc/passwd), [this](https://x.org)
  and https://x.org/?q={{ ret('AAA', 'ytd') }} here.
sections:
  - heading: Pictures and code
    blocks:
      - text: "![a](https://x.org/a.png) and `= this.file`"
      - text: |
          Words

          ```dataviewjs
          dv.span(1)
          ```
      - text: "`[[Nowhere]]` and `a [[Nowhere]]`"
      - text: "`plain` [mail](mailto:a@b.org) [note](Rotation.md) ![[a.png]] <https://x.org>"
"""


def test_what_is_shown_as_text_is_told_with_its_place(tiny: Path) -> None:
    (tiny / "data/theses/one.yaml").write_text(ONE, encoding="utf-8")
    for command in (("build", "--all"), ("check",)):
        said = call(*command, "-w", tiny)
        lines = sorted(line for line in said.err.splitlines() if "shown as" in line)
        assert [line.removeprefix("warning: data/theses/")[:70] for line in lines] == [
            'one.yaml:13:11: the code "dataviewjs" is shown as plain text, for a pl',
            'one.yaml:16:16: the code "[[Nowhere]]" is shown as plain text, for a p',
            'one.yaml:4:17: the link to "file:///etc/passwd" is shown as text; a li',
            "one.yaml:5:7: the address \"https://x.org/?q={{ ret('AAA', 'ytd') }}\" h",
            'one.yaml:9:16: the picture "![a](https://x.org/a.png)" is shown as tex',
            'one.yaml:9:46: the code "= this.file" is shown as plain text, for a pl',
        ], said
    note = notes_of(tiny)["Concepts/One.md"]
    assert "```text\ndv.span(1)\n```" in note
    assert "\n\\[\\[Nowhere\\]\\] and `a [[Nowhere]]`\n" in note
    assert "`plain` [mail](mailto:a@b.org) [note](Rotation.md) ![[a.png]] <https://x.org>" in note


def test_code_stays_as_it_was_typed_where_the_settings_trust_it(tiny: Path) -> None:
    (tiny / "data/theses/one.yaml").write_text(ONE, encoding="utf-8")
    (tiny / "thesisvault.yaml").write_text(f"{SETTINGS}trust: code\n", encoding="utf-8")
    said = call("build", "-w", tiny)
    assert "the code" not in said.err
    assert 'the link to "file:///etc/passwd"' in said.err
    note = notes_of(tiny)["Concepts/One.md"]
    assert "```dataviewjs\ndv.span(1)\n```" in note
    assert "`= this.file`" in note
    assert "file\\:///etc/passwd" in note
    (tiny / "thesisvault.yaml").write_text(f"{SETTINGS}trust: all\n", encoding="utf-8")
    said = call("check", "-w", tiny)
    assert said.status == 2
    assert "thesisvault.yaml:4:8" in said.err


EVIL = "\x1b]0;x\x07\x1b[31m\u202egnp.exe"


def test_no_message_acts_on_a_terminal_whatever_it_quotes(tiny: Path) -> None:
    prices = (tiny / "prices/AAA.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{prices[0]},{EVIL}", *(f"{row},{EVIL}" for row in prices[1:]), f"2024-06-{EVIL},1,1"]
    (tiny / "prices/AAA.csv").write_text("\n".join(rows), encoding="utf-8")
    (tiny / f"prices/{EVIL.replace('/', '')}.csv").write_text("date,close\nx,y\n", encoding="utf-8")
    (tiny / "data/universes/three.txt").write_text(f"AAA BBB MKT {EVIL}\n", encoding="utf-8")
    (tiny / f"data/theses/{EVIL}.yaml").write_text('title: "a\\u202eb"\nsumary: x\n', encoding="utf-8")
    said = [
        call("refresh", "-w", tiny),
        call("build", "-w", tiny),
        call("check", "-w", tiny),
        call("eval", "-w", tiny, f"ret('{EVIL}', 'ytd')"),
        call("eval", "-w", tiny, f"'{EVIL}'"),
        call("prices", EVIL, "-w", tiny),
        call("adopt", EVIL, "-w", tiny),
        call("build", EVIL, "-w", tiny),
        call(EVIL),
    ]
    assert any("\\x1b" in each.all for each in said)
    assert any("\\u202e" in each.all for each in said)
    assert not [each.all for each in said if ON_SCREEN.search(each.all)]
