"""One edit: a build after one line of a thesis has changed, beside one that makes everything anew.

    python bench/edit.py [--rounds N]

The workspace is this repository's own where prices are stored for it, else the demo. Each round runs every case once,
in turn; processor time of the whole process is compared, the median of the rounds, with a bare interpreter and with
loading pandas and matplotlib.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from instant import COMMAND, spent

HERE = Path(__file__).resolve().parents[1]
AS_OF = "2026-02-27"
PARTS = ("data", "templates", "vault", "thesisvault.yaml")


def made(folder: Path) -> tuple[Path, list[str]]:
    """Return a workspace in a folder, and the words that build it."""
    root = folder / "ws"
    if (HERE / "data/market/store.sqlite").exists():
        root.mkdir()
        for part in PARTS:
            source = HERE / part
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / part)
        return root, [*COMMAND, "build", "--offline", "--as-of", AS_OF]
    subprocess.run([*COMMAND, "demo", str(root)], capture_output=True, check=True)
    return root, [*COMMAND, "build", "--offline"]


def main() -> None:
    """Print what a build after one edit costs."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=7)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, build = made(Path(name))
        thesis = max((root / "data/theses").glob("*.yaml"), key=lambda path: path.stat().st_size)
        for _ in range(2):
            time.sleep(2.5)  # what is younger may change without a change of its times
            subprocess.run(build, cwd=root, capture_output=True, check=True)
        cases = {
            "bare python": [sys.executable, "-c", "pass"],
            "import pandas, matplotlib": [sys.executable, "-c", "import pandas, matplotlib.pyplot"],
            "one thesis edited": build,
            "everything anew": [*build, "--clean"],
        }
        found: dict[str, list[float]] = {case: [] for case in cases}
        for n in range(asked.rounds):
            text = re.sub(r"(?m)^(summary: (?:>\n +)?)", rf"\g<1>Edit {n}. ", thesis.read_text(), count=1)
            thesis.write_text(text)
            for case, words in cases.items():
                found[case].append(spent(words, root))
    bare, loaded = (statistics.median(found[case]) for case in ("bare python", "import pandas, matplotlib"))
    for case, times in found.items():
        spent_ = statistics.median(times)
        print(
            f"{case:28} {spent_:7.0f} ms  {spent_ / bare:6.1f} x bare  {spent_ / loaded:5.2f} x pandas and matplotlib"
        )
    print(f"{os.cpu_count()} cores; {thesis.name}")


if __name__ == "__main__":
    main()
