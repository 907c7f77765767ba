"""A kind is a file: what lies in the folders of kinds is what may be written, and nothing else has to be named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from thesisvault.blocks import chart_kinds, kinds
from thesisvault.blocks.core.block import KINDS
from thesisvault.blocks.core.chart import CHARTS

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = Path(kinds.__file__).parent
TEMPLATES = ROOT / "templates" / "blocks"


def modules(folder: Path) -> dict[str, str]:
    """The source of each module of a folder that may hold a kind, by name."""
    own = {path.stem: path.read_text("utf-8") for path in folder.glob("*.py")}
    return {name: source for name, source in own.items() if name not in ("__init__", "kinds")}


def test_every_module_of_blocks_registers_the_kind_of_its_name_and_no_other() -> None:
    registered = {name: re.findall(r'^@?register\("(\w+)"\)', source, re.M) for name, source in modules(BLOCKS).items()}
    assert registered == {name: [name] for name in registered}
    assert sorted(registered) == list(KINDS)


def test_every_module_of_charts_registers_the_kind_of_its_name_and_no_other() -> None:
    found = modules(Path(chart_kinds.__file__).parent)
    registered = {name: re.findall(r'^@chart_kind\("(\w+)"\)', source, re.M) for name, source in found.items()}
    assert registered == {name: [name] for name in registered}
    assert sorted(registered) == list(CHARTS)


def test_every_kind_has_one_template_and_every_template_a_kind() -> None:
    assert sorted(path.name for path in TEMPLATES.iterdir()) == [f"{kind}.md.j2" for kind in KINDS]


@pytest.mark.parametrize("first", ["blocks.updates", "blocks.episodes", "definitions.models.thesis"])
def test_the_order_of_kinds_does_not_hang_on_what_is_imported_first(first: str) -> None:
    code = (
        f"import thesisvault.{first}, thesisvault.blocks.kinds\n"
        "from thesisvault.blocks.core.block import KINDS\n"
        "from thesisvault.blocks.core.chart import CHARTS\n"
        "print(*KINDS, *CHARTS)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [*sorted(KINDS), *sorted(CHARTS)]
