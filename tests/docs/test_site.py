"""The site builds from docs/ without a warning and without a network."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.page import DOCS, pages


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    # Any use of a network fails: a proxy that is not there takes every request.
    words = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-E",
        "-d",
        folder / "trees",
        DOCS,
        folder / "html",
    ]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


def test_every_page_is_on_the_site(site: Path) -> None:
    wanted = [page for page in pages() if page.path.is_relative_to(DOCS)]
    assert wanted
    for page in wanted:
        html = (site / page.path.relative_to(DOCS).with_suffix(".html")).read_text("utf-8")
        assert len(re.findall(r"<h[1-6]>", html)) >= len(page.headings), f"{page}: headings were lost"
        anchors = set(re.findall(r'<section id="([^"]+)"', html)) | set(re.findall(r'<span id="([^"]+)"', html))
        assert len(anchors) >= len(page.anchors)


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        found = re.findall(r'<(?:script|img|iframe|source)[^>]*\ssrc="(https?:)?//', page.read_text("utf-8"))
        found += re.findall(
            r'<link[^>]*rel="(?:stylesheet|preload|preconnect)"[^>]*href="https?://', page.read_text("utf-8")
        )
        assert found == [], page.name


def test_a_dead_link_would_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text((DOCS / "conf.py").read_text("utf-8"), "utf-8")
    (tmp_path / "index.md").write_text("# X\n\nSee [there](nowhere.md).\n", "utf-8")
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", tmp_path, tmp_path / "html"]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
