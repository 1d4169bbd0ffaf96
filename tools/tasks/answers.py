"""A text model's answers, each paid for once: asked in batches, text by text where a batch is refused or breaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faultfinder.memory.errors import ResponseRefused, TargetError
from faultfinder.memory.records import Outcome
from faultfinder.tools.ports import TextModel

BATCH = 32


@dataclass(frozen=True)
class Answer:
    """What a model said to a text.

    Attributes:
        text: The answer; None where there is none.
        outcome: UNSCORABLE where the model refused, ERROR where it failed, None where it answered.
        detail: Why there is none.
    """

    text: str | None
    outcome: Outcome | None = None
    detail: str = ""


class Answers:
    """Asks a model, and remembers."""

    def __init__(self, model: TextModel, heard: Callable[[int], None] | None = None) -> None:
        """Ask this model.

        Args:
            model: the text model.
            heard: told how many texts were answered, after every batch.
        """
        self._model = model
        self._heard = heard
        self._known: dict[str, Answer] = {}

    @property
    def asked(self) -> int:
        """Texts that were asked so far, each once."""
        return len(self._known)

    def of(self, texts: Sequence[str]) -> list[Answer]:
        """Return one answer per text, in order.

        Raises:
            TargetError: the model fails at each of several texts that are new to it, or has refused all so far.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for start in range(0, len(new), BATCH):
            self._ask(new[start : start + BATCH])
        return [self._known[text] for text in texts]

    def _ask(self, texts: list[str]) -> None:
        try:
            self._known |= {t: Answer(a) for t, a in zip(texts, self._model.respond(texts), strict=True)}
        except (ResponseRefused, TargetError) as error:
            alone = {text: self._alone(text) for text in texts}
            several = len(alone) > 1 or not self._known
            if several and all(answer.outcome is Outcome.ERROR for answer in alone.values()):
                raise TargetError(f"{self._model.name} fails at every text it is given: {error}") from error
            if len(alone) > 1 and not any(answer.text for answer in (*alone.values(), *self._known.values())):
                raise TargetError(f"{self._model.name} refuses every text it is given: {error}") from error
            self._known |= alone
        if self._heard is not None:
            self._heard(len(texts))

    def _alone(self, text: str) -> Answer:
        try:
            return Answer(self._model.respond([text])[0])
        except ResponseRefused as error:
            return Answer(None, Outcome.UNSCORABLE, str(error))
        except TargetError as error:
            return Answer(None, Outcome.ERROR, str(error))
