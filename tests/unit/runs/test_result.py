"""What is kept of the last run and of the last good one."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from thesisvault.runs.result import FILE, RunResult, RunResults, begin, recall, remember
from thesisvault.workspace import workspace_at

BEGAN = dt.datetime(2026, 2, 27, 21, 45, tzinfo=dt.UTC)


def result(status: int, hours: int = 0, said: str = "Wrote 3 files.") -> RunResult:
    began = BEGAN + dt.timedelta(hours=hours)
    return RunResult(began, began + dt.timedelta(minutes=1), status, said)


def test_nothing_is_known_before_the_first_run(tmp_path: Path) -> None:
    assert recall(workspace_at(tmp_path)) == RunResults()


@pytest.mark.parametrize("status", [0, 1])
def test_a_good_run_is_the_last_and_the_last_good_one(tmp_path: Path, status: int) -> None:
    remember(workspace_at(tmp_path), result(status))
    assert recall(workspace_at(tmp_path)) == RunResults(result(status), result(status))


@pytest.mark.parametrize("status", [2, 3, 5, 70, 74, 75, 130])
def test_after_a_bad_run_the_last_good_one_is_still_known(tmp_path: Path, status: int) -> None:
    remember(workspace_at(tmp_path), result(0))
    remember(workspace_at(tmp_path), result(status, hours=24))
    assert recall(workspace_at(tmp_path)) == RunResults(result(status, hours=24), result(0))


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '"x"', "\xff", "[" * 100_000, '{"version": 2}', '{"version": 1}'),
        '{"version": 1, "last": {"began": "2026-02-27T21:45:00"}, "last_good": null}',
        '{"version": 1, "last": {"began": "2026-02-27", "ended": "2026-02-27", "status": 0, "said": ""}}',
        '{"version": 1, "last": 3, "last_good": null}',
        *(
            json.dumps({"version": 1, "last": {**result(0).as_json(), key: moment}, "last_good": None})
            for key in ("began", "ended", "again_at")
            for moment in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00")
        ),
        '{"version": 1, "last": null, "last_good": null, "under_way": "2026-02-27T21:45:00"}',
        '{"version": 1, "last": null, "last_good": null, "under_way": "9999-12-31T23:59:59-12:00"}',
    ],
)
def test_a_file_that_holds_something_else_counts_as_no_run(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".thesisvault" / FILE
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))
    assert recall(workspace_at(tmp_path)) == RunResults()
    remember(workspace_at(tmp_path), result(0))
    assert recall(workspace_at(tmp_path)).last == result(0)


def test_a_folder_in_the_place_of_the_file_does_not_end_a_run(tmp_path: Path) -> None:
    (tmp_path / ".thesisvault" / FILE).mkdir(parents=True)
    remember(workspace_at(tmp_path), result(0))
    assert recall(workspace_at(tmp_path)) == RunResults()


@pytest.mark.parametrize("status", [0, 2, 130])
def test_a_run_that_has_ended_is_no_longer_under_way(tmp_path: Path, status: int) -> None:
    workspace = workspace_at(tmp_path)
    assert begin(workspace, BEGAN) is None
    assert recall(workspace) == RunResults(under_way=BEGAN)
    remember(workspace, result(75))
    assert recall(workspace).under_way == BEGAN  # that one found it at work
    remember(workspace, result(status))
    assert recall(workspace).under_way is None


def test_the_next_run_learns_of_one_that_was_cut_off(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    remember(workspace, result(0))
    begin(workspace, BEGAN + dt.timedelta(hours=24))
    assert recall(workspace).last == recall(workspace).last_good == result(0)
    assert begin(workspace, BEGAN + dt.timedelta(hours=48)) == BEGAN + dt.timedelta(hours=24)
