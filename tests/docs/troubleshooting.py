"""The page docs/troubleshooting.md: for each trouble the message, its cause and its cure."""

from __future__ import annotations

from collections.abc import Mapping

from tests.docs.reference import NOTICE
from tests.docs.tables import table
from tests.docs.troubles import FROM_CODE, Trouble, messages

_INTRO = """\
A message says where, what was found, what was expected and what to type. It begins with one of three words:

- `error:` must be fixed. If a definition is wrong, all errors are shown at once and nothing was written.
- `warning:` should be checked. The vault was built.
- `info:` only reports.

The summary of a run lists new warnings behind `New`, reports behind `Info`, and counts what earlier runs said behind
`Known`. The tables leave out the first word and the place (file, line and column) that follows it. Long messages are
cut."""

_BUGS = """\
A bug that shows while a block or a definition is filled is reported at its line, with
[exit status 2](reference/exit-statuses.md): nothing was written, and another wording of that line may pass. Please
report it with the traceback that `THESISVAULT_DEBUG=1` shows.

Any other bug in thesisvault ends with [exit status 70](reference/exit-statuses.md). The message says where the
traceback was kept, which is `.thesisvault/last-error.txt` in the workspace. Please report both with the command that
you ran. With `THESISVAULT_DEBUG=1` in the environment the traceback is printed instead:

```sh
THESISVAULT_DEBUG=1 thesisvault build
```

No vault is lost: files are written whole or not at all, and the next run finishes what was interrupted."""

SECTIONS: Mapping[str, tuple[Trouble, ...]] = {
    "Setting up": (
        Trouble(
            FROM_CODE,
            "Python 3.11 or newer is needed",
            "`make` found only older versions of Python.",
            "Install a newer one, or name it: `make demo PYTHON=/path/to/python3`",
        ),
        Trouble(
            FROM_CODE,
            "The packages could not be installed",
            "`pip` could not fetch a package, usually for lack of a network.",
            "Read the lines above the message, then run `make` again.",
        ),
        Trouble(
            "workspaces",
            "error: . ",
            "The folder is not part of a workspace.",
            "`cd` into one, or name it: `thesisvault build --workspace DIR`",
        ),
        Trouble(
            "workspaces", "error: ws ", "`init` makes a workspace only in an empty folder.", "Name another folder."
        ),
        Trouble("workspaces", "buld", "A command is misspelled.", "Type the command that it names."),
        Trouble("workspaces", "27.2.2026", "Days are written with the year first.", "`--as-of 2026-02-27`"),
        Trouble(
            "workspaces",
            "the folder of the definitions",
            "It lies on a disk that is not there, or was moved.",
            "Put it back, or name another in `thesisvault.yaml` (`data: FOLDER`). No note counts as deleted.",
        ),
        Trouble(
            "lock",
            "4121",
            "Two runs never write at once, and another one is writing.",
            "Wait until it has ended. If it hangs, end the process that the message names.",
        ),
    ),
    "Definitions": (
        Trouble(
            "definitions", "key.yaml", "A key is misspelled, or belongs elsewhere.", "Use the spelling that is offered."
        ),
        Trouble("definitions", "twice.yaml", "A key is there twice.", "Delete one of the two."),
        Trouble("definitions", "date.yaml", "Dates have one form.", "Write the date as `2026-02-27`."),
        Trouble(
            "definitions",
            "braces.yaml",
            "A value that begins with `{{` has no quotes.",
            "Put quotes around the whole value.",
        ),
        Trouble(
            "definitions",
            "colon.yaml",
            "A text holds a colon and a blank.",
            "Put quotes around it, or write it below `>`.",
        ),
        Trouble("definitions", "open-quote.yaml", "A quotation mark is never closed.", "Close it."),
        Trouble(
            "definitions",
            "lost-quote.yaml",
            "A closing quotation mark is missing lines above.",
            "Close the text in the line that the message points at.",
        ),
        Trouble("definitions", "near-key.yaml", "A key has another name here.", "Use the key that is offered."),
        Trouble("definitions", "limit.yaml", "A number is beyond its limits.", "Stay within those of the message."),
        Trouble("definitions", "tab.yaml", "A line is indented with a tab.", "Indent it with spaces."),
        Trouble("definitions", "anchor.yaml", "Anchors and aliases are not read.", "Write the value out."),
        Trouble(
            "definitions",
            "theses/ticker.yaml",
            "The ticker is not in `data/instruments.yaml`, and no basket has that id.",
            "Correct it, or add the instrument.",
        ),
        Trouble(
            "definitions",
            "new-ticker.yaml",
            "The ticker is not in `data/instruments.yaml` yet.",
            "Run the command of the message, which asks the source what it is.",
        ),
        Trouble(
            "links",
            "link.yaml",
            "`[[...]]` names nothing: no definition, and no note of yours.",
            "Correct it, add an entity to `data/entities.yaml`, or make a note of that name.",
        ),
        Trouble(
            "definitions",
            "same-title",
            "Two definitions have the same name, so a link could mean either.",
            "Give one of them another title or alias.",
        ),
        Trouble(
            "definitions",
            "claim.yaml",
            "A claim does not say what is expected.",
            "Add exactly one of the keys in the message, such as `expect: 18%`.",
        ),
        Trouble("definitions", "bare-weights.yaml", "Weights lack their %.", "`{hold: {XLE: 60%, XLK: 40%}}`"),
        Trouble(
            "definitions",
            "weights.yaml",
            "Shares do not sum to 100%.",
            "Correct them, or write a list for equal parts.",
        ),
    ),
    "Expressions": (
        Trouble(
            "definitions",
            "filter.yaml",
            "A filter formats only the term right before it.",
            "Put parentheses around the sum: `(ret('XLE', 'ytd') - ret('XLK', 'ytd')) | pp`",
        ),
        Trouble(
            "definitions",
            "function.yaml",
            "A function is misspelled.",
            "See [functions](reference/expressions.md#functions).",
        ),
        Trouble(
            "definitions",
            "habit.yaml",
            "Other programs call it so.",
            "Write what the message names. See [functions](reference/expressions.md#functions).",
        ),
        Trouble(
            "definitions", "single-brace.yaml", "An expression has one brace at an end.", "Write two at both ends."
        ),
        Trouble("definitions", "per-cent.yaml", "Returns and shares are fractions.", "Write 5% as `0.05`."),
        Trouble("definitions", "curly.yaml", "A word processor changed the quotes.", "Type straight quotes."),
        Trouble("definitions", "quoted-name.yaml", "`buy` is a name and no ticker.", "Write it without quotes."),
        Trouble("definitions", "bare-window.yaml", "A window lacks its quotes.", "Write `'60d'`."),
        Trouble(
            "definitions",
            "data/theses/ahead.yaml",
            "The period runs on after the last day of data.",
            "Use `'ytd'` for the running year, `'mtd'` for the month.",
        ),
        Trouble(
            "definitions",
            "theses/window.yaml",
            "A window has another form.",
            "See [windows](reference/expressions.md#windows).",
        ),
        Trouble(
            "figures",
            "5y needs",
            "The prices begin too late for the window.",
            "Use a shorter window, fetch more history, or name a proxy: `'XLE | VDE'`.",
        ),
        Trouble("figures", "2026 is", "A year is known only when it is over.", "Use `'ytd'` for the running year."),
        Trouble(
            "figures",
            "AMD: ",
            "The source knows no closes as traded. Returns and ratios are right, levels mean nothing.",
            "Use a return, or a provider with real closes. See [adjusted closes](prices.md#adjusted-closes).",
        ),
    ),
    "Prices": (
        Trouble(
            "workspaces",
            "thesisvault refresh --csv DIR",
            "The store is empty, and no provider gave anything.",
            "Check the network and `providers`, then `thesisvault refresh`.",
        ),
        Trouble(
            "workspaces",
            "is not a folder; expected one",
            "A `csv` provider names a folder that is not there.",
            "Correct `folder` in `thesisvault.yaml`.",
        ),
        Trouble(
            FROM_CODE,
            "nothing shows whether its closes are adjusted for dividends",
            "A price file says nowhere what its closes are, as those of Stooq.",
            "Say it under `closes` at the provider. See [files of your own](prices.md#files-of-your-own).",
        ),
        Trouble(
            "notes",
            "warning: TUR",
            "No provider has this ticker.",
            "Add the file, give the symbol in `symbols`, or set `renamed_to`.",
        ),
        Trouble(
            "notes",
            "warning: QQQ",
            "The series ends before the last session of its exchange: it is stale.",
            "`thesisvault refresh QQQ`. Until then its figures carry a †.",
        ),
        Trouble(
            "notes",
            "thesisvault prices IWM",
            "New bars disagree with history, and nothing explains it. They are held for review.",
            "`thesisvault prices IWM`, then `--accept` or `--reject`.",
        ),
        Trouble(
            FROM_CODE,
            "Yahoo refuses for now: too many requests",
            "Yahoo limits how often it may be asked.",
            "Nothing: the next run fetches the rest. A longer `pause` under `refresh:` asks more slowly.",
        ),
        Trouble(
            FROM_CODE,
            "not asked, the time_limit of",
            "The refresh has taken as long as it may (`time_limit`).",
            "Nothing: the next run asks first for what has waited longest. Or a longer `time_limit` under `refresh:`.",
        ),
        Trouble(
            FROM_CODE,
            "it is out of order, and no symbol is taken for gone",
            "A source that knew your symbols knows nearly none of them now.",
            "Nothing: the next run asks again, and all history is kept.",
        ),
        Trouble(
            "store",
            "error:",
            "The file of stored prices is broken, by a full disk or by a sync program.",
            "Move it aside, or bring back a copy. Keep `data/market/` out of synced folders.",
        ),
    ),
    "Notes": (
        Trouble(
            "notes",
            "Energy doubled",
            "The prices contradict a claim. This is no mistake of the build.",
            "Nothing, or correct the claim.",
        ),
        Trouble(
            "notes",
            "unknown.yaml",
            "A figure of a verdict, summary or heading is not known.",
            "Use a shorter window, or fetch more prices.",
        ),
        Trouble(
            "notes",
            "The edited note.md",
            "You changed text inside a region. Your version is kept below it.",
            "Move what you want to keep out of the callout, then delete the callout.",
        ),
        Trouble(
            "notes",
            "The property note.md",
            "You changed a property that the tool writes.",
            "Change it in the YAML file instead.",
        ),
        Trouble(
            "notes",
            "The merged note.md",
            "A merge left two versions of your words in a note, as git does. All that is the tool's was settled.",
            "Keep the words that you want, and delete the three lines around them.",
        ),
        Trouble(
            "notes",
            "The damaged note.md",
            "A marker line of a region was changed or deleted.",
            'Undo the change, or `thesisvault adopt "The damaged note"`, which keeps all of the text.',
        ),
        Trouble(
            "notes",
            "The removed note.md",
            "You deleted the note, and it stays deleted.",
            '`thesisvault restore "The removed note"` brings it back.',
        ),
        Trouble(
            "notes",
            "The copy.md",
            "A copy of a note has the same `id`.",
            "Take the line `id` out of the copy to make it a note of your own.",
        ),
        Trouble(
            "notes",
            "The copied note (conflicted copy 2026-01-01).md",
            "A sync client found two versions of the note, and kept both.",
            "Carry over into the note what only the copy says.",
        ),
        Trouble(
            "notes",
            "The emptied note.md",
            "The file is there and holds nothing: a placeholder of a sync client, or emptied by hand.",
            'Have it fetched; if you emptied it, `thesisvault adopt "The emptied note"`.',
        ),
        Trouble(
            "notes",
            "The gone note.md",
            "The YAML file of the note was deleted.",
            "`thesisvault prune` moves the note to `.trash`.",
        ),
        Trouble(
            "notes",
            "The renamed note.md",
            "The YAML file was renamed, and so has a new id.",
            "`thesisvault rename renamed anew` gives the note to the new id.",
        ),
        Trouble(
            "notes", "No such note", "A link in a note of yours leads to nothing.", "Correct it, or make the note."
        ),
    ),
    "Interrupted runs": (
        Trouble(
            FROM_CODE,
            "interrupted; what was written is whole, the rest is as it was.",
            "You pressed Ctrl-C.",
            "Run the command again.",
        ),
    ),
}


def page() -> str:
    """Return the page, with messages as they really come."""
    said = messages(SECTIONS)
    parts = [NOTICE, "# Troubleshooting", _INTRO]
    for title, troubles in SECTIONS.items():
        rows = [(_code(said[each]), each.cause, each.cure) for each in troubles]
        parts += [f"## {title}", table(("Message", "Cause", "Cure"), rows)]
    return "\n\n".join([*parts, "## Bugs", _BUGS]) + "\n"


def _code(message: str) -> str:
    fence = "``" if "`" in message else "`"
    gap = " " if "`" in (message[0], message[-1]) else ""
    return f"{fence}{gap}{message}{gap}{fence}"
