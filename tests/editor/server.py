"""A small client of yaml-language-server: it opens texts and asks for diagnostics and completions over stdio."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "YAML_LANGUAGE_SERVER"
"""Names the server's start file, where it is not in `node_modules` of the repository."""
_START = Path("node_modules") / "yaml-language-server" / "bin" / "yaml-language-server"
_PATIENCE = 60.0


def command() -> list[str] | str:
    """Return the command that starts the server, or the reason why there is none."""
    node = shutil.which("node")
    named = os.environ.get(VARIABLE)
    start = Path(named) if named else ROOT / _START
    if node is None:
        return "node is not installed"
    if not start.is_file():
        return f"{start} is not there: npm install yaml-language-server, and name its start file in {VARIABLE}"
    return [node, str(start), "--stdio"]


@dataclass(frozen=True)
class Diagnostic:
    """What the server says about a text: the line, counted from 1, and the message."""

    line: int
    message: str


@dataclass(frozen=True)
class Item:
    """One completion: what is shown, and what is put in."""

    label: str
    inserted: str
    documentation: str


class Server:
    """A running server; use it as a context manager."""

    def __init__(self, start: list[str]) -> None:
        self._process = subprocess.Popen(
            start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._answers: dict[int, Any] = {}
        self._diagnostics: dict[str, list[Diagnostic]] = {}
        self._incoming: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._opened = 0
        self._last = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Server:
        completion = {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}}
        self._ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "capabilities": {"textDocument": {"completion": completion, "publishDiagnostics": {}}},
            },
        )
        self._tell("initialized", {})
        yaml = {
            "validate": True,
            "completion": True,
            "hover": True,
            "schemaStore": {"enable": False},
            "format": {"enable": False},
        }
        self._settings = {"yaml": yaml}
        self._tell("workspace/didChangeConfiguration", {"settings": self._settings})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    # What is asked of it ----------------------------------------------------------------------------------------

    def diagnostics(self, path: Path, text: str) -> list[Diagnostic]:
        """Return what the server says about a text at a path, which need not be written there."""
        uri = self._open(path, text)
        return self._until(lambda: self._diagnostics.get(uri))

    def completions(self, path: Path, text: str) -> list[Item]:
        """Return what the server offers where the text has `‸`."""
        before, after = text.split("‸")
        uri = self._open(path, before + after)
        lines = before.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        answer = self._ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return [Item(item["label"], _inserted(item), _words(item.get("documentation"))) for item in items]

    def hover(self, path: Path, text: str) -> str:
        """Return what the server says about the place where the text has `‸`."""
        before, after = text.split("‸")
        uri = self._open(path, before + after)
        lines = before.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        answer = self._ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return _words(answer["contents"]) if answer else ""

    # How it is spoken to ----------------------------------------------------------------------------------------

    def _open(self, path: Path, text: str) -> str:
        # Each text is a document of its own: diagnostics do not say to which version of a text they belong.
        self._opened += 1
        uri = path.with_stem(f"{path.stem}-{self._opened}").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def _ask(self, method: str, parameters: Any) -> Any:
        self._last += 1
        number = self._last
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
        self._until(lambda: number in self._answers or None)
        return self._answers.pop(number)

    def _tell(self, method: str, parameters: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _until(self, found: Any) -> Any:
        while (value := found()) is None:
            message = self._incoming.get(timeout=_PATIENCE)
            assert message is not None, "the server has ended"
            self._take(message)
        return value

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            assert "error" not in message, message
            self._answers[message["id"]] = message.get("result")
        elif method == "textDocument/publishDiagnostics":
            said = message["params"]
            self._diagnostics[said["uri"]] = [
                Diagnostic(each["range"]["start"]["line"] + 1, each["message"]) for each in said["diagnostics"]
            ]
        elif "id" in message:
            result = [self._settings["yaml"], None, None, None, None] if method == "workspace/configuration" else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _read(self) -> None:
        out = self._process.stdout
        assert out
        while True:
            length = 0
            while (line := out.readline().strip()) or not length:
                if not line:
                    self._incoming.put(None)
                    return
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self._incoming.put(json.loads(out.read(length)))


def _inserted(item: dict[str, Any]) -> str:
    edit = item.get("textEdit")
    return str(edit["newText"] if edit else item.get("insertText", item["label"]))


def _words(said: Any) -> str:
    return str(said.get("value", "")) if isinstance(said, dict) else str(said or "")
