"""The ports: what Faultfinder needs of a model, a judge or a person, as small Protocols.

A port knows nothing of the vendor behind it. Arrays are numpy, float32, one row an input, rows of unit length.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

from faultfinder.memory.picture_records import Sight
from faultfinder.memory.records import Judgement, TextPair

FloatArray = npt.NDArray[np.float32]


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into vectors."""

    name: str

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order."""
        ...


@runtime_checkable
class ImageEncoder(Protocol):
    """Turns pictures into vectors of the same space as the texts."""

    name: str

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per picture, in order."""
        ...


@runtime_checkable
class Classifier(Protocol):
    """Says what a picture shows: one label of a list.

    An object may also have `identity`, a string that changes with its weights; `aliases`, for each label other names
    that mean it (an ImageNet synset such as 'n01440764'); and `embed_images`, what it makes of pictures before it
    decides.
    """

    name: str

    @property
    def labels(self) -> Sequence[str]:
        """What the columns of its answers stand for, each once, at least two."""
        ...

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return probabilities, float32 (n, labels), one row a picture, in order; a row sums to one."""
        ...


@runtime_checkable
class ImageGenerator(Protocol):
    """Paints pictures of texts.

    An object may also have `identity`, a string that changes with its weights; `settings`, a dict of strings that say
    what shaped its pictures (device, steps); `batch`, how many prompts it is given at a time (default 8; None for all
    at once); and `usd_spent`, the US dollars it has spent so far. It may be `Patient` and `Commissioned` too.
    """

    name: str

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> Sequence[Image]:
        """Return one picture per prompt, in order; a picture depends on its own prompt and seed only.

        Raises:
            PictureRefused: a prompt is refused for its content; the caller then asks prompt by prompt.
            Waiting: the audit cannot go on before a person has done something.
        """
        ...


@runtime_checkable
class Patient(Protocol):
    """A generator that has to wait at times, for a server, and lets the audit say how: in the open, to be stopped."""

    def wait_with(self, wait: Callable[[str, float], None]) -> None:
        """Wait by this function from now on. It is told why and for how many seconds, and may raise to end it all."""
        ...


@runtime_checkable
class Commissioned(Protocol):
    """A generator whose pictures are made elsewhere: it is told of all that a step needs before it is asked for any."""

    def commission(self, prompts: Sequence[str], seeds: Sequence[int]) -> None:
        """Order pictures.

        Raises:
            Waiting: some of them are not made yet.
        """
        ...


@runtime_checkable
class TextModel(Protocol):
    """Answers texts with texts: a summarizer, a translator, a chat model with an instruction.

    An object may also have `identity`, a string that changes with its weights or settings.
    """

    name: str

    def respond(self, texts: Sequence[str]) -> Sequence[str]:
        """Return one answer per text, in order; an answer depends on its own text only.

        Raises:
            ResponseRefused: a text is refused for its content or length; the caller then asks text by text.
        """
        ...


@dataclass(frozen=True)
class Look:
    """A picture and the two texts that it may show, in the case's order."""

    image: Image
    a: str
    b: str


@runtime_checkable
class PictureJudge(Protocol):
    """Says which of two texts a picture shows. Never an absolute score: the question is pairwise."""

    name: str

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return one sight per look, in order; "cannot tell" where it is not sure."""
        ...


@runtime_checkable
class Judge(Protocol):
    """Says whether the two texts of a pair mean different things, independently of the target."""

    name: str

    def judge(self, pairs: Sequence[TextPair]) -> list[Judgement]:
        """Return one judgement per pair, in order. Undecided where it cannot tell."""
        ...


@runtime_checkable
class Rewriter(Protocol):
    """Rewords a text without changing what it means."""

    name: str

    def rewordings(self, text: str) -> list[str]:
        """Return meaning-preserving rewordings, at least one, none equal to the text; deterministic."""
        ...


@runtime_checkable
class Illustrator(Protocol):
    """Draws what a text says, where that can be done exactly."""

    def picture(self, text: str) -> Image | None:
        """Return a picture of the text, or None where it cannot be drawn."""
        ...


class World(Protocol):
    """What a corpus with known truth brings along: its judge, its rewordings, its pictures, its eyes."""

    @property
    def judge(self) -> Judge:
        """The judge that knows the truth."""
        ...

    @property
    def rewriter(self) -> Rewriter:
        """The rewriter that knows what means the same."""
        ...

    @property
    def illustrator(self) -> Illustrator:
        """The illustrator that draws what a text says."""
        ...

    @property
    def eyes(self) -> PictureJudge:
        """The judge that reads the truth off pictures of this world."""
        ...

    @property
    def teacher(self) -> "Teacher":
        """The teacher who shows pictures of this world with captions that are true of them."""
        ...


@dataclass(frozen=True)
class Lesson:
    """A caption and a picture that it is true of.

    Attributes:
        caption: The caption.
        key: The picture's identity; two lessons with the same key show the same picture.
        picture: Opens the picture.
    """

    caption: str
    key: str
    picture: Callable[[], Image]


@dataclass(frozen=True)
class Contrast:
    """A lesson and the same caption with one thing changed, so that it is no longer true of the picture.

    Attributes:
        lesson: The caption with its picture.
        edited: The changed caption.
        other: Opens a picture that the changed caption is true of, alike in all else; None where there is none.
    """

    lesson: Lesson
    edited: str
    other: Callable[[], Image] | None = None


@dataclass(frozen=True)
class Quiz:
    """Pictures to be classified without training: each lesson's caption is one of the labels."""

    labels: tuple[str, ...]
    lessons: tuple[Lesson, ...]


class Teacher(Protocol):
    """Shows pictures of a world with captions that are true of them; a seed shows the same ones everywhere."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of difference that it can show side by side."""
        ...

    def lessons(self, number: int, seed: int) -> list[Lesson]:
        """Return so many lessons, captions without repetition."""
        ...

    def contrasts(self, kind: str, number: int, seed: int) -> list[Contrast]:
        """Return so many contrasts of one kind of difference, captions without repetition."""
        ...

    def illustrated(self, pair: TextPair, seed: int) -> Contrast | None:
        """Return a pair with a picture of each text, alike in all that both leave open; None where it cannot be drawn.

        Another seed gives other pictures.
        """
        ...

    def quiz(self, number: int, seed: int) -> Quiz:
        """Return so many pictures to be classified."""
        ...


@runtime_checkable
class Trainable(Protocol):
    """An image-text encoder whose weights can be changed.

    It embeds texts and pictures as `TextEncoder` and `ImageEncoder` do, by the weights as they are at that moment.
    """

    name: str

    @property
    def module(self) -> Any:  # noqa: ANN401 - a torch module; torch is imported by adapters and trainers only
        """The model, with open_clip's `encode_image`, `encode_text` and `logit_scale`."""
        ...

    def tokens(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return the module's input for texts, int64 (n, context)."""
        ...

    def pixels(self, images: Sequence[Image]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return the module's input for pictures, float32 (n, 3, height, width)."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order."""
        ...

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per picture, in order."""
        ...

    def save(self, folder: Path) -> str:
        """Write the model as it is now into a folder, weights as safetensors; return the spec that opens it again.

        Raises:
            TargetError: this model's configuration or tokenizer cannot be written down.
        """
        ...


@runtime_checkable
class TrainableClassifier(Protocol):
    """A classifier of pictures whose weights can be changed; it classifies by them as they are at that moment."""

    name: str

    @property
    def labels(self) -> Sequence[str]:
        """What the columns of its answers stand for."""
        ...

    @property
    def module(self) -> Any:  # noqa: ANN401 - a torch module
        """What is trained: the whole model, or the part of it that may change."""
        ...

    def pixels(self, images: Sequence[Image]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return the module's input for pictures, float32 (n, 3, height, width)."""
        ...

    def logits(self, module: Any, pixels: Any) -> Any:  # noqa: ANN401 - a torch module, and tensors
        """Return what the module, or a copy of it with other weights, makes of pixels, (n, labels); differentiable."""
        ...

    def strayed(self, module: Any, before: Any, pixels: Any) -> Any:  # noqa: ANN401
        """Return how far the module's answers to pixels are from those of a copy as it was: a number from 0 upwards."""
        ...

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return probabilities, float32 (n, labels), one row a picture, in order."""
        ...

    def save(self, folder: Path) -> str:
        """Write the model as it is now into a folder, weights as safetensors; return the spec that opens it again.

        Raises:
            TargetError: this model's configuration cannot be written down.
        """
        ...
