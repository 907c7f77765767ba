"""A workspace that is edited in every way, and built both ways after each edit: as it is kept, and anew."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.stories.edits import FURTHER
from tests.stories.edits_of_notes import OF_NOTES
from tests.stories.edits_of_theses import OF_THESES
from tests.stories.workspaces import FILES, Said, call, make_tiny
from thesisvault.runs.engine.kept import FILE

EPISODE = """\
turn:
  title: The turn of 2023
  start: 2023-03-01
  end: 2023-09-29
  sell: {name: Left then, hold: [AAA]}
  buy: {name: Right then, hold: [BBB]}
  what: "Badger {{ ret('BBB', '2023-03-01..2023-09-29') | pct }} then."
"""
MORE = {
    "data/episodes.yaml": EPISODE,
    "data/instruments.yaml": FILES["data/instruments.yaml"]
    + "EUR1: {name: Euro firm, kind: stock, currency: EUR, what: \"Made in Europe: {{ ret('EUR1', '1y') | pct }}.\"}\n"
    + "EURUSD=X: {name: Euro in dollars, kind: currency}\n"
    + "OLD: {name: Old badger, kind: stock, renamed_to: BBB}\n",
    "data/theses/europe.yaml": (
        "title: Europe against home\ncurrency: USD\nopened: 2024-02-01\n"
        "buy: {hold: [EUR1, AAA]}\nsell: {hold: [MKT]}\n"
        "summary: >\n  The euro firm {{ ret('EUR1', 'ytd') | pct }}, {{ spread(buy, sell, 'ytd') | pp }} in dollars,"
        " beside [[Left to right]].\n"
        "claims:\n"
        "  - {says: It leads, check: \"spread('BBB', 'MKT', 'ytd')\", at_least: 1pp, on: 2024-06-28, source: heard}\n"
        "  - {says: Both of them gain, check: \"ret('pair', 'ytd')\", expect: 10%, source: heard}\n"
        '  - {says: Europe leads, check: "spread(buy, sell, over)", at_least: 0pp, source: told}\n'
        "sources:\n"
        '  - {id: heard, title: Heard, by: "[[Central bank]], [[Badger]]", on: 2024-06-20}\n'
        "  - {id: told, title: Told, by: somebody}\n"
        "sections:\n  - heading: Then\n    blocks:\n      - episodes: {of: [turn]}\n"
        "      - breadth: {universe: three, over: [ytd]}\n"
    ),
    "data/theses/wide.yaml": (
        "title: All of it\nbuy: {name: Many, hold: [AAA, BBB]}\nsell: {hold: [pair]}\n"
        "summary: >\n  Worth {{ fund('AAA', 'forward_pe') }}, together {{ mean_corr('pair', '60d') | num(2) }}.\n"
        "sections:\n  - heading: Inside\n    blocks:\n      - constituents: {of: pair}\n"
        "      - chart: {correlation: pair, over: 90d}\n      - chart: {lines: [pair, AAA, MKT], over: 60d}\n"
        "      - compare: {of: [europe], rows: [sell, buy]}\n"
    ),
}


class World:
    """A workspace that is edited in every way, and built both ways after each edit."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.root, self.chance, self.told = make_tiny(folder / "ws"), chance, [""]
        self.count = 0
        self.ended: Counter[int] = Counter()
        for name, text in MORE.items():
            self.write(name, text)
        self.write("data/universes/three.txt", "AAA BBB MKT GAP NEW\n")
        for ticker in ("EUR1", "EURUSD=X", "OLD"):
            source = (self.root / "prices/AAA.csv").read_text()
            self.write(f"prices/{ticker}.csv", source if ticker == "EUR1" else re.sub(r",\d+", ",1", source))
        said = call("refresh", "-w", self.root)
        assert said.status == 0, said

    # Editing -----------------------------------------------------------------------------------------------------

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        if (self.root / name).exists():
            self.write(name, re.sub(old, lambda _: new, self.read(name), count=1))

    def word(self) -> str:
        self.count += 1
        return f"word{self.count}"

    def typed(self) -> str:
        """Return a new word that somebody types into a note; it is never to go."""
        return f"typed{self.word()}"

    def notes(self) -> list[Path]:
        return sorted(path for path in (self.root / "vault").rglob("*.md") if ".trash" not in path.parts)

    def edits_a_thesis(self) -> None:
        name = self.chance.choice(["left-to-right", "rotation", "europe"])
        window = self.chance.choice(["ytd", "1y", "90d", "5d"])
        what, new = self.chance.choice(
            [
                (
                    r"summary: .*",
                    f"summary: \"Now {self.word()}: {{{{ ret('BBB', '{window}') | pct }}}}, [[Aardvark]].\"",
                ),
                (r"title: .*", f"title: {self.chance.choice(['Right to left', 'Badger', 'Market', self.word()])}"),
                (r"'\d+d'", f"'{self.chance.randint(2, 99)}d'"),
                (r"over: \w+", f"over: {window}"),
                (r"\n", f"\naliases: [{self.word()}]\n"),
            ]
        )
        text = self.read(f"data/theses/{name}.yaml") if (self.root / f"data/theses/{name}.yaml").exists() else ""
        if not ("aliases: " in new and "aliases:" in text):
            self.replace(f"data/theses/{name}.yaml", what, new)

    def edits_an_instrument(self) -> None:
        ticker = self.chance.choice(["AAA", "BBB", "MKT", "GAP", "NEW", "EUR1"])
        what, new = self.chance.choice(
            [
                (rf"(?m)^{ticker}: {{name: [^,]*", f"{ticker}: {{name: {self.word().capitalize()}"),
                (rf"(?m)^{ticker}: {{", f"{ticker}: {{sector: {self.word()}, "),
                (rf"(?m)^{ticker}: {{(?!.*(of|versus|sector_fund|sector):)", f"{ticker}: {{{self._compared(ticker)}, "),
                (r"short: \w+", f"short: {self.word()}"),
                (r"what: \w+", f"what: {self.word()}"),
                (r"currency: \w+", self.chance.choice(["currency: EUR", "currency: USD"])),
            ]
        )
        if not ("sector" in new and f"{ticker}: {{sector" in self.read("data/instruments.yaml")):
            self.replace("data/instruments.yaml", what, new)

    def _compared(self, ticker: str) -> str:
        other = self.chance.choice([each for each in ("AAA", "BBB", "MKT", "NEW") if each != ticker])
        is_fund = "sector_fund" not in self.read("data/instruments.yaml") and self.chance.random() < 0.5
        return self.chance.choice(
            [f"of: [{other}]", f"versus: {other}", f"sector: Tools, sector_fund: {str(is_fund).lower()}"]
        )

    def adds_an_instrument(self) -> None:
        ticker = f"N{self.count}X"
        self.count += 1
        self.write(
            "data/instruments.yaml",
            self.read("data/instruments.yaml") + f"{ticker}: {{name: {self.word()}, kind: etf}}\n",
        )

    def edits_what_is_shared(self) -> None:
        name, text = self.chance.choice(
            [
                ("data/baskets/pair.yaml", f"title: The pair\nshort: {self.word()}\nmembers: [BBB, AAA]\n"),
                ("data/baskets/pair.yaml", "title: The pair\nmembers: {AAA: 30%, MKT: 70%}\n"),
                ("data/baskets/pair.yaml", "title: Both of them\nmembers: [AAA, BBB, GAP]\n"),
                ("data/universes/three.txt", "AAA BBB MKT GAP\n"),
                ("data/universes/three.txt", "AAA MKT\n"),
                ("data/entities.yaml", f"bank: {{name: Central bank, kind: institution, what: {self.word()}.}}\n"),
                ("data/entities.yaml", "bank: {name: The bank, aliases: [Central bank], kind: institution}\n"),
                (
                    "data/episodes.yaml",
                    EPISODE.replace("2023-09-29", self.chance.choice(["2023-08-31", "2023-10-31"])),
                ),
                ("data/episodes.yaml", EPISODE.replace("Left then", self.word())),
            ]
        )
        self.write(name, text)

    def makes_or_deletes_a_definition(self) -> None:
        name = self.chance.choice(["gap", "europe", "rotation"])
        path = self.root / f"data/theses/{name}.yaml"
        if path.exists():
            path.unlink()
            for other in sorted((self.root / "data/theses").glob("*.yaml")):
                other.write_text(
                    re.sub(r"related:\n(?:  - .*\n)*", "", other.read_text()).replace("[[Rotation]]", "it")
                )
        else:
            texts = {**FILES, **MORE}
            gap = (
                f"title: The gap {self.word()}\nbuy: {{hold: [GAP]}}\nsell: {{hold: [MKT]}}\nsummary: x [[Newcomer]]\n"
            )
            self.write(f"data/theses/{name}.yaml", texts.get(f"data/theses/{name}.yaml", gap))

    def corrects_a_price(self) -> None:
        ticker = self.chance.choice(["AAA", "BBB", "MKT", "GAP", "NEW", "EUR1", "EURUSD=X"])
        lines = self.read(f"prices/{ticker}.csv").splitlines()
        line = self.chance.randint(1, len(lines) - 1)
        day, _, close = lines[line].partition(",")
        lines[line] = f"{day},{float(close) * self.chance.choice([1.001, 0.99, 1.01]):.2f}"
        self.write(f"prices/{ticker}.csv", "\n".join([*lines, ""]))
        call("refresh", "-w", self.root)

    def edits_a_template(self) -> None:
        path = self.root / "templates/entity.md.j2"
        if path.exists() and self.chance.random() < 0.5:
            path.unlink()
        else:
            body = '{% call region("summary") %}# {{ note.title }}\n\n' + self.word() + "\n{% endcall %}\n"
            self.write("templates/entity.md.j2", body)

    def changes_a_setting(self) -> None:
        old, new = self.chance.choice(
            [
                (r"benchmark: \w+", f"benchmark: {self.chance.choice(['MKT', 'AAA'])}"),
                (r"as_of: .*", f"as_of: {self.chance.choice(['2024-06-28', '2024-06-27', '2024-03-28'])}"),
                (r"\Z|home_currency: \w+\n", f"home_currency: {self.chance.choice(['USD', 'EUR'])}\n"),
            ]
        )
        if old.startswith(r"\Z"):
            text = re.sub(r"home_currency: \w+\n", "", self.read("thesisvault.yaml"))
            self.write("thesisvault.yaml", text + new)
        else:
            self.replace("thesisvault.yaml", old, new)

    def writes_a_note_of_ones_own(self) -> None:
        name = self.chance.choice(["Aardvark", "Mine/Badger", "Central bank", "BBB", "Some thoughts", "Rotation"])
        path = self.root / f"vault/Own/{name}.md"
        if path.exists():
            path.unlink()
        else:
            alias = self.chance.choice(["Market", "AAA", "The pair", self.word()])
            self.write(f"vault/Own/{name}.md", f"---\naliases: [{alias}]\n---\nWords.\n")

    def writes_into_one_of_ours(self) -> None:
        if notes := self.notes():
            path = self.chance.choice(notes)
            lines = path.read_text().split("\n")
            lines.insert(self.chance.randint(0, len(lines)), self.word())
            path.write_text("\n".join(lines))

    def moves_or_deletes_one_of_ours(self) -> None:
        if notes := [note for note in self.notes() if "Own" not in note.parts]:
            path = self.chance.choice(notes)
            if self.chance.random() < 0.4:
                path.unlink()
            else:
                target = path.with_name(f"{path.stem} {self.word()}.md") if self.chance.random() < 0.5 else None
                target = target or self.root / "vault/Moved" / path.name
                target.parent.mkdir(exist_ok=True)
                path.rename(target)

    def loses_a_picture(self) -> None:
        if pictures := sorted((self.root / "vault/attachments").glob("*.png")):
            self.chance.choice(pictures).unlink()

    def loses_or_spoils_what_was_kept(self) -> None:
        files = (
            FILE,
            "made.seal",
            "checked.json",
            "checked.seal",
            "notes.json",
            "definitions.kept",
            "memory.kept",
            "series.map",
        )
        kept = self.root / ".thesisvault" / self.chance.choice(files)
        if kept.exists():
            data = kept.read_bytes()
            how = self.chance.randint(0, 2)
            if how == 0:
                kept.unlink()
            else:
                kept.write_bytes(data[: len(data) // 2] if how == 1 else data.replace(b"AAA", b"BBB"))

    EDITS: tuple[Callable[[World], None], ...] = (
        *(edits_a_thesis, edits_an_instrument, adds_an_instrument, edits_what_is_shared),
        *(makes_or_deletes_a_definition, corrects_a_price, edits_a_template, changes_a_setting),
        *(writes_a_note_of_ones_own, writes_into_one_of_ours, moves_or_deletes_one_of_ours, loses_a_picture),
        *(loses_or_spoils_what_was_kept, edits_a_thesis, corrects_a_price, edits_an_instrument),
        *FURTHER,
        *OF_THESES,
        *OF_NOTES,
    )

    def edit(self) -> None:
        each = self.chance.choice(self.EDITS)
        self.told.append(each.__name__)
        each(self)

    # Building ----------------------------------------------------------------------------------------------------

    def build_both_ways(self) -> Said:
        """Build what is kept and what is not, and compare all that came of it."""
        clean = self.root.with_name("clean")
        shutil.rmtree(clean, ignore_errors=True)
        shutil.copytree(self.root, clean)
        typed = self.typed_words()
        said, wanted = (
            call("build", *words, "--offline", "--json", "-w", root)
            for root, words in ((self.root, ()), (clean, ("--clean",)))
        )
        # Why something was written only that run can tell which knows what was before.
        found, clear = (
            {**json.loads(each.out or "{}"), "reasons": None} for each in (said, named(wanted, clean, self.root))
        )
        assert (said.status, found, said.err) == (wanted.status, clear, named(wanted, clean, self.root).err), self.told
        ours, theirs = files(self.root), files(clean)
        others = {name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)}
        assert not others, self.told
        assert typed <= self.typed_words(), self.told
        if said.status == 0:
            again = json.loads(call("build", "--offline", "--json", "-w", self.root).out)
            assert again["written"] == [], self.told
        self.ended[said.status] += 1
        return said

    def typed_words(self) -> set[str]:
        """Return the words of a person's that stand in any note."""
        texts = (path.read_bytes().decode(errors="replace") for path in (self.root / "vault").rglob("*.md"))
        return {word for text in texts for word in re.findall(r"typedword\d+", text)}

    def check_both_ways(self) -> None:
        """Check with what is kept and without, and compare what was found."""
        cold = self.copied("cold")
        said, wanted = (call("check", "--json", "-w", root) for root in (self.root, cold))
        assert said == named(wanted, cold, self.root), self.told

    def copied(self, name: str) -> Path:
        """Return a copy of the workspace without anything that was kept of what notes are made from."""
        copy = self.root.with_name(name)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.root, copy)
        for path in (copy / ".thesisvault").glob("*"):
            if path.is_file() and path.name != "run.json":
                path.unlink()
        return copy

    def mend(self, sound: Path) -> None:
        """Have the definitions, templates and settings back that could be built."""
        for name in ("data", "templates", "thesisvault.yaml"):
            now, then = self.root / name, sound / name
            for path in sorted(now.rglob("*")) if now.is_dir() else [now]:
                if path.is_file() and "market" not in path.parts and path.name != "notes.yaml":
                    path.unlink()
            for path in sorted(then.rglob("*")) if then.is_dir() else [then]:
                if path.is_file() and "market" not in path.parts and path.name != "notes.yaml":
                    target = self.root / path.relative_to(sound)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, target)

    def keep(self, sound: Path) -> None:
        """Keep a copy of what could be built."""
        shutil.rmtree(sound, ignore_errors=True)
        sound.mkdir()
        for name in ("data", "templates"):
            if (self.root / name).exists():
                shutil.copytree(self.root / name, sound / name, ignore=shutil.ignore_patterns("market"))
        shutil.copy(self.root / "thesisvault.yaml", sound)


def named(said: Said, other: Path, root: Path) -> Said:
    """Return what was said of a copy of a workspace as it would be said of the workspace itself."""
    return Said(said.status, *(each.replace(str(other), str(root)) for each in (said.out, said.err)))


def files(root: Path) -> dict[str, bytes]:
    """Return what is in the files of the vault and the definitions; the store is SQLite's, whose bytes may differ."""
    every = [path for top in ("vault", "data") for path in (root / top).rglob("*") if path.is_file()]
    found = {path.relative_to(root).as_posix(): path for path in every}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith("data/market/")}
