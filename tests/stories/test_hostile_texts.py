"""What a stranger writes into a definition neither runs nor leaves the note, whatever field it stands in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import SECRET, TEXTS, acting
from tests.stories.workspaces import FILES, call, make_tiny


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


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The notes of a vault made of all hostile texts, by their paths, with what was said."""
    root = hostile_workspace(tmp_path_factory.mktemp("hostile"), TEXTS)
    said = call("build", "--all", "-w", root)
    assert said.status == 0, said
    vault = root / "vault"
    found = {path.relative_to(vault).as_posix(): path.read_text(encoding="utf-8") for path in vault.rglob("*.md")}
    return {**found, "said": said.all}


def test_nothing_of_a_stranger_runs_leaves_or_hides_in_any_field(notes: dict[str, str]) -> None:
    bodies = {path: text for path, text in notes.items() if path != "said"}
    assert sum(path.startswith("Concepts/") for path in bodies) > len(TEXTS)
    assert sum(path.startswith("Assets/") for path in bodies) > 2 * len(TEXTS)
    assert sum(path.startswith("Entities/") for path in bodies) > len(TEXTS)
    tags = frozenset({"rotation"})
    found = {path: acts for path, text in bodies.items() if (acts := acting(body_of(text), tags=tags))}
    assert not found


def body_of(note: str) -> str:
    """Return a note with its properties as code, which are to hold no command either."""
    _, block, body = note.split("---\n", 2)
    assert "<%" not in block
    return body
