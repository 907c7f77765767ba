"""How Python and libraries are told to behave: libraries by the environment, before they are loaded.

One thread for linear algebra adds up in the same order on every machine; nothing here is large enough for more of them,
and to start them takes longer than to start Python. No plugins for pydantic: definitions mean the same whatever else is
installed, and to look for plugins among all that is takes a while. Lowest layer.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping

_TOLD = {"OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
_set_here: list[str] = []
_is_loading = False


def settle() -> None:
    """Tell Python and the libraries, except what a person has told them; to be called before one of them is loaded."""
    global _is_loading
    _is_loading = gc.isenabled()
    gc.disable()  # what is loaded stays; see `all_is_loaded`
    for name, value in _TOLD.items():
        if name not in os.environ:
            os.environ[name] = value
            _set_here.append(name)


def all_is_loaded() -> None:
    """Have Python look for garbage from here on, if `settle` had it wait, and leave what is loaded out of it.

    Circles are looked for by way of all that there is. To do so while modules are loaded, which stay, takes a twelfth
    of a build after an edit; and a run makes a great many things that stay: to look for others after each 700 of them
    is mostly for nothing.
    """
    global _is_loading
    if _is_loading:
        _is_loading = False
        gc.freeze()
        gc.set_threshold(50_000, 10, 5)
        gc.enable()


def environment_of_person() -> Mapping[str, str]:
    """Return the environment as it was given to this process, for programs that are a person's own."""
    return {name: value for name, value in os.environ.items() if name not in _set_here}
