"""Workflows of GitHub Actions, which call at times in UTC and commit the vault back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from thesisvault.errors import UsageError
from thesisvault.schedule.entry import Facts, Job, named, refuse, sealed
from thesisvault.schedule.kinds.kind import FileKind
from thesisvault.schedule.machine import Machine
from thesisvault.schedule.times import in_words
from thesisvault.workspace import Workspace, real_path

_END = ".yml"


class GitHub(FileKind):
    """The workflows of the repository that a folder is in."""

    word = "github"
    title = "GitHub Actions workflow"

    def __init__(self, machine: Machine, root: Path) -> None:
        super().__init__(machine)
        self.root = real_path(root)

    def missing(self) -> str:
        """Return why it cannot be used here: the workspace is in no repository of git."""
        return "" if self._repository else "the workspace is not in a git repository (make one: git init)"

    def name(self, workspace: Workspace) -> str:
        """Return the name of a workspace's workflow, which is the same in every copy of the repository."""
        inside = self._inside(workspace.root)
        return "thesisvault" if inside == "." else named(workspace.root.name, inside)

    def folder(self) -> Path:
        """Return the folder of workflows."""
        return (self._repository or self.root) / ".github" / "workflows"

    def suffixes(self) -> tuple[str, ...]:
        """Return the end of the name of a workflow."""
        return (_END,)

    def texts(self, job: Job) -> dict[str, str]:
        """Return the workflow.

        Raises:
            UsageError: The rule goes by the zone of this machine, or a folder is not in the repository.
        """
        if not job.timing.own_zone:
            raise UsageError(
                "a server has another time zone than this machine.", hint="Name yours, as in: --tz Europe/Berlin"
            )
        folders = [self._inside(each) for each in (job.workspace.root, job.workspace.vault, job.workspace.data)]
        for each in folders:
            refuse(each, lambda c: not c.isprintable(), "a character that does not show")
            refuse(each, lambda c: c == "$", "a dollar sign")
        return {_END: workflow(job, self.name(job.workspace), folders, _installing(self._repository))}

    def hints(self, job: Job) -> list[str]:
        """Return how the workflow gets to the server."""
        path = self._inside(self.folder() / f"{self.name(job.workspace)}{_END}")
        return [f'Commit and push it: git add "{path}" && git commit -m "Schedule thesisvault" && git push']

    @property
    def _repository(self) -> Path | None:
        return next((each for each in (self.root, *self.root.parents) if (each / ".git").exists()), None)

    def _inside(self, path: Path) -> str:
        repository = self._repository or self.root
        try:
            return real_path(path).relative_to(repository).as_posix()
        except ValueError:
            raise UsageError(
                f"{path} is not in the repository {repository}, so a workflow cannot commit it.",
                hint="Use another kind, as in: --kind cron",
            ) from None


def workflow(job: Job, name: str, folders: list[str], installing: str) -> str:
    """Return the workflow.

    Args:
        job: What is to be called, and when.
        name: The name of the entry.
        folders: The workspace, its vault and its data, within the repository.
        installing: The command that installs the package.
    """
    root, vault, data = folders
    calls = "".join(f'    - cron: "{time.minute} {time.hour} * * *"\n' for time in job.timing.times_in(dt.UTC))
    place = "" if root == "." else f"{root}/"
    rest = (
        f"# {in_words(job.timing)}; a call that comes when no run is due does nothing. Times are in UTC.\n"
        f"name: {name}\n"
        "on:\n"
        f"  schedule:\n{calls}"
        "  workflow_dispatch:\n"
        "permissions:\n"
        "  contents: write\n"
        "concurrency:\n"
        f"  group: {name}\n"
        "jobs:\n"
        "  run:\n"
        "    runs-on: ubuntu-latest\n"
        "    timeout-minutes: 120\n"
        "    env:\n"
        f"      WORKSPACE: {json.dumps(root, ensure_ascii=False)}\n"
        f"      VAULT: {json.dumps(vault, ensure_ascii=False)}\n"
        f"      DATA: {json.dumps(data, ensure_ascii=False)}\n"
        f"      DUE: {json.dumps(str(job.timing.rule))}\n"
        "    steps:\n"
        "      - uses: actions/checkout@v4\n"
        "      - uses: actions/setup-python@v5\n"
        "        with:\n"
        '          python-version: "3.13"\n'
        "      # Prices are not in git; without them each run would fetch their whole history.\n"
        "      - uses: actions/cache@v4\n"
        "        with:\n"
        "          path: |\n"
        f"            {data}/market\n"
        f"            {place}.thesisvault\n"
        f"          key: {name}-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}\n"
        f"          restore-keys: {name}-\n"
        f"      - run: {installing}\n"
        "      # Started by hand, it runs whether or not a run is due.\n"
        "      - if: github.event_name == 'schedule'\n"
        '        run: python -m thesisvault run --due "$DUE" --workspace "$WORKSPACE"\n'
        "      - if: github.event_name != 'schedule'\n"
        '        run: python -m thesisvault run --workspace "$WORKSPACE"\n'
        "      # What a run that failed has written is whole, too.\n"
        "      - if: ${{ !cancelled() }}\n"
        "        run: |\n"
        "          git config user.name 'github-actions[bot]'\n"
        "          git config user.email '41898282+github-actions[bot]@users.noreply.github.com'\n"
        '          git --literal-pathspecs add --all -- "$VAULT" "$DATA"\n'
        "          git diff --cached --quiet && exit 0\n"
        "          git commit --quiet --message 'Update the vault'\n"
        "          git pull --quiet --rebase --autostash\n"
        "          git push --quiet\n"
    )
    return sealed("", rest, Facts(root, "", str(job.timing.rule)), "# {}")


def _installing(repository: Path | None) -> str:
    """Return the command that installs the package: from the repository itself where it is the package's own."""
    if repository and (repository / "generator" / "thesisvault" / "__init__.py").exists():
        return "python -m pip install --constraint constraints.txt ."
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"python -m pip install thesisvault=={version('thesisvault')}"
    except PackageNotFoundError:
        return "python -m pip install thesisvault"
