"""Labelled pictures: what is taken, in which part it lies, and that nothing is left out in silence."""

import json
from random import Random

import numpy as np
import pytest
from PIL import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.labelled import Reading, held_pictures, open_labelled
from faultfinder.tools.picture_sources.candidate import Reason
from faultfinder.tools.splits import Part


def picture(seed, size=(40, 30)):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


@pytest.fixture
def pets(tmp_path):
    """Three cats and two dogs in a folder a label."""
    folder = tmp_path / "pets"
    for seed, name in enumerate(["cat/a.png", "cat/b.jpg", "cat/c.webp", "dog/a.png", "dog/d.JPEG"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture(seed).save(folder / name)
    return folder


def test_a_folder_with_one_sub_folder_per_label(pets):
    pictures = open_labelled(str(pets))
    assert pictures.name == "pets"
    assert [(each.key, each.truth, each.topic) for each in pictures.examples] == [
        ("cat/a.png", "cat", "cat"),
        ("cat/b.jpg", "cat", "cat"),
        ("cat/c.webp", "cat", "cat"),
        ("dog/a.png", "dog", "dog"),
        ("dog/d.JPEG", "dog", "dog"),
    ]
    assert pictures.labels == ("cat", "dog")
    assert str(pictures.left_out) == "nothing"
    assert pictures.open(0).mode == "RGB"
    assert np.array_equal(np.asarray(pictures.open(3)), np.asarray(picture(3)))


def test_what_is_opened_is_the_callers_own(pets):
    pictures = open_labelled(str(pets))
    pictures.open(0).paste((0, 0, 0), (0, 0, 40, 30))
    assert np.array_equal(np.asarray(pictures.open(0)), np.asarray(picture(0)))


def test_everything_left_out_is_counted_and_named(pets):
    whole = (pets / "cat" / "a.png").read_bytes()
    (pets / "cat" / "cut short.png").write_bytes(whole[: len(whole) // 2])
    (pets / "dog" / "no picture.jpg").write_text("<html>404</html>")
    (pets / "dog" / "copy of a.png").write_bytes((pets / "dog" / "a.png").read_bytes())
    (pets / "notes.txt").write_text("read me")
    (pets / "loose.png").write_bytes(whole)
    (pets / "bird").mkdir()
    (pets / ".hidden").mkdir()
    pictures = open_labelled(str(pets))
    assert len(pictures) == 5
    assert dict(pictures.left_out.counts) == {
        Reason.UNREADABLE: 2,
        Reason.DUPLICATE: 1,
        Reason.NO_PICTURE: 1,
        Reason.NO_LABEL: 1,
        Reason.EMPTY_LABEL: 1,
    }
    unreadable = "\n".join(pictures.left_out.notes[Reason.UNREADABLE])
    assert "cat/cut short.png" in unreadable
    assert "dog/no picture.jpg" in unreadable
    assert "is no whole PNG, JPEG or WebP picture" in unreadable
    assert "2 whose picture cannot be read" in str(pictures.left_out)


def test_a_picture_with_two_labels_has_none(pets):
    (pets / "dog" / "also a cat.png").write_bytes((pets / "cat" / "a.png").read_bytes())
    pictures = open_labelled(str(pets))
    assert [each.key for each in pictures.examples] == ["cat/b.jpg", "cat/c.webp", "dog/a.png", "dog/d.JPEG"]
    assert pictures.left_out.counts[Reason.CONTRADICTORY] == 2


def test_links_to_elsewhere_are_not_followed(pets, tmp_path):
    picture(9).save(tmp_path / "secret.png")
    (pets / "cat" / "link.png").symlink_to(tmp_path / "secret.png")
    pictures = open_labelled(str(pets))
    assert len(pictures) == 5
    assert pictures.left_out.notes[Reason.OUTSIDE] == ["cat/link.png: 'cat/link.png' is a link to elsewhere"]


@pytest.mark.parametrize(("side", "said"), [(8_000, "8000 x 8000 pixels, more than 50,000,000"), (20_000, "bomb")])
def test_a_bomb_is_refused_before_it_unfolds(pets, side, said):
    Image.new("1", (side, side)).save(pets / "cat" / "large.png")
    pictures = open_labelled(str(pets))
    assert len(pictures) == 5
    assert said in pictures.left_out.notes[Reason.UNREADABLE][0]


def test_a_picture_that_goes_away_is_named(pets):
    pictures = open_labelled(str(pets))
    (pets / "dog" / "a.png").unlink()
    with pytest.raises(CorpusError, match=r"dog/a\.png.*Repair or remove it"):
        pictures.open(3)


def test_folders_a_level_too_high_are_recognised(pets):
    with pytest.raises(CorpusError, match=r"Name the one that holds the labels, such as .*pets"):
        open_labelled(str(pets.parent))
    with pytest.raises(CorpusError, match=r"has no sub-folders. Make one for each label"):
        open_labelled(str(pets / "cat"))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("nowhere", "no such file or folder. Give 'lab', a folder with one sub-folder per label"),
        ("words.txt", "cannot tell the format from the name"),
        ("x" * 5_000, "not a usable path"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(spec, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("cat")
    with pytest.raises(CorpusError, match=said):
        open_labelled(spec)


def test_nothing_usable_says_what_was_left_out(tmp_path):
    (tmp_path / "set" / "cat").mkdir(parents=True)
    (tmp_path / "set" / "cat" / "a.png").write_text("no")
    with pytest.raises(CorpusError, match=r"no usable picture.*1 whose picture cannot be read.*For example cat/a\.png"):
        open_labelled(str(tmp_path / "set"))


def test_a_number_asked_for_is_shared_among_the_labels(pets):
    pictures = open_labelled(str(pets), Reading(most=3))
    assert len(pictures) == 3
    assert set(pictures.counts.values()) == {1, 2}
    assert pictures.left_out.counts[Reason.SURPLUS] == 2
    assert {each.key for each in pictures.examples} <= {each.key for each in open_labelled(str(pets)).examples}
    with pytest.raises(CorpusError, match="ask for at least one"):
        open_labelled(str(pets), Reading(most=0))


def test_the_order_of_what_is_handed_over_makes_no_difference():
    numbers = list(range(40))
    labels = [("cat", "dog", "cow")[number % 3] for number in numbers]

    def taken(order):
        held = held_pictures(
            "mine", [picture(n) for n in order], [labels[n] for n in order], [f"p{n:02}" for n in order]
        )
        return held.identity, [(held.examples[n].key, part) for part in Part for n in held.part(part)]

    shuffled = Random(4).sample(numbers, len(numbers))
    assert taken(shuffled) == taken(numbers)


def test_objects_that_are_no_pictures_are_counted():
    held = held_pictures("mine", [picture(1), "a.png", picture(2)], ["cat", "cat", ""])
    assert [each.key for each in held.examples] == ["image 1"]
    assert held.left_out.notes[Reason.UNREADABLE] == ["image 2: a str, no PIL image"]
    assert held.left_out.counts[Reason.NO_LABEL] == 1
    with pytest.raises(CorpusError, match="2 pictures with 1 labels and 2 keys"):
        held_pictures("mine", [picture(1), picture(2)], ["cat"])


def test_the_lab_draws_as_many_as_asked_for():
    pictures = open_labelled("lab", Reading(most=100, seed=3))
    assert len(pictures) == 100
    assert len(pictures.labels) == 48
    assert "red circle" in pictures.labels
    assert set(pictures.counts.values()) == {2, 3}
    assert pictures.open(0).size == (48, 48)
    again, other = open_labelled("lab", Reading(most=100, seed=3)), open_labelled("lab", Reading(most=100, seed=4))
    assert again.identity == pictures.identity != other.identity
    more = {each.digest for each in open_labelled("lab", Reading(most=150, seed=3)).inputs}
    assert {each.digest for each in pictures.inputs} <= more, "a larger number begins with the same"
    with pytest.raises(CorpusError, match=r"40000 is the most. Ask for fewer"):
        open_labelled("lab", Reading(most=40_001))


def test_a_label_left_out_on_purpose_is_counted(pets):
    pictures = open_labelled(str(pets)).without(["cat"])
    assert pictures.labels == ("dog",)
    assert str(pictures.left_out) == "3 of labels that are left out on purpose"
    with pytest.raises(CorpusError, match="no usable picture"):
        pictures.without(["dog"])


def test_few_pictures_are_kept_open_and_all_can_be_opened(tmp_path):
    from faultfinder.tools.picture_sources.album import Album
    from faultfinder.tools.picture_sources.held import HeldPicture

    album = Album(most_pixels=2_500)
    for seed in (0, 1, 2, 3, 0):
        shown = album.picture(HeldPicture(f"{seed}", picture(seed)))
        assert np.array_equal(np.asarray(shown), np.asarray(picture(seed)))
        assert album.pixels <= 2_500
    large = HeldPicture("large", picture(8, (100, 100)))
    assert album.picture(large).size == (100, 100)


def test_labels_are_data(tmp_path):
    rows = [{"file": "a.png", "label": "</script>\x1b[31m cat\n"}, {"file": "b.png", "label": "x" * 300}]
    picture(1).save(tmp_path / "a.png")
    picture(2).save(tmp_path / "b.png")
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pictures = open_labelled(str(tmp_path / "set.jsonl"))
    assert pictures.labels == ("</script> [31m cat",)
    assert pictures.left_out.counts[Reason.NO_LABEL] == 1


def test_several_folders_and_files_are_one_set(pets, tmp_path):
    (tmp_path / "more" / "bird").mkdir(parents=True)
    picture(9).save(tmp_path / "more" / "bird" / "a.png")
    (tmp_path / "more" / "bird" / "cat.png").write_bytes((pets / "dog" / "a.png").read_bytes())
    table = tmp_path / "more" / "list.csv"
    picture(10).save(tmp_path / "more" / "cow.png")
    table.write_text("path,label\ncow.png,cow\ngone.png,cow\n")
    pictures = open_labelled(f"{pets},{tmp_path / 'more'}, {table}")
    assert pictures.name == "pets, more, list.csv"
    assert pictures.labels == ("bird", "cat", "cow", "dog")
    assert "more/bird/a.png" in [each.key for each in pictures.examples]
    assert "list.csv/cow.png" in [each.key for each in pictures.examples]
    assert pictures.left_out.counts[Reason.CONTRADICTORY] == 2, "a dog in one of them is a bird in another"
    assert pictures.left_out.notes[Reason.MISSING] == ["list.csv/line 3: no file 'gone.png' in " + str(table.parent)]
    assert pictures.identity == open_labelled(f"{pets},{tmp_path / 'more'},{table}").identity


def test_two_folders_of_one_name_are_told_apart_and_a_comma_in_a_name_is_no_border(pets, tmp_path):
    other = tmp_path / "other" / "pets"
    (other / "cat").mkdir(parents=True)
    picture(11).save(other / "cat" / "a.png")
    pictures = open_labelled(f"{pets},{other}")
    assert len(pictures) == 6
    assert f"{other}/cat/a.png" in [each.key for each in pictures.examples]
    pets.rename(tmp_path / "cats,dogs")
    assert len(open_labelled(str(tmp_path / "cats,dogs"))) == 5


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("{pets},", "nothing stands before or after a comma"),
        ("{pets},{pets}", "the same twice"),
        ("{pets},no", "no: no such"),
    ],
)
def test_a_list_that_cannot_be_says_what_to_do(pets, spec, said):
    with pytest.raises(CorpusError, match=said):
        open_labelled(spec.format(pets=pets))
