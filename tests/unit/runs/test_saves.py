"""Saves: what counts as one, and what does not."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pytest

from thesisvault.instant import TICK
from thesisvault.runs.saves import Places, differ, files_in, look, places_of
from thesisvault.session import Session

FILES = ("thesisvault.yaml", "data/theses/a.yaml", "data/baskets/b.yaml", "templates/t.md.j2", "prices/sub/X.csv")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x: y\n")
    (tmp_path / "thesisvault.yaml").write_text("providers: [yahoo, {csv: {folder: ./prices}}]\n")
    return tmp_path


def places(root: Path) -> Places:
    return places_of(Session(root, dt.datetime(2024, 7, 1, tzinfo=dt.UTC)))


def test_definitions_templates_settings_and_prices_are_looked_at(root: Path) -> None:
    where, first = places(root), look(places(root), {})
    for name in FILES:
        (root / name).write_text((root / name).read_text() + "# more\n")
        changed = differ(first, look(where, first))
        assert str(root / name) in changed
    assert [path for path in changed if where.are_prices(path)] == [str(root / "prices/sub/X.csv")]
    assert len(changed) == len(FILES)


@pytest.mark.parametrize(
    "name",
    [
        *("data/notes.yaml", "data/.notes.yaml.tv-tmp", "data/market/store.sqlite", "data/market/store.sqlite-wal"),
        *("vault/Home.md", ".thesisvault/lock", "data/theses/.a.yaml.swp", "data/theses/a.yaml~", "data/theses/4913"),
        *("data/theses/#a.yaml#", "data/.git/index"),
    ],
)
def test_what_a_run_writes_and_what_editors_put_beside_a_file_is_no_save(root: Path, name: str) -> None:
    where, first = places(root), look(places(root), {})
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("new\n")
    assert differ(first, look(where, first)) == []


def test_definitions_inside_of_the_vault_are_looked_at(root: Path) -> None:
    (root / "thesisvault.yaml").write_text("vault: .\nfolder: notes\n")
    assert str(root / "data/theses/a.yaml") in look(places(root), {})


def test_a_young_file_is_known_by_its_content_where_its_times_stay(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk may count in steps of two seconds: a save in the same step changes no time."""
    path, where = root / FILES[1], places(root)
    about = path.stat()
    monkeypatch.setattr(os, "stat", lambda here, real=os.stat: about if str(here) == str(path) else real(here))
    monkeypatch.setattr(time, "time_ns", lambda: about.st_mtime_ns)
    first = look(where, {})
    path.write_text("x: z\n")
    assert differ(first, look(where, first)) == [str(path)]
    monkeypatch.setattr(time, "time_ns", lambda: about.st_mtime_ns + 2 * TICK)
    second = look(where, first)
    assert differ(first, second) == [str(path)]
    third = look(where, second)
    assert differ(second, third) == []
    assert third[str(path)].content == ""


def test_folders_that_lead_back_by_a_link_are_entered_once(root: Path) -> None:
    (root / "data/theses/back").symlink_to(root / "data")
    (root / "data/theses/deep").mkdir()
    (root / "data/theses/deep/c.yaml").write_text("x: y\n")
    found = list(files_in(root / "data", follow_links=True))
    assert len(found) == 3
    assert len(list(files_in(root / "data"))) == 4  # the link itself, and what it does not lead to
