"""An exam of a generator: held-out prompts painted, each picture looked at beside the edited prompt.

Both prompts of a pair are painted with one seed, the same for every model. A picture is right when the judge sees its
own prompt in it; where the judge cannot tell, or nothing was painted, it counts one half. Both pictures make one case.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL.Image import Image

from faultfinder.agent.fading.scoring import Scored, Values
from faultfinder.agent.fading.subject import Tell, nobody
from faultfinder.memory.errors import PictureRefused
from faultfinder.memory.picture_records import Seen
from faultfinder.memory.records import TextPair
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.ports import Look, PictureJudge
from faultfinder.tools.targets.checked_pictures import CheckedGenerator

THE_FAILURE, OTHERS = "the failure", "prompts of other kinds"

_PAIRS_AT_ONCE = 16
_UNDECIDED = 0.5


@dataclass(frozen=True)
class PaintedExam:
    """Held-out prompts.

    Attributes:
        failure: Pairs of prompts by the failure's rule.
        kinds: Pairs of the other kinds of difference, by name.
        eyes: Who looks.
        seed: Seeds the pictures.
        apart: Kinds with at least so many pairs get a score of their own beside the one of all other kinds together.
    """

    failure: Sequence[TextPair]
    kinds: Mapping[str, Sequence[TextPair]]
    eyes: PictureJudge
    seed: int
    apart: int

    def take(self, model: Adaptable, tell: Tell = nobody) -> dict[str, Scored]:
        """Have every prompt painted and looked at; `tell` hears how many pairs are done."""
        groups = {THE_FAILURE: self.failure, **self.kinds}
        total, done = sum(map(len, groups.values())), 0
        values: dict[str, Values] = {}
        for name, pairs in groups.items():
            parts = [np.zeros(0)]
            for start in range(0, len(pairs), _PAIRS_AT_ONCE):
                part = pairs[start : start + _PAIRS_AT_ONCE]
                parts.append(self._right(model, part))
                done += len(part)
                tell(done, total)
            values[name] = np.concatenate(parts)
        return self._scores(values)

    def failing(self, model: Adaptable) -> float:
        """Return the share of pictures that show what the failure's prompts ask for."""
        return float(
            PaintedExam(self.failure, {}, self.eyes, self.seed, self.apart).take(model)[THE_FAILURE].values.mean()
        )

    def _scores(self, values: Mapping[str, Values]) -> dict[str, Scored]:
        others = [found for name, found in values.items() if name != THE_FAILURE]
        scores = {THE_FAILURE: Scored("failure", values[THE_FAILURE], "pictures of the failure's prompts, as asked")}
        if others:
            scores[OTHERS] = Scored("prompt", np.concatenate(others), f"pictures of {OTHERS}, as asked")
        for name, found in values.items():
            if name != THE_FAILURE and len(found) >= self.apart:
                scores[name] = Scored("prompt", found, f"pictures as asked, {name}")
        return scores

    def _right(self, model: Adaptable, pairs: Sequence[TextPair]) -> Values:
        """Return per pair the share of its pictures that show their own prompt."""
        painter = CheckedGenerator(model, model.name)
        prompts = [text for pair in pairs for text in (pair.a, pair.b)]
        shown = painted(painter, prompts, [seed for pair in pairs for seed in [self._dice(pair)] * 2])
        wanted = [Seen.FIRST, Seen.SECOND] * len(pairs)
        looks = [
            Look(image, pairs[place // 2].a, pairs[place // 2].b)
            for place, image in enumerate(shown)
            if image is not None
        ]
        sights = iter(self.eyes.which(looks))
        marks = [
            _mark(next(sights).seen if image else Seen.CANNOT_TELL, own)
            for image, own in zip(shown, wanted, strict=True)
        ]
        return np.asarray(np.array(marks, dtype=np.float64).reshape(-1, 2).mean(axis=1))

    def _dice(self, pair: TextPair) -> int:
        return int.from_bytes(hashlib.sha256(f"fade {self.seed}\n{pair.a}\n{pair.b}".encode()).digest()[:4])


def painted(painter: CheckedGenerator, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image | None]:
    """Have prompts painted, None where one is refused.

    Raises:
        TargetError: the generator fails.
    """
    size = painter.batch or max(1, len(prompts))
    found: list[Image | None] = []
    for start in range(0, len(prompts), size):
        part, dice = prompts[start : start + size], seeds[start : start + size]
        try:
            found += painter.generate(part, dice)
        except PictureRefused:
            found += (
                [None]
                if len(part) == 1
                else [
                    image for text, seed in zip(part, dice, strict=True) for image in painted(painter, [text], [seed])
                ]
            )
    return found


def _mark(seen: Seen, own: Seen) -> float:
    return _UNDECIDED if seen is Seen.CANNOT_TELL else float(seen is own)
