"""What a note says first and cannot say: figures of its verdict, summary and titles that are n/a."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.blocks.core.context import Context
from thesisvault.definitions.library import Library
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.errors import Finding, Place
from thesisvault.language.text import figures
from thesisvault.written import place_of


def unavailable_in(record: ThesisRecord, library: Library, base: Context) -> Iterator[Finding]:
    """Yield a warning for every figure of a thesis that is n/a where a reader looks first, with place and reason.

    Args:
        record: The thesis; each of its texts can be filled.
        library: The definitions.
        base: What expressions are evaluated in.
    """
    context = Context(base.scope.where(**record.names), library, record.id, record)
    for what, text, at in _first_read(record, context):
        yield from _unknown(what, text, at)


def unavailable_descriptions(library: Library, base: Context) -> Iterator[Finding]:
    """Yield a warning for every figure that is n/a in the description of an instrument, an entity or a basket."""
    described = [each.what for each in library.instruments.values()]
    described += [each.what for each in library.entities.values()]
    described += [each.what for each in library.baskets.values()]
    for what in filter(None, described):
        yield from _unknown("description", what, base)


def _first_read(record: ThesisRecord, context: Context) -> Iterator[tuple[str, str, Context]]:
    """Yield what each text that is read first is called, the text, and the context in which it is filled."""
    thesis = record.model
    for what, text in (("verdict", thesis.verdict), ("summary", thesis.summary), ("bear case", thesis.against)):
        if text:
            yield what, text, context
    yield from (("heading", section.heading, context) for section in thesis.sections if section.heading)
    for update in thesis.updates:
        if update.on <= context.as_of:
            yield "title of an update", update.title, context.frozen(update.data or update.on)


def _unknown(what: str, text: str, context: Context) -> Iterator[Finding]:
    if "{{" not in text:
        return
    for nth, figure in enumerate(figures(context.text(text))):
        if not figure.number.is_known:
            why = f": {figure.number.reason}" if figure.number.reason else ""
            hint = "Write a figure that is known, or fetch what is missing: thesisvault refresh"
            where = place_of(text, nth) or Place("")
            yield Finding(f"the {what} shows n/a{why}.", where, hint, level="warning", code="not-available")
