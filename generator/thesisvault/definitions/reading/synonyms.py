"""Keys as they are called elsewhere, with those that definitions have instead."""

from __future__ import annotations

_ROWS = (
    ("date day when time at asof as_of on_date", "on by opened as_of data when"),
    ("data_date data_day", "data"),
    ("start_date from begin begins since started open_date entry", "start opened base"),
    ("end_date to until ends finish close_date exit", "end closed"),
    ("name label headline heading header caption", "title name heading label caption"),
    ("title", "heading name says label note"),
    ("description desc about explanation details definition", "what summary"),
    ("text statement claim said quote", "says what then"),
    ("comment remark explanation reason rationale", "note because why means"),
    ("why", "because note means"),
    ("if condition expression expr formula trigger test", "when check"),
    ("check", "when"),
    ("when", "check"),
    ("expected value target figure", "expect"),
    ("min minimum floor above gte", "at_least"),
    ("max maximum ceiling below lte", "at_most"),
    ("range", "between over"),
    ("tolerance margin error", "within"),
    ("window period horizon timeframe lookback", "over years"),
    ("windows periods columns", "over columns years"),
    ("long longs bought", "buy"),
    ("short shorts sold", "sell"),
    ("holdings holding tickers ticker symbols members constituents weights assets instruments", "hold members of"),
    ("hold", "members"),
    ("series names items list", "of"),
    ("rebalancing rebalanced", "rebalance"),
    ("type category", "kind type"),
    ("link url href", "url source"),
    ("key slug identifier ref", "id"),
    ("id", "universe name"),
    ("risks risk bear bear_case counter counterargument", "against"),
    ("thesis idea overview abstract", "summary"),
    ("log history journal notes", "updates"),
    ("exits exit_signals alerts triggers", "signals"),
    ("facts", "claims"),
    ("ma sma moving_average average_days", "average"),
    ("limit count n number most", "top"),
    ("versus vs relative_to", "against benchmark"),
    ("index", "benchmark against"),
    ("ccy", "currency"),
    ("state", "status"),
    ("meaning implication", "means"),
)


def near(word: str) -> tuple[str, ...]:
    """Return the keys that an unknown one may stand for, the likeliest first.

    >>> near("Date")[:2], near("nothing")
    (('on', 'by'), ())
    """
    folded = word.casefold().replace("-", "_").replace(" ", "_")
    return tuple(key for words, keys in _ROWS if folded in words.split() for key in keys.split())


_KINDS = {
    "block": (
        ("graph plot figure image picture diagram", "chart"),
        ("line lines area candles pair ratio drawdown rotation annual rrg", "chart"),
        ("performance perf return stats metrics", "returns"),
        ("paragraph markdown md prose note comment", "text"),
        ("events calendar dates milestones", "timeline"),
        ("log news history", "updates"),
        ("heatmap correlations corr", "correlation"),
        ("holdings members weights", "constituents"),
        ("years yearly", "annual_returns"),
        ("details collapse spoiler toggle", "fold"),
        ("comparison versus vs", "compare"),
        ("participation", "breadth"),
        ("claim facts statements", "claims"),
        ("quotation cite", "quote"),
    ),
    "chart": (
        ("line price prices performance area chart", "lines"),
        ("bar bars years yearly column columns", "annual"),
        ("heatmap corr correlations matrix", "correlation"),
        ("rrg", "rotation"),
        ("spread versus vs compare", "pair"),
        ("relative relative_strength", "ratio"),
        ("underwater drawdowns dd", "drawdown"),
    ),
}


def kind_near(noun: str, word: str) -> str:
    """Return the kind of a block or a chart that an unknown one may stand for, or an empty text.

    >>> kind_near("block", "graph"), kind_near("chart", "bar"), kind_near("block", "nothing")
    ('chart', 'annual', '')
    """
    folded = word.casefold().replace("-", "_")
    return next((kind for words, kind in _KINDS.get(noun, ()) if folded in words.split()), "")
