"""Every error of the package has one root, findings and an exit status; every count has its noun."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil

import pytest

import thesisvault
from thesisvault.errors import DefinitionError, DiskError, Finding, Place, ThesisvaultError, UsageError
from thesisvault.runs.report import Report, summary
from thesisvault.words import plural

DAY = dt.date(2026, 2, 27)
AS_OF = "As of 27 Feb 2026: "
FETCHED = {"series": 3, "new_bars": 1_234, "ended": {"added": ["A"], "up to date": ["B"], "stale": ["C"]}}
BARS = "1,234 new bars; no warnings"


def classes_of_errors() -> set[type[BaseException]]:
    found: set[type[BaseException]] = set()
    for module in pkgutil.walk_packages(thesisvault.__path__, "thesisvault."):
        for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(each, BaseException) and each.__module__ == module.name and each.__name__[0] != "_":
                found.add(each)
    return found


def test_all_errors_of_the_package_have_one_root() -> None:
    errors = classes_of_errors()
    assert {"BlockError", "ExpressionError", "MarketError", "ProviderError"} <= {each.__name__ for each in errors}
    # `instant` knows the standard library alone, and lets no error out.
    assert {each.__name__ for each in errors if not issubclass(each, ThesisvaultError)} == {"UnclearError"}


def test_a_text_becomes_a_finding_with_its_hint() -> None:
    error = UsageError("no such ticker.", hint='Did you mean "XLE"?')
    assert error.findings == (Finding("no such ticker.", hint='Did you mean "XLE"?'),)
    assert str(error) == 'no such ticker. Did you mean "XLE"?'
    assert error.exit_status == 2


def test_several_findings_are_shown_one_a_line() -> None:
    error = DefinitionError([Finding("one.", Place("a.yaml", 3, 7)), Finding("two.", Place("b.yaml"))])
    assert str(error) == "a.yaml:3:7: one.\nb.yaml: two."


def test_an_error_of_a_layer_above_can_still_say_what_it_is_about() -> None:
    from thesisvault.language.parse import ExpressionError
    from thesisvault.market.records import MissingSeries, UnknownName

    assert (ExpressionError("odd", 2).problem, ExpressionError("odd", 2).nth) == ("odd", 2)
    assert str(MissingSeries("XLE", "nothing is stored")) == "XLE: nothing is stored"
    assert "XLE" in str(UnknownName("XLEE", 'Did you mean "XLE"?'))


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "file", "0 files"),
        (1, "file", "1 file"),
        (2, "file", "2 files"),
        (1, "series", "1 series"),
        (2, "series", "2 series"),
        (2, "entry", "2 entries"),
        (2, "day", "2 days"),
    ],
)
def test_a_count_has_its_noun(count: int, noun: str, said: str) -> None:
    assert plural(count, noun) == said


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Report("build", written=["a"], unchanged=2), "Wrote 1 file, 2 unchanged; no warnings."),
        (Report("build", as_of=DAY, unchanged=2), "As of 27 Feb 2026: 2 files checked, all up to date; no warnings."),
        (Report("build", unchanged=1, removed=["a"]), "Moved 1 file to .trash; no warnings."),
        (Report("build", as_of=DAY, unchanged=2, dry=True), f"{AS_OF}would write 0 files, 2 unchanged; no warnings."),
        (Report("build", written=["a", "b"], dry=True), "Would write 2 files, 0 unchanged; no warnings."),
        (Report("run", as_of=DAY, unchanged=2, figures=FETCHED), f"{AS_OF}2 files checked, all up to date; {BARS}."),
        (Report("log", written=["data/a.yaml"]), "Wrote data/a.yaml; no warnings."),
        (Report("prune", removed=["a"]), "Moved 1 file to .trash; no warnings."),
        (Report("prune"), "No warnings."),
        (Report("check", figures={"definitions": 1}), "Checked the vault and 1 definition; no warnings."),
        (Report("prices", figures={"series": 2, "bars": 5_000}), "Checked 5,000 bars of 2 series; no warnings."),
        (
            Report("refresh", as_of=DAY, figures=FETCHED),
            "Updated 2 of 3 series to 27 Feb 2026: 1,234 new bars; no warnings.",
        ),
        (Report("refresh", figures={"series": 0, "ended": {}}), "Updated 0 of 0 series: no new bars; no warnings."),
        (Report("x", findings=[Finding("a", level="warning")]), "1 warning."),
        (Report("x", findings=[Finding("a"), Finding("b", level="info")]), "1 error."),
        (Report("x", findings=[Finding("a"), *(Finding(c, level="warning") for c in "ab")]), "1 error, 2 warnings."),
    ],
)
def test_the_last_line_counts_what_there_is(report: Report, said: str) -> None:
    assert summary(report) == said


def test_a_refresh_says_how_long_it_took() -> None:
    report = Report("refresh", figures=FETCHED, seconds=25.6)
    assert summary(report, counted=False) == "Updated 2 of 3 series: 1,234 new bars in 26 s."


def test_a_report_holds_a_finding_once() -> None:
    report = Report("x")
    report.add(Finding("a"), Finding("b"), Finding("a"))
    report.add(Finding("a"))
    assert [each.problem for each in report.findings] == ["a", "b"]


def test_an_error_of_the_disk_ends_with_its_own_status() -> None:
    assert DiskError("it cannot be read.").exit_status == 74
