"""Which code of a definition is only ever shown, and which something may run.

A plugin may run a block of any language and inline code of any beginning, and its user may have changed which. So what
is known to be shown by everyone passes, and nothing else does.
"""

from __future__ import annotations

import re

from thesisvault.patterns import regex

SHOWN_LANGUAGES = frozenset({"", "text", "txt", "plain", "plaintext", "yaml", "yml", "json", "toml", "ini", "diff"})
"""Languages of fenced blocks that hold data or words and that no plugin runs."""

_BEGINS = regex(r"[\w./'\"(+-]|\$\w")
_STARTS_SOMETHING = regex(r"[\w.+/$-]*\s*(?::|=(?!=))|[A-Z][A-Z_]*\[|(?i:button-|(?:js|dv|tp)[\s.])")

_MATH = regex(r"\\(?:([A-Za-z]+)|(.)|$)", re.DOTALL)
_MATH_WORDS = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    frac dfrac tfrac cfrac sqrt sum prod int iint oint lim limsup liminf max min sup inf log ln lg exp sin cos tan cot
    sec csc arcsin arccos arctan sinh cosh tanh det dim gcd deg arg ker Pr hom binom dbinom tbinom
    cdot cdots ldots dots vdots ddots times div pm mp ast star circ bullet oplus otimes cap cup setminus
    le leq ge geq lt gt ne neq equiv approx sim simeq cong propto ll gg subset supset subseteq supseteq in notin ni
    to gets rightarrow leftarrow Rightarrow Leftarrow leftrightarrow Leftrightarrow mapsto uparrow downarrow
    longrightarrow longleftarrow implies iff forall exists nexists neg lnot land lor wedge vee infty partial nabla
    emptyset varnothing ell hbar Re Im angle perp parallel mid nmid therefore because prime
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle lfloor rfloor lceil rceil langle rangle lvert
    rvert lVert rVert vert Vert lbrace rbrace
    hat widehat bar overline underline tilde widetilde vec dot ddot overbrace underbrace overset underset stackrel
    mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak boldsymbol text textbf textit textrm operatorname
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits quad qquad thinspace
    begin end hline tag notag nonumber
    """.split()  # noqa: SIM905 - a list of so many words would be one line each
)
_ENVIRONMENTS = frozenset(
    ("aligned", "align", "gathered", "gather", "cases", "matrix", "pmatrix", "bmatrix", "vmatrix", "array", "split")
)
_ENVIRONMENT = regex(r"\\(?:begin|end)\s*(?:\{([A-Za-z]*)\*?\})?")
_NO_MATH = regex(
    r"""(?<!\\)\$ | \]\( | \]: | \[\[ | :// | \]\s*\[ | !\[ | <br> | [`\ufddd] | \\[A-Za-z]*\ufdd1
    | \n[ \t]* (?: [#>|] | (?:[-*+]|\d+[.)])[ \t] | [-=:|][-=:| \t]*$ )""",
    re.MULTILINE | re.VERBOSE,
)
"""What makes of a formula something else where a reader of Markdown sees no formula."""


_IN_WORDS = regex(r"\\(?:text|mathrm|mathit|operatorname)\{[A-Za-z .-]*\}")
_NO_FORMULA = regex(r"[#%&@!\"`:]|[<>](?! )|==|~~|\[|\{[{%]|(?<![A-Za-z\\{])[A-Za-z]{2,}|^[\d.,]+[^\d\\^_]*$")
"""What a formula inside a line does not hold: words, prices, and signs that act where it is read as none."""
_INLINE = regex(r"(?<![\w$\\])\$(?=[^\s$])([^$\n|]+)(?<=[^\s\\])\$(?![\w$])")
_IN_FORMULA = regex(r"\\[A-Za-z]|[\^_]|^[A-Za-z]$|^[A-Za-z]\s*[=+*/-]")


def language_of(info: str) -> str:
    """Return the language that the words after a fence name.

    >>> language_of(" YAML title=x")
    'yaml'
    """
    words = info.split()
    return words[0].casefold() if words else ""


def is_only_shown(code: str) -> bool:
    """Return whether inline code is of a kind that nothing runs.

    >>> [is_only_shown(code) for code in ("ret('XLE', 'ytd') > 0", "= this.x", "$= dv.x", "INPUT[toggle]", "dice: 1d6")]
    [True, False, False, False, False]
    """
    code = code.strip()
    return _BEGINS.match(code) is not None and _STARTS_SOMETHING.match(code) is None


def is_plain_math(formula: str) -> bool:
    r"""Return whether display math holds nothing but formulas: no address, no style, no macro of its own.

    >>> is_plain_math(r"\frac{a}{b}"), is_plain_math(r"\href{javascript:alert(1)}{a}")
    (True, False)
    """
    if _NO_MATH.search(formula):
        return False
    if any(found[1] not in _ENVIRONMENTS for found in _ENVIRONMENT.finditer(formula)):
        return False
    return all(word is None or word in _MATH_WORDS for word in (found[1] for found in _MATH.finditer(formula)))


def is_formula(text: str) -> bool:
    r"""Return whether what stands between two dollar signs of a line is a formula, not words between two prices.

    >>> [is_formula(text) for text in (r"\beta", "x^2", "n", "5 and ", "AAPL/", "5bn, or 3x of 2_")]
    [True, True, True, False, False, False]
    """
    signs = _IN_WORDS.sub(r"\\text", text)
    return _IN_FORMULA.search(signs) is not None and _NO_FORMULA.search(signs) is None and is_plain_math(text)


def without_formulas(text: str) -> str:
    r"""Return a text at its old length, with blanks in place of the formulas inside its lines.

    >>> without_formulas(r"a $x^2$ b $5 and $6")
    'a       b $5 and $6'
    """
    return _INLINE.sub(lambda found: " " * len(found[0]) if is_formula(found[1]) else found[0], text)
