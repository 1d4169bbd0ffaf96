"""An encoder of texts and pictures as a classifier of labels it was never trained on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.classifiers import as_classifier, open_classifier
from faultfinder.tools.labelled import Reading, open_labelled
from faultfinder.tools.registry import open_encoder, world_of
from faultfinder.tools.targets.zero_shot import SCALE, ZeroShotClassifier, by_rewriter, by_templates

COLOURS = {"red": (200, 10, 10), "green": (10, 200, 10), "blue": (10, 10, 200)}


class Chromatic:
    """Sees the mean colour of a picture, and of a text the colours that it names."""

    name = "chromatic"

    def embed_texts(self, texts):
        rows = np.array([[0.05 + 2 * (colour in text) for colour in COLOURS] for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def embed_images(self, images):
        rows = np.array([np.asarray(image).mean(axis=(0, 1)) for image in images])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def plain(colour):
    return Image.new("RGB", (9, 7), COLOURS[colour])


def test_the_lab_tells_its_own_scenes_apart(check_classifier):
    """48 labels: chance is 0.02. The lab's card has its encoder right on 0.97 of such scenes."""
    pictures = open_labelled("lab", Reading(most=192, seed=7))
    classifier = open_classifier("lab:clip", pictures.labels)
    check_classifier(classifier)
    rows = classifier.classify([pictures.open(number) for number in range(len(pictures))])
    said = [classifier.labels[column] for column in rows.argmax(axis=1)]
    assert np.mean([label == each.truth for label, each in zip(said, pictures.examples, strict=True)]) > 0.9


def test_the_lab_is_told_labels_in_its_own_words():
    said = by_rewriter(world_of("lab:clip").rewriter)("red circle")
    assert said[0] == "a red circle"
    assert len(set(said)) == len(said) >= 5
    assert all("red circle" in text for text in said)


def test_answers_are_the_softmax_of_scaled_cosines():
    encoder = Chromatic()
    classifier = ZeroShotClassifier(encoder, list(COLOURS), by_templates(["{}"]), scale=3.0)
    cosines = encoder.embed_images([plain("green")]) @ encoder.embed_texts(list(COLOURS)).T
    odds = np.exp(3.0 * cosines)
    np.testing.assert_allclose(classifier.classify([plain("green")]), odds / odds.sum(), atol=1e-5)


def test_a_label_is_the_mean_of_its_phrasings():
    encoder = Chromatic()
    ways = ["{} or red", "{}"]
    classifier = ZeroShotClassifier(encoder, list(COLOURS), by_templates(ways), scale=2.0)
    rows = np.stack([encoder.embed_texts([way.format(c) for way in ways]).mean(axis=0) for c in COLOURS])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    odds = np.exp(2.0 * encoder.embed_images([plain("blue")]) @ rows.T)
    np.testing.assert_allclose(classifier.classify([plain("blue")]), odds / odds.sum(), atol=1e-5)


def test_the_scale_is_the_models_own_where_it_has_one(small_clip):
    from faultfinder.tools.targets.open_clip import OpenClipEncoder

    model = small_clip("ViT-B-32", {})
    import open_clip

    encoder = OpenClipEncoder("small", model, open_clip.get_tokenizer("ViT-B-32"))
    assert encoder.logit_scale == pytest.approx(float(model.logit_scale.exp().detach()))
    assert ZeroShotClassifier(encoder, ["a", "b"]).scale == encoder.logit_scale
    assert ZeroShotClassifier(encoder, ["a", "b"], scale=7).scale == 7
    assert ZeroShotClassifier(Chromatic(), ["red", "blue"]).scale == SCALE
    assert open_encoder("lab:clip").logit_scale > 1


def test_any_object_that_embeds_both_will_do(check_classifier):
    classifier = as_classifier(Chromatic(), "mine", list(COLOURS))
    check_classifier(classifier)
    rows = classifier.classify([plain(colour) for colour in COLOURS])
    assert [classifier.labels[column] for column in rows.argmax(axis=1)] == list(COLOURS)


@given(st.lists(st.sampled_from(sorted(COLOURS)), unique=True, min_size=2), st.floats(0.1, 300))
def test_probabilities_whatever_the_labels_and_the_scale(labels, scale):
    rows = ZeroShotClassifier(Chromatic(), labels, scale=scale).classify([plain("red"), plain("blue")])
    assert rows.shape == (2, len(labels))
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("templates", [["no place"], ["{} and {}"], ["fine {}", "broken"]])
def test_a_template_has_one_place_for_the_label(templates):
    with pytest.raises(SpecError, match=r"a prompt template has one {} where the label goes"):
        open_classifier("lab:clip", ["red circle", "blue circle"], templates)


@pytest.mark.parametrize("labels", [[], ["red"], ["red", "red"]])
def test_there_must_be_a_choice(labels):
    with pytest.raises(SpecError, match="chooses among at least two different labels"):
        as_classifier(Chromatic(), "mine", labels)


def test_braces_in_a_label_are_data():
    said = by_templates(["a photo of a {}."])("{0.__class__}")
    assert said == ["a photo of a {0.__class__}."]


@pytest.mark.parametrize("spec", ["lab:oracle", "lab:t2i", "vectors:nowhere.npz"])
def test_what_sees_no_pictures_is_refused(spec):
    with pytest.raises(SpecError):
        open_classifier(spec, ["red circle", "blue circle"])


def test_pictures_and_texts_of_different_spaces():
    class Torn(Chromatic):
        def embed_images(self, images):
            return np.ones((len(images), 5), np.float32)

    with pytest.raises(TargetError, match=r"shape \(1, 5\) for pictures instead of \(1, 3\)"):
        as_classifier(Torn(), "torn", list(COLOURS)).classify([plain("red")])


def test_vectors_without_a_direction():
    class Blind(Chromatic):
        def embed_images(self, images):
            return np.zeros((len(images), 3), np.float32)

    with pytest.raises(TargetError, match="vector of zeros for a picture"):
        as_classifier(Blind(), "blind", list(COLOURS)).classify([plain("red")])
