"""A generator and the judge of its pictures, in one audit: pairs are painted with one seed, and looked at once.

Both prompts of a pair get the same seed. What the pictures prove is for others to say; here they are made and seen.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Listener
from faultfinder.agent.pictures.painting import Painter, Prompt
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Picture, Side, Sight, Sighting
from faultfinder.memory.records import Case, TextPair
from faultfinder.tools.ports import ImageGenerator, Look, PictureJudge

LOOKS = 32
"""Pictures shown to the judge at a time: no more need to be in memory, and a kill loses no more."""


@dataclass(frozen=True)
class Exhibit:
    """A pair with its two pictures and what was seen in them; a sight is None where nothing was painted."""

    pictures: dict[Side, Picture]
    sights: dict[Side, Sight]

    @property
    def refusal(self) -> str:
        """Why a picture was not painted; empty where both were."""
        return next((picture.refused for picture in self.pictures.values() if picture.image is None), "")


@dataclass(frozen=True)
class _View:
    """One picture of a case, to be looked at."""

    case: Case
    side: Side
    picture: Picture


class Studio:
    """Paints the prompts of one audit with one generator and has the pictures looked at."""

    def __init__(
        self,
        generator: ImageGenerator,
        eyes: PictureJudge,
        ledger: Ledger,
        budget: Budget,
        listen: Listener,
        folder: Path,
        seed: int,
    ) -> None:
        """Bind to an audit's ledger, budget and folder."""
        self.eyes = eyes
        self._painter = Painter(generator, ledger, budget, listen, folder)
        self._ledger, self._budget, self._seed = ledger, budget, seed

    @property
    def name(self) -> str:
        """The generator's spec."""
        return self._painter.generator.name

    @property
    def picture_price(self) -> float | None:
        """US dollars a picture: 0 where it is painted here, None where it is not known."""
        price: float | None = getattr(self._painter.generator, "picture_price", 0.0)
        return price

    def seed_of(self, pair: TextPair | Case) -> int:
        """Return the seed that both prompts of a pair are painted with."""
        return int.from_bytes(hashlib.sha256(f"{self._seed}\n{pair.a}\n{pair.b}".encode()).digest()[:4])

    def paint(self, prompts: Iterable[Prompt]) -> dict[Prompt, Picture]:
        """Return the picture of every prompt, as `Painter.paint` does."""
        return self._painter.paint(prompts)

    def exhibit(self, cases: Sequence[Case]) -> dict[str, Exhibit]:
        """Paint both prompts of every case and look at the pictures; by case, without those that met an error.

        Raises:
            BudgetSpent: a limit is reached; what was painted and seen before stays.
            TargetError: the generator fails at everything.
            Waiting: a person has to do something first.
        """
        wanted = {(case.id, side): self._prompt(case, side) for case in cases for side in Side}
        painted = self._painter.paint(wanted.values())
        shown: dict[str, Exhibit] = {}
        for case in cases:
            there = {side: picture for side in Side if (picture := painted.get(wanted[case.id, side]))}
            if len(there) == len(Side):
                shown[case.id] = Exhibit(there, {})
        self._see(
            [_View(case, side, shown[case.id].pictures[side]) for case in cases if case.id in shown for side in Side]
        )
        return self._with_sights(shown)

    def open(self, picture: Picture) -> Image | None:
        """Return a picture, or None where none was painted or its file is gone."""
        return self._painter.open(picture)

    def _prompt(self, case: Case, side: Side) -> Prompt:
        return Prompt(case.a if side is Side.A else case.b, self.seed_of(case))

    def _see(self, views: Sequence[_View]) -> None:
        """Have the judge look at what it has not seen yet."""
        known = {sighting.id for sighting in self._ledger.all(Sighting)}
        todo = [view for view in views if view.picture.image and self._id(view) not in known]
        for start in range(0, len(todo), LOOKS):
            self._budget.check()
            opened = [(view, image) for view in todo[start : start + LOOKS] if (image := self.open(view.picture))]
            sights = self.eyes.which([Look(image, view.case.a, view.case.b) for view, image in opened])
            self._ledger.save([self._sighting(view, sight) for (view, _), sight in zip(opened, sights, strict=True)])

    def _sighting(self, view: _View, sight: Sight) -> Sighting:
        return Sighting(
            id=self._id(view),
            case=view.case.id,
            side=view.side,
            picture=view.picture.id,
            judge=self.eyes.name,
            sight=sight,
        )

    def _with_sights(self, shown: dict[str, Exhibit]) -> dict[str, Exhibit]:
        """Fill in what the judge saw in these very pictures."""
        for sighting in self._ledger.all(Sighting):
            exhibit = shown.get(sighting.case)
            if exhibit and sighting.judge == self.eyes.name and exhibit.pictures[sighting.side].id == sighting.picture:
                exhibit.sights[sighting.side] = sighting.sight
        return shown

    def _id(self, view: _View) -> str:
        return f"{view.case.id}-{view.side}-{self.eyes.name}-{view.picture.id}"
