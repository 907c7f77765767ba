"""Stored prices: shown, exported and audited, and the bars in quarantine accepted or rejected."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Sequence

from thesisvault.errors import Finding, UsageError, did_you_mean
from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basis, MissingSeries
from thesisvault.market.refresh.by_hand import Impossible, add_dividend, add_split, drop_dividend, drop_split
from thesisvault.market.store.entries import Feed
from thesisvault.market.store.quarantine import Unsettled, accept, reject
from thesisvault.market.store.store import Store
from thesisvault.runs.report import Report
from thesisvault.session import Session

_ORDER: tuple[Basis, ...] = ("split_adjusted", "adjusted", "value")
_WORDS = {"split_adjusted": "closes, adjusted for splits", "adjusted": "fully adjusted closes", "value": "values"}


def show_prices(session: Session, ticker: str, *, rows: int) -> str:
    """Return what is stored of one series, for a person: where it comes from, its newest bars, what was corrected.

    Raises:
        UsageError: Nothing of that name is stored.
        NoDataError: No prices are stored.
    """
    with session.store(create=False) as store:
        feeds = _feeds(session, store, ticker)
        lines = list(_head(session, store, ticker, feeds))
        best = next(basis for basis in _ORDER if basis in feeds)
        bars = store.bars(ticker, best)
        if bars is not None:
            lines += ["", *_table(session, store, ticker, bars, rows)]
        return "\n".join(lines)


def list_prices(session: Session) -> str:
    """Return one line for each stored series.

    Raises:
        NoDataError: No prices are stored.
    """
    with session.store(create=False) as store:
        waiting = {each.name for each in store.ledger.quarantined()}
        gone = {name for name, status in store.statuses().items() if status.is_gone}
        feeds = store.feeds()
        cells = [("series", "from", "to", "currency", "source", "")]
        for name, by_basis in sorted(feeds.items()):
            newest = max(by_basis.values(), key=lambda feed: feed.last)
            first = min(feed.first for feed in by_basis.values())
            state = "held for review" if name in waiting else "unknown to its sources" if name in gone else ""
            sources = ", ".join(dict.fromkeys(feed.source for feed in by_basis.values()))
            cells.append((name, str(first), str(newest.last), newest.currency, sources, state))
    return "\n".join(_aligned(cells))


def described(session: Session, tickers: Sequence[str] = ()) -> list[dict[str, str | bool]]:
    """Return for programs what is stored of some series, without the bars: an entry a series and basis.

    Args:
        session: The run.
        tickers: The series; left out, all.

    Raises:
        UsageError: Nothing is stored of one of them.
        NoDataError: No prices are stored.
    """
    with session.store(create=False) as store:
        waiting = {each.name for each in store.ledger.quarantined()}
        gone = {name for name, status in store.statuses().items() if status.is_gone}
        found = [_feeds(session, store, each) for each in tickers] or [of for _, of in sorted(store.feeds().items())]
        return [
            {
                "name": feed.name,
                "basis": feed.basis,
                "from": feed.first.isoformat(),
                "to": feed.last.isoformat(),
                "currency": feed.currency,
                "source": feed.source,
                "in_quarantine": feed.name in waiting,
                "gone": feed.name in gone,
            }
            for by_basis in found
            for feed in by_basis.values()
        ]


def export_prices(session: Session, ticker: str) -> str:
    """Return all that is stored of one series as CSV: one line per day and basis, with dividends and splits.

    Raises:
        UsageError: Nothing of that name is stored.
        NoDataError: No prices are stored.
    """
    with session.store(create=False) as store:
        feeds = _feeds(session, store, ticker)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["Date", "Basis", "Open", "High", "Low", "Close", "Volume", "Dividends", "Stock Splits"])
        for basis in _ORDER:
            bars = store.bars(ticker, basis) if basis in feeds else None
            if bars is not None:
                writer.writerows(_rows(bars))
        return out.getvalue()


def audit_prices(session: Session) -> Report:
    """Return what an audit of the whole store found.

    Raises:
        NoDataError: No prices are stored.
    """
    from thesisvault.market.refresh.audit import audit

    report = Report("prices")
    with session.store(create=False) as store:
        found = audit(store, session.library.records[0])
    report.figures |= {"series": found.series, "bars": found.bars}
    for fault in found.faults:
        text = f"{fault.name}: {fault.text}." if fault.name else f"{fault.text}."
        report.add(Finding(text, level=fault.level, code="store"))
    return report


def settle_prices(session: Session, tickers: Sequence[str], *, take: bool) -> Report:
    """Accept the bars in quarantine into history, or reject them for good.

    Args:
        session: The run.
        tickers: The series.
        take: Store the bars; stored ones that differ are kept in a correction. Else they are rejected, and a source
            that repeats them is not listened to.

    Raises:
        UsageError: Nothing of a series is in quarantine, or what is there cannot be taken; nothing was changed.
    """
    report = Report("prices")
    with session.locked("prices"), session.store(create=False) as store:
        waiting = store.ledger.quarantined(tickers)
        names = {each.name for each in waiting}
        for ticker in tickers:
            if ticker not in names:
                everyone = sorted({each.name for each in store.ledger.quarantined()})
                there = f"Held for review: {', '.join(everyone)}." if everyone else "Nothing is held for review."
                raise UsageError(f'no bar of "{ticker}" is held for review.', there)
        with store.writing():
            for each in waiting:
                try:
                    (accept if take else reject)(store, each, session.now)
                except Unsettled as problem:
                    raise UsageError(f"{each.name}: {problem}") from None
                verb = "accepted" if take else "rejected"
                report.add(Finding(f"{each.name}: {verb}: {each.says}.", level="info", code="settled"))
    report.figures["settled"] = len(waiting)
    return report


def change_prices(
    session: Session, tickers: Sequence[str], option: str, day: str, value: str | float | None, reason: str
) -> Report:
    """Add or drop a dividend or a split of one series by hand; a later refresh does not undo it.

    Args:
        session: The run.
        tickers: The series, which must be one.
        option: The option of the command that was given, such as `--add-dividend`.
        day: The day as typed.
        value: Cash a share, or a split as typed; None to drop.
        reason: Why, for the record.

    Raises:
        UsageError: It is no such day or split, there is no reason, or it cannot be done; nothing was changed.
    """
    typed = " ".join(str(word) for word in (option, day, value) if word is not None)
    if len(tickers) != 1:
        raise UsageError(f"{option} needs one series: thesisvault prices XOM {typed} --reason TEXT")
    (ticker,) = tickers
    if not reason.strip():
        again = f'thesisvault prices {ticker} {typed} --reason "..."'
        raise UsageError(f"{option} needs a reason, which is kept with it: {again}")
    when, report = _day(option, day), Report("prices")
    with session.locked("prices"), session.store(create=False) as store:
        _feeds(session, store, ticker)
        with store.writing():
            try:
                if option == "--add-dividend":
                    add_dividend(store, ticker, when, _amount(option, value), reason, session.now)
                elif option == "--drop-dividend":
                    drop_dividend(store, ticker, when, reason, session.now)
                elif option == "--add-split":
                    add_split(store, ticker, when, _ratio(option, value), reason, session.now)
                else:
                    drop_split(store, ticker, when, reason, session.now)
            except Impossible as problem:
                raise UsageError(f"{option}: {problem}.") from None
        number = day_number(when)
        made = [each for each in store.decisions.made([ticker])[ticker] if each.day == number and each.what in option]
    for each in made:
        report.add(Finding(f"{ticker}: {each.says}.", level="info", code="by-hand"))
    report.figures["changed"] = len(made)
    return report


def _day(option: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'{option}: "{text}" is not a date; write 2026-02-12.') from None


def _amount(option: str, value: str | float | None) -> float:
    if isinstance(value, float) and math.isfinite(value) and value > 0:
        return value
    raise UsageError(f"{option}: {value} is no dividend; write cash a share, more than 0, such as 0.99.")


def _ratio(option: str, value: str | float | None) -> float:
    new, _, old = str(value).partition(":")
    try:
        ratio = float(new) / float(old)
    except (ValueError, ZeroDivisionError):
        ratio = math.nan
    if math.isfinite(ratio) and ratio > 0 and ratio != 1:
        return ratio
    raise UsageError(f'{option}: "{value}" is no split; write new shares and old ones, such as 2:1.')


def _feeds(session: Session, store: Store, ticker: str) -> dict[Basis, Feed]:
    feeds = store.feeds([ticker]).get(ticker)
    if not feeds:
        known = store.feeds()
        defined = ticker in session.library.records[0]
        why = "it is defined, and nothing of it is stored" if defined else "nothing of that name is stored"
        hint = f"Fetch it: thesisvault refresh {ticker}" if defined else did_you_mean(ticker, known)
        raise UsageError(f'"{ticker}": {why}.', hint)
    return feeds


def _head(session: Session, store: Store, ticker: str, feeds: dict[Basis, Feed]) -> Iterator[str]:
    instrument = session.library.records[0].get(ticker)
    yield f"{ticker}  {instrument.name if instrument else ''}".rstrip()
    for basis in _ORDER:
        if (feed := feeds.get(basis)) is not None:
            unit = f"{feed.currency}{f', converted from {feed.quoted_in}' if feed.quoted_in else ''}"
            paid = ", with dividends" if feed.dividends_known and basis == "split_adjusted" else ""
            yield (
                f"  {_WORDS[basis]}{paid}: {feed.first} to {feed.last}, {unit}, from {feed.source}, "
                f"fetched {feed.fetched[:16].replace('T', ' ')} UTC"
            )
    status = store.statuses([ticker]).get(ticker)
    if status is not None and status.status not in ("", "added", "up to date"):
        yield f"  last refresh: {status.status}: {status.detail}"
    for each in store.ledger.quarantined([ticker]):
        yield f"  held for review: {each.says}"
    for feed in feeds.values():
        if feed.doubt:
            yield f"  not confirmed: {feed.doubt}"
    for decision in store.decisions.made([ticker]).get(ticker, ()):
        yield f"  decided: {decision.says}"
    for correction in store.ledger.corrections([ticker])[-5:]:
        first, last = correction.days
        span = str(first) if first == last else f"{first} to {last}"
        yield f"  corrected {correction.made[:10]}, {span}: {correction.reason} (what was there is kept)"


def _table(session: Session, store: Store, ticker: str, bars: Bars, rows: int) -> list[str]:
    paid, splits = dict(bars.dividends or ()), dict(bars.splits)
    market = Market(store, session.library.records[0], {}, last_day=session.now.date(), implicit=[ticker])
    try:
        newest = market.series(ticker).levels
        level = dict(zip(newest.days[-rows:].tolist(), newest.values[-rows:].tolist(), strict=True))
    except MissingSeries:
        level = {}
    name = "value" if bars.basis == "value" else "index" if bars.basis == "adjusted" else "close"
    cells = [("date", name, "volume", "dividend", "split", "total return" if bars.basis == "split_adjusted" else "")]
    volumes = bars.volume or (math.nan,) * len(bars.days)
    digits = 2 if all(abs(close * 100 - round(close * 100)) < 1e-3 for close in bars.close[-rows:]) else 4
    for day, close, volume in list(zip(bars.days, bars.close, volumes, strict=True))[-rows:]:
        date = str(number_day(day))
        cells.append(
            (
                date,
                f"{close:,.{digits}f}",
                "" if math.isnan(volume) else f"{volume:,.0f}",
                f"{paid[day]:g}" if day in paid else "",
                f"{splits[day]:g} for 1" if day in splits else "",
                f"{level[day]:,.4f}" if bars.basis == "split_adjusted" and day in level else "",
            )
        )
    return _aligned(cells, right=True)


def _rows(bars: Bars) -> Iterator[list[object]]:
    paid, splits = dict(bars.dividends or ()), dict(bars.splits)
    nothing = (math.nan,) * len(bars.days)
    columns = [column or nothing for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)]
    for day, *cells in zip(bars.days, *columns, strict=True):
        shown = ["" if math.isnan(cell) else repr(cell) for cell in cells]
        yield [number_day(day), bars.basis, *shown, paid.get(day, ""), splits.get(day, "")]


def _aligned(cells: Sequence[tuple[str, ...]], *, right: bool = False) -> list[str]:
    """Return cells as lines of columns; columns that are empty throughout are left out."""
    shown = [column for column in zip(*cells, strict=True) if any(cell for cell in column[1:])]
    widths = [max(map(len, column)) for column in shown]
    lines = []
    for row in zip(*shown, strict=True):
        padded = [c.rjust(w) if right and i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(padded).rstrip())
    return lines
