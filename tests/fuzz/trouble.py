"""Strings of trouble, and the ways in which a text or a tree is spoiled; all by a generator of chance that is given."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

NASTY = (
    *("", " ", "null", "~", "true", "yes", "0", "-0", "1e9", "1e١", "١٢", "0x10", "1_000", ".inf", "NaN", "9" * 400),
    *("-" + "9" * 400, "0." + "0" * 400 + "1", "1e400", "200000", "-1", "99999y", "0d", "0001-01", "0001-01-01"),
    *("9999-12-31", "since 0001-01-01", "2026-02-30", "2026-02-27T00:00", "since opened", "0000Q1", "1799", "2199"),
    *("{{", "}}", "{{ }}", "{{{{", "{% x %}", "{# x #}", "{{ 1/0 }}", "{{ ret('AAA','ytd') | pct }}", "{{ x.y }}"),
    *("{{ '%' }}", "{{ 1 if }}", "{{ " + "(" * 200, "{{ " + "-" * 500 + "1 }}", "{{ " + "not " * 300 + "true }}"),
    *("[[", "]]", "[[AAA]]", "[[|]]", "![[x.png]]", "[[#^]]", "<%", "<!--", "<script>", "%%", "%% tv:begin x %%"),
    *("%% tv:end x 12345678 %%", "---", "```", "~~~dataviewjs", "$=", "`", "``", "\\", "|", "#", "# x", ">", "- x"),
    *("\ue000", "\uf8ff", "\U000f0000", "\u202e", "\u200b", "\u2028", "\ufeff", "\u00a0", "\ud7ff", "é", "e\u0301"),
    *("ß", "İ", "٣", "½", "Ⅷ", "𝟙", "😀", "a\u0300" * 50, "\t", "\r", "\n", "a\nb", "buy", "sell", "over", "row"),
    *("AAA | BBB", "AAA |", "|", "AAA.XYZ", "AAA in EUR", "fred:DGS10", "^", "$", "€5", "5 %", "±3", "+18%", "43pp"),
    *("http://", "javascript:x", "https://[", "https://a b", "//x", "file:///etc/passwd", "../../x", "/etc/passwd"),
    *("{", "}", "[", "]", "*x", "&x", "!x", "@", ":", ": ", "? ", "<<", "a: b", "'", '"', "x" * 3000, " " * 3000),
    *("<" * 3000, "{" * 3000, "[" * 3000, "(" * 3000, "*" * 3000, "`" * 3000, "|" * 3000, "[[" * 1500, "{{" * 1500),
    *("\\" * 3000, "_" * 3000, "~" * 3000, "%" * 3000, "$" * 3000, "- " * 1500, "> " * 1500, "a:" * 1500, "'" * 3001),
)
"""Values that somebody types by mistake, by habit of another program, or with intent."""

PLAUSIBLE = {
    "number": ("0", "1", "2", "3", "7", "8", "9", "12", "13", "99", "100", "200", "999", "1000", "99999", "1000000"),
    "share": ("0%", "1%", "20%", "100%", "0.00001%", "0.5"),
    "window": ("1d", "10d", "11d", "90d", "2w", "1m", "3m", "1y", "200y", "mtd", "ytd", "max", "since opened", "2023"),
    "when": ("2024Q1", "2023-12", "2024", "since 2024-06-27", "since 1700-01-01", "2023-01-03..2024-06-28", "1"),
    "day": ("2024-06-28", "2024-06-29", "2023-01-03", "2022-01-01", "1700-01-01", "2199-12-31", "2024-02-29"),
    "name": ("AAA", "BBB", "MKT", "GAP", "NEW", "pair", "three", "buy", "sell", "benchmark", "AAA | BBB", "GAP | NEW"),
    "figure": ("+18%", "43pp", "1.2x", "$12", "about 5%", "350p", "0", "12", "-100%", "-99pp", "$999T", "0.000001%"),
    "truth": ("true", "false"),
    "expression": ("ret('AAA', 'ytd')", "close('BBB')", "1", "ret('three', '1d') > 0", "count(ret('three','1d') > 0)"),
    "condition": ("close('AAA') > 0", "1 > 2", "ret('GAP', '1d') > 0", "streak(close('AAA') > 0) > 3", "true"),
    "id": ("turn", "whole", "left-to-right", "rotation", "paper", "bank", "oil"),
    "text": ("Words.", "x" * 200, "{{ ret(buy, over) | pct }}", "[[Aardvark]] **b** {{ 1 }}", "a | b", "- a\n- b"),
}
"""Values that may be right somewhere, each at its limits or of another kind than what stood there."""
_LIKE = (
    ("share", re.compile(r"[\d.]+%")),
    ("number", re.compile(r"[\d.]+")),
    ("day", re.compile(r"\d{4}-\d\d-\d\d")),
    ("window", re.compile(r"\d+[dwmy]|ytd|mtd|max|20\d\d.*")),
    ("name", re.compile(r"[A-Z]{3}|buy|sell|pair|three")),
    ("figure", re.compile(r"[+$-].*|\d+pp")),
    ("truth", re.compile(r"true|false")),
    ("condition", re.compile(r"[^{]*\(.*[<>].*")),
    ("expression", re.compile(r"[a-z]+\(.*")),
    ("id", re.compile(r"[a-z][a-z-]+")),
)


def plausible_tree(tree: Any, chance: random.Random) -> Any:
    """A tree of which one to four values were replaced by others that may be right there, or lists made longer."""
    for parent, last in _picked(tree, (1, 1, 2, 4), chance):
        value = parent[last]
        if isinstance(value, list) and value:
            parent[last] = [copied(each) for each in value] * chance.choice((2, 3, 5)) if chance.random() < 0.7 else []
        elif isinstance(value, str):
            kind = next((kind for kind, pattern in _LIKE if pattern.fullmatch(value)), "text")
            kind = chance.choice([*PLAUSIBLE]) if chance.random() < 0.1 else "when" if kind == "window" else kind
            parent[last] = chance.choice(PLAUSIBLE[kind] + (PLAUSIBLE["window"] if kind == "when" else ()))
        elif chance.random() < 0.3:
            del parent[last]
    return tree


REPEATED = (
    *("<", ">", "{", "}", "[", "]", "(", ")", "*", "_", "~", "`", "'", '"', "\\", "|", "#", "$", "%", "^", "=", "!"),
    *("&", ";", ":", "-", "+", ".", "/", "@", " ", "\t", "a", "1", "é", "\n", "a ", "[[", "]]", "{{", "}}", "<%", "%%"),
    *("$$", "==", "**", "__", "~~", "``", "```\n", "- ", "> ", "| ", "\\|", "![[", "](", "[a](", "<a", "<!--", "&#"),
    *("http://a", "1. ", "\n\n", "^a ", "#a ", "{{'", "[[a|", "a|", "$a", "`a", "*a", "_a ", "<a>", "\\`", "a\n```\n"),
)
"""What a long text is made of, in which a pattern that looks back or ahead takes ever longer."""
MARKS = "{}[]()<>|\\/*_~`'\"#%$&@!?:;,.+-=^ \t\n0123456789abcAZé٣\ue000\u202e\u2028"


def word(chance: random.Random) -> str:
    """One value of trouble, or a few together, or a short mess."""
    dice = chance.random()
    if dice < 0.7:
        return chance.choice(NASTY)
    if dice < 0.85:
        return chance.choice(NASTY) + chance.choice((" ", "", "\n")) + chance.choice(NASTY)
    return "".join(chance.choice(MARKS) for _ in range(chance.randrange(1, 40)))


def spoiled_text(text: str, chance: random.Random) -> str:
    """A text with one to four slips: characters, words and lines lost, doubled, moved or replaced."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((1, 1, 2, 5, 20, 100)))
        dice = chance.randrange(7)
        if dice == 0:
            text = text[:at] + text[end:]
        elif dice == 1:
            text = text[:at] + word(chance) + text[at:]
        elif dice == 2:
            text = text[:at] + chance.choice(MARKS) + text[at:]
        elif dice == 3:
            text = text[:end] + text[at:end] + text[end:]
        else:
            lines = text.splitlines(keepends=True) or [""]
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            if dice == 4:
                lines[one], lines[other] = lines[other], lines[one]
            elif dice == 5:
                del lines[one]
            else:
                head, colon, _ = lines[one].rpartition(": ")
                lines[one] = f"{head}{colon}{word(chance)}\n"
            text = "".join(lines)
    return text


def places(tree: Any, trail: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The trails of all values of a tree of lists and mappings, those of its root left out."""
    found = [trail] if trail else []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        found += places(value, (*trail, key))
    return found


def _picked(tree: Any, times: tuple[int, ...], chance: random.Random) -> Iterator[tuple[Any, Any]]:
    """Pick a value of a tree as often as one of `times` says: the list or mapping it is in, and its place there."""
    for _ in range(chance.choice(times)):
        known = places(tree)
        if not known:
            return
        *above, last = chance.choice(known)
        parent = tree
        for step in above:
            parent = parent[step]
        yield parent, last


def spoiled_tree(tree: Any, chance: random.Random) -> Any:
    """A tree of which one to three values were replaced, lost, repeated or put in another's place."""
    for parent, last in _picked(tree, (1, 1, 2, 3), chance):
        dice = chance.randrange(8)
        if dice == 0:
            del parent[last]
        elif dice == 1:
            other = tree
            for step in chance.choice(places(tree)):
                other = other[step] if isinstance(other, dict | list) and _has(other, step) else other
            parent[last] = copied(other)
        elif dice == 2 and isinstance(parent[last], list) and parent[last]:
            parent[last] = [copied(each) for each in parent[last]] * chance.choice((2, 3, 30))
        elif dice == 3:
            parent[last] = chance.choice(([], {}, [[]], [{}], {"a": "b"}, None, [None]))
        elif dice == 4 and isinstance(parent, dict):
            parent[word(chance)] = parent.pop(last)
        elif dice == 5 and isinstance(parent[last], str):
            parent[last] = spoiled_text(parent[last], chance)
        else:
            parent[last] = word(chance)
    return tree


def _has(parent: Any, step: Any) -> bool:
    return step in parent if isinstance(parent, dict) else isinstance(step, int) and step < len(parent)


def copied(tree: Any) -> Any:
    """A copy of a tree of lists and mappings."""
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(each) for each in tree] if isinstance(tree, list) else tree
