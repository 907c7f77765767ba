"""A brief is the same after it was kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.notes.brief import (
    Ahead,
    Brief,
    BriefExit,
    BriefFigure,
    Flip,
    NewVerdict,
    SideMove,
    brief_as_json,
    brief_of_json,
)

texts, days, numbers = st.text(max_size=6), st.dates(), st.floats(allow_nan=False)
figures = st.builds(
    BriefFigure,
    texts,
    st.none() | numbers,
    texts,
    texts,
    st.lists(st.tuples(texts, days), max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
)
exits = st.builds(
    BriefExit, texts, st.none() | st.booleans(), st.none() | days, st.none() | figures, st.none() | figures
)


def some(of):
    return st.lists(of, max_size=2).map(tuple)


briefs = st.builds(
    Brief,
    texts,
    texts,
    texts,
    texts,
    texts,
    opened=st.none() | days,
    since_opened=st.none() | figures,
    spread=st.none() | figures,
    exit=st.none() | exits,
    unknown=some(texts),
    flips=some(st.builds(Flip, texts, st.booleans(), st.booleans())),
    verdicts=some(st.builds(NewVerdict, texts, texts, texts)),
    moves=some(st.builds(SideMove, texts, texts, numbers, numbers)),
    ahead=some(st.builds(Ahead, texts, texts, days)),
)


@given(st.none() | briefs)
def test_a_brief_is_kept_as_it_is(brief: Brief | None) -> None:
    assert brief_of_json(json.loads(json.dumps(brief_as_json(brief)))) == brief


@pytest.mark.parametrize("kept", ["text", {"of": "Flip", "name": "a", "is_exit": True, "holds": False}, [1]])
def test_something_else_is_no_brief(kept: object) -> None:
    with pytest.raises(TypeError):
        brief_of_json(kept)
