"""Rendering: from the view of a note to its regions, by Jinja templates in a sandbox, one per kind of note and block.

A workspace's own template wins over the packaged one of the same name. What a template writes between
`{% call region("name") %}` and `{% endcall %}` becomes a region; anything outside regions is an error, because only
regions can be brought up to date later.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.exceptions import SecurityError

from thesisvault.blocks.core.filled import ChartRequest, Filled, Table
from thesisvault.errors import DefinitionError, Finding, Place, nearest
from thesisvault.fields import LONGEST_LINE
from thesisvault.language.text import Text
from thesisvault.notes import escape
from thesisvault.notes.compiled import CompiledTemplates
from thesisvault.notes.layout import laid_out, target
from thesisvault.notes.markdown import Links, Writer, callout, squeezed
from thesisvault.notes.names import slug
from thesisvault.notes.sandbox import Sandbox
from thesisvault.notes.typed.addresses import acting_encoded
from thesisvault.notes.views import NoteView
from thesisvault.opening import leads_out, other_kind
from thesisvault.patterns import regex
from thesisvault.workspace import packaged

LARGEST_TEMPLATE = 1_000_000
"""The most bytes of a template."""
MOST_REGIONS = 1_000
"""The most regions of a note."""
MOST_COLUMNS = 5
"""The most columns of a table that stands open."""
_REASON = "_n/a"
"""How a small line begins that says why a cell is n/a."""
_SENTENCE = regex(r"(?<=\.) (?=[A-Z])")
"""Between two sentences of a small line."""
_SHOWN_LENGTH = 60
"""Length at which text outside regions is cut off in a message."""


class Renderer:
    """Renders notes with the templates of a workspace.

    Args:
        folders: Folders of templates; earlier ones win.
        shown: Gives a template's path as messages show it.
        trusted: Whether code in definitions stays as it was typed, whatever runs it.
        follow_links: Whether a template that is a link out of its folder is read.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        shown: Callable[[Path], str],
        *,
        trusted: bool = False,
        follow_links: bool = False,
    ) -> None:
        self._folders = tuple(folders)
        self._trusted = trusted
        self._shown = shown
        loaders: list[BaseLoader] = [_Folder(folder, follow_links=follow_links) for folder in self._folders]
        self._jinja = Sandbox(
            loader=ChoiceLoader(loaders),
            undefined=_Missing,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            bytecode_cache=CompiledTemplates(packaged("templates"), Path(__file__)),
        )

    def render(self, view: NoteView, links: Links) -> tuple[tuple[str, str], ...]:
        """Return name and body of each region of a note, in the order of its template.

        Raises:
            DefinitionError: The template is missing or broken, reads a field that the view does not have, or writes
                outside regions.
        """
        writer = Writer(links, frozenset(view.tags), self._trusted)
        regions: dict[str, str] = {}
        said: set[str] = set()

        def new(lines: Iterable[Text]) -> list[str]:
            """Return small lines without what is said: a remark on data stands once a note, a reason once a region."""
            fresh = []
            for line in filter(None, map(writer.text, lines)):
                sentences = [line] if line.startswith(_REASON) else _SENTENCE.split(line.strip("_"))
                left = [each for each in sentences if each not in said]
                said.update(left)
                fresh += [line if left == sentences else f"_{' '.join(left)}_"] if left else []
            return fresh

        def region(name: str, caller: Callable[[], str]) -> str:
            said.difference_update([line for line in said if line.startswith(_REASON)])
            if len(str(name)) > LONGEST_LINE or len(regions) == MOST_REGIONS:
                raise SecurityError(f"a name of more than {LONGEST_LINE} characters, or over {MOST_REGIONS} regions")
            body = laid_out(squeezed(escape.settled(caller(), code=self._trusted)))
            if body:
                regions[_unique(slug(name) or "region", regions)] = body
            return ""

        def block(filled: Filled) -> str:
            inner = self._jinja.get_template(f"blocks/{filled.kind}.md.j2").render(**{**tools, "block": filled})
            lines = "\n\n".join(new(filled.lines))
            return squeezed(f"{inner}\n\n{lines}" if lines else inner)

        def blocks(several: Iterable[Filled]) -> str:
            return "\n\n".join(filter(None, (block(each) for each in several)))

        def record(several: Iterable[Filled]) -> str:
            """Write blocks of a day that is past: what stands around them changes nothing in them."""
            outside = set(said)
            said.clear()
            written = blocks(several)
            said.clear()
            said.update(outside)
            return written

        tools: dict[str, object] = {
            "region": region,
            "block": block,
            "blocks": blocks,
            "record": record,
            "md": writer.text,
            "cell": lambda text: writer.text(text, table=True),
            "table": writer.table,
            "wide": lambda table, title: _wide(table, title, writer),
            "lines": lambda lines: "\n\n".join(new(lines)),
            "embed": _embed,
            "callout": callout,
            "sentence": lambda text: _sentence(writer.text(text)),
            "plain": escape.prose,
            "heading": escape.heading,
            "link": links.wikilink,
            "target": lambda address: target(acting_encoded(address)),
            "note_link": links.note,
        }
        self._jinja.begin()
        outside = " ".join(self._run(view.template, {"note": view, **tools}).split())
        if outside:
            problem = f'"{outside[:_SHOWN_LENGTH]}" stands outside every region.'
            hint = 'Put it between {% call region("...") %} and {% endcall %}.'
            raise DefinitionError(Finding(problem, self._place(view.template), hint))
        return tuple(regions.items())

    @property
    def used(self) -> tuple[str, ...]:
        """File names of the templates that the last rendering used, in order."""
        return tuple(self._jinja.used)

    def _run(self, template: str, names: Mapping[str, object]) -> str:
        try:
            return self._jinja.get_template(template).render(**names)
        except TemplateSyntaxError as error:
            problem = f"the template cannot be read: {_bare(error.message)}."
            place = self._place(error.name or template, error.lineno)
        except TemplateNotFound as error:
            problem = f"there is no template {error.name}."
            place = self._where(error, template)
        except SecurityError as error:
            problem = f"the template does what a template may not: {error}."
            place = self._where(error, template)
        except TemplateError as error:
            problem = f"the template fails: {_bare(error.message)}."
            place = self._where(error, template)
        except (RecursionError, SyntaxError, MemoryError):  # Python itself compiles no more than twenty loops in a loop
            problem = "the template includes itself, or nests too deeply."
            place = self._place(template)
        except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError, AssertionError) as error:
            problem = f"the template fails: {error}."
            place = self._where(error, template)
            if not place.line:
                raise  # no template is to blame
        raise DefinitionError(Finding(problem, place))

    def _where(self, error: BaseException, template: str) -> Place:
        """Return file and line of the innermost frame that belongs to a template; just the file if there is none."""
        found = self._place(template)
        trace = error.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name.endswith(".j2"):
                found = self._place(self._relative(Path(name)), trace.tb_lineno)
            trace = trace.tb_next
        return found

    def _relative(self, path: Path) -> str:
        for folder in self._folders:
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return path.name

    def _place(self, template: str, line: int = 0) -> Place:
        for folder in self._folders:
            if os.path.lexists(folder / template):
                return Place(self._shown(folder / template), line)
        return Place(f"templates/{template}", line)


class _Folder(FileSystemLoader):
    """A folder of templates, in which what is no text file is a mistake of its template, with a line.

    Args:
        folder: The folder.
        follow_links: Whether a template that is a link out of the folder is read.
    """

    def __init__(self, folder: Path, *, follow_links: bool) -> None:
        super().__init__(folder)
        self._folder, self._follow_links = folder, follow_links

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if ".." in template.split("/") or Path(template).is_absolute():
            raise TemplateNotFound(template)
        path = self._folder / template
        try:
            said = other_kind(path)
            if not said and not self._follow_links and leads_out(path, self._folder):
                said = "it is a link out of the folder of templates"
            if not said and path.is_file() and path.stat().st_size > LARGEST_TEMPLATE:
                said = f"it has more than {LARGEST_TEMPLATE / 1e6:.0f} MB"
            if said:
                raise TemplateSyntaxError(said, 1, template)
            return super().get_source(environment, template)
        except UnicodeDecodeError as problem:
            line = problem.object.count(b"\n", 0, problem.start) + 1
            raise TemplateSyntaxError("it is not UTF-8 text", line, template) from None
        except (OSError, ValueError):  # a name that is too long, or that no file can have
            raise TemplateNotFound(template) from None


class _Missing(StrictUndefined):
    """A name or field that does not exist: an error where it is used, which names the nearest field of a view."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        thing, name = self._undefined_obj, self._undefined_name
        if not isinstance(thing, NoteView) or name is None:
            return super()._undefined_message
        hit = nearest(name, thing.__struct_fields__)
        return f'the view of this note has no field "{name}"' + (f' (did you mean "{hit}"?)' if hit else "")


def _wide(table: Table, title: str, writer: Writer) -> str:
    """Return a table; folded under a title where it has more columns than a narrow screen shows."""
    written = writer.table(table)
    return written if len(table.columns) <= MOST_COLUMNS else callout("example", title, written, "-")


def _unique(name: str, taken: Mapping[str, str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _bare(message: str | None) -> str:
    return (message or "no reason was given").rstrip(".")


def _sentence(text: str) -> str:
    """Return the text with a full stop at its end, if it has none of its own."""
    if text.endswith("\n"):  # it ends with a fence
        return text
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…", "”")) else f"{text}."


_EMBED_WIDTH = 520


def _embed(chart: ChartRequest) -> str:
    """Return the embed of a chart, at a width that is read on a page and on a phone."""
    return f"![[{chart.file}|{_EMBED_WIDTH}]]"
