"""Objects of COCO instances files as labelled pictures."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.labelled import Reading, open_labelled
from faultfinder.tools.picture_sources.candidate import Reason
from faultfinder.tools.picture_sources.coco import Take
from faultfinder.tools.splits import Part

CATEGORIES = [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}, {"id": 27, "name": "backpack"}]


def photo(seed, width=320, height=240):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def image(number, **more):
    return {"id": number, "file_name": f"{number:012}.png", "width": 320, "height": 240} | more


def thing(number, picture, category, bbox, **more):
    return {"id": number, "image_id": picture, "category_id": category, "bbox": bbox, "iscrowd": 0} | more


class Set:
    """A data set as COCO lays it out, written when it is complete."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "annotations" / "instances_val2017.json"
        self.images, self.annotations = [], []

    def add(self, number, *things, saved=True, **more):
        self.images.append(image(number, **more))
        self.annotations += [thing(number * 100 + n, number, *each) for n, each in enumerate(things)]
        if saved:
            (self.folder / "val2017").mkdir(exist_ok=True)
            photo(number).save(self.folder / "val2017" / f"{number:012}.png")

    def open(self, **reading):
        self.file.parent.mkdir(exist_ok=True)
        document = {"images": self.images, "annotations": self.annotations, "categories": CATEGORIES}
        self.file.write_text(json.dumps(document))
        return open_labelled(str(self.file), Reading(**reading))


@pytest.fixture
def coco(tmp_path):
    return Set(tmp_path)


def test_each_object_is_cropped_with_a_margin(coco):
    coco.add(1, (18, [100, 50, 80, 100]), (1, [220, 10, 90, 200]))
    pictures = coco.open()
    assert [(e.key, e.truth) for e in pictures.examples] == [
        ("000000000001.png#100", "dog"),
        ("000000000001.png#101", "person"),
    ]
    dog, person = pictures.open(0), pictures.open(1)
    assert np.array_equal(np.asarray(dog), np.asarray(photo(1).crop((92, 40, 188, 160))))
    assert np.array_equal(np.asarray(person), np.asarray(photo(1).crop((211, 0, 319, 230)))), "cut at the edge"


def test_what_makes_no_good_input_is_counted(coco):
    coco.add(
        1,
        (18, [10, 10, 100, 100]),
        (18, [150, 10, 63, 200]),
        (1, [300, 10, 100, 200]),  # most of it lies outside
        (27, [120, 120, 70, 70]),
        (1, [115, 110, 150, 120]),
    )
    coco.annotations.append(thing(7, 1, 18, [0, 0, 200, 200], iscrowd=1))
    pictures = coco.open()
    assert [e.key for e in pictures.examples] == ["000000000001.png#100", "000000000001.png#104"]
    assert dict(pictures.left_out.counts) == {Reason.SMALL: 2, Reason.SHARED: 1, Reason.CROWD: 1}
    assert pictures.left_out.notes[Reason.SHARED] == ["000000000001.png#103: backpack"]


def test_whole_pictures_of_one_kind(coco):
    coco.add(1, (18, [10, 10, 100, 100]), (18, [150, 10, 20, 20]))
    coco.add(2, (18, [10, 10, 100, 100]), (1, [150, 10, 20, 20]))
    coco.add(3)
    pictures = coco.open(take=Take.WHOLE)
    assert [(e.key, e.truth) for e in pictures.examples] == [("000000000001.png", "dog")]
    assert pictures.open(0).size == (320, 240)
    assert pictures.left_out.notes[Reason.MIXED] == ["000000000002.png: dog, person"]


def test_two_crops_of_a_picture_never_part(coco):
    for number in range(1, 41):
        coco.add(number, (18, [0, 0, 100, 100]), (1, [200, 0, 100, 100]), (27, [0, 130, 100, 100]))
    pictures = coco.open()
    assert len(pictures) == 120
    parts = {part: {pictures.examples[n].key.split("#")[0] for n in pictures.part(part)} for part in Part}
    assert sum(len(pictures.part(part)) for part in Part) == 120
    assert sum(map(len, parts.values())) == len(set.union(*parts.values())) == 40
    assert all(parts.values())


def test_records_out_of_form_are_counted_with_their_place(coco):
    coco.add(1, (18, [0, 0, 100, 100]))
    coco.images += [{"id": 2}, "text"]
    coco.annotations += [
        {"image_id": 1, "category_id": 18},
        thing(5, 1, 18, [0, 0, float("nan"), 100]),
        thing(6, 1, 18, "everywhere"),
        thing(7, 99, 18, [0, 0, 100, 100]),
        thing(8, 1, 99, [0, 0, 100, 100]),
        thing(9, 1, 18, [0, 0, -100, 100]),
    ]
    left_out = coco.open().left_out
    assert dict(left_out.counts) == {Reason.MALFORMED: 5, Reason.MISSING: 1, Reason.NO_LABEL: 1, Reason.SMALL: 1}
    assert left_out.notes[Reason.MALFORMED][0] == "image 2: file_name: Field required"
    assert any(note.startswith("annotation 2: bbox") for note in left_out.notes[Reason.MALFORMED])
    assert left_out.notes[Reason.MISSING] == ["annotation 5: no image 99 in the list"]


def test_pictures_that_are_missing_broken_or_elsewhere(coco):
    coco.add(1, (18, [0, 0, 100, 100]))
    coco.add(2, (18, [0, 0, 100, 100]), saved=False)
    coco.add(3, (18, [0, 0, 100, 100]), (1, [200, 0, 100, 100]))
    (coco.folder / "val2017" / "000000000003.png").write_bytes(b"\x89PNG and then nothing")
    coco.add(4, (18, [0, 0, 100, 100]), file_name="../../etc/passwd", saved=False)
    coco.add(5, (18, [0, 0, 100, 100]), width=640)
    pictures = coco.open()
    assert [e.key for e in pictures.examples] == ["000000000001.png#100"]
    assert dict(pictures.left_out.counts) == {
        Reason.MISSING: 1,
        Reason.UNREADABLE: 2,
        Reason.OUTSIDE: 1,
        Reason.RESIZED: 1,
    }
    assert pictures.left_out.notes[Reason.RESIZED] == ["000000000005.png#500: 320 x 240, not 640 x 240 pixels"]


@pytest.mark.parametrize("place", ["annotations", "annotations/images", "images/val2017", "images", "."])
def test_pictures_are_found_where_they_usually_lie(coco, place):
    coco.add(1, (18, [0, 0, 100, 100]), saved=False)
    (coco.folder / place).mkdir(parents=True, exist_ok=True)
    photo(1).save(coco.folder / place / "000000000001.png")
    assert len(coco.open()) == 1


def test_pictures_in_a_folder_that_is_named(coco, tmp_path):
    coco.add(1, (18, [0, 0, 100, 100]), saved=False)
    with pytest.raises(CorpusError, match=r"none of its pictures is in .*Say where they are with --pictures DIR"):
        coco.open()
    (tmp_path / "far").mkdir()
    photo(1).save(tmp_path / "far" / "000000000001.png")
    assert len(coco.open(pictures=tmp_path / "far")) == 1


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"images": [], "annotations": []}, r"not a COCO instances file \(no list 'categories'\). Captions files have"),
        ([], "no list 'images' and 'annotations' and 'categories'"),
        ({"images": {}, "annotations": [], "categories": []}, "no list 'images'"),
    ],
)
def test_other_json_files_are_told_apart(tmp_path, document, said):
    (tmp_path / "some.json").write_text(json.dumps(document))
    with pytest.raises(CorpusError, match=said):
        open_labelled(str(tmp_path / "some.json"))


@given(st.lists(st.tuples(*[st.floats(-400, 400)] * 4), min_size=1, max_size=6, unique=True))
def test_every_object_is_taken_or_counted_whatever_its_box(tmp_path_factory, boxes):
    coco = Set(tmp_path_factory.mktemp("boxes"))
    coco.add(1, (18, [0, 0, 100, 100]), *((18, list(box)) for box in boxes))
    pictures = coco.open()
    assert len(pictures) + pictures.left_out.total == len(boxes) + 1
    assert all(min(pictures.open(number).size) >= 64 for number in range(len(pictures)))


def test_whole_pictures_by_the_kind_that_covers_most(coco):
    coco.add(1, (18, [0, 0, 100, 100]), (18, [100, 0, 100, 100]), (1, [0, 100, 150, 100]))
    coco.add(2, (18, [0, 0, 100, 100]), (1, [100, 0, 1000, 200]))
    coco.add(3, (18, [0, 0, 100, 100]), (1, [100, 0, 100, 100]))
    coco.add(4)
    pictures = coco.open(take=Take.LARGEST)
    assert [each.truth for each in pictures.examples] == ["dog", "person"]
    assert pictures.left_out.notes[Reason.MIXED] == ["000000000003.png: dog, person"]
    assert pictures.left_out.notes[Reason.NO_LABEL] == ["000000000004.png: no object in it"]


def test_a_spec_says_what_is_taken(coco):
    coco.add(1, (18, [0, 0, 100, 100]), (1, [120, 0, 150, 200]))
    coco.add(2, (18, [0, 0, 100, 100]))
    assert len(coco.open()) == 3
    assert [each.truth for each in open_labelled(f"{coco.file}@whole").examples] == ["dog"]
    assert [each.truth for each in open_labelled(f"{coco.file}@largest").examples] == ["person", "dog"]
    with pytest.raises(CorpusError, match="no such file"):
        open_labelled(f"{coco.file}@smallest")
    with pytest.raises(CorpusError, match="@whole is for COCO files"):
        open_labelled(f"{coco.folder}@whole")
