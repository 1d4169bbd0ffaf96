"""A generator and the judge of its pictures, in one audit: each picture is painted once, kept, and looked at once.

A picture is known by its generator, prompt and seed, so a killed audit paints (and pays for) nothing twice. Both
prompts of a pair get the same seed. What the pictures prove is for others to say; here they are made and seen.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL.Image import Image

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.picture_files import keep_picture, open_picture
from faultfinder.memory.errors import PictureRefused, TargetError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Picture, Side, Sight, Sighting
from faultfinder.memory.records import Case, TextPair
from faultfinder.tools.ports import ImageGenerator, Look, PictureJudge

BATCH = 8
"""Prompts given to a generator at a time, where it does not say."""


@dataclass(frozen=True)
class Prompt:
    """What is to be painted."""

    text: str
    seed: int


@dataclass(frozen=True)
class Exhibit:
    """A pair with its two pictures and what was seen in them; a sight is None where nothing was painted."""

    pictures: dict[Side, Picture]
    sights: dict[Side, Sight]

    @property
    def refusal(self) -> str:
        """Why a picture was not painted; empty where both were."""
        return next((picture.refused for picture in self.pictures.values() if picture.image is None), "")


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
        self.generator, self.eyes = generator, eyes
        self._ledger, self._budget, self._listen = ledger, budget, listen
        self._folder, self._seed = folder, seed

    @property
    def name(self) -> str:
        """The generator's spec."""
        return self.generator.name

    def seed_of(self, pair: TextPair | Case) -> int:
        """Return the seed that both prompts of a pair are painted with."""
        return int.from_bytes(hashlib.sha256(f"{self._seed}\n{pair.a}\n{pair.b}".encode()).digest()[:4])

    def paint(self, prompts: Iterable[Prompt]) -> dict[Prompt, Picture]:
        """Return the picture of every prompt, painting those that are not there yet.

        Prompts at which the generator fails are left out; their trouble is told.

        Raises:
            BudgetSpent: a limit is reached; what was painted before stays.
            Waiting: the pictures must be made elsewhere first.
        """
        wanted = list(dict.fromkeys(prompts))
        found = {prompt: kept for prompt in wanted if (kept := self._kept(prompt))}
        missing = [prompt for prompt in wanted if prompt not in found]
        for done, batch in self._batches(missing):
            for picture in self._paint(batch):
                found[Prompt(picture.prompt, picture.seed)] = picture
            self._tell(EventKind.PROGRESS, f"pictures by {self.name}", done + len(batch), len(missing))
        return found

    def exhibit(self, cases: Sequence[Case]) -> dict[str, Exhibit]:
        """Paint both prompts of every case and look at the pictures; by case, without those that met an error.

        Raises:
            BudgetSpent: a limit is reached; what was painted and seen before stays.
            Waiting: the pictures must be made elsewhere first.
        """
        seeds = {case.id: self.seed_of(case) for case in cases}
        painted = self.paint(Prompt(text, seeds[case.id]) for case in cases for text in (case.a, case.b))
        shown: dict[str, Exhibit] = {}
        for case in cases:
            pictures = {
                side: painted.get(Prompt(text, seeds[case.id])) for side, text in ((Side.A, case.a), (Side.B, case.b))
            }
            there = {side: picture for side, picture in pictures.items() if picture}
            if len(there) == len(Side):
                shown[case.id] = Exhibit(there, {})
        return self._seen(cases, shown)

    def open(self, picture: Picture) -> Image | None:
        """Return a picture, or None where none was painted or its file is gone."""
        return open_picture(self._folder, picture.image)

    def _seen(self, cases: Sequence[Case], shown: dict[str, Exhibit]) -> dict[str, Exhibit]:
        """Fill in what the judge sees, asking it about what it has not seen yet."""
        known = {sighting.id: sighting for sighting in self._ledger.all(Sighting)}
        todo: list[tuple[Case, Side, Picture, Image]] = []
        for case in cases:
            for side, picture in shown[case.id].pictures.items() if case.id in shown else ():
                image = None if self._id(case, side) in known else self.open(picture)
                if image is not None:
                    todo.append((case, side, picture, image))
        sights = self.eyes.which([Look(image, case.a, case.b) for case, _, _, image in todo])
        fresh = [
            Sighting(
                id=self._id(case, side), case=case.id, side=side, picture=picture.id, judge=self.eyes.name, sight=sight
            )
            for (case, side, picture, _), sight in zip(todo, sights, strict=True)
        ]
        self._ledger.save(fresh)
        for sighting in [*known.values(), *fresh]:
            if sighting.case in shown and sighting.judge == self.eyes.name:
                shown[sighting.case].sights[sighting.side] = sighting.sight
        return shown

    def _id(self, case: Case, side: Side) -> str:
        return f"{case.id}-{side}-{self.eyes.name}"

    def _batches(self, prompts: Sequence[Prompt]) -> Iterable[tuple[int, list[Prompt]]]:
        """Cut into the generator's batches, none larger than the budget has pictures left for."""
        size = getattr(self.generator, "batch", BATCH) or max(1, len(prompts))
        todo, done = iter(prompts), 0
        while done < len(prompts):
            batch = list(islice(todo, self._budget.pictures_left(min(size, len(prompts) - done))))
            yield done, batch
            done += len(batch)

    def _paint(self, batch: Sequence[Prompt]) -> list[Picture]:
        """Paint a batch, prompt by prompt where the batch as a whole fails, and keep what came of it."""
        try:
            images = self.generator.generate([prompt.text for prompt in batch], [prompt.seed for prompt in batch])
        except PictureRefused as refusal:
            if len(batch) > 1:
                return [picture for prompt in batch for picture in self._paint([prompt])]
            return self._keep([self._picture(batch[0], None, str(refusal))])
        except TargetError as error:
            if len(batch) > 1:
                return [picture for prompt in batch for picture in self._paint([prompt])]
            self._tell(EventKind.WARNING, f"no picture of {batch[0].text!r}: {error}")
            return []
        return self._keep(
            [
                self._picture(prompt, keep_picture(self._folder, image), "")
                for prompt, image in zip(batch, images, strict=True)
            ]
        )

    def _keep(self, pictures: list[Picture]) -> list[Picture]:
        self._ledger.save(pictures)
        return pictures

    def _kept(self, prompt: Prompt) -> Picture | None:
        """Return a picture painted earlier, unless its file is gone; then it is painted again."""
        picture = self._ledger.get(Picture, self._key(prompt))
        gone = picture is not None and picture.image is not None and self.open(picture) is None
        return None if gone else picture

    def _picture(self, prompt: Prompt, image: str | None, refused: str) -> Picture:
        price = getattr(self.generator, "usd_per_picture", None)
        return Picture(
            id=self._key(prompt),
            prompt=prompt.text,
            seed=prompt.seed,
            generator=self.name,
            settings=dict(getattr(self.generator, "settings", {})),
            image=image,
            refused=refused,
            usd=price if price and image else 0.0,
        )

    def _key(self, prompt: Prompt) -> str:
        made_by = getattr(self.generator, "identity", None) or self.name
        return hashlib.sha256(f"{made_by}\n{prompt.seed}\n{prompt.text}".encode()).hexdigest()[:32]

    def _tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        self._listen(Event(kind=kind, text=text, done=done, total=total, spend=self._budget.spend()))
