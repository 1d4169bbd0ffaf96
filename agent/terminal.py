"""The two ends of the terminal: data on stdout, all else on stderr; untrusted text is made harmless first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def out() -> "Console":
    """Return a console on stdout, for data."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def err() -> "Console":
    """Return a console on stderr, for progress and complaints."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def plain(text: str) -> str:
    """Return a text as one line without anything a terminal would obey (escapes, control and direction characters)."""
    return "".join(character if character.isprintable() else " " for character in text).strip()
