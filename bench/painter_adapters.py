"""How well adapters (LoRA) mend a planted painter, without the flow around them: `python -m bench.painter_adapters`.

The adapters of `lab:t2i/red-green` learn from pairs of red and green and ordinary pictures; then fresh pairs of prompts
are painted and read by the lab's parser, before and after: how many pairs fail, of the planted attribute and of others.
"""

import argparse
import time

from faultfinder.agent.fading.generators import PaintBatches
from faultfinder.agent.fading.looking import PaintedExam
from faultfinder.agent.fading.material import Training
from faultfinder.memory.records import TextPair
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.fading.painting import Apprentice
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import World
from faultfinder.tools.registry import open_generator, world_of
from faultfinder.tools.targets.checked_pictures import CheckedGenerator

LEARNED, FRESH = 3, 5
"""Seeds of what is learned from, and of what is painted to measure."""


def main() -> None:
    """Train, and print what fails before and after."""
    options = _options()
    spec = f"lab:t2i/{options.kind}"
    checked, world = open_generator(spec), world_of(spec)
    painter = checked.adaptable if isinstance(checked, CheckedGenerator) else None
    if painter is None or world is None:
        raise SystemExit(f"{spec} takes no adapters")
    kinds = [options.kind, *(kind for kind in options.others if kind != options.kind)]
    before = [_failing(painter, world, kind, options.pairs) for kind in kinds]
    recipe = Recipe(rate=options.rate or painter.rate, steps=options.steps, batch=options.batch)
    apprentice, begun = Apprentice(painter, recipe), time.monotonic()
    draw = PaintBatches(_training(world, options.kind), recipe)
    for step in range(options.steps):
        apprentice.learn(draw(step))
    print(f"{spec}, {options.steps} steps of {options.batch} at {recipe.rate:g}: {time.monotonic() - begun:.0f} s")
    with apprentice.at(apprentice.average) as trained:
        for kind, then in zip(kinds, before, strict=True):
            now = _failing(trained, world, kind, options.pairs)
            print(f"{kind}: {then} of {options.pairs} pairs fail before, {now} after")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.painter_adapters", description=__doc__)
    parser.add_argument("--kind", default="red-green", help="which plant; an attribute of the lab (default: red-green)")
    parser.add_argument("--others", nargs="*", default=["colour", "size", "background"], help="what is to stay")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, help="learning rate (default: the painter's own)")
    parser.add_argument("--pairs", type=int, default=40, help="pairs of prompts painted per attribute")
    return parser.parse_args()


def _training(world: World, kind: str) -> Training:
    others = [name for name in world.teacher.kinds if name != kind]
    return Training(
        failure=world.teacher.contrasts(kind, 400, LEARNED),
        kinds={name: world.teacher.contrasts(name, 60, LEARNED) for name in others},
        lessons=world.teacher.lessons(2_000, LEARNED),
    )


def _failing(painter: Adaptable, world: World, kind: str, number: int) -> int:
    """Return how many pairs fail: a picture shows the other prompt, or neither."""
    drawn = world.teacher.contrasts(kind, number, FRESH)
    pairs = [TextPair(a=each.lesson.caption, b=each.edited) for each in drawn]
    exam = PaintedExam(pairs, {}, world.eyes, 0, number)
    values = next(iter(exam.take(painter).values())).values
    return int((values < 1).sum())


if __name__ == "__main__":
    main()
