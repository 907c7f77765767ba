"""What a build holds at most: a hundred MiB, and a twentieth of one for each thesis."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.workspaces import unmeasured

THESES = 20
RUN = """
import os, sys
from thesisvault.surroundings import settle
settle()
from thesisvault.cli.main import main
sys.argv = ["thesisvault", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    with open("/proc/self/status") as status:
        sys.stderr.write(next(line for line in status if line.startswith("VmHWM")))
    sys.stderr.flush()
    os._exit(ended.code or 0)
"""


def held(root: Path, *words: str) -> float:
    """Return how many MiB a command in a process of its own has held at most."""
    command = [sys.executable, "-c", RUN, *words]
    said = subprocess.run(command, cwd=root, env=unmeasured(), capture_output=True, text=True, check=False)
    assert said.returncode == 0, said
    return int(said.stderr.split()[-2]) / 1024


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(__file__).resolve().parents[2] / "bench/generated.py"
    spec = importlib.util.spec_from_file_location("generated", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path_factory.mktemp("memory") / "ws"
    module.generate(root, THESES)
    held(root, "refresh", "--as-of", "2026-02-27")
    return root


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells what a process has held")
def test_a_build_holds_no_more_than_is_promised(generated: Path) -> None:
    most = 100 + 0.05 * THESES
    build = ("build", "--offline", "--executor", "inline")
    cases = {
        "from nothing": held(generated, *build),
        "with nothing to do": held(generated, *build),
        "of another day": held(generated, *build, "--as-of", "2026-02-26"),
    }
    assert {name: mib for name, mib in cases.items() if mib > most} == {}
    assert cases["with nothing to do"] < cases["from nothing"]
