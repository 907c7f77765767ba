"""Splicing: single regions of a note written anew, added or taken out, while every other byte stays.

A note is spliced where it cannot be made: what a whole merge would do to the other regions is left to the next build.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from thesisvault.notes.markers import Outside, Region, parse, with_marks, wrap


def spliced(disk_text: str, bodies: Mapping[str, str], removed: AbstractSet[str] = frozenset()) -> str | None:
    """Return a note with some of its regions as they are wanted; None where markers or properties are damaged.

    A region that is not there yet comes after the first one of the note, or with a name in `AT_THE_END` after the last.
    One that a person has edited stays as it is.

    Args:
        disk_text: The note, with its line ends.
        bodies: The wanted body of each region; empty, and the region goes.
        removed: Regions that a person has removed, which stay so.
    """
    parsed = parse(disk_text)
    if parsed.findings or not parsed.regions:
        return None
    newline = "\r\n" if disk_text.count("\r\n") * 2 > disk_text.count("\n") else "\n"
    texts: list[tuple[str, str]] = []
    is_gone = False
    for part in parsed.parts:
        if isinstance(part, Outside):
            text = part.text.removeprefix(newline) if is_gone else part.text
            texts.append(("", text))
        elif part.name in bodies and not part.edited:
            body = bodies[part.name]
            is_gone = not body
            if body:
                texts.append((part.name, _region(part, body, newline)))
            continue
        else:
            texts.append((part.name, part.text))
        is_gone = False
    if is_gone and texts and texts[-1][0] == "" and not texts[-1][1].strip():
        texts.pop()
    for name, body in bodies.items():
        if body and name not in parsed.regions and name not in removed:
            _add(texts, name, wrap(name, body).replace("\n", newline) + newline, newline)
    return parsed.front + "".join(text for _, text in texts)


AT_THE_END = frozenset({"last-run"})
"""Regions that stand below all others."""


def _region(old: Region, body: str, newline: str) -> str:
    text = with_marks(wrap(old.name, body).replace("\n", newline), old.marks)
    return text + (newline if old.text.endswith("\n") else "")


def _add(texts: list[tuple[str, str]], name: str, text: str, newline: str) -> None:
    places = [at for at, (region, _) in enumerate(texts) if region]
    at = (places[-1] if name in AT_THE_END else places[0]) + 1
    before, after = "".join(each for _, each in texts[:at]), "".join(each for _, each in texts[at:])
    ended = "" if before.endswith("\n") else newline
    blank = "" if (before + ended).endswith(("\n\n", "\n\r\n")) else newline
    close = newline if after and not after.startswith(("\n", "\r\n")) else ""
    texts.insert(at, (name, ended + blank + text + close))
