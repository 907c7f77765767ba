"""Real formatters of Markdown, as people set them: mdformat always, Prettier and remark where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

FOLDERS = "THESISVAULT_FORMATTERS"
_REMEDY = {
    "prettier": "npm install prettier",
    "remark": "npm install remark-cli remark-frontmatter remark-gfm",
    "mdformat": "pip install -e '.[dev]'",
}
_REMARK = ("--output", "--quiet", "--use", "remark-frontmatter")

# What each can be told that changes how Markdown is spelled.
WAYS: dict[str, tuple[str, ...]] = {
    "prettier": ("prettier", "--write"),
    "prettier, short lines": ("prettier", "--write", "--prose-wrap", "always", "--print-width", "60"),
    "prettier, long lines": ("prettier", "--write", "--prose-wrap", "never", "--use-tabs", "--single-quote"),
    "remark": ("remark", *_REMARK, "--use", "remark-gfm"),
    "remark without tables": ("remark", *_REMARK),
    "mdformat": ("mdformat",),
    "mdformat without tables": ("mdformat", "--extensions", "frontmatter"),
    "mdformat, short lines": ("mdformat", "--wrap", "60", "--number"),
    "mdformat, Windows": ("mdformat", "--end-of-line", "crlf", "--compact-tables", "--wrap", "no"),
}
USUAL = ("prettier", "remark", "mdformat")
_SELDOM = pytest.mark.skipif(FOLDERS not in os.environ, reason=f"takes long; wants {FOLDERS} to name a folder")
EACH_WAY = [pytest.param(name, marks=() if name in USUAL else _SELDOM) for name in WAYS]


def installed() -> list[str]:
    """Return the formatters that are here."""
    return [name for name in USUAL if _found(name)]


@cache
def _found(tool: str) -> str | None:
    named = [Path(folder).resolve() for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder]
    inside = [str(folder / below) for folder in named for below in ("node_modules/.bin", "bin", "Scripts", "")]
    inside.append(str(Path(sys.executable).parent))
    return shutil.which(tool, path=os.pathsep.join(inside)) or shutil.which(tool)


def tool(name: str) -> str:
    """Return the path of a formatter; skip the test if it is not installed."""
    found = _found(name)
    if found is None:
        pytest.skip(f"no {name}: {_REMEDY[name]}, and put it on PATH or name its folder in {FOLDERS}")
    return found


@dataclass(frozen=True)
class Way:
    """A formatter as one person has set it."""

    name: str

    def run(self, folder: Path) -> None:
        """Format every note of a folder; skip the test if the formatter is not installed."""
        name, *words = WAYS[self.name]
        program = tool(name)
        home = next((up.parent for up in Path(program).parents if up.name == "node_modules"), folder)
        # Remark looks for its plugins beside itself only if it is started there.
        done = subprocess.run([program, str(folder), *words], cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
