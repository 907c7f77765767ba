from __future__ import annotations

import math

import numpy as np
import pytest

from thesisvault.language.functions.universes import _kind_of_session, _kinds_of_sessions

NAN = math.nan


@pytest.mark.parametrize(
    ("move", "share", "kind"),
    [
        (-0.01, 0.5, "broad sell-off"),
        (-0.01, 0.51, "rotation"),
        (0.01, 0.51, "healthy rally"),
        (0.01, 0.5, "narrow rally"),
        (0.0, 0.9, None),
        (NAN, 0.9, None),
        (0.01, NAN, None),
        (-0.01, NAN, None),
    ],
)
def test_a_session_is_classed_by_the_index_and_by_how_many_rose(move, share, kind):
    assert _kind_of_session(move, share) == kind
    assert _kinds_of_sessions(np.array([move]), np.array([share])).tolist() == [kind]
