from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

from thesisvault.errors import DiskError
from thesisvault.vault import changes as changing
from thesisvault.vault.changes import Changes
from thesisvault.vault.write import (
    OneFileError,
    TEMP_SUFFIX,
    ChangedMeanwhileError,
    move_file,
    read_bytes,
    seal,
    write_if_changed,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows answers in other words")
not_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")


def test_the_same_bytes_are_not_written_again(tmp_path):
    path = tmp_path / "a" / "N.md"
    assert write_if_changed(path, b"one")
    os.utime(path, ns=(1, 1))
    assert not write_if_changed(path, b"one")
    assert path.stat().st_mtime_ns == 1
    assert write_if_changed(path, b"two")
    assert path.read_bytes() == b"two"
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "a", path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_an_existing_file_keeps_its_mode(tmp_path):
    path = tmp_path / "N.md"
    path.write_bytes(b"one")
    path.chmod(0o640)
    write_if_changed(path, b"two")
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_a_crash_left_goes_with_the_next_write(tmp_path):
    (tmp_path / f".N.md{TEMP_SUFFIX}").write_bytes(b"half")
    write_if_changed(tmp_path / "N.md", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["N.md"]


@pytest.mark.parametrize(
    ("fault", "named", "problem"),
    [
        pytest.param("folder", "V/N.md", "it is a folder", marks=posix),
        pytest.param("file in the way", "V/N.md", "not a directory", marks=posix),
        ("read-only", "V/N.md", "it is read-only"),
        ("link", "V/N.md", "it is a symbolic link"),
    ],
)
def test_a_file_that_cannot_be_written_is_named_and_nothing_changes(tmp_path, fault, named, problem):
    path, kept = tmp_path / "V" / "N.md", tmp_path / "kept"
    kept.write_bytes(b"old")
    if fault == "folder":
        path.mkdir(parents=True)
    elif fault == "file in the way":
        path.parent.write_bytes(b"file")
    else:
        path.parent.mkdir()
        if fault == "link":
            path.symlink_to(kept)
        else:
            path.write_bytes(b"old")
            path.chmod(0o555)
    changes = Changes(tmp_path)
    changes.put(tmp_path / "A.md", b"first")
    changes.put(path, b"new")
    with pytest.raises(DiskError) as caught:
        changes.apply()
    finding = caught.value.findings[0]
    assert (finding.place.path, finding.code) == (named, "disk")
    assert problem in finding.problem
    assert finding.hint
    assert not (tmp_path / "A.md").exists()
    assert kept.read_bytes() == b"old"


@not_root
def test_a_folder_without_the_right_to_write_is_named_before_anything_is_written(tmp_path):
    (tmp_path / "V").mkdir(mode=0o555)
    changes = Changes(tmp_path)
    changes.put(tmp_path / "A.md", b"first")
    changes.put(tmp_path / "V" / "N.md", b"new")
    with pytest.raises(DiskError, match="permission"):
        changes.apply()
    assert not (tmp_path / "A.md").exists()


def test_pictures_are_written_first_and_memory_last(tmp_path):
    changes = Changes(tmp_path)
    changes.put_last(tmp_path / "memory", lambda: b"m")
    changes.put(tmp_path / "b.md", b"b")
    changes.put(tmp_path / "a.md", b"a")
    changes.put(tmp_path / "z.png", b"p", first=True)
    (tmp_path / "a.md").write_bytes(b"a")
    changes.keep(tmp_path / "other")
    dry = changes.apply(dry=True)
    assert not (tmp_path / "z.png").exists()
    done = changes.apply()
    assert dry == done
    assert [path.name for path in done.written] == ["z.png", "b.md", "memory"]
    assert done.unchanged == 2
    assert changes.apply().written == ()


def test_what_goes_goes_to_the_trash_under_its_own_path(tmp_path):
    path = tmp_path / "attachments" / "chart-a.png"
    for data in (b"one", b"two"):
        write_if_changed(path, data)
        changes = Changes(tmp_path)
        changes.trash(path, tmp_path)
        assert changes.apply().trashed == (path,)
    trash = tmp_path / ".trash" / "attachments"
    assert {each.name: each.read_bytes() for each in trash.iterdir()} == {
        "chart-a.png": b"one",
        "chart-a 2.png": b"two",
    }


def test_a_file_that_somebody_changed_meanwhile_is_left_as_it_is(tmp_path):
    path = tmp_path / "N.md"
    path.write_bytes(b"old \xff")
    changes = Changes(tmp_path)
    assert changes.read(path).encode("utf-8", "surrogateescape") == b"old \xff"
    changes.put(path, b"ours")
    changes.put_last(tmp_path / "memory", lambda: b"m")
    path.write_bytes(b"theirs")
    with pytest.raises(DiskError, match="another program keeps changing it"):
        changes.apply()
    assert path.read_bytes() == b"theirs"
    assert not (tmp_path / "memory").exists()


def test_what_somebody_writes_meanwhile_goes_into_the_note_and_not_under_it(tmp_path, monkeypatch):
    path = tmp_path / "N.md"
    path.write_bytes(b"old")
    changes = Changes(tmp_path)
    changes.read(path)
    told = ["old"]
    changes.put(path, b"old + ours", again=lambda text: (told.append(text), f"{text} + ours".encode())[1])
    changes.put_last(tmp_path / "memory", lambda: told[-1].encode())
    plain = os.fsync
    later = iter([b"theirs", b"theirs, twice"])

    def fsync(number):
        # Right before the file is put in its place somebody else saves it, two times.
        plain(number)
        if stat.S_ISREG(os.fstat(number).st_mode) and (data := next(later, None)) is not None:
            path.write_bytes(data)

    monkeypatch.setattr(os, "fsync", fsync)
    changes.apply()
    assert path.read_bytes() == b"theirs, twice + ours"
    assert (tmp_path / "memory").read_bytes() == b"theirs, twice"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["N.md", "memory"]


def test_a_note_that_is_deleted_meanwhile_stays_deleted(tmp_path):
    path = tmp_path / "N.md"
    path.write_bytes(b"old")
    changes = Changes(tmp_path)
    changes.read(path)
    changes.put(path, b"ours", again=lambda text: None if text is None else b"ours")
    path.unlink()
    assert changes.apply().written == ()
    assert not path.exists()


class Held:
    """Refuses to replace a file as Windows does while another program has it open."""

    def __init__(self, refusals, winerror=32):
        self.refusals, self.winerror, self.pauses = refusals, winerror, []

    def replace(self, source, target):
        if len(self.pauses) < self.refusals:
            refusal = PermissionError(13, "The process cannot access the file", str(target))
            refusal.winerror = self.winerror
            raise refusal
        os.replace(source, target)


@pytest.mark.parametrize("winerror", [5, 32])
def test_a_file_that_is_open_elsewhere_is_written_once_it_is_closed(tmp_path, winerror):
    path, held = tmp_path / "N.md", Held(3, winerror)
    path.write_bytes(b"old")
    assert write_if_changed(path, b"new", seal(b"old"), replace=held.replace, pause=held.pauses.append)
    assert path.read_bytes() == b"new"
    assert len(held.pauses) == 3
    assert [each.name for each in tmp_path.iterdir()] == ["N.md"]


def test_a_file_that_stays_open_is_an_error_after_two_seconds_and_keeps_what_it_holds(tmp_path):
    path, held = tmp_path / "N.md", Held(1000)
    path.write_bytes(b"old")
    with pytest.raises(DiskError, match="another program has it open") as caught:
        write_if_changed(path, b"new", replace=held.replace, pause=held.pauses.append)
    where, problem, hint = said(caught)
    assert where == path.as_posix()
    assert problem == "it cannot be written: the process cannot access the file; another program has it open."
    assert "Obsidian" in hint
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["N.md"]
    assert held.pauses == sorted(set(held.pauses))
    assert sum(held.pauses) == pytest.approx(2)


def test_a_replace_that_is_refused_for_another_reason_is_not_tried_again(tmp_path):
    held = Held(1000, winerror=None)
    with pytest.raises(DiskError, match="cannot access the file"):
        write_if_changed(tmp_path / "N.md", b"new", replace=held.replace, pause=held.pauses.append)
    assert held.pauses == []
    assert list(tmp_path.iterdir()) == []


def test_what_the_program_that_has_a_file_open_writes_is_not_overwritten(tmp_path):
    path, held = tmp_path / "N.md", Held(1)
    path.write_bytes(b"old")

    def saved(seconds):
        held.pauses.append(seconds)
        path.write_bytes(b"theirs")

    with pytest.raises(ChangedMeanwhileError):
        write_if_changed(path, b"new", seal(b"old"), replace=held.replace, pause=saved)
    assert path.read_bytes() == b"theirs"
    assert [each.name for each in tmp_path.iterdir()] == ["N.md"]


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows refuses to replace an open file")
def test_an_open_file_is_replaced_once_it_is_closed(tmp_path):
    path = tmp_path / "N.md"
    path.write_bytes(b"old")
    pauses = []
    with path.open("rb") as reader:

        def closed(seconds):
            pauses.append(seconds)
            reader.close()

        assert write_if_changed(path, b"new", pause=closed)
    assert path.read_bytes() == b"new"
    assert len(pauses) == 1


# Names, folders and what the system answers -----------------------------------------------------------------------


def said(caught):
    (finding,) = caught.value.findings
    assert finding.code in ("disk", "changed-meanwhile")
    return finding.place.path, finding.problem, finding.hint


@posix
def test_a_file_that_is_not_there_is_none_and_a_folder_cannot_be_read(tmp_path):
    assert read_bytes(tmp_path / "N.md") is None
    assert Changes(tmp_path).read(tmp_path / "N.md") is None
    with pytest.raises(DiskError) as caught:
        read_bytes(tmp_path)
    path, problem, hint = said(caught)
    assert (path, problem) == (tmp_path.as_posix(), "it cannot be read: it is a folder, not a file.")
    assert hint == "Move the folder of that name away."


def test_a_folder_is_not_written_and_neither_is_what_would_be_below_a_file(tmp_path):
    with pytest.raises(DiskError) as caught:
        write_if_changed(tmp_path, b"new")
    assert said(caught) == (
        tmp_path.as_posix(),
        "it cannot be written: it is a folder.",
        "Move the folder of that name away.",
    )
    (tmp_path / "V").write_bytes(b"a file")
    with pytest.raises(DiskError, match="it cannot be written") as caught:
        write_if_changed(tmp_path / "V" / "N.md", b"new")
    assert said(caught)[0] == (tmp_path / "V" / "N.md").as_posix()
    assert (tmp_path / "V").read_bytes() == b"a file"


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Make room"),
        (OSError(errno.EROFS, "Read-only file system"), "mounted read-only"),
        (OSError(errno.ENAMETOOLONG, "File name too long"), "shorter title"),
        (OSError(errno.EIO, "Input/output error"), "Fix that and run again."),
        (OSError("strange"), "Fix that and run again."),
    ],
)
def test_what_the_system_answers_is_said_with_a_remedy_and_nothing_is_left_behind(tmp_path, answer, remedy):
    path = tmp_path / "N.md"
    path.write_bytes(b"old")

    def refuse(*_):
        raise answer

    with pytest.raises(DiskError) as caught:
        write_if_changed(path, b"new", replace=refuse)
    where, problem, hint = said(caught)
    assert where == path.as_posix()
    assert problem == f"it cannot be written: {(answer.strerror or 'strange').lower()}."
    assert remedy in hint
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows flushes no folders")
@pytest.mark.parametrize(("answer", "bears"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_a_disk_that_cannot_flush_a_folder_is_borne_and_one_that_fails_is_not(tmp_path, monkeypatch, answer, bears):
    plain = os.fsync

    def fsync(number):
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(answer, os.strerror(answer))
        plain(number)

    monkeypatch.setattr(os, "fsync", fsync)
    if bears:
        assert write_if_changed(tmp_path / "N.md", b"new")
    else:
        with pytest.raises(DiskError, match="it cannot be written"):
            write_if_changed(tmp_path / "N.md", b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_new_file_has_the_mode_that_the_person_asks_of_new_files(tmp_path):
    mask = os.umask(0o027)
    try:
        write_if_changed(tmp_path / "N.md", b"new")
    finally:
        os.umask(mask)
    assert (tmp_path / "N.md").stat().st_mode & 0o777 == 0o640


@posix
def test_a_name_as_long_as_the_disk_allows_is_written(tmp_path):
    path = tmp_path / ("x" * 250 + ".md")
    assert write_if_changed(path, b"new")
    assert path.read_bytes() == b"new"


@posix
def test_an_error_names_the_file_from_the_workspace_on_and_one_outside_in_full(tmp_path):
    root, outside = tmp_path / "workspace", tmp_path / "vault" / "N.md"
    for path in (root / "V" / "N.md", outside):
        path.mkdir(parents=True)
        changes = Changes(root)
        changes.put(path, b"new")
        with pytest.raises(DiskError) as caught:
            changes.apply()
        assert said(caught)[0] == ("V/N.md" if root in path.parents else outside.as_posix())


def test_what_is_right_already_or_gone_is_neither_written_nor_moved(tmp_path):
    changes = Changes(tmp_path)
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_bytes(b"same")
        changes.put(tmp_path / name, b"same")
    changes.put(tmp_path / "c.png", b"new", first=True)
    changes.put_last(tmp_path / "memory", lambda: b"m")
    changes.trash(tmp_path / "never.md", tmp_path)
    changes.keep(tmp_path / "d.md")
    changes.keep(tmp_path / "e.md")
    assert [path.name for path in changes.pending()] == ["c.png", "memory"]
    done = changes.apply()
    assert ([path.name for path in done.written], done.trashed, done.unchanged) == (["c.png", "memory"], (), 4)
    assert not (tmp_path / ".trash").exists()


def test_folders_are_made_as_deep_as_needed_and_a_file_that_was_never_read_is_replaced(tmp_path):
    changes = Changes(tmp_path)
    deep, unread = tmp_path / "a" / "b" / "c" / "N.md", tmp_path / "unread.md"
    unread.write_bytes(b"old")
    changes.put(deep, b"deep")
    changes.put(unread, b"new")
    assert changes.apply().written == (deep, unread)
    assert (deep.read_bytes(), unread.read_bytes()) == (b"deep", b"new")
    changes = Changes(tmp_path)
    changes.trash(deep, tmp_path)
    changes.apply()
    assert (tmp_path / ".trash" / "a" / "b" / "c" / "N.md").read_bytes() == b"deep"


def test_a_file_that_is_saved_again_and_again_is_left_after_five_attempts(tmp_path, monkeypatch):
    path = tmp_path / "N.md"
    path.write_bytes(b"old")
    changes = Changes(tmp_path)
    changes.read(path)
    told = []
    changes.put(path, b"ours", again=lambda text: (told.append(text), b"ours too")[1])
    plain, saves = os.fsync, iter(range(100))

    def fsync(number):
        plain(number)
        if stat.S_ISREG(os.fstat(number).st_mode):
            path.write_bytes(b"save %d" % next(saves))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DiskError) as caught:
        changes.apply()
    assert said(caught) == ("N.md", "another program keeps changing it; it was left as it is.", "Run again.")
    assert told == [f"save {n}" for n in range(5)]
    assert path.read_bytes() == b"save 4"


def test_the_trash_numbers_each_file_of_a_name_and_overwrites_none(tmp_path):
    for number in range(4):
        (tmp_path / "N.md").write_bytes(b"%d" % number)
        changes = Changes(tmp_path)
        changes.trash(tmp_path / "N.md", tmp_path)
        changes.apply()
    trash = {path.name: path.read_bytes() for path in (tmp_path / ".trash").iterdir()}
    assert trash == {"N.md": b"0", "N 2.md": b"1", "N 3.md": b"2", "N 4.md": b"3"}


@posix
def test_a_trash_that_is_no_folder_is_an_error_and_the_file_stays(tmp_path):
    (tmp_path / ".trash").write_bytes(b"a file")
    (tmp_path / "N.md").write_bytes(b"old")
    changes = Changes(tmp_path)
    changes.trash(tmp_path / "N.md", tmp_path)
    with pytest.raises(DiskError) as caught:
        changes.apply()
    path, problem, hint = said(caught)
    assert (path, problem) == ("N.md", "it cannot be moved to the trash: file exists.")
    assert hint == "A file stands where a folder is needed; move it away."
    assert (tmp_path / "N.md").read_bytes() == b"old"


@posix
def test_a_file_is_renamed_and_never_over_another(tmp_path):
    one, other = tmp_path / "one.md", tmp_path / "other.md"
    one.write_bytes(b"1")
    move_file(one, other)
    assert (one.exists(), other.read_bytes()) == (False, b"1")
    one.write_bytes(b"2")
    with pytest.raises(DiskError) as caught:
        move_file(one, other)
    where, problem, hint = said(caught)
    assert (where, problem) == (other.as_posix(), "it cannot be written: a file of that name exists.")
    assert hint == "Move that file away, or give the definition another title."
    assert (one.read_bytes(), other.read_bytes()) == (b"2", b"1")
    with pytest.raises(DiskError) as caught:
        move_file(tmp_path / "gone.md", tmp_path / "new.md")
    assert said(caught)[:2] == ((tmp_path / "gone.md").as_posix(), "it cannot be moved: no such file or directory.")


def test_a_file_whose_new_name_is_its_own_in_another_spelling_is_renamed(tmp_path):
    one, other = tmp_path / "one.md", tmp_path / "ONE.md"
    one.write_bytes(b"1")
    os.link(one, other)  # both names are of one file, as on a disk without regard to case
    move_file(one, other)
    assert other.read_bytes() == b"1"


def test_a_locked_file_stops_only_itself(tmp_path: Path) -> None:
    note = tmp_path / "N.md"
    note.write_text("old", "utf-8")

    def refuse(_source: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    with pytest.raises(OneFileError, match="operation not permitted"):
        write_if_changed(note, b"new", replace=refuse)
    assert [each.name for each in tmp_path.iterdir()] == ["N.md"]
    assert note.read_text("utf-8") == "old"


@pytest.mark.skipif(os.name == "nt", reason="there are no such limits")
@pytest.mark.parametrize("size", [700, 3_000, 60_000])
def test_no_room_for_what_waits_to_be_written_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    import resource

    monkeypatch.setattr(changing, "_IN_MEMORY", 2_000)
    cache = tmp_path / "cache"
    cache.mkdir()
    changes = Changes(tmp_path, cache=cache)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(DiskError, match="cache: it cannot be used for what is to be written"):
            for n in range(100):
                changes.put(tmp_path / f"{n}.md", b"x" * size)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.rglob("*")] == ["cache"]
