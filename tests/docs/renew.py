"""Writes what the documentation takes from the code: the reference, the messages, and the results that pages show.

    python -m tests.docs.renew

`make docs` runs it and builds the site. A test compares every page with what this would write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.docs import reference, troubleshooting, walk
from tests.docs.page import DOCS, ROOT, Page

WRITTEN: Mapping[Path, Callable[[], str]] = {
    **{DOCS / "reference" / name: page for name, page in reference.PAGES.items()},
    DOCS / "troubleshooting.md": troubleshooting.page,
    **{path: partial(walk.renewed, Page(path)) for path in (ROOT / "README.md", DOCS / "tutorial.md")},
}


def main() -> None:
    """Write every page that differs."""
    for path, make in WRITTEN.items():
        text = make()
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            print(f"wrote {path.relative_to(ROOT).as_posix()}")  # noqa: T201 - a tool at the command line


if __name__ == "__main__":
    main()
