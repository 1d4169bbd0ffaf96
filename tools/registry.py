"""From a spec such as ``open_clip:ViT-B-32/openai`` to a model behind a port.

Tables of schemes, for encoders, generators, classifiers and text models, which installed packages extend through the
entry point groups ``faultfinder.targets``, ``faultfinder.generators``, ``faultfinder.classifiers`` and
``faultfinder.text_models``: an entry's name is the scheme, its value a callable that takes what follows the colon and
returns a text encoder, a generator of pictures, a classifier of pictures, or a text model.
"""

import difflib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from pydantic import Field

from faultfinder.memory.errors import FaultfinderError, SpecError
from faultfinder.memory.records import Record
from faultfinder.tools.actions.prompt_slots import PromptSlots
from faultfinder.tools.ports import ImageGenerator, TextEncoder, TextModel, World
from faultfinder.tools.targets.checked_answers import CheckedTextModel
from faultfinder.tools.targets.checked_pictures import CheckedGenerator
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.targets.python_factory import fitting, open_either

GROUP, GENERATORS = "faultfinder.targets", "faultfinder.generators"
CLASSIFIERS, TEXT_MODELS = "faultfinder.classifiers", "faultfinder.text_models"
_OPENERS = {
    GROUP: "open_target",
    GENERATORS: "open_generator",
    CLASSIFIERS: "open_classifier",
    TEXT_MODELS: "open_text_model",
}
_RESERVED = ("onnx",)
_LAB_PAINTERS = "t2i"


class TargetInfo(Record):
    """A kind of target, as ``faultfinder targets`` and ``faultfinder doctor`` show it."""

    spec: str = Field(description="an example to type, or the form of the spec")
    about: str = Field(description="what it is, in one sentence")
    ready: bool = Field(description="whether it can be used on this machine")
    hint: str = Field(description="what to do where it is not ready; empty where it is")


@dataclass(frozen=True)
class _Kind:
    """A scheme: where its opener is, what it is, and the optional package it needs."""

    entry: EntryPoint
    form: str
    about: str
    needs: str = ""


def _built_in(module: str, form: str, about: str, needs: str = "", group: str = GROUP) -> _Kind:
    scheme = form.partition(":")[0]
    value = f"faultfinder.tools.targets.{module}:{_OPENERS[group]}"
    return _Kind(EntryPoint(scheme, value, group), form, about, needs)


_BUILT_IN = (
    _built_in(
        "lab", "lab:clip", "small real models whose truth is known; also lab:clip-clear, lab:planted/NAME, lab:oracle"
    ),
    _built_in(
        "open_clip",
        "open_clip:MODEL[/PRETRAINED][@bf16]",
        "CLIP-style models; MODEL is a name, hf-hub:ORG/NAME or local-dir:PATH, PRETRAINED a tag or a file",
    ),
    _built_in(
        "sentence_transformers",
        "sentence-transformers:NAME_OR_DIR",
        "sentence encoders, from the hub or a folder",
        needs="sentence-transformers",
    ),
    _built_in(
        "python_factory",
        "python:MODULE:FACTORY",
        "what your function returns: a name and embed_texts, generate or respond",
    ),
    _built_in("vectors", "vectors:FILE.npz", "names and vectors computed elsewhere; no other texts"),
)
_PAINTERS = (
    _built_in(
        "lab_painter", "lab:t2i", "the lab's text-to-image model; also lab:t2i-clear, lab:t2i/PLANT", group=GENERATORS
    ),
    _built_in(
        "diffusers_pipeline",
        "diffusers:NAME_OR_DIR[@steps=20]",
        "text-to-image pipelines, from a folder or the hub; of text-to-video ones a frame",
        group=GENERATORS,
    ),
    _built_in(
        "openai_images",
        "openai-images:MODEL",
        "any server of OpenAI's images protocol (FAULTFINDER_IMAGES_URL)",
        group=GENERATORS,
    ),
    _built_in(
        "picture_folder",
        "folder:DIR",
        "pictures made elsewhere: prompts are written there, you drop the pictures in",
        group=GENERATORS,
    ),
    _built_in("python_factory", "python:MODULE:FACTORY", "a name and generate(prompts, seeds)", group=GENERATORS),
)

_SORTERS = (
    _built_in(
        "timm_models",
        "timm:NAME[/FILE]",
        "image classifiers of timm; also timm:DIR, timm:hf-hub:ORG/NAME",
        group=CLASSIFIERS,
    ),
    _built_in(
        "torchvision_models",
        "torchvision:NAME[/WEIGHTS_OR_FILE]",
        "image classifiers of torchvision",
        group=CLASSIFIERS,
    ),
)

_TEXT_MODELS = (
    _built_in("textrank", "summarizer:textrank", "a summary of the most central sentences", group=TEXT_MODELS),
    _built_in(
        "transformers_text",
        "transformers:NAME_OR_DIR[@task=summarization]",
        "summarizers and other text models, from a folder or the hub; chat models under an instruction",
        needs="transformers",
        group=TEXT_MODELS,
    ),
    _built_in(
        "langchain_text",
        "openai:MODEL[@url=URL]",
        "a chat model under an instruction (--instruction), of OpenAI or any compatible server",
        group=TEXT_MODELS,
    ),
    _built_in("python_factory", "python:MODULE:FACTORY", "a name and respond(texts)", group=TEXT_MODELS),
)


def open_encoder(spec: str) -> TextEncoder:
    """Open the model that a spec names.

    Raises:
        SpecError: the spec is malformed, its scheme unknown, or the model missing, broken or out of reach; the message
            says what to do.
    """
    if names_classifier(spec):
        raise SpecError(f"{spec} classifies pictures; what is wanted here embeds texts. {_known(_kinds())}")
    if names_generator(spec):
        raise SpecError(f"{spec} paints pictures; what is wanted here embeds texts. {_known(_kinds())}")
    if names_text_model(spec):
        raise SpecError(f"{spec} answers texts; what is wanted here embeds texts. {_known(_kinds())}")
    encoder = _open(spec, _kinds())
    if not isinstance(encoder, TextEncoder):
        raise SpecError(f"{spec} opened a {type(encoder).__name__}, which embeds no texts")
    return encoder


def open_generator(spec: str) -> ImageGenerator:
    """Open the generator of pictures that a spec names; what it returns is checked.

    Raises:
        SpecError: the spec is malformed, its scheme unknown, or the model missing, broken or out of reach; the message
            says what to do.
    """
    kinds = _kinds(GENERATORS, _PAINTERS)
    if spec.strip().partition(":")[0] in set(_kinds()) - set(kinds):
        raise SpecError(f"{spec} embeds texts; what is wanted here paints pictures. {_known(kinds)}")
    generator = _open(spec, kinds)
    if not isinstance(generator, ImageGenerator):
        raise SpecError(f"{spec} opened a {type(generator).__name__}, which paints nothing")
    return CheckedGenerator(generator, spec.strip())


def open_classifier_of(spec: str) -> object:
    """Open what a classifier's scheme (`names_classifier`) names; `tools/classifiers.py` checks it.

    Raises:
        SpecError: the spec is malformed, or the model missing, broken or out of reach; the message says what to do.
    """
    return _open(spec, _kinds(CLASSIFIERS, _SORTERS))


def names_classifier(spec: str) -> bool:
    """Tell whether a spec's scheme is that of a classifier and of nothing else."""
    scheme = spec.strip().partition(":")[0]
    return scheme in _kinds(CLASSIFIERS, _SORTERS) and scheme not in {**_kinds(), **_kinds(GENERATORS, _PAINTERS)}


def names_text_model(spec: str) -> bool:
    """Tell whether a spec's scheme is that of a text model and of nothing else."""
    scheme = spec.strip().partition(":")[0]
    return scheme in _kinds(TEXT_MODELS, _TEXT_MODELS) and scheme not in {**_kinds(), **_kinds(GENERATORS, _PAINTERS)}


def open_text_model(spec: str) -> TextModel:
    """Open the text model that a spec names; what it answers is checked.

    Raises:
        SpecError: the spec is malformed, its scheme unknown, or the model missing, broken or out of reach; the message
            says what to do.
    """
    model = _open(spec, _kinds(TEXT_MODELS, _TEXT_MODELS))
    if not isinstance(model, TextModel):
        raise SpecError(f"{spec} opened a {type(model).__name__}, which answers no texts")
    return CheckedTextModel(model, spec.strip())


def open_any(spec: str) -> TextEncoder | ImageGenerator:
    """Open a target of either kind.

    Raises:
        SpecError: as `open_encoder` and `open_generator` do.
    """
    scheme, _, rest = spec.strip().partition(":")
    if scheme == "python" and rest:
        return adopt(open_either(rest), spec.strip())
    return open_generator(spec) if names_generator(spec) else open_encoder(spec)


def adopt(made: object, spec: str) -> TextEncoder | ImageGenerator:
    """Take an object that somebody else made; what could be either counts as an encoder, what paints is checked.

    Args:
        made: the object.
        spec: what it is called from now on.

    Raises:
        SpecError: it has no name, or satisfies no port.
    """
    model = fitting(made, f"{spec} is a {type(made).__name__}")
    return model if isinstance(model, TextEncoder) else CheckedGenerator(model, spec)


def names_generator(spec: str) -> bool:
    """Tell whether a spec's scheme (for the lab, its model) is that of a generator; python: specs have to be opened."""
    scheme, _, rest = spec.strip().partition(":")
    if scheme == "lab":
        return rest.startswith(_LAB_PAINTERS)
    return scheme not in _kinds() and scheme in _kinds(GENERATORS, _PAINTERS)


def world_of(spec: str) -> World | None:
    """Return the world that a target was made for, which rewords and judges its texts; None for all but the lab's."""
    if not spec.strip().startswith("lab:"):
        return None
    from faultfinder.tools.targets.lab import lab_world

    return lab_world()


def own_prompt_slots() -> PromptSlots:
    """Return the lab's prompts whose slots are to be filled."""
    from faultfinder.tools.targets.lab import lab_prompt_slots

    return lab_prompt_slots()


def _open(spec: str, kinds: Mapping[str, _Kind]) -> object:
    scheme, colon, rest = spec.strip().partition(":")
    if scheme in _RESERVED and scheme not in kinds:
        raise SpecError(f"{spec}: {scheme}: targets come in a later version. {_known(kinds)}")
    if not colon or scheme not in kinds:
        raise SpecError(f"{spec!r} names no target{_suggestion(scheme, rest if colon else spec)}. {_known(kinds)}")
    if not rest:
        raise SpecError(f"{spec!r} lacks what follows the colon; write {kinds[scheme].form}")
    with ForeignCode(SpecError, f"{spec} cannot be opened"):
        opened: object = kinds[scheme].entry.load()(rest)
    return opened


def targets() -> list[TargetInfo]:
    """List the kinds of target, built in and plugged in, each with whether it is ready here."""
    encoders, painters = _kinds(), _kinds(GENERATORS, _PAINTERS)
    others = [*painters.items(), *_kinds(CLASSIFIERS, _SORTERS).items(), *_kinds(TEXT_MODELS, _TEXT_MODELS).items()]
    return [_info(kind) for kind in [*encoders.values(), *(k for name, k in others if name != "python")]]


def _kinds(group: str = GROUP, built_in: Sequence[_Kind] = _BUILT_IN) -> dict[str, _Kind]:
    """Return a table by scheme. A plug-in cannot take a built-in scheme, so that a spec means the same everywhere."""
    plugged = {
        entry.name: _Kind(entry, f"{entry.name}:...", f"plug-in {entry.value}") for entry in entry_points(group=group)
    }
    return plugged | {kind.entry.name: kind for kind in built_in}


def _info(kind: _Kind) -> TargetInfo:
    hint = _missing(kind) if kind in _BUILT_IN + _PAINTERS + _SORTERS + _TEXT_MODELS else _broken(kind.entry)
    return TargetInfo(spec=kind.form, about=kind.about, ready=not hint, hint=hint)


def _missing(kind: _Kind) -> str:
    here = not kind.needs or importlib.util.find_spec(kind.needs.replace("-", "_")) is not None
    return "" if here else f"pip install 'faultfinder[{kind.needs}]'"


def _broken(entry: EntryPoint) -> str:
    try:
        with ForeignCode(SpecError, f"the plug-in {entry.value} is broken", "Update or uninstall its package"):
            entry.load()
    except FaultfinderError as error:
        return str(error)
    return ""


def _suggestion(scheme: str, rest: str) -> str:
    known = _kinds() | _kinds(GENERATORS, _PAINTERS) | _kinds(CLASSIFIERS, _SORTERS) | _kinds(TEXT_MODELS, _TEXT_MODELS)
    close = difflib.get_close_matches(scheme, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}:{rest}?" if close and close[0] != scheme else ""


def _known(kinds: Mapping[str, _Kind]) -> str:
    every = {
        **_kinds(),
        **_kinds(GENERATORS, _PAINTERS),
        **_kinds(CLASSIFIERS, _SORTERS),
        **_kinds(TEXT_MODELS, _TEXT_MODELS),
        **kinds,
    }
    return f"Known: {', '.join(kind.form for kind in every.values())}"
