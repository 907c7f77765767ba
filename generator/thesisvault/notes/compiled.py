"""Compiled templates of the package, kept beside its compiled modules.

What is loaded from there is code, so it is believed as much as those modules are, and no more: templates of a workspace
are compiled in each run, and nothing compiled is ever read from a workspace.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
import tempfile
from functools import cached_property
from pathlib import Path

import jinja2
from jinja2 import Environment
from jinja2.bccache import Bucket, FileSystemBytecodeCache, bc_magic

from thesisvault.notes import sandbox


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps what the templates of one folder were compiled to; those of other folders are never kept.

    Args:
        templates: The folder of the package's templates.
        beside: The module beside whose compiled form they are kept, and which compiles them with the sandbox.
    """

    def __init__(self, templates: Path, beside: Path) -> None:
        folder = Path(importlib.util.cache_from_source(str(beside))).parent
        # Each Python has its own, as it has of modules: two that share the code would replace each other's in each run.
        super().__init__(str(folder), f"template-%s.{sys.implementation.cache_tag}.jinja")
        self._templates, self._beside = templates, beside

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return what a template was compiled to, empty where that is not known."""
        if filename is None or not Path(filename).is_relative_to(self._templates):
            return Bucket(environment, "", "")
        return super().get_bucket(environment, name, filename, source)

    def set_bucket(self, bucket: Bucket) -> None:
        """Keep what a template was compiled to."""
        if bucket.key:
            super().set_bucket(bucket)

    def get_source_checksum(self, source: str) -> str:
        """Return a digest of a template and of what compiles it."""
        return hashlib.blake2b(self._compiler + source.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    @cached_property
    def _compiler(self) -> bytes:
        code = (Path(each).read_bytes() for each in (sandbox.__file__, self._beside, __file__))
        return b"\0".join((jinja2.__version__.encode(), *code))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket; what is cut off or broken leaves it empty."""
        head = _head(bucket)
        try:
            kept = Path(self._get_cache_filename(bucket)).read_bytes()
            if kept.startswith(head):
                bucket.code = marshal.loads(kept[len(head) :])  # noqa: S302 - believed as much as compiled modules
        except (OSError, ValueError, EOFError, TypeError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a bucket where Python may keep what it compiles, for whoever may read the module beside it."""
        if sys.dont_write_bytecode:
            return
        path = Path(self._get_cache_filename(bucket))
        with contextlib.suppress(OSError):
            mode = self._beside.stat().st_mode & 0o666
            descriptor, temp = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_head(bucket) + marshal.dumps(bucket.code))
                Path(temp).chmod(mode)
                Path(temp).replace(path)
            except BaseException:
                Path(temp).unlink(missing_ok=True)
                raise


def _head(bucket: Bucket) -> bytes:
    """Return what a kept template begins with: the version of Python, and of what it was compiled from and with."""
    return bc_magic + bucket.checksum.encode()
