"""Further edits of a world: what people, formatters, Obsidian and git do to notes, and definitions that swap places.

Whatever is typed into a note is a word of `World.typed`, so that it can be looked for ever after.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.marks import REGION
from tests.stories.machines import merged_by_git
from tests.stories.test_formatters import RULES, WAYS
from tests.stories.workspaces import call, sessions

if TYPE_CHECKING:
    from tests.stories.worlds import World


def _ours(world: World) -> Path | None:
    found = [path for path in world.notes() if "Own" not in path.parts and "%% tv:begin" in path.read_text()]
    return world.chance.choice(found) if found else None


def _change(world: World, change: Callable[[str], str]) -> None:
    if (path := _ours(world)) is not None:
        text = path.read_bytes().decode()
        path.write_bytes(change(text).encode())


def _in_a_region(world: World, change: Callable[[str], str]) -> None:
    def changed(text: str) -> str:
        found = world.chance.choice(list(REGION.finditer(text)))
        return text[: found.start()] + change(found[0]) + text[found.end() :]

    _change(world, changed)


def types_into_a_region(world: World) -> None:
    def typed(text: str) -> str:
        lines = text.split("\n")
        lines.insert(world.chance.randint(1, len(lines) - 2), world.chance.choice(("{}", "- {}", "> {}")))
        return "\n".join(lines).replace("{}", world.typed(), 1)

    _in_a_region(world, typed)


def takes_a_region_away(world: World) -> None:
    _in_a_region(world, lambda _: "")


def puts_a_region_elsewhere(world: World) -> None:
    def moved(text: str) -> str:
        found = world.chance.choice(list(REGION.finditer(text)))
        return text[: found.start()] + text[found.end() :].rstrip("\n") + "\n\n" + found[0].rstrip("\n") + "\n"

    _change(world, moved)


def has_notes_formatted(world: World) -> None:
    way = world.chance.choice((*WAYS.values(), *RULES.values()))

    def formatted(text: str) -> str:
        try:
            return way(text)
        except AttributeError:  # it has no properties, or not where the formatter looks for them
            return text

    _change(world, formatted)


def types_into_the_properties(world: World) -> None:
    key = world.chance.choice(("mine", "rating", "conviction", "review_due", "cssclasses", "verdict"))

    def typed(text: str) -> str:
        return text if f"\n{key}:" in text else re.sub(r"\n---\n", f"\n{key}: {world.typed()}\n---\n", text, count=1)

    _change(world, typed)


def leads_a_link_elsewhere(world: World) -> None:
    to = world.chance.choice(("Rotation", "Badger", "Nowhere"))
    _change(world, lambda text: re.sub(r"\[\[([^\]|\n\\]+)", f"[[{to}", text, count=world.chance.randint(1, 3)))


def merges_an_old_version(world: World) -> None:
    """Have git merge notes with what they were some time ago, conflicts and all."""
    old = world.root.with_name("notes-before")
    for path in world.notes():
        kept = old / path.relative_to(world.root)
        if kept.exists() and world.chance.random() < 0.1:
            path.write_bytes(merged_by_git(path.read_bytes(), b"", kept.read_bytes(), old)[0])
        elif not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(path.read_bytes())


def gives_a_thesis_another_id(world: World) -> None:
    path = world.chance.choice(sorted((world.root / "data/theses").glob("*.yaml")))
    new = f"id-{world.word()}"
    path.rename(path.with_stem(new))
    for each in (world.root / "data/theses").glob("*.yaml"):
        each.write_text(re.sub(rf"\b{path.stem}\b(?![- ])", new, each.read_text()))


def swaps_two_titles(world: World) -> None:
    paths = sorted((world.root / "data/theses").glob("*.yaml"))
    if len(paths) < 2:
        return
    one, other = world.chance.sample(paths, 2)
    titles = [re.findall(r"(?m)^title: .*$", path.read_text())[:1] for path in (one, other)]
    if all(titles):
        one.write_text(one.read_text().replace(titles[0][0], titles[1][0], 1))
        other.write_text(other.read_text().replace(titles[1][0], titles[0][0], 1))


def judges_prices(world: World) -> None:
    ticker, day = world.chance.choice(("AAA", "BBB", "MKT")), str(world.chance.choice(list(sessions())[-200:]))
    words = world.chance.choice(
        (
            ("--accept",),
            ("--reject",),
            ("--add-dividend", day, "1.5", "--reason", "x"),
            ("--add-split", day, "2:1", "--reason", "x"),
            ("--drop-split", day, "--reason", "x"),
        )
    )
    said = call("prices", ticker, *words, "-w", world.root)
    assert "No such option" not in said.err, said


OF_NOTES: tuple[Callable[[World], None], ...] = (
    *(types_into_a_region, types_into_a_region, takes_a_region_away, puts_a_region_elsewhere, has_notes_formatted),
    *(has_notes_formatted, types_into_the_properties, leads_a_link_elsewhere, merges_an_old_version),
    *(gives_a_thesis_another_id, swaps_two_titles, judges_prices),
)
