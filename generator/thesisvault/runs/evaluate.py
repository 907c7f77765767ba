"""Evaluating one expression for the command line."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from thesisvault.definitions.checks.crosscheck import context_of, vocabulary_of
from thesisvault.errors import DefinitionError, Finding, UsageError, did_you_mean
from thesisvault.language.check import check_text
from thesisvault.language.parse import ExpressionError
from thesisvault.session import Session
from thesisvault.structs import replace


class Answer(Struct, frozen=True):
    """The value of an expression.

    Attributes:
        value: The value as a note shows it.
        number: The value itself; a day in ISO form; None if it is not known.
        on: Day of the value, in ISO form.
        as_of: The last day of data, in ISO form.
        base: The windows in it, each with the day that it begins on.
        sources: Where the prices come from.
        notes: What should be known of them.
        stale: Series that end early.
        snapshot: Fundamentals, each with the day that they are of.
        why: Why the value is not known.
    """

    value: str
    number: float | int | str | bool | None
    on: str | None
    as_of: str
    base: tuple[str, ...]
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    stale: tuple[str, ...]
    snapshot: tuple[str, ...]
    why: str | None


def evaluate_expression(
    session: Session, expression: str, *, as_of: dt.date | None = None, thesis: str | None = None
) -> Answer:
    """Return the value of an expression. No lock is taken: nothing is written.

    Args:
        session: The run.
        expression: The expression, with or without braces around it.
        as_of: The last day of data; by default that of the settings, or the last finished session.
        thesis: Id of a thesis whose `buy`, `sell`, `benchmark` and `over` the expression may use.

    Raises:
        DefinitionError: The expression cannot be understood.
        UsageError: There is no such thesis.
        NoDataError: No prices are stored.
        DiskError: The folder of the definitions is not there.
    """
    session.need_data()
    library = session.library
    source = expression.strip()
    if source.startswith("{{") and source.endswith("}}"):
        source = source[2:-2].strip()
    words = replace(vocabulary_of(library), day=as_of or session.settings.as_of or session.now.date())
    if thesis is not None:
        if thesis not in library.definitions:
            raise UsageError(f'unknown thesis "{thesis}".', hint=did_you_mean(thesis, library.definitions))
        words = context_of(library.definitions[thesis], words)
    # What is refused in a definition is refused here, before any price is read.
    if wrong := check_text(f"{{{{ {source} }}}}", words):
        # A name may be unknown only because the file that defines it is broken.
        broken = [each for each in library.findings if each.level == "error"]
        raise DefinitionError([*broken, *(Finding(each.problem) for each in wrong)])
    with session.store(create=False) as store:
        scope = session.scope(store, session.last_day(store, as_of))
        if thesis is not None:
            scope = scope.where(**library.definitions[thesis].names)
        try:
            figure = scope.figure(source)
        except ExpressionError as problem:
            raise DefinitionError(Finding(problem.problem)) from None
        number = figure.number
        return Answer(
            value=figure.text,
            number=number.value.isoformat() if isinstance(number.value, dt.date) else number.value,
            on=number.on.isoformat() if number.on else None,
            as_of=scope.market.as_of.isoformat(),
            base=tuple(f"{window} from {day}" for window, day in number.bases),
            sources=tuple(number.sources),
            notes=tuple(number.notes),
            stale=tuple(f"{name} ends {day}" for name, day in number.stale),
            snapshot=tuple(f"{name} of {day}" for name, day in number.dated),
            why=number.reason,
        )
