"""Marks a note whose definition is gone; its text stays as it is."""

from __future__ import annotations

from generator.notes import properties

STATUS = "orphaned"


def orphaned(text: str) -> str | None:
    r"""Return a note with `status: "orphaned"`; None if it says so already or has no properties that can be read.

    >>> print(orphaned('---\nid: "x"\n---\n\nbody\n'))
    ---
    id: "x"
    status: "orphaned"
    ---
    <BLANKLINE>
    body
    <BLANKLINE>
    """
    block, body = properties.split(text)
    if block is None:
        return None
    found = properties.read(block)
    if found.findings or found.values.get("status") == STATUS:
        return None
    ours = {key: value for key, value in found.values.items() if key == "id"}
    merged, _ = properties.merge(block, {**ours, "status": STATUS}, frozenset())
    return f"---\n{merged}---\n{body}"
