"""Files to fine-tune a text model with: supervised examples and preferences, a JSON object on each line.

Supervised, as OpenAI's fine-tuning and TRL's SFTTrainer read them: ``messages``, the last of them the answer to be
learnt. Preferences, as TRL's DPOTrainer reads them: ``prompt``, ``chosen`` and ``rejected``, each of them messages; and
as OpenAI's fine-tuning by direct preference optimization reads them: ``input.messages``, ``preferred_output`` and
``non_preferred_output``. Only ASCII is written, everything else escaped, so that no reader takes a character for the
end of a line.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from faultfinder.tools.targets.conversations import ASSISTANT, Message

JsonObject = dict[str, object]

FINE_TUNING, VALIDATION = "fine_tuning.jsonl", "validation.jsonl"
PREFERENCE, PREFERENCE_OPENAI = "preference.jsonl", "preference_openai.jsonl"

_SET_ASIDE = 5
"""One input in so many is kept for validation."""


@dataclass(frozen=True)
class TuningExample:
    """One example to learn from.

    Attributes:
        key: Finds its input again.
        prompt: What the model is given.
        good: What it is to answer.
        bad: What it answered, which is wrong; None where it is given a text that nothing was done to.
        aside: Whether it is for validation.
    """

    key: str
    prompt: tuple[Message, ...]
    good: str
    bad: str | None = None
    aside: bool = False

    @property
    def is_preference(self) -> bool:
        """Tell whether there are two different answers, with something in each, to choose between."""
        return self.bad is not None and bool(self.bad.strip()) and self.bad.strip() != self.good.strip()


def supervised(example: TuningExample) -> JsonObject:
    """Return an example for supervised fine-tuning."""
    return {"messages": [*_messages(example.prompt), *_answer(example.good)]}


def preference(example: TuningExample) -> JsonObject:
    """Return an example for TRL's direct preference optimization."""
    return {
        "prompt": _messages(example.prompt),
        "chosen": _answer(example.good),
        "rejected": _answer(example.bad or ""),
    }


def preference_openai(example: TuningExample) -> JsonObject:
    """Return an example for OpenAI's direct preference optimization."""
    return {
        "input": {"messages": _messages(example.prompt)},
        "preferred_output": _answer(example.good),
        "non_preferred_output": _answer(example.bad or ""),
    }


@dataclass(frozen=True)
class TuningFile:
    """A file, its lines and what they are for."""

    name: str
    lines: tuple[JsonObject, ...]

    @property
    def content(self) -> bytes:
        """Return the file's content."""
        return "".join(f"{json.dumps(line, ensure_ascii=True)}\n" for line in self.lines).encode("ascii")


def is_set_aside(text: str) -> bool:
    """Tell whether an input is for validation, by a hash of its text: the same in every run and on every machine."""
    digest = hashlib.sha256(f"validation of {text}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % _SET_ASIDE == 0


def tuning_files(examples: Sequence[TuningExample]) -> list[TuningFile]:
    """Return all files; one without a line in it is left out."""
    made = [
        TuningFile(name, tuple(form(each) for each in examples if each.aside is aside and _fits(each, form)))
        for form, names in _NAMES.items()
        for name, aside in zip(names, (False, True), strict=True)
    ]
    return [file for file in made if file.lines]


_NAMES: Mapping[Callable[[TuningExample], JsonObject], tuple[str, str]] = {
    supervised: (FINE_TUNING, VALIDATION),
    preference: (PREFERENCE, "preference_validation.jsonl"),
    preference_openai: (PREFERENCE_OPENAI, "preference_openai_validation.jsonl"),
}
"""The file to train with and the one to validate by, of each form."""


def _fits(example: TuningExample, form: Callable[[TuningExample], JsonObject]) -> bool:
    return form is supervised or example.is_preference


def _messages(said: Sequence[Message]) -> list[Mapping[str, str]]:
    return [{"role": message.role, "content": message.content} for message in said]


def _answer(text: str) -> list[Mapping[str, str]]:
    return [{"role": ASSISTANT, "content": text}]
