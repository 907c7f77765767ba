"""The command `eval`."""

from __future__ import annotations

from typing import Annotated

import typer

from thesisvault.cli.options import HERE, AsOf, Json, Where, day, open_session
from thesisvault.cli.output import say, say_json


def evaluate(
    expression: Annotated[
        str, typer.Argument(metavar="EXPR", help="An expression, such as \"ret('XLE', 'ytd') | pct\".")
    ],
    *,
    workspace: Where = HERE,
    as_of: AsOf = None,
    thesis: Annotated[
        str | None,
        typer.Option("--in", metavar="ID", help="A thesis whose buy, sell, benchmark and over the expression may use."),
    ] = None,
    json: Json = False,
) -> None:
    """Print the value of an expression: value, date, sources, and why if it is not known."""
    from thesisvault.runs.evaluate import evaluate_expression
    from thesisvault.structs import as_plain

    answer = as_plain(evaluate_expression(open_session(workspace), expression, as_of=day(as_of), thesis=thesis))
    if json:
        say_json("eval", answer)
        return
    for name, value in answer.items():
        if value not in (None, "", ()):
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            say(f"{name:8} {shown}")
