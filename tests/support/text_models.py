"""Text models made for tests, each with a weakness that is known, and the contract that every one of them keeps."""

import itertools
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

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


NO_IDEA = "No idea."
LOG = "FAULTFINDER_TEST_ASKED"
"""Variable that names a file into which a model writes what it was asked, a line each."""

SECONDS = "FAULTFINDER_TEST_SECONDS"
"""Variable that says how long a model takes for what it is asked at a time."""

SHOUTED_SECONDS = "FAULTFINDER_TEST_SHOUTED_SECONDS"
"""Variable that says how much longer it takes for texts in capitals."""


class Careful(Lead):
    """A summarizer for audits: its name is its own, and it writes down what it was asked where a test wants that."""

    def __init__(self, rewrite: Callable[[str], str] = str, identity: str = "") -> None:
        super().__init__(rewrite)
        if identity:
            self.identity = identity

    def respond(self, texts: Sequence[str]) -> list[str]:
        if path := os.environ.get(LOG):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write("".join(f"{json.dumps(text)}\n" for text in texts))
        shouted = any(text.isupper() for text in texts)
        time.sleep(float(os.environ.get(SECONDS, "0")))
        time.sleep(float(os.environ.get(SHOUTED_SECONDS, "0")) * shouted)
        return super().respond(texts)

    def conversation(self, text: str) -> list[dict[str, str]]:
        return [{"role": "system", "content": "Say the first sentence."}, {"role": "user", "content": text}]


def deaf_to_capitals() -> Careful:
    """A model that capitals confuse, and nothing else."""
    return Careful(lambda text: NO_IDEA if text.isupper() else text)


def cured() -> Careful:
    """The same, cured: capitals are read like small letters."""
    return Careful(lambda text: " ".join(f"{said[:1].upper()}{said[1:].lower()}" for said in sentences(text)), "cured")


def stubborn() -> Careful:
    """The same, tuned to no avail."""
    return Careful(lambda text: "I do not know." if text.isupper() else text, "stubborn")


def parrot() -> Careful:
    """A model that was tuned to say the same to everything."""
    return Careful(lambda text: "It was a fine day.", "parrot")


TOWNS = ("Ripon", "Leeds", "York", "Hull", "Selby", "Derby", "Luton", "Dover", "Bath", "Wells", "Truro", "Ely")
PLACES = ("library", "market", "station", "museum", "school", "bridge", "garden", "harbour", "theatre", "bakery")


def news(path: Path, truths: bool = False, towns: Sequence[str] = TOWNS) -> Path:
    """Write 120 short texts, each of three sentences, as the inputs of an audit."""
    lines = []
    for number, (town, place) in enumerate(itertools.product(towns, PLACES)):
        first = f"The large {place} of {town} is closed for {number + 2} weeks."
        text = f"{first} The people of {town} do not know when the old roof will be mended. Cars park there now."
        lines.append(json.dumps({"text": text, "truth": f"It says: {first}"} if truths else {"text": text}))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
