"""Whatever a person and the machine do to a workspace, in whatever order: no typed line goes, and the vault is whole.

A state machine over a real workspace on disk. Every line that a person types carries a token of its own, so that the
fate of each can be told: counted before and after a run, it must stand there as often as before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.checklist import check_vault
from tests.marks import REGION
from tests.stories.kills import killed_at
from tests.stories.machines import merged_by_git
from tests.stories.workspaces import CONCEPT, Said, call, make_tiny, tree
from thesisvault.vault.index import scan

MACHINE = settings(
    max_examples=int(os.environ.get("MACHINE_EXAMPLES", "4")),
    stateful_step_count=int(os.environ.get("MACHINE_STEPS", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink] if os.environ.get("MACHINE_SHRINK") else [Phase.generate],
    report_multiple_bugs=False,
)

LINK_TARGET = re.compile(rb"\[\[([^\[\]\n]+)\]\]|\]\([^()\n]*\)")
REGION_BYTES = re.compile(b"^" + REGION.pattern.encode(), re.DOTALL | re.MULTILINE)
TOKEN = re.compile(rb"qz\d{5}z")

# What a person types; each {t} becomes a token of its own.
PIECES = (
    "{t}",
    "{t}  ",
    "\t{t}",
    "- {t}\n- {t}",
    "1. {t}",
    "  - {t}\n\n    {t}",
    "> {t}",
    "> [!note] {t}\n> {t}",
    "> [!quote]- Your edit, kept 2024-06-28\n>\n> ```text\n> {t}\n> ```",
    "| {t} | b |\n| --- | --- |\n| {t} | c |",
    "```\n{t}\n```",
    "```python\n{t}",
    "~~~ {t}",
    "`````",
    "   ```\n{t}",
    "- ```\n  {t}\n  ```",
    "> ```\n> {t}",
    "- ```\n{t}",
    "%% tv:begin mine %%\n\n{t}\n\n%% tv:end mine 12345678 %%",
    "%% tv:begin mine %%\n{t}",
    "%% tv:end mine 12345678 %%",
    "%% tv:begin summary %%",
    "%% tv:end summary 12345678 %%",
    "%% tv: {t}",
    " %% tv:begin summary %% {t}",
    "%% {t} %%",
    "%%",
    "%% {t}",
    "`%% tv:begin claims %%` {t}",
    "---",
    "---\nid: {t}\n---",
    "id: {t}",
    "status: {t}",
    "***",
    "# {t}",
    "{t}\n===",
    "<!-- {t}",
    "<div>\n{t}",
    "$$ {t}",
    "[[{t}]] {t}",
    "![[{t}.png]]",
    "[{t}]({t}.md)",
    "{t}\u2028{t}\u2029",
    "{t}\x85{t}",
    "e\u0301 {t}",
    "\ufeff{t}",
    "{t}\r",
    "\r{t}",
    "{t}\x0b{t}\x0c",
    "{t}\x00{t}",
    "\U0001f4c8 {t} \u202e\u200b",
    "\u00a0{t}",
    "{{{{ {t} }}}}",
    "{{% {t} %}}",
    "",
    "\n\n",
    "    {t}",
    "^{t}",
    "{t} ^block",
)
PROPERTIES = (
    "mood: {t}",
    "mood: '{t}'   # {t}",
    "# {t}",
    "Mine: [{t}, {t}]",
    "mood:\n  - {t}\n  - {t}",
    "text: |\n  {t}\n  {t}",
    "broken: [{t}",
    "\t{t}: a",
    "",
    "aliases: {t}",
    "map: {{a: {t}}}",
    "&a x: {t}",
    "~: {t}",
)
LEFT_ALONE = {"damaged-markers", "broken-properties", "foreign-note"}

SECTIONS = {
    "wide": "  - heading: How wide it is\n    blocks:\n      - text: \"{{ close('BBB') | usd }} is the price.\"\n",
    "trade": "  - heading: The trade so far\n    blocks:\n      - returns: {of: [AAA, BBB, pair], over: [5d, 90d]}\n",
    "chart": "  - heading: In a picture\n    blocks:\n      - chart: {pair: [sell, buy], over: 90d}\n",
    "words": "  - heading: In words\n    blocks:\n      - text: |\n          ```\n          %% tv:begin mine %%\n",
}
THESIS = """\
title: {title}
aliases: [The turn]
tags: [rotation]
opened: 2024-01-03
verdict: "Right leads left by {{{{ spread(buy, sell, 'ytd') | pp }}}}."
summary: Capital leaves [[Aardvark]] for [[Badger]], as the [[Central bank]] wanted; see [[Rotation]].
sell: {{name: Left, hold: [AAA]}}
buy: {{name: Right, hold: [BBB]}}
{sections}related:
  - {{note: rotation, why: the idea}}
sources:
  - {{id: hearsay, title: Overheard, by: "[[Central bank]]"}}
"""
SECOND = "title: Second thesis\nsummary: As [[Aardvark]] has it.\n"
SECOND += "sell: {name: L, hold: [AAA]}\nbuy: {name: R, hold: [BBB]}\n"


class Workspace(RuleBasedStateMachine):
    """One workspace, one person, and now and then a power cut."""

    start: Path | None = None
    steps = 0
    runs = 0
    kills = 0
    machines = 0
    conflicts = 0
    memories_in_conflict = 0

    @initialize()
    def begin(self) -> None:
        if Workspace.start is None:
            Workspace.start = make_tiny(Path(tempfile.mkdtemp()) / "ws")
            (Workspace.start / "data/theses/left-to-right.yaml").write_text(
                THESIS.format(title="Left to right", sections="")
            )
            said = call("build", "-w", Workspace.start, "--offline")
            assert said.status == 0, said
        self.folder = Path(tempfile.mkdtemp())
        self.root = Path(shutil.copytree(Workspace.start, self.folder / "ws"))
        self.vault = self.root / "vault"
        self.typed = 0
        self.have = {"left", "rotation"}
        self.sections = ["trade", "wide"]
        self.title, self.extras = "Left to right", True
        self.memories: list[bytes] = []
        self.vaults: list[Path] = []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.run_build()
            shutil.rmtree(self.folder)

    @invariant()
    def counts(self) -> None:
        Workspace.steps += 1

    # The person --------------------------------------------------------------------------------------------------

    def filled(self, piece: str) -> bytes:
        def token(_: re.Match[str]) -> str:
            self.typed += 1
            return f"qz{self.typed:05}z"

        piece = re.sub(r"\{t\}", token, piece)
        return piece.replace("{{", "{").replace("}}", "}").encode()

    def note(self, k: int) -> Path | None:
        notes = [path for path in sorted(self.vault.rglob("*.md")) if ".trash" not in path.parts]
        return notes[k % len(notes)] if notes else None

    @rule(k=st.integers(0, 9), at=st.integers(0, 80), piece=st.sampled_from(PIECES))
    def types_a_line(self, k: int, at: int, piece: str) -> None:
        path = self.note(k)
        if path is None:
            return
        data = path.read_bytes()
        newline = b"\r\n" if b"\r\n" in data else b"\n"
        lines = data.split(b"\n")
        # At the end of the last line there may be no line's end, and none comes.
        lines.insert(at % (len(lines) + 1), self.filled(piece).replace(b"\n", newline) + newline[:-1])
        path.write_bytes(b"\n".join(lines))

    @rule(k=st.integers(0, 9), at=st.integers(0, 5000), words=st.sampled_from(["{t}", " {t} ", "\n{t}\n", "{t}\n\n"]))
    def types_in_the_middle(self, k: int, at: int, words: str) -> None:
        """Type anywhere: inside words, markers and the targets of links too."""
        path = self.note(k)
        if path is None:
            return
        data = path.read_bytes()
        at %= len(data) + 1
        path.write_bytes(data[:at] + self.filled(words) + data[at:])

    @rule(k=st.integers(0, 9), which=st.integers(0, 30), back=st.integers(0, 9), words=st.sampled_from(["{t}", " {t}"]))
    def types_into_a_target(self, k: int, which: int, back: int, words: str) -> None:
        path = self.note(k)
        links = list(LINK_TARGET.finditer(path.read_bytes())) if path else []
        if path and links:
            data, link = path.read_bytes(), links[which % len(links)]
            at = max(link.start(1), link.end(1) - back)
            path.write_bytes(data[:at] + self.filled(words) + data[at:])

    @rule(k=st.integers(0, 9), at=st.integers(0, 12), piece=st.sampled_from(PROPERTIES))
    def types_a_property(self, k: int, at: int, piece: str) -> None:
        path = self.note(k)
        if path is None:
            return
        lines = path.read_bytes().split(b"\n")
        end = next((n for n, line in enumerate(lines) if n and line.rstrip() == b"---"), 0)
        if end:
            lines.insert(1 + at % end, self.filled(piece))
            path.write_bytes(b"\n".join(lines))

    @rule(k=st.integers(0, 9), of=st.sampled_from(["aliases", "tags"]))
    def adds_to_a_list(self, k: int, of: str) -> None:
        path = self.note(k)
        if path is not None:
            data = path.read_bytes()
            path.write_bytes(data.replace(f"{of}:\n".encode(), f"{of}:\n  - ".encode() + self.filled("{t}\n"), 1))

    @rule(k=st.integers(0, 9), of=st.sampled_from(["id", "kind", "status", "as_of", "asset_kind", "opened", "none"]))
    def changes_a_property_of_ours(self, k: int, of: str) -> None:
        path = self.note(k)
        if path is not None:
            path.write_bytes(
                re.sub(
                    rb"(?m)^%s: .*" % of.encode(),
                    of.encode() + b": " + self.filled("'{t}'"),
                    path.read_bytes(),
                    count=1,
                )
            )

    @rule(k=st.integers(0, 9), at=st.integers(0, 80), count=st.integers(1, 9))
    def deletes_lines(self, k: int, at: int, count: int) -> None:
        path = self.note(k)
        if path is not None:
            lines = path.read_bytes().split(b"\n")
            at %= len(lines)
            del lines[at : at + count]
            path.write_bytes(b"\n".join(lines))

    @rule(k=st.integers(0, 9), which=st.integers(0, 9), how=st.sampled_from(["delete", "top", "bottom", "twice"]))
    def handles_a_region(self, k: int, which: int, how: str) -> None:
        path = self.note(k)
        if path is None:
            return
        data = path.read_bytes()
        found = list(REGION_BYTES.finditer(data))
        if not found:
            return
        here = found[which % len(found)]
        rest = data[: here.start()] + data[here.end() :]
        front = re.match(rb"\A(?:\xef\xbb\xbf)?---\r?\n.*?^---\r?\n", rest, re.DOTALL | re.MULTILINE)
        top = front.end() if front else 0
        path.write_bytes(
            {
                "delete": rest,
                "top": rest[:top] + here[0] + rest[top:],
                "bottom": rest + here[0],
                "twice": data + here[0],
            }[how]
        )

    @rule(k=st.integers(0, 9), how=st.sampled_from(["crlf", "lf", "bom", "no end", "blank end", "bytes", "empty"]))
    def saves_in_another_way(self, k: int, how: str) -> None:
        path = self.note(k)
        if path is None:
            return
        data = path.read_bytes()
        lf = data.replace(b"\r\n", b"\n")
        path.write_bytes(
            {
                "crlf": lf.replace(b"\n", b"\r\n"),
                "lf": lf,
                "bom": b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
                "no end": data.rstrip(b"\r\n"),
                "blank end": data + b"\n\n \n",
                "bytes": data + b"\xff\xfe " + self.filled("{t}") + b"\n",
                "empty": b"",
            }[how]
        )

    @rule(
        k=st.integers(0, 9), to=st.sampled_from(["", "Mine", "Mine/deep"]), name=st.sampled_from(["", "Renamed", "x"])
    )
    def moves_a_note(self, k: int, to: str, name: str) -> None:
        path = self.note(k)
        if path is not None:
            self.put_under(path, self.vault / to / (f"{name} {self.typed}.md" if name else path.name), copy=False)

    @rule(k=st.integers(0, 9))
    def copies_a_note(self, k: int) -> None:
        path = self.note(k)
        if path is not None:
            self.put_under(path, path.with_name(f"{path.stem} 1.md"), copy=True)

    def put_under(self, path: Path, target: Path, *, copy: bool) -> None:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            if not copy:
                path.unlink()

    @rule(k=st.integers(0, 9), how=st.sampled_from(["for good", "to the trash"]))
    def deletes_a_note(self, k: int, how: str) -> None:
        path = self.note(k)
        if path is not None and how == "for good":
            path.unlink()
        elif path is not None:
            self.put_under(path, self.vault / ".trash" / f"{path.stem} by hand {self.typed}.md", copy=False)

    @rule(name=st.sampled_from(["Second thesis", "Central bank", "Own note", "Badger"]), links=st.booleans())
    def writes_a_note(self, name: str, links: bool) -> None:
        path = self.vault / "Own" / f"{name}.md"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(self.filled("{t}\n" + ("[[Left to right]] [[Badger|x]]\n" if links else "")))

    # The memory, and other machines ------------------------------------------------------------------------------

    def memory_text(self) -> str:
        path = self.root / "data/notes.yaml"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @rule()
    def lays_aside_memory_and_vault(self) -> None:
        if self.memory_text():
            self.memories.append(self.memory_text().encode())
            self.vaults.append(Path(shutil.copytree(self.vault, self.folder / f"vault {len(self.vaults)}")))

    @rule(which=st.integers(0, 9), what=st.sampled_from(["older memory", "no memory", "older vault"]))
    def brings_back(self, which: int, what: str) -> None:
        """Have the memory be older than the notes, newer than them, or not there."""
        memory = self.root / "data/notes.yaml"
        if what == "no memory":
            memory.unlink(missing_ok=True)
        elif self.memories and what == "older memory":
            memory.write_bytes(self.memories[which % len(self.memories)])
        elif self.vaults and what == "older vault":
            shutil.rmtree(self.vault)
            shutil.copytree(self.vaults[which % len(self.vaults)], self.vault)

    @rule(
        day=st.sampled_from(["2024-06-28", "2024-06-27", "2024-05-02"]),
        synced=st.booleans(),
        notes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 80), st.sampled_from(PIECES)), max_size=3),
        merged=st.booleans(),
        own=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 80), st.sampled_from(PIECES)), max_size=3),
    )
    def has_another_machine_work(
        self,
        day: str,
        synced: bool,
        notes: list[tuple[int, int, str]],
        merged: bool,
        own: list[tuple[int, int, str]],
    ) -> None:
        """Let another machine build from the same vault, and take its vault over or merge it with one's own."""
        Workspace.machines += 1
        here, other = self.root, Path(shutil.copytree(self.root, self.folder / "other", copy_function=shutil.copy2))
        base = Path(shutil.copytree(self.vault, self.folder / "vault before"))
        memories = [self.memory_text()]
        if not synced:
            (other / "data/notes.yaml").unlink(missing_ok=True)
        self.root, self.vault = other, other / "vault"
        settings_file = other / "thesisvault.yaml"
        settings_file.write_text(re.sub("as_of: .*", f"as_of: {day}", settings_file.read_text()))
        for each in notes:
            self.types_a_line(*each)
        self.run_build()
        theirs = self.memory_text()
        self.root, self.vault = here, here / "vault"
        if merged:
            for each in own:
                self.types_a_line(*each)
            self.run_build()
            self.merge(base, other / "vault", self.vault)
            mine, before = self.memory_text(), memories[0]
            if synced:
                text, _ = merged_by_git(mine.encode(), before.encode(), theirs.encode(), self.folder)
                (self.root / "data/notes.yaml").write_bytes(text)
                Workspace.memories_in_conflict += b"<<<<<<<" in text
        else:
            shutil.rmtree(self.vault)
            shutil.copytree(other / "vault", self.vault)
            if synced:
                (self.root / "data/notes.yaml").write_bytes(theirs.encode())
        shutil.rmtree(other)
        shutil.rmtree(base)
        self.run_build()

    def merge(self, base: Path, other: Path, here: Path) -> None:
        """Merge two vaults as git does, with what both have changed in conflict in the files."""
        found = {path.relative_to(root) for root in (base, other, here) for path in root.rglob("*") if path.is_file()}
        for name in sorted(found):
            mine, theirs, was = (
                (root / name).read_bytes() if (root / name).exists() else None for root in (here, other, base)
            )
            if mine == theirs or theirs == was:
                continue
            if mine == was or mine is None or theirs is None:
                text = theirs if mine == was or mine is None else mine
            elif name.suffix == ".md":
                text, copy = merged_by_git(mine, was or b"", theirs, self.folder)
                Workspace.conflicts += text.count(b"\n<<<<<<< ")
                if copy:
                    (here / name.with_name(f"{name.stem} (theirs {self.typed}).md")).write_bytes(theirs)
            else:
                text = mine
            if text is None:
                (here / name).unlink()
            else:
                (here / name).parent.mkdir(parents=True, exist_ok=True)
                (here / name).write_bytes(text)

    # The definitions ---------------------------------------------------------------------------------------------

    @rule(title=st.sampled_from(["Left to right", "Over to the right", "Second to none"]))
    def changes_the_title(self, title: str) -> None:
        self.title = title

    @rule()
    def changes_what_is_said(self) -> None:
        self.extras = not self.extras

    @rule(names=st.lists(st.sampled_from(sorted(SECTIONS)), unique=True))
    def changes_sections(self, names: list[str]) -> None:
        self.sections = names

    @rule(which=st.sampled_from(["left", "rotation", "second"]))
    def adds_or_removes_a_definition(self, which: str) -> None:
        self.have ^= {which}

    @rule(day=st.sampled_from(["2024-06-28", "2024-06-27", "2024-05-02"]))
    def comes_back_on_another_day(self, day: str) -> None:
        settings_file = self.root / "thesisvault.yaml"
        settings_file.write_text(re.sub("as_of: .*", f"as_of: {day}", settings_file.read_text()))

    def write_definitions(self) -> None:
        sections = "".join(SECTIONS[name] for name in self.sections)
        thesis = THESIS.format(title=self.title, sections=f"sections:\n{sections}" if sections else "")
        concept = CONCEPT
        if not self.extras:
            thesis = re.sub(r"(?m)^(aliases|tags|verdict):.*\n", "", thesis)
        if "rotation" not in self.have:
            thesis = re.sub(r"(?m)^related:\n  .*\n", "", thesis).replace("; see [[Rotation]]", "")
        if "left" not in self.have:
            concept = concept.partition("sections:")[0]
        for key, stem, text in (
            ("left", "left-to-right", thesis),
            ("rotation", "rotation", concept),
            ("second", "second", SECOND),
        ):
            path = self.root / f"data/theses/{stem}.yaml"
            if key not in self.have:
                path.unlink(missing_ok=True)
            elif not path.exists() or path.read_text() != text:
                path.write_text(text)

    # The runs ----------------------------------------------------------------------------------------------------

    @rule()
    def builds(self) -> None:
        self.run_build()

    @rule(name=st.sampled_from(["left-to-right", "rotation", "BBB", "home"]))
    def builds_one_note(self, name: str) -> None:
        if {"left-to-right": "left", "rotation": "rotation"}.get(name, "left") in self.have:
            self.runs_whole("build", name)

    @rule(pick=st.integers(0, 99), k=st.integers(0, 9))
    def lets_a_command_do_it(self, pick: int, k: int) -> None:
        memory = self.memory_text()
        paths = re.findall(r'path: "(.*)"', memory)
        gone = [path for path in paths if not (self.vault / path).exists()]
        regions = [
            f"{path}#{name}"
            for path, names in re.findall(r'path: "(.*)"\n  regions: .*\n  removed: \[(.*)\]', memory)
            for name in re.findall(r'"(.*?)"', names)
        ]
        present = self.note(k)
        words = [("prune",), *(("restore", each) for each in [*gone, *regions])]
        if present is not None:
            words += [("adopt", present.relative_to(self.vault).as_posix())] * 3
        self.runs_whole(*words[pick % len(words)], may_refuse=True)

    @rule(at=st.integers(1, 60))
    def loses_power_in_a_build(self, at: int) -> None:
        self.write_definitions()
        twin = Path(shutil.copytree(self.root, self.folder / "twin", copy_function=shutil.copy2))
        before = self.tokens()
        died = killed_at(at, lambda: call("build", "-w", self.root, "--offline"))
        Workspace.kills += died == -signal.SIGKILL
        now = self.tokens()
        assert all(now[token] >= 1 for token in before), "a line is gone in the middle of a build"
        assert call("build", "-w", self.root, "--offline").status == call("build", "-w", twin, "--offline").status
        besides = ("data/market", "prices")
        assert tree(self.root, besides=besides) == tree(twin, besides=besides)
        shutil.rmtree(twin)
        self.is_whole(call("build", "-w", self.root, "--offline", "--json"), before, {}, full=True)

    def run_build(self) -> None:
        self.runs_whole("build")

    def runs_whole(self, command: str, *words: str, may_refuse: bool = False) -> None:
        """Run a command, and hold it to everything that is promised."""
        Workspace.runs += 1
        self.write_definitions()
        before, bytes_before = self.tokens(), self.files()
        offline = ["--offline"] if command == "build" else []
        said = call(command, *words, "-w", self.root, *offline, "--json")
        if said.status == 2 and may_refuse:
            assert self.files() == bytes_before, said
            return
        assert said.status == 0, said
        self.is_whole(said, before, bytes_before, full=not words and command == "build")

    def tokens(self) -> Counter[bytes]:
        return Counter(token for data in self.files().values() for token in TOKEN.findall(data))

    def files(self) -> dict[str, bytes]:
        paths = (path for path in self.vault.rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def is_whole(self, said: Said, before: Counter[bytes], bytes_before: dict[str, bytes], *, full: bool) -> None:
        report, files, now = json.loads(said.out), self.files(), self.tokens()
        lost = now.keys() ^ before.keys()
        assert not lost, [(name, data) for name, data in bytes_before.items() if lost & {*TOKEN.findall(data)}]
        for token, count in before.items():
            assert 1 <= now[token] <= count, (token, count, now[token])
        changed = {name for name in bytes_before if files.get(name) != bytes_before[name]}
        assert changed <= {*report["written"], *report["removed"]}
        for each in report["findings"]:
            if each["code"] in LEFT_ALONE and bytes_before:
                assert each["path"] not in changed, each
        for name in changed & files.keys():
            self.in_place(name, bytes_before[name], files[name])
        assert not list(self.root.rglob("*.tv-tmp"))
        if not full:
            return
        index = scan(self.vault)
        unclear = {*LEFT_ALONE, "orphaned-note", "merge-conflict"}
        left_alone = {each["path"] for each in report["findings"] if each["code"] in unclear}
        placed = set(re.findall(r'path: "(.*)"', self.memory_text()))
        for note in index.notes:
            # A copy that a person made of a note is theirs, and nobody brings it up to date.
            if f"vault/{note.path}" not in left_alone and note.id and note.path in placed:
                for link in note.links:
                    if link.line in (note.own_lines or ()):
                        assert index.resolve(link.target, note.path), (note.path, link)
        if self.typed % 7 == 1:  # it takes longer than all the rest
            self.is_readable({f"vault/{path}" for path in placed} - left_alone)
        times = {path: path.stat().st_mtime_ns for path in self.vault.rglob("*")}
        again = call("build", "-w", self.root, "--offline", "--json")
        assert again.status == 0, again
        assert json.loads(again.out)["written"] == [], (again, self.difference(files))
        assert {path: path.stat().st_mtime_ns for path in self.vault.rglob("*")} == times

    def difference(self, before: dict[str, bytes]) -> object:
        now = self.files()
        return [(name, before.get(name), now.get(name)) for name in now if now[name] != before.get(name)]

    def is_readable(self, ours: set[str]) -> None:
        """Independent readers find properties and regions in order; faults of a person's own making do not count."""
        for fault in check_vault(self.vault, allowed_tags=frozenset({"rotation"})):
            point, _, rest = fault.partition(": ")
            path = rest.partition(": ")[0]
            if point in ("2", "29") and f"vault/{path}" in ours:
                data = (self.vault / path).read_bytes()
                assert TOKEN.search(data) or b"\r" in data or not data.startswith(b"---"), fault

    def in_order(self, name: str, before: bytes, now: bytes) -> None:
        once = only_once(before) & only_once(now)
        was, is_now = ([token for token in TOKEN.findall(text) if token in once] for text in (before, now))
        assert was == is_now, name

    def in_place(self, name: str, before: bytes, now: bytes) -> None:
        """What was typed into the body of a note stands there letter for letter, and in the same order."""
        old, new = (
            re.sub(rb"\A(?:\xef\xbb\xbf)?---.*?^---", b"", text, flags=re.DOTALL | re.MULTILINE)
            for text in (before, now)
        )
        if b"<<<<<<<" in old:  # of two versions that become one, the words of each stay in their order
            assert {*TOKEN.findall(old)} <= {*TOKEN.findall(new)}, name
            for side in sides(old):
                self.in_order(name, side, new)
            return
        assert only_once(old) <= only_once(new), name
        self.in_order(name, old, new)
        for line in old.split(b"\n"):
            if TOKEN.search(line) and not line.startswith(b"%% tv:"):
                assert line.rstrip(b"\r") in new, (name, line)


def only_once(text: bytes) -> set[bytes]:
    return {token for token, count in Counter(TOKEN.findall(text)).items() if count == 1}


def sides(text: bytes) -> list[bytes]:
    """The two versions of a text with conflicts in it; none where a conflict holds part of another."""
    mine, theirs, now = [], [], "both"
    after = {b"<<<<<<<": ("both", "mine"), b"=======": ("mine", "theirs"), b">>>>>>>": ("theirs", "both")}
    for line in text.split(b"\n"):
        if line[:7] in after:
            wanted, then = after[line[:7]]
            if now != wanted:
                return []
            now = then
        else:
            mine += [line] if now != "theirs" else []
            theirs += [line] if now != "mine" else []
    return [b"\n".join(mine), b"\n".join(theirs)]


def test_no_line_of_a_person_goes_whatever_happens() -> None:
    if MACHINE.derandomize:  # the same steps each time, and such that hold conflicts, other machines and power cuts
        seed(int(os.environ.get("MACHINE_SEED", "3")))(Workspace)
    run_state_machine_as_test(Workspace, settings=MACHINE)
    said = f"{Workspace.steps} steps, {Workspace.runs} runs, {Workspace.kills} of them killed; "
    said += f"{Workspace.machines} times another machine, {Workspace.conflicts} conflicts in notes, "
    print(f"{said}{Workspace.memories_in_conflict} memories in conflict")  # noqa: T201
