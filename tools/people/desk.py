"""What reviewing needs of an audit: questions, labels, pictures. The page and the terminal know no more than this."""

from collections.abc import Sequence
from typing import Protocol

from faultfinder.memory.people_records import Label, Question


class Desk(Protocol):
    """One audit as people work on it. Safe to use from several threads."""

    name: str
    """What the audit is called."""
    key: str
    """The same for the same audit only: under it a page keeps what is not saved yet."""

    def questions(self) -> list[Question]:
        """Return every question, in the order of asking."""
        ...

    def labels(self) -> list[Label]:
        """Return every label, in the order of writing."""
        ...

    def append(self, labels: Sequence[Label]) -> None:
        """Keep labels, all or none; one whose id is known already is left as it is.

        Raises:
            FaultfinderError: they cannot be written now.
        """
        ...

    def picture(self, question: str) -> bytes | None:
        """Return the PNG of a question's picture; None where it has none, or the file is gone or damaged."""
        ...
