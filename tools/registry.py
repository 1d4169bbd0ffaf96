"""From a spec such as ``open_clip:ViT-B-32/openai`` to a model behind a port.

One table of schemes, which installed packages extend through the entry point group ``faultfinder.targets``: the entry's
name is the scheme, its value a callable that takes what follows the colon and returns a text encoder.
"""

import difflib
import importlib.util
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from pydantic import Field

from faultfinder.memory.errors import FaultfinderError, SpecError
from faultfinder.memory.records import Record
from faultfinder.tools.ports import TextEncoder
from faultfinder.tools.targets.foreign import ForeignCode

GROUP = "faultfinder.targets"
_RESERVED = ("onnx", "diffusers", "openai")


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


def _built_in(module: str, form: str, about: str, needs: str = "") -> _Kind:
    scheme = form.partition(":")[0]
    return _Kind(EntryPoint(scheme, f"faultfinder.tools.targets.{module}:open_target", GROUP), form, about, needs)


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
    _built_in("python_factory", "python:MODULE:FACTORY", "what your function returns: a name and embed_texts"),
    _built_in("vectors", "vectors:FILE.npz", "names and vectors computed elsewhere; no other texts"),
)


def open_encoder(spec: str) -> TextEncoder:
    """Open the model that a spec names.

    Raises:
        SpecError: the spec is malformed, its scheme unknown, or the model missing, broken or out of reach; the message
            says what to do.
    """
    scheme, colon, rest = spec.strip().partition(":")
    kinds = _kinds()
    if scheme in _RESERVED and scheme not in kinds:
        raise SpecError(f"{spec}: this version audits text encoders; {scheme}: targets come in a later one. {_known()}")
    if not colon or scheme not in kinds:
        raise SpecError(f"{spec!r} names no target{_suggestion(scheme, rest if colon else spec)}. {_known()}")
    if not rest:
        raise SpecError(f"{spec!r} lacks what follows the colon; write {kinds[scheme].form}")
    with ForeignCode(SpecError, f"{spec} cannot be opened"):
        encoder = kinds[scheme].entry.load()(rest)
    if not isinstance(encoder, TextEncoder):
        raise SpecError(
            f"{spec} opened a {type(encoder).__name__}, which embeds no texts; this version audits text encoders"
        )
    return encoder


def targets() -> list[TargetInfo]:
    """List the kinds of target, built in and plugged in, each with whether it is ready here."""
    return [_info(kind) for kind in _kinds().values()]


def _kinds() -> dict[str, _Kind]:
    """Return the table by scheme. A plug-in cannot take a built-in scheme, so that a spec means the same everywhere."""
    plugged = {
        entry.name: _Kind(entry, f"{entry.name}:...", f"plug-in {entry.value}") for entry in entry_points(group=GROUP)
    }
    return plugged | {kind.entry.name: kind for kind in _BUILT_IN}


def _info(kind: _Kind) -> TargetInfo:
    hint = _missing(kind) if kind in _BUILT_IN else _broken(kind.entry)
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
    close = difflib.get_close_matches(scheme, _kinds(), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}:{rest}?" if close and close[0] != scheme else ""


def _known() -> str:
    return f"Known: {', '.join(kind.form for kind in _kinds().values())}"
