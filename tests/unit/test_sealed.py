"""Values in sealed files: what comes back is what was left, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from thesisvault.sealed import read_value, write_sealed, write_value


def test_a_value_comes_back_under_its_head_alone(tmp_path: Path) -> None:
    value = ("a", 1, 1.5, None, True, b"x", [("k", {"m": ()})])
    write_value(tmp_path / "one.kept", "one 1", value)
    assert read_value(tmp_path / "one.kept", "one 1") == value
    assert read_value(tmp_path / "one.kept", "one 2") is None
    assert read_value(tmp_path / "none.kept", "one 1") is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"(\x05"])
def test_what_is_no_value_is_nothing_though_its_seal_is_whole(tmp_path: Path, body: bytes) -> None:
    write_sealed(tmp_path / "one.kept", "one 1", body)
    assert read_value(tmp_path / "one.kept", "one 1") is None
