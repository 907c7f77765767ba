"""Views in, notes out: Jinja templates in a sandbox, one a kind of note and one a kind of block.

A workspace's own template wins over the packaged one of the same name. What a template writes between
`{% call region("name") %}` and `{% endcall %}` becomes a region; anything it writes outside is an error, because only
regions may be written again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from thesisvault.blocks.core.filled import ChartRequest, Filled
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.notes import escape
from thesisvault.notes.markdown import Links, Writer, callout, squeezed
from thesisvault.notes.names import slug


@dataclass(frozen=True)
class Rendered:
    """The regions of a note, in the order of its template."""

    regions: tuple[tuple[str, str], ...]


class Renderer:
    """Renders notes with the templates of a workspace.

    Args:
        folders: Where templates lie; earlier folders win.
        shown: How a template's path is shown in messages.
    """

    def __init__(self, folders: Iterable[Path], shown: Callable[[Path], str]) -> None:
        self._folders = tuple(folders)
        self._shown = shown
        self._jinja = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self._folders]),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )

    def render(self, template: str, view: Mapping[str, Any], links: Links, tags: Iterable[str] = ()) -> Rendered:
        """Return the regions of a note.

        Raises:
            DefinitionError: The template is broken, asks for something that is not there, or writes outside regions.
        """
        writer = Writer(links, frozenset(tags))
        regions: dict[str, str] = {}
        said: set[str] = set()

        def region(name: str, caller: Callable[[], str]) -> str:
            said.clear()
            body = squeezed(caller())
            if body:
                regions[self._unique(slug(name) or "region", regions)] = body
            return ""

        def block(filled: Filled) -> str:
            inner = self._jinja.get_template(f"blocks/{filled.kind}.md.j2").render(**{**tools, "block": filled})
            # A remark on data stands once in a region, under the first block that it is true of.
            small = [line for line in map(writer.text, filled.lines) if line not in said]
            said.update(small)
            lines = "\n\n".join(small)
            return squeezed(f"{inner}\n\n{lines}" if lines else inner)

        def blocks(several: Iterable[Filled]) -> str:
            return "\n\n".join(filter(None, (block(each) for each in several)))

        tools: dict[str, Any] = {
            "region": region,
            "block": block,
            "blocks": blocks,
            "md": writer.text,
            "cell": lambda text: writer.text(text, table=True),
            "table": writer.table,
            "lines": writer.lines,
            "embed": _embed,
            "callout": callout,
            "sentence": lambda text: _sentence(writer.text(text)),
            "plain": escape.prose,
            "heading": escape.heading,
            "link": links.wikilink,
        }
        outside = self._run(template, view, tools)
        if outside.strip():
            found = " ".join(outside.split())[:60]
            raise DefinitionError(
                Finding(
                    f'"{found}" stands outside every region; write it inside {{% call region("...") %}}.',
                    self._place(template),
                )
            )
        return Rendered(tuple(regions.items()))

    @staticmethod
    def _unique(name: str, taken: Mapping[str, str]) -> str:
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        return free

    def _run(self, template: str, view: Mapping[str, Any], tools: Mapping[str, Any]) -> str:
        try:
            return self._jinja.get_template(template).render(**view, **tools)
        except TemplateSyntaxError as problem:
            name = problem.name or template
            raise DefinitionError(
                Finding(f"the template cannot be read: {_bare(problem.message)}.", self._place(name, problem.lineno))
            ) from None
        except TemplateNotFound as problem:
            raise DefinitionError(Finding(f"there is no template {problem.name}.", self._place(template))) from None
        except SecurityError as problem:
            raise DefinitionError(
                Finding(
                    f"the template does what a template may not: {problem}.",
                    self._place(*self._where(problem, template)),
                )
            ) from None
        except TemplateError as problem:
            raise DefinitionError(
                Finding(f"the template fails: {_bare(problem.message)}.", self._place(*self._where(problem, template)))
            ) from None
        except RecursionError:
            problem_text = "the template includes itself, or nests too deeply."
            raise DefinitionError(Finding(problem_text, self._place(template))) from None
        except UnicodeDecodeError:
            raise DefinitionError(Finding("the template is not UTF-8 text.", self._place(template))) from None
        except (TypeError, ValueError, KeyError, AttributeError, ZeroDivisionError, OverflowError) as problem:
            place = self._where(problem, template)
            if place[1] == 0:
                raise
            raise DefinitionError(Finding(f"the template fails: {problem}.", self._place(*place))) from None

    def _where(self, problem: BaseException, template: str) -> tuple[str, int]:
        """Return template and line of the innermost frame that belongs to a template."""
        found = (template, 0)
        trace = problem.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name.endswith(".j2"):
                found = (self._relative(Path(name)), trace.tb_lineno)
            trace = trace.tb_next
        return found

    def _relative(self, path: Path) -> str:
        for folder in self._folders:
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return path.name

    def _place(self, template: str, line: int = 0) -> Place:
        for folder in self._folders:
            if (folder / template).is_file():
                return Place(self._shown(folder / template), line)
        return Place(f"templates/{template}", line)


def _bare(message: str | None) -> str:
    return (message or "no reason was given").rstrip(".")


def _sentence(text: str) -> str:
    """Return the text with a full stop at its end, if it has none of its own."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…", "”")) else f"{text}."


def _embed(chart: ChartRequest, width: int | None = None, *, table: bool = False) -> str:
    """Return the embed of a picture."""
    if width is None:
        return f"![[{chart.file}]]"
    return f"![[{chart.file}{chr(92) if table else ''}|{width}]]"
