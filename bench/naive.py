"""The yardstick of full builds: what most people would write in an afternoon, over the same definitions and prices.

    python bench/naive.py WORKSPACE OUT [DAY]

Every definition is read with `yaml.safe_load`, every price file with `pandas.read_csv`, every chart is drawn with
pyplot, and one template of Jinja makes a note of it. Expressions in texts are left as they are, nothing is checked,
nothing of a person's is kept, and every run makes everything anew: it does far less than a build.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import matplotlib as mpl
import pandas as pd
import yaml

mpl.use("Agg")
import matplotlib.pyplot as plt

TEMPLATE = """\
---
title: {{ thesis.title }}
tags: {{ thesis.tags }}
---
# {{ thesis.title }}

**{{ thesis.verdict }}**

{{ thesis.summary }}

| | {% for each in windows %}{{ each }} | {% endfor %}
|---|{% for each in windows %}---:|{% endfor %}
{% for name, cells in rows %}| {{ name }} | {% for each in cells %}{{ '%+.1f%%' | format(100 * each) }} | {% endfor %}
{% endfor %}
> {{ thesis.against }}
{% for section in thesis.sections %}
## {{ section.heading }}
{% for block in section.blocks if block.text %}
{{ block.text }}
{% endfor %}{% endfor %}
{% for each in pictures %}![[{{ each }}]]
{% endfor %}"""
WINDOWS = ("ytd", "1y", "90d")


def begin(window: str, day: pd.Timestamp) -> pd.Timestamp:
    """Return the day from which a window counts."""
    if window == "ytd":
        return pd.Timestamp(day.year - 1, 12, 31)
    if window.endswith("d"):
        return day - pd.Timedelta(days=int(window[:-1]))
    if window.endswith("y"):
        return day - pd.DateOffset(years=int(window[:-1]))
    return pd.Timestamp(int(window) - 1, 12, 31)


def gained(prices: pd.DataFrame, ticker: str, window: str) -> float:
    """Return what a ticker gained over a window."""
    closes = prices[ticker].loc[begin(window, prices.index[-1]) :]
    return closes.iloc[-1] / closes.iloc[0] - 1


def charts(thesis: dict) -> Iterator[dict]:
    """Yield the charts of a thesis."""
    for section in thesis.get("sections", []):
        for block in section["blocks"]:
            if "chart" in block:
                yield block["chart"]


def draw(prices: pd.DataFrame, chart: dict, path: Path) -> None:
    """Draw a chart of lines as most programs do."""
    window = str(chart["over"])
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=150)
    for ticker in chart["lines"]:
        level = prices[ticker].loc[begin(window, prices.index[-1]) :]
        level = (level / level.iloc[0] - 1) * 100
        axes.plot(level.index, level.to_numpy(), label=ticker, linewidth=2)
        axes.annotate(f"{ticker} {level.iloc[-1]:+.1f}%", (level.index[-1], level.iloc[-1]))
    axes.set_title(chart["title"])
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=150, transparent=True)
    plt.close(figure)


def main() -> None:
    """Make a note of every thesis, with its charts."""
    root, out = Path(sys.argv[1]), Path(sys.argv[2])
    day = dt.date.fromisoformat(sys.argv[3]) if len(sys.argv) > 3 else dt.date.max
    out.mkdir(exist_ok=True)
    files = sorted((root / "data" / "market").glob("*.csv"))
    prices = pd.concat(
        {path.stem: pd.read_csv(path, index_col="Date", parse_dates=True)["Close"] for path in files}, axis=1
    )
    prices = prices[prices.index.date <= day]
    template = jinja2.Environment(autoescape=False).from_string(TEMPLATE)
    for path in sorted((root / "data" / "theses").glob("*.yaml")):
        thesis = yaml.safe_load(path.read_text(encoding="utf-8"))
        pictures = []
        for n, chart in enumerate(charts(thesis)):
            pictures.append(f"{path.stem}-{n}.png")
            draw(prices, chart, out / pictures[-1])
        held = [*thesis["buy"]["hold"], *thesis["sell"]["hold"], "SPY"]
        rows = [(ticker, [gained(prices, ticker, window) for window in WINDOWS]) for ticker in held]
        note = template.render(thesis=thesis, windows=WINDOWS, rows=rows, pictures=pictures)
        (out / f"{path.stem}.md").write_text(note, encoding="utf-8")


if __name__ == "__main__":
    main()
