"""Several machines that share a workspace by git: each builds, commits, and merges what the other did."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.stories.workspaces import Said, call

_NAMELESS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
_NOT_SHARED = ".thesisvault/\nprices/\ndata/market/\n"


def git(root: Path, *words: str, may_fail: bool = False) -> str:
    """Return what git says to these words in a repository of a nobody's."""
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *words], cwd=root, env={**os.environ, **_NAMELESS}, capture_output=True, text=True, check=False
    )
    assert may_fail or done.returncode == 0, done
    return done.stdout + done.stderr


def shared(root: Path) -> Path:
    """Have git keep a workspace that was built; return its root."""
    (root / ".gitignore").write_text(_NOT_SHARED)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=start")
    return root


def second(root: Path, to: Path) -> Path:
    """Return the workspace of another machine, which has everything that the first one has."""
    return Path(shutil.copytree(root, to))


def commit(root: Path) -> None:
    """Commit whatever has changed."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message=work")


def merge_from(root: Path, other: Path, *words: str) -> list[str]:
    """Merge what another machine committed, leave the conflicts in the files, and return the paths of those."""
    git(root, "fetch", "--quiet", str(other), "main")
    git(root, *words, "merge", "--quiet", "--no-edit", "FETCH_HEAD", may_fail=True)
    return git(root, "diff", "--name-only", "--diff-filter=U").split("\n")[:-1]


def build(root: Path, *words: str) -> Said:
    """Build without a network, and find that it ends well."""
    said = call("build", "-w", root, "--offline", *words)
    assert said.status == 0, said
    return said


def merged_by_git(mine: bytes, base: bytes, theirs: bytes, folder: Path) -> tuple[bytes, bool]:
    """Return a file as git merges it, and whether it could not, as it does with one that it takes for no text."""
    paths = [folder / name for name in ("mine", "base", "theirs")]
    for path, data in zip(paths, (mine, base, theirs), strict=True):
        path.write_bytes(data)
    done = subprocess.run(["git", "merge-file", "-p", *paths], capture_output=True, check=False)
    return (mine, True) if done.returncode > 127 else (done.stdout, False)
