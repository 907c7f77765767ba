"""Making new things: workspaces, the demo, definitions to fill in, and the schemas for editors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from thesisvault.editing.rendering import scalar, typed
from thesisvault.errors import DiskError, Finding, Place, UsageError, did_you_mean
from thesisvault.notes.names import slug
from thesisvault.runs.corner import corner_settings, home_name
from thesisvault.runs.schemas import library_at, write_schemas
from thesisvault.session import Session
from thesisvault.vault.write import write_if_changed
from thesisvault.workspace import SETTINGS_FILE, demo_source

_GITIGNORE = "data/market/\n.thesisvault/\n.trash/\nvault/.obsidian/workspace*.json\n"

_SETTINGS = """\
# Settings of this workspace. Every key is optional; these are the usual ones.
providers: [yahoo, fred]        # where prices come from, in order
benchmark: SPY                  # what returns are measured against
home_currency: USD
"""

_INSTRUMENTS = """\
# What has a price: ticker, name, kind. Every ticker that a thesis names is listed here.
SPY: {name: SPDR S&P 500 ETF, short: S&P 500, kind: etf, what: The 500 largest US companies by market value.}
XLE: {name: Energy Select Sector SPDR, short: US energy, kind: etf, what: US energy companies.}
XLK: {name: Technology Select Sector SPDR, short: US technology, kind: etf, what: US technology companies.}
"""

_FIRST = """\
# yaml-language-server: $schema=../../schema/thesis.json
title: Technology to energy
kind: thesis
status: idea
opened: {today}
verdict: "Energy leads technology by {{{{ spread(buy, sell, over) | pp }}}} this year."
summary: >
  A first thesis to change or delete. Text is Markdown, and what is written between double braces is computed at
  every build: US technology {{{{ ret(sell, over) | pct }}}}, US energy {{{{ ret(buy, over) | pct }}}}.
sell: {{name: Technology, hold: [XLK]}}
buy: {{name: Energy, hold: [XLE]}}
benchmark: SPY
signals:
  - name: Technology is back in front
    when: ret(sell, '60d') > ret(buy, '60d') + 0.10
    means: the money has gone back
    kills: true
sections:
  - heading: The picture
    blocks:
      - returns: {{of: [buy, sell, SPY], over: [5d, 90d, ytd]}}
      - chart: {{pair: [buy, sell], over: 90d}}
"""

_NEW: Mapping[str, str] = {
    "thesis": """\
# yaml-language-server: $schema=../../schema/thesis.json
title: {title}
kind: thesis
status: idea
opened: {today}
summary: What is sold, what is bought, and why.
# sell: {{name: What is sold, hold: [TICKER]}}
# buy: {{name: What is bought, hold: [TICKER]}}
# signals:
#   - name: What would prove it wrong
#     when: ret(sell, '60d') > ret(buy, '60d') + 0.10
#     kills: true
""",
    "concept": """\
# yaml-language-server: $schema=../../schema/thesis.json
title: {title}
kind: concept
summary: What it means, and why it matters.
""",
    "basket": """\
# yaml-language-server: $schema=../../schema/basket.json
title: {title}
what: What holds it together.
members: [{member}]      # tickers in equal parts, or a mapping such as {{XOM: 60%, CVX: 40%}}
""",
}


def make_workspace(folder: Path, today: dt.date, vault: Path | None = None, corner: str | None = None) -> list[str]:
    """Make a new workspace with one thesis; return what to do next.

    Args:
        folder: Where to make it.
        today: The day on which its thesis is opened.
        vault: A person's own vault that the notes go into; left out, the workspace has a vault for itself.
        corner: The folder of that vault that they go into.

    Raises:
        UsageError: The folder holds something already, or the vault or the folder in it cannot be used.
        DiskError: It cannot be made.
    """
    inside, remarks = corner_settings(folder, vault, corner)
    _empty(folder)
    files = {
        SETTINGS_FILE: inside + _SETTINGS,
        "data/instruments.yaml": _INSTRUMENTS,
        "data/theses/technology-to-energy.yaml": _FIRST.format(today=today.isoformat()),
        ".gitignore": _GITIGNORE,
    }
    for name, text in files.items():
        write_if_changed(folder / name, text.encode())
    write_schemas(folder / "schema", library_at(folder))
    opened = f"{vault} in Obsidian, at {corner}/{home_name(vault)}" if vault else "its folder vault in Obsidian"
    return [f"Made the workspace {folder}.", *remarks, f"Next: cd {folder} && thesisvault run, then open {opened}."]


def make_demo(folder: Path) -> Path:
    """Make the demo workspace, or bring an existing one up to date; return its root.

    A demo that a person has edited keeps their files: only files that are not there yet are written.

    Raises:
        UsageError: The folder holds something that is not a workspace.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SETTINGS_FILE).is_file():
        raise UsageError(
            f"{folder} is not empty and is not a workspace.", hint="Name another folder: thesisvault demo DIR"
        )
    source = demo_source()
    for path in sorted(p for p in source.rglob("*") if p.is_file() and p.suffix in (".yaml", ".txt", ".md")):
        target = folder / path.relative_to(source)
        if not target.exists():
            write_if_changed(target, path.read_bytes())
    if not (folder / ".gitignore").exists():
        write_if_changed(folder / ".gitignore", _GITIGNORE.encode())
    write_schemas(folder / "schema", library_at(folder))
    return folder


def new_definition(session: Session, kind: str, title: str) -> str:
    """Write a new definition; return the sentence that says so.

    Raises:
        UsageError: There is no such kind, the title makes no file name, or the file exists.
    """
    if kind not in _NEW:
        raise UsageError(
            f'unknown kind "{kind}"; expected thesis, concept, basket, episode or entity.',
            hint=did_you_mean(kind, (*_NEW, "episode", "entity")),
        )
    name = slug(title)
    if not any(c.isalnum() for c in title):
        raise UsageError(f'"{title}" makes no file name; a title has letters or digits.')
    settings, workspace, today = session.settings, session.workspace, session.now.date()
    path = workspace.data / ("baskets" if kind == "basket" else "theses") / f"{name}.yaml"
    if path.exists():
        raise UsageError(f"{workspace.shown(path)} exists already; nothing was written.")
    write_if_changed(
        path,
        _NEW[kind]
        .format(title=scalar(typed(title, "the title")), today=today.isoformat(), member=settings.benchmark)
        .encode(),
    )
    return f"Wrote {workspace.shown(path)}."


def _empty(folder: Path) -> None:
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name a folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new or an empty folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DiskError(Finding(f"the folder cannot be made: {problem.strerror}.", Place(folder.as_posix()))) from None
