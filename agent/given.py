"""Models and texts that a Python program hands over as objects, in place of specs.

An audit keeps `object:NAME` of such a model. It can only go on where the object is handed over again; all else about it
(report, findings, suite, memory) is as for any other target. Texts are kept in the audit's folder, as its corpus.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from faultfinder.agent.folder.names import OBJECT
from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import Classifier, ImageGenerator, TextEncoder, TextModel
from faultfinder.tools.registry import adopt, open_any, open_encoder, open_generator
from faultfinder.tools.targets.checked_answers import CheckedTextModel
from faultfinder.tools.targets.checked_classifier import CheckedClassifier

Target = TextEncoder | ImageGenerator | Classifier | TextModel
"""Anything that can be audited."""

Model = TypeVar("Model", bound=Target, covariant=True)


@dataclass(frozen=True)
class Handed(Generic[Model]):
    """A model that was handed over, and what the audit calls it."""

    spec: str
    model: Model


@dataclass(frozen=True)
class Given:
    """All that was handed over."""

    target: Handed[Target] | None = None
    reference: Handed[TextEncoder] | None = None
    downstream: Handed[ImageGenerator] | None = None
    corpus: tuple[str, ...] | None = None

    def open_target(self, spec: str) -> Target:
        """Return the target that was handed over, or open what the spec names.

        Raises:
            SpecError: neither is possible, or another object was handed over than the audit began with.
        """
        return _matching(self.target, spec, "target") or open_any(spec)

    def open_reference(self, spec: str) -> TextEncoder:
        """Return the reference that was handed over, or open what the spec names.

        Raises:
            SpecError: as `open_target` does.
        """
        return _matching(self.reference, spec, "reference") or open_encoder(spec)

    def open_downstream(self, spec: str) -> ImageGenerator:
        """Return the downstream generator that was handed over, or open what the spec names.

        Raises:
            SpecError: as `open_target` does.
        """
        return _matching(self.downstream, spec, "downstream") or open_generator(spec)


NOTHING_GIVEN = Given()


def take_any(model: object, role: str) -> Handed[Target]:
    """Take an object for what it is: an encoder, a generator, a classifier or a text model.

    Raises:
        SpecError: it has no name, or satisfies no port.
    """
    name = getattr(model, "name", None)
    if not isinstance(name, str) or not name.strip():
        raise SpecError(
            f"the {role} given is a {type(model).__name__} without a name; give a spec (faultfinder targets lists "
            "them), or an object with an attribute `name`, a string"
        )
    spec = f"{OBJECT}{name}"
    if isinstance(model, TextEncoder | ImageGenerator):
        return Handed(spec, adopt(model, spec))
    if isinstance(model, Classifier):
        return Handed(spec, CheckedClassifier(model, spec))
    return Handed(spec, CheckedTextModel(model, spec) if isinstance(model, TextModel) else adopt(model, spec))


def take_encoder(model: object, role: str) -> Handed[TextEncoder]:
    """Take an object that embeds texts.

    Raises:
        SpecError: it has no name, or embeds no texts.
    """
    taken = take_any(model, role)
    if not isinstance(taken.model, TextEncoder):
        raise SpecError(f"the {role} given, {taken.spec}, does not embed texts; wanted here is embed_texts(texts)")
    return Handed(taken.spec, taken.model)


def take_generator(model: object, role: str) -> Handed[ImageGenerator]:
    """Take an object that paints.

    Raises:
        SpecError: it has no name, or paints nothing.
    """
    taken = take_any(model, role)
    if not isinstance(taken.model, ImageGenerator):
        raise SpecError(f"the {role} given, {taken.spec}, does not paint; wanted here is generate(prompts, seeds)")
    return Handed(taken.spec, taken.model)


def _matching(handed: Handed[Model] | None, spec: str, role: str) -> Model | None:
    if handed is not None and handed.spec == spec:
        return handed.model
    if handed is not None:
        raise SpecError(f"the {role} of this audit is {spec}, not {handed.spec}; it goes on with what it began with")
    if spec.startswith(OBJECT):
        raise SpecError(
            f"the {role} of this audit, {spec}, is an object of a Python program: go on with it there, "
            f"faultfinder.agent.resume(NAME, {role}=...)"
        )
    return None
