"""Who fades what: a method for each kind of failure of each kind of target. A new one is a new entry of `METHODS`."""

from typing import Protocol

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.classifiers import ClassifierSubject
from faultfinder.agent.fading.encoders import EncoderSubject
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.flow import Place, run_flow
from faultfinder.agent.fading.generators import GeneratorSubject
from faultfinder.agent.fading.records import FadeFile, FadeSettings
from faultfinder.agent.fading.text_proof import prove_tuned
from faultfinder.agent.fading.texts import export_texts
from faultfinder.agent.fading.word_evidence import word_evidence
from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import Classifier, TextModel, Trainable
from faultfinder.tools.targets.checked_pictures import CheckedGenerator
from faultfinder.tools.targets.zero_shot import PictureTextEncoder

GATHERING = "gathering what to learn from, and splitting it"


class Method(Protocol):
    """Fades one kind of failure of one kind of target."""

    wants: str
    """What it takes, in a few words."""

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Fade a failure and prove what came of it; None where the target or the failure is of another kind.

        Raises:
            FaultfinderError: it could not be done.
        """
        ...


class EncoderWords:
    """Contrastive fine-tuning on hard negatives."""

    wants = "a failure of words of an image-text encoder with weights (lab:clip and its like, open_clip:MODEL)"

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Fade a failure of an encoder's words; None where there are no weights to change, or no words."""
        if not isinstance(target, Trainable) or evidence.hypothesis.region is not None:
            return None
        listen(Event(kind=EventKind.STAGE, text=GATHERING))
        subject = EncoderSubject.gathered(target, settings, word_evidence(evidence))
        return run_flow(subject, settings, evidence, place, listen)


class ClassifierRegions:
    """Fine-tuning on pictures changed as where it failed."""

    wants = (
        "a failing region of a classifier of pictures with weights (timm:MODEL, torchvision:MODEL, and image-text "
        "encoders that choose among labels: lab:clip, open_clip:MODEL)"
    )

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Fade a region where pictures are answered wrongly; None where the target sees none, or words fail."""
        if evidence.hypothesis.region is None or not isinstance(target, Classifier | PictureTextEncoder):
            return None
        listen(Event(kind=EventKind.STAGE, text=GATHERING))
        subject = ClassifierSubject.gathered(target, settings, evidence, listen)
        return run_flow(subject, settings, evidence, place, listen)


class TextRegions:
    """Files to fine-tune a text model with; and the proof of one that was tuned with them."""

    wants = "a failing region of any text model (transformers:, summarizer:textrank, python:)"

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Write files, or prove what was made of them; None where the target answers no texts."""
        if not isinstance(target, TextModel) or evidence.hypothesis.region is None:
            return None
        act = prove_tuned if settings.tuned else export_texts
        return act(target, settings, evidence, place, listen)


class GeneratorWords:
    """Low-rank adapters trained on pictures with right captions."""

    wants = "a failure of words of a generator (lab:t2i and its like; of diffusers: Stable Diffusion and SDXL)"

    def fade(
        self, target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
    ) -> FadeFile | None:
        """Fade a failure of a generator's words; None where no adapters fit, or it is not about words."""
        painter = target.adaptable if isinstance(target, CheckedGenerator) else None
        if painter is None or evidence.hypothesis.region is not None:
            return None
        listen(Event(kind=EventKind.STAGE, text=GATHERING))
        subject = GeneratorSubject.gathered(painter, settings, word_evidence(evidence))
        return run_flow(subject, settings, evidence, place, listen)


METHODS: tuple[Method, ...] = (EncoderWords(), ClassifierRegions(), GeneratorWords(), TextRegions())


def fade_by_kind(
    target: object, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
) -> FadeFile:
    """Fade with the method that takes this failure of this target.

    Raises:
        SpecError: none does.
        FaultfinderError: it could not be done.
    """
    if settings.tuned and not isinstance(target, TextModel):
        raise SpecError(f"--tuned is for text models, which are tuned elsewhere; {settings.target} is changed here")
    for method in METHODS:
        found = method.fade(target, settings, evidence, place, listen)
        if found is not None:
            return found
    raise SpecError(
        f"{settings.audit}/{settings.failure} of {settings.target} ({evidence.hypothesis.title}) cannot be faded: what "
        f"can is {'; '.join(method.wants for method in METHODS)}"
    )
