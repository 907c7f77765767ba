"""Reading YAML into text, lists and mappings that remember where they stood.

The file is read from the events of the parser, never by constructors: a scalar is the text that was typed, and what
YAML could make of it is never asked. Anchors and aliases are refused as they pass by, so a bomb of aliases costs what
its few lines cost.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from thesisvault.conflicts import conflict, hunks
from thesisvault.definitions.reading.syntax import explain, starts_with_expression
from thesisvault.definitions.reading.tree import Lines, PlacedByTree, Tree, Value
from thesisvault.errors import DiskError, Finding, Place
from thesisvault.fields import LONGEST_LINE
from thesisvault.opening import read_plain
from thesisvault.patterns import regex
from thesisvault.written import Trail, Written

__all__ = ["MOST_BYTES", "MOST_DEPTH", "MOST_VALUES", "Trail", "Tree", "Value", "parse_tree", "read_text", "read_tree"]

MOST_BYTES = 2_000_000
"""The largest file of definitions."""
MOST_VALUES = 50_000
"""The most keys and values in a file of definitions."""
MOST_MISTAKES = 200
"""How many mistakes in how one file is written are shown."""
MOST_DEPTH = 40
"""How deep lists and mappings may lie in one another."""
_KEEP_ONE = "Keep one version of each of these places, and delete the lines <<<<<<<, ======= and >>>>>>>."


_LOST = regex(r"[ \t]+(#[^\s#][^\n]*)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COLON = regex(r"\s*:")
_RAW_CONTROL = regex(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TEXT_CONTROL = regex(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_tree(
    path: Path, shown: str, most_bytes: int = MOST_BYTES, most_values: int = MOST_VALUES
) -> tuple[Tree | None, list[Finding]]:
    """Return the tree of a YAML file, or None and what is wrong with the file.

    Args:
        path: The file.
        shown: The path under which findings name it, relative to the workspace.
        most_bytes: How large it may be.
        most_values: How many keys and values it may hold.

    Raises:
        DiskError: The file cannot be read.
    """
    text, findings = read_text(path, shown, most_bytes)
    return (None, findings) if text is None else parse_tree(text, shown, most_values)


def read_text(path: Path, shown: str, most_bytes: int = MOST_BYTES) -> tuple[str | None, list[Finding]]:
    """Return the text of a YAML file without a byte order mark, or None and what is wrong with the file.

    Args:
        path: The file.
        shown: The path under which findings name it, relative to the workspace.
        most_bytes: How large it may be.

    Raises:
        DiskError: The file cannot be read.
    """
    try:
        data = read_plain(path, most_bytes)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.errno == errno.EFBIG:
            size, limit = path.stat().st_size / 1e6, most_bytes / 1e6
            said = f"the file has {size:.1f} MB; a definition may have {limit:.0f} MB at most."
            return None, [Finding(said, Place(shown), "Split it, or move it out of this folder.", code="too-large")]
        if error.errno in (errno.EISDIR, errno.ENODEV):
            said = f"{reason}; a definition is expected here."
            return None, [Finding(said, Place(shown), "Rename it, or move it away.", code="not-a-file")]
        raise DiskError(Finding(f"the file cannot be read: {reason}.", Place(shown), code="unreadable")) from error
    text, finding = _decode(data, shown)
    return (None, [finding]) if finding else (text, [])


def _decode(data: bytes, shown: str) -> tuple[str, Finding | None]:
    hint = "Save it as UTF-8 text."
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "", Finding("the file is UTF-16, not UTF-8.", Place(shown), hint, code="not-text")
    if b"\0" in data:
        return "", Finding("not a text file.", Place(shown), "Move it out of this folder.", code="not-text")
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig", errors="replace")
        place = Lines(good, shown).place(len(good))
        problem = f"the byte 0x{data[error.start]:02X} is not UTF-8 text."
        return "", Finding(problem, place, hint, code="not-text")


def parse_tree(text: str, shown: str, most_values: int = MOST_VALUES) -> tuple[Tree | None, list[Finding]]:
    r"""Return the tree of a YAML text, or None and everything that is wrong with it.

    >>> tree, findings = parse_tree("title: 2025", "a.yaml")
    >>> tree.value, findings
    ({'title': '2025'}, [])
    >>> print(parse_tree("a: 1\na: 2", "a.yaml")[1][0])
    a.yaml:2:1: "a" is duplicated; it was first written in line 1. Keep one of the two.
    """
    return DefinitionFile(text, shown).read(most_values)


def _read(file: DefinitionFile, most_values: int) -> tuple[Tree | None, list[Finding]]:
    text, shown = file.text, file.shown
    control = _RAW_CONTROL.search(text)
    if control:
        problem = f"the file holds the control character U+{ord(control[0]):04X}."
        place = Lines(text, shown).place(control.start())
        return None, [Finding(problem, place, "Delete it.", code="control-character")]
    reader = _Reader(file, most_values)
    value = reader.read()
    if reader.findings and (in_conflict := list(conflict(hunks(text), shown, _KEEP_ONE))):
        return None, in_conflict
    if reader.findings:
        return None, sorted(dict.fromkeys(reader.findings), key=lambda finding: finding.sort_key)
    return Tree(value, text, shown, reader.spans, reader.keys, reader.empty), []


class DefinitionFile(PlacedByTree):
    """A file of definitions, which its texts know for the places where they stand.

    It is parsed when somebody asks for more of it than its text, and what was read can be let go: a tree is many times
    as large as its text, and as long as texts of it lead back to it nothing but the collector of cycles frees it.

    Args:
        text: Its text.
        shown: The path under which findings name it.
    """

    def __init__(self, text: str, shown: str) -> None:
        self.text, self.shown = text.removeprefix("\ufeff"), shown
        self._tree: Tree | None = None

    def read(self, most_values: int = MOST_VALUES) -> tuple[Tree | None, list[Finding]]:
        """Parse the text; return its tree, or None and everything that is wrong with it."""
        self._tree, findings = _read(self, most_values)
        return self._tree, findings

    @property
    def tree(self) -> Tree:
        """What was read; of a text with which something is wrong there is none."""
        tree = self._tree or self.read()[0]
        assert tree is not None, self.shown  # noqa: S101 - only what is right has texts that ask for it
        return tree

    def let_go(self) -> None:
        """Keep the text alone; who asks for more has it parsed again."""
        self._tree = None


def _start(event: Any) -> int:
    return int(event.start_mark.index)


def _end(event: Any) -> int:
    return int(event.end_mark.index)


class _Absent:
    """Stands for an empty plain value."""


class _StopReadingError(Exception):
    """What follows in the file cannot be read any more; the finding is already there."""


class _Reader:
    """Builds the values of one text from the events of the parser, and gathers findings on the way."""

    def __init__(self, file: DefinitionFile, most_values: int) -> None:
        self.source, text = file, file.text
        self.text = text
        self.left = self.most_values = most_values
        self.lines = Lines(text, file.shown)
        self.findings: list[Finding] = []
        self.spans: dict[Trail, tuple[int, int]] = {}
        self.keys: dict[Trail, int] = {}
        self.empty: dict[Trail, int] = {}
        self.braces_until: int | None = None
        self.named: set[str] = set()
        self.open: list[int] = []
        self.columns: list[int] = []
        self.quoted = (0, 0)
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))

    def read(self) -> Value:
        """Return the value of the first document, whole only if there are no findings."""
        value: Value | _Absent = {}
        try:
            documents = 0
            for event in self.events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.report(event, "a second document begins here.", "Keep one document per file.", "documents")
                        raise _StopReadingError
                    value = self.node(next(self.events), (), 0)
        except _StopReadingError:
            pass
        except yaml.MarkedYAMLError as error:
            self.syntax_error(error)
        except yaml.YAMLError as error:
            self.findings.append(Finding(f"the YAML cannot be read: {error}.", Place(self.lines.shown), code="yaml"))
        return {} if isinstance(value, _Absent) else value

    def report(self, event: Any, problem: str, hint: str, code: str) -> None:
        """Add a finding at the start of an event; after very many the rest of the file is left unread."""
        if len(self.findings) >= MOST_MISTAKES:
            words = f"only the first {MOST_MISTAKES} mistakes in how the file is written are shown."
            self.findings.append(Finding(words, Place(self.lines.shown), "Correct these first.", code="many-mistakes"))
            raise _StopReadingError
        self.findings.append(Finding(problem, self.lines.place(_start(event)), hint, code=code))

    def syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        """Add what the parser stumbled over, unless it stumbled over braces that are reported already."""
        mark = error.problem_mark or error.context_mark
        offset = mark.index if mark else 0
        if self.braces_until is not None and self.lines.place(offset).line <= self.lines.place(self.braces_until).line:
            return
        begin, end = self.quoted
        if self.open and begin < end <= offset and not self.text[end:offset].strip() and offset < len(self.text):
            rest = self.text[offset : offset + 40].split("\n")[0]
            offset, words = begin, f"the text that opens with {self.text[begin]} here ends before {rest}"
            finding = Finding(
                f"{words}.", hint="Close it earlier, or use the other quotation mark inside.", code="yaml"
            )
        elif self.open and offset >= len(self.text.rstrip()):
            offset = self.open[-1]
            words = f"unbalanced bracket: {self.text[offset]} opens here and is never closed."
            finding = Finding(words, hint="Close it, or put quotes around the whole value if it is text.", code="yaml")
        else:
            finding, offset = explain(error, self.text)
        self.findings.append(finding.at(self.lines.place(offset)))

    def node(self, event: Any, trail: Trail, depth: int) -> Value | _Absent:
        """Return the value that begins with an event."""
        if depth > MOST_DEPTH:
            self.report(event, f"nested deeper than {MOST_DEPTH} levels.", "", "too-deep")
            raise _StopReadingError
        self.left -= 1
        if self.left < 0:
            problem = f"the file holds more than {self.most_values} keys and values."
            self.report(event, problem, "Split it.", "too-many")
            raise _StopReadingError
        start = _start(event)
        if isinstance(event, yaml.AliasEvent):
            self.alias(event)
            return ""
        self.refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            if event.implicit[0] and not event.value:
                return _Absent()
            self.spans[trail] = (start, _end(event))
            if event.style in ("'", '"'):
                self.swallowing(event)
            elif not event.style:
                self.cut_off(event)
            return Written.at(self.clean(event), self.source, trail)
        if starts_with_expression(self.text, start):
            self.braces(event)
            return ""
        self.spans[trail] = (start, start)
        if event.flow_style:
            self.open.append(start)
        else:
            self.columns.append(event.start_mark.column)
        value: Value
        if isinstance(event, yaml.SequenceStartEvent):
            value, end = self.sequence(trail, depth)
        else:
            value, end = self.mapping(event, trail, depth)
        (self.open if event.flow_style else self.columns).pop()
        self.spans[trail] = (start, end)
        return value

    def swallowing(self, event: Any) -> None:
        """Report a text in quotes that goes on over lines which belong to something else, for its end was lost."""
        start, end = self.quoted = _start(event), _end(event)
        at = self.text.find("\n", start, end) + 1
        while at and self.columns:
            stop = self.text.find("\n", at, end)
            line = self.text[at : stop if stop >= 0 else end]
            if line.strip() and at < end - 1 and len(line) - len(line.lstrip(" ")) <= self.columns[-1]:
                last, foreign = self.lines.place(end - 1).line, self.lines.place(at).line
                problem = f"unbalanced quotation mark: it opens here and is closed only in line {last}."
                hint = f"Close it before line {foreign}, or indent the lines that belong to the text."
                self.report(event, problem, hint, "yaml")
                raise _StopReadingError
            at = self.text.find("\n", at, end) + 1

    def cut_off(self, event: Any) -> None:
        """Report a `#` with a word behind it after a value without quotes: YAML would drop it and all that follows."""
        found = _LOST.match(self.text, _end(event))
        if found:
            shown = found[1].strip()[:40]
            finding = Finding(
                f'"{shown}" is behind a blank and #, so YAML takes it for a comment and drops it.',
                hint="Put quotes around the whole value, or write a blank behind # if it is a comment.",
                code="comment",
            )
            self.findings.append(finding.at(self.lines.place(found.start(1))))

    def clean(self, event: Any) -> str:
        """Return the text of a scalar, and report a control character that came in by an escape."""
        text: str = event.value
        control = _TEXT_CONTROL.search(text)
        if control:
            problem = f"the text holds the control character U+{ord(control[0]):04X}."
            self.report(event, problem, "Take the escape out.", "control-character")
        return text

    def sequence(self, trail: Trail, depth: int) -> tuple[list[Any], int]:
        """Return a list and where it ends."""
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item = self.node(event, (*trail, len(items)), depth + 1)
            if isinstance(item, _Absent):
                hint = "Write a value after the dash, or delete the line."
                self.report(event, "a list item is empty.", hint, "empty-item")
            else:
                items.append(item)
        return items, _end(event)

    def mapping(self, start: Any, trail: Trail, depth: int) -> tuple[dict[str, Any], int]:
        """Return a mapping without its empty values, and where it ends."""
        values: dict[str, Any] = {}
        first: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            at = _start(event)
            if key is None:
                self.skip(next(self.events))
                continue
            if key in first:
                line = self.lines.place(first[key]).line
                problem = f'"{key}" is duplicated; it was first written in line {line}.'
                self.report(event, problem, "Keep one of the two.", "duplicate-key")
            first.setdefault(key, at)
            below = (*trail, key)
            key = Written.at(key, self.source, below, is_key=True)
            value = self.node(next(self.events), below, depth + 1)
            if isinstance(value, _Absent):
                self.empty[below] = at
                if start.flow_style and not _COLON.match(self.text, _end(event)):
                    hint = f"Write {{{key}: value}}, or square brackets for a list."
                    self.report(event, f'"{key}" has no value, and in braces each key has one.', hint, "bare-key")
            elif key not in values:
                self.keys[below] = at
                values[key] = value
        return values, _end(event)

    def key(self, event: Any) -> str | None:
        """Return a key, or None if what stands there cannot be one."""
        if isinstance(event, yaml.AliasEvent):
            self.alias(event)
            return None
        if not isinstance(event, yaml.ScalarEvent):
            if starts_with_expression(self.text, _start(event)):
                self.braces(event)
            else:
                hint = "Put quotes around the whole text."
                self.report(event, "a key is text, found a list or a mapping.", hint, "wrong-key")
                self.skip(event)
            return None
        self.refuse_extras(event)
        if event.implicit[0] and event.value == "<<":
            self.report(event, "merge keys (<<) are not read.", "Write the values out.", "merge-key")
            return None
        self.left -= 1
        if len(event.value) > LONGEST_LINE:
            problem = f"a key has {len(event.value)} characters; {LONGEST_LINE} at most are read."
            self.report(event, problem, "Is it a text that lacks its key?", "long-key")
            return None
        if not event.value.strip():
            self.report(event, "a key is empty.", "Write a key before the colon.", "wrong-key")
            return None
        return self.clean(event)

    def alias(self, event: Any) -> None:
        """Report an alias, each name once."""
        word = f"*{event.anchor}"
        if word not in self.named:
            self.named.add(word)
            hint = "Write the value out, or put quotes around a text that begins with *."
            self.report(event, f"{word} is an alias, and aliases are not read.", hint, "alias")

    def refuse_extras(self, event: Any) -> None:
        """Report an anchor or a tag; a text that merely begins with the character belongs in quotes."""
        if event.anchor and event.anchor not in self.named:
            self.named.add(event.anchor)
            hint = "Delete it, or put quotes around a text that begins with &."
            self.report(event, f"&{event.anchor} is an anchor, and anchors are not read.", hint, "anchor")
        if event.tag is not None:
            hint = "Delete it, or put quotes around a text that begins with !."
            self.report(event, "a value begins with !, which marks a tag, and tags are not read.", hint, "tag")

    def braces(self, event: Any) -> None:
        """Report a value that begins with unquoted braces, and pass over what YAML makes of it."""
        double = self.text.startswith("{{", _start(event))
        self.report(
            event,
            f"the value begins with {'{{' if double else '{'} without quotes, so YAML takes it for a mapping.",
            "Put quotes around the whole value" + ("." if double else ", and two braces at both ends in a text."),
            "unquoted-braces",
        )
        self.braces_until = len(self.text)
        self.braces_until = self.skip(event)

    def skip(self, event: Any) -> int:
        """Pass over a value that begins with an event; return where it ends."""
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MOST_DEPTH:
                    raise _StopReadingError  # what was passed over is reported already
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 0:
                return _end(event)
            event = next(self.events)
