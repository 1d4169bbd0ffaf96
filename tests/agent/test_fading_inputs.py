"""Where a fade's inputs come from: parts that share nothing, edits by the failure's rule, pictures that fit."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.agent.fading.material import FEWEST, Failing, Sources, gather
from faultfinder.agent.fading.rewriting import Editor, is_by, rule_of
from faultfinder.agent.fading.splitting import Part, Sieve, part_of, split, texts_of
from faultfinder.memory.errors import AuditError, CorpusError
from faultfinder.memory.records import EditKind, Hypothesis, Meaning, Rule, TextPair
from faultfinder.tools.captioned_pictures import Captioned
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.ports import Contrast, Lesson
from faultfinder.tools.registry import world_of
from faultfinder.tools.slots import Slots

WORLD = world_of("lab:clip")
SIDES = Rule(kind=EditKind.EXCHANGE, words=("left", "right"))
FAILURE = Hypothesis(id="h1", title="sides", description="left and right are confused", rule=SIDES)


def lesson(caption: str, key: str = "") -> Lesson:
    return Lesson(caption, key or caption, lambda: Image.new("RGB", (4, 4)))


def editor(captions: list[str]) -> Editor:
    return Editor(Slots(captions), Lexicon.load(), WORLD.judge)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=60))
def test_a_picture_is_always_in_the_same_part(keys: list[str]) -> None:
    lessons = [lesson(key, f"picture {index % 7}") for index, key in enumerate(keys)]
    parts = split(lessons)
    assert sum(len(parts.of(part)) for part in Part) == len(lessons)
    assert all(part_of(each.key) is part for part in Part for each in parts.of(part))


def test_the_parts_have_their_shares() -> None:
    found = [part_of(f"picture {n}") for n in range(4000)]
    shares = {part: found.count(part) / len(found) for part in Part}
    assert shares == pytest.approx({Part.TEST: 0.25, Part.VALIDATION: 0.15, Part.TRAIN: 0.6}, abs=0.03)


WORDS = st.sampled_from("abcdefgh")
INPUTS = st.lists(st.tuples(WORDS, WORDS), max_size=30)


@given(INPUTS, INPUTS, INPUTS, st.frozensets(WORDS), st.frozensets(WORDS))
def test_no_text_is_in_two_parts_and_none_was_used_before(test, validation, train, spent, reserved) -> None:
    sieve = Sieve(spent, reserved)
    given_parts = dict(zip(Part, (test, validation, train), strict=True))
    kept = {part: sieve.keep(part, [Contrast(lesson(a), b) for a, b in given_parts[part]]) for part in Part}
    texts = {part: {text for each in kept[part] for text in texts_of(each)} for part in Part}
    assert all(not texts[one] & texts[other] for one, other in combinations(Part, 2))
    assert not spent & set().union(*texts.values())
    assert not reserved & texts[Part.TRAIN]
    assert sieve.left_out == sum(map(len, given_parts.values())) - sum(map(len, kept.values()))


def test_captions_are_edited_by_the_rule_and_change_their_meaning() -> None:
    captions = [each.caption for each in WORLD.teacher.lessons(1500, 3)]
    pairs = editor(captions).edited(captions, SIDES, FAILURE, seed=0)
    assert len(pairs) > 100
    assert all(is_by(SIDES, pair) for pair in pairs)
    assert {judged.meaning for judged in WORLD.judge.judge(pairs)} == {Meaning.DIFFERENT}
    assert len({pair.a for pair in pairs}) == len(pairs)


@pytest.mark.parametrize("kind", [EditKind.SWAP, EditKind.DROP])
def test_other_kinds_of_rule_edit_too(kind: EditKind) -> None:
    captions = [each.caption for each in WORLD.teacher.lessons(1500, 3)]
    rule = Rule(kind=kind, words=() if kind is EditKind.SWAP else ("no",))
    judge = LexiconJudge(Lexicon.load())
    plain = [f"{text} and no dog here" for text in captions] if kind is EditKind.DROP else captions
    plain += [f"{text} and dog here" for text in captions[:50]] if kind is EditKind.DROP else []
    pairs = Editor(Slots(plain), Lexicon.load(), judge).edited(plain, rule, FAILURE, seed=0)
    assert len(pairs) > 50
    assert all(is_by(rule, pair) for pair in pairs)


def test_a_restriction_holds_for_training_too() -> None:
    captions = [each.caption for each in WORLD.teacher.lessons(3000, 3)]
    within = FAILURE.model_copy(update={"within": (("star", "stars"),)})
    pairs = editor(captions).edited(captions, SIDES, within, seed=0)
    assert pairs
    assert all("star" in pair.a and "star" in pair.b for pair in pairs)


def test_a_failure_without_a_rule_gets_it_from_its_cases() -> None:
    free = FAILURE.model_copy(update={"rule": None})
    pairs = [TextPair(a=f"a {x} left of b", b=f"a {x} right of b") for x in ("cat", "dog", "cow")]
    assert rule_of(free, pairs) == SIDES
    assert rule_of(FAILURE, []) is SIDES
    with pytest.raises(AuditError, match="no edit rule"):
        rule_of(free, [TextPair(a="a cat", b="nobody here has ever seen it")])


def test_a_worlds_material_is_disjoint_and_shows_what_it_says() -> None:
    spent = frozenset(each.caption for each in WORLD.teacher.lessons(500, 0))
    material = gather(
        Failing(FAILURE, SIDES), Sources(WORLD.teacher, None, "the lab", editor), 0, 200, spent, frozenset()
    )
    assert set(material.test.kinds) == set(WORLD.teacher.kinds)
    texts = [
        {text for each in chain(exam.failure, exam.lessons, *exam.kinds.values()) for text in texts_of(each)}
        for exam in (material.validation, material.test)
    ]
    assert not texts[0] & texts[1]
    assert not (texts[0] | texts[1] | material.learned) & spent
    assert not material.learned & (texts[0] | texts[1] | set(material.fresh))
    assert material.data.left_out > 0
    pair = material.test.failure[0]
    assert pair.other is not None
    looks = WORLD.eyes.which(_looks(pair))
    assert [sight.seen.value for sight in looks] == ["first", "second"]


def _looks(pair: Contrast):
    from faultfinder.tools.ports import Look

    pictures = (pair.lesson.picture(), pair.other())
    return [Look(image, pair.lesson.caption, pair.edited) for image in pictures]


def test_too_few_pairs_are_said_with_their_numbers() -> None:
    file = Captioned((lesson("a cat left of a dog"),), 0, 0)
    with pytest.raises(CorpusError, match=rf"at least 1, {FEWEST} and {FEWEST}"):
        gather(Failing(FAILURE, SIDES), Sources(None, file, "cats.csv", editor), 0, 500, frozenset(), frozenset())
