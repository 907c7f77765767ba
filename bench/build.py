"""A build: how long the whole process takes, from nothing, with nothing to do, and after one edit.

    python bench/build.py [--rounds N]

Works on a copy of this repository's workspace where its market store is filled (`make vault MARKET=DIR`), else on the
demo with its bundled prices. The yardstick is what any program pays that loads the same libraries and does nothing with
them, in the same run; the ratio is the one to set goals by. Figures are medians of elapsed milliseconds from start to
exit of a process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AS_OF = "2026-02-27"
YARDSTICK = "import pandas, matplotlib.figure, matplotlib.backends.backend_agg, jinja2, pydantic, yaml"
OURS = "from thesisvault.cli.main import main; main()"
EDITED = "\n# an edit that changes no word\n"


def process(code: str, *arguments: str) -> float:
    """Return milliseconds from start to exit of a Python that runs some code."""
    command = [sys.executable, "-c", code, *arguments]
    begun = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    spent = (time.perf_counter() - begun) * 1000
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return spent


def workspace(folder: Path) -> list[str]:
    """Make a workspace with prices and without notes, and return the options of its builds."""
    if not (ROOT / "data" / "market" / "store.sqlite").is_file():
        process(OURS, "demo", str(folder))
        return ["--offline"]
    folder.mkdir()
    shutil.copy(ROOT / "thesisvault.yaml", folder)
    # Without the memory of notes: one whose file is gone counts as deleted by a person, and is not written again.
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("notes.yaml"))
    return ["--as-of", AS_OF, "--offline"]


def emptied(folder: Path) -> None:
    """Remove what builds made, so that the next one is the first."""
    for made in ("vault", ".thesisvault"):
        shutil.rmtree(folder / made, ignore_errors=True)
    (folder / "data" / "notes.yaml").unlink(missing_ok=True)


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="builds of each kind (3)")
    rounds = parser.parse_args().rounds
    cases: dict[str, list[float]] = {"full build": [], "nothing to do": [], "one definition touched": []}
    bare: list[float] = []
    loaded: list[float] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "workspace"
        options = workspace(folder)
        build = ("build", "--workspace", str(folder), *options)
        thesis = sorted((folder / "data" / "theses").glob("*.yaml"))[0]
        for _ in range(rounds):
            emptied(folder)
            cases["full build"].append(process(OURS, *build))
            bare.append(process("pass"))
            loaded.append(process(YARDSTICK))
            cases["nothing to do"].append(process(OURS, *build))
            thesis.write_text(thesis.read_text(encoding="utf-8") + EDITED, encoding="utf-8")
            cases["one definition touched"].append(process(OURS, *build))
        notes = len(list((folder / "vault").rglob("*.md")))
        charts = sum(1 for path in (folder / "vault").rglob("*") if path.suffix in (".png", ".svg", ".webp"))
    yardstick = statistics.median(loaded)
    print(f"{notes} notes, {charts} charts ({'this repository' if '--as-of' in options else 'the demo'})")
    print(f"{'case':<32}{'ms':>10}{'ratio':>8}")
    print(f"{'python -c pass':<32}{statistics.median(bare):>10.0f}{statistics.median(bare) / yardstick:>8.2f}")
    print(f"{'the libraries, nothing done':<32}{yardstick:>10.0f}{1:>8.2f}")
    for name, spent in cases.items():
        print(f"{name:<32}{statistics.median(spent):>10.0f}{statistics.median(spent) / yardstick:>8.2f}")


if __name__ == "__main__":
    main()
