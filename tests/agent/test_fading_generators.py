"""Fading generators: what their exam sees, who may judge it, what a batch shows; whole fades of the lab's painters."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faultfinder.agent.fading.darkroom import darkroom
from faultfinder.agent.fading.generators import PaintBatches
from faultfinder.agent.fading.looking import OTHERS, THE_FAILURE, PaintedExam
from faultfinder.agent.fading.material import Training
from faultfinder.agent.fading.records import Keeping, Verdict
from faultfinder.agent.report.suite import Origin
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.errors import AuditError, PictureRefused
from faultfinder.memory.records import AuditSettings, Decision, Limits, TextPair
from faultfinder.tools.corpora import Corpus, open_corpus
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import Contrast, Lesson
from faultfinder.tools.registry import open_generator, world_of
from tests.support.audits import audit, settings
from tests.support.fading import fade, left_by, pictures
from tests.support.painters import Draughtsman, mirrored, truthful
from tests.support.suites import user_folders

WORLD = world_of("lab:clip")
PLANTED = "lab:t2i/size"


def pairs(kind: str, number: int) -> list[TextPair]:
    drawn = WORLD.teacher.contrasts(kind, number, 9)
    return [TextPair(a=each.lesson.caption, b=each.edited) for each in drawn]


def exam(seed: int = 0, apart: int = 6) -> PaintedExam:
    kinds = {"colour": pairs("colour", 8), "shape": pairs("shape", 4)}
    return PaintedExam(pairs("left-right", 8), kinds, WORLD.eyes, seed, apart)


def test_one_that_paints_the_truth_has_every_picture_right() -> None:
    scores = exam().take(truthful())
    assert list(scores) == [THE_FAILURE, OTHERS, "colour"], "a kind with few pairs counts among the others only"
    assert [len(scored.values) for scored in scores.values()] == [8, 12, 8]
    assert all(scored.values.min() == 1 for scored in scores.values())
    assert scores[THE_FAILURE].about == "failure"


def test_one_that_paints_left_for_right_fails_there_and_nowhere_else() -> None:
    scores = exam().take(mirrored())
    assert scores[THE_FAILURE].values.max() == 0
    assert scores["colour"].values.min() == 1
    assert exam().failing(mirrored()) == 0
    assert exam().failing(truthful()) == 1


class Prudish(Draughtsman):
    """Refuses whatever is red, a batch for the sake of one."""

    def generate(self, prompts, seeds):
        if any("red" in prompt for prompt in prompts):
            raise PictureRefused("not in red")
        return super().generate(prompts, seeds)


def test_what_is_refused_is_undecided_and_the_rest_is_painted() -> None:
    asked = pairs("red-green", 4)
    found = PaintedExam(asked, {}, WORLD.eyes, 0, 6).take(Prudish("prudish"))[THE_FAILURE].values
    reds = np.array([sum("red" in text for text in (pair.a, pair.b)) for pair in asked])
    assert set(reds) & {1}
    assert np.array_equal(found, 1 - reds / 4)


def test_every_model_is_asked_with_the_same_dice_and_another_seed_has_others() -> None:
    class Noting(Draughtsman):
        def generate(self, prompts, seeds):
            self.dice = [*getattr(self, "dice", []), *seeds]
            return super().generate(prompts, seeds)

    first, second, other = Noting("one"), Noting("two"), Noting("three")
    exam().take(first)
    exam().take(second)
    exam(seed=1).take(other)
    assert first.dice == second.dice
    assert not set(first.dice) & set(other.dice)
    assert first.dice[0::2] == first.dice[1::2], "both prompts of a pair are painted with one seed"


def told(corpus: str, **more: object) -> tuple[AuditSettings, Origin]:
    chosen = AuditSettings(name="n", goal="g", target="lab:t2i", corpus=corpus, **more)
    return chosen, Origin(**chosen.model_dump(include=set(Origin.model_fields)))


def test_pictures_are_looked_at_as_in_the_audit() -> None:
    room = darkroom(*told("lab", seed=3), open_corpus("lab", 0), truthful())
    assert room.eyes.name == "lab parser"
    with room.studio(truthful()) as studio:
        assert studio.seed_of(TextPair(a="a", b="b")) >= 0


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"eyes": "people"}, "only people judge the pictures of this audit"),
        ({}, "only people judge"),
        ({"eyes": "openai:some-model"}, "a chat model is paid for each"),
        ({"llm": "openai:some-model"}, "a chat model is paid for each"),
    ],
)
def test_without_a_machine_that_looks_for_nothing_there_is_no_fading(more: dict[str, object], why: str) -> None:
    with pytest.raises(AuditError, match=f"{why}.*audit the generator again with --judge"):
        darkroom(*told("two.txt", **more), Corpus("two", ("a dog", "a cat"), (None, None)), truthful())


def lesson(name: str) -> Lesson:
    return Lesson(name, name, lambda: Image.new("RGB", (4, 4)))


def test_a_batch_depends_on_its_number_alone_and_its_pairs_share_their_dice() -> None:
    failure = [Contrast(lesson(f"left {n}"), f"right {n}", lambda: Image.new("RGB", (4, 4))) for n in range(20)]
    others = [Contrast(lesson(f"red {n}"), f"blue {n}") for n in range(20)]
    train = Training(failure, {"colours": others}, [lesson(f"plain {n}") for n in range(20)])
    draw = PaintBatches(train, Recipe(batch=16, replay=0.5))
    batch = draw(3)
    assert (batch.captions, batch.dice) == (draw(3).captions, draw(3).dice) != (draw(4).captions, draw(4).dice)
    assert len(batch.captions) == len(batch.pictures) == len(batch.dice) == 16
    kinds = [caption.split()[0] for caption in batch.captions]
    assert {kind: kinds.count(kind) for kind in kinds} == {"left": 4, "right": 4, "red": 4, "plain": 4}
    for place in range(0, 8, 2):
        assert batch.dice[place] == batch.dice[place + 1]
        assert batch.captions[place].split()[1] == batch.captions[place + 1].split()[1]
    assert len(set(batch.dice)) == 12, "no two others share any"
    swapped = [text for place in range(0, 8, 2) for text in (batch.captions[place + 1], batch.captions[place])]
    assert batch.edited == swapped, "each picture of the failure with the caption that is not its own"


SHORT = ("--steps", "240", "--batch", "32", "--minutes", "60")


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audits' folder, with an audit of a painter that takes one size for another."""
    place = tmp_path_factory.mktemp("audits")
    few = {"limits": Limits(hypotheses=1), "probes": 30, "controls": 30}
    with user_folders(place / "user"):
        goal = "does it paint sizes as asked?"
        audit(place, settings(place, PLANTED, corpus="lab", name="before", goal=goal, **few))
    return place


@pytest.mark.long
def test_a_planted_failure_of_a_painter_gets_rarer_and_the_verdict_is_what_the_counts_say(audits: Path) -> None:
    with user_folders(audits / "user"):
        code = fade(audits, *SHORT)
    folder = audits / "before" / "faded" / "h1"
    found = left_by(folder)
    own, *guarded = found.scores
    assert own.change.low > 0
    assert {score.about for score in guarded} == {"prompt"}
    assert not [score.name for score in guarded if score.keeping is Keeping.FELL]
    assert found.experiment is not None
    assert found.suite is not None
    assert found.reaudit is not None
    assert found.experiment.probes.fail < found.experiment.probes_before.fail
    assert found.suite.probes.fail < found.suite.before.fail
    gone = {found.experiment.fate, found.suite.fate} == {Fate.FIXED} and not found.reaudit.again
    gone = gone and found.experiment.confirmed is not Decision.SUPPORTED
    assert found.verdict is (Verdict.FADED if gone else Verdict.NOT_FADED)
    assert code == (0 if gone else 1)
    assert found.model == f"lab:t2i-folder/{folder.resolve()}"
    assert open_generator(found.model).generate(["a red circle"], [1])
    assert "LoRA" in (folder / "README.md").read_text()


@pytest.mark.long
def test_what_two_pictures_cannot_teach_a_painter_is_not_faded(audits: Path) -> None:
    file, to = pictures(audits / "two", 2, words=("large", "small")), audits / "not-faded"
    with user_folders(audits / "user"):
        assert fade(audits, "--pictures", str(file), "--to", str(to), *SHORT, "--rate", "1e-4") == 1
    found = left_by(to)
    assert found.verdict is Verdict.NOT_FADED
    assert found.suite is not None
    assert found.suite.fate is Fate.FAILS


def test_a_generator_without_weights_at_hand_says_what_can_be_faded(tmp_path: Path, capsys) -> None:
    few = {"limits": Limits(hypotheses=1), "probes": 20, "controls": 20}
    target = "python:tests.support.painters:one_fewer"
    with user_folders(tmp_path / "user"):
        audit(tmp_path, settings(tmp_path, target, corpus="lab", name="before", goal="can it count?", **few))
        assert fade(tmp_path) == 2
    assert "cannot be faded: what can is" in capsys.readouterr().err
