"""A generated workspace of any size: theses that vary, instruments, prices that wander, links from note to note.

    python bench/generated.py FOLDER THESES [CHARTS]

Everything follows from the numbers alone, so two calls with the same ones make the same files. Prices lie as files of
closes in the workspace and are stored by the first build.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path

AS_OF = dt.date(2026, 2, 27)
FIRST = dt.date(2016, 1, 4)
TICKERS = 200
SECTORS = ("banks", "energy", "software", "metals", "utilities", "retail", "builders", "chips")


def generate(folder: Path, theses: int, *, charts: int = 0, last: dt.date = AS_OF) -> None:
    """Write a workspace.

    Args:
        folder: The folder, which is made.
        theses: How many theses.
        charts: How many of them have a chart; beyond that many, theses get a second one and so on.
        last: The last day of prices.
    """
    (folder / "data" / "theses").mkdir(parents=True)
    (folder / "data" / "market").mkdir()
    (folder / "thesisvault.yaml").write_text(
        f"as_of: {AS_OF}\nbenchmark: SPY\nproviders:\n  - csv: {{folder: data/market, closes: adjusted}}\n"
    )
    names = ["SPY", *(f"T{n:03d}" for n in range(TICKERS))]
    (folder / "data" / "instruments.yaml").write_text(
        "".join(f"{ticker}: {{name: {_company(n)}, kind: stock}}\n" for n, ticker in enumerate(names))
    )
    prices(folder, last)
    for n in range(theses):
        own = charts // theses + (n < charts % theses) if theses else 0
        (folder / "data" / "theses" / f"thesis-{n:05d}.yaml").write_text(thesis(n, theses, own))


def prices(folder: Path, last: dt.date = AS_OF) -> None:
    """Write the closes of every ticker up to a day; the days before are the same whatever that day is."""
    days = [FIRST + dt.timedelta(n) for n in range((last - FIRST).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    for n, ticker in enumerate(["SPY", *(f"T{n:03d}" for n in range(TICKERS))]):
        chance, close, lines = random.Random(n), 50.0 + n % 90, ["Date,Close"]
        for day in days:
            close *= 1 + chance.gauss(0.0003, 0.012)
            lines.append(f"{day},{close:.4f}")
        (folder / "data" / "market" / f"{ticker}.csv").write_text("\n".join(lines) + "\n")


def thesis(n: int, theses: int, charts: int) -> str:
    """Return the definition of one of many theses."""
    chance = random.Random(1_000_003 * n + 7)
    buy, sell = (chance.sample(range(TICKERS), k) for k in (chance.choice((1, 2, 4)), chance.choice((1, 3))))
    sell = [each for each in sell if each not in buy] or [(buy[0] + 1) % TICKERS]
    others = [chance.randrange(theses) for _ in range(3)]
    sector = SECTORS[n % len(SECTORS)]
    held, sold = (", ".join(f"T{each:03d}" for each in side) for side in (buy, sell))
    texts = "\n".join(
        f"""\
      - text: >
          In part {part} the {sector} moved by {{{{ ret('T{buy[0]:03d}', '{window}') | pct }}}} against
          {{{{ ret('T{sell[0]:03d}', '{window}') | pct }}}}, which {{{{ 'helps' if spread(buy, sell, '{window}') > 0
          else 'hurts' }}}} as [[Thesis {others[part % 3]:05d}]] says of [[{_company(1 + buy[0])}]]."""
        for part, window in enumerate(("ytd", "1y", "90d", "2025"))
    )
    drawn = "\n".join(
        f"      - chart: {{lines: [T{buy[0]:03d}, T{(sell[0] + k) % TICKERS:03d}], over: {window}, title: Part {k}}}"
        for k, window in zip(range(charts), ("1y", "ytd", "2025", "90d") * charts, strict=False)
    )
    return f"""\
title: Thesis {n:05d}
kind: thesis
tags: [{sector}]
status: active
conviction: {1 + n % 5}
opened: 2025-{1 + n % 12:02d}-0{1 + n % 9}
verdict: "{sector.capitalize()} lead by {{{{ spread(buy, sell, 'ytd') | points }}}} this year."
summary: >
  One side is paid by the other. Since it was opened it gained {{{{ spread(buy, sell, 'since opened') | points }}}}.
against: >
  The correlation is {{{{ corr('T{buy[0]:03d}', 'SPY', '1y') | num(2) }}}}, so this is no hedge.
buy: {{name: Held {n:05d}, hold: [{held}]}}
sell: {{name: Sold {n:05d}, hold: [{sold}]}}
over: {("ytd", "1y", "90d")[n % 3]}
signals:
  - name: Trend holds
    when: ratio('T{buy[0]:03d}', 'T{sell[0]:03d}') > sma(ratio('T{buy[0]:03d}', 'T{sell[0]:03d}'), 200)
    means: the thesis is intact
  - name: Deep fall
    when: drawdown('T{buy[0]:03d}', '1y') < -0.25
    means: the thesis is wrong
    kills: true
claims:
  - says: The held side gains more than the sold one
    check: spread(buy, sell, 'ytd')
    at_least: {n % 7}pp
    on: 2026-02-20
sections:
  - heading: What happened
    blocks:
{texts}
{drawn}
  - heading: Figures
    blocks:
      - returns:
          of: [{", ".join(f"T{(buy[0] + k) % TICKERS:03d}" for k in range(4))}]
          over: [ytd, 1y, 90d]
updates:
  - on: 2026-01-{10 + n % 15}
    title: A look after some weeks
    blocks:
      - text: "Then it stood at {{{{ spread(buy, sell, 'ytd') | points }}}}."
related:
  - {{note: "Thesis {others[0]:05d}", why: the same money}}
"""


def _company(n: int) -> str:
    """Return the name of a company, each another one."""
    first = ("Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Haven", "Iris", "Juniper")
    return f"{first[n % 10]} {SECTORS[n // 10 % 8].capitalize()} {n:03d}"


if __name__ == "__main__":
    generate(Path(sys.argv[1]), int(sys.argv[2]), charts=int(sys.argv[3]) if len(sys.argv) > 3 else 0)
