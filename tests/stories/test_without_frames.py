"""No build and no check loads pandas, whatever charts, blocks and series a workspace has: its prices are stored."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.rich import make_rich
from tests.stories.workspaces import call, edit, unmeasured

MACRO = """
CPI: {name: Price level, kind: macro, unit: index, frequency: monthly, lag: 14d}
RATE: {name: A yield, kind: macro, unit: "%", frequency: weekly, lag: 2d}
"""
CHARTS = """
title: All kinds of charts
kind: concept
summary: "{{ change('CPI', '1y') }} and {{ level('RATE') | share }}, {{ corr('XOM', 'CPI', '3y') }}."
sections:
  - heading: Charts
    blocks:
      - chart: {pair: [XOM, AMD], over: 90d}
      - chart: {ratio: [XOM, AMD], over: 1y, average: 50}
      - chart: {lines: [CPI, RATE, ^GSPC], over: 5y}
      - chart: {lines: [tech, oil-majors, RATE], over: 1y}
      - chart: {drawdown: [XOM, ^GSPC], over: max}
      - chart: {annual: [XOM, AMD], years: ["2021", ytd]}
      - chart: {breadth: "ret('companies', '20d') > 0", over: 1y}
      - chart: {correlation: tech, over: 1y}
      - chart: {rotation: [XOM, AMD, JPM], against: ^GSPC}
      - text: "{{ ret('VLUE | ^GSPC', '15y') | pct }}"
      - text: "{{ contribution('tech', 'AMD', 'ytd') | pp }} {{ weight('tech', 'AMD') | pct }}"
"""
RUN = """
import json, sys
from thesisvault.cli.main import main
sys.argv[1:], to = sys.argv[2:], sys.argv[1]
try:
    main()
except SystemExit as ended:
    with open(to, "w") as file:
        json.dump([ended.code, sorted(sys.modules)], file)
"""


def loaded(root: Path, *words: str) -> set[str]:
    """Return what the command line loads for these words, in a process of its own."""
    to = root.parent / "loaded.json"
    command = [sys.executable, "-c", RUN, str(to), *words, "-w", str(root)]
    done = subprocess.run(command, env=unmeasured(), capture_output=True, text=True, check=False)
    status, modules = json.loads(to.read_text())
    assert status == 0, done.stderr
    return set(modules)


@pytest.fixture(scope="module")
def root(demo_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo with all kinds of blocks, charts and macro series, whose values are stored; built on the day before."""
    root = Path(shutil.copytree(demo_built, tmp_path_factory.mktemp("every") / "ws"))
    make_rich(root, 1)
    instruments = root / "data/instruments.yaml"
    instruments.write_text(instruments.read_text("utf-8") + MACRO, encoding="utf-8")
    (root / "data/theses/all-charts.yaml").write_text(CHARTS, encoding="utf-8")
    edit(root / "thesisvault.yaml", "providers: [sample]", "providers: [sample, {csv: {folder: macro, layout: fred}}]")
    (root / "macro").mkdir()
    months = [f"{2010 + n // 12}-{n % 12 + 1:02}-01,{200 + n}" for n in range(155)]
    (root / "macro/CPI.csv").write_text("\n".join(["observation_date,CPI", *months, ""]))
    weeks = [f"{dt.date(2015, 1, 7) + dt.timedelta(7 * n)},{2 + n % 17 / 10}" for n in range(415)]
    (root / "macro/RATE.csv").write_text("\n".join(["observation_date,RATE", *weeks, ""]))
    call("refresh", "-w", root)
    assert call("build", "--offline", "--as-of", "2022-12-27", "-w", root).status == 0
    return root


def test_neither_a_new_day_nor_an_edit_nor_a_check_nor_a_build_of_everything_loads_pandas(root: Path) -> None:
    def modules(*words: str) -> set[str]:
        found = loaded(root, *words)
        assert not {"pandas", "exchange_calendars"} & found, words
        return found

    pictures = {path.name: path.stat().st_mtime_ns for path in root.glob("vault/**/*.png")}
    assert sum("all-charts" in name for name in pictures) == 9
    assert "thesisvault.charts.sheet" in modules("build", "--offline")
    drawn = {path.name for path in root.glob("vault/**/*.png") if path.stat().st_mtime_ns != pictures.get(path.name)}
    assert sum("all-charts" in name for name in drawn) >= 7, "a new day draws what moved"
    edit(root / "data/theses/all-charts.yaml", "{pair: [XOM, AMD], over: 90d}", "{pair: [AMD, XOM], over: 80d}")
    assert "thesisvault.charts.sheet" in modules("build", "--offline")
    modules("check")
    shutil.rmtree(root / ".thesisvault")
    for path in root.glob("vault/**/*.png"):
        path.unlink()
    assert "thesisvault.charts.sheet" in modules("build", "--offline", "--clean")
