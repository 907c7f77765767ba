"""Names that are safe everywhere: of notes, of regions, of attachments, of blocks.

A note's name is its file name without `.md` and the target of every link to it, so it has only characters that
Windows, macOS, Linux, Android, sync services and Obsidian's link syntax all accept.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from thesisvault.patterns import regex

MAX_BYTES = 120
"""Longest name of a note, in bytes of UTF-8: about half of what file systems allow, which keeps paths short too."""

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in ("1", "2", "3", *"456789¹²³"))]
)
_WORDS = (
    (regex(r"\s*(?:→|⇒|->|=>)\s*"), " to "),
    (regex(r"[’‘`´]"), "'"),
    (regex(r"\s*[:;]\s+"), " - "),
    (regex(r"\s+[–—]\s+"), " - "),
    (regex(r"[–—−‐‑/\\]"), "-"),
    (regex(r"(?<=\d)[.:](?=\d)"), "-"),
    (regex(r"(?<=\w)\.(?=\w\b)|(?<=\b\w)\."), ""),
    (regex(r"(?<=\d)\+(?=\s)"), " plus"),
    (regex(r"(?<![+\s])\s*\+\s*(?=\w)"), " and "),
)


def note_name(title: str) -> str:
    """Return the file name, without `.md`, for a note of this title.

    It has only letters, digits, spaces and `- _ ( ) , & '`, is composed (NFC), has at most `MAX_BYTES` bytes, is cut
    at a word where enough remains, and is never one that Windows reserves for a device. An unusable title gives `Note`.

    >>> note_name("Software → energy: round 1")
    'Software to energy - round 1'
    >>> note_name("U.S. rates / 10-year"), note_name("con"), note_name("***")
    ('US rates - 10-year', 'con note', 'Note')
    """
    name = unicodedata.normalize("NFC", title)
    for pattern, word in _WORDS:
        name = pattern.sub(word, name)
    name = "".join(char if _allowed(char) else " " for char in name)
    name = re.sub(r"(?<=\s)-(?:[\s-]*-)?(?=\s)", "-", name)
    name = _cut(_tidy(name), MAX_BYTES)
    if not any(char.isalnum() for char in name):
        return "Note"
    return f"{name} note" if name.casefold() in _DEVICES else name


def _allowed(char: str) -> bool:
    return char in " -_(),&'" or unicodedata.category(char)[0] in "LMN"


def _tidy(name: str) -> str:
    # A combining mark that lost its letter would join the character before it.
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name)).strip(" -_,&'")
    while name and unicodedata.category(name[0])[0] == "M":
        name = name[1:].strip(" -_,&'")
    return name


def _cut(name: str, limit: int) -> str:
    data = name.encode()
    if len(data) <= limit:
        return name
    whole = data[:limit].decode(errors="ignore")
    words = whole.rpartition(" ")[0] if data[limit : limit + 1] != b" " else whole
    return _tidy(words if len(words.encode()) > limit // 2 else whole)


def unique_name(name: str, taken_casefolded: Collection[str]) -> str:
    """Return the name, with the first free number after it if it is taken.

    Args:
        name: A name from `note_name`.
        taken_casefolded: Names in use, composed (NFC) and casefolded.

    >>> unique_name("Oil", {"oil", "oil (2)"})
    'Oil (3)'
    """
    candidate, number = name, 1
    while unicodedata.normalize("NFC", candidate).casefold() in taken_casefolded:
        number += 1
        suffix = f" ({number})"
        candidate = _cut(name, MAX_BYTES - len(suffix)) + suffix
    return candidate


_COPIES = (
    ("Syncthing", regex(r"(?P<of>.+)\.sync-conflict-[0-9]{8}-[0-9]{6}(?:-[A-Z0-9]+)?")),
    (
        "Dropbox, Nextcloud or Obsidian Sync",
        regex(r"(?P<of>.+?) \((?:[^()]*['’]s )?conflicted copy\b[^()]*\)(?: ?\([0-9]+\))?", re.IGNORECASE),
    ),
    ("iCloud", regex(r"(?P<of>.+) [2-9]")),
)


class CopiedName(NamedTuple):
    """What a name says that a program gave to the second of two versions of a file.

    Attributes:
        original: Name of the file of which it is the second version.
        maker: The program that names them so.
    """

    original: str
    maker: str


def copied_name(name: str) -> CopiedName | None:
    """Return what a sync client says by a name; None if it is none of theirs. The last form is a person's often too.

    >>> copied_name("Oil (Ann's conflicted copy 2026-01-01)")
    CopiedName(original='Oil', maker='Dropbox, Nextcloud or Obsidian Sync')
    >>> copied_name("Oil.sync-conflict-20260101-101010-ABCDEFG").maker, copied_name("Oil 2").maker, copied_name("Oil")
    ('Syncthing', 'iCloud', None)
    """
    for maker, pattern in _COPIES:
        if found := pattern.fullmatch(name):
            return CopiedName(found["of"], maker)
    return None


def slug(text: str) -> str:
    """Return lower-case ASCII letters and digits joined by dashes: for regions, attachments and block ids.

    A text without any of them gives a short hash of itself, so that two such texts differ.

    >>> slug("Software & energy, 90 days"), slug("Crédit Agricole"), slug("日本")
    ('software-and-energy-90-days', 'credit-agricole', 'x-cf2abf0c')
    """
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ")).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=\w)'(?=\w)", "", plain))
    if words:
        return "-".join(words)
    data = unicodedata.normalize("NFC", text).encode(errors="replace")
    return f"x-{hashlib.sha256(data).hexdigest()[:8]}"
