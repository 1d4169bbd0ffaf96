"""Names of audits: plain folder names, made from the goal where none is given. Nothing here deletes an audit."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from faultfinder.agent.folder.holding import holder_of, is_held
from faultfinder.memory.errors import AuditError

DATABASE = "audit.db"
CORPUS = "corpus.jsonl"
"""Texts that were handed over, not named."""

OBJECT = "object:"
"""How the spec of a model begins that was handed over, not named."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_WORDS, _LETTERS = 6, 48


@dataclass(frozen=True)
class Claim:
    """A name that is free for a new audit, and where an old audit of that name went."""

    name: str
    aside: Path | None = None


def claim(goal: str, name: str | None, out: Path, *, fresh: bool) -> Claim:
    """Return the new audit's name, its folder free; with `fresh` an audit of that name is moved aside.

    Raises:
        AuditError: the name is no name, or taken, or its audit cannot be moved.
    """
    if name is None:
        return Claim(free_name(goal, out))
    chosen = checked_name(name)
    aside = set_aside(out, chosen) if fresh else None
    require_free(out, chosen)
    return Claim(chosen, aside)


def checked_name(name: str) -> str:
    """Return a name that is safe as a folder's.

    Raises:
        AuditError: it could be a path, or hold more than letters, digits, dot, dash and underscore.
    """
    if _PLAIN.fullmatch(name) and not name.endswith("."):
        return name
    raise AuditError(
        f"{name[:120]!r} cannot be an audit's name: use letters, digits, '.', '-' and '_', beginning with a letter or "
        "digit, at most 100 characters. Where audits are kept is said with --out."
    )


def folder_in(out: Path, name: str) -> Path:
    """Return the folder of an audit by its name.

    Raises:
        AuditError: the name could be a path, or leads out of the folder of audits by a link.
    """
    folder = out / checked_name(name)
    if not lies_in(out, folder):
        raise AuditError(f"{name} leads out of the folder of audits, and nothing outside it is read")
    return folder


def lies_in(out: Path, folder: Path) -> bool:
    """Tell whether an audit's folder and its database lie in a folder of audits, links followed."""
    home = out.resolve()
    return folder.resolve().parent == home and (folder / DATABASE).resolve().is_relative_to(home)


def slug(goal: str) -> str:
    """Return the first words of a goal as a folder name."""
    ascii_goal = unicodedata.normalize("NFKD", goal).encode("ascii", "ignore").decode("ascii").lower()
    words = re.findall(r"[a-z0-9]+", ascii_goal)[:_WORDS]
    return "-".join(words)[:_LETTERS].rstrip("-") or "audit"


def free_name(goal: str, out: Path) -> str:
    """Return a name for a new audit of this goal: its slug, counted up until the folder is free."""
    base = slug(goal)
    names = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(name for name in names if not (out / name).exists())


def require_free(out: Path, name: str) -> None:
    """Refuse a name that an audit has already.

    Raises:
        AuditError: the folder holds an audit, or anything else.
    """
    folder = out / name
    if (folder / DATABASE).exists():
        raise AuditError(
            f"{folder} holds an audit already. Go on with it: `faultfinder resume {name}`. Or start another: choose a "
            "different --name, or --fresh to move the old one aside."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AuditError(f"{folder} exists and is not an audit; choose a different --name or --out")


def set_aside(out: Path, name: str) -> Path | None:
    """Move an audit aside, as NAME.old-1, NAME.old-2, ...; return where it went, None where there was none.

    Raises:
        AuditError: it is running, or cannot be moved.
    """
    folder = out / name
    if not folder.exists():
        return None
    _require_idle(folder)
    aside = next(place for number in count(1) if not (place := out / f"{name}.old-{number}").exists())
    try:
        folder.rename(aside)
    except OSError as error:
        raise AuditError(f"cannot move {folder} to {aside} ({error.strerror}); choose a different --name") from error
    return aside


def _require_idle(folder: Path) -> None:
    """Refuse an audit that another process holds."""
    if is_held(folder):
        raise AuditError(
            f"{folder} is in use by process {holder_of(folder) or 'unknown'}; wait for it or stop it first "
            f"(`faultfinder stop {folder.name}`)"
        )
