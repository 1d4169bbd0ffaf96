"""Training the painter: seeded, taken up again where it was, and learning."""

from pathlib import Path

import pytest
import torch

from faultfinder.lab import train_t2i
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.painter import SceneCondition
from faultfinder.lab.painter_reading import FACTS, ReadingRecipe, facts_of, teach_reading
from faultfinder.lab.painter_training import SPACES, PainterRecipe, Trainer
from faultfinder.lab.t2i import load_painter, save_painter


def conditions() -> dict[str, SceneCondition]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return {space: SceneCondition() for space in SPACES}


def trainer(seed: int = 0, steps: int = 4) -> Trainer:
    return Trainer(PainterRecipe(samples=128 * steps, seed=seed), conditions())


def state(of: Trainer) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in of.average.module.state_dict().values()])


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = trainer()
    whole.run(lambda step, loss: None, lambda at: None)

    class StoppedError(Exception):
        pass

    def stop(at: Trainer) -> None:
        at.save(tmp_path / "run.safetensors")
        raise StoppedError

    with pytest.raises(StoppedError):
        trainer().run(lambda step, loss: None, stop, every=2)
    again = trainer()
    again.resume(tmp_path / "run.safetensors")
    assert again.step == 2
    again.run(lambda step, loss: None, lambda at: None)
    torch.testing.assert_close(state(again), state(whole), atol=1e-6, rtol=1e-4)
    with pytest.raises(ValueError, match="seed 0, not 1"):
        trainer(seed=1).resume(tmp_path / "run.safetensors")


def test_what_was_trained_is_what_paints(tmp_path: Path) -> None:
    done = trainer(steps=1)
    done.run(lambda step, loss: None, lambda at: None)
    path = save_painter(done.average.module.state_dict(), tmp_path / "t2i.safetensors")
    painter = load_painter("t2i-clear", path)
    ours = done.average.module.transformer.state_dict()["proj_out.weight"]
    torch.testing.assert_close(painter.transformer.state_dict()["proj_out.weight"], ours, atol=1e-3, rtol=1e-2)


def test_a_tower_is_learned_to_be_read_as_far_as_it_tells_things_apart() -> None:
    losses: list[float] = []
    reader = teach_reading(
        "clip", ReadingRecipe(captions=3072, epochs=14, seed=0), lambda at, of, loss: losses.append(loss)
    )
    assert len(losses) == 14
    assert losses[-1] < 0.6 * losses[0]
    chance = {fact: 1 / n for fact, n in FACTS.items()}
    assert reader.accuracy["background"] > chance["background"] + 0.2
    assert 0 < reader.accuracy["sketch"] < 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a red circle left of a blue star", "a blue star right of a red circle"),
        ("two rings and a cross", "a cross and two rings"),
    ],
)
def test_facts_are_the_same_whatever_order_they_are_said_in(first: str, second: str) -> None:
    one, other = (
        parse_statement(text.replace("two rings", "two red rings").replace("a cross", "a red cross"))
        for text in (first, second)
    )
    assert one is not None
    assert other is not None
    assert facts_of(one) == facts_of(other)
    assert len(facts_of(one)) == len(FACTS)
    assert all(0 <= fact < n for fact, n in zip(facts_of(one), FACTS.values(), strict=True))


def test_the_command_trains_resumes_and_refuses(tmp_path: Path, capsys) -> None:
    given = [
        "--run",
        str(tmp_path),
        "--out",
        str(tmp_path / "weights.safetensors"),
        "--samples",
        "128",
        "--captions",
        "512",
    ]
    train_t2i.main(given)
    train_t2i.main(given)
    said = capsys.readouterr().err
    assert "going on after 1 of 1 steps" in said
    assert (tmp_path / "weights.safetensors").is_file()
    with pytest.raises(SystemExit, match="no text-to-image model"):
        train_t2i.main(["--cards", "t2i/everything"])
