"""Makes the troubles of docs/troubleshooting.md happen, so that the page holds the messages that a person really gets.

Each trouble names the file or the word that its line of output has, never the wording of the message.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.docs.walk import price_files

_SETTINGS = "providers: [{{csv: {{folder: prices}}}}]\nas_of: {day}\n"
_PLACE = re.compile(r"^(?:data|vault|thesisvault\.yaml)[^:]*(?::\d+){0,2}: ")
_LONGEST = 150


@dataclass(frozen=True)
class Trouble:
    """One row of the page.

    Attributes:
        scene: Which of the scenes below shows it, or `code`.
        line: What the line of output holds that tells of it; of the scene `code` the message itself, with ... for what
            varies.
        cause: Why it comes.
        cure: What to do.
    """

    scene: str
    line: str
    cause: str
    cure: str


# Scenes: each makes a workspace go wrong and returns all that the commands said -----------------------------------

_BROKEN = {
    "key": "title: A key\nstaus: active\n",
    "date": "title: A date\nopened: 27/02/2026\n",
    "ticker": "title: A ticker\nbuy: {hold: [XLEE]}\n",
    "braces": "title: Braces\nsummary: {{ ret('XLE', 'ytd') | pct }}\n",
    "colon": "title: A colon\nsummary: Rates: up\n",
    "tab": "title: A tab\nsections:\n\t- heading: X\n",
    "filter": "title: A filter\nsummary: \"{{ ret('XLE', 'ytd') - ret('XLK', 'ytd') | pp }}\"\n",
    "function": "title: A function\nsummary: \"{{ rett('XLE', 'ytd') | pct }}\"\n",
    "window": "title: A window\nsummary: \"{{ ret('XLE', '3 months') | pct }}\"\n",
    "claim": "title: A claim\nclaims:\n  - {says: Up, check: \"ret('XLE', 'ytd')\"}\n",
    "twice": "title: A key twice\ntitle: Again\n",
    "anchor": "title: An anchor\nbuy: &x {hold: [XLE]}\n",
    "lost-quote": 'title: "A lost quote\nkind: thesis\nsummary: "Up"\n',
    "single-brace": "title: A brace\nsummary: Up { ret('XLE', 'ytd') | pct } this year\n",
    "per-cent": "title: A per cent\nsignals:\n  - {name: Up, when: \"ret('XLE', 'ytd') > 5%\", means: it holds}\n",
    "curly": "title: A curly quote\nsummary: \"{{ ret(‘XLE’, 'ytd') | pct }}\"\n",
    "quoted-name": "title: A quoted name\nbuy: {hold: [XLE]}\nsummary: \"{{ ret('buy', 'ytd') | pct }}\"\n",
    "habit": "title: A habit\nsummary: \"{{ pct_change('XLE', 'ytd') | pct }}\"\n",
    "bare-window": "title: A bare window\nsummary: \"{{ ret('XLE', 60d) | pct }}\"\n",
    "ahead": "title: A year ahead\nsummary: \"{{ ret('XLE', '2026') | pct }}\"\n",
    "near-key": "title: A near key\nupdates:\n  - {date: 2026-02-20, title: Up}\n",
    "new-ticker": "title: A new ticker\nbuy: {hold: [XYZW]}\n",
    "bare-weights": "title: Bare weights\nbuy: {hold: {XLE: 60, XLK: 40}}\n",
    "limit": "title: A limit\nsections:\n  - {heading: H, blocks: [{changes: {top: 5000}}]}\n",
    "open-quote": 'title: "An open quote\nkind: thesis\n',
    "same-title": "title: Technology to energy\n",
}
_CONFLICT = "<<<<<<< HEAD\nI doubt it.\n=======\nI believe it.\n>>>>>>> theirs\n\n"
_NOTES = {
    "edited": "summary: One.\n",
    "gone": "summary: Two.\n",
    "copied": "summary: Three.\n",
    "damaged": "summary: Four.\n",
    "merged": "summary: Seven.\n",
    "property": "conviction: 3\n",
    "removed": "summary: Five.\n",
    "emptied": "summary: Five and a half.\n",
    "renamed": "summary: Six.\n",
    "stale": "buy: {hold: [QQQ]}\nsell: {hold: [IWM]}\n",
    "claim": "claims:\n  - {says: Energy doubled, check: \"ret('XLE', 'ytd')\", at_least: 100%}\n",
    "unknown": "verdict: \"{{ ret('XLE', '20y') | pct }}\"\n",
    "priceless": "summary: \"{{ ret('TUR', 'ytd') | pct }}\"\n",
}


def definitions(home: Path) -> str:
    """Return what `check` says of definitions that are wrong in many ways."""
    root = _workspace(home)
    for name, text in _BROKEN.items():
        (root / "data" / "theses" / f"{name}.yaml").write_text(text, "utf-8", newline="\n")
    (root / "data" / "baskets").mkdir(exist_ok=True)
    (root / "data" / "baskets" / "weights.yaml").write_text(
        "title: Weights\nmembers: {XLE: 60%, XLK: 30%}\n", "utf-8", newline="\n"
    )
    return _said(root, "check")


def links(home: Path) -> str:
    """Return what `check` says of a link to nothing."""
    root = _workspace(home)
    (root / "data" / "theses" / "link.yaml").write_text(
        "title: A link\nsummary: Said by [[Nobody]].\n", "utf-8", newline="\n"
    )
    return _said(root, "check")


def notes(home: Path) -> str:
    """Return what a run says after a person changed, moved and deleted notes, and prices changed."""
    root = _workspace(home, "2026-02-20")
    theses, vault = root / "data" / "theses", root / "vault" / "Theses"
    with (root / "data" / "instruments.yaml").open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{ticker}: {{name: Fund {ticker}, kind: etf}}\n" for ticker in ("QQQ", "IWM", "TUR"))
    for name, text in _NOTES.items():
        (theses / f"{name}.yaml").write_text(f"title: The {name} note\n{text}", "utf-8", newline="\n")
    _said(root, "run")

    def change(name: str, old: str, new: str) -> None:
        note = vault / f"The {name} note.md"
        note.write_text(note.read_text("utf-8").replace(old, new), "utf-8", newline="\n")

    change("edited", "One.", "One, and more.")
    change("damaged", "%% tv:end summary", "%% tv:fin summary")
    change("merged", "%% tv:begin summary", f"{_CONFLICT}%% tv:begin summary")
    change("property", "conviction: 3", "conviction: 5")
    shutil.copy(vault / "The copied note.md", vault / "The copy.md")
    shutil.copy(vault / "The copied note.md", vault / "The copied note (conflicted copy 2026-01-01).md")
    (vault / "The removed note.md").unlink()
    (vault / "The emptied note.md").write_bytes(b"")
    (vault / "Own.md").write_text("See [[No such note]].\n", "utf-8", newline="\n")
    (theses / "gone.yaml").unlink()
    (theses / "renamed.yaml").rename(theses / "anew.yaml")
    (root / "thesisvault.yaml").write_text(_SETTINGS.format(day="2026-02-27"), "utf-8", newline="\n")
    _cut(root / "prices" / "QQQ.csv")
    _restate(root / "prices" / "IWM.csv", "2026-02-18")
    return _said(root, "run", "--all")


def figures(home: Path) -> str:
    """Return what `eval` says of figures that are not known, and of an expression that cannot be."""
    root = _workspace(home)
    _said(root, "run")
    asked = ("ret('XLE', '5y')", "ret('SPY', '2026')", "ret('XLK', 'ytd') - 2 | pp", "close('AMD')")
    said = [_said(root, "eval", text) for text in asked[:3]]
    return "".join([*said, _said(home, "demo", "demo"), _said(home / "demo", "eval", asked[3])])


def workspaces(home: Path) -> str:
    """Return what commands say where workspace, words or prices are not as they should be."""
    said = [_said(home, "build")]
    root = _workspace(home)
    said += [_said(home, "init", "ws"), _said(root, "buld"), _said(root, "run", "--as-of", "27.2.2026")]
    (root / "prices").rename(root / "elsewhere")
    said.append(_said(root, "build"))
    (root / "data").rename(root / "elsewhere too")
    said.append(_said(root, "build"))
    return "".join(said)


def lock(home: Path) -> str:
    """Return what `build` says while another run is using the workspace."""
    root = _workspace(home)
    (root / ".thesisvault").mkdir()
    with FileLock(root / ".thesisvault" / "lock"):
        (root / ".thesisvault" / "lock.json").write_text(
            json.dumps({"process": 4121, "command": "run"}), "utf-8", newline="\n"
        )
        return _said(root, "build")


def store(home: Path) -> str:
    """Return what `build` says of a market store that is none."""
    root = _workspace(home)
    (root / "data" / "market").mkdir()
    (root / "data" / "market" / "store.sqlite").write_bytes(b"no database" * 500)
    return _said(root, "build")


SCENES: Mapping[str, Callable[[Path], str]] = {
    "definitions": definitions,
    "links": links,
    "notes": notes,
    "figures": figures,
    "workspaces": workspaces,
    "lock": lock,
    "store": store,
}
FROM_CODE = "code"
"""The scene of a message that cannot be had at will: it is searched for in the code."""


def _workspace(home: Path, day: str = "2026-02-27") -> Path:
    _said(home, "init", "ws")
    root = home / "ws"
    (root / "thesisvault.yaml").write_text(_SETTINGS.format(day=day), "utf-8", newline="\n")
    price_files(root / "prices")
    return root


def _said(folder: Path, *words: str) -> str:
    command = shutil.which("thesisvault", path=str(Path(sys.executable).parent))
    assert command
    done = subprocess.run(
        [command, *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    return done.stdout


def _cut(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(lines[:-8]) + "\n", "utf-8", newline="\n")


def _restate(file: Path, day: str) -> None:
    file.write_text(
        re.sub(rf"^({day}),[\d.]+", r"\1,7.77", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8", newline="\n"
    )


# The rows ---------------------------------------------------------------------------------------------------------


def messages(troubles: Mapping[str, tuple[Trouble, ...]]) -> Mapping[Trouble, str]:
    """Return the message of each trouble, as it is printed, without its place and cut to fit a table."""
    said = {}
    for scene, make in SCENES.items():
        with tempfile.TemporaryDirectory() as folder:
            text = make(Path(folder)).replace(f"{Path(folder).resolve()}{os.sep}", "").replace(f"{folder}{os.sep}", "")
            said[scene] = text.replace(f"ws{os.sep}", "ws/").splitlines()
    found = {}
    for trouble in (each for rows in troubles.values() for each in rows):
        if trouble.scene == FROM_CODE:
            found[trouble] = trouble.line
            continue
        lines = [line for line in said[trouble.scene] if trouble.line in line]
        assert lines, f"nothing that was said holds {trouble.line!r}:\n" + "\n".join(said[trouble.scene])
        message = _PLACE.sub("", re.sub(r"^(?:[a-z]+:|why) +", "", lines[0], count=1))
        cut = message[:_LONGEST].rpartition(" ")[0] + " …" if len(message) > _LONGEST else message
        found[trouble] = cut
    return found
