"""Text models made for tests, each with a weakness that is known, and the contract that every one of them keeps."""

from collections.abc import Callable, Sequence

from faultfinder.tools.ports import TextModel
from faultfinder.tools.sentences import sentences

TEXTS = (
    "a red circle left of a blue square",
    "a red circle right of a blue square",
    "a dog",
    "two men ride horses along a beach in the rain while a third one watches them from under a tree",
    "a dog",
    "no cats, at all!",
)

PLACES = ("Ripon", "Leeds", "York", "Hull", "Selby", "Derby", "Luton", "Dover", "Bath", "Ely", "Wells", "Truro")
BUILDINGS = ("library", "harbour", "museum", "theatre", "station", "market", "garden", "school", "chapel", "bakery")


def stories(number: int) -> list[str]:
    """Return so many different texts of three sentences, at most 120."""
    pairs = [(place, building) for building in BUILDINGS for place in PLACES][:number]
    return [
        f"The large {building} of {place} is closed for {count + 2} weeks, and the happy children read at home. We do "
        f"not know when a doctor will see the old roof of the {building}. Cars from {place} park there now."
        for count, (place, building) in enumerate(pairs)
    ]


def check_text_model(model: TextModel) -> None:
    """Hold a text model to its port."""
    assert isinstance(model, TextModel)
    assert model.name
    answers = list(model.respond(TEXTS))
    assert len(answers) == len(TEXTS)
    assert all(isinstance(answer, str) for answer in answers)
    assert answers[2] == answers[4]
    assert len(set(answers)) > 2, "different texts have different answers"
    assert list(model.respond(TEXTS)) == answers
    assert list(model.respond(TEXTS[::-1])) == answers[::-1]
    assert list(model.respond([TEXTS[3]])) == [answers[3]]
    assert list(model.respond([])) == []


class Lead:
    """Answers with the first sentences, after a rewriting of the text that plants a weakness."""

    def __init__(self, rewrite: Callable[[str], str] = str, *, count: int = 1) -> None:
        self.name = "lead"
        self.texts: list[str] = []
        self._rewrite = rewrite
        self._count = count

    def respond(self, texts: Sequence[str]) -> list[str]:
        self.texts += texts
        return [" ".join(sentences(self._rewrite(text))[: self._count]) for text in texts]
