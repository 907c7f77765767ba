"""The table of aims says the same wherever it is shown, and what it says of an aim follows from its figures."""

from __future__ import annotations

import re

from tests.docs.page import DOCS, ROOT

ROW = re.compile(
    r"(?m)^\| (?P<case>[^|]+) \| [^|]+ \| (?P<ratio>[\d.]+) \| (?P<aim>[\d.]+) \| (?P<said>\w+) \| \d{4}-\d\d-\d\d \|$"
)
CASES = 9
PAGES = (ROOT / "README.md", DOCS / "reference" / "performance.md")


def shown() -> list[str]:
    """Return what each page shows between the two comments."""
    return [
        path.read_text("utf-8").partition("<!-- aims: ")[2].partition("-->\n")[2].partition("<!-- end of aims -->")[0]
        for path in PAGES
    ]


def test_both_pages_show_the_same_table() -> None:
    first, second = shown()
    assert first == second


def test_every_case_is_judged_by_its_figures_or_said_to_be_missing() -> None:
    rows = list(ROW.finditer(shown()[0]))
    for row in rows:
        assert row["said"] == ("reached" if float(row["ratio"]) <= float(row["aim"]) else "missed"), row["case"]
    reached = sum(row["said"] == "reached" for row in rows)
    told = f"{reached} of {len(rows)} aims are reached; not measured: {CASES - len(rows)}; on "
    assert re.search(re.escape(told) + r"\d+ cores, Python 3\.\d+\.\d+, \w+\.", shown()[0])
