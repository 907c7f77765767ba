"""What a build loads: nothing that computes or draws where no note is made anew."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.workspaces import spawn, unmeasured

DRAWING = "thesisvault.charts.sheet"
HEAVY = {"pandas", "matplotlib", "exchange_calendars", "yfinance", "ruamel", "numpy.ma", DRAWING}
BUILD = """
import datetime as dt, json, sys
from pathlib import Path
import thesisvault.cli.main
from thesisvault.runs.build import build_vault
from thesisvault.session import Session
session = Session(Path(sys.argv[1]), dt.datetime.now(dt.timezone.utc))
report = build_vault(session, offline=True, clean=len(sys.argv) > 2)
print(json.dumps({"written": report.written, "loaded": sorted(sys.modules)}))
"""


def built(root: Path, *words: str) -> tuple[list[str], set[str]]:
    """Return what a build in a process of its own wrote, and which heavy libraries it loaded."""
    command = [sys.executable, "-c", BUILD, str(root), *words]
    said = json.loads(subprocess.run(command, env=unmeasured(), capture_output=True, check=True).stdout)
    return said["written"], HEAVY & set(said["loaded"])


@pytest.fixture
def kept(tiny_built: Path, tmp_path: Path) -> Path:
    root = Path(shutil.copytree(tiny_built, tmp_path / "ws"))
    assert spawn("build", "--offline", cwd=root).status == 0
    return root


def test_a_build_with_nothing_to_make_loads_nothing_that_computes(kept: Path) -> None:
    assert built(kept) == ([], set())
    (kept / "vault/Own.md").write_text("A note of one's own.\n")  # all definitions are checked for links to it
    assert built(kept) == ([], set())
    for picture in kept.glob("vault/**/*.png"):
        picture.unlink()
    assert DRAWING in built(kept, "clean")[1]


def test_a_build_from_nothing_loads_no_library_for_a_part_of_it_that_is_not_used(demo: Path) -> None:
    shutil.rmtree(demo / "vault")
    written, loaded = built(demo, "clean")
    assert len(written) > 50
    assert loaded == {DRAWING}


def test_what_else_is_installed_changes_nothing_of_what_definitions_mean(kept: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    about = foreign / "meddling-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: meddling\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[pydantic]\nmeddling = meddling:plugin\n")
    (foreign / "meddling.py").write_text(
        "import pathlib\n"
        f"pathlib.Path({str(tmp_path / 'meddled')!r}).touch()\n"
        "class Plugin:\n"
        "    def new_schema_validator(self, *args, **named):\n"
        "        return None, None, None\n"
        "plugin = Plugin()\n"
    )
    build = ("build", "--clean", "--offline", "-w", kept)
    where = {"PYTHONPATH": str(foreign)}
    assert spawn(*build, env=where).status == 0
    assert not (tmp_path / "meddled").exists()
    assert spawn(*build, env={**where, "PYDANTIC_DISABLE_PLUGINS": "none"}).status == 0
    assert (tmp_path / "meddled").exists(), "a person who wants plugins has them"


COLLECTIONS = """
import gc, sys
from thesisvault import __main__
from thesisvault import surroundings
settle = surroundings.settle
def loads():
    global before
    before = sum(each["collections"] for each in gc.get_stats())
    settle()
    import thesisvault.session as session
    begin = session.Session.__init__
    def begun(self, *given):
        count = sum(each["collections"] for each in gc.get_stats()) - before
        begin(self, *given)
        print("collected", count, gc.isenabled(), gc.get_freeze_count() > 100_000, file=sys.stderr)
    session.Session.__init__ = begun
surroundings.settle = loads
__main__.main()
"""


def test_garbage_is_looked_for_once_all_is_loaded(kept: Path) -> None:
    words = [sys.executable, "-c", COLLECTIONS, "build", "--clean", "--offline"]
    done = subprocess.run(words, cwd=kept, env=unmeasured(), capture_output=True, text=True, check=True)
    assert "collected 0 True True" in done.stderr
