"""Text that is data, put into Markdown."""

import html
import re
from collections.abc import Sequence

from faultfinder.agent.terminal.streams import plain

_ACTIVE = re.compile(r"([\\`*_{}\[\]#|!~$])")


def as_text(said: str) -> str:
    """Return a text as one line that Markdown takes for nothing but text."""
    return _ACTIVE.sub(r"\\\1", html.escape(" ".join(plain(said).split()), quote=False))


def as_code(said: str, language: str) -> str:
    """Return lines as a block of code, fenced so that nothing in them can end it."""
    longest = max((len(run) for run in re.findall(r"`+", said)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{said}\n{fence}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; its cells are texts."""
    lines = [list(map(as_text, heads)), ["---"] * len(heads), *(list(map(as_text, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
