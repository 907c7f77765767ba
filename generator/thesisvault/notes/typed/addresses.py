"""Where a link of a definition may lead: the web, a mailbox, or the vault itself.

Everything else is shown as text: other schemes start programs, a picture from elsewhere tells its server who reads the
note and when, and an address with a figure in it carries that figure away.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from urllib.parse import quote

from thesisvault.patterns import regex

_WEB = regex(r"(?i:https?)://[^\s<>\"\\]+")
_MAIL = regex(r"mailto:[^\s<>\"\\&]+")
_ODD = regex(r"[:\\<>\"`]|^/{2}|%(?:3a|5c|2f%2f)", re.IGNORECASE)
_ACTING = regex(r"[$|{`]|%(?![0-9A-Fa-f]{2})|(?<=:):|(?<==)=")
_TARGET = regex(
    r"""\(\ *
    (?: <(?P<angled>[^<>\n\\]*)> | (?P<bare> (?:[^()\s<>\\]|\([^()\s<>\\]*\))* ) )
    (?:\ +"(?P<title>[^"\n\\`<>\[\]$%{]*)")?
    \ *\)""",
    re.VERBOSE,
)


class Target(NamedTuple):
    """What stands behind the text of a link, in round brackets.

    Attributes:
        end: Offset after the closing bracket.
        address: Where it leads, as it was typed.
        title: What a reader sees who waits on the link; empty if there is none.
    """

    end: int
    address: str
    title: str


def target_at(text: str, start: int) -> Target | None:
    """Return the target of a link whose opening bracket stands at an offset; None for what is no plain target."""
    found = _TARGET.match(text, start)
    if found is None:
        return None
    address = found["angled"] if found["angled"] is not None else found["bare"]
    return Target(found.end(), address, found["title"] or "")


def local(address: str) -> str | None:
    """Return a path in the vault as a link holds it, blanks encoded; None if the address is no such path.

    >>> local("My note.md"), local("javascript:alert(1)"), local("//example.com/x.png")
    ('My%20note.md', None, None)
    """
    if _ODD.search(address) or html.unescape(address) != address:
        return None
    return acting_encoded(quote(address, safe="/#^%()!'*,;=@~+&?$|{}-._") if _blank(address) else address)


def _blank(address: str) -> bool:
    return any(char.isspace() for char in address)


def allowed(address: str) -> str | None:
    """Return an address as a link may hold it; None if no link may lead there.

    >>> allowed("https://x.org/a|b"), allowed("mailto:a@b.org"), allowed("obsidian://open?vault=x")
    ('https://x.org/a%7Cb', 'mailto:a@b.org', None)
    """
    if _WEB.fullmatch(address) or _MAIL.fullmatch(address):
        return acting_encoded(address)
    return local(address)


def acting_encoded(address: str) -> str:
    """Return an address with what would act in a note percent-encoded: math, pipes, comments, fields, highlights.

    >>> acting_encoded("https://x.org/?p=$1%%20a==b")
    'https://x.org/?p=%241%25%20a=%3Db'
    """
    return _ACTING.sub(lambda found: f"%{ord(found[0]):02X}", address)
