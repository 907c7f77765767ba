"""Making new things: workspaces, the demo, definitions to fill in, and the schemas for editors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from thesisvault.editing.rendering import scalar, typed
from thesisvault.errors import DiskError, Finding, Place, UsageError, did_you_mean
from thesisvault.notes.names import slug
from thesisvault.runs.corner import corner_settings, home_name, offered_corner
from thesisvault.runs.first import first_files
from thesisvault.runs.schemas import library_at, write_schemas
from thesisvault.session import Session
from thesisvault.vault.write import write_if_changed
from thesisvault.workspace import SETTINGS_FILE, demo_source, real_path

_GITIGNORE = "data/market/\n.thesisvault/\n.trash/\nvault/.obsidian/workspace*.json\n"

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


def make_workspace(
    folder: Path, today: dt.date, vault: Path | None = None, corner: str | None = None, *, example: bool = False
) -> list[str]:
    """Make a new workspace that shows one of everything; return what to do next.

    Args:
        folder: Where to make it.
        today: The day on which its thesis is opened.
        vault: A person's own vault that the notes go into; left out, the workspace has a vault for itself.
        corner: The folder of that vault that they go into.
        example: Copy the definitions that travel with the package in place of the small ones.

    Raises:
        UsageError: The folder holds something already, or the vault or the folder in it cannot be used.
        DiskError: It cannot be made.
    """
    inside, remarks = corner_settings(folder, vault, corner)
    if vault is None and (offer := offered_corner(folder)):
        remarks.append(offer)
    _empty(folder)
    files = (
        {path: (demo_source() / path).read_text(encoding="utf-8") for path in _shipped()}
        if example
        else first_files(today)
    )
    line, _, settings = files[SETTINGS_FILE].partition("\n")
    files |= {SETTINGS_FILE: f"{line}\n{inside}{settings}", ".gitignore": _GITIGNORE}
    for name, text in files.items():
        write_if_changed(folder / name, text.encode())
    write_schemas(folder / "schema", library_at(folder))
    opened = f"{vault} in Obsidian, at {corner}/{home_name(vault)}" if vault else "its folder vault in Obsidian"
    if real_path(folder) == real_path(Path()):
        made, there = "Made a workspace in this folder.", ""
    else:
        made, there = f"Made the workspace {folder}.", f"cd {folder} && "
    return [made, *remarks, f"Next: {there}thesisvault run, then open {opened}."]


def _shipped() -> list[str]:
    """Return the paths of the definitions that travel with the package."""
    source = demo_source()
    return sorted(
        p.relative_to(source).as_posix()
        for p in source.rglob("*")
        if p.is_file() and p.suffix in (".yaml", ".txt", ".md")
    )


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
    for name in _shipped():
        target = folder / name
        if not target.exists():
            write_if_changed(target, (demo_source() / name).read_bytes())
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
