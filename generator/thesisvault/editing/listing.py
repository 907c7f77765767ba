"""What is added to the lists of definitions by command: an instrument, an entity, an episode."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import get_args

from thesisvault.definitions.models.instruments import InstrumentDefinition
from thesisvault.editing.edit import Edit, held, save
from thesisvault.editing.rendering import Node, typed
from thesisvault.editing.splice import Enter
from thesisvault.errors import UsageError, did_you_mean
from thesisvault.market.sessions import zone_of
from thesisvault.market.sources.fred_series import series_of_key
from thesisvault.market.sources.provider import Describing, Listed, Provider, ProviderError, UnknownSymbol
from thesisvault.notes.names import slug
from thesisvault.session import Session

KINDS: tuple[str, ...] = get_args(InstrumentDefinition.model_fields["kind"].annotation)
_ASKED = ("name", "kind", "exchange", "currency")
EPISODE_KEYS = ("start", "end", "sell", "buy", "what", "no_prices")
"""What of an episode may be given by command, in the order in which it is written."""
ENTITY_KEYS = ("kind", "what")
"""What of an entity may be given by command, in the order in which it is written."""
_SCHEMA = "# yaml-language-server: $schema=../schema/{name}.json\n"


def add_instrument(
    session: Session,
    ticker: str,
    given: Mapping[str, str],
    providers: Iterable[Provider],
    *,
    dry: bool = False,
) -> Edit:
    """Add an instrument; what is not given of name, kind, exchange and currency is asked of a source.

    Args:
        session: The run.
        ticker: Its ticker.
        given: What is known of it, by the keys of a definition.
        providers: The sources of the settings, asked in order; none: no network is touched.
        dry: Whether to write nothing.

    Raises:
        UsageError: It is there already, or something of it is not known.
    """
    ticker = typed(ticker, "the ticker").strip()
    known = {key: typed(text, f"--{key}").strip() for key, text in given.items()}
    if known.get("kind", KINDS[0]) not in KINDS:
        hint = did_you_mean(known["kind"], KINDS) or f"Kinds are {', '.join(KINDS)}."
        raise UsageError(f'--kind: "{known["kind"]}" is not a kind of instrument.', hint=hint)
    exchange = known.get("exchange", "")
    if exchange != exchange.upper() and zone_of(exchange.upper()) != zone_of(exchange):
        raise UsageError(f'--exchange: "{exchange}" is not an exchange.', hint=f"Write {exchange.upper()}.")
    if series_of_key(ticker):
        known.setdefault("kind", "macro")
    with held(session, "add", dry=dry):
        if ticker in session.library.instruments:
            raise UsageError(f'"{ticker}" is an instrument already: {session.library.instruments[ticker].name}.')
        if "kind" in known and known["kind"] == "macro":
            wanted: tuple[str, ...] = ("name",)
        else:
            wanted = _ASKED
        if not all(key in known for key in wanted):
            known = {**_found(ticker, providers, [key for key in wanted if key not in known], known), **known}
        order = [key for key in InstrumentDefinition.model_fields if key in known]
        path = session.workspace.data / "instruments.yaml"
        entered = Enter(ticker, {key: known[key] for key in order})
        return save(session, path, [entered], start=_SCHEMA.format(name="instruments"), dry=dry)


def _found(ticker: str, providers: Iterable[Provider], missing: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return what a source says of a ticker.

    Raises:
        UsageError: None says all that is missing.
    """
    options = _options(known, missing)
    by_hand = f"Say it yourself: thesisvault add {ticker} {options}"
    told: list[str] = []
    for provider in providers:
        if not isinstance(provider, Describing) or known.get("kind") == "macro":
            continue
        try:
            listed = provider.describe(ticker)
        except ProviderError as problem:
            told.append(f"{str(problem).rstrip('.')}.")
            if isinstance(problem, UnknownSymbol):
                by_hand = f"Correct it, or say it yourself: thesisvault add {ticker} {options}"
            continue
        return _complete(ticker, listed, missing, known)
    said = told or ["no source was asked."]
    raise UsageError(f'"{ticker}" lacks its {", ".join(missing)}: {" ".join(said)}', hint=by_hand)


def _options(known: Mapping[str, str], missing: Iterable[str]) -> str:
    """Return the options to type: those that were given as they are, each that is missing with a placeholder."""
    given = [f"--{key} {shlex.quote(text)}" for key, text in known.items()]
    return " ".join([*given, *(f"--{key} {key.upper()}" for key in missing)])


def _complete(ticker: str, listed: Listed, missing: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return what a source says, if that is all that is missing.

    Raises:
        UsageError: It is not.
    """
    found = {key: getattr(listed, key) for key in _ASKED}
    if lacks := [key for key in missing if not found[key]]:
        words = ", ".join(filter(None, listed.said))
        options = _options(known, lacks)
        problem = f'the source does not say what can be used as {" and ".join(lacks)} of "{ticker}"; it says {words}.'
        raise UsageError(problem, hint=f"Say it yourself: thesisvault add {ticker} {options}")
    return found


def new_entity(session: Session, name: str, given: Mapping[str, str], *, dry: bool = False) -> Edit:
    """Add an entity: a person, a firm, an institution, an idea; its id is made of its name.

    Args:
        session: The run.
        name: Its name.
        given: More of it, by `ENTITY_KEYS`.
        dry: Whether to write nothing.

    Raises:
        UsageError: Its id is taken, or its kind was not said.
    """
    if "kind" not in given:
        raise UsageError("an entity needs its kind.", hint="Say what it is, as in: --kind person")
    known = {key: typed(given[key], f"--{key}") for key in ENTITY_KEYS if key in given}
    return _new(session, "entities", slug(name), {"name": typed(name, "the name").strip(), **known}, dry=dry)


def new_episode(session: Session, title: str, given: Mapping[str, str], *, dry: bool = False) -> Edit:
    """Add a historical rotation; its id is made of its title.

    Args:
        session: The run.
        title: Its title.
        given: More of it, by `EPISODE_KEYS`; the tickers of a side have commas between them.
        dry: Whether to write nothing.

    Raises:
        UsageError: Its id is taken, or it was not said when it began.
    """
    if "start" not in given:
        raise UsageError("an episode needs its first close.", hint="Say when it began, as in: --start 2022-01-03")
    known: dict[str, Node] = {"title": typed(title, "the title").strip()}
    for key in EPISODE_KEYS:
        if key in given:
            text = typed(given[key], f"--{key.replace('_', '-')}")
            is_side = key in ("sell", "buy")
            known[key] = {"hold": [each.strip() for each in text.split(",")]} if is_side else text
    return _new(session, "episodes", slug(title), known, dry=dry)


def _new(session: Session, name: str, key: str, value: Mapping[str, Node], *, dry: bool) -> Edit:
    with held(session, "new", dry=dry):
        known = getattr(session.library, name)
        path = session.workspace.data / f"{name}.yaml"
        shown = session.workspace.shown(path)
        if key in known:
            raise UsageError(f'"{key}" is in {shown} already; nothing was written.', hint="Give another name.")
        return save(session, path, [Enter(key, value)], start=_SCHEMA.format(name=name), dry=dry)
