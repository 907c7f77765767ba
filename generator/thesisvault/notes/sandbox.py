"""The sandbox of templates: ordinary Jinja that reaches no file and nothing of Python, and that comes to an end.

Templates may come with somebody else's workspace. Jinja's own sandbox keeps them from the machine, but not from going
round for ever or from making a text of gigabytes. Here every turn of a loop, every call of a macro and every text that
is put together or shown costs as much as it has characters, and one note has so much to spend. What could make a giant
out of one number, such as a width, is refused before it is tried.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sized
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from thesisvault.patterns import regex

MOST_CHARACTERS = 1_000_000
"""How many characters the templates of one note may put together and show, a turn of a loop counted as `_TURN`."""
_TURN = 20
_MOST_ARGUMENT = 1_000
_MOST_BITS = 4_000
_ADDRESS = regex(r" at 0x[0-9a-fA-F]+>")
"""How Python writes a thing that has no words: by where it lies in memory, which is another place in each run."""
_TOO_MUCH = f"it goes on for too long, or puts together more than {MOST_CHARACTERS} characters"
# Notes are Markdown, so HTML has no use here; chance would make other bytes of the same definitions.
_NO_FILTERS = ("format", "random", "striptags", "urlize", "wordwrap", "xmlattr")
_NO_METHODS = frozenset(
    (
        "center",
        "encode",
        "expandtabs",
        "format",
        "format_map",
        "join",
        "ljust",
        "replace",
        "rjust",
        "translate",
        "zfill",
    )
)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates may do little and only for so long; it takes what `Environment` takes."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, finalize=self.shown)
        self._left = MOST_CHARACTERS
        self._safe: dict[tuple[type, str], bool] = {}
        self.used: dict[str, None] = {}
        """The templates that were asked for since it began, in order."""
        for name in _NO_FILTERS:
            del self.filters[name]
        self.filters = {name: self._measured(name, each) for name, each in self.filters.items()}
        del self.globals["lipsum"]

    def get_template(self, name: Any, *args: Any, **named: Any) -> Template:
        """Return a template, and write down that it was asked for."""
        found = super().get_template(name, *args, **named)
        self.used[str(found.name)] = None
        return found

    def select_template(self, names: Any, *args: Any, **named: Any) -> Template:
        """Return the first template that is there, and write down that it was asked for."""
        found = super().select_template(names, *args, **named)
        self.used[str(found.name)] = None
        return found

    def begin(self) -> None:
        """Give the templates of one note all that they may spend."""
        self.used.clear()
        self._left = MOST_CHARACTERS

    def spend(self, characters: int) -> str:
        """Take what a step costs from what is left.

        Raises:
            SecurityError: Nothing is left.
        """
        self._left -= characters
        if self._left < 0:
            raise SecurityError(_TOO_MUCH)
        return ""

    def shown(self, value: object) -> object:
        """Return a value that is about to be shown, once it is paid for.

        Raises:
            SecurityError: Nothing is left, or each run would show something else.
        """
        _refuse_chance(value)
        self.spend(len(value) if isinstance(value, str) else _TURN)
        return value

    def joined(self, *parts: object) -> str:
        """Return what `~` makes of values."""
        for part in parts:
            _refuse_chance(part)
        texts = [str(part) for part in parts]
        self.spend(sum(map(len, texts)))
        return "".join(texts)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse, besides what Jinja refuses, the methods of texts that make a giant out of a number or a text."""
        # All of it goes by the type of the object, and templates read the same few attributes for each note.
        key = (type(obj), attr)
        if key not in self._safe:
            is_giant = isinstance(obj, str) and attr in _NO_METHODS
            self._safe[key] = not is_giant and super().is_safe_attribute(obj, attr, value)
        return self._safe[key]

    def wrap_str_format(self, value: Any) -> None:
        """Refuse `format` of a text before it is called: a width in it may be any number."""
        if super().wrap_str_format(value) is not None:
            raise SecurityError("it formats a text")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out an operator, unless what comes out would be too large."""
        if operator == "%" and isinstance(left, str):
            raise SecurityError("it formats a text")
        for one, other in ((left, right), (right, left)):
            if operator == "*" and isinstance(other, int) and not isinstance(one, int | float):
                self.spend(_size(one) * max(0, other))
        if operator == "+" and not isinstance(left, int | float):
            self.spend(_size(left) + _size(right))
        if isinstance(left, int) and isinstance(right, int) and operator in "**":
            bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
            if bits > _MOST_BITS:
                raise SecurityError("it works out a number that is too large")
        return super().call_binop(context, operator, left, right)

    def _measured(self, name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that pays for what it makes and takes no large numbers."""

        @functools.wraps(apply)
        def measured(*arguments: Any, **named: Any) -> Any:
            given = [*arguments[1:], *named.values()]
            if any(isinstance(each, int) and each > _MOST_ARGUMENT for each in given):
                raise SecurityError(f"it gives {name} a number above {_MOST_ARGUMENT}")
            if name in ("replace", "join"):  # each of so many places may be filled by so long a text
                texts = sorted((_size(each) for each in (*arguments, *given) if isinstance(each, Sized)), reverse=True)
                self.spend(texts[0] * max(1, texts[1]) if len(texts) > 1 else sum(texts))
            made = apply(*arguments, **named)
            if isinstance(made, str) and not isinstance(arguments[0], str) and _ADDRESS.search(made):
                raise SecurityError(_WORDLESS.format(type(arguments[0]).__name__))
            self.spend(_size(made))
            return made

        return measured

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Paying().visit(tree)  # type: ignore[no-any-return]


_WORDLESS = "it shows a thing that has no words ({}); go through it, or use | list or | join"


def _refuse_chance(value: object) -> None:
    """Refuse to show what has other words in each run: its place in memory, or an order that goes by chance."""
    if isinstance(value, str | int | float | None):
        return
    if isinstance(value, set | frozenset) or _ADDRESS.search(str(value)):
        raise SecurityError(_WORDLESS.format(type(value).__name__))


def _size(value: object) -> int:
    return len(value) if isinstance(value, Sized) else 1


class _Paying(NodeTransformer):
    """Has loops, macros, blocks and whole templates pay for each turn, and `~` for what it puts together."""

    def visit(self, node: nodes.Node, *given: Any, **named: Any) -> Any:
        node = self.generic_visit(node, *given, **named)
        if isinstance(node, nodes.Concat):
            return _call("joined", node.nodes, node.lineno)
        if isinstance(node, nodes.Template | nodes.For | nodes.Macro | nodes.CallBlock | nodes.Block):
            own = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
            price = nodes.Const(_TURN + own, lineno=node.lineno)
            node.body.insert(0, nodes.ExprStmt(_call("spend", [price], node.lineno), lineno=node.lineno))
        return node


def _call(method: str, arguments: Iterable[nodes.Expr], line: int) -> nodes.Call:
    of_this = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(of_this, list(arguments), [], None, None, lineno=line)
