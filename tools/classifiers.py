"""From a spec to a classifier of pictures: one that was trained as such, or an encoder that chooses among labels."""

from collections.abc import Sequence

from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import Classifier, Trainable, World
from faultfinder.tools.registry import names_classifier, open_classifier_of, open_encoder, world_of
from faultfinder.tools.targets.checked_classifier import CheckedClassifier
from faultfinder.tools.targets.python_factory import make
from faultfinder.tools.targets.zero_shot import (
    TEMPLATES,
    PictureTextEncoder,
    ZeroShotClassifier,
    by_rewriter,
    by_templates,
)
from faultfinder.tools.targets.zero_shot_tower import TrainableZeroShot


def open_classifier(spec: str, labels: Sequence[str] = (), templates: Sequence[str] = ()) -> CheckedClassifier:
    """Open the classifier that a spec names; what it answers is checked.

    Args:
        spec: ``timm:``, ``torchvision:`` or a plug-in's; any encoder of texts and pictures, such as ``open_clip:``
            and ``lab:clip``, which then chooses among the labels; or ``python:MODULE:FACTORY``, which may be either.
        labels: what an encoder chooses among.
        templates: how an encoder is told a label, each with one ``{}``; without, a world's own words or the usual ones.

    Raises:
        SpecError: the spec is malformed, its scheme unknown, the model missing, broken or out of reach, or it neither
            classifies nor embeds pictures; the message says what to do.
        TargetError: an encoder fails at the labels.
    """
    scheme, _, rest = spec.strip().partition(":")
    if scheme == "python" and rest:
        made = make(rest)
    else:
        made = open_classifier_of(spec) if names_classifier(spec) else open_encoder(spec)
    return as_classifier(made, spec.strip(), labels, templates=templates, world=world_of(spec))


def as_classifier(
    made: object,
    spec: str,
    labels: Sequence[str] = (),
    *,
    templates: Sequence[str] = (),
    world: World | None = None,
) -> CheckedClassifier:
    """Take an object that somebody else made; one that could be either counts as a classifier.

    Args:
        made: a classifier, or an encoder of texts and pictures.
        spec: what it is called from now on.
        labels: what an encoder chooses among.
        templates: how an encoder is told a label.
        world: says labels in its own words, where no templates are given.

    Raises:
        SpecError: it has no name, is neither of the two, or lacks labels.
        TargetError: an encoder fails at the labels.
    """
    if not isinstance(getattr(made, "name", None), str):
        raise SpecError(f"{spec} is a {type(made).__name__} without a name; give it an attribute `name`, a string")
    if isinstance(made, Classifier):
        return CheckedClassifier(made, spec)
    if isinstance(made, PictureTextEncoder):
        phrasings = by_rewriter(world.rewriter) if world and not templates else by_templates(templates or TEMPLATES)
        chooser = TrainableZeroShot if isinstance(made, Trainable) else ZeroShotClassifier
        return CheckedClassifier(chooser(made, labels, phrasings), spec)
    raise SpecError(
        f"{spec} is a {type(made).__name__}, which does not classify pictures: that takes classify(images) and "
        "labels, or embed_texts and embed_images"
    )
