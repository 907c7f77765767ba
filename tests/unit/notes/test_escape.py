from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from thesisvault.notes.code import code_ranges
from thesisvault.notes.escape import cell, clean, fence, heading, link_text, prose, yaml_string
from thesisvault.notes.links import LinkTable, Target, find_wikilinks
from thesisvault.notes.names import note_name, slug, unique_name
from thesisvault.notes.typed.markdown import person_markdown
from thesisvault.notes.typed.runnable import is_formula

PIECES = [
    "$",
    "$$",
    "%",
    "%%",
    "<%",
    "::",
    ":",
    "#",
    "#esg",
    " ",
    "\n",
    "`",
    "```",
    "a",
    "5",
    "[[Oil|x]]",
    "[[",
    "]]",
    "|",
]
PIECES += [
    "\\",
    "=",
    "==",
    "{",
    "{{",
    "{%",
    "<b>",
    "<x",
    "https://a.b/c",
    "](",
    "(",
    ")",
    "- [ ] ",
    "---",
    "&lt;",
    "~~~",
    "*",
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30)


def shown(markdown):
    """Return the text that a reader of CommonMark sees."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    parts = [child for token in tokens for child in token.children or ()]
    return "".join(" " if part.type == "softbreak" else part.content for part in parts)


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=30) | texts)
def test_plain_text_is_shown_as_it_is(text):
    wanted = " ".join(clean(text).split())
    if wanted:
        assert shown(prose(text)) == wanted


@settings(max_examples=500, deadline=None)
@given(texts)
def test_nothing_in_plain_text_acts(text):
    for escape in (prose, cell, heading, link_text):
        out = escape(text)
        assert not re.search(r"<%|%%|\{\{|\{%|::|==|\n", out)
        assert not re.search(r"[$#`|\[]", re.sub(r"\\.", "", re.sub(r"&#?\w+;", "", out)))


@settings(max_examples=1000, deadline=None)
@given(texts, st.booleans())
@example(text="`\\`]]::", table=False)
@example(text="https://a.b/c<x%", table=False)
@example(text="$\n` `", table=False)
@example(text="==`=`==", table=False)
@example(text="==[[==]]==", table=False)
@example(text="==](=)==", table=False)
def test_making_a_persons_markdown_safe_twice_changes_nothing(text, table):
    once = person_markdown(text, table=table)
    assert person_markdown(once, table=table) == once
    assert not table or "\n" not in once


@settings(max_examples=500, deadline=None)
@given(texts)
def test_no_dollar_of_a_person_outside_code_and_formulas_starts_math(text):
    out = person_markdown(re.sub(r"\$+", "$", text))
    for start, end in reversed(list(code_ranges(out))):
        out = out[:start] + out[end:]
    out = re.sub(r"(?<![\\\w$])\$([^$\n|]+)\$(?![\w$])", lambda hit: "" if is_formula(hit[1]) else hit[0], out)
    assert "$" not in re.sub(r"\\[\\$]|\[\[[^\[\]\n]+\]\]", "", out)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u00a0b\u2009c\u200bd", "a b cd"),
        ("a\x07b\u2028c\u2029d\te", "a b c d\te"),
        ("\ud800 \ufffe \U0001ffff \ufdd0 \ufdef", "\ufffd \ufffd \ufffd \ufffd \ufffd"),
        ("\ufdcf \ufdf0 \ufffd", "\ufdcf \ufdf0 \ufffd"),
        ("Cre\u0301dit", "Cr\u00e9dit"),
        ("XX", "XX"),
    ],
)
def test_what_no_editor_shows_goes_before_anything_else(text, wanted):
    assert clean(text) == wanted


@pytest.mark.parametrize(
    ("escape", "text", "wanted"),
    [
        (prose, "1. a 2. b", r"1\. a 2. b"),
        (prose, "12) a", r"12\) a"),
        (prose, "- a - b", r"\- a - b"),
        (prose, "a - b + c", "a - b + c"),
        (prose, "AT&amp;T <b>", "AT&amp;amp;T &lt;b>"),
        (cell, "a b\nc d", "a b<br>c d"),
        (heading, "Round 1: oil:", "Round 1 – oil"),
        (heading, "a::b at 9:30", "a-b at 9-30"),
        (heading, "100%% #1 ^up", "100% 1 up"),
        (heading, "As [1] says [2]", r"As \[1\] says \[2\]"),
        (link_text, "{{a}} <b> <A> 1 < 2", "{a}} b> A> 1 < 2"),
        (link_text, "5%% a==b c::d", "5% a=b c:d"),
        (yaml_string, "Crédit 🛢", '"Crédit 🛢"'),
    ],
)
def test_each_place_drops_or_escapes_what_would_act_there(escape, text, wanted):
    assert escape(text) == wanted


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("**$5bn** and *more*", r"**\$5bn** and *more*"),
        (r"already \$5", r"already \$5"),
        ("`$x` and $y", r"`$x` and \$y"),
        ("$$x^2$$ at $1", r"$$x^2$$ at \$1"),
        (r"$\beta$ costs $5", r"$\beta$ costs \$5"),
        (r"from $5 to $\beta_{XOM}$, or $6-$7", r"from \$5 to $\beta_{XOM}$, or \$6-\$7"),
        (r"the $n$ of **$\text{net debt} < x^2$**", None),
        ("$AAPL$ and $MSFT$ at $5 (a_b) for $6", r"\$AAPL\$ and \$MSFT\$ at \$5 (a_b) for \$6"),
        (r"$\href{javascript:x}{y}$ $\def\x$", r"\$\\href{javascript:x}{y}\$ \$\\def\\x\$"),
        ("$5/$ per unit, US$5m-US$x", r"\$5/\$ per unit, US\$5m-US\$x"),
        ("100%% sure", r"100%\% sure"),
        ("key:: value", "key: : value"),
        ("#esg and a#b and #rotation", r"\#esg and a\#b and #rotation"),
        ("a == b", r"a =\= b"),
        ("==marked==", "==marked=="),
        ("{{ x }} <% y %> <AAPL> x<br>y", r"{\{ x }} <\% y %> &lt;AAPL> x<br>y"),
        ("[a](https://x.y/z#part) https://x.y/#q [[Oil#2025|crude]]", None),
        ("- [ ] task", r"- \[ ] task"),
        ("Title\n---\ntext", "Title\n***\ntext"),
        ("`code`\n---\ntext", "`code`\n***\ntext"),
        ("```\na\n---\n```", None),
        ("\n    code\n", "    code"),
        ("X\nX", None),
        ("#rotation", None),
        ("==a [[b==c]] `=b` d==", r"==a \[\[b=\=c]] \=b d=="),
        ("==a https://x.y/z?q b== ==c==", None),
        ("a $$==$$ ==b== [[x]] ==c==", None),
        ("==a $$x==y$$ b==", None),
        ("==a [t](u?x==1) b==", "==a [t](u?x=%3D1) b=="),
        ("https://x.y/?p=$1&q={z}&r=5%&s=%2F%af", "https://x.y/?p=%241&q=%7Bz}&r=5%25&s=%2F%af"),
        ("<https://x.y/a|b::c>", "<https://x.y/a%7Cb:%3Ac>"),
        ("{{{ %%%", r"{\{\{ %\%\%"),
        ("%% tv:begin a %%", r"%\% tv:begin a %\%"),
    ],
)
def test_a_persons_markup_stays_and_the_rest_is_disarmed(typed, safe):
    assert person_markdown(typed, allowed_tags={"rotation"}) == (typed if safe is None else safe)


def test_in_a_table_pipes_and_line_ends_are_escaped_once():
    assert person_markdown("---", table=True) == "---"
    assert person_markdown("a | [[Oil|crude]] `x|y`\nb", table=True) == r"a \| [[Oil\|crude]] `x\|y`<br>b"


@given(st.text(max_size=30))
def test_a_fence_holds_any_text(text):
    lines = fence(clean(text)).split("\n")
    assert lines[0].strip("`") == "text"
    assert not any(set(line.strip()) == {"`"} and len(line.strip()) >= len(lines[-1]) for line in lines[1:-1])


@given(st.text(max_size=200))
def test_names_are_safe_everywhere(title):
    name = note_name(title)
    assert 1 <= len(name.encode()) <= 120
    assert not re.search(r"""[<>:"/\\|?*#^\[\]%.$\x00-\x1f]|^ | $|  """, name)
    assert note_name(name) == name
    assert unique_name(name, {name.casefold()}) == unique_name(name, {name.casefold()}) != name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(title))


def test_names_cut_at_a_word_and_number_themselves():
    assert note_name("word " * 40) == ("word " * 24).strip()
    assert note_name("word " * 23 + "hyperbola") == ("word " * 23).strip()
    assert note_name("word " * 23 + "hyper bola") == "word " * 23 + "hyper"
    assert note_name("y" * 50 + " " + "x" * 100) == "y" * 50 + " " + "x" * 69
    assert note_name("a" + "日" * 60) == "a" + "日" * 39
    assert note_name("x" * 120) == "x" * 120
    assert note_name("COM1") == "COM1 note"
    assert unique_name("x" * 120, {"x" * 120}) == "x" * 116 + " (2)"


def test_names_lose_what_would_stand_loose_at_their_ends_or_between_words():
    assert note_name("'Oil' & gas, - ") == "Oil' & gas"
    assert note_name("oil - - - gas") == "oil - gas"
    assert note_name("*\u0301 -Oil") == note_name("*\u0301Oil") == "Oil"
    assert note_name("XOM & X") == "XOM & X"


def test_a_slug_keeps_a_possessive_together_and_bears_half_a_character():
    assert slug("Wall Street's week") == "wall-streets-week"
    assert re.fullmatch("x-[0-9a-f]{8}", slug("\ud800"))


TABLE = LinkTable({"xom": Target("Exxon Mobil", "XOM"), "exxon mobil": Target("Exxon Mobil", "Exxon Mobil")})


def test_links_lead_to_real_names_and_dead_ones_become_words():
    text = "[[xom]] [[XOM|Exxon]] [[exxon mobil]] [[XOM#Now]] ![[XOM.png|300]] `[[XOM]]` [[Nobody|who]] [[#Here]]"
    assert TABLE.rewrite(text) == (
        "[[Exxon Mobil|XOM]] [[Exxon Mobil|Exxon]] [[Exxon Mobil]] [[Exxon Mobil#Now|XOM > Now]]"
        " ![[XOM.png|300]] `[[XOM]]` who [[#Here]]"
    )
    assert TABLE.rewrite("| [[xom]] |", table=True) == r"| [[Exxon Mobil\|XOM]] |"
    assert TABLE.wikilink("XOM", "Exxon") == "[[Exxon Mobil|Exxon]]"
    assert TABLE.wikilink("nobody") == "nobody"


def test_links_are_found_outside_code_only():
    text = "a [[B#^c\\|d]]\n```\n[[No]]\n```\n- x\n  ```\n  [[No]]\n  ```\n> ```\n> [[No]]\n[[E]] \\[[F]]"
    assert [(link.target, link.fragment, link.text) for link in find_wikilinks(text)] == [
        ("B", "^c", "d"),
        ("E", "", None),
    ]


def test_a_plus_between_words_is_and_and_one_of_two_is_dropped() -> None:
    assert [note_name(title) for title in ("Oil + gas", "C++ makers", "20+ years")] == [
        "Oil and gas",
        "C makers",
        "20 plus years",
    ]


@example("a\n\tb")
@example("a\n\x1bb\t\u2028c")
@example("\u00e9 \ufdd0\n")
@given(st.text())
def test_long_texts_lose_the_same_characters_as_short_ones(text: str) -> None:
    assert clean(text) == "".join(map(clean, unicodedata.normalize("NFC", text.replace("\r\n", "\n"))))
