"""What no file of the project names: the machine that it was written on, and where its packages came from.

Nor does a file change on its way to another machine: a checkout has the bytes that were committed.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

# A path that starts at the root of somebody's disk works on one machine only. Homes of nobody are for examples.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~$)}\]<>*-])/(?:root|tmp|work|mnt|private)/\w"
    r"|(?<![\w.:/~$)}\]<>*-])/(?:home|Users)/(?!you\b|me\b|user\b|name\b)\w"
    r"|\b[A-Z]:\\+Users\\+(?!you\b|me\b|user\b|name\b)\w"
)
# Packages come from wherever pip is told to look: a company's mirror is as good as the public index. The names of hosts
# stand here in pieces, so that this file is clean itself.
PACKAGE_HOST = re.compile(
    r"\b(?:(?:test\.)?pypi|pythonhosted|npmjs|rubygems|crates|anaconda)\.(?:org|io|com)\b"
    r"|\bregistry\.[a-z]+\.(?:org|com|io)\b"
    r"|--(?:extra-)?index-[u]rl"
)


def committed_texts(root: Path) -> dict[str, str]:
    """Return what git has or would take, path by path, without what is no text."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listing, cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    texts = {}
    for name in sorted(filter(None, names)):
        path = root / name
        content = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode("utf-8", errors="replace")
    return texts


@pytest.mark.parametrize("pattern", [MACHINE_PATH, PACKAGE_HOST], ids=["paths of a machine", "hosts of packages"])
def test_no_file_names(pattern: re.Pattern[str], root: Path) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in committed_texts(root).items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("cd /" + "root/thing", True),
        ('"/' + 'tmp/x"', True),
        ("/" + "home/ann/vault", True),
        ("/home/you/vault", False),
        ("data/work/notes", False),
        ("https://example.org/home/ann", False),
    ],
)
def test_a_path_of_a_machine_is_known_by_its_start(line: str, wrong: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is wrong


def test_git_changes_no_line_end_whatever_it_is_told(root: Path) -> None:
    words = ("git", "-c", "core.autocrlf=true", "ls-files", "-z", "--eol")
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, encoding="utf-8")
    if done.returncode or not done.stdout:
        pytest.skip("not a git checkout: nothing says what git would do")
    unsure = []
    for line in filter(None, done.stdout.split("\0")):
        facts, _, name = line.partition("\t")
        kept = "i/-text" in facts and "attr/-text" in facts
        if not kept and not ("i/lf" in facts and "eol=lf" in facts) and "i/none" not in facts:
            unsure.append(f"{name}: {facts}")
    assert unsure == [], "name it in .gitattributes"
