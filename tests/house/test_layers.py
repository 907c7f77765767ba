"""The layers of the house: imports point downwards, and heavy libraries wait until they are wanted."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def test_imports_point_downwards_only(root: Path) -> None:
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert linter, 'import-linter is not installed; install it with: pip install -c constraints.txt -e ".[dev]"'
    done = subprocess.run([linter, "--no-cache"], cwd=root, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_says_what_lives_there(root: Path) -> None:
    silent = []
    for folder in sorted({path.parent for path in (root / "generator").rglob("*.py")}):
        module = folder / "__init__.py"
        tree = ast.parse(module.read_text("utf-8")) if module.is_file() else ast.Module([], [])
        if not (ast.get_docstring(tree) or "").strip():
            silent.append(module.relative_to(root).as_posix())
    assert silent == [], "a package's __init__.py holds a paragraph: what lives there and what may not"


@pytest.mark.parametrize("library", ["pandas", "numpy", "matplotlib", "yfinance", "exchange_calendars", "msgspec"])
def test_the_command_starts_without_heavy_libraries(library: str, loaded_by_the_command: set[str]) -> None:
    assert library not in loaded_by_the_command, f"import {library} inside the function that uses it"


@pytest.fixture(scope="module")
def loaded_by_the_command(root: Path) -> set[str]:
    code = "import sys, thesisvault.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return set(done.stdout.split())
