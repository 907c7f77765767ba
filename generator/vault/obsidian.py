"""The few files of `.obsidian/` that may be touched, and how little."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from generator.errors import Finding


def config_folders(vault: Path) -> list[Path]:
    """Return the configuration folders of a vault: `.obsidian`, or what else a person calls theirs.

    A folder counts as one if Obsidian has written settings into it. The usual name is returned where there is none.
    """
    marks = ("app.json", "workspace.json", "core-plugins.json", "types.json", "appearance.json")
    folders = sorted(vault.iterdir()) if vault.is_dir() else []
    found = [f for f in folders if f.name.startswith(".obsidian") and any((f / mark).is_file() for mark in marks)]
    return found or [vault / ".obsidian"]


def merged_types(text: str | None, types: Mapping[str, str]) -> tuple[str | None, tuple[Finding, ...]]:
    """Return `types.json` with the types that it lacks, and what to know of it; None if nothing is to be written.

    Nothing that is there is changed: neither a type that a person chose otherwise, nor a file that cannot be read.
    Obsidian takes names for the same that differ in case only, and so does this.

    Args:
        text: The file as it is; None if there is none.
        types: Type of each property.

    >>> print(merged_types('{"types": {"mine": "date"}}', {"as_of": "date"})[0], end="")
    {
      "types": {
        "mine": "date",
        "as_of": "date"
      }
    }
    """
    if text is None or not text.strip():
        return _written({"types": dict(sorted(types.items()))}) if types else None, ()
    try:
        config = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as problem:
        return None, (_broken(f"it is no valid JSON: {problem}."),)
    declared = config.get("types", {}) if isinstance(config, dict) else None
    if not isinstance(declared, dict):
        return None, (_broken('it does not hold {"types": {...}}.'),)
    known = {name.casefold(): kind for name, kind in declared.items()}
    findings = tuple(
        Finding(
            f'the property "{name}" is declared as {known[name]}, but the notes hold it as {kind}.',
            hint="Choose that type in Obsidian if the property shows a warning.",
            level="remark",
            code="other-type",
        )
        for name, kind in sorted(types.items())
        if known.get(name, kind) != kind
    )
    missing = {name: kind for name, kind in sorted(types.items()) if name.casefold() not in known}
    if not missing:
        return None, findings
    return _written({**config, "types": {**declared, **missing}}), findings


def _written(config: Mapping[str, object]) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def _broken(problem: str) -> Finding:
    hint = "Mend or delete it; until then it is left as it is, and Obsidian guesses the types of properties."
    return Finding(problem, hint=hint, level="warning", code="broken-types")
