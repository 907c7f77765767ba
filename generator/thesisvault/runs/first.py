"""The definitions of a new workspace: one of everything, small enough to be read in a minute and changed or deleted."""

from __future__ import annotations

import datetime as dt

from thesisvault.workspace import SETTINGS_FILE

_LINE = "# yaml-language-server: $schema={up}schema/{name}.json\n"

_SETTINGS = """\
# Settings of this workspace. Every key is optional; these are the usual ones.
# The line above lets an editor complete and check what you type.
providers: [yahoo, fred]        # where prices come from, in order
benchmark: SPY                  # what returns are measured against
home_currency: USD

# Price files of your own, one per ticker such as prices/SPY.csv, read at every run before anything is fetched:
#
# providers:
#   - csv:
#       folder: prices              # beside this file, or a whole path
#       closes: split_adjusted      # raw, split_adjusted or adjusted; left out, each file has to prove it
#       dividends: dividends        # a folder of dividends per share; left out, a column of the same file
#   - yahoo                         # for the tickers that have no file
"""

_INSTRUMENTS = """\
# What has a price: ticker, name, kind. Every ticker that a thesis names is listed here.
# Add one from its source: thesisvault add TICKER
SPY: {name: SPDR S&P 500 ETF, short: S&P 500, kind: etf, what: The 500 largest US companies by market value.}
XLE: {name: Energy Select Sector SPDR, short: US energy, kind: etf, what: US energy companies.}
XLK: {name: Technology Select Sector SPDR, short: US technology, kind: etf, what: US technology companies.}
"""

_ENTITIES = """\
# What has no price and gets a note: people, firms, institutions, ideas, events, places. Link one as [[OPEC]].
# Add one: thesisvault new entity NAME --kind person
opec: {name: OPEC, kind: institution, what: Countries that agree on how much oil they sell.}
"""

_EPISODES = """\
# Rotations of the past: what was sold, what was bought, from which close to which. Both sides are computed from
# prices; where there are none, no_prices says why. Add one: thesisvault new episode NAME --start 2022-01-03
oil-shock-1973:
  title: "1973-74: the oil shock"
  start: 1973-10-16
  end: 1974-03-18
  trigger: "An embargo by Arab members of [[OPEC]] made oil four times as expensive"
  no_prices: The sector funds of this workspace began in 1998.
"""

_BASKET = """\
# An index of your own: what it holds, and how much of each. A list is equal parts, a mapping such as
# {XLE: 60%, XLK: 40%} gives weights. Its id, for expressions and theses, is the name of this file.
title: Two sectors
what: US energy and US technology in equal parts.
members: [XLE, XLK]
"""

_UNIVERSE = """\
# A list of tickers, for shares of many: breadth(ret('sectors', 'ytd') > 0) is the share that rose this year.
# Its id is the name of this file. Tickers stand on one line or on many.
XLE XLK
"""

_THESIS = """\
# A first thesis to change or delete. Text is Markdown, and what stands between double braces is computed at every
# build. Its id is the name of this file; the title may change. Write the next one: thesisvault new thesis TITLE
title: Technology to energy
kind: thesis
status: idea
opened: {today}
verdict: "Energy is {{{{ spread(buy, sell, over) | ahead }}}} technology this year."
summary: >
  Money leaves technology for energy: US technology is {{{{ ret(sell, over) | up }}}}, US energy
  {{{{ ret(buy, over) | up }}}}, [[Two sectors|both together]] {{{{ ret('two-sectors', over) | up }}}}.
  [[OPEC]] can end it by selling more oil.
sell: {{name: Technology, hold: [XLK]}}
buy: {{name: Energy, hold: [XLE]}}
benchmark: SPY
signals:
  - name: Technology is back in front
    when: ret(sell, '60d') > ret(buy, '60d') + 0.10
    means: the money has gone back
    kills: true
claims:
  - says: Energy and technology do not move as one
    check: corr(buy, sell, '90d')
    at_most: 0.99
sections:
  - heading: The picture
    blocks:
      - returns: {{of: [buy, sell, SPY], over: [5d, 90d, ytd]}}
      - chart: {{pair: [buy, sell], over: 90d}}
"""


def first_files(today: dt.date) -> dict[str, str]:
    """Return the text of each file by its path in the workspace.

    Args:
        today: The day on which the thesis is opened.
    """
    return {
        SETTINGS_FILE: _LINE.format(up="", name="settings") + _SETTINGS,
        "data/instruments.yaml": _LINE.format(up="../", name="instruments") + _INSTRUMENTS,
        "data/entities.yaml": _LINE.format(up="../", name="entities") + _ENTITIES,
        "data/episodes.yaml": _LINE.format(up="../", name="episodes") + _EPISODES,
        "data/baskets/two-sectors.yaml": _LINE.format(up="../../", name="basket") + _BASKET,
        "data/universes/sectors.txt": _UNIVERSE,
        "data/theses/technology-to-energy.yaml": _LINE.format(up="../../", name="thesis")
        + _THESIS.format(today=today.isoformat()),
    }
