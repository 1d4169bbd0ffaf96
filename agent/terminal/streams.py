"""The two ends of the terminal: data on stdout, all else on stderr; untrusted text is made harmless first."""

from typing import TYPE_CHECKING

from faultfinder.tools.plain_text import plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["err", "out", "plain"]


def out() -> "Console":
    """Return a console on stdout, for data."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def err() -> "Console":
    """Return a console on stderr, for progress and complaints."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)
