"""Pictures with captions from files: what is read, what is left out and counted, and what is never looked for."""

import json
from pathlib import Path

import pytest
from PIL import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.captioned_pictures import read_captioned


def picture(path: Path, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), colour).save(path)
    return path


def coco(path: Path, images: dict[int, str], captions: list[tuple[int, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "images": [{"id": key, "file_name": name} for key, name in images.items()],
        "annotations": [{"image_id": key, "caption": said} for key, said in captions],
    }
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("place", ["annotations/captions_val2017.json", "captions_val2017.json"])
def test_a_coco_file_finds_its_pictures_in_the_folder_named_after_it(tmp_path: Path, place: str) -> None:
    picture(tmp_path / "val2017" / "1.jpg")
    file = coco(tmp_path / place, {1: "1.jpg", 2: "2.jpg"}, [(1, " A cat.\n"), (1, "A pet."), (2, "Gone."), (1, 7)])
    found = read_captioned(file)
    assert [lesson.caption for lesson in found.lessons] == ["A cat.", "A pet."]
    assert len({lesson.key for lesson in found.lessons}) == 1, "two captions of one picture"
    assert (found.missing, found.unusable) == (1, 1)
    assert found.lessons[0].picture().size == (8, 8)


def test_a_csv_and_the_folder_it_lies_in_are_the_same(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    picture(tmp_path / "b.png", "blue")
    (tmp_path / "captions.csv").write_text(
        "picture,caption\na.png,A red field\nb.png,A blue field\nb.png,A blue field\n"
    )
    by_file, by_folder = read_captioned(tmp_path / "captions.csv"), read_captioned(tmp_path)
    assert [lesson.caption for lesson in by_file.lessons] == ["A red field", "A blue field"]
    assert [lesson.key for lesson in by_file.lessons] == [lesson.key for lesson in by_folder.lessons]
    assert by_file.lessons[1].picture().getpixel((0, 0)) == (0, 0, 255)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "a\0b.png", "images/../../secret.png"])
def test_a_name_that_leads_elsewhere_is_not_followed(tmp_path: Path, name: str) -> None:
    picture(tmp_path / "secret.png")
    place = tmp_path / "here" / "captions"
    file = coco(place / "captions.json", {1: name, 2: "own.png"}, [(1, "Stolen."), (2, "Own.")])
    picture(place / "own.png")
    found = read_captioned(file)
    assert [lesson.caption for lesson in found.lessons] == ["Own."]
    assert found.missing == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", "a,b\n1,2\n", "columns 'picture' and 'caption'"),
        ("none.json", "[]", "not a COCO captions file"),
        ("none.json", "{", "not a COCO captions file"),
        ("none.csv", "picture,caption\nno.png,Nothing\n", "none of its 1 pairs"),
        ("none.csv", b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_what_holds_no_pairs_says_so(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CorpusError, match=said):
        read_captioned(tmp_path / name)


def test_a_missing_file_and_a_folder_without_one_say_what_is_wanted(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "gone.csv", "does not exist"), (tmp_path, "holds none of captions.csv")):
        with pytest.raises(CorpusError, match=said):
            read_captioned(path)


def test_a_broken_picture_is_named_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "captions.csv").write_text("image,text\nbroken.png,Broken\n")
    (lesson,) = read_captioned(tmp_path).lessons
    with pytest.raises(CorpusError, match=r"broken\.png is no picture"):
        lesson.picture()
