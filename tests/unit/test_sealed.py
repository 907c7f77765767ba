"""Values in sealed files: what comes back is what was left, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.errors import DiskError
from thesisvault.sealed import Lying, Spool, read_value, read_with_more, write_sealed, write_value, write_with_more

VALUE = ("a", 1, 1.5, None, True, b"x", [("k", {"m": ()})])
MORE = [b"one", b"", b"three\n" * 9]


def test_a_value_comes_back_under_its_head_alone(tmp_path: Path) -> None:
    write_value(tmp_path / "one.kept", "one 1", VALUE)
    assert read_value(tmp_path / "one.kept", "one 1") == VALUE
    assert read_value(tmp_path / "one.kept", "one 2") is None
    assert read_value(tmp_path / "none.kept", "one 1") is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"(\x05"])
def test_what_is_no_value_is_nothing_though_its_seal_is_whole(tmp_path: Path, body: bytes) -> None:
    write_sealed(tmp_path / "one.kept", "one 1", body)
    assert read_value(tmp_path / "one.kept", "one 1") is None
    assert read_with_more(tmp_path / "one.kept", "one 1") is None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_with_more(tmp_path / "one.kept", "one 1", VALUE, lambda: iter(MORE))
    return tmp_path / "one.kept"


def test_what_lies_behind_a_value_is_read_when_it_is_wanted(path: Path) -> None:
    found = read_with_more(path, "one 1")
    assert found is not None
    value, lying = found
    assert value == VALUE
    parts = [lying(0, 3), lying(3, 0), lying(3, 54)]
    assert [bytes(each) for each in parts] == MORE
    assert [len(each) for each in parts] == [3, 0, 54]
    # Another run leaves its own in the place of it, and what was found is as it was.
    write_with_more(path, "one 1", ("other",), lambda: [b"other"])
    assert [bytes(each) for each in parts] == MORE
    path.unlink()
    assert [bytes(each) for each in parts] == MORE
    assert read_with_more(path, "one 1") is None


def test_nothing_is_believed_that_this_machine_did_not_write_so(path: Path) -> None:
    assert read_with_more(path, "one 2") is None
    seal, whole = path.with_suffix(".seal").read_bytes(), path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert read_with_more(path, "one 1") is None, "its seal is that of another file"
        status = path.lstat()
        own = f"{status.st_dev} {status.st_ino} {status.st_ctime_ns} {status.st_size}"
        path.with_suffix(".seal").write_text(own)
        assert read_with_more(path, "one 1") is None, f"byte {at} is another"
    path.write_bytes(whole)
    path.with_suffix(".seal").write_bytes(seal)
    assert read_with_more(path, "one 1") is None


@pytest.mark.skipif(os.name == "nt", reason="a file of which something is held is read whole there")
def test_what_another_program_cuts_off_is_told(path: Path) -> None:
    found = read_with_more(path, "one 1")
    assert found is not None
    os.truncate(path, path.stat().st_size - 1)
    assert bytes(found[1](0, 3)) == b"one"
    with pytest.raises(DiskError, match="another program has cut it off"):
        bytes(found[1](3, 54))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_what_waits_is_the_same_in_any_order_and_equal_by_its_content(tmp_path_factory, parts: list[bytes]) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    kept = [spool.keep(part) for part in parts]
    assert all(isinstance(each, Lying) for each in kept)
    assert [bytes(each) for each in reversed(kept)] == parts[::-1]
    assert kept == parts
    assert [[one == other for other in kept] for one in kept] == [[one == other for other in parts] for one in parts]


def test_where_nothing_can_wait_it_is_held(tmp_path: Path) -> None:
    assert Spool(tmp_path / "none").keep(b"held") == b"held"


@pytest.mark.skipif(os.name == "nt", reason="limits are those of POSIX")
def test_what_has_no_room_is_held_and_what_waits_already_stays(tmp_path: Path) -> None:
    import resource
    import signal

    spool = Spool(tmp_path)
    first = spool.keep(b"first")
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    try:
        assert spool.keep(b"second") == b"second"
        assert isinstance(spool.keep(b"abc"), Lying)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert isinstance(first, Lying)
    assert bytes(first) == b"first"
    assert bytes(spool.keep(b"third")) == b"third"


def test_nothing_of_what_waits_lies_in_the_folder(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert spool.keep(b"one") == b"one"
    assert os.name == "nt" or list(tmp_path.iterdir()) == []
