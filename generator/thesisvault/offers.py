"""What editors are told of scalars: the JSON Schema of a text, and which names may be offered for it.

Just below `fields`. An editor reads YAML by the usual rules, where the tool sees nothing but text, so a schema takes
every type that an editor may see. It says so by naming the types that it refuses: an editor offers `true`, `false` and
`null` wherever a schema names their types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct
from pydantic import GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema

JsonSchema = dict[str, Any]

TEXT_ONLY = ("object", "array", "boolean", "number")
"""Types that are refused where an editor sees text, whatever is typed."""
MAY_BE_NUMBER = ("object", "array", "boolean")
"""Types that are refused where a number may be typed."""
MAY_BE_WHOLE = (*MAY_BE_NUMBER, "fraction")
"""The same where no number but a whole one may."""
_ANYTHING = ("object", "array")

OFFERS = "offers"
"""The keyword that says what an editor is to offer in a place, until the schema is written."""
Offer = Literal["series", "held", "tickers", "windows", "functions", "universes", "theses", "episodes", "notes"]
"""What may be offered: names of series with the words that stand for sides, those that can be held, tickers alone..."""


def scalar_schema(noun: str, description: str, refused: Sequence[str] = _ANYTHING, **more: Any) -> WithJsonSchema:
    """Return the JSON Schema of a scalar that is typed as text.

    Args:
        noun: What is expected, with its article, for the message about a value of another type.
        description: What the editor shows.
        refused: The types that it cannot be; nothing goes at all places, because a value is typed after its key.
        more: Bounds and patterns.
    """
    types = [each for each in refused if each != "fraction"]
    wrong = {"type": "string", "errorMessage": f"expected {noun}"}
    whole = {"multipleOf": 1} if "fraction" in refused else {}
    # Where a schema names a type and no choice, an editor puts in the first value of the type, such as 0.
    unlike = {"patternErrorMessage": f"expected {noun}: {description}"} if "pattern" in more else {}
    return WithJsonSchema(
        {"description": description, "anyOf": [{"if": {"type": types}, "then": wrong, **whole, **more, **unlike}]}
    )


class Offers(Struct, frozen=True):
    """Annotation of a scalar that says which names of the workspace an editor offers: `Annotated[Word, Offers(...)]`.

    Attributes:
        what: Which names; anything else may be typed as well.
    """

    what: Offer

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return the scalar's JSON Schema with what is offered."""
        return {**handler(schema), OFFERS: self.what}
