"""Markdown that was typed in a definition, made safe for a note: a stranger may have written it.

Words and figures are joined first, and what would act is disarmed in the result, so that nothing can be put together
from harmless parts. The markup of a person stays: emphasis, links, highlights, display math, code that is only shown.
All else that Obsidian or a plugin would act on is shown as it was typed. `markdown` is the way in, `code` takes code
out of a text, `walk` goes through the rest, and `addresses` and `runnable` hold what is allowed.
"""
