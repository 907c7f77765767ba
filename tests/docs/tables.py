"""The tables of the reference, written from the code. Whatever tests/docs takes from the package, it takes here.

Each function returns Markdown. `reference.py` joins them into pages; the examples in them are those of `examples.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence

import click
import typer
from pydantic.fields import FieldInfo

from tests.docs import examples
from thesisvault.blocks import compare, drivers, episodes, related, scenarios
from thesisvault.blocks import kinds as _  # noqa: F401 - fills the registry of blocks
from thesisvault.blocks import updates as log
from thesisvault.blocks.core import claims, judging, sides, signals, sources
from thesisvault.blocks.core.block import KINDS
from thesisvault.blocks.core.chart import CHARTS, ChartModel
from thesisvault.cli import main as cli
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
from thesisvault.definitions.models.settings import CsvColumns, CsvFolder, Refresh, Settings
from thesisvault.definitions.models.thesis import Section, Thesis
from thesisvault.language.formats import FILTERS, formatted
from thesisvault.language.functions.table import TABLE
from thesisvault.language.values import Number
from thesisvault.market.fundamentals import FIELDS
from thesisvault.market.sources.fred_series import SERIES
from thesisvault.model import Model, descriptions
from thesisvault.runs.schemas import schemas
from thesisvault.scalars import Window

Rows = Sequence[Sequence[str]]


# Markdown ---------------------------------------------------------------------------------------------------------


def code(words: Iterable[str]) -> str:
    """Return words as code, with commas between them."""
    return ", ".join(f"`{word}`" for word in words)


def table(head: Sequence[str], rows: Rows) -> str:
    """Return a Markdown table; a pipe inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").strip() for cell in line) + " |" for line in lines)


# The command line -------------------------------------------------------------------------------------------------


def command_line() -> click.Group:
    """Return the command with all commands below it."""
    found = typer.main.get_command(cli.app)
    assert hasattr(found, "commands")
    return typing.cast(click.Group, found)


def every_command() -> dict[str, click.Command]:
    """Return all commands by what a person types; one that only groups others is left out for those."""
    found: dict[str, click.Command] = {}
    for name, each in command_line().commands.items():
        below = getattr(each, "commands", None)
        found |= {name: each} if below is None else {f"{name} {last}": one for last, one in below.items()}
    return found


def usage(name: str) -> str:
    """Return a command with its arguments, as a person types it."""
    return " ".join([f"thesisvault {name}", *(_argument(p) for p in _parameters(every_command()[name], "argument"))])


def commands() -> str:
    """Return every command in a line of a table, linked to its section."""
    rows = [
        (f"[`{usage(name)}`](#thesisvault-{name.replace(' ', '-')})", _help(command))
        for name, command in every_command().items()
    ]
    return table(("Command", "What it does"), rows)


def command(name: str) -> str:
    """Return what a command does, and tables of its arguments and options."""
    found = every_command()[name]
    parts = [_help(found), f"```text\n{usage(name)} [OPTIONS]\n```"]
    if arguments := list(_parameters(found, "argument")):
        rows = [(f"`{_argument(each)}`", _said(each)) for each in arguments]
        parts.append(table(("Argument", "What it is"), rows))
    rows = [(_option(each), _said(each)) for each in _parameters(found, "option")]
    if rows:
        parts.append(table(("Option", "What it does"), rows))
    return "\n\n".join(parts)


def _parameters(command: click.Command, kind: str) -> Iterator[click.Parameter]:
    yield from (p for p in command.params if p.param_type_name == kind and p.name != "help")


def _argument(parameter: click.Parameter) -> str:
    return str(parameter.metavar or (parameter.name or "").upper())


def _option(parameter: click.Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    return names if getattr(parameter, "is_flag", False) else f"{names} `{parameter.metavar}`"


def _said(parameter: click.Parameter) -> str:
    said = " ".join((getattr(parameter, "help", "") or "").split())
    default = parameter.default
    return f"{said} Default: `{default}`." if default and parameter.name != "workspace" else said


def _help(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def exit_statuses() -> dict[int, str]:
    """Return exit statuses and their meaning, as `--help` says them."""
    text = " ".join(cli.EXITS.split()).removeprefix("Exit status: ")
    return {int(code): said for code, said in re.findall(r"(\d+) (.+?)(?=; \d+ |\.$)", text)}


def exits() -> str:
    """Return every exit status."""
    return table(("Status", "Meaning"), [(f"`{code}`", said) for code, said in exit_statuses().items()])


# Definitions and settings -----------------------------------------------------------------------------------------

MODELS: Mapping[str, tuple[type[Model], Mapping[str, str]]] = {
    "thesis": (Thesis, examples.THESIS),
    "instrument": (InstrumentDefinition, examples.INSTRUMENT),
    "entity": (Entity, examples.ENTITY),
    "basket": (BasketDefinition, examples.BASKET),
    "episode": (episodes.EpisodeDefinition, examples.EPISODE),
    "settings": (Settings, examples.SETTINGS),
    "refresh": (Refresh, examples.REFRESH),
    "csv": (CsvFolder, examples.CSV),
    "columns": (CsvColumns, examples.CSV_COLUMNS),
}
_AS_TYPED = {
    "aftermath": "180d",
    "time_limit": "20m",
    "run_limit": "1h",
    "wait_limit": "5m",
    "timeout": "20s",
    "pause": "1s",
}


def keys(name: str) -> str:
    """Return every key of a model: what it is, how it is written, and what holds without it."""
    model, written = MODELS[name]
    rows = []
    for key, field in model.model_fields.items():
        choices = _choices(field.annotation)
        shown = code(choices) if choices else f"`{written[key]}`" if written[key] else ""
        rows.append((f"`{key}`", " ".join(descriptions(model).get(key, "").split()), shown, _without(key, field)))
    return table(("Key", "What it is", "Written as", "If left out"), rows)


def _without(key: str, field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, Model):
        return "see below"
    text = _AS_TYPED.get(key, _typed(default))
    return f"`{text}`" if text else ""


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
    """Return the keys of the parts that a thesis is made of."""
    rows = []
    for name, model in _PARTS:
        shown = f"`{name}`, `buy`" if name == "sell" else f"each of `{name}`"
        required = [f.alias or key for key, f in model.model_fields.items() if f.is_required()]
        left = [key for key in model.allowed_keys() if key not in required]
        rows.append((shown, code(required), code(left)))
    return table(("Part", "Must hold", "May hold"), rows)


def expectations() -> str:
    """Return what a claim may expect; it expects exactly one of these."""
    said = descriptions(claims.Claim)
    return table(("Key", "The claim holds if"), [(f"`{key}`", said[key]) for key in claims.EXPECTATIONS])


def verdicts() -> str:
    """Return the verdicts on a claim with their marks."""
    mark = typing.cast(property, judging.Verdict.mark).fget
    assert mark is not None
    rows = [
        (outcome, mark(types.SimpleNamespace(outcome=outcome)), examples.VERDICTS[outcome])
        for outcome in typing.get_args(judging.Outcome)
    ]
    return table(("Verdict", "Mark", "When"), rows)


def well_known() -> str:
    """Return the FRED series of which unit, frequency and lag are known."""
    rows = [
        (f"`{name}`", each.unit or "write it yourself", each.frequency, f"{each.lag_days}d")
        for name, each in sorted(SERIES.items())
    ]
    return table(("Series", "Unit", "Frequency", "Lag"), rows)


def schema_names() -> str:
    """Return the files that `thesisvault schema` writes."""
    return code(sorted(schemas()))


# Blocks -----------------------------------------------------------------------------------------------------------


def blocks() -> str:
    """Return every kind of block with its keys."""
    rows = []
    for kind, model in sorted(KINDS.items()):
        says = (model.__doc__ or "").strip().splitlines()[0]
        having = "[Charts](#charts)" if kind == "chart" else code(model.allowed_keys())
        rows.append((f"`{kind}`", says, having))
    return table(("Block", "What it shows", "Keys"), rows)


def block_examples() -> str:
    """Return one line of YAML for every kind of block."""
    return "\n".join(["```yaml", "blocks:", *(f"  - {examples.BLOCKS[kind]}" for kind in sorted(KINDS)), "```"])


def short_blocks() -> list[str]:
    """Return the kinds whose value may stand without a key inside."""
    return [kind for kind, model in sorted(KINDS.items()) if model.shorthand]


def charts() -> str:
    """Return every kind of chart with the keys that only some kinds have."""
    rows = []
    for kind, model in CHARTS.items():
        says = (model.__doc__ or "").strip().splitlines()[0]
        own = [key for key in model.allowed_keys() if key not in ChartModel.model_fields and key != kind]
        rows.append((f"`{kind}`", says, _bounded(model.model_fields[kind], descriptions(model)[kind]), code(own)))
    return table(("Chart", "What it draws", "Written as", "Its keys"), rows)


def chart_keys() -> str:
    """Return what a chart may hold beside its kind, and which kinds have the key."""
    rows: dict[str, tuple[str, str, str, str]] = {}
    for kind, model in CHARTS.items():
        for key, field in model.model_fields.items():
            if key == kind:
                continue
            of = (
                "all" if key in ChartModel.model_fields else code(k for k, m in CHARTS.items() if key in m.model_fields)
            )
            rows.setdefault(key, (f"`{key}`", _bounded(field, descriptions(model)[key]), of, _without(key, field)))
    return table(("Key", "What it is", "Of", "If left out"), list(rows.values()))


def _bounded(field: FieldInfo, words: str) -> str:
    """Return what a field is, and how many items it takes if that is bounded."""
    bounds = {type(each).__name__: each for each in field.metadata}
    least, most = getattr(bounds.get("MinLen"), "min_length", 0), getattr(bounds.get("MaxLen"), "max_length", 0)
    limits = f" {least} to {most} of them." if least and most else f" At most {most}." if most else ""
    return f"{words}{limits}"


def compare_rows() -> str:
    """Return the rows that a comparison knows."""
    return code(compare.ROWS)


# Expressions ------------------------------------------------------------------------------------------------------

_SHAPES = {"multiple": "multiple", "money": "amount of money", "share": "share", "count": "count"}
SAMPLES: Mapping[str, tuple[Number, str]] = {
    "pct": (Number(0.2512, "fraction", None), "a fraction as a percentage with its sign"),
    "share": (Number(0.66, "fraction", None), "a fraction as a percentage without a sign"),
    "pp": (Number(0.479, "spread", None), "a difference of fractions in percentage points, with its sign"),
    "points": (Number(-0.479, "spread", None), "the same without its sign, for sentences that say who leads"),
    "ahead": (
        Number(0.047, "spread", None),
        'who leads, as in "Energy is … software"; "level with" where it rounds to zero',
    ),
    "up": (
        Number(-0.032, "fraction", None),
        'a return as a state, as in "Gold is … this year"; "flat" where it rounds to zero',
    ),
    "rose": (Number(-0.051, "fraction", None), 'a return as an event, as in "Banks … on Friday"'),
    "usd": (Number(654.0e9, "money", None), "an amount of dollars, with M, B or T from a million up"),
    "mult": (Number(29.04, "number", None), "a multiple"),
    "num": (Number(6878.88, "number", None), "a plain number with grouped thousands"),
    "int": (Number(312.0, "count", None), "a whole number"),
    "date": (Number(dt.date(2026, 2, 27), "day", None), "a day, as `peak` gives one"),
}


def windows() -> str:
    """Return every form of a window."""
    return table(("Window", "What it is"), [(code(forms), says) for forms, says in examples.WINDOWS])


def fundamentals() -> str:
    """Return the fields that `fund` knows beside `flow`."""
    rows = [(f"`{name}`", each.label, _SHAPES[each.shape]) for name, each in FIELDS.items()]
    return table(("Field", "What it is", "Kind"), rows)


def functions() -> str:
    """Return every function with its signature."""
    return table(("Function", "What it gives"), [(f"`{f.signature}`", f.says) for f in TABLE.values()])


def filters() -> str:
    """Return every filter with an example, computed."""
    rows = []
    for name in FILTERS:
        number, says = SAMPLES[name]
        value = f"{number.value:.12g}" if isinstance(number.value, float) else str(number.value)
        rows.append((f"`| {name}`", says, f"`{value}`", f"`{formatted(number, name)}`"))
    return table(("Filter", "What it makes", "Of", "Shown as"), rows)
