"""The tables of README.md that repeat what the code says.

Each stands in the README between `<!-- table: NAME -->` and `<!-- end of table -->`. To write all of them anew, run
`python tests/docs/tables.py --write`; a test compares them. What the code cannot know, an example of each thing, is
written here, and a test reads every example as the tool itself would.
"""

# ruff: noqa: E402 - run as a script, it has to say first where the package lies

from __future__ import annotations

import datetime as dt
import re
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "generator"))

import click
import typer
from pydantic.fields import FieldInfo

from thesisvault.blocks import compare, drivers, episodes, related, scenarios
from thesisvault.blocks import kinds as _  # noqa: F401 - fills the registry of blocks
from thesisvault.blocks import updates as log
from thesisvault.blocks.core import claims, sides, signals, sources
from thesisvault.blocks.core.block import KINDS
from thesisvault.blocks.core.chart import CHARTS, ChartModel
from thesisvault.cli import main as cli
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
from thesisvault.definitions.models.settings import CsvFolder, Refresh, Settings
from thesisvault.definitions.models.thesis import Section, Thesis
from thesisvault.language.formats import FILTERS, formatted
from thesisvault.language.functions.table import TABLE
from thesisvault.language.values import Number
from thesisvault.model import Model
from thesisvault.scalars import Window

README = ROOT / "README.md"
COMMAND = "python tests/docs/tables.py --write"
_PLACE = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end of table -->", re.DOTALL)

Rows = Sequence[Sequence[str]]


# The command line -------------------------------------------------------------------------------------------------


def command_line() -> click.Group:
    """The command with all commands below it."""
    found = typer.main.get_command(cli.app)
    assert hasattr(found, "commands")
    return typing.cast(click.Group, found)


def option_of(parameter: click.Parameter) -> str:
    """An option as it is written, with what follows it."""
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    return names if getattr(parameter, "is_flag", False) else f"{names} `{parameter.metavar}`"


def _words(command: click.Command) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    return " ".join([f"thesisvault {command.name}", *(a.metavar or a.name.upper() for a in arguments)])


def _options(command: click.Command) -> Iterator[click.Parameter]:
    yield from (p for p in command.params if p.param_type_name == "option" and p.name != "help")


def commands() -> str:
    """Every command in a line."""
    rows = []
    for command in command_line().commands.values():
        options = ", ".join(f"`{p.opts[0]}`" for p in _options(command))
        rows.append((f"`{_words(command)}`", " ".join((command.help or "").split()), options))
    return _table(("Command", "What it does", "Options"), rows)


def options() -> str:
    """Every option with what it does; one that means different things in two commands stands there twice."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, command in command_line().commands.items():
        for parameter in _options(command):
            found.setdefault((option_of(parameter), getattr(parameter, "help", "") or ""), []).append(f"`{name}`")
    rows = [(option, says, ", ".join(names)) for (option, says), names in found.items()]
    return _table(("Option", "What it does", "Of"), rows)


def exit_statuses() -> dict[int, str]:
    """Exit statuses and their meaning, as `--help` says them."""
    text = " ".join(cli.EXITS.split()).removeprefix("Exit status: ")
    return {int(code): said for code, said in re.findall(r"(\d+) (.+?)(?=; \d+ |\.$)", text)}


def exits() -> str:
    """Every exit status."""
    return _table(("Status", "Meaning"), [(f"`{code}`", said) for code, said in exit_statuses().items()])


# What may be written ----------------------------------------------------------------------------------------------

THESIS = {
    "title": "Chips to oil",
    "kind": "",
    "aliases": "[Oil against chips]",
    "tags": "[rotation, energy]",
    "status": "",
    "conviction": "4",
    "opened": "2022-01-13",
    "closed": "2022-12-28",
    "review_every": "30d",
    "verdict": '"Oil leads by {{ spread(buy, sell, over) | points }}."',
    "summary": "Money leaves chips for oil, because rates rise.",
    "against": "A recession would hit both.",
    "sell": "{name: Chips, hold: [AMD]}",
    "buy": "{name: Oil, hold: {XOM: 60%, CVX: 40%}}",
    "benchmark": "SPY",
    "over": "90d",
    "drivers": "[{name: Rates, detail: The Fed raises them}]",
    "scenarios": "[{if: Oil price spikes, then: accelerates, because: it goes to earnings}]",
    "signals": "[{name: Chips lead again, when: \"ret(sell, '60d') > ret(buy, '60d')\", kills: true}]",
    "claims": "[{says: Oil gained about 80%, check: \"ret('XOM', 'ytd')\", expect: about 80%}]",
    "updates": "[{on: 2022-06-16, title: Half way, blocks: [{text: The Fed raised again.}]}]",
    "sections": "[{heading: The picture, blocks: [{chart: {pair: [buy, sell]}}]}]",
    "related": "[{note: sector-rotation, why: the rotation as a whole}]",
    "sources": "[{id: ft-1, title: Oil repriced, by: Financial Times, on: 2022-02-05}]",
}
INSTRUMENT = {
    "name": "Energy Select Sector SPDR",
    "kind": "",
    "short": "US energy",
    "aliases": "[energy ETF]",
    "what": "The energy companies of the S&P 500.",
    "currency": "USD",
    "price_of": "EUR",
    "renamed_to": "META",
    "exchange": "XNYS",
    "unit": '"%"',
    "scale": "1000000",
    "frequency": "",
    "lag": "2d",
    "proxies": "[VDE]",
    "symbols": "{yahoo: XLE}",
    "providers": "[yahoo]",
    "sector": "Energy",
    "of": "[State Street]",
}
ENTITY = {
    "name": "Federal Reserve",
    "kind": "",
    "aliases": "[the Fed]",
    "what": "The US central bank.",
}
BASKET = {
    "title": "Oil majors",
    "what": "Large US oil companies.",
    "aliases": "[big oil]",
    "tags": "[energy]",
    "members": "{2015-01-02: {XOM: 60%, CVX: 40%}, 2020-06-30: [XOM, CVX, COP]}",
    "cap": "60%",
    "rebalance": "quarterly",
    "base": "2015-01-02",
    "currency": "EUR",
    "short": "Oil majors",
}
EPISODE = {
    "title": '"2022: the Fed hikes"',
    "start": "2021-12-31",
    "end": "2022-12-28",
    "sell": "{name: Chips, hold: [AMD]}",
    "buy": "{name: Oil, hold: [XOM, CVX]}",
    "type": "Growth to value",
    "trigger": "Inflation and a war",
    "what": '"Oil returned {{ ret(buy, over) | pct }}."',
    "aftermath": "180d",
    "caption": '"Oil and chips, 2022"',
    "chart": "{ratio: [buy, sell], over: 3y}",
    "claims": '[{says: Oil gained 80%, check: "ret(buy, over)", expect: 80%}]',
    "no_prices": '"before the first stored price"',
    "aliases": "[the hikes of 2022]",
}
SETTINGS = {
    "vault": "notes",
    "folder": "Investing",
    "data": "definitions",
    "templates": "looks",
    "providers": "[{csv: {folder: prices}}, yahoo]",
    "benchmark": "^GSPC",
    "home_currency": "EUR",
    "as_of": "2022-12-28",
    "refresh": "{time_limit: 1h, pause: 2s}",
}
REFRESH = {"time_limit": "1h", "wait_limit": "10m", "timeout": "30s", "pause": "500ms"}
CSV = {"folder": "prices", "closes": "", "dividends": "dividends", "layout": ""}
BLOCKS = {
    "annual_returns": 'annual_returns: {of: [XOM, AMD], years: ["2021", "2022", ytd], chart: true}',
    "breadth": "breadth: {universe: sp500, index: ^GSPC, over: [1d, ytd], moved: 20%}",
    "changes": "changes: {of: [XLE, XLK, IWM], top: 5}",
    "chart": 'chart: {pair: [buy, sell], over: 90d, caption: "Oil and chips"}',
    "charts": "charts: [{lines: [XLE, XLK, SPY], over: ytd}, {ratio: [XLE, XLK], average: 200}]",
    "claims": 'claims: {check: "ret(row, column)", within: 5pp, columns: ["2021"], rows: {NVDA: [125%], TSLA: [65%]}}',
    "compare": "compare: {of: [chips-to-oil, large-to-small], rows: [sell, buy, spread, kill]}",
    "constituents": "constituents: {of: oil-majors, over: [1d, ytd]}",
    "correlation": "correlation: {of: [XLE, XLK, XLF], over: 1y}",
    "drivers": "drivers: {}",
    "episodes": "episodes: {of: [dot-com-bust, fed-2022], open: fed-2022}",
    "flows": 'flows: {title: Fund flows, unit: USD m, rows: {"Jan 2025": 10, "Feb 2025": -4}}',
    "fold": "fold: {title: More detail, blocks: [{text: Opened when wanted.}]}",
    "quote": 'quote: {says: Oil is cheap, by: "[[Jerome Powell]]", on: 2022-02-05}',
    "related": "related: {}",
    "returns": "returns: {of: [buy, sell], over: [5d, 90d, ytd], against: SPY}",
    "scenarios": "scenarios: {of: [chips-to-oil, large-to-small]}",
    "signals": "signals: {of: [chips-to-oil]}",
    "sources": "sources: {}",
    "table": "table: {columns: [Who, Said], rows: [[Oil, {says: +84%, check: \"ret('XOM', 'ytd')\"}]]}",
    "targets": "targets: {on: 2022-01-03, rows: {XOM: +39%, CVX: $130}}",
    "text": "text: \"Oil is up {{ ret('XOM', 'ytd') | pct }} this year.\"",
    "timeline": "timeline: [{on: 2022-02-24, event: War}, {when: Late 2022, event: Rates peak}]",
    "updates": "updates: {open: 1}",
}
WINDOWS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("1d", "10d", "200"), "sessions of the series itself: `1d` to `10d`, or a bare whole number"),
    (("11d", "2w", "3m", "1y"), "calendar days, weeks, months or years back, month ends clipped"),
    (("mtd", "ytd"), "since the last close before the month or the year began"),
    (("2022", "2018Q4", "2025-12"), "a year, quarter or month that is over; the running year is `ytd`"),
    (("since 2025-10-29",), "since the close of that day, or the last one before it"),
    (("2000-03-24..2002-10-09",), "from close to close; unknown before the second day, constant after it"),
    (("max",), "all that is stored"),
)
SAMPLES: Mapping[str, tuple[Number, str]] = {
    "pct": (Number(0.2512, "fraction", None), "a fraction as a percentage with its sign"),
    "share": (Number(0.66, "fraction", None), "a fraction as a percentage without a sign"),
    "pp": (Number(0.479, "spread", None), "a difference of fractions in percentage points, with its sign"),
    "points": (Number(-0.479, "spread", None), "the same without its sign, for sentences that say who leads"),
    "usd": (Number(654.0e9, "money", None), "an amount of dollars, with M, B or T from a million up"),
    "mult": (Number(29.04, "number", None), "a multiple"),
    "num": (Number(6878.88, "number", None), "a plain number with grouped thousands"),
    "int": (Number(312.0, "count", None), "a whole number"),
    "date": (Number(dt.date(2026, 2, 27), "day", None), "a day, as `peak` gives one"),
}


def keys(model: type[Model], examples: Mapping[str, str]) -> str:
    """Every key of a model: what it is, how it is written, and what holds without it."""
    rows = []
    for name, field in model.model_fields.items():
        choices = _choices(field.annotation)
        written = _code(choices) if choices else f"`{examples[name]}`" if examples[name] else ""
        default = "" if field.is_required() else _typed(field.get_default(call_default_factory=True))
        without = "required" if field.is_required() else f"`{_AS_TYPED.get(name, default)}`" if default else ""
        rows.append((f"`{name}`", " ".join((field.description or "").split()), written, without))
    return _table(("Key", "What it is", "Written as", "If left out"), rows)


_AS_TYPED = {
    "aftermath": "180d",
    "time_limit": "20m",
    "wait_limit": "5m",
    "timeout": "20s",
    "pause": "1s",
}


def _choices(annotation: object) -> tuple[str, ...]:
    if typing.get_origin(annotation) is typing.Literal:
        return typing.get_args(annotation)
    inner = [a for a in typing.get_args(annotation) if a is not type(None)]
    return _choices(inner[0]) if len(inner) == 1 and len(typing.get_args(annotation)) == 2 else ()


def _typed(value: object) -> str:
    if isinstance(value, Window):
        return value.text
    if isinstance(value, tuple):
        return f"[{', '.join(map(_typed, value))}]" if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Model):
        return "see below"
    return f"{value:g}" if isinstance(value, float) else "" if value in (None, "", {}) else str(value)


_PARTS: tuple[tuple[str, type[Model]], ...] = (
    ("sell", sides.Side),
    ("drivers", drivers.Driver),
    ("scenarios", scenarios.Scenario),
    ("signals", signals.Signal),
    ("claims", claims.Claim),
    ("updates", log.Update),
    ("sections", Section),
    ("related", related.Related),
    ("sources", sources.Source),
)


def parts() -> str:
    """The keys of the parts that a thesis is made of."""
    rows = []
    for name, model in _PARTS:
        shown = f"`{name}`, `buy`" if name == "sell" else f"each of `{name}`"
        required = [f.alias or key for key, f in model.model_fields.items() if f.is_required()]
        left = [key for key in model.allowed_keys() if key not in required]
        rows.append((shown, _code(required), _code(left)))
    return _table(("Part", "Must hold", "May hold"), rows)


def blocks() -> str:
    """Every kind of block with its keys."""
    rows = []
    for kind, model in sorted(KINDS.items()):
        says = (model.__doc__ or "").strip().splitlines()[0]
        rows.append((f"`{kind}`", says, _code(model.allowed_keys())))
    return _table(("Block", "What it shows", "Keys"), rows)


def block_examples() -> str:
    """One line of YAML for every kind of block."""
    return "\n".join(["```yaml", "blocks:", *(f"  - {BLOCKS[kind]}" for kind in sorted(KINDS)), "```"])


def charts() -> str:
    """Every kind of chart with the keys that it has beside those of all charts."""
    rows = []
    for kind, model in CHARTS.items():
        says = (model.__doc__ or "").strip().splitlines()[0]
        own = [key for key in model.allowed_keys() if key not in ChartModel.model_fields and key != kind]
        rows.append((f"`{kind}`", says, _bounded(model.model_fields[kind]), _code(own)))
    return _table(("Chart", "What it draws", "Written as", "Its keys"), rows)


def chart_keys() -> str:
    """What a chart may hold beside its kind, and which kinds have the key."""
    rows: dict[str, tuple[str, str, str, str]] = {}
    for kind, model in CHARTS.items():
        for name, field in model.model_fields.items():
            if name == kind:
                continue
            of = (
                "all"
                if name in ChartModel.model_fields
                else _code(k for k, m in CHARTS.items() if name in m.model_fields)
            )
            default = (
                "required" if field.is_required() else f"`{_typed(field.default)}`" if _typed(field.default) else ""
            )
            rows.setdefault(name, (f"`{name}`", _bounded(field), of, default))
    return _table(("Key", "What it is", "Of", "If left out"), list(rows.values()))


def _bounded(field: FieldInfo) -> str:
    """What a field is, and how many items it takes if that is bounded."""
    bounds = {type(each).__name__: each for each in field.metadata}
    least, most = getattr(bounds.get("MinLen"), "min_length", 0), getattr(bounds.get("MaxLen"), "max_length", 0)
    limits = f" {least} to {most} of them." if least and most else f" At most {most}." if most else ""
    return f"{field.description}{limits}"


def compare_rows() -> str:
    """The rows that a comparison knows."""
    return _code(compare.ROWS) + "."


def expectations() -> str:
    """What a claim may expect; it expects exactly one of these."""
    fields = claims.Claim.model_fields
    return _table(("Key", "The claim holds if"), [(f"`{k}`", fields[k].description or "") for k in claims.EXPECTATIONS])


def windows() -> str:
    """Every form of a window."""
    return _table(("Window", "What it is"), [(_code(examples), says) for examples, says in WINDOWS])


def functions() -> str:
    """Every function with its signature."""
    return _table(("Function", "What it gives"), [(f"`{f.signature}`", f.says) for f in TABLE.values()])


def filters() -> str:
    """Every filter with an example, computed."""
    rows = []
    for name in FILTERS:
        number, says = SAMPLES[name]
        value = f"{number.value:.12g}" if isinstance(number.value, float) else str(number.value)
        rows.append((f"`| {name}`", says, f"`{value}`", f"`{formatted(number, name)}`"))
    return _table(("Filter", "What it makes", "Of", "Shown as"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "options": options,
    "exits": exits,
    "thesis": lambda: keys(Thesis, THESIS),
    "parts": parts,
    "blocks": blocks,
    "block-examples": block_examples,
    "charts": charts,
    "chart-keys": chart_keys,
    "compare-rows": compare_rows,
    "windows": windows,
    "functions": functions,
    "filters": filters,
    "expectations": expectations,
    "instruments": lambda: keys(InstrumentDefinition, INSTRUMENT),
    "entities": lambda: keys(Entity, ENTITY),
    "baskets": lambda: keys(BasketDefinition, BASKET),
    "episodes": lambda: keys(episodes.EpisodeDefinition, EPISODE),
    "settings": lambda: keys(Settings, SETTINGS),
    "refresh": lambda: keys(Refresh, REFRESH),
    "csv": lambda: keys(CsvFolder, CSV),
}


# Markdown ---------------------------------------------------------------------------------------------------------


def _code(words: typing.Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").strip()


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def placed(text: str) -> dict[str, str]:
    """The tables of a README by name, as they stand."""
    return {name: body.strip("\n") for name, body in _PLACE.findall(text)}


def renewed(text: str) -> str:
    """A README with its tables written anew."""
    return _PLACE.sub(lambda m: f"<!-- table: {m[1]} -->\n\n{TABLES[m[1]]()}\n\n<!-- end of table -->", text)


if __name__ == "__main__":
    old = README.read_text("utf-8")
    new = renewed(old)
    if sys.argv[1:] == ["--write"]:
        README.write_text(new, "utf-8", newline="\n")
    else:
        sys.exit(f"Nothing was written. To write the tables of README.md anew: {COMMAND}")
