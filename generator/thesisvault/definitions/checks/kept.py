"""What was found wrong with each thesis and with the other definitions, kept from one run to the next.

What is kept counts as long as all that the check may look at is the same; whatever is missing or not to be understood
is checked anew. Windows that lie ahead are the only thing that is judged by the day, and a window that is
over stays so: where nothing was found on one day, nothing is found on a later one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from thesisvault.errors import Finding
from thesisvault.sealed import read_sealed, write_sealed
from thesisvault.structs import as_plain

FILE = "checked.json"
_HEAD = "thesisvault checked 1"
"""The number goes up with every change in what is kept."""


class Checked(Struct, frozen=True):
    """What was found wrong with one part of the definitions.

    Attributes:
        digest: Digest of all that its check may look at, but for the day.
        day: The last day of data of the check.
        findings: What was found, in order.
    """

    digest: str
    day: dt.date
    findings: tuple[Finding, ...] = ()

    def holds(self, digest: str, day: dt.date) -> bool:
        """Return whether a check on a day would find the same."""
        return digest == self.digest and (day == self.day or (not self.findings and day > self.day))


class KeptFindings(Struct):
    """What earlier checks found, and what this one finds.

    Attributes:
        code: Digest of the code; empty where nothing can be kept.
        before: What earlier checks found, by the name of the part.
        after: What is kept of this one.
    """

    code: str = ""
    before: dict[str, Checked] = field(default_factory=dict)
    after: dict[str, Checked] = field(default_factory=dict)

    def find(self, part: str, digest: str, day: dt.date | None) -> Sequence[Finding] | None:
        """Return what is wrong with a part, or None: it has to be checked."""
        known = self.before.get(part)
        if known is None or day is None or not known.holds(digest, day):
            return None
        self.after[part] = known
        return known.findings

    def keep(self, part: str, digest: str, day: dt.date | None, findings: Sequence[Finding]) -> None:
        """Keep what was found wrong with a part."""
        if day is not None:
            self.after[part] = Checked(digest, day, tuple(findings))


def read_findings(folder: Path, code: str) -> KeptFindings:
    """Return what earlier checks found under the same code; nothing where that cannot be had.

    Args:
        folder: The folder of caches.
        code: Digest of the code, as `digests.digest_of_code` gives it.
    """
    body = read_sealed(folder / FILE, f"{_HEAD} {code}") if code else None
    try:
        return KeptFindings(code, {} if body is None else checked(body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return KeptFindings(code)


def write_findings(folder: Path, kept: KeptFindings) -> None:
    """Write what is kept, where it has changed; where that is not possible, the next run checks everything."""
    if kept.code and kept.after != kept.before:
        found = {
            key: (each.digest, each.day.isoformat(), [as_plain(finding) for finding in each.findings])
            for key, each in kept.after.items()
        }
        write_sealed(folder / FILE, f"{_HEAD} {kept.code}", json.dumps(found, separators=(",", ":")).encode())


def checked(body: bytes) -> dict[str, Checked]:
    """Return what is kept, as it was written.

    Raises:
        ValueError, TypeError, KeyError, AttributeError, RecursionError: It is something else.
    """
    return {
        part: Checked(digest, dt.date.fromisoformat(day), tuple(map(Finding.of_json, findings)))
        for part, (digest, day, findings) in json.loads(body).items()
    }
