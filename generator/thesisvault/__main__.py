"""The way in: what nothing has changed for is told at once, everything else is the business of the command line."""

from __future__ import annotations

import sys
import time

from thesisvault import instant


def main() -> None:
    """Run the command line, or tell what an earlier run found, and end the process with the exit status."""
    status = instant.answer(sys.argv[1:], time.time())
    if status is None:
        from thesisvault.cli.main import main as run

        run()
    raise SystemExit(status)


if __name__ == "__main__":
    main()
