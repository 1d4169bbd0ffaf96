"""Who fades what: one method for each kind of target. A new kind of target is a new method in `METHODS`."""

from typing import Protocol

from faultfinder.agent.events import Listener
from faultfinder.agent.fading.encoders import Place, fade_encoder
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.records import FadeFile, FadeSettings
from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import Trainable


class Method(Protocol):
    """Fades the failures of one kind of target."""

    wants: str
    """What it takes, in a few words."""

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Fade a failure and prove what came of it; None where the target is of another kind.

        Raises:
            FaultfinderError: it could not be done.
        """
        ...


class EncoderMethod:
    """Contrastive fine-tuning on hard negatives, for image-text encoders."""

    wants = "an image-text encoder with weights: lab:clip and its like, open_clip:MODEL"

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Fade a failure of an encoder; None where the target has no weights to change, or sees no pictures."""
        return fade_encoder(target, settings, evidence, place, listen) if isinstance(target, Trainable) else None


METHODS: tuple[Method, ...] = (EncoderMethod(),)


def fade_by_kind(
    target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
) -> FadeFile:
    """Fade with the method that takes this kind of target.

    Raises:
        SpecError: none does.
        FaultfinderError: it could not be done.
    """
    for method in METHODS:
        found = method.fade(target, settings, evidence, place, listen)
        if found is not None:
            return found
    raise SpecError(f"{settings.target} cannot be faded: what can is {'; '.join(method.wants for method in METHODS)}")
