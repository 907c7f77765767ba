"""The lines that mark a region, as a reader of notes knows them: stated here once more, apart from the package."""

from __future__ import annotations

import re

_NAME = "[a-z0-9-]+"
BEGIN = re.compile(rf"%% tv:begin ({_NAME}) %%")
END = re.compile(rf"%% tv:end ({_NAME}) ((?:[0-9a-f]{{8}}){{1,2}}-[0-9a-f]{{8}})(?: (?:[0-9a-f]{{6}})+)? %%")
"""The name of the region, the mark of its text, and the marks of the properties where it is the first of its note."""
REGION = re.compile(r"%%\s+tv:begin\s+(\S+)\s+%%.*?%%\s+tv:end\s+\1\s[^%]+%%[^\n]*\n?", re.DOTALL)
"""A whole region with its markers, indented or wrapped as a formatter may have left them."""
