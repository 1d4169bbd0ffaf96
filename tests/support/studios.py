"""Generators, a judge and pairs for tests of what is painted and looked at."""

from collections.abc import Callable, Sequence

from faultfinder.agent.measuring import painted_outcomes
from faultfinder.agent.pictures.studio import Studio
from faultfinder.memory.picture_records import Sight
from faultfinder.memory.records import Case, Judgement, Meaning, Outcome, Role
from faultfinder.tools.ports import Look
from faultfinder.tools.targets.lab import lab_world
from tests.support.painters import Draughtsman

DIFFERENT = Judgement(meaning=Meaning.DIFFERENT, reason="said so", judge="test")
COLOURS = ("red", "blue", "green", "pink", "brown", "black")


def case(number: int) -> Case:
    """Return a pair that differs in a side; all texts are different ones."""
    one, other = COLOURS[number % 6], COLOURS[number // 6 % 6]
    a, b = (f"a {one} circle {side} a {other} star" for side in ("left of", "right of"))
    return Case(id=f"h1-p{number:02d}", hypothesis="h1", role=Role.PROBE, a=a, b=b, judgement=DIFFERENT)


CASES = [case(number) for number in range(1, 7)]


class Obliging(Draughtsman):
    """Draws what it is told, does something first, and remembers what it was given."""

    def __init__(self, first: Callable[[Sequence[str]], None] = lambda prompts: None, name: str = "obliging") -> None:
        super().__init__(name)
        self.given: list[list[tuple[str, int]]] = []
        self._first = first

    def generate(self, prompts, seeds):
        self.given.append(list(zip(prompts, seeds, strict=True)))
        self._first(prompts)
        return super().generate(prompts, seeds)

    @property
    def prompts(self) -> list[str]:
        """Every prompt it was given, in order."""
        return [prompt for batch in self.given for prompt, _ in batch]


class Watching:
    """The lab's parser, counting what it is shown."""

    name = "watching"

    def __init__(self) -> None:
        self.shown: list[int] = []

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        self.shown.append(len(looks))
        return lab_world().eyes.which(looks)


class Fickle(Draughtsman):
    """Never draws the same twice, as servers without seeds do, and sells it."""

    usd_spent = 0.0

    def generate(self, prompts, seeds):
        self.usd_spent += 0.1 * len(prompts)
        return super().generate(prompts, [seed + self.painted for seed in seeds])


def outcomes(studio: Studio, cases: Sequence[Case] = CASES) -> list[Outcome]:
    return [seen.outcome for seen in painted_outcomes(studio, cases)]


def raises(error: Exception, word: str = "") -> Callable[[Sequence[str]], None]:
    """Return what fails at prompts with a word; at all where it is empty."""

    def first(prompts: Sequence[str]) -> None:
        if any(word in prompt for prompt in prompts):
            raise error

    return first
