"""An independent reader of vaults: obsidiantools, which resolves links as Obsidian does and shares no code with us."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Read:
    """What an independent reader found in a vault.

    Attributes:
        notes: Names of all notes.
        nonexistent_notes: Names that links lead to, but no note has.
        nonexistent_media: Files that are embedded but not there.
        isolated_notes: Notes that no link leads to or from.
    """

    notes: frozenset[str]
    nonexistent_notes: frozenset[str]
    nonexistent_media: frozenset[str]
    isolated_notes: frozenset[str]

    @property
    def is_whole(self) -> bool:
        return not self.nonexistent_notes and not self.nonexistent_media


def read_vault(root: Path) -> Read:
    """Return what obsidiantools makes of a vault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import obsidiantools.api as obsidian

        vault = obsidian.Vault(root).connect().gather()
    return Read(
        frozenset(vault.md_file_index),
        # A link within one note is called "" there, and an ampersand in bold letters gets a blank before it.
        frozenset(n for n in vault.nonexistent_notes if n and n.replace(" &", "&") not in vault.md_file_index),
        frozenset(vault.nonexistent_media_files),
        frozenset(vault.isolated_notes),
    )
