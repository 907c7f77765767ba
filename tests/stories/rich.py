"""A workspace that holds every kind of block, and words of a person's with all that Markdown has, many times over."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs import examples

TEXTS = (
    "Plain words, with *emphasis*, __strong ones__, ***both***, `code`, ~~struck~~, ==marked==, a tail  \nof two.",
    "* one\n* two\n  * in it a [link](https://e.com/a_b_c)\n  * and [[Oil majors]]\n* three\n\n\n1) first\n2) second\n",
    "+ loose\n\n+ list\n\n  with a paragraph\n\n+ [ ] a task\n+ [x] done",
    "3. third\n4. fourth\n   - below it\n     1. and below that",
    "Who | What\n:-- | :-:\n**Oil** | up 5 \\| down 3\ngas | `a`\n",
    "|a|b|\n|-|-:|\n|snake_case_name|5 * 3 * 2|\n||–|",
    "~~~python\ndef f( x ):\n    return   x*2\n~~~\n\n    indented   code\n\nAfter it.",
    '```js\nconst a = {b:1,\'c\':"d"}\n```\n\n```json\n{"a":1,"b":[1,2]}\n```\n\n```yaml\na:   1\nb: [x,  \'y\']\n```',
    "$$\na_1 * b_1 = \\frac{1}{2} \\\\\nc_2\n$$\n\nAnd $$x_1 + y_2 * z$$ between words.",
    "> quoted *words*\n> of two lines\n\n> [!note]+ A callout\n> - with a list\n> - in it\n>\n> > and deeper",
    "Line one\nline two\\\nline three after a break<br>and one more<br/>here.",
    "Setext\n---\n\nATX ##\n\n### Closed ###\n\n***\n\ndone",
    "See <https://e.com/x>, https://e.com/bare_one, and me@example.com; [a title](https://e.com 'it says').",
    "&amp; &copy; 5 &lt; 6, 3\\*4, \\_not\\_, \\# no tag, 1\\. no list, C# and #hash, x_y_z, __init__, 2*3*4",
    (
        "“Curly” quotes, ‘single’ ones, an ellipsis…, a dash – and — another, non\u00a0breaking,"
        " 日本語abc and 한국어, 🎉 👨\u200d👩\u200d👧."
    ),
    "A very long line " + "that goes on and on and on " * 12 + "until it ends.",
    "+5% is no list\n\n\\- nor this\n\n-5 neither, and 2026. begins a line\n2027. follows",
    "Text[^1] with a note and %percent% signs, 50% * 50% and (c) 2026 [brackets] !here.",
    "<sub>low</sub> and <kbd>Ctrl</kbd> <!-- a comment --> after\n\n- a\n\n\n- b\n* c",
    "Nested: **bold *and* italic**, *a **b** c*, **[[Oil majors|linked]]**, a*b*c, _a_b_, *a*_b_.",
)

_IN_DEMO = {
    "SPY": "^GSPC", "XLE": "XOM", "XLK": "AMD", "IWM": "WMT", "XLF": "JPM", "NVDA": "AAPL", "TSLA": "MSFT",
    "sp500": "companies", "large-to-small": "tech-to-oil-majors",
}  # fmt: skip


def make_rich(root: Path, notes: int) -> None:
    """Add theses with every kind of block, and concepts of words alone, to the definitions of a demo."""
    theses = root / "data" / "theses"
    for number in range(notes):
        lines = [f"title: Chips to oil{f' {number}' if number else ''}"]
        lines += [
            f"{key}: {value}"
            for key, value in examples.THESIS.items()
            if value and key not in ("title", "sections", "related", "aliases", "tags", "currency")
        ]
        lines.append("related: [{note: tech-to-oil-majors, why: the *other* one}]")
        lines.append("sections:")
        for name, example in examples.BLOCKS.items():
            lines += [f"  - heading: Of {name.replace('_', ' ')}", "    blocks:", f"      - {example}"]
        for k, text in enumerate(TEXTS[number % 3 :: 3] if number else TEXTS):
            body = "\n".join(f"          {line}" if line else "" for line in text.split("\n"))
            lines += [f"  - heading: Words {k}", "    blocks:", "      - text: |2", body]
        text = re.sub(r"\b(?:" + "|".join(_IN_DEMO) + r")\b", lambda hit: _IN_DEMO[hit[0]], "\n".join(lines)) + "\n"
        (theses / f"chips-to-oil{f'-{number}' if number else ''}.yaml").write_text(text, encoding="utf-8")
