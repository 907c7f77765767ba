"""The pages of docs/reference, which say what the code says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.docs import kinds, tables
from thesisvault.errors import STRICT

COMMAND = "make docs"
NOTICE = f'<!-- Written by "{COMMAND}" from the code and the modules of tests/docs. Change those, not this page. -->'


def definitions() -> str:
    """Return the page of keys that definitions have."""
    return _page(
        "# Definitions",
        "Every key of every file in the data folder. [Writing theses](../writing-theses.md) explains how they work "
        "together. Keys marked *required* must be there; every other key is optional.",
        "## A thesis or a concept",
        "A file in `data/theses/`. A concept has the same keys: it explains, where a thesis takes sides.",
        tables.keys("thesis"),
        "## Parts of a thesis",
        tables.parts(),
        "## Claims",
        "A claim has exactly one of these:",
        tables.expectations(),
        "## Verdicts",
        tables.verdicts(),
        "## Instruments",
        "`data/instruments.yaml` maps tickers to these. A macro series is written `fred:WALCL`, or has its FRED id as "
        "its ticker and `kind: macro`.",
        tables.keys("instrument"),
        "## Well-known FRED series",
        "For these series, `unit`, `scale`, `frequency` and `lag` are filled in where you leave them out. What you "
        "write wins; if you write a unit or a scale, neither of the two is filled in.",
        tables.well_known(),
        "## Entities",
        "`data/entities.yaml` maps ids to these:",
        tables.keys("entity"),
        "## Baskets",
        "A file in `data/baskets/` holds these. The name of the file is the id of the basket.",
        tables.keys("basket"),
        "## Episodes",
        "`data/episodes.yaml` maps ids to these. An episode has `buy` and `sell`, or `no_prices`.",
        tables.keys("episode"),
    )


def blocks() -> str:
    """Return the page of blocks."""
    short = [f"`{kind}`" for kind in tables.short_blocks()]
    return _page(
        "# Blocks",
        "Sections, updates and folds are made of blocks. A block has one key, which names its kind.",
        "## Kinds",
        tables.blocks(),
        "## One of each",
        tables.block_examples(),
        f"`{{}}` shows the definition's own. {', '.join(short[:-1])} and {short[-1]} need no key inside: `- text: "
        f'"..."`.',
        "A cell of a `table` is text, or a claim: `{says: +18%, check: \"ret('XLE', 'ytd')\"}`, with `expect`, "
        "`within`, `on` and `source` where they are needed.",
        "## Charts",
        "A `chart`, and each entry of `charts`, has exactly one of these:",
        tables.charts(),
        "It may also have any of these:",
        tables.chart_keys(),
        "**Rotation.** Its axes carry figures. Let the ratio be a name's total return over that of `against` at the "
        "last session of each week. Across stands 100 times the ratio by its own mean of 14 weeks, smoothed over 4 "
        "weeks; up stands 100 times that by its own mean of 5 weeks. So 104 across is a relative strength 4% above "
        "its mean, and 102 up one that gained 2% on its own. The published relative rotation graphs of Julius de "
        "Kempenaer scale both axes by a formula that is not public: names stand in the same quadrants as a rule, "
        "and not at the same figures.",
        "## Rows of a comparison",
        'A row of `compare` is a label of your own with a text, such as `{Why: "{{ ret(buy, over) | pct }}"}`, or one '
        "of "
        f"{tables.compare_rows()}. In the text, `buy`, `sell`, `benchmark` and `over` are those of each column.",
    )


def expressions() -> str:
    """Return the page of windows, functions, filters and fundamentals."""
    return _page(
        "# Expressions",
        "Expressions stand bare in `when` and `check`, and between `{{` and `}}` in text. "
        "[Writing theses](../writing-theses.md#figures-in-text) shows them in use.",
        "## Windows",
        tables.windows(),
        "A window begins at the last close on or before its first day. A window that the data do not cover is `n/a` "
        "with the reason, never a shorter window under the same name.",
        "In an expression, put a window in quotes. A number without quotes counts sessions, so the year is `'2022'`.",
        "## Functions",
        "`x`, `a` and `b` are a ticker, a basket or a chain in quotes, or another expression. `w` is a window. "
        "Arguments in square brackets are optional.",
        tables.functions(),
        "## Filters",
        "Returns are fractions: ten percent is `0.10`. In text, a filter after the expression says how the value is "
        "shown. Put parentheses around a sum before its filter. Most filters take a number of digits: `| pct(0)`.",
        tables.filters(),
        "## Kinds",
        "Every expression has a kind, which is known before any price is read. Within a family, kinds may be compared, "
        "added and divided; across families they may not, and money of two currencies does not mix. What is refused "
        "is an error with its place, what was found, and what to write instead.",
        kinds.all_kinds(),
        "A written number takes the unit of what it is compared with: `close('XLE') > 90`. One that can never come out "
        "is an error: a drawdown is zero or less, a share lies between 0 and 1. What two kinds make:",
        kinds.operators(),
        "## Names and operators",
        "- **Names.** Inside a thesis, `buy`, `sell`, `benchmark` and `over` (its window) need no quotes. Inside an "
        "episode, `buy`, `sell` and `over` do not. A table of claims also has `row` and `column`.\n"
        "- **Operators.** `+ - * /`, comparisons, `and or not`, `A if CONDITION else B` and parentheses. Nothing else "
        "is accepted: an expression cannot reach a file or a program.\n"
        "- **Universes.** The name of a file in `data/universes/` in place of a ticker gives one value per member: "
        "`breadth(ret('sp500', 'ytd') > ret('SPY', 'ytd'))`. The history of breadth begins where at least half of "
        "today's members with prices have one: twenty of five hundred would not be breadth.\n"
        "- **Chains.** `'QQQ | us-tech'` is QQQ, continued backwards with the returns of `us-tech` where QQQ has no "
        "prices yet. A figure that reaches into the borrowed part says so.\n"
        "- **Unknown stays unknown.** Series are joined on the sessions that they share, and nothing is filled. A "
        "condition with a missing side is neither true nor false.\n"
        "- **Macro series** meet one another in the week, month or quarter that their values are of, from the day on "
        "which both are known: `level('FEDFUNDS') - ret('CPIAUCSL', '1y')` is of one month. A price beside them is the "
        "newest at their publication; where returns are compared, it is that of the end of their period.",
        "## Fundamentals",
        "`fund('XOM', 'forward_pe')` is a fundamental from the newest stored snapshot:",
        tables.fundamentals(),
        "`flow` is the change of `shares` between the newest two snapshots, times the close of the newer one.",
        "A fundamental is always shown with the day of its snapshot: in text as `14.2x (2026-11-20)`, under a table "
        "in a small line. It works in signals and claims too.",
    )


def settings() -> str:
    """Return the page of settings."""
    return _page(
        "# Settings",
        "Settings are in `thesisvault.yaml`, at the root of the workspace. Every key is optional, and so is the file. "
        "[Prices](../prices.md) explains the providers.",
        "## The workspace",
        tables.keys("settings"),
        "## Providers",
        "`yahoo`, `fred`, `sample`, or a folder of your own files: `{csv: {folder: prices}}`. The settings of `csv`:",
        tables.keys("csv"),
        "What is left out each file has to show. The keys of `columns`:",
        tables.keys("columns"),
        "## Limits of a refresh",
        "The keys of `refresh`:",
        tables.keys("refresh"),
    )


def commands() -> str:
    """Return the page of commands."""
    each = (part for name in tables.every_command() for part in (f"## thesisvault {name}", tables.command(name)))
    return _page(
        "# Commands",
        "`thesisvault COMMAND --help` says the same as this page. `NAME` is an id, a title or a ticker. Commands find "
        "their workspace from any folder inside it. [Exit statuses](exit-statuses.md) has a page of its own.",
        tables.commands(),
        *each,
    )


def exit_statuses() -> str:
    """Return the page of exit statuses."""
    return _page(
        "# Exit statuses",
        "Every command ends with one of these, so that a script or a scheduler knows what happened.",
        tables.exits(),
        "- With 2, 3 and 69, no note was renewed: the vault is the last good one. "
        "A `run` writes only that it failed, into `Home`.\n"
        "- With `--strict`, 1 means that there are warnings, a contradicted claim included. With a list only those of "
        f"the list count: `--strict={','.join(STRICT)}` takes any of these. Without `--strict`, a run that only has "
        "warnings ends with 0.\n"
        "- 74 takes precedence over 5 and 1. It also ends a run that had to do without a folder of price files, after "
        "the vault was built from what is stored (`refresh` builds nothing), and one that left a note unwritten "
        "because it is read-only or a link; the others are written.\n"
        "- With 74, too, a run ends where the folder of the definitions is not there, or where that folder, the "
        "workspace or the vault is moved away in the middle of it: no further file is written, none of the folders is "
        "made again, and no note counts as deleted. Put it back and run again.\n"
        "- 5 takes precedence over 1: most of the series lack a bar that is due, and no bar came. A single dead series "
        "does not cause it.\n"
        "- With 6, `Home` or the note of a thesis lacks the day of the run, and no message of the run explains it. "
        "[Scheduling](../schedule.md#exit-statuses-of-a-run) has more on 6 and 124.\n"
        "- With 75, another run is using the workspace. Two runs never write at once.\n"
        "- 70 is a bug in thesisvault. [Troubleshooting](../troubleshooting.md#bugs) says how to report it.",
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "definitions.md": definitions,
    "blocks.md": blocks,
    "expressions.md": expressions,
    "settings.md": settings,
    "commands.md": commands,
    "exit-statuses.md": exit_statuses,
}


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([NOTICE, title, *parts]) + "\n"
