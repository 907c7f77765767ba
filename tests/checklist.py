"""The thirty points of a valid note, checked by a reader of its own.

It shares no code with the generator: properties are read by ruamel.yaml as YAML 1.2, Markdown by markdown-it-py.
`check_vault` returns one line for each fault, beginning with the number of the point. Points 9 and 13 to 26 hold for
what the generator wrote: regions, and whole notes without any. Point 30 needs two builds and is tested elsewhere.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from pathlib import Path

from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.tokens import AliasToken, AnchorToken, TagToken

from tests.marks import BEGIN, END

DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
CALLOUTS = re.compile(
    "note|abstract|summary|tldr|info|todo|tip|hint|important|success|check|done|question|help|faq|warning|caution"
    "|attention|failure|fail|missing|danger|error|bug|example|quote|cite"
)
MERMAID = "flowchart graph sequenceDiagram classDiagram stateDiagram erDiagram gantt pie timeline mindmap quadrantChart"
MERMAID_WORDS = (*MERMAID.split(), "xychart-beta", "sankey-beta", "stateDiagram-v2", "classDiagram-v2")
EXECUTED = {"query", "dataview", "dataviewjs", "tasks"}
TASK_SIGNS = "📅⏳🛫➕✅❌🔁⏬🔽🔼⏫🔺🆔⛔"
DURATION = re.compile(r"-?\d+(\.\d+)?\s*(s|m|h|d|w|mo|yr|sec|min|hr|day|wk|week|month|year)")
WIKILINK = re.compile(r"(?<!\\)(!?)\[\[([^\[\]\n]+)\]\]")
HTML_OK = {"br", "sub", "sup", "kbd", "mark", "u", "s", "b", "i", "em", "strong", "small", "del", "ins"}


def check_vault(root: Path, *, allowed_tags: frozenset[str] = frozenset()) -> list[str]:
    """Return the faults of a vault's notes, each with the number of the point; nothing if it is sound.

    Args:
        root: The vault's folder.
        allowed_tags: Tags, without `#`, that may stand in the text of a region.
    """
    return _Vault(root, allowed_tags).check()


class _Vault:
    def __init__(self, root: Path, allowed_tags: frozenset[str]) -> None:
        self.root, self.tags = root, {tag.casefold() for tag in allowed_tags}
        files = [path for path in root.rglob("*") if path.is_file()]
        shown = [path.relative_to(root) for path in files]
        self.files = sorted(path for path in shown if not any(part.startswith(".") for part in path.parts))
        self.notes = [path for path in self.files if path.suffix == ".md"]
        self.faults: list[str] = []
        self.texts = {path: (root / path).read_bytes().decode("utf-8", "replace") for path in self.notes}
        self.types: dict[str, str] = {}

    def fault(self, point: int, path: Path, said: str) -> None:
        self.faults.append(f"{point}: {path.as_posix()}: {said}")

    def check(self) -> list[str]:
        types = self.root / ".obsidian" / "types.json"
        if types.is_file():
            self.types = json.loads(types.read_text(encoding="utf-8"))["types"]
        self.names()
        for path, text in self.texts.items():
            self.note(path, text)
        for path in self.files:
            if path.suffix == ".base":
                self.base(path, (self.root / path).read_text(encoding="utf-8"))
            elif path.suffix == ".canvas":
                self.canvas(path)
        return self.faults

    # names --------------------------------------------------------------------------------------------------------

    def names(self) -> None:
        seen: dict[str, Path] = {}
        for path in self.files:
            stem = path.stem if path.suffix == ".md" else path.name
            if path.suffix == ".md":
                self.name(path)
            key = unicodedata.normalize("NFC", stem).casefold()
            if key in seen:
                self.fault(11, path, f"the same name as {seen[key].as_posix()}")
            seen[key] = path

    def name(self, path: Path) -> None:
        stem = path.stem
        allowed = all(char in " -_(),&'" or unicodedata.category(char)[0] in "LMN" for char in stem)
        if not allowed or unicodedata.normalize("NFC", stem) != stem or not 1 <= len(stem.encode()) <= 120:
            self.fault(10, path, "characters or length of the name")
        if stem != stem.strip(" .") or stem.startswith(".") or stem.casefold() in DEVICES or "  " in stem:
            self.fault(10, path, "a name that some system refuses")
        if len(path.as_posix()) > 180:
            self.fault(10, path, "a path of more than 180 characters")

    # one note -----------------------------------------------------------------------------------------------------

    def note(self, path: Path, text: str) -> None:
        data = (self.root / path).read_bytes()
        if b"%% tv:begin" not in data:
            return  # a person's own note
        self.bytes(path, data)
        found = re.match(r"---\n(.*?)^---\n", text, re.DOTALL | re.MULTILINE)
        if not found:
            self.fault(2, path, "no properties on line 1")
            body = text
        else:
            self.properties(path, found[1])
            body = text[found.end() :]
        if not body.strip():
            self.fault(26, path, "an empty body")
        regions = self.regions(path, body)
        self.targets(path, found[1] if found else "", body)
        for name, region in regions.items():
            self.region(path, name, region)

    def bytes(self, path: Path, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        if data.startswith(b"\xef\xbb\xbf") or b"\r" in data or "\ufffd" in text:
            self.fault(1, path, "a byte order mark, a carriage return, or bytes that are no UTF-8")
        # In a cell of a table a no-break space holds a day together; elsewhere a search would miss it.
        prose = re.sub(r"(?m)^(?:> ?)*\|.*\|$", "", text)
        hidden = re.search("[\u202f\u200b\u2060\ufeff]", text) or "\u00a0" in prose
        if unicodedata.normalize("NFC", text) != text or hidden:
            self.fault(1, path, "not composed (NFC), or with invisible characters")
        if not text.endswith("\n") or text.endswith("\n\n"):
            self.fault(1, path, "not exactly one final newline")

    def properties(self, path: Path, block: str) -> None:
        yaml = YAML(typ="safe", pure=True)
        try:
            tokens = list(YAML(pure=True).scan(block))
            node = YAML(pure=True).compose(block)
            values = yaml.load(block)
        except YAMLError as problem:
            self.fault(2, path, f"properties that are no YAML 1.2: {problem}")
            return
        if not isinstance(node, MappingNode) or not isinstance(values, dict):
            self.fault(2, path, "properties that are no mapping")
            return
        if any(isinstance(token, AliasToken | AnchorToken | TagToken) for token in tokens) or "\t" in block:
            self.fault(6, path, "an anchor, alias, tag or tab")
        keys = [key.value for key, _ in node.value]
        if len({key.casefold() for key in keys}) != len(keys):
            self.fault(3, path, "a key twice")
        for key, value in node.value:
            self.property(path, key.value, value, values.get(key.value))

    def property(self, path: Path, key: str, node: object, value: object) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key) or key not in self.types:
            self.fault(3, path, f'the key "{key}" is not declared, or not in lower case')
        if key in ("tag", "alias", "cssclass", "position", "file"):
            self.fault(4, path, f'the key "{key}"')
        is_list = isinstance(node, SequenceNode)
        if key in ("tags", "aliases", "cssclasses") and not (is_list and (not node.flow_style or not node.value)):
            self.fault(4, path, f'"{key}" is no block list')
        items = list(zip(node.value, value, strict=True)) if is_list else [(node, value)]
        for item, each in items:
            self.scalar(path, key, item, each, listed=is_list)
        kind = self.types.get(key)
        fits = {
            "text": isinstance(value, str),
            "number": isinstance(value, int | float) and not isinstance(value, bool),
            "checkbox": isinstance(value, bool),
            "date": bool(re.fullmatch(r"\d{4}-\d\d-\d\d", str(value))),
            "datetime": True,
        }
        if not fits.get(kind or "", is_list):
            self.fault(3, path, f'"{key}" is declared as {kind} but holds {value!r}')

    def scalar(self, path: Path, key: str, node: object, value: object, *, listed: bool) -> None:
        if not isinstance(node, ScalarNode):
            self.fault(2, path, f'"{key}" is nested')
            return
        if node.style in ("|", ">"):
            self.fault(6, path, f'"{key}" is a block scalar')
        if isinstance(value, float) and (not math.isfinite(value) or abs(value) > 2**53):
            self.fault(5, path, f'"{key}" is no exact number')
        if not isinstance(value, str):
            return
        if node.style != '"':
            self.fault(5, path, f'"{key}" holds a text without double quotes')
        if "[[" in value and (key == "aliases" or not re.fullmatch(r"\[\[[^\[\]]+\]\]", value)):
            self.fault(7, path, f'"{key}" mixes text and a link')
        if not listed and (re.match(r"\d{4}-\d{2}", value) or DURATION.match(value)):
            self.fault(8, path, f'"{key}" reads as a date or duration: {value}')
        if key == "tags" and (not re.fullmatch(r"[\w-]+(/[\w-]+)*", value) or not re.search(r"[^\d]", value)):
            self.fault(9, path, f"the tag {value}")

    def regions(self, path: Path, body: str) -> dict[str, list[str]]:
        """Return the lines of each region, and check that markers come in pairs."""
        found: dict[str, list[str]] = {}
        current, fence = None, ""
        for line in body.split("\n"):
            mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
            if fence:
                if mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                    fence = ""
            elif mark:
                fence = mark[1]
            elif begin := BEGIN.fullmatch(line):
                if current or begin[1] in found:
                    self.fault(29, path, f"region {begin[1]} begins twice or inside another")
                current = begin[1]
                found[current] = []
                continue
            elif end := END.fullmatch(line):
                if end[1] != current:
                    self.fault(29, path, f"region {end[1]} ends without a begin")
                current = None
                continue
            elif line.startswith("%% tv:"):
                self.fault(29, path, f"a damaged marker: {line}")
            if current:
                found[current].append(line)
        if current or fence:
            self.fault(29, path, "a region or a fence never ends")
        for name, lines in found.items():
            if lines[:1] != [""] or lines[-1:] != [""]:
                self.fault(29, path, f"region {name} has no blank line next to its markers")
        return found

    # links --------------------------------------------------------------------------------------------------------

    def targets(self, path: Path, block: str, body: str) -> None:
        for embed, inner in WIKILINK.findall(block + "\n" + _without_code(body)):
            target, *shown = re.split(r"\\?\|", inner)
            name, _, fragment = target.partition("#")
            hit = self.resolve(name) if name else path
            if hit is None:
                self.fault(16 if embed else 12, path, f"[[{inner}]] leads nowhere")
                continue
            if fragment and hit.suffix == ".md":
                self.fragment(path, hit, fragment)
            if embed and shown and not re.fullmatch(r"\d+(x\d+)?", shown[-1]):
                self.fault(16, path, f"![[{inner}]] has no size behind the pipe")
            if embed and hit.suffix != ".md" and not name.endswith(hit.suffix):
                self.fault(16, path, f"![[{inner}]] names no extension")

    def resolve(self, name: str) -> Path | None:
        wanted = unicodedata.normalize("NFC", name).casefold()
        for path in self.files:
            whole = unicodedata.normalize("NFC", path.as_posix()).casefold()
            if any(whole == each or whole.endswith(f"/{each}") for each in (wanted, f"{wanted}.md")):
                return path
        return None

    def fragment(self, path: Path, hit: Path, fragment: str) -> None:
        text = _without_code(self.texts[hit])
        if fragment.startswith("^"):
            count = len(re.findall(rf"(?m)(?:^| )\^{re.escape(fragment[1:])}$", text))
            if not re.fullmatch(r"\^[A-Za-z0-9-]+", fragment):
                count = 0
        else:
            heads = [_bare(head) for head in re.findall(r"(?m)^#{1,6} (.*)$", text)]
            count = heads.count(_bare(fragment.rpartition("#")[2]))
        if count != 1:
            self.fault(13, path, f"#{fragment} stands {count} times in {hit.name}")

    # one region ---------------------------------------------------------------------------------------------------

    def region(self, path: Path, name: str, lines: list[str]) -> None:
        text = "\n".join(lines)
        say = f"region {name}"
        bare = _without_code(text)
        self.prose(path, say, bare)
        self.lines(path, say, bare.split("\n"))
        self.fences(path, say, text)
        for token in MarkdownIt("commonmark").enable("table").parse(_hide_links(text)):
            if token.type == "html_block":
                self.html(path, say, token.content)
            for child in token.children or ():
                if child.type == "html_inline":
                    self.html(path, say, child.content)
                elif child.type == "code_inline" and re.match(r"\$?=", child.content):
                    self.fault(21, path, f"{say}: inline code that Dataview runs: {child.content}")
                elif child.type == "image" and re.match(r"https?:", str(child.attrs.get("src", ""))):
                    self.fault(24, path, f"{say}: a remote image")

    def prose(self, path: Path, say: str, bare: str) -> None:
        # `\$` and `\\` are escapes; what is left of dollars must be display math in pairs.
        plain = re.sub(r"\\.", "", re.sub(r"\]\([^()\s]*\)|<?https?://[^\s>|)]+>?", "", bare))
        if len(re.findall(r"\$\$", plain)) % 2 or "$" in plain.replace("$$", ""):
            self.fault(18, path, f"{say}: a dollar sign without a backslash")
        if plain.count("%%") % 2 or re.search(r"%%[^%]*(\[\[|#\w)[^%]*%%", plain):
            self.fault(19, path, f"{say}: %% without its counterpart, or a link in a comment")
        no_links = WIKILINK.sub("", plain)
        for tag in re.findall(r"(?<![\w&#/])#([^\s#!-/:-@\[-`{-~]\S*|[_/-]\w\S*)", no_links):
            if tag.rstrip(".,;:)").casefold() not in self.tags:
                self.fault(20, path, f"{say}: the tag #{tag}")
        marked = re.sub(r"(?<!=)==(?=[^\s=])[^=\n]+(?<=[^\s=])==(?!=)", "", no_links)
        for sign in ("==", "<%", "{{", "{%", "::"):
            if sign in marked:
                self.fault(21, path, f"{say}: {sign}")
        if any(sign in bare for sign in TASK_SIGNS):
            self.fault(25, path, f"{say}: a sign of the Tasks plugin")

    def lines(self, path: Path, say: str, lines: list[str]) -> None:
        columns, before, quoted = 0, "", False
        for k, line in enumerate(lines):
            if re.match(r"[\s>]*([-*+]|\d+[.)]) \[.\]", line):
                self.fault(25, path, f"{say}: a task")
            if re.fullmatch(r" {0,3}-{2,}\s*", line) and before.strip():
                self.fault(26, path, f"{say}: a rule right under text")
            head = re.match(r"#{1,6} (.*)", line)
            if head and re.search(r"[#^\[\]|:]|%%", re.sub(r"\\.", "", head[1])):
                self.fault(15, path, f"{say}: the heading {head[1]}")
            row = re.match(r"[> ]*\|", line)
            if row:
                count = len(re.findall(r"(?<!\\)\|", line)) - 1
                if not columns and before.strip(" >") and not re.match(r"(> ?)+\[!", before):
                    self.fault(17, path, f"{say}: a table without a blank line above: {line}")
                if columns and count != columns:
                    self.fault(17, path, f"{say}: {count} columns instead of {columns}: {line}")
                columns = columns or count
            else:
                columns = 0
            callout = re.match(r"(?:> ?)+\[!([^\]|]+)(\|[^\]]*)?\]", line)
            if callout and not CALLOUTS.fullmatch(callout[1].lower()):
                self.fault(22, path, f"{say}: a callout of the kind {callout[1]}")
            if quoted and line.strip() and not line.startswith(">"):
                self.fault(22, path, f"{say}: a line of a callout without > : {line}")
            quoted = line.startswith(">")
            if re.fullmatch(r"\^[A-Za-z0-9-]+", line) and (before.strip() or "".join(lines[k + 1 : k + 2]).strip()):
                self.fault(14, path, f"{say}: the block id {line} does not stand alone")
            before = line

    def fences(self, path: Path, say: str, text: str) -> None:
        for token in MarkdownIt("commonmark").parse(text):
            if token.type != "fence":
                continue
            language = token.info.strip().split(" ")[0]
            if language in EXECUTED:
                self.fault(23, path, f"{say}: a fence that is run: {language}")
            if language == "mermaid" and not token.content.lstrip().startswith(MERMAID_WORDS):
                self.fault(23, path, f"{say}: an unknown Mermaid diagram")
            if language == "base":
                self.base(path, token.content)

    def html(self, path: Path, say: str, content: str) -> None:
        names = re.findall(r"</?([A-Za-z][\w-]*)", content)
        if any(name.lower() not in HTML_OK for name in names) or re.search(r"(?i)\son\w+\s*=", content):
            self.fault(
                24 if re.search(r"(?i)<(script|style)|\son\w+=", content) else 21, path, f"{say}: HTML {content!r}"
            )

    # bases and canvases -------------------------------------------------------------------------------------------

    def base(self, path: Path, text: str) -> None:
        try:
            base = YAML(typ="safe", pure=True).load(text)
        except YAMLError as problem:
            self.fault(27, path, f"no YAML: {problem}")
            return
        if not isinstance(base, dict) or set(base) - {"filters", "formulas", "properties", "summaries", "views"}:
            self.fault(27, path, "unknown keys")
            return
        formulas = base.get("formulas") or {}
        for used in re.findall(r"formula\.(\w+)", text):
            if used not in formulas:
                self.fault(27, path, f"formula.{used} is not defined")
        if not all(isinstance(each, str) for each in formulas.values()):
            self.fault(27, path, "a formula that is no text")
        names = [view.get("name", "") for view in base.get("views") or []]
        if len(set(names)) != len(names) or any(re.search(r"[#|\]]", name) for name in names):
            self.fault(27, path, "names of views")

    def canvas(self, path: Path) -> None:
        try:
            canvas = json.loads((self.root / path).read_text(encoding="utf-8"))
        except ValueError as problem:
            self.fault(28, path, f"no JSON: {problem}")
            return
        nodes, edges = canvas.get("nodes", []), canvas.get("edges", [])
        ids = Counter(each["id"] for each in (*nodes, *edges))
        if any(count > 1 for count in ids.values()):
            self.fault(28, path, "an id twice")
        for node in nodes:
            if not all(isinstance(node.get(key), int) for key in ("x", "y", "width", "height")):
                self.fault(28, path, f"{node['id']}: geometry that is no whole number")
            if node.get("type") not in ("text", "file", "link", "group"):
                self.fault(28, path, f"{node['id']}: type {node.get('type')}")
            if node.get("type") == "file" and not (self.root / node["file"]).is_file():
                self.fault(28, path, f"{node['file']} is not there")
        known = {node["id"] for node in nodes}
        for edge in edges:
            sides = {edge.get("fromSide", "top"), edge.get("toSide", "top")} <= {"top", "right", "bottom", "left"}
            if not {edge["fromNode"], edge["toNode"]} <= known or not sides:
                self.fault(28, path, f"the edge {edge['id']}")


def _bare(heading: str) -> str:
    text = re.sub(r"\[\[(?:[^\[\]|]*\|)?([^\[\]]*)\]\]", r"\1", heading)
    return " ".join(re.sub(r"[^\w\s]|_", " ", text).casefold().split())


def _hide_links(text: str) -> str:
    return WIKILINK.sub(lambda found: "x" * len(found[0]), text)


def _without_code(text: str) -> str:
    """Return the text with the content of code spans and fences blanked, by the tokens of markdown-it."""
    lines = text.split("\n")
    for token in MarkdownIt("commonmark").parse(text):
        if token.type in ("fence", "code_block") and token.map:
            for k in range(token.map[0], min(token.map[1], len(lines))):
                lines[k] = ">" if lines[k].startswith(">") else ""
    kept = "\n".join(lines)
    return re.sub(
        r"(?<![\\`])(`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)\1(?!`)", lambda m: "c" * len(m[0]), kept, flags=re.DOTALL
    )
