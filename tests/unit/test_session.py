"""A session opens each thing once, when it is first wanted, and looks again after it locked or wrote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from thesisvault.errors import DefinitionError, LockedError, NoDataError
from thesisvault.session import Session

NOW = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data/theses").mkdir(parents=True)
    (tmp_path / "data/theses/oil.yaml").write_text("title: Oil\nkind: concept\nsummary: See [[My own]].\n")
    (tmp_path / "data/instruments.yaml").write_text("SPY: {name: The market, kind: etf}\n")
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault/My own.md").write_text("---\naliases: [Mine]\n---\nWords.\n")
    return tmp_path


def test_nothing_is_opened_before_it_is_wanted(tmp_path: Path) -> None:
    session = Session(tmp_path / "nowhere", NOW)
    assert session.settings.benchmark == "SPY"
    assert session.workspace.vault == tmp_path / "nowhere/vault"
    assert not (tmp_path / "nowhere").exists()


def test_a_session_keeps_what_it_read(root: Path) -> None:
    session = Session(root, NOW)
    library, index = session.library, session.index
    (root / "data/theses/oil.yaml").unlink()
    (root / "vault/My own.md").unlink()
    assert session.library is library
    assert session.index is index
    assert session.foreign_names == ["My own", "Mine"]


def test_links_reach_a_person_s_own_notes(root: Path) -> None:
    assert Session(root, NOW).sound_library().definitions
    (root / "vault/My own.md").unlink()
    with pytest.raises(DefinitionError, match="My own"):
        Session(root, NOW).sound_library()


def test_settings_that_cannot_be_read_are_a_finding_and_the_defaults_hold(root: Path) -> None:
    (root / "thesisvault.yaml").write_text("vault: [broken\n")
    session = Session(root, NOW)
    assert session.settings.vault == "vault"
    assert [each.place.path for each in session.findings if each.place] == ["thesisvault.yaml"]
    assert "thesisvault.yaml" in session.library.unread


def test_what_was_read_before_the_lock_is_read_again(root: Path) -> None:
    session = Session(root, NOW)
    assert session.foreign_names == ["My own", "Mine"]
    assert session.settings.vault == "vault"
    (root / "vault/Written by another run.md").write_text("")
    (root / "data/theses/gas.yaml").write_text("title: Gas\nkind: concept\n")
    with session.locked("build"):
        assert "Written by another run" in session.foreign_names
        assert session.library.definitions.keys() == {"oil", "gas"}


def test_a_lock_keeps_others_out_until_the_outermost_ends(root: Path) -> None:
    session, other = Session(root, NOW), Session(root, NOW)
    with session.locked("run"):
        index = session.index
        with session.locked("build"):
            assert session.index is index
        with pytest.raises(LockedError, match="run"), other.locked("build"):
            pass
    with other.locked("build"):
        pass
    with session.locked("check"), pytest.raises(LockedError, match="check"), other.locked("build"):
        pass


def test_a_lock_is_given_back_when_a_run_fails(root: Path) -> None:
    session = Session(root, NOW)
    with pytest.raises(ZeroDivisionError), session.locked("build"):
        raise ZeroDivisionError
    with Session(root, NOW).locked("build"):
        pass


def test_after_a_change_the_vault_is_looked_at_again_and_only_what_changed_is_read(root: Path) -> None:
    (root / "vault/Old.md").write_text("old")
    session = Session(root, NOW)
    before = session.index
    (root / "vault/New.md").write_text("new")
    assert session.index is before
    session.vault_changed()
    assert [note.path for note in session.index.notes] == ["My own.md", "New.md", "Old.md"]
    session.vault_changed()
    session.vault_changed()
    assert session.index.by_path.keys() == {"My own.md", "New.md", "Old.md"}


def test_the_store_is_opened_once_and_an_empty_one_is_not_left_behind(root: Path) -> None:
    session = Session(root, NOW)
    path = root / "data/market/store.sqlite"
    with pytest.raises(NoDataError, match="no prices are stored"), session.store(create=False):
        pass
    assert not path.parent.exists()
    with session.store(create=True) as store, session.store(create=False) as same:
        assert same is store
        assert path.is_file()
    assert not path.exists()


def test_the_last_day_is_the_one_given_else_that_of_the_settings_else_the_last_session(root: Path) -> None:
    session = Session(root, NOW)
    with session.store(create=True) as store:
        assert session.last_day(store, dt.date(2020, 1, 2)) == dt.date(2020, 1, 2)
        assert session.last_day(store, None) == dt.date(2024, 6, 28)  # the last Friday before a Monday noon
    (root / "thesisvault.yaml").write_text("as_of: 2023-05-05\n")
    session = Session(root, NOW)
    with session.store(create=True) as store:
        assert session.last_day(store, None) == dt.date(2023, 5, 5)
