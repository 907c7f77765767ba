"""The wheel works on its own: built, installed into an empty environment, and run far from the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

Environment = dict[str, str]


def run(*words: str | Path, cwd: Path, env: Environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=900
    )


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory, outside_environment: Environment) -> Path:
    """The wheel as a release would have it: from the source archive, which so proves to hold all that is needed."""
    folder = tmp_path_factory.mktemp("dist")
    words = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, root)
    done = run(*words, cwd=folder, env=outside_environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(
    root: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory, outside_environment: Environment
) -> Path:
    """The folder of commands of an environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", commands / ("python.exe" if os.name == "nt" else "python"))
    words = ("install", "--quiet", "--retries=1", "--timeout=20", "-c", root / "constraints.txt", wheel)
    done = run(*pip, *words, cwd=folder, env=outside_environment)
    if done.returncode and any(sign in done.stderr for sign in ("connection broken", "Could not fetch URL")):
        pytest.skip("no package index within reach")
    assert done.returncode == 0, done.stdout + done.stderr
    return commands


def test_the_wheel_holds_what_the_repository_has_beside_the_package(root: Path, wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"thesisvault/_packaged/{path.relative_to(root).as_posix()}"
        for folder in ("templates", "schema")
        for path in (root / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert wanted
    assert wanted <= held


def test_the_wheel_holds_every_file_of_the_package_and_no_other(root: Path, wheel: Path) -> None:
    listing = subprocess.run(["git", "ls-files", "-z", "generator"], cwd=root, capture_output=True)
    if listing.returncode or not listing.stdout:
        pytest.skip("not a git checkout: nothing says which files belong to the package")
    there = {
        name.removeprefix("generator/")
        for name in listing.stdout.decode().split("\0")
        if name and (root / name).is_file()
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert there <= held
    assert {name.split("/")[0] for name in held} == {"thesisvault"}
    assert "thesisvault/py.typed" in held


def test_the_demo_can_be_built_and_checked_far_from_the_repository(
    installed: Path, tmp_path: Path, outside_environment: Environment
) -> None:
    command = shutil.which("thesisvault", path=str(installed))
    assert command
    env = {**outside_environment, "PYTHONPATH": "", "THESISVAULT_MARKET": ""}
    version = run(command, "--version", cwd=tmp_path, env=env)
    assert version.returncode == 0, version.stderr
    assert "thesisvault" in version.stdout
    built = run(command, "demo", "trial", cwd=tmp_path, env=env)
    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "trial" / "vault" / "Home.md").is_file()
    checked = run(command, "check", cwd=tmp_path / "trial", env=env)
    assert checked.returncode == 0, checked.stdout + checked.stderr
