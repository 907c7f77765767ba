"""Sixty evenings in a row through `run`, faults on one in five: the vault ends as a clean build of the last day."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.loopback import faults
from tests.loopback.exchange import Exchange, Listing, walk
from tests.loopback.fifty import DAYS, change, evening
from tests.loopback.proxy import Answer
from tests.stories.workspaces import Said, call
from thesisvault.cli import options

pytestmark = pytest.mark.usefixtures("new_client")

EVENINGS = DAYS[-60:]
SCREEN = 24
"""Lines of a screen, which no evening's report may exceed."""
NAMES = ("BUY", "SELL", "MARK", "PAYS", "PARTS")
INSTRUMENTS = "".join(f"{name}: {{name: Company {name.title()}, kind: stock}}\n" for name in NAMES)
THESIS = """\
title: Sell to buy
opened: 2025-12-01
verdict: "The lead is {{ spread(buy, sell, over) | pp }}."
summary: "Since autumn {{ ret('PAYS', '3m') | pct }} and {{ ret('PARTS', '3m') | pct }}; at {{ close('PARTS') | usd }}."
buy: {hold: [BUY, PAYS]}
sell: {hold: [SELL]}
benchmark: MARK
over: 3m
signals:
  - {name: Above its mean, when: "close('PARTS') > sma('PARTS', 20)"}
claims:
  - {says: It doubled, check: "ret('BUY', '3m')", at_least: 100%}
sections:
  - heading: Figures
    blocks:
      - returns: {of: [buy, sell, benchmark, PARTS], over: [1d, 5d, mtd, 3m]}
"""


def listings() -> list[Listing]:
    """Return five listings; one pays every month, one is split three for one on the way."""
    split = EVENINGS[30]
    parts = {day: round(price / (3 if day >= split else 1), 2) for day, price in walk(120.0, DAYS, 4).items()}
    return [
        *(Listing(name, walk(40.0 + 7 * n, DAYS, n)) for n, name in enumerate(("BUY", "SELL", "MARK"))),
        Listing("PAYS", walk(80.0, DAYS, 3), dividends=dict.fromkeys(DAYS[5::21], 0.41)),
        Listing("PARTS", parts, splits={split: 3.0}),
    ]


def workspace(folder: Path) -> Path:
    """Make a workspace that asks the imitation of Yahoo."""
    (folder / "data/theses").mkdir(parents=True)
    change(folder, benchmark="MARK", timeout="30s", wait_limit="1s", time_limit="2m")
    (folder / "data/instruments.yaml").write_text(INSTRUMENTS)
    (folder / "data/theses/turn.yaml").write_text(THESIS)
    return folder


def run(root: Path, exchange: Exchange, day: dt.date) -> Said:
    """Run as a scheduler does, on the evening of a day."""
    exchange.moment = evening(day)
    with patch.object(options, "now", lambda: evening(day)):
        return call("run", "-w", root)


def spoil(exchange: Exchange, day: dt.date, dice: random.Random) -> None:
    """Switch one fault on: a source that answers nonsense, refuses, or tells of one symbol what is not so."""
    name = dice.choice(NAMES)
    answers = [Answer(500), Answer(429), faults.HTML_PAGE, faults.CUT_JSON, faults.RESET]
    tamperings = [
        faults.nulls(1),
        faults.scaled(day, 100.0),
        faults.scaled(day, 0.5),
        faults.missing(day),
        faults.empty,
        faults.disordered,
        faults.replaced(day, 0.0),
    ]
    fault = dice.choice([*answers, *tamperings])
    if isinstance(fault, Answer):
        exchange.refuse(fault, dice.choice([name, None]))
    else:
        exchange.tamper(fault, name)


def vault(root: Path) -> dict[str, object]:
    """Return every file of the vault; the order in which types of properties were added does not count."""
    found: dict[str, object] = {}
    for path in (root / "vault").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found[path.relative_to(root).as_posix()] = json.loads(content) if path.suffix == ".json" else content
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_after_sixty_evenings_the_vault_is_a_clean_build(exchange: Exchange, tmp_path: Path, seed: int) -> None:
    exchange.admit(*listings())
    root, dice = workspace(tmp_path / "old"), random.Random(seed)
    spoiled = set(dice.sample(EVENINGS[1:-3], len(EVENINGS) // 5))
    for day in EVENINGS:
        exchange.mend()
        if day in spoiled:
            spoil(exchange, day, dice)
        said = run(root, exchange, day)
        assert said.status in ((0, 5) if day in spoiled else (0,)), (day, said)
        assert "internal error" not in said.all
        assert "Traceback" not in said.all
        assert len(said.all.splitlines()) <= SCREEN, said
    fresh = workspace(tmp_path / "new")
    assert run(fresh, exchange, EVENINGS[-1]).status == 0
    old, new = vault(root), vault(fresh)
    assert old.keys() == new.keys()
    assert {name for name in new if old[name] != new[name]} == set()
