"""The lab behind the ports: its encoders as targets, its truth as judge, its captions as corpus.

Beside `lab_painter.py` the only module outside the lab that knows it.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from PIL.Image import Image

from faultfinder.lab import clip as models
from faultfinder.lab import lessons
from faultfinder.lab.corpus import captions
from faultfinder.lab.drawing import picture
from faultfinder.lab.language import compare, rewordings
from faultfinder.lab.looking import say, which
from faultfinder.lab.portraits import portraits
from faultfinder.lab.reading import read
from faultfinder.lab.slots import SLOTS, TEMPLATES
from faultfinder.memory.errors import CorpusError, SpecError
from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.memory.records import Judgement, Meaning, TextPair
from faultfinder.tools.actions.prompt_slots import PromptSlots
from faultfinder.tools.ports import (
    Contrast,
    FloatArray,
    Illustrator,
    Judge,
    Lesson,
    Look,
    PictureJudge,
    Quiz,
    Rewriter,
    Teacher,
)
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.torchvision_shim import ensure_torchvision

_FRAMES = ("a photo of {}", "a picture of {}", "{} in a picture")  # for texts that are not of the lab's language
_REASONS = {
    Meaning.SAME: "the two describe the same scenes",
    Meaning.DIFFERENT: "no scene fits both",
    Meaning.UNDECIDED: "some scenes fit both, or one is no caption of the lab's",
}


@dataclass(frozen=True)
class LabCaption:
    """A caption and the scene it describes; captions of one scene share the group."""

    text: str
    group: str


@dataclass(frozen=True)
class LabScene:
    """A picture of one item and its label; the key finds it again."""

    key: str
    label: str
    image: Image


class LabEncoder:
    """Embeds texts with one of the lab's encoders."""

    def __init__(self, name: str, model: Any) -> None:  # noqa: ANN401 - the lab's models share no base
        """Wrap a model of the lab under the name of its spec."""
        self.name = name
        self._model = model

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order."""
        vectors: FloatArray = self._model.embed_texts(texts)
        return vectors


class LabClip(LabEncoder):
    """One of the lab's CLIPs, which also embeds pictures."""

    def __init__(self, name: str, model: Any) -> None:  # noqa: ANN401
        """Wrap a mini CLIP of the lab under the name of its spec."""
        from faultfinder.tools.targets.text_towers import text_tower
        from faultfinder.tools.targets.weights import digest

        super().__init__(name, model)
        self._tower = text_tower(model.model)
        self.identity = digest(model.model)
        self.logit_scale = float(model.model.logit_scale.detach().exp())

    @property
    def module(self) -> Any:  # noqa: ANN401 - open_clip's CLIP, imported late
        """The `open_clip.CLIP`."""
        return self._model.model

    def tokens(self, texts: Sequence[str]) -> Any:  # noqa: ANN401
        """Return the module's input for texts, int64 (n, context)."""
        return self._model.tokenizer(list(texts))

    def pixels(self, images: Sequence[Image]) -> Any:  # noqa: ANN401
        """Return the module's input for pictures, float32 (n, 3, 48, 48)."""
        return models.preprocess(images)

    def save(self, folder: Path) -> str:
        """Write the weights into a folder, in single precision; return the spec that opens them again."""
        models.save_folder(self._model, folder)
        return f"lab:{models.FOLDER}{folder.resolve()}"

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order."""
        import torch

        with torch.inference_mode():
            vectors: FloatArray = self._tower.encode(self._model.tokenizer(list(texts) or [""])).numpy()
        return vectors[: len(texts)]

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per picture, in order."""
        vectors: FloatArray = self._model.embed_images(images)
        return vectors


def open_target(rest: str) -> LabEncoder:
    """Load what follows ``lab:``: ``clip``, ``clip-clear``, ``oracle``, ``planted/NAME`` or ``folder/DIR``.

    Raises:
        SpecError: the lab has no such encoder (the message lists what it has), or its weights cannot be read.
    """
    spec = f"lab:{rest}"
    if rest.startswith(models.FOLDER):
        return _open_folder(spec, Path(rest.removeprefix(models.FOLDER)).expanduser())
    if rest not in models.names():
        raise SpecError(f"there is no {spec}; the lab has {', '.join(f'lab:{name}' for name in models.names())}")
    ensure_torchvision()
    with ForeignCode(SpecError, f"{spec} cannot be loaded", "Reinstall faultfinder; its weights come with it"):
        model = models.load(rest)
    return LabClip(spec, model) if model.sees_pictures else LabEncoder(spec, model)


def _open_folder(spec: str, folder: Path) -> LabEncoder:
    if not (folder / models.WEIGHTS).is_file():
        raise SpecError(f"{spec}: {folder} holds no {models.WEIGHTS}; name a folder that `faultfinder fade` left")
    ensure_torchvision()
    with ForeignCode(SpecError, f"{spec} cannot be loaded", "Only the weights of a lab:clip are read, as safetensors"):
        return LabClip(spec, models.load_folder(folder))


class LabEyes:
    """Reads a picture with the lab's parser and says which caption is nearer to what is there."""

    name = "lab parser"

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return one sight per look, in order; "cannot tell" where the picture is illegible or a text unknown."""
        return [self._sight(look) for look in looks]

    def _sight(self, look: Look) -> Sight:
        reading = read(look.image)
        return Sight(seen=Seen(which(reading, look.a, look.b)), reason=f"it shows {say(reading)}")


class LabTruth:
    """Judges by the captions' exact meaning."""

    name = "lab truth"

    def judge(self, pairs: Sequence[TextPair]) -> list[Judgement]:
        """Return one judgement per pair, in order. Undecided where it cannot tell."""
        return [self._judgement(Meaning(compare(pair.a, pair.b))) for pair in pairs]

    def _judgement(self, meaning: Meaning) -> Judgement:
        return Judgement(meaning=meaning, reason=_REASONS[meaning], judge=self.name)


class LabRewriter:
    """Says a caption in the lab's other words."""

    name = "lab templates"

    def rewordings(self, text: str) -> list[str]:
        """Return meaning-preserving rewordings, at least one, none equal to the text; deterministic."""
        return rewordings(text) or [frame.format(text) for frame in _FRAMES]


class LabIllustrator:
    """Draws what a caption says."""

    def picture(self, text: str) -> Image | None:
        """Return a picture of the text, or None where it cannot be drawn."""
        return picture(text)


class LabTeacher:
    """Shows the lab's world, captions without repetition."""

    kinds = lessons.ATTRIBUTES

    def lessons(self, number: int, seed: int) -> list[Lesson]:
        """Return so many lessons."""
        said = islice(_unlike(lessons.captions(seed)), number)
        return [_lesson(text, f"{seed} {index}") for index, text in enumerate(said)]

    def contrasts(self, kind: str, number: int, seed: int) -> list[Contrast]:
        """Return so many contrasts of one attribute.

        Raises:
            KeyError: the lab has no such attribute.
        """
        drawn = islice(_unlike(lessons.pairs(kind, seed)), number)
        return [_contrast(pair.caption, pair.edited, f"{seed} {kind} {index}") for index, pair in enumerate(drawn)]

    def illustrated(self, pair: TextPair, seed: int) -> Contrast | None:
        """Return a pair with a picture of each text; None where one is no caption of the lab's world."""
        drawable = lessons.can_be_drawn(pair.a) and lessons.can_be_drawn(pair.b)
        return _contrast(pair.a, pair.b, f"{seed} {pair.a}") if drawable else None

    def quiz(self, number: int, seed: int) -> Quiz:
        """Return pictures of a single thing, to be told by shape and colour."""
        shown = islice(lessons.quiz(seed), number)
        return Quiz(
            tuple(lessons.quiz_labels()),
            tuple(Lesson(s.caption, f"{seed} quiz {i}", partial(_same, s.picture)) for i, s in enumerate(shown)),
        )


_Drawn = TypeVar("_Drawn", bound=Hashable)


def _unlike(drawn: Iterable[_Drawn]) -> Iterator[_Drawn]:
    seen: set[_Drawn] = set()
    for each in drawn:
        if each not in seen:
            seen.add(each)
            yield each


def _same(image: Image) -> Image:
    return image


def _lesson(caption: str, dice: str) -> Lesson:
    return Lesson(caption, f"{dice} {caption}", partial(lessons.draw, caption, dice))


def _contrast(caption: str, edited: str, dice: str) -> Contrast:
    return Contrast(_lesson(caption, dice), edited, partial(lessons.draw, edited, dice))


@dataclass(frozen=True)
class LabWorld:
    """The lab's truth behind the ports."""

    judge: Judge
    rewriter: Rewriter
    illustrator: Illustrator
    eyes: PictureJudge
    teacher: Teacher


def lab_world() -> LabWorld:
    """Return the judge, the rewriter, the illustrator, the eyes and the teacher of the lab's world."""
    return LabWorld(LabTruth(), LabRewriter(), LabIllustrator(), LabEyes(), LabTeacher())


def lab_captions(seed: int) -> list[LabCaption]:
    """Draw the lab's corpus; a seed gives the same captions everywhere."""
    return [LabCaption(caption.text, caption.group) for caption in captions(seed)]


def lab_scenes(number: int, seed: int) -> list[LabScene]:
    """Draw pictures of one item each, of 48 by 48 pixels, labelled 'red circle' and the like; 48 labels in turn.

    Raises:
        CorpusError: there are not so many different ones.
    """
    try:
        drawn = list(portraits(number, seed))
    except ValueError as error:
        raise CorpusError(f"lab: {error}. Ask for fewer.") from error
    return [LabScene(f"scene-{seed}-{index:05}", each.label, each.image) for index, each in enumerate(drawn)]


def lab_prompt_slots() -> PromptSlots:
    """Return prompts of the lab's world whose slots are to be filled: 27 actions, 18 templates."""
    return PromptSlots("lab", TEMPLATES, SLOTS)
