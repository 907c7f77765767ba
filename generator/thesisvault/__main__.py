"""The way in: what nothing has changed for is told at once, everything else is the business of the command line."""

from __future__ import annotations

import atexit
import os
import sys
import time

from thesisvault import instant

_INTERRUPTED = 130


def main() -> None:
    """Run the command line, or tell what an earlier run found, and end the process with the exit status."""
    status = instant.answer(sys.argv[1:], time.time())
    if status is None:
        from thesisvault.surroundings import settle

        settle()
        from thesisvault.cli.main import main as run

        try:
            run()
        except SystemExit as ended:
            if not isinstance(ended.code, int):
                raise
            status = ended.code
    if status == _INTERRUPTED:
        # It may have met a library in the middle of its work, over which Python would stumble as it ends.
        os._exit(status)
    if not _is_awaited():
        atexit._run_exitfuncs()  # a library may have made a folder for its own use
        os._exit(status or 0)
    raise SystemExit(status)


def _is_awaited() -> bool:
    """Return whether something still works, or waits for Python to end in its own way.

    Where nothing does, all is said and put away by now, and the system frees at once what Python would take apart
    object by object: with its libraries, a fifth of the time of a build.
    """
    if sys.flags.interactive or sys.flags.dev_mode or sys.gettrace() or sys.getprofile():
        return True
    threading, processes = sys.modules.get("threading"), sys.modules.get("multiprocessing.process")
    others = [each for each in threading.enumerate() if each is not threading.main_thread()] if threading else []
    return any(not each.daemon for each in others) or bool(processes and processes.active_children())


if __name__ == "__main__":
    main()
