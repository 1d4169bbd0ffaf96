"""Which labels of a classifier are right for a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.label_matching import match, read_label_map, zero_shot_labels
from faultfinder.tools.labelled import held_pictures


class Named:
    """A classifier that is asked for its labels only."""

    name = "named"

    def __init__(self, *labels, aliases=None):
        self.labels = labels
        if aliases:
            self.aliases = aliases

    def classify(self, images):
        raise NotImplementedError


IMAGENET = Named(
    "tench, Tinca tinca",
    "crane",
    "crane (2)",
    "Cardigan, Cardigan Welsh corgi",
    "cardigan",
    "tabby, tabby cat",
    "tiger cat",
    "fire engine, fire truck",
    aliases=[("n01440764",), ("n02012849",), ("n03126707",), (), (), (), (), ()],
)


def pictures_of(*labels):
    images = [Image.new("RGB", (9, 9), (number, 0, 0)) for number in range(len(labels))]
    return held_pictures("mine", images, labels, [f"{number:03}" for number in range(len(labels))])


def right_for(label, classifier=IMAGENET, label_map=None):
    (columns,) = match(pictures_of(label), classifier, label_map).right
    return columns


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("tench, Tinca tinca", 0),
        ("tench", 0),
        ("Tinca_tinca", 0),
        ("n01440764", 0),
        ("n03126707", 2),
        ("crane", 1),  # exactly the name of one
        ("Cardigan", 3),  # capitals count where they tell two apart
        ("cardigan", 4),
        ("Tabby-Cat", 5),
        ("FIRE  TRUCK", 7),
    ],
)
def test_a_name_finds_its_label(label, column):
    assert right_for(label) == {column}


@given(st.sampled_from([label.split(",")[-1].strip() for label in IMAGENET.labels if "rdigan" not in label]))
def test_neither_case_nor_underscores_matter(name):
    assert right_for(name.upper().replace(" ", "_")) == right_for(name)


def test_what_fits_several_labels_is_not_guessed():
    both = Named("crane, bird", "crane, machine")
    with pytest.raises(CorpusError, match="'crane' may be 'crane, bird' or 'crane, machine'"):
        match(pictures_of("crane"), both)
    assert right_for("CARDIGAN WELSH CORGI") == {3}
    with pytest.raises(CorpusError, match="'CARDIGAN' may be 'Cardigan, corgi' or 'cardigan, jumper'"):
        match(pictures_of("CARDIGAN"), Named("Cardigan, corgi", "cardigan, jumper"))


def test_what_is_not_found_is_listed_with_names_that_are_near():
    with pytest.raises(CorpusError) as caught:
        match(pictures_of("tensh", "tabby", "person"), IMAGENET)
    said = str(caught.value)
    assert "mine: labels that are not named's: " in said
    assert "'tensh' (near: tench" in said
    assert "'person'" in said
    assert "'tabby'" not in said
    assert "a CSV with the columns truth,label" in said


def test_a_map_says_what_is_right_and_what_to_leave_out(tmp_path):
    (tmp_path / "map.csv").write_text("Truth,Label\ncat,tabby\ncat,tiger cat\nperson,\n\n")
    label_map = read_label_map(tmp_path / "map.csv")
    assert label_map == {"cat": ("tabby", "tiger cat"), "person": ()}
    matched = match(pictures_of("cat", "person", "tench"), IMAGENET, label_map)
    assert [each.truth for each in matched.pictures.examples] == ["cat", "tench"]
    assert matched.right == (frozenset({5, 6}), frozenset({0}))
    assert str(matched.pictures.left_out) == "1 of labels that are left out on purpose"


def test_a_map_to_nowhere_names_both_sides():
    with pytest.raises(CorpusError, match=r"'tiger kat' \(for 'cat'\) \(near: tiger cat"):
        match(pictures_of("cat"), IMAGENET, {"cat": ("tabby", "tiger kat")})


def test_what_an_encoder_chooses_among():
    pictures = pictures_of("cat", "person", "cat", "dog")
    assert zero_shot_labels(pictures) == ["cat", "dog", "person"]
    assert zero_shot_labels(pictures, {"person": (), "dog": ("puppy", "hound")}) == ["cat", "hound", "puppy"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("truth,name\ncat,tabby\n", "line 1: no column 'label'. A label map has truth,label"),
        ("truth,label\n,tabby\n", "line 2: no label in the column 'truth'"),
        ("truth,label\ncat,tabby\ncat,\n", "'cat' is left out by one line and has labels in others"),
        (None, "no such file; a label map is a CSV"),
    ],
)
def test_a_broken_map_says_where(tmp_path, text, said):
    if text is not None:
        (tmp_path / "map.csv").write_text(text)
    with pytest.raises(CorpusError, match=said):
        read_label_map(tmp_path / "map.csv")
