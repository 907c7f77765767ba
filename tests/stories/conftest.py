"""Workspaces that stories start from: made once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.stories.workspaces import call, make_tiny


@pytest.fixture(scope="session")
def tiny_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small workspace, built; nobody may change it."""
    root = make_tiny(tmp_path_factory.mktemp("tiny") / "ws")
    said = call("build", "-w", root, "--offline")
    assert said.status == 0, said
    return root


@pytest.fixture
def tiny(tiny_built: Path, tmp_path: Path) -> Path:
    """A copy of the small workspace of one's own, built."""
    return Path(shutil.copytree(tiny_built, tmp_path / "ws"))
