"""The README says what the code does: its tables, its example, its commands and its files."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest

from tests.docs import tables
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
from thesisvault.definitions.models.settings import CsvFolder, Refresh, Settings
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.definitions.reading.validate import validate
from thesisvault.errors import ThesisvaultError
from thesisvault.language.parse import parse_text
from thesisvault.model import Model
from thesisvault.runs.init import make_demo, schemas
from thesisvault.runs.run import run_workspace
from thesisvault.scalars import parse_window
from thesisvault.session import Session

ADD_IT = f"add the example in tests/docs/tables.py, then run {tables.COMMAND}"
NOW = dt.datetime(2026, 2, 28, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def readme() -> str:
    return tables.README.read_text("utf-8")


def fence_after(readme: str, marker: str) -> str:
    found = re.search(rf"<!-- example: {re.escape(marker)} -->\n+```[a-z]*\n(.*?)```", readme, re.DOTALL)
    assert found, f"README.md has no example after the comment {marker!r}"
    return found[1]


def wrong_with(model: type[Model], text: str) -> list[str]:
    tree, broken = parse_tree(text, "example.yaml")
    assert tree is not None, broken
    return [str(finding) for finding in validate(model, tree)[1]]


# Tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", tables.TABLES)
def test_the_table_says_what_the_code_says(name: str, readme: str) -> None:
    there = tables.placed(readme)
    assert name in there, f'README.md lacks "<!-- table: {name} -->" with "<!-- end of table -->" below it'
    assert there[name] == tables.TABLES[name](), f"README.md lags; renew its tables: {tables.COMMAND}"


def test_every_table_in_the_readme_is_known(readme: str) -> None:
    names = re.findall(r"<!-- table: (\S+) -->", readme)
    assert sorted(names) == sorted(tables.TABLES)


def test_every_kind_of_block_has_an_example_and_no_other_has() -> None:
    assert sorted(tables.BLOCKS) == sorted(tables.KINDS), ADD_IT


@pytest.mark.parametrize("kind", sorted(tables.BLOCKS))
def test_the_example_of_a_block_is_understood(kind: str) -> None:
    text = f"title: X\nsections:\n  - heading: Y\n    blocks:\n      - {tables.BLOCKS[kind]}\n"
    assert tables.BLOCKS[kind].startswith(f"{kind}:")
    assert wrong_with(Thesis, text) == []


@pytest.mark.parametrize(
    ("model", "examples"),
    [
        (Thesis, tables.THESIS),
        (InstrumentDefinition, tables.INSTRUMENT),
        (Entity, tables.ENTITY),
        (BasketDefinition, tables.BASKET),
        (EpisodeDefinition, tables.EPISODE),
        (Settings, tables.SETTINGS),
        (Refresh, tables.REFRESH),
        (CsvFolder, tables.CSV),
    ],
)
def test_the_examples_of_keys_are_understood(model: type[Model], examples: dict[str, str]) -> None:
    assert list(examples) == list(model.model_fields), ADD_IT
    first = {"kind": {Thesis: "thesis", InstrumentDefinition: "etf", Entity: "idea"}.get(model, "")}
    lines = [f"{key}: {example or first.get(key, '')}" for key, example in examples.items() if example or key in first]
    assert wrong_with(model, "\n".join(lines)) == []


def test_the_blocks_that_need_no_key_inside_are_named(readme: str) -> None:
    short = [f"`{kind}`" for kind, model in sorted(tables.KINDS.items()) if model.shorthand]
    assert f"{', '.join(short[:-1])} and {short[-1]} need no key inside" in readme


def test_every_form_of_a_window_is_named() -> None:
    named = {parse_window(example).kind for examples, _ in tables.WINDOWS for example in examples}
    assert named == {"sessions", "calendar", "to_date", "period", "since", "range", "max"}


def test_every_status_that_an_error_ends_with_is_documented() -> None:
    errors, found = [ThesisvaultError], set()
    while errors:
        error = errors.pop()
        found.add(error.exit_status)
        errors += error.__subclasses__()
    assert found <= set(tables.exit_statuses())


# Words ------------------------------------------------------------------------------------------------------------


def test_every_command_in_a_sentence_exists(readme: str) -> None:
    known = tables.command_line().commands
    named = re.findall(
        r"thesisvault ([a-z]+)\b([^`\n#]*)", "\n".join(re.findall(r"`[^`]+`|```.*?```", readme, re.DOTALL))
    )
    assert named
    for command, rest in named:
        assert command in known
        options = {name for parameter in known[command].params for name in parameter.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= options, f"thesisvault {command}{rest}"


def test_every_target_of_make_is_named_and_exists(readme: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - {"help"}
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", readme, re.MULTILINE)) == targets


def test_the_day_of_this_repository_s_own_vault_is_that_of_make(readme: str, root: Path) -> None:
    day = re.search(r"^AS_OF := (\S+)$", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert day
    assert f"builds `vault/` as of {day[1]}" in readme


def test_every_file_that_is_linked_exists(readme: str, root: Path) -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme)
    # A checkout that was not built yet, or a source archive, has no vault and so no picture of it.
    wanted = [name for name in linked if not name.startswith("vault/") or (root / "vault" / "Home.md").exists()]
    assert [name for name in wanted if not (root / name).exists()] == []


def test_every_schema_is_named(readme: str) -> None:
    assert [name for name in schemas() if name not in readme] == []


def test_the_layers_are_those_that_the_contract_holds(readme: str, root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = [re.findall(r"\w+", line) for line in contract if line != "(__main__)"]
    section = readme.partition("## For contributors")[2].partition("\n## ")[0]
    shown = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in section.splitlines() if line.startswith("| `")]
    assert shown[: len(layers)] == layers


def test_every_live_expression_in_the_readme_is_understood(readme: str) -> None:
    found = re.findall(r"\{\{ [^{}]+? \}\}", readme.replace("\\|", "|"))
    expressions = [text for text in found if text != "{{ ... }}"]
    assert expressions
    for text in expressions:
        parse_text(text)


# The example ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(readme: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The note of the README's own thesis, made as the README says."""
    workspace = make_demo(tmp_path_factory.mktemp("readme") / "demo")
    thesis = workspace / "data" / "theses" / "chips-to-oil.yaml"
    thesis.write_text(fence_after(readme, "the thesis"), "utf-8")
    run_workspace(Session(workspace, NOW), as_of=None, offline=True)
    return (workspace / "vault" / "Theses" / "Chips to oil.md").read_text("utf-8")


def test_the_example_gives_the_note_that_is_shown(readme: str, built: str) -> None:
    assert fence_after(readme, "the top of its note") in built


def test_the_claim_that_does_not_hold_is_shown_as_in_the_note(readme: str, built: str) -> None:
    assert fence_after(readme, "its claims") in built
