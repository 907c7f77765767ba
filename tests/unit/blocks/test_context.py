"""What cannot be filled is said of the text that is to blame."""

from __future__ import annotations

from typing import Any

import pytest

from thesisvault.blocks.core.context import BlockError
from thesisvault.definitions.reading.load import parse_tree


@pytest.mark.parametrize("names", [["NOSUCH", "UP"], ["UP", "NOSUCH"]])
def test_a_call_blames_the_argument_that_is_wrong(world: Any, names: list[str]) -> None:
    tree, _ = parse_tree(f"of: [{', '.join(names)}]", "t.yaml")
    assert tree is not None
    written = tree.at(("of",))
    with pytest.raises(BlockError, match="NOSUCH") as refused:
        world.context().call("spread", *written, "ytd")
    assert refused.value.text is written[names.index("NOSUCH")]
