"""Templates of the package are compiled once; those of a workspace in each run, and nothing of it is ever believed."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import jinja2.compiler
import pytest
from jinja2 import FileSystemLoader

from thesisvault.notes.compiled import CompiledTemplates
from thesisvault.notes.sandbox import Sandbox


class Desk:
    """A folder of templates with a cache of its own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.templates, self.beside = root / "templates", root / "code" / "render.py"
        for folder in (self.templates / "blocks", self.beside.parent / "__pycache__", root / "own"):
            folder.mkdir(parents=True)
        self.beside.write_text("VERSION = 1\n")
        (self.templates / "a.j2").write_text("{% for n in range(3) %}{{ n }}{% endfor %}")
        (self.templates / "blocks" / "b.j2").write_text("{{ 'b' }}")
        self.own = root / "own"
        self.compiled: list[str] = []
        generate = jinja2.compiler.generate
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        monkeypatch.setattr(
            "jinja2.environment.generate",
            lambda *args, **named: (self.compiled.append(args[2]), generate(*args, **named))[1],
        )

    def show(self, name: str, *folders: Path) -> str:
        """Return what a template shows in a run of its own."""
        cache = CompiledTemplates(self.templates, self.beside)
        environment = Sandbox(loader=FileSystemLoader([*folders, self.templates]), bytecode_cache=cache)
        environment.begin()
        return environment.get_template(name).render()

    def kept(self) -> list[Path]:
        return sorted((self.beside.parent / "__pycache__").iterdir())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


@pytest.mark.parametrize(("name", "shown"), [("a.j2", "012"), ("blocks/b.j2", "b")])
def test_a_template_of_the_package_is_compiled_once(desk: Desk, name: str, shown: str) -> None:
    assert [desk.show(name) for _ in range(3)] == [shown] * 3
    assert desk.compiled == [name]


def test_a_change_of_the_template_or_of_what_compiles_it_counts(desk: Desk) -> None:
    desk.show("a.j2")
    (desk.templates / "a.j2").write_text("new")
    assert desk.show("a.j2") == "new"
    desk.beside.write_text("VERSION = 2\n")
    assert desk.show("a.j2") == "new"
    assert desk.compiled == ["a.j2"] * 3


def test_a_template_of_a_workspace_is_compiled_each_time_and_kept_nowhere(desk: Desk) -> None:
    (desk.own / "a.j2").write_text("own")
    assert [desk.show("a.j2", desk.own) for _ in range(2)] == ["own"] * 2
    assert desk.compiled == ["a.j2"] * 2
    assert desk.kept() == []
    assert sorted(path.name for path in desk.own.rglob("*")) == ["a.j2"]


SPOILED = {"cut": lambda body: body[: len(body) // 2], "empty": lambda _body: b"", "other": lambda body: b"x" + body}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_what_is_cut_off_or_broken_is_compiled_anew(desk: Desk, spoil) -> None:
    desk.show("a.j2")
    (kept,) = desk.kept()
    kept.write_bytes(spoil(kept.read_bytes()))
    assert desk.show("a.j2") == "012"
    assert desk.compiled == ["a.j2"] * 2


def test_wherever_it_is_cut_off_it_is_compiled_anew(desk: Desk) -> None:
    desk.show("a.j2")
    (kept,) = desk.kept()
    whole = kept.read_bytes()
    lengths = [*range(120), *range(120, len(whole), 60)]  # what says whether it is of now stands in the first part
    for length in lengths:
        kept.write_bytes(whole[:length])
        assert desk.show("a.j2") == "012"
    assert desk.compiled == ["a.j2"] * (1 + len(lengths))


@pytest.mark.skipif(os.name == "nt", reason="files have other rights there")
@pytest.mark.parametrize("mode", [0o644, 0o664, 0o600])
def test_who_may_read_the_code_may_read_what_was_compiled_of_templates(desk: Desk, mode: int) -> None:
    desk.beside.chmod(mode)
    desk.show("a.j2")
    (kept,) = desk.kept()
    assert stat.S_IMODE(kept.stat().st_mode) == mode


def test_pythons_that_share_the_code_keep_templates_beside_each_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tag in ("cpython-311", "cpython-399", "cpython-311", "cpython-399"):
        monkeypatch.setattr(sys.implementation, "cache_tag", tag)
        assert desk.show("a.j2") == "012"
    assert desk.compiled == ["a.j2"] * 2
    assert len(desk.kept()) == 2


def test_what_cannot_be_put_in_place_leaves_nothing_behind(desk: Desk) -> None:
    desk.show("a.j2")
    (kept,) = desk.kept()
    kept.unlink()
    kept.mkdir()
    assert desk.show("a.j2") == "012"
    assert desk.kept() == [kept]


def test_where_nothing_can_be_kept_a_template_works_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "dont_write_bytecode", True)
        assert desk.show("a.j2") == "012"
        assert desk.kept() == []
    (desk.beside.parent / "__pycache__").rmdir()
    assert desk.show("a.j2") == "012"


def test_the_sandbox_holds_for_what_was_compiled_before(desk: Desk) -> None:
    (desk.templates / "a.j2").write_text(
        "{% for n in range(99999) %}{% for m in range(99999) %}{% endfor %}{% endfor %}"
    )
    for _ in range(2):
        with pytest.raises(Exception, match="it goes on for too long"):
            desk.show("a.j2")
    assert desk.compiled == ["a.j2"]
