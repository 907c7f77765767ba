"""Merging as tests of layout see it: without the marks of the properties."""

from __future__ import annotations

from typing import Any

from tests.marks import END
from thesisvault.notes import regions
from thesisvault.notes.regions import FreshNote, Merged
from thesisvault.notes.targets import Leads
from thesisvault.structs import replace


def merge(disk_text: str | None, fresh: FreshNote, **more: Any) -> Merged:
    """Return what `regions.merge` does, the marks taken out."""
    return _bare(regions.merge(disk_text, fresh, **more))


def adopt(disk_text: str, fresh: FreshNote, **more: Any) -> Merged:
    """Return what `regions.adopt` does, the marks taken out."""
    return _bare(regions.adopt(disk_text, fresh, **more))


def unmarked(text: str) -> str:
    """Return a note without the marks of its properties."""
    return END.sub(r"%% tv:end \1 \2 %%", text)


def _bare(merged: Merged) -> Merged:
    return replace(merged, text=unmarked(merged.text))


def renamed(**former: str) -> Leads:
    """Return where links lead after renames: the new name by the old one, blanks as underscores."""
    now = {new.rpartition("/")[2].casefold(): old for old, new in former.items()}
    now |= {old.casefold(): old for old in former}
    return Leads(lambda path: now.get(path.rpartition("/")[2].casefold()), lambda note: (note,))
