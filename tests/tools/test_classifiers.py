"""From a spec to a classifier whose answers are checked, and calibrated."""

import sys

import numpy as np
import pytest
from PIL import Image

from faultfinder.memory.errors import OptionError, SpecError, TargetError
from faultfinder.tools.classifiers import as_classifier, open_classifier
from faultfinder.tools.label_matching import match
from faultfinder.tools.labelled import Reading, held_pictures, open_labelled
from faultfinder.tools.registry import names_classifier, open_encoder, targets
from faultfinder.tools.splits import Part
from faultfinder.tools.tasks.calibrated import calibrate

MODULE = """
import numpy as np

class Brightness:
    name = "brightness"
    labels = ["dark", "bright"]
    identity = "v1"
    def classify(self, images):
        light = np.array([np.asarray(image).mean() / 255 for image in images])
        return np.stack([1 - light, light], axis=1)

class Both(Brightness):
    name = "both"
    def embed_texts(self, texts):
        raise RuntimeError
    def embed_images(self, images):
        return np.array([[3.0, np.asarray(image).mean()] for image in images])

class Encoder:
    name = "encoder"
    def embed_texts(self, texts):
        return np.array([[1.0, float("bright" in text)] for text in texts], dtype=np.float32)
    def embed_images(self, images):
        return np.array([[1.0, np.asarray(image).mean() / 255] for image in images], dtype=np.float32)

class Neither:
    name = "neither"

class Nameless:
    labels = ["a", "b"]
    classify = len
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module in the working directory, forgotten afterwards."""
    (tmp_path / "my_classifiers_under_test.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)
    yield "python:my_classifiers_under_test"
    sys.path[:] = path
    sys.modules.pop("my_classifiers_under_test", None)


def grey(level):
    return Image.new("RGB", (8, 8), (level, level, level))


def test_a_function_of_ones_own(mine):
    classifier = open_classifier(f"{mine}:Brightness")
    assert classifier.name == f"{mine}:Brightness"
    assert classifier.labels == ("dark", "bright")
    assert classifier.identity == "v1"
    np.testing.assert_allclose(classifier.classify([grey(0), grey(51)]), [[1, 0], [0.8, 0.2]], atol=1e-6)
    roots = classifier.embed_images([grey(0), grey(51)])
    np.testing.assert_allclose(roots**2, classifier.classify([grey(0), grey(51)]), atol=1e-6)


def test_an_object_that_could_be_either_counts_as_a_classifier(mine):
    classifier = open_classifier(f"{mine}:Both", ["x", "y"])
    assert classifier.labels == ("dark", "bright")
    rows = classifier.embed_images([grey(0), grey(4)])
    np.testing.assert_allclose(rows, [[1, 0], [0.6, 0.8]], atol=1e-6)


def test_an_encoder_of_ones_own_chooses_among_the_labels(mine):
    classifier = open_classifier(f"{mine}:Encoder", ["dark", "bright"], ["{}"])
    assert [classifier.labels[c] for c in classifier.classify([grey(0), grey(255)]).argmax(axis=1)] == [
        "dark",
        "bright",
    ]


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        (":Neither", r"a Neither, which does not classify pictures: that takes classify\(images\) and labels, or"),
        (":Nameless", "without a name; give it an attribute"),
        (":nothing", "has no function nothing"),
        (":Encoder", "chooses among at least two different labels"),
    ],
)
def test_what_does_not_deliver_is_named(mine, factory, said):
    with pytest.raises(SpecError, match=said):
        open_classifier(mine + factory)


class Answering:
    """Answers with whatever it was made with."""

    name = "answering"
    labels = ("a", "b")

    def __init__(self, answer=None, **attributes):
        self.answer = answer
        for name, value in attributes.items():
            setattr(self, name, value)

    def classify(self, images):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            [[2.0, -1.0]],
            "numbers from -1 to 2 whose rows sum to 1 to 1; classify returns probabilities: apply a softmax",
        ),
        ([[0.9, 0.9]], "rows sum to 1.8 to 1.8"),
        ([[np.nan, 1.0]], "NaN or infinity"),
        ([0.5, 0.5], r"shape \(2,\) instead of numbers of shape \(1, 2\)"),
        ([[1.0]], r"shape \(1, 1\) instead of numbers of shape \(1, 2\)"),
        ([["a", "b"]], "answered with <U1"),
        (ValueError("out of memory"), "mine failed at 1 pictures: ValueError: out of memory"),
    ],
)
def test_no_answer_gets_in_unchecked(answer, said):
    with pytest.raises(TargetError, match=said):
        as_classifier(Answering(answer), "mine").classify([grey(1)])


def test_rounding_is_evened_out():
    rows = as_classifier(Answering(np.array([[0.7, 0.2995]], np.float16)), "mine").classify([grey(1)])
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"labels": ("a",)}, "a classifier has at least two"),
        ({"labels": ("a", 3)}, "each of them text"),
        ({"labels": ("a", "b", "a")}, "has labels twice: a; tell them apart"),
        ({"aliases": [("x",)]}, "has aliases for 1 of its 2 labels"),
    ],
)
def test_labels_are_checked_too(attributes, said):
    with pytest.raises(SpecError, match=said):
        as_classifier(Answering(**attributes), "mine")


@pytest.mark.parametrize("rows", [[[np.nan, 1.0]], [[0.0, 0.0]], [1.0, 2.0]])
def test_what_it_makes_of_pictures_is_checked_too(rows):
    classifier = as_classifier(Answering(embed_images=lambda images: np.array(rows)), "mine")
    with pytest.raises(TargetError, match="embeds 1 pictures as shape"):
        classifier.embed_images([grey(1)])


def test_a_classifier_is_no_encoder():
    assert names_classifier("timm:resnet18")
    assert not names_classifier("open_clip:ViT-B-32")
    assert not names_classifier("python:mine:make")
    with pytest.raises(SpecError, match="timm:resnet18 classifies pictures; what is wanted here embeds texts"):
        open_encoder("timm:resnet18")
    with pytest.raises(SpecError, match="did you mean torchvision:resnet18"):
        open_classifier("torchvison:resnet18")


def test_the_list_of_targets_has_the_classifiers():
    listed = {info.spec: info for info in targets()}
    assert listed["timm:NAME[/FILE]"].ready
    assert listed["torchvision:NAME[/WEIGHTS_OR_FILE]"].ready


def test_a_classifier_is_calibrated_on_pictures_as_they_are():
    pictures = open_labelled("lab", Reading(most=192))
    classifier = open_classifier("lab:clip", pictures.labels)
    calibrated = calibrate(classifier, match(pictures, classifier), pictures.part(Part.EXPLORE))
    assert calibrated.fitted.inputs == len(pictures.part(Part.EXPLORE))
    assert calibrated.fitted.nll_after < calibrated.fitted.nll_before
    assert calibrated.fitted.ece_after < calibrated.fitted.ece_before
    shown = [pictures.open(number) for number in pictures.part(Part.PROVE)]
    before, after = classifier.classify(shown), calibrated.classify(shown)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-5)
    assert calibrated.states(shown).shape == (len(shown), 128)


def test_nothing_to_calibrate_on_is_an_error():
    classifier = as_classifier(Answering([[0.5, 0.5]]), "mine")
    matched = match(held_pictures("one", [grey(1)], ["a"]), classifier)
    with pytest.raises(OptionError, match="Give more labelled inputs"):
        calibrate(classifier, matched, [])
