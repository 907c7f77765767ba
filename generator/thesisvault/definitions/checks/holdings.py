"""Checks of holdings and of what is in them: members and caps of baskets, exchange rates, renamed tickers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from thesisvault.definitions.checks.check import Check, place
from thesisvault.definitions.models.instruments import InstrumentDefinition
from thesisvault.definitions.reading.load import DefinitionFile
from thesisvault.errors import Place, did_you_mean
from thesisvault.market.reading.currency import pair_in


def check_baskets(check: Check) -> None:
    """Check what each basket holds, and under which name."""
    for key, basket in check.library.baskets.items():
        file = check.library.files.get(f"baskets/{key}.yaml")
        if file is None:
            continue
        check.expressions(basket, check.vocabulary)
        check.series([*basket.names, *filter(None, [basket.versus])])
        for holding in basket.dated.values() if basket.dated else (basket.newest,):
            check_holding(check, holding)
        for name in basket.names:
            if "|" in name:
                hint = "Give the instrument proxies in data/instruments.yaml."
                problem = f'the chain "{name}" is among the members; a basket holds tickers.'
                check.say(problem, place(name), "chain-in-basket", hint)
        if key in basket.names:
            own = next(name for name in basket.names if name == key)
            check.say(f'the basket "{key}" holds itself.', place(own), "basket-of-itself")
        elif key == min(ring := _ring(check, key), default=""):
            problem = f"baskets hold one another in a ring: {' > '.join([*ring, key])}."
            inner = next(name for name in basket.names if name == ring[1])
            check.say(problem, place(inner), "basket-of-itself", "Take one of them out.")
        if key in check.library.instruments or key in check.library.universes:
            check.say(
                f'"{key}" is a ticker or a universe already; name the file otherwise.',
                Place(file.shown),
                "duplicate-name",
            )
        _cap(check, file, key)


def _ring(check: Check, key: str) -> list[str]:
    """Return the baskets by way of which a basket holds itself, from it on; none if it does not."""
    baskets = check.library.baskets
    paths, seen = [[key]], {key}
    while paths:
        path = paths.pop(0)
        for name in baskets[path[-1]].names:
            if name == key:
                return path
            if name in baskets and name not in seen:
                seen.add(name)
                paths.append([*path, str(name)])
    return []


def _cap(check: Check, file: DefinitionFile, key: str) -> None:
    """Refuse a cap that too few members could never keep; baskets among them count by what they hold."""
    record = check.library.records[1][key]
    sizes = [(f" from {day} on", len(shares)) for day, shares in record.dated] or [("", len(record.members))]
    for since, count in sizes:
        if record.cap and record.cap * count < 1 - 1e-9:
            reach = f"{record.cap * 100:g}% each of {count} members{since} reaches {record.cap * count * 100:g}%"
            hint = f"Raise it to {100 / count:.4g}% or more, or name more members."
            check.say(f"cap: {reach}, not 100%.", file.place_of(("cap",)), "cap-too-low", hint)


def check_instruments(check: Check) -> None:
    """Check what instruments say of one another: what they were renamed to, and which currencies a rate joins."""
    file = check.library.files.get("instruments.yaml")
    if file is None:
        return
    instruments = check.library.instruments
    targets: dict[str, str] = {}
    for ticker, instrument in instruments.items():
        _rate(check, file, ticker, instrument)
        if instrument.renamed_to:
            problem, hint = _renaming(instruments, ticker, instrument.renamed_to, targets)
            if problem and instrument.renamed_to not in check.library.wounded:
                check.say(problem, file.place_of((ticker, "renamed_to")), "wrong-renaming", hint)
        named = [*filter(None, [instrument.versus]), *instrument.of]
        check.series(named)
        for name in named:
            if check.library.current(name) == check.library.current(ticker):
                hint = "Name another one, or leave the key out."
                check.say(f'"{ticker}" is named as what holds it, or is compared with.', place(name), "of-itself", hint)
    _sector_funds(check, file)


def _sector_funds(check: Check, file: DefinitionFile) -> None:
    """Refuse a fund that stands for no sector, and a second one of the same sector."""
    funds: dict[str, str] = {}
    for ticker, instrument in check.library.instruments.items():
        if not instrument.sector_fund:
            continue
        if not instrument.sector:
            problem, hint = f'"{ticker}" is a sector fund without a sector.', "Add sector:."
        elif (other := funds.setdefault(instrument.sector, ticker)) != ticker:
            problem = f'"{other}" and "{ticker}" are both the fund of the sector {instrument.sector}.'
            hint = f"Take sector_fund from one of them; versus: {ticker} compares a single instrument with it."
        else:
            continue
        check.say(problem, file.place_of((ticker, "sector_fund")), "wrong-sector-fund", hint)


def _rate(check: Check, file: DefinitionFile, ticker: str, instrument: InstrumentDefinition) -> None:
    """Check that an exchange rate joins two currencies, and the two that its ticker names."""
    if instrument.price_of:
        if instrument.kind != "currency":
            problem = f"price_of belongs to an exchange rate, and this is of kind {instrument.kind}."
            check.say(problem, file.place_of((ticker, "price_of")), "wrong-pair", "Write kind: currency.")
        elif instrument.price_of == instrument.currency:
            problem = f"price_of and currency are both {instrument.currency}; a rate is a price in another currency."
            check.say(problem, file.place_of((ticker, "price_of")), "wrong-pair")
        return
    pair = pair_in(ticker) if instrument.kind == "currency" else None
    if pair and instrument.currency != pair[1] and "currency" in instrument.model_fields_set:
        problem = f'"{ticker}" is the price of {pair[0]} in {pair[1]}, and its currency is {instrument.currency}.'
        hint = f"Write currency: {pair[1]}, or say by price_of what it is the price of."
        check.say(problem, file.place_of((ticker, "currency")), "wrong-pair", hint)


def _renaming(
    instruments: Mapping[str, InstrumentDefinition], ticker: str, target: str, targets: dict[str, str]
) -> tuple[str, str]:
    """Return what is wrong with a renaming, and how to fix it."""
    if target not in instruments:
        return f'"{target}" is not a known instrument.', did_you_mean(target, instruments)
    other = targets.setdefault(target, ticker)
    if other != ticker:
        hint = "Of one security one name follows the other; let the older one be renamed to the newer one."
        return f'"{other}" and "{ticker}" were both renamed to "{target}".', hint
    seen, after = [ticker], instruments[ticker].renamed_to
    while after is not None and after in instruments and after not in seen:
        seen.append(after)
        after = instruments[after].renamed_to
    if after in seen:
        round_trip = " to ".join([*seen, str(after)])
        return f"the renamings form a loop: {round_trip}.", "The name that it goes by now has no renamed_to."
    kinds = (instruments[ticker].kind, instruments[target].kind)
    if "macro" in kinds or kinds[0] != kinds[1]:
        hint = "Only something with a price is renamed, and it stays of one kind."
        return f'"{ticker}" is of kind {kinds[0]} and "{target}" of kind {kinds[1]}.', hint
    return "", ""


def check_holding(check: Check, names: Iterable[str]) -> None:
    """Refuse parts of a holding that cannot be added up: baskets with rules of their own, one security twice."""
    several = tuple(names)
    for name in several:
        inner = check.library.baskets.get(name)
        if inner and (inner.cap or inner.dated):
            why = "a cap" if inner.cap else "members that change by date"
            problem = f'the basket "{name}" has {why} and is part of another here, where its weights would not hold.'
            hint = "Name its members here, or hold it alone."
            check.say(problem, place(name), "basket-in-basket", hint)
    current: dict[str, str] = {}
    for name in several:
        other = current.setdefault(check.library.current(name), name)
        if other != name:
            problem = f'"{name}" and "{other}" are one and the same since a renaming; the holding names both.'
            check.say(problem, place(name), "held-twice", f"Keep {check.library.current(name)}.")
