"""A text model whose answers are kept in a file as they come: what was paid for is not asked again after a kill.

The diary is a JSONL file that is only ever appended to; its first line says whose answers they are. A kill leaves at
most one line unfinished, which is cut off when the diary is opened again. Refusals are kept, too; errors are not, for
the next time may be better.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from faultfinder.memory.errors import AuditError, BudgetSpent, ResponseRefused
from faultfinder.memory.records import Record
from faultfinder.tools.ports import TextModel
from faultfinder.tools.targets.conversations import conversation_of


class Entry(Record):
    """A text and what was answered to it."""

    text: str = Field(description="the text")
    answer: str | None = Field(default=None, description="the answer; null where it was refused")
    refused: str = Field(default="", description="why it was refused")
    seconds: float = Field(default=0.0, description="how long it took")


class Owner(Record):
    """The first line: whose answers they are."""

    model: str = Field(description="the model's name, with a digest of its weights or settings where it has one")


class AnswerDiary:
    """Asks a model, keeps every answer, and stops when the time is up.

    Attributes:
        name: The model's.
        heard: Told how many texts were answered, over all sittings, whenever some were.
    """

    def __init__(
        self, model: TextModel, path: Path, minutes: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Open the diary of a model, or begin it.

        Args:
            model: the model.
            path: the diary's file; its folder is made.
            minutes: time that asking may take, over all sittings.
            clock: seconds.

        Raises:
            AuditError: the file cannot be used, or holds another model's answers.
        """
        self.name = model.name
        self.heard: Callable[[int], None] = _nobody
        identity = getattr(model, "identity", None)
        self._owner = Owner(model=f"{model.name} {identity}" if isinstance(identity, str) else model.name)
        self._model, self._path, self._seconds, self._clock = model, path, 60 * minutes, clock
        self._known: dict[str, Entry] = {}
        self._open()
        self._spent = sum(entry.seconds for entry in self._known.values())

    @property
    def asked(self) -> int:
        """Texts that were answered or refused, each once, over all sittings."""
        return len(self._known)

    @property
    def seconds(self) -> float:
        """Time that asking took, over all sittings."""
        return self._spent

    def respond(self, texts: Sequence[str]) -> list[str]:
        """Return one answer per text, in order; the model is asked what it has not answered yet.

        Raises:
            ResponseRefused: a text was refused.
            BudgetSpent: the time is up.
            TargetError: the model fails.
            AuditError: the diary cannot be written.
        """
        for text in texts:
            if (entry := self._known.get(text)) is not None and entry.answer is None:
                raise ResponseRefused(entry.refused)
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._ask(new)
        return [self._known[text].answer or "" for text in texts]

    def conversation(self, text: str) -> Sequence[Mapping[str, str]]:
        """Return the messages that the model is given for a text."""
        return [message.model_dump() for message in conversation_of(self._model, text)]

    def _ask(self, texts: list[str]) -> None:
        if self._spent >= self._seconds:
            raise BudgetSpent("minutes")
        begun = self._clock()
        try:
            answers = self._model.respond(texts)
        except ResponseRefused as error:
            if len(texts) == 1:
                self._keep([Entry(text=texts[0], refused=str(error), seconds=self._clock() - begun)])
            raise
        each = (self._clock() - begun) / len(texts)
        self._keep([Entry(text=text, answer=said, seconds=each) for text, said in zip(texts, answers, strict=True)])

    def _keep(self, entries: Sequence[Entry]) -> None:
        self._append([entry.model_dump_json() for entry in entries])
        self._known |= {entry.text: entry for entry in entries}
        self._spent += sum(entry.seconds for entry in entries)
        self.heard(len(self._known))

    def _open(self) -> None:
        lines = self._whole_lines()
        if not lines:
            self._append([self._owner.model_dump_json()])
            return
        try:
            owner, entries = Owner.model_validate_json(lines[0]), map(Entry.model_validate_json, lines[1:])
            self._known = {entry.text: entry for entry in entries}
        except ValidationError as error:
            raise AuditError(f"{self._path} is no diary of answers ({error}); start over with --fresh") from error
        if owner != self._owner:
            raise AuditError(
                f"{self._path} holds answers of {owner.model}, and {self._owner.model} is asked now; start over with "
                "--fresh"
            )

    def _whole_lines(self) -> list[bytes]:
        """Return the lines that are whole, after cutting off one that a kill left unfinished."""
        try:
            if not self._path.is_file():
                return []
            content = self._path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                with self._path.open("r+b") as file:
                    file.truncate(len(whole))
        except OSError as error:
            raise AuditError(f"cannot read {self._path} ({error.strerror})") from error
        return whole.split(b"\n")[:-1]

    def _append(self, lines: Sequence[str]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write("".join(f"{line}\n" for line in lines).encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise AuditError(f"cannot write {self._path} ({error.strerror}); is the disk full?") from error


def _nobody(answered: int) -> None:
    """Tell nobody."""
