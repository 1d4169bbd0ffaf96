"""`folder:DIR`: a sheet of prompts goes out, pictures come in, nothing that lies there is trusted."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.memory.errors import PictureRefused, SpecError, Waiting
from faultfinder.tools.registry import open_generator
from faultfinder.tools.targets.picture_folder import MOST_BYTES, SHEET, PictureFolder, picture_name

PROMPTS = ["a red dog", "a blue dog", "two dogs, a cat"]
SEEDS = [7, 7, 8]
HOSTILE = [
    '=HYPERLINK("http://evil","x")', "+1+1", "-1", "@SUM(A1)", "\t=1", "../../etc/passwd", "/etc/passwd", "a\nb\r\nc",
    'say "hi", twice', "<script>", "CON", "p-000000000000", "", " ", "日本語", "a" * 5000,
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def elsewhere(folder: Path) -> PictureFolder:
    return open_generator(f"folder:{folder}")


def sheet(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / SHEET).read_bytes().decode("utf-8-sig"))))


def waits(generator: PictureFolder, prompts: list[str] = PROMPTS, seeds: list[int] = SEEDS) -> str:
    """Order pictures, and return why the audit has to wait for them."""
    with pytest.raises(Waiting) as wait:
        generator.commission(prompts, seeds)
    return wait.value.reason


def drop(folder: Path, name: str, colour: str = "red") -> None:
    Image.new("RGB", (16, 16), colour).save(folder / name)


def test_the_sheet_says_what_to_paint_and_how_to_call_it(elsewhere, folder):
    reason = waits(elsewhere)
    assert sheet(folder) == [
        {"file": f"{picture_name(prompt, seed)}.png", "prompt": prompt, "seed": str(seed), "note": ""}
        for prompt, seed in zip(PROMPTS, SEEDS, strict=True)
    ]
    assert reason.startswith(
        f"waiting for 3 pictures: {folder / SHEET} lists prompts and file names; have them painted"
    )


def test_pictures_dropped_in_are_found_and_the_sheet_keeps_what_is_missing(elsewhere, folder):
    waits(elsewhere)
    first, second, third = (row["file"] for row in sheet(folder))
    drop(folder, second, "blue")
    assert waits(elsewhere).startswith("waiting for 2 pictures: ")
    assert [row["file"] for row in sheet(folder)] == [first, third]
    drop(folder, first, "red")
    assert waits(elsewhere).startswith("waiting for 1 picture: ")
    drop(folder, third, "white")
    elsewhere.commission(PROMPTS, SEEDS)
    assert sheet(folder) == []
    pictures = elsewhere.generate(PROMPTS, SEEDS)
    assert [picture.getpixel((0, 0)) for picture in pictures] == [(255, 0, 0), (0, 0, 255), (255, 255, 255)]


def test_the_same_prompt_with_another_seed_is_another_picture(elsewhere, folder):
    waits(elsewhere, ["a dog", "a dog", "a dog"], [1, 2, 1])
    assert len(sheet(folder)) == 2


@pytest.mark.parametrize(
    "ending", [".png", ".PNG", ".jpg", ".JPG", ".jpeg", ".webp", " (1).png", "_v2 final.JPG", ".download.png"]
)
def test_endings_and_what_people_add_to_a_name_do_not_matter(elsewhere, folder, ending):
    drop(folder, picture_name("a dog", 1) + ending)
    assert len(elsewhere.generate(["a dog"], [1])) == 1


@pytest.mark.parametrize("ending", [".gif", ".png.crdownload", ".png.part", "0.png", ".svg", ""])
def test_other_files_are_left_alone(elsewhere, folder, ending):
    (folder / (picture_name("a dog", 1) + ending)).write_bytes(b"GIF89a")
    waits(elsewhere, ["a dog"], [1])
    assert sheet(folder)[0]["note"] == ""


def test_a_file_of_the_right_kind_under_a_wrong_ending_is_read_for_what_it_is(elsewhere, folder):
    Image.new("RGB", (16, 16), "blue").save(folder / f"{picture_name('a dog', 1)}.png", format="JPEG")
    assert len(elsewhere.generate(["a dog"], [1])) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b""), "is no whole PNG, JPEG or WebP picture"),
        (lambda path: path.write_bytes(b"<html>log in</html>"), "is no whole PNG, JPEG or WebP picture"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "is no whole PNG, JPEG or WebP picture"),
        (lambda path: Image.new("1", (9000, 9000)).save(path), "has 9000 x 9000 pixels, more than 67,108,864"),
        (lambda path: Image.new("1", (14000, 14000)).save(path), "is no whole .* DecompressionBombError|14000 x 14000"),
        (lambda path: (path.unlink(), path.mkdir()), "is no file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "is no file"),
    ],
)
def test_a_file_that_is_no_picture_is_to_be_replaced_and_the_sheet_says_why(elsewhere, folder, spoil, said):
    path = folder / f"{picture_name('a dog', 1)}.png"
    Image.effect_noise((64, 64), 60).save(path)
    spoil(path)
    reason = waits(elsewhere, ["a dog"], [1])
    assert re.search(said, sheet(folder)[0]["note"])
    assert f"to be replaced: 1, such as {path.name}" in reason
    with pytest.raises(Waiting):
        elsewhere.generate(["a dog"], [1])


def test_a_huge_file_is_refused_unread(elsewhere, folder):
    path = folder / f"{picture_name('a dog', 1)}.png"
    path.touch()
    os.truncate(path, MOST_BYTES + 1)
    waits(elsewhere, ["a dog"], [1])
    assert f"is larger than {MOST_BYTES:,} bytes" in sheet(folder)[0]["note"]


def test_links_are_refused_wherever_they_lead(elsewhere, folder, tmp_path):
    drop(tmp_path, "secret.png")
    (folder / f"{picture_name('a dog', 1)}.png").symlink_to(tmp_path / "secret.png")
    (folder / f"{picture_name('a dog', 2)}.txt").symlink_to("/etc/hostname")
    (folder / f"{picture_name('a dog', 3)}.png").symlink_to(tmp_path / "nowhere")
    waits(elsewhere, ["a dog"] * 3, [1, 2, 3])
    assert all("is a link; put the picture itself into the folder" in row["note"] for row in sheet(folder))


def test_a_good_copy_beside_a_broken_one_is_enough(elsewhere, folder):
    stem = picture_name("a dog", 1)
    (folder / f"{stem}.png").write_bytes(b"half")
    drop(folder, f"{stem} (1).png")
    assert len(elsewhere.generate(["a dog"], [1])) == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"banned word:\n 'dog'", ": banned word: 'dog'$"),
        (b"", ": refused where it was to be painted$"),
        (b"\xff\xfe" * 9000, ": .{1,300}$"),
    ],
)
def test_a_prompt_that_was_refused_elsewhere_is_refused_here(elsewhere, folder, written, said):
    drop(folder, f"{picture_name('a cat', 1)}.png")
    (folder / f"{picture_name('a dog', 1)}.txt").write_bytes(written)
    elsewhere.commission(["a dog", "a cat"], [1, 1])
    with pytest.raises(PictureRefused, match=said):
        elsewhere.generate(["a dog"], [1])
    assert len(elsewhere.generate(["a cat"], [1])) == 1


def test_hostile_prompts_stay_data(elsewhere, folder, tmp_path):
    waits(elsewhere, HOSTILE, [1] * len(HOSTILE))
    rows = sheet(folder)
    assert len(rows) == len(HOSTILE)
    for row, prompt in zip(rows, HOSTILE, strict=True):
        assert re.fullmatch(r"p-[0-9a-f]{12}\.png", row["file"])
        assert row["prompt"].removeprefix("'") == prompt
        assert not row["prompt"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        drop(folder, row["file"])
    assert len(elsewhere.generate(HOSTILE, [1] * len(HOSTILE))) == len(HOSTILE)
    assert [path.name for path in tmp_path.iterdir() if path.name != "user"] == [folder.name]


def test_what_is_written_into_the_sheet_is_never_read(elsewhere, folder, tmp_path):
    drop(tmp_path, "other.png")
    (folder / SHEET).write_text(f"file,prompt,seed\n../other.png,{PROMPTS[0]},7\n{tmp_path}/other.png,x,1\n")
    assert waits(elsewhere).startswith("waiting for 3 pictures")


@given(st.text(), st.integers(0, 2**32 - 1))
def test_a_name_is_plain_whatever_the_prompt(prompt, seed):
    assert re.fullmatch(r"p-[0-9a-f]{12}", picture_name(prompt, seed))
    assert picture_name(prompt, seed) == picture_name(prompt, seed)
    assert picture_name(prompt, seed) != picture_name(prompt, seed + 1)


def test_the_folder_is_made_and_a_file_in_its_place_refused(tmp_path):
    open_generator(f"folder:{tmp_path / 'a' / 'b'}")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "taken").write_text("")
    for path in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(SpecError, match=r"cannot be used \(.*\); name a folder you may write to"):
            open_generator(f"folder:{path}")
