"""Training the painter: seeded, taken up again where it was, and learning."""

from pathlib import Path

import pytest
import torch

from faultfinder.lab import train_t2i
from faultfinder.lab.facts import FACTS, facts_of
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.painter import SceneCondition, ScenePrior
from faultfinder.lab.painter_lessons import SPACES, Lessons, draw_lessons, kept_lessons
from faultfinder.lab.painter_reading import ReadingRecipe, teach_reading
from faultfinder.lab.painter_training import Recipe, Trainer, denoiser_trainer, prior_trainer
from faultfinder.lab.t2i import load_painter, save_painter


def conditions() -> dict[str, SceneCondition]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return {space: SceneCondition() for space in SPACES}


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    return draw_lessons(3072, "test")


def planner(lessons: Lessons, seed: int = 0, steps: int = 4) -> Trainer:
    return prior_trainer(Recipe(steps, seed, 1e-3), conditions(), lessons)


def painter(steps: int = 4) -> Trainer:
    return denoiser_trainer(Recipe(steps, 0, 1e-3), ScenePrior())


def through(trainer: Trainer) -> Trainer:
    trainer.run(lambda step, loss: None, lambda at: None)
    return trainer


def state(of: Trainer) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in of.trained.state_dict().values()])


@pytest.mark.parametrize("kind", ["plans", "paints"])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(kind: str, lessons: Lessons, tmp_path: Path) -> None:
    begin = {"plans": lambda: planner(lessons), "paints": painter}[kind]
    whole = through(begin())

    class StoppedError(Exception):
        pass

    def stop(at: Trainer) -> None:
        at.save(tmp_path / "run.safetensors")
        raise StoppedError

    with pytest.raises(StoppedError):
        begin().run(lambda step, loss: None, stop, every=2)
    again = begin()
    again.resume(tmp_path / "run.safetensors")
    assert again.step == 2
    torch.testing.assert_close(state(through(again)), state(whole), atol=1e-6, rtol=1e-4)
    with pytest.raises(ValueError, match="seed 0, not 1"):
        planner(lessons, seed=1).resume(tmp_path / "run.safetensors")


def test_what_was_trained_is_what_paints(lessons: Lessons, tmp_path: Path) -> None:
    prior, denoiser = through(planner(lessons, steps=1)), through(painter(steps=1))
    parts = {f"conditions.{space}": condition for space, condition in conditions().items()}
    path = save_painter(
        {"prior": prior.trained, "transformer": denoiser.trained, **parts}, tmp_path / "t2i.safetensors"
    )
    made = load_painter("t2i-clear", path)
    for ours, theirs, name in (
        (made.prior, prior.trained, "cell.weight"),
        (made.transformer, denoiser.trained, "proj_out.weight"),
    ):
        torch.testing.assert_close(ours.state_dict()[name], theirs.state_dict()[name], atol=1e-3, rtol=1e-2)


@torch.inference_mode()
def planned_badly(run: Trainer, lessons: Lessons) -> float:
    """Cross-entropy of the cells of unseen scenes."""
    told = conditions()["clip"].tell(lessons.seen["clip"])
    _, cells = run.trained(told, lessons.layouts[:, :-1])
    return float(torch.nn.functional.cross_entropy(cells.flatten(0, 1), lessons.layouts[:, 1:].flatten()))


def test_the_prior_learns_to_plan(lessons: Lessons) -> None:
    run = prior_trainer(Recipe(15, 0, 1e-2), conditions(), lessons)
    held_out = draw_lessons(64, "held out")
    before = planned_badly(run, held_out)
    assert planned_badly(through(run), held_out) < 0.8 * before


def test_a_tower_is_learned_to_be_read_as_far_as_it_tells_things_apart(lessons: Lessons) -> None:
    losses: list[float] = []
    reader = teach_reading("clip", lessons, ReadingRecipe(epochs=14, seed=0), lambda at, of, loss: losses.append(loss))
    assert len(losses) == 14
    assert losses[-1] < 0.8 * losses[0]
    assert reader.accuracy["background"] > 1 / FACTS["background"] + 0.2


def test_lessons_are_drawn_once_and_kept(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    first, again = (
        kept_lessons(tmp_path / "kept.safetensors", 40, "test", lambda done, of: heard.append((done, of)))
        for _ in range(2)
    )
    assert heard == [(40, 40)]
    assert len(again) == 40
    torch.testing.assert_close(again.layouts, first.layouts)
    torch.testing.assert_close(again.seen["clip"], first.seen["clip"])
    torch.testing.assert_close(draw_lessons(40, "test").said, first.said)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a red circle left of a blue star", "a blue star right of a red circle"),
        ("two red rings and a red cross", "a red cross and two red rings"),
    ],
)
def test_facts_are_the_same_whatever_order_they_are_said_in(first: str, second: str) -> None:
    one, other = parse_statement(first), parse_statement(second)
    assert one is not None
    assert other is not None
    assert facts_of(one) == facts_of(other)
    assert len(facts_of(one)) == len(FACTS)
    assert all(0 <= fact < n for fact, n in zip(facts_of(one), FACTS.values(), strict=True))


def test_the_command_trains_resumes_and_refuses(tmp_path: Path, capsys) -> None:
    given = ["--run", str(tmp_path), "--out", str(tmp_path / "weights.safetensors")]
    given += ["--captions", "512", "--plans", "512", "--pictures", "128"]
    train_t2i.main(given)
    train_t2i.main(given)
    said = capsys.readouterr().err
    assert "painting: going on after 1 of 1 steps" in said
    assert (tmp_path / "weights.safetensors").is_file()
    with pytest.raises(SystemExit, match="no text-to-image model"):
        train_t2i.main(["--cards", "t2i/everything"])
