"""The way in: what nothing has changed for is told at once, everything else is the business of the command line."""

from __future__ import annotations

import gc
import os
import sys
import time

from thesisvault import instant

_INTERRUPTED = 130


def main() -> None:
    """Run the command line, or tell what an earlier run found, and end the process with the exit status."""
    status = instant.answer(sys.argv[1:], time.time())
    if status is None:
        # A run makes a great many things and drops few of them before it ends: looking for those is work for nothing.
        gc.set_threshold(50_000, 50, 100)
        from thesisvault.cli.main import main as run

        try:
            run()
        except SystemExit as ended:
            if ended.code == _INTERRUPTED:
                # The press may have met a library in the middle of its work, over which Python would stumble as it
                # ends. All is said and put away by now.
                os._exit(_INTERRUPTED)
            raise
    raise SystemExit(status)


if __name__ == "__main__":
    main()
