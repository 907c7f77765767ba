"""The types of the fields of definitions: texts, names, days, windows, figures and other scalars.

Just above `scalars`; the base of the models made of them is in `model`. A definition is read as text, lists and
mappings only, so every scalar type here takes the text that was typed and nothing else; neither YAML nor pydantic's
lax mode ever guesses. A model must not use bare `int`, `float`, `bool` or `datetime.date`: pydantic would turn text
into them in its own way.

Each type has a JSON Schema of its own for editors. An editor reads YAML by the usual rules and sees a number in
`title: 2025` and a truth in the ticker `TRUE`, so a schema takes every type that an editor may see. It names those
that it refuses: an editor offers `true`, `false` and `null` wherever a schema names their types.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from thesisvault.offers import MAY_BE_NUMBER, MAY_BE_WHOLE, TEXT_ONLY, JsonSchema, Offers, scalar_schema
from thesisvault.patterns import regex
from thesisvault.quantities import Quantity, parse_quantity
from thesisvault.scalars import (
    LONGEST_EXPRESSION,
    LONGEST_PATH,
    Window,
    odd_path,
    parse_date,
    parse_integer,
    parse_number,
    parse_share,
    parse_span,
    parse_truth,
    parse_window,
)
from thesisvault.structs import replace
from thesisvault.written import like

T = TypeVar("T")


def found(value: object, limit: int = 40) -> str:
    """Return what stands in a definition, in words: `a list`, `a mapping` or `the text "..."`.

    >>> found([]), found({}), found("abc")
    ('a list', 'a mapping', 'the text "abc"')
    """
    if isinstance(value, str):
        text = " ".join(value[: limit * 4].split())
        return f'the text "{text if len(text) <= limit else text[: limit - 1] + "…"}"' if text else "an empty text"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else "nothing" if value is None else type(value).__name__


LONGEST_TEXT = 20_000
"""The longest text, in characters: about five pages."""
LONGEST_LINE = 500
"""The longest title, name, heading or other line, in characters."""
LONGEST_ADDRESS = 2_000
"""The longest web address, in characters."""
LONGEST_SCALAR = 200
"""The longest number, day, window, ticker, chain or id, in characters; more digits than any float can hold."""


def typed_text(noun: str, parse: Callable[[str], Any], most: int = LONGEST_SCALAR) -> PlainValidator:
    """Return a validator that takes text only and reads it with `parse`.

    Args:
        noun: What is expected, with its article, for the message when something else than text is found.
        parse: Turns the text into the value or raises ValueError in words that are fit for the person who typed it.
        most: How many characters it may have; nothing longer is looked at.
    """

    def read(value: object) -> Any:
        if not isinstance(value, str):
            raise ValueError(f"expected {noun}, found {found(value)}")
        if len(value) > most:
            raise ValueError(f"expected {noun} of {most} characters at most, found {len(value)}")
        return parse(value)

    # Pydantic tells the branches of a union apart by these names.
    read.__name__ = read.__qualname__ = noun
    return PlainValidator(read)


def _read_text(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty")
    return text


def _read_tag(text: str) -> str:
    """Read a tag as Obsidian takes it: one word, not a number alone."""
    word = _read_line(text)
    meant = re.sub(r"[^\w/-]+", "-", word.removeprefix("#").strip()).strip("-")
    if meant != word and meant:
        raise ValueError(f'"{word}" is not a tag: a tag has no blanks and no #; write {meant}')
    if not meant or re.fullmatch(r"[\d/-]+", meant):
        raise ValueError(f'"{word}" is not a tag: it needs a letter')
    return word


def _read_line(text: str) -> str:
    line = like(text, _read_text(text).strip())
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in line):
        raise ValueError(f"expected one line, found {found(line)} on several lines")
    return line


def _read_inner(text: str) -> str:
    folder = _read_line(text).strip("/" if not text.startswith("/") else "")
    parts = folder.split("/")
    if folder.startswith("/") or "\\" in folder or re.match("[A-Za-z]:", folder) or any(p in ("", "..") for p in parts):
        raise ValueError(f"expected a folder inside the vault, such as Markets or Work/Markets, found {found(text)}")
    if hidden := next((part for part in parts if part.startswith(".")), None):
        raise ValueError(f'Obsidian shows no folder whose name begins with a dot, found "{hidden}"')
    if odd := next((part for part in parts if _is_odd(part)), None):
        raise ValueError(f'"{odd}" is not a folder name on every system; use letters, digits, blanks and - _ ( ) , &')
    return folder


def _read_note_path(text: str) -> str:
    if not text.lower().endswith(".md"):
        raise ValueError(f"expected the path of a Markdown file in the vault, found {found(text)}")
    if why := odd_path(text):
        raise ValueError(f"expected the path of a note, found {found(text)}, which {why}")
    if text.startswith("/") or any(part in ("", ".", "..") or part.startswith(".") for part in text.split("/")):
        raise ValueError(f"a note lies inside the vault, in no hidden folder, found {found(text, 80)}")
    return text


_UNSAFE = regex(r'[<>:"|?*#^\[\]%]')


def _is_odd(name: str) -> bool:
    return name != name.strip(" ") or name[-1] == "." or not name.isprintable() or bool(_UNSAFE.search(name))


def _read_series(text: str) -> str:
    if text != text.strip():
        raise ValueError(f'"{text}" has blanks around it')
    links = [link.strip() for link in _read_line(text).split("|")]
    if not all(links):
        raise ValueError(f'"{text}" is not a chain; write names with | between them, such as QQQ | us-tech')
    if '"' in text or "'" in text:
        raise ValueError(f"{text} holds a quotation mark, which no ticker or id does")
    return like(text, " | ".join(links))


def read_window(text: str) -> Window:
    """Return the window that a text means, which knows its place where it may be wrong on some day.

    Raises:
        ValueError: It means none.
    """
    window = parse_window(text)
    placed = window.kind == "opened" or window.start is not None
    return replace(window, text=like(text, window.text)) if placed else window


def _read_ticker(text: str) -> str:
    if "|" in text:
        raise ValueError(f'expected a single ticker or id, found the chain "{text}"')
    return _read_series(text)


_WORD = "[a-z0-9]+(?:-[a-z0-9]+)*"


def _read_word(text: str) -> str:
    if not re.fullmatch(_WORD, text):
        raise ValueError(f"expected an id of lower-case letters, digits and single dashes, found {found(text)}")
    return text


def _read_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or re.search(r"[\s<>\"\\^`{}|]", text):
        raise ValueError(f"expected a web address that begins with https:// or http://, found {found(text, 80)}")
    return text


def _read_share(text: str) -> float:
    value = parse_share(text)
    if abs(value) > 1 and not text.endswith("%"):
        raise ValueError(f'"{text}" needs %: write {text}%')
    return value


LONGEST_SPAN = 3660
"""The longest length of time in days, ten years."""
_A_DAY = 86_400

_SECONDS = "([0-9]{1,6})(ms|s|m|h)"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _read_seconds(text: str) -> float:
    said = re.fullmatch(_SECONDS, text)
    if not said:
        raise ValueError(f"expected a number with ms, s, m (minutes) or h, such as 20m, found {found(text)}")
    return int(said[1]) * _UNITS[said[2]]


class Between(Struct, frozen=True):
    """Annotation that bounds a number, both ends included: `Annotated[Integer, Between(1, 5)]`.

    Attributes:
        low: The smallest value.
        high: The largest value.
        unit: What a bound is shown with: nothing, `%` for fractions, `d` for days or `s` for seconds.
    """

    low: float
    high: float
    unit: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the number with the bounds checked after it."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return the number's JSON Schema with its bounds."""
        return {**handler(schema), "minimum": self.low, "maximum": self.high}

    def _check(self, value: T) -> T:
        if not self.low <= value <= self.high:  # type: ignore[operator]
            low, high, found = (self._shown(each) for each in (self.low, self.high, value))
            raise ValueError(f"expected {low} to {high}, found {found}")
        return value

    def _shown(self, value: Any) -> str:
        times = 100 if self.unit == "%" else 1
        text = str(value) if isinstance(value, int) and abs(value) < _READABLE else f"{value * times:.10g}"
        return text + self.unit


_READABLE = 10**12


_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DECIMAL = r"[+-]?[0-9]+(\.[0-9]+)?"
_NAMED = "mtd|ytd|max|since opened"
_WINDOW = rf"([0-9]{{1,5}}[dwmy]?|{_NAMED}|[0-9]{{4}}Q[1-4]|[0-9]{{4}}-[0-9]{{2}}|since {_DAY}|{_DAY}\.\.{_DAY})"

Prose = Annotated[
    str,
    typed_text("text", _read_text, LONGEST_TEXT),
    scalar_schema(
        "text",
        "Text in Markdown; may hold live expressions between {{ }}. Quote it if it begins with {{.",
        minLength=1,
        maxLength=LONGEST_TEXT,
    ),
]
Name = Annotated[
    str,
    typed_text("a line of text", _read_line, LONGEST_LINE),
    scalar_schema("a line of text", "One line of text.", minLength=1, maxLength=LONGEST_LINE),
]
TagName = Annotated[
    str,
    typed_text("a tag", _read_tag, LONGEST_LINE),
    scalar_schema(
        "a tag",
        "A tag: letters, digits, dashes, underscores and slashes, without #.",
        minLength=1,
        maxLength=LONGEST_LINE,
    ),
]
InnerFolder = Annotated[
    str,
    typed_text("a folder inside the vault", _read_inner),
    scalar_schema(
        "a folder inside the vault", "A folder inside the vault, such as Markets.", minLength=1, pattern=r"^[^/.\\]"
    ),
]
NotePath = Annotated[
    str,
    typed_text("the path of a note", _read_note_path, LONGEST_PATH),
    scalar_schema(
        "the path of a note", "The path of a note in the vault.", minLength=1, pattern=r"^[^/.\\].*\.[mM][dD]$"
    ),
]
Word = Annotated[
    str,
    typed_text("an id", _read_word),
    scalar_schema("an id", "An id: lower-case letters, digits and dashes.", MAY_BE_NUMBER, pattern=f"^{_WORD}$"),
]
Ticker = Annotated[
    str,
    typed_text("a ticker or an id", _read_ticker),
    scalar_schema("a ticker or an id", "A ticker, or the id of a basket.", minLength=1, pattern=r"^[^|\"'\n]+$"),
    Offers("held"),
]
SeriesName = Annotated[
    str,
    typed_text("a ticker, an id or a chain", _read_series),
    scalar_schema(
        "a ticker, an id or a chain", "A ticker, the id of a basket, or a chain such as QQQ | us-tech.", minLength=1
    ),
    Offers("series"),
]
Expr = Annotated[
    str,
    typed_text("an expression", _read_text, LONGEST_EXPRESSION),
    scalar_schema(
        "an expression",
        "An expression such as ret('XLE', 'ytd') - ret('IGV', 'ytd').",
        minLength=1,
        maxLength=LONGEST_EXPRESSION,
    ),
    Offers("functions"),
]
Day = Annotated[
    dt.date,
    typed_text("a date", parse_date),
    scalar_schema("a date", "A day as YYYY-MM-DD.", TEXT_ONLY, format="date", pattern=f"^{_DAY}$"),
]
Share = Annotated[
    float,
    typed_text("a share", _read_share),
    scalar_schema("a share", "A share such as 60% or 0.6.", MAY_BE_NUMBER, pattern=rf"^{_DECIMAL} *%?$"),
    Between(0, 1, "%"),
]
Number = Annotated[
    float,
    typed_text("a number", parse_number),
    scalar_schema("a number", "A number, with a point for decimals.", MAY_BE_NUMBER, pattern=f"^{_DECIMAL}$"),
]
Integer = Annotated[
    int,
    typed_text("a whole number", parse_integer),
    scalar_schema("a whole number", "A whole number.", MAY_BE_WHOLE, pattern="^[+-]?[0-9]+$"),
]
Truth = Annotated[
    bool, typed_text("true or false", parse_truth), WithJsonSchema({"type": "boolean", "description": "true or false."})
]
WindowText = Annotated[
    Window,
    typed_text("a window", read_window),
    scalar_schema(
        "a window",
        "A window: 5d, 90d, 3m, 1y, mtd, ytd, max, since opened, 2022, 2018Q4, 2025-12, since 2025-10-29 or "
        "2000-03-24..2002-10-09.",
        MAY_BE_WHOLE,
        pattern=f"^{_WINDOW}$",
    ),
    Offers("windows"),
]
Figure = Annotated[
    Quantity,
    typed_text("a figure", parse_quantity),
    scalar_schema("a figure", "A figure such as +18%, 43pp, 29x, $530B, 12 or about 43pp.", MAY_BE_NUMBER, minLength=1),
]
SpanDays = Annotated[
    int,
    typed_text("a length of time", parse_span),
    scalar_schema(
        "a length of time", "A length of time such as 30d, 2w or 3m.", TEXT_ONLY, pattern="^[0-9]{1,4}[dwm]$"
    ),
    Between(1, LONGEST_SPAN, "d"),
]
Seconds = Annotated[
    float,
    typed_text("a length of time", _read_seconds),
    scalar_schema(
        "a length of time", "A length of time such as 500ms, 30s, 20m or 1h.", MAY_BE_NUMBER, pattern=f"^{_SECONDS}$"
    ),
    Between(0, _A_DAY, "s"),
]
Url = Annotated[
    str,
    typed_text("a web address", _read_url, LONGEST_ADDRESS),
    scalar_schema("a web address", "A web address.", TEXT_ONLY, format="uri", pattern="^https?://"),
]


MOST_ROWS = 1_000
"""The most rows of a table, and names, entries or events in a list that becomes one."""
MOST_COLUMNS = 30
"""The most columns of a table, and windows in a list that becomes them."""
SeriesNames = Annotated[tuple[SeriesName, ...], Field(min_length=1, max_length=MOST_ROWS)]
Windows = Annotated[tuple[WindowText, ...], Field(min_length=1, max_length=MOST_COLUMNS)]

HIGHEST_CONVICTION = 5
Conviction = Annotated[Integer, Between(1, HIGHEST_CONVICTION)]
