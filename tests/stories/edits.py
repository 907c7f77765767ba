"""Further edits of a world: names, baskets, episodes, fundamentals, settings, days, commands, kills and old states."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.stories.kills import killed_at
from tests.stories.workspaces import call
from thesisvault.market.bars import Snapshot, day_number
from thesisvault.market.store.store import Store
from thesisvault.sealed import _seal, _seal_of

if TYPE_CHECKING:
    from tests.stories.worlds import World

TICKERS = ("AAA", "BBB", "MKT", "GAP", "NEW", "EUR1")
LATER = ("2024-07-01", "2024-07-02", "2024-07-03", "2024-07-05")


def renames_a_ticker(world: World) -> None:
    to = world.chance.choice(
        ["", "renamed_to: BBB", "renamed_to: AAA", "renamed_to: NEW", "renamed_to: BBB, short: Elder"]
    )
    name = world.chance.choice(["Old badger", "Older badger", "Elder"])
    world.replace("data/instruments.yaml", r"(?m)^OLD: .*", f"OLD: {{name: {name}, kind: stock, {to}}}")


def edits_a_basket(world: World) -> None:
    path = world.chance.choice(["data/baskets/pair.yaml", "data/baskets/trio.yaml"])
    title = world.chance.choice(["The pair", "Trio", world.word()])
    members = world.chance.choice(
        [
            *("[AAA, BBB]", "[BBB, MKT]", "{AAA: 10%, BBB: 90%}", "[AAA, OLD]", "[EUR1, AAA]", "[NEW, GAP]"),
            "{2023-06-01: [AAA, BBB], 2024-02-01: [BBB, MKT]}",
            *(["[pair, MKT]"] if "trio" in path else []),
        ]
    )
    more = world.chance.choice(
        ["", "rebalance: quarterly", "rebalance: never", "currency: EUR", "base: 2024-01-02", f"short: {world.word()}"]
    )
    world.write(path, f"title: {title}\nmembers: {members}\n{more}\n")


def edits_a_claim(world: World) -> None:
    name = world.chance.choice(["europe", "left-to-right"])
    unit, sources = ("pp", ("heard", "told")) if name == "europe" else ("%", ("hearsay",))
    author = world.chance.choice(["[[Central bank]]", "[[Badger]]", "nobody"])
    what, new = world.chance.choice(
        [
            (r"at_least: \d+(%|pp)", f"at_least: {world.chance.choice([0, 1, 20, 100])}{unit}"),
            (r"expect: \d+%", f"expect: {world.chance.randint(1, 40)}%"),
            (r"says: \w+", f"says: {world.word()}"),
            (r"source: (heard|told|hearsay)", f"source: {world.chance.choice(sources)}"),
            (r'by: ".*?"', f'by: "{author}"'),
            (r"spread\('\w+'", f"spread('{world.chance.choice(['BBB', 'AAA', 'EUR1'])}'"),
            (r"ret\('pair'", f"ret('{world.chance.choice(['pair', 'AAA', 'EUR1'])}'"),
            (r"on: 2024-06-2\d", f"on: {world.chance.choice(['2024-06-20', '2024-06-28'])}"),
            (r"(?m)^claims:\n(  - .*\n)+", ""),
        ]
    )
    world.replace(f"data/theses/{name}.yaml", what, new)


def edits_an_episode(world: World) -> None:
    what, new = world.chance.choice(
        [
            (r"hold: \[AAA.*?\]", f"hold: [{world.chance.choice(['AAA', 'AAA, MKT', 'AAA, EUR1'])}]"),
            (r"hold: \[BBB.*?\]", f"hold: [{world.chance.choice(['BBB', 'BBB, MKT', 'BBB, GAP'])}]"),
            (r"\{name: \w+ then", f"{{name: {world.word().capitalize()} then"),
            (r"start: .*", f"start: {world.chance.choice(['2023-03-01', '2023-04-03'])}"),
            (r"\Z", f"  # {world.word()}\n"),
            (r"title: .*", f"title: The turn {world.word()}"),
        ]
    )
    world.replace("data/episodes.yaml", what, new)


def edits_a_universe(world: World) -> None:
    path = world.root / f"data/universes/{world.chance.choice(['three', 'more', 'more'])}.txt"
    if path.stem == "more" and path.exists() and world.chance.random() < 0.5:
        path.unlink()
    else:
        some = world.chance.sample([*TICKERS, "OLD", "XYZ"], world.chance.randint(2, 5))
        path.write_text(" ".join(some) + "\n")


def stores_a_fundamental(world: World) -> None:
    values = {name: world.chance.uniform(5, 30) for name in ("forward_pe", "market_cap", "dividend_yield")}
    day = dt.date(2024, 6, world.chance.randint(3, 28))
    with Store(world.root / "data/market/store.sqlite") as store:
        ticker = world.chance.choice(["AAA", "BBB", "EUR1"])
        moment = dt.datetime.combine(day, dt.time(22), dt.UTC)
        store.ledger.keep_snapshot(ticker, day_number(day), Snapshot(values, "USD"), "yahoo", moment)


def changes_any_setting(world: World) -> None:
    name, value = world.chance.choice(
        [
            *(("follow_links", "true"), ("follow_links", "false"), ("trust", "code"), ("folder", "Ours")),
            *(("refresh", "{pause: 2s}"), ("home_currency", "EUR"), ("home_currency", "GBP"), ("benchmark", "BBB")),
        ]
    )
    text = re.sub(rf"(?m)^{name}: .*\n", "", world.read("thesisvault.yaml"))
    world.write("thesisvault.yaml", text + (f"{name}: {value}\n" if world.chance.random() < 0.7 else ""))
    if "benchmark" not in world.read("thesisvault.yaml"):
        world.write("thesisvault.yaml", world.read("thesisvault.yaml") + "benchmark: MKT\n")


def edits_any_template(world: World) -> None:
    from thesisvault.workspace import packaged

    every = sorted(path.relative_to(packaged("templates")) for path in packaged("templates").rglob("*.j2"))
    name = world.chance.choice(every)
    path = world.root / "templates" / name
    if path.exists() and world.chance.random() < 0.6:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((packaged("templates") / name).read_text() + f"{{# {world.word()} #}}\n")
        if world.chance.random() < 0.5:
            path.write_text(re.sub(r"(?m)^(#+ .*)$", rf"\1 {world.word()}", path.read_text(), count=1))


def moves_the_day(world: World) -> None:
    if world.chance.random() < 0.4:
        day = world.chance.choice(LATER)
        for path in sorted((world.root / "prices").glob("*.csv")):
            lines = path.read_text().splitlines()
            if lines[-1] < day and path.stem != "GAP":
                close = float(lines[-1].split(",")[1]) * world.chance.choice([1, 1.01, 0.98])
                path.write_text("\n".join([*lines, f"{day},{close:.2f}", ""]))
        call("refresh", "-w", world.root)
    world.replace(
        "thesisvault.yaml", r"as_of: .*", f"as_of: {world.chance.choice([*LATER, '2024-06-28', '2024-06-20'])}"
    )


def edits_without_a_change_of_size_or_time(world: World) -> None:
    paths = [*(world.root / "data/theses").glob("*.yaml"), world.root / "data/entities.yaml", *world.notes()]
    path = world.chance.choice(sorted(paths))
    about, text = path.stat(), path.read_text()
    if words := list(re.finditer(r"(?<=[a-z] )(this|they|side|then|rate|from|year|word)\b", text)):
        at = world.chance.choice(words)
        path.write_text(text[: at.start()] + world.chance.choice(["this", "side", "full"]) + text[at.end() :])
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def writes_about_a_thing(world: World) -> None:
    about = world.chance.choice(
        ["ticker: AAA", "ticker: BBB", "aliases: [Badger Works]", "title: Aardvark", "tags: [x]"]
    )
    world.write(
        f"vault/Own/{world.chance.choice(['On it', 'Badger Works', 'Whole market'])}.md", f"---\n{about}\n---\nx\n"
    )


def takes_a_thing_from_its_note(world: World) -> None:
    if notes := [note for note in world.notes() if "Own" not in note.parts]:
        path = world.chance.choice(notes)
        text = path.read_text()
        what = world.chance.choice([r"(?s)^---\n.*?\n---\n", r"(?m)^(#+ .*)$", r"(?m)^id: .*\n", r"(?m)^.*%%.*\n"])
        path.write_text(re.sub(what, "", text, count=1))


def has_a_part_built(world: World) -> None:
    words = world.chance.choice(
        [
            *(["build", "left-to-right"], ["build", "AAA"], ["build", "Home"], ["check"]),
            *(["build", "--as-of", "2024-06-20"], ["build", "--check"], ["why", "--next"], ["prune"]),
        ]
    )
    said = call(*words, *(["--offline"] if words[0] == "build" else []), "-w", world.root)
    assert "No such option" not in said.err, said


def renames_or_restores(world: World) -> None:
    titles = ["Badger", "Aardvark", "Central bank", "The pair", "Left to right"]
    words = world.chance.choice([["rename", world.chance.choice(titles), f"Called {world.word()}"], ["restore"]])
    call(*words, *([world.chance.choice(titles)] if words == ["restore"] else []), "-w", world.root)


def is_killed(world: World) -> None:
    world.edit()
    killed_at(world.chance.randint(1, 60), lambda: call("build", "--offline", "-w", world.root))


def brings_old_files_back(world: World) -> None:
    """Have the state, or single notes, of some time ago beside the newer rest; the state as if it were of this disk."""
    old = world.root.with_name("old")
    if not old.exists() or world.chance.random() < 0.3:
        shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(world.root, old)
    elif world.chance.random() < 0.5:
        for name in world.chance.sample(
            ["made.notes", "checked.json", "series.map", "definitions.kept", "notes.json", "memory.kept"], 2
        ):
            _bring(old / ".thesisvault" / name, world.root / ".thesisvault" / name)
    else:
        notes = sorted(path.relative_to(old) for path in (old / "vault").rglob("*.md"))
        for name in world.chance.sample(notes, min(3, len(notes))):
            _bring(old / name, world.root / name)


def _bring(old: Path, now: Path) -> None:
    if old.exists() and now.parent.exists():
        shutil.copy2(old, now)
        if _seal_of(now).exists():
            _seal_of(now).write_bytes(_seal(now))


def has_another_machine_write(world: World) -> None:
    """Edit, build a copy as another machine would, and have its vault and memory come here, and no state."""
    other = world.root.with_name("other")
    world.edit()
    shutil.rmtree(other, ignore_errors=True)  # the edit may have been the same
    shutil.copytree(world.root, other)
    shutil.rmtree(other / ".thesisvault", ignore_errors=True)
    if call("build", "--offline", "-w", other).status == 0:
        shutil.rmtree(world.root / "vault")
        shutil.copytree(other / "vault", world.root / "vault")
        shutil.copy2(other / "data/notes.yaml", world.root / "data/notes.yaml")


FURTHER: tuple[Callable[[World], None], ...] = (
    *(
        renames_a_ticker,
        edits_a_basket,
        edits_a_claim,
        edits_a_claim,
        edits_an_episode,
        edits_a_universe,
        stores_a_fundamental,
        changes_any_setting,
    ),
    *(edits_any_template, moves_the_day, edits_without_a_change_of_size_or_time, writes_about_a_thing),
    *(takes_a_thing_from_its_note, has_a_part_built, renames_or_restores, is_killed, brings_old_files_back),
    *(has_another_machine_write,),
)
