"""An exam of a classifier: held-out pictures in the failing region, unchanged, and under every other action.

A case is right where the most probable label is. The failure's score is the accuracy in its region. Guarded are the
accuracy on unchanged pictures, under each factor by itself and under all other actions outside the region, and that of
every label over all of these; intervals of labels are widened for their number (Bonferroni), so that among many none is
taken for fallen by chance.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from faultfinder.agent.fading.gallery import Gallery, Showing
from faultfinder.agent.fading.records import About
from faultfinder.agent.fading.scoring import Scored, Values
from faultfinder.agent.fading.subject import Tell, nobody
from faultfinder.memory.regions import Region
from faultfinder.tools.landscape.regions import actions_in
from faultfinder.tools.ports import TrainableClassifier

THE_FAILURE, CLEAN, OUTSIDE = "the failing region", "unchanged", "outside the region"
FEWEST_OF_LABEL = 12
"""Cases that a label needs to be guarded by itself: enough to see it lost; the others are guarded together."""

_BATCH = 64


@dataclass(frozen=True)
class Ways:
    """Which actions are the failure's, and which are not.

    Attributes:
        gallery: The pictures.
        region: Where the failure lies.
    """

    gallery: Gallery
    region: Region

    def failing(self, example: int) -> Sequence[int]:
        """Return the actions of the failure for an input; none where it is of another class."""
        topic = self.gallery.topic(example)
        if self.region.topics and topic not in self.region.topics:
            return ()
        return actions_in(self.gallery.space, self.region, topic)

    def other(self, example: int) -> Sequence[int]:
        """Return the actions that change an input otherwise, those of regions that were left aside apart."""
        inside, topic = set(self.failing(example)), self.gallery.topic(example)
        aside = {
            action
            for region in self.region.apart
            if not region.topics or topic in region.topics
            for action in actions_in(self.gallery.space, region)
        }
        neutral = self.gallery.space.neutral
        return [n for n in range(len(self.gallery.space)) if n not in inside and n not in aside and n != neutral]

    def alone(self, factor: str) -> Callable[[int], Sequence[int]]:
        """Return what gives the actions outside the region that change one factor and nothing else."""
        space = self.gallery.space
        others = [each for each in space.factors if each.name != factor]
        if any(each.neutral not in each.levels for each in others):
            return lambda example: ()
        single = set(space.where({each.name: [each.neutral] for each in others if each.neutral is not None}))
        return lambda example: [action for action in self.other(example) if action in single]


@dataclass(frozen=True)
class Sheet:
    """One score's cases."""

    name: str
    about: About
    said: str
    cases: Sequence[Showing]


@dataclass(frozen=True)
class ChangedExam:
    """Held-out pictures, shown in the ways that count.

    Attributes:
        gallery: The pictures.
        sheets: The scores, the failure's first.
        beside: Further scores of the same weights, which somebody else measures.
    """

    gallery: Gallery
    sheets: Sequence[Sheet]
    beside: Callable[[], Mapping[str, Scored]] = field(default=dict)

    def take(self, model: TrainableClassifier, tell: Tell = nobody) -> dict[str, Scored]:
        """Let a model sit the exam.

        Raises:
            TargetError: the model fails.
        """
        scored: dict[str, Scored] = {}
        total = len(self.sheets) + 1
        for done, sheet in enumerate(self.sheets, start=1):
            scored[sheet.name] = Scored(sheet.about, self._values(model, sheet.cases), sheet.said)
            tell(done, total)
        scored |= self._by_label(scored) | dict(self.beside())
        tell(total, total)
        return scored

    def failing(self, model: TrainableClassifier) -> float:
        """Return the accuracy in the failing region."""
        return float(self._values(model, self.sheets[0].cases).mean())

    def amount(self, about: About) -> int:
        """Return how many cases there are of one kind of score."""
        return sum(len(sheet.cases) for sheet in self.sheets if sheet.about == about)

    def _values(self, model: TrainableClassifier, cases: Sequence[Showing]) -> Values:
        right: list[float] = []
        for start in range(0, len(cases), _BATCH):
            part = cases[start : start + _BATCH]
            rows = model.classify([self.gallery.picture(showing, keep=True) for showing in part])
            best = rows.argmax(axis=1)
            right += [int(column) in self.gallery.right[each.example] for column, each in zip(best, part, strict=True)]
        return np.array(right, dtype=np.float64)

    def _by_label(self, scored: Mapping[str, Scored]) -> dict[str, Scored]:
        """Lay the guarded cases out by label; labels with few of them together."""
        found: defaultdict[str, list[float]] = defaultdict(list)
        for sheet in self.sheets[1:]:
            for showing, value in zip(sheet.cases, scored[sheet.name].values, strict=True):
                found[self.gallery.task.examples[showing.example].truth].append(float(value))
        alone = sorted(label for label, values in found.items() if len(values) >= FEWEST_OF_LABEL)
        few = [value for label in sorted(set(found) - set(alone)) for value in found[label]]
        if len(alone) + bool(few) < 2:
            return {}
        rows = {f"label {label}": (f"accuracy on '{label}'", found[label]) for label in alone}
        if few:
            rows["other labels"] = (f"accuracy on the {len(found) - len(alone)} labels with few cases", few)
        return {
            name: Scored("label", np.array(values, dtype=np.float64), said, among=len(rows))
            for name, (said, values) in rows.items()
        }


def exam_of(
    ways: Ways, examples: Sequence[int], seed: int, beside: Callable[[], Mapping[str, Scored]] = dict
) -> ChangedExam:
    """Write an exam.

    Args:
        ways: which actions count as what.
        examples: the inputs.
        seed: draws the actions.
        beside: measures further scores.
    """
    gallery = ways.gallery
    failing = gallery.draw(examples, ways.failing, Random(f"{seed} exam {THE_FAILURE}"))
    sheets = [
        Sheet(THE_FAILURE, "failure", "accuracy where it failed", failing),
        Sheet(CLEAN, "clean", "accuracy on unchanged inputs", [Showing(example) for example in examples]),
    ]
    factors = gallery.space.factors
    for factor in factors if len(factors) > 1 else ():
        cases = gallery.draw(examples, ways.alone(factor.name), Random(f"{seed} exam {factor.name}"))
        sheets.append(Sheet(factor.name, "condition", f"accuracy under {factor.name} alone", cases))
    cases = gallery.draw(examples, ways.other, Random(f"{seed} exam {OUTSIDE}"))
    sheets.append(Sheet(OUTSIDE, "condition", "accuracy under all actions outside the region", cases))
    return ChangedExam(gallery, [sheet for sheet in sheets if sheet.cases], beside)
