"""What a text model answers is checked where it enters: as many answers as texts, each of them a text."""

from collections.abc import Mapping, Sequence

from faultfinder.memory.errors import TargetError
from faultfinder.tools.ports import TextModel
from faultfinder.tools.targets.conversations import Conversing, said_by_user
from faultfinder.tools.targets.foreign import ForeignCode

LONGEST = 20_000
"""Characters of an answer; one that runs on beyond them is cut there, so that it cannot fill a machine."""


class CheckedTextModel:
    """Wraps a text model that is not ours."""

    def __init__(self, model: TextModel, spec: str) -> None:
        """Check what this model answers, and call it by its spec."""
        self.name = spec
        identity = getattr(model, "identity", None)
        if isinstance(identity, str):
            self.identity = identity
        self._model = model

    def respond(self, texts: Sequence[str]) -> list[str]:
        """Return one answer per text, in order.

        Raises:
            TargetError: the model raises, or returns something else than one text per text.
            ResponseRefused: the model refuses a text.
        """
        if not texts:
            return []
        with ForeignCode(TargetError, f"{self.name} failed at {texts[0][:80]!r}"):
            answers = list(self._model.respond(list(texts)))
        if len(answers) != len(texts):
            raise TargetError(f"{self.name} returned {len(answers)} answers for {len(texts)} texts")
        for text, answer in zip(texts, answers, strict=True):
            if not isinstance(answer, str):
                raise TargetError(
                    f"{self.name} returned a {type(answer).__name__} for {text[:80]!r}; an answer is a text"
                )
        return [answer[:LONGEST] for answer in answers]

    def conversation(self, text: str) -> Sequence[Mapping[str, str]]:
        """Return the messages that the model is given for a text; the text alone where it does not say.

        Raises:
            TargetError: the model raises.
        """
        if not isinstance(self._model, Conversing):
            return said_by_user(text)
        with ForeignCode(TargetError, f"{self.name} could not say what it is given for {text[:80]!r}"):
            return list(self._model.conversation(text))
