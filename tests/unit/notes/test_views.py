from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, charts_in, head, say
from thesisvault.errors import DefinitionError
from thesisvault.language.text import Figure
from thesisvault.language.values import Number
from thesisvault.notes import views
from thesisvault.notes.links import LinkTable
from thesisvault.notes.properties.reading import read, split
from thesisvault.notes.render import Renderer
from thesisvault.notes.views import EntityView, GroupView, HomeView, NoteView, SectionView
from thesisvault.workspace import packaged

DAY, ONE = dt.date(2026, 2, 27), dt.timedelta(days=1)
KINDS = [each for each in vars(views).values() if isinstance(each, type) and issubclass(each, NoteView)]
KINDS.remove(NoteView)
COMMON = set(NoteView.__struct_fields__)
TEMPLATES = packaged("templates")


def renderer(*folders: Path) -> Renderer:
    return Renderer([*folders, TEMPLATES], lambda path: path.name)


def entity(**changed: object) -> EntityView:
    given = {"id": "entity/x", "title": "Xi", "what": ("A firm.",), "standing": say("Firm"), "where": ()}
    return EntityView(**{**given, **changed})


def fields_read(template: str) -> set[str]:
    """Return the fields of the note that a template and those that it extends read, in any branch."""
    tree = jinja2.Environment(trim_blocks=True).parse((TEMPLATES / template).read_text("utf-8"))
    found = {
        each.attr
        for each in tree.find_all(nodes.Getattr)
        if isinstance(each.node, nodes.Name) and each.node.name == "note"
    }
    for parent in tree.find_all(nodes.Extends):
        found |= fields_read(parent.template.value)
    return found


def test_every_kind_has_one_template_and_every_template_one_kind():
    assert sorted(kind.template.fget(kind) for kind in KINDS) == sorted(path.name for path in TEMPLATES.glob("*.j2"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_template_reads_all_fields_of_its_view_and_no_others(kind):
    read_fields = fields_read(f"{kind.kind}.md.j2")
    known = set(kind.__struct_fields__)
    assert read_fields <= known
    assert known - COMMON <= read_fields


def test_every_property_in_the_vault_is_known_to_its_kind_as_the_generators(root):
    by_kind = {kind.kind: kind for kind in KINDS}
    met = set()
    for path in (root / "vault").rglob("*.md"):
        values = read(split(path.read_text("utf-8"))[0]).values
        met.add(values["kind"])
        # The property of a spread carries its window.
        further = {key for key in values if not re.fullmatch(r"spread_\w+_pp", key)}
        assert further <= by_kind[values["kind"]].keys, path.name
    assert met == by_kind.keys()


def test_a_new_kind_of_note_is_one_view_and_one_template(tmp_path):
    class SessionView(NoteView, frozen=True, kw_only=True):
        kind = "session"
        folder = "Sessions"
        moves: Table

    (tmp_path / "session.md.j2").write_text(
        '{% call region("moves") %}\n# {{ heading(note.title) }}\n\n{{ table(note.moves) }}\n{% endcall %}\n'
    )
    table = Table(head("Who", "Move"), ((("Oil",), say("+3%")),))
    view = SessionView(id="session/1", title="Market", aliases=("M",), further={"moved": 1}, moves=table)
    assert renderer(tmp_path).render(view, LinkTable({})) == (
        ("moves", "# Market\n\n| Who | Move |\n| --- | ---- |\n| Oil | +3%  |"),
    )
    assert view.properties == {"id": "session/1", "kind": "session", "aliases": ["M"], "moved": 1}
    assert view.shown == ("Market", table)


def test_a_view_without_a_template_is_told_which_one_it_lacks():
    class LostView(NoteView, frozen=True, kw_only=True):
        kind = "lost"
        folder = ""

    with pytest.raises(DefinitionError, match=r"there is no template lost\.md\.j2"):
        renderer().render(LostView(id="x", title="X"), LinkTable({}))


def test_the_nearer_folder_wins_for_notes_and_for_what_they_extend(tmp_path):
    (tmp_path / "entity.md.j2").write_text('{% call region("mine") %}{{ note.id }}{% endcall %}')
    assert renderer(tmp_path).render(entity(), LinkTable({})) == (("mine", "entity/x"),)
    (tmp_path / "entity.md.j2").unlink()
    assert dict(renderer(tmp_path).render(entity(), LinkTable({})))["summary"].startswith("# Xi\n\nA firm.")


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("{{ note.wat }}", 2, 'no field "wat" (did you mean "what"?)'),
        ("{% if note.colour %}x{% endif %}", 2, 'no field "colour"'),
        ("\n{% include 'gone.md.j2' %}", 3, "there is no template gone.md.j2"),
        ("{{ block(filled) }}", 2, "'filled' is undefined"),
    ],
)
def test_a_broken_template_is_reported_with_file_and_line(tmp_path, body, line, said):
    (tmp_path / "entity.md.j2").write_text('{% call region("summary") %}\n' + body + "\n{% endcall %}\n")
    with pytest.raises(DefinitionError) as caught:
        renderer(tmp_path).render(entity(), LinkTable({}))
    finding = caught.value.findings[0]
    assert (finding.place.path, finding.place.line) == ("entity.md.j2", line)
    assert said in finding.problem


def test_a_broken_template_of_a_block_is_reported_at_its_own_place(tmp_path):
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "text.md.j2").write_text("\n{{ block.txet }}\n")
    (tmp_path / "entity.md.j2").write_text('{% call region("x") %}{{ block(note.where) }}{% endcall %}')
    with pytest.raises(DefinitionError, match="txet") as caught:
        renderer(tmp_path).render(entity(where=Filled("text", {"text": ("x",)})), LinkTable({}))
    assert (caught.value.findings[0].place.path, caught.value.findings[0].place.line) == ("text.md.j2", 2)


def test_charts_and_stale_series_are_found_wherever_a_view_shows_them():
    chart = ChartRequest("chart-a.png", chart=None, recipe="", as_of=DAY)
    old, older = (Figure("1", Number(1.0, "number", day, stale=(("OIL", day),))) for day in (DAY, DAY - ONE))
    group = GroupView("assets", "Assets", ("See ", older), "")
    home = {"standing": (old,), "stale_title": "", "theses": None, "lines": (), "groups": (group,)}
    view = HomeView(id="home", title="Home", **home)
    assert view.stale_series == {"OIL": DAY - ONE}
    assert entity(what=(old,)).stale_series == {"OIL": DAY}
    assert entity(stale=(old,)).stale_series == {}
    section = SectionView("x", "X", fold=False, blocks=(Filled("chart", {"chart": chart}, (chart,)),))
    assert charts_in(section) == (chart,)
    assert view.charts == ()
