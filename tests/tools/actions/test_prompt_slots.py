"""Prompts with slots: filled, with foils that differ in one slot each; files that are none are refused by name."""

from pathlib import Path

import pytest

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.actions.prompt_slots import PromptSlots, read_prompt_slots

TEMPLATES = ("a {colour} {animal}", "there is a {colour} {animal}")
SLOTS = {"colour": ("red", "blue", "green"), "animal": ("dog", "horse")}


def test_an_action_fills_every_slot():
    slots = PromptSlots("test", TEMPLATES, SLOTS)
    assert len(slots.space) == 6
    prompts = {slots.prompt(0, action) for action in slots.space.actions}
    assert prompts == {f"a {colour} {animal}" for colour in SLOTS["colour"] for animal in SLOTS["animal"]}


@pytest.mark.parametrize("dice", range(5))
def test_a_foil_differs_in_one_slot_and_each_slot_has_one(dice):
    slots = PromptSlots("test", TEMPLATES, SLOTS)
    for action in slots.space.actions:
        prompt = slots.prompt(1, action).split()
        changed = [
            [i for i, words in enumerate(zip(prompt, foil.split(), strict=True)) if words[0] != words[1]]
            for foil in slots.foils(1, action, dice)
        ]
        assert changed == [[3], [4]]


def test_a_file_gives_what_it_says(tmp_path: Path):
    path = tmp_path / "prompts.toml"
    path.write_text('templates = ["a {colour} dog"]\n[slots]\ncolour = ["red", "blue"]\n')
    assert [factor.levels for factor in read_prompt_slots(path).space.factors] == [("red", "blue")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("templates = [", "is no TOML"),
        ("templates = []\n[slots]\n", "templates, each of them once"),
        ('templates = ["a dog"]\n[slots]\ncolour = ["red", "blue"]\n', "it must have colour"),
        ('templates = ["a {colour!r} dog"]\n[slots]\ncolour = ["red", "blue"]\n', "it must have colour"),
        ('templates = ["a {colour.__class__} dog"]\n[slots]\ncolour = ["red", "blue"]\n', "it must have colour"),
        ('templates = ["a {colour dog"]\n[slots]\ncolour = ["red", "blue"]\n', "a brace too many"),
        ('templates = ["a {colour} dog"]\n[slots]\ncolour = ["red"]\n', "at least two different words"),
        ('templates = ["a {colour} dog"]\nslots = 3\n', r"below \[slots\]"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_what_to_write(tmp_path: Path, content: str, told: str):
    path = tmp_path / "prompts.toml"
    path.write_text(content)
    with pytest.raises(CorpusError, match=told):
        read_prompt_slots(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CorpusError, match=r"prompts\.toml"):
        read_prompt_slots(tmp_path / "prompts.toml")
