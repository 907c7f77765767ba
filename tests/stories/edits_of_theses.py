"""Further edits of a world that many notes show: claims, authors, states of theses, runs, and sides of baskets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.stories.workspaces import call

if TYPE_CHECKING:
    from tests.stories.worlds import World

THESES = ("left-to-right", "rotation", "europe", "wide", "gap", "twin")
SIDED = ("left-to-right", "europe", "wide", "twin")
SOURCES = {"left-to-right": ("hearsay",), "europe": ("heard", "told")}
CHECKS = (
    *("ret('BBB', 'ytd')", "ret('pair', 'ytd')", "spread('AAA', 'MKT', '90d')", "ret('OLD', '60d')"),
    *("spread(buy, sell, 'ytd')", "ret(sell, '60d')", "ret('EUR1:USD', 'ytd')", "ret('trio', '90d')"),
    *("spread('NEW|AAA', 'MKT', 'ytd')", "ret(buy, '1d')", "ret(benchmark, 'ytd')", "ret('GAP', '90d')"),
)
AUTHORS = (
    *("[[Central bank]]", "[[Badger]]", "nobody", "[[The office]]", "[[Central bank]], [[The office]]", "[[Nowhere]]"),
    *("[[Left to right]]", "[[The pair]] and [[Central bank]]", "The office"),
)


def _there(world: World, name: str) -> str:
    path = world.root / f"data/theses/{name}.yaml"
    return path.read_text() if path.exists() else ""


def _set(world: World, name: str, key: str, value: str) -> None:
    """Give a thesis a key that stands in one line, or take it away."""
    if text := _there(world, name):
        text = re.sub(rf"(?m)^{key}: .*\n", "", text)
        world.write(f"data/theses/{name}.yaml", text + (f"{key}: {value}\n" if value else ""))


def adds_a_claim(world: World) -> None:
    name = world.chance.choice(tuple(SOURCES))
    text = _there(world, name)
    check, form = world.chance.choice(CHECKS), world.chance.choice(("at_least", "at_most", "expect"))
    unit = "pp" if "spread" in check else "%"
    day = world.chance.choice(("", ", on: 2024-06-27", ", on: 2024-03-28"))
    source = world.chance.choice(("", f", source: {world.chance.choice(SOURCES[name])}"))
    says = world.chance.choice((f"Said {world.word()}", "It is said again", "That [[Badger]] leads"))
    claim = f'  - {{says: {says!r}, check: "{check}", {form}: {world.chance.randint(-3, 9)}{unit}{day}{source}}}\n'
    if "claims:\n" in text:
        world.write(f"data/theses/{name}.yaml", text.replace("claims:\n", f"claims:\n{claim}", 1))
    elif text:
        world.write(f"data/theses/{name}.yaml", f"{text}claims:\n{claim}")


def takes_a_claim_away(world: World) -> None:
    name = world.chance.choice(tuple(SOURCES))
    claims = re.findall(r"(?m)^  - \{says: .*\n", _there(world, name))
    if len(claims) > 1:
        world.write(f"data/theses/{name}.yaml", _there(world, name).replace(world.chance.choice(claims), "", 1))


def changes_an_author(world: World) -> None:
    name = world.chance.choice(tuple(SOURCES))
    text = _there(world, name)
    if found := re.findall(r"id: \w+, title: \w+, by: [^}]*?(?=, on|\})", text):
        old = world.chance.choice(found)
        author = world.chance.choice(AUTHORS)
        title = world.chance.choice(("Heard", "Overheard", world.word()))
        kept = re.match(r"id: \w+", old)
        assert kept
        world.write(f"data/theses/{name}.yaml", text.replace(old, f'{kept[0]}, title: {title}, by: "{author}"', 1))


def changes_the_entities(world: World) -> None:
    bank = world.chance.choice(
        (
            "bank: {name: Central bank, kind: institution, what: Sets the rate.}\n",
            "bank: {name: Central bank, kind: person}\n",
            "bank: {name: The bank, aliases: [Central bank], kind: institution}\n",
        )
    )
    office = world.chance.choice(
        (
            "",
            "office: {name: The office, kind: firm, what: \"Says {{ ret('AAA', '5d') | pct }}.\"}\n",
            "office: {name: The office, kind: institution, aliases: [Nowhere]}\n",
        )
    )
    world.write("data/entities.yaml", bank + office if world.chance.random() < 0.7 else office + bank)


def changes_the_state_of_a_thesis(world: World) -> None:
    name = world.chance.choice(THESES)
    key, value = world.chance.choice(
        (
            *(("status", "closed"), ("status", "watching"), ("status", "idea"), ("status", "active")),
            *(("closed", "2024-06-14"), ("closed", ""), ("opened", "2024-02-05"), ("opened", "2024-06-28")),
            *(("opened", "2024-06-27"), ("opened", ""), ("opened", "2023-11-01"), ("conviction", "2")),
            *(("conviction", "5"), ("review_every", "30d"), ("review_every", ""), ("reviewed", "2024-06-20")),
            *(("over", "since opened"), ("over", "90d"), ("tags", "[one, two]")),
            ("title", world.chance.choice(("Left to right", "Another turn", "The office", "Central bank"))),
        )
    )
    _set(world, name, key, value)


def changes_the_sides_of_a_thesis(world: World) -> None:
    name = world.chance.choice(SIDED)
    side = world.chance.choice(("buy", "sell"))
    held = world.chance.choice(("AAA", "BBB", "pair", "trio", "OLD", "NEW|AAA", "AAA, MKT", "EUR1", "GAP", "MKT"))
    called = world.chance.choice(("", f"name: {world.word().capitalize()}, ", "name: Left, "))
    _set(world, name, side, f"{{{called}hold: [{held}]}}")


def makes_a_twin(world: World) -> None:
    """Have a thesis that says of the same things what another says: the same claim, sides, scenario and day."""
    path = world.root / "data/theses/twin.yaml"
    if path.exists() and world.chance.random() < 0.5:
        path.unlink()
        return
    claims = (
        f"claims:\n  - {{says: Badger doubled {world.word()}, check: \"ret('BBB', 'ytd')\","
        " at_least: 100%, on: 2024-06-28, source: hearsay}\n"
    )
    world.write(
        "data/theses/twin.yaml",
        f"title: {world.chance.choice(('A twin', 'Twin', 'Zwilling'))}\nopened: 2024-01-03\nreview_every: 10d\n"
        "buy: {name: Right, hold: [BBB]}\nsell: {name: Left, hold: [AAA]}\nsummary: As [[Left to right]] says.\n"
        "scenarios:\n  - {id: cut, if: Rates fall, then: widens, because: x, by: 2024-07-03}\n"
        "signals:\n  - {name: Left is back, when: \"ret(sell, '5d') > ret(buy, '5d')\", means: over, kills: true}\n"
        + (claims if world.chance.random() < 0.7 else "")
        + 'sources:\n  - {id: hearsay, title: Overheard, by: "[[Central bank]]"}\n'
        "sections:\n  - heading: Drawn\n    blocks:\n"
        "      - chart: {pair: [sell, buy], over: 90d, headline: {positive: Right led, negative: Left led}}\n",
    )


def changes_a_headline(world: World) -> None:
    text = _there(world, "twin")
    new = f"headline: {{positive: Right {world.word()}, negative: Left {world.word()}}}"
    if text:
        world.write("data/theses/twin.yaml", re.sub(r"headline: \{.*?\}", new, text))


def moves_the_last_close(world: World) -> None:
    """Correct the newest close by so much that verdicts, signals and exits may turn."""
    ticker = world.chance.choice(("AAA", "BBB", "MKT", "NEW", "EUR1"))
    lines = world.read(f"prices/{ticker}.csv").splitlines()
    day, _, close = lines[-1].partition(",")
    lines[-1] = f"{day},{float(close) * world.chance.choice((0.8, 0.93, 0.97, 1.04, 1.1, 1.25)):.2f}"
    world.write(f"prices/{ticker}.csv", "\n".join([*lines, ""]))
    call("refresh", "-w", world.root)


def ends_a_run(world: World) -> None:
    """Have a run behind it that failed or did not, or none."""
    path = world.root / ".thesisvault/run.json"
    if world.chance.random() < 0.2:
        path.unlink(missing_ok=True)
        return
    status = world.chance.choice((0, 0, 3, 4, 130))
    said = f"error: {world.word()} refused." if status else "1 file written."
    results = [
        {
            "began": "2024-07-01T20:45:00+00:00",
            "ended": f"2024-07-01T20:{world.chance.randint(46, 59)}:00+00:00",
            "status": each,
            "said": said,
            "as_of": world.chance.choice(("2024-06-27", "2024-06-28", None)),
        }
        for each in (status, 0)
    ]
    path.parent.mkdir(exist_ok=True)
    good = world.chance.choice((results[1], None)) if status else results[0]
    path.write_text(json.dumps({"version": 1, "last": results[0], "last_good": good}))


def asks_for_the_status(world: World) -> None:
    """See that `status` says the same with what is kept and without."""
    cold = world.copied("cold")
    said, wanted = (call("status", "--json", "-w", root) for root in (world.root, cold))
    assert said.status == wanted.status, world.told
    assert said.out == wanted.out, world.told


OF_THESES: tuple[Callable[[World], None], ...] = (
    *(adds_a_claim, adds_a_claim, takes_a_claim_away, changes_an_author, changes_an_author, changes_the_entities),
    *(changes_the_state_of_a_thesis, changes_the_state_of_a_thesis, changes_the_sides_of_a_thesis, makes_a_twin),
    *(makes_a_twin, changes_a_headline, moves_the_last_close, moves_the_last_close, ends_a_run, asks_for_the_status),
)
