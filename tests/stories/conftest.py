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


@pytest.fixture(scope="session")
def demo_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, as the command makes it; nobody may change it."""
    root = tmp_path_factory.mktemp("demo") / "demo"
    said = call("demo", root)
    assert said.status == 0, said
    return root


@pytest.fixture
def demo(demo_built: Path, tmp_path: Path) -> Path:
    """A copy of the demo of one's own."""
    return Path(shutil.copytree(demo_built, tmp_path / "demo"))
