"""Any model behind a Python function: ``python:MODULE:FACTORY``.

The factory takes no argument and returns an object with a ``name`` and ``embed_texts`` (an encoder) or ``generate`` (a
text-to-image generator); with both it serves as either. As a classifier it has ``classify`` and ``labels``, or embeds
texts and pictures (`tools/classifiers.py` opens it); as a text model, asked for by name only, it has ``respond``. The
working directory can be imported from. An object may have an ``identity``, a string that changes with its weights: then
its embeddings are kept for later audits; without one they are kept for the audit at hand only.
"""

import importlib
import sys
from pathlib import Path

from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import ImageGenerator, TextEncoder, TextModel
from faultfinder.tools.targets.foreign import ForeignCode

_FORM = "python:MODULE:FACTORY, such as python:my_models:make_encoder"


def open_target(rest: str) -> TextEncoder:
    """Import the module, call the factory and return the encoder it made.

    Raises:
        SpecError: the module or the factory is missing, raises, or makes something that is no text encoder.
    """
    made = open_either(rest)
    if isinstance(made, TextEncoder) and callable(made.embed_texts):
        return made
    raise SpecError(f"python:{rest} makes a generator; what is wanted here embeds texts")


def open_generator(rest: str) -> ImageGenerator:
    """Import the module, call the factory and return the generator it made.

    Raises:
        SpecError: the module or the factory is missing, raises, or makes something that paints nothing.
    """
    made = open_either(rest)
    if isinstance(made, ImageGenerator) and callable(made.generate):
        return made
    raise SpecError(f"python:{rest} makes an encoder; what is wanted here paints: generate(prompts, seeds)")


def open_text_model(rest: str) -> TextModel:
    """Import the module, call the factory and return the text model it made.

    Raises:
        SpecError: the module or the factory is missing, raises, or makes something that answers no texts.
    """
    made = make(rest)
    if isinstance(getattr(made, "name", None), str) and isinstance(made, TextModel) and callable(made.respond):
        return made
    raise SpecError(
        f"python:{rest} made a {type(made).__name__}, which is no text model; give it a `name`, a string, and "
        "respond(texts) -> texts"
    )


def open_either(rest: str) -> TextEncoder | ImageGenerator:
    """Import the module, call the factory and return what it made; what could be either counts as an encoder.

    Raises:
        SpecError: the module or the factory is missing, raises, or makes something that satisfies no port.
    """
    made = make(rest)
    return fitting(made, f"python:{rest} made a {type(made).__name__}")


def make(rest: str) -> object:
    """Import the module, call the factory and return what it made, whatever that is.

    Raises:
        SpecError: the module or the factory is missing, or raises.
    """
    module_name, _, factory_name = rest.partition(":")
    spec = f"python:{rest}"
    if not module_name or not factory_name:
        raise SpecError(f"{spec} does not name a module and a factory; write {_FORM}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    with ForeignCode(
        SpecError, f"{spec}: the module {module_name} cannot be imported", f"Modules are looked for in {here} too"
    ):
        module = importlib.import_module(module_name)
    factory = getattr(module, factory_name, None)
    if not callable(factory):
        raise SpecError(f"{spec}: the module {module_name} has no function {factory_name}; write {_FORM}")
    with ForeignCode(SpecError, f"{spec}: {factory_name}() failed"):
        made: object = factory()
    return made


def fitting(made: object, what: str) -> TextEncoder | ImageGenerator:
    """Return an object that has a name and satisfies a port.

    Args:
        made: any object.
        what: what it is, for the message: 'python:m:f made a Model'.

    Raises:
        SpecError: it has no name, or satisfies no port.
    """
    if not isinstance(getattr(made, "name", None), str):
        raise SpecError(f"{what} without a name; give it an attribute `name`, a string")
    if isinstance(made, TextEncoder) and callable(made.embed_texts):
        return made
    if isinstance(made, ImageGenerator) and callable(made.generate):
        return made
    has_other = any(callable(getattr(made, port, None)) for port in ("embed_images", "classify", "respond"))
    reason = "this version audits text encoders and generators only" if has_other else "it satisfies no port"
    raise SpecError(
        f"{what} without embed_texts or generate: {reason}; add embed_texts(texts) -> (n, d) float32, or "
        "generate(prompts, seeds) -> pictures"
    )
