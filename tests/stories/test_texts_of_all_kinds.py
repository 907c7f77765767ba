"""Live expressions in texts of entities, instruments, baskets and episodes are fetched for and filled, as in theses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.stories.workspaces import call, make_tiny

# In each, the placeholder stands for an expression that names something which nothing else in the workspace does.
FILES = {
    "an entity": (
        "data/entities.yaml",
        'bank: {name: Central bank, kind: institution, what: "Sets rates: TEXT."}\n',
    ),
    "an instrument": (
        "data/instruments.yaml",
        """\
AAA: {name: Aardvark, kind: stock, what: "Ladders: TEXT."}
BBB: {name: Badger, kind: stock}
MKT: {name: Whole market, kind: etf}
GAP: {name: Gap, kind: stock}
NEW: {name: Newcomer, kind: stock}
""",
    ),
    "a basket": (
        "data/baskets/pair.yaml",
        'title: The pair\nwhat: "Both: TEXT."\nmembers: [AAA, BBB]\n',
    ),
    "an episode": (
        "data/episodes.yaml",
        """\
turn:
  title: The turn of the year
  start: 2023-12-01
  end: 2024-02-01
  sell: {hold: [AAA]}
  buy: {hold: [BBB]}
  what: "It came: TEXT."
""",
    ),
}
EXPRESSIONS = {
    "a ticker": ("ret('NEW', '5d') | pct(2)", r"[+−]\d+\.\d\d%"),
    "a word of signs": ("'<%' if ret('NEW', '5d') > -9 else ''", r"&lt;\\%"),
    "a universe": ("breadth(ret('few', '5d') > -9) | pct(0)", r"\+100%"),
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("name", FILES)
def test_what_a_text_alone_names_is_fetched_and_shown(name: str, expression: str, tmp_path: Path) -> None:
    path, text = FILES[name]
    source, shown = EXPRESSIONS[expression]
    make_tiny(tmp_path)
    (tmp_path / "data/universes/few.txt").write_text("NEW GAP\n")
    (tmp_path / path).write_text(text.replace("TEXT", "{{ " + source + " }}"), encoding="utf-8")
    if name == "an episode":
        concept = tmp_path / "data/theses/rotation.yaml"
        concept.write_text(
            concept.read_text().replace("    blocks:\n", "    blocks:\n      - episodes: {}\n", 1), encoding="utf-8"
        )
    said = call("build", "-w", tmp_path)
    assert said.status == 0, said
    notes = "\n".join(note.read_text(encoding="utf-8") for note in (tmp_path / "vault").rglob("*.md"))
    words = re.search(r'"\w+(?: \w+)*: TEXT', text)
    assert words
    assert re.search(words[0].strip('"').replace("TEXT", shown) + r"\.", notes)
