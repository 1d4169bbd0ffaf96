"""Painting, in one audit: each picture is painted once, paid for once, and kept.

A picture is known by its generator, prompt and seed, so a killed audit paints nothing twice. One whose file is gone is
painted again: it is the same picture where the generator is as repeatable as it should be, and another one where not.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from time import monotonic, sleep

from PIL.Image import Image

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.pictures.files import keep_picture, open_picture, read_png
from faultfinder.memory.errors import PictureRefused, TargetError
from faultfinder.memory.ledger import PAINTED, CallRecord, Ledger
from faultfinder.memory.picture_records import Picture
from faultfinder.tools.ports import Commissioned, ImageGenerator, Patient

BATCH = 8
"""Prompts given to a generator at a time, where it does not say."""

HOPELESS = 30
"""Prompts in a row, asked one by one, at which a generator fails before it is given up on."""

_SLICE = 0.2
"""Seconds slept at a time while waiting, so that a person who asks to stop is heard."""


@dataclass(frozen=True)
class Prompt:
    """What is to be painted."""

    text: str
    seed: int


class Painter:
    """Has the prompts of one audit painted by one generator."""

    def __init__(
        self, generator: ImageGenerator, ledger: Ledger, budget: Budget, listen: Listener, folder: Path
    ) -> None:
        """Bind to an audit's ledger, budget and folder; a generator that waits does so in the open from now on."""
        self.generator = generator
        self._ledger, self._budget, self._listen, self._folder = ledger, budget, listen, folder
        self._booked, self._failures = self._spent(), 0
        if isinstance(generator, Patient):
            generator.wait_with(self._wait)

    def paint(self, prompts: Iterable[Prompt]) -> dict[Prompt, Picture]:
        """Return the picture of every prompt, painting those that are not there yet.

        Prompts at which the generator fails are left out; their trouble is told.

        Raises:
            BudgetSpent: a limit is reached; what was painted before stays.
            TargetError: the generator fails at everything.
            Waiting: a person has to do something first.
        """
        wanted = list(dict.fromkeys(prompts))
        found = {prompt: kept for prompt in wanted if (kept := self._kept(prompt))}
        missing = [prompt for prompt in wanted if prompt not in found]
        self._commission(missing)
        for done, batch in self._batches(missing):
            for picture in self._paint(batch):
                found[Prompt(picture.prompt, picture.seed)] = picture
            self._tell(EventKind.PROGRESS, f"pictures by {self.generator.name}", done + len(batch), len(missing))
        return found

    def open(self, picture: Picture) -> Image | None:
        """Return a picture, or None where none was painted or its file is gone."""
        return open_picture(self._folder, picture.image)

    def _commission(self, prompts: Sequence[Prompt]) -> None:
        """Order the pictures of a step all at once where they are made elsewhere, no more than the budget allows."""
        if prompts and isinstance(self.generator, Commissioned):
            ordered = prompts[: self._budget.pictures_left(len(prompts))]
            self.generator.commission([each.text for each in ordered], [each.seed for each in ordered])

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
            with self._announced(batch) as announced:
                images = self.generator.generate([prompt.text for prompt in batch], [prompt.seed for prompt in batch])
                return self._keep(batch, [keep_picture(self._folder, image) for image in images], arrived=announced)
        except (PictureRefused, TargetError) as trouble:
            if len(batch) > 1:
                return [picture for prompt in batch for picture in self._paint([prompt])]
            if isinstance(trouble, PictureRefused):
                return self._keep(batch, [None], str(trouble) or "no reason given")
            return self._failed(batch[0], trouble)

    @contextmanager
    def _announced(self, batch: Sequence[Prompt]) -> Iterator[Sequence[str]]:
        """Note what a batch will cost until it is kept, and give the keys of the notes.

        One that a kill cuts off may have been charged for: it counts in pictures, and in dollars where the price is
        known. Pictures painted here are nobody's to charge for.
        """
        price = getattr(self.generator, "picture_price", 0.0)
        if price == 0.0:
            yield ()
            return
        keys = [f"painted-{next(iter(self._ids(prompt)))}" for prompt in batch]
        calls = [CallRecord(key=key, purpose=PAINTED, reply="", tokens=0, usd=price or 0.0) for key in keys]
        self._ledger.announce_call(*calls)
        try:
            yield keys
        finally:
            self._ledger.withdraw_call(*keys)

    def _failed(self, prompt: Prompt, error: TargetError) -> list[Picture]:
        """Tell of a prompt without a picture; give up where the generator fails at everything.

        Raises:
            TargetError: it does.
        """
        self._failures += 1
        if self._failures >= HOPELESS:
            raise TargetError(
                f"{self.generator.name} failed at {HOPELESS} prompts in a row, the last time so: {error}. Mend it and "
                "resume; what was painted before stays"
            ) from error
        self._tell(EventKind.WARNING, f"no picture of {prompt.text!r}: {error}")
        return []

    def _keep(
        self, batch: Sequence[Prompt], images: Sequence[str | None], refused: str = "", arrived: Sequence[str] = ()
    ) -> list[Picture]:
        self._failures = 0
        spent = self._spent()
        usd, self._booked = (spent - self._booked) / len(batch), spent
        pictures = [
            Picture(
                id=self._free_id(prompt),
                prompt=prompt.text,
                seed=prompt.seed,
                generator=self.generator.name,
                settings=dict(getattr(self.generator, "settings", {})),
                image=image,
                refused=refused,
                usd=usd,
            )
            for prompt, image in zip(batch, images, strict=True)
        ]
        self._ledger.save(pictures, arrived=arrived)
        return [self._ledger.get(Picture, picture.id) or picture for picture in pictures]

    def _spent(self) -> float:
        """Return the dollars the generator has spent so far, those for answers that were lost included."""
        return float(getattr(self.generator, "usd_spent", 0.0))

    def _kept(self, prompt: Prompt) -> Picture | None:
        """Return a picture painted earlier, unless its file is gone; then it is painted again."""
        return next((picture for picture in self._painted(prompt) if not self._is_gone(picture)), None)

    def _painted(self, prompt: Prompt) -> Iterable[Picture]:
        for key in self._ids(prompt):
            picture = self._ledger.get(Picture, key)
            if picture is None:
                return
            yield picture

    def _is_gone(self, picture: Picture) -> bool:
        return picture.image is not None and read_png(self._folder, picture.image) is None

    def _free_id(self, prompt: Prompt) -> str:
        """Return an id that no picture of a prompt has; its first one's unless that was lost."""
        return next(key for key in self._ids(prompt) if self._ledger.get(Picture, key) is None)

    def _ids(self, prompt: Prompt) -> Iterable[str]:
        """Yield the ids of a prompt's pictures: the first one's, and those of repetitions."""
        made_by = f"{self.generator.name}\n{getattr(self.generator, 'identity', '')}"
        key = hashlib.sha256(f"{made_by}\n{prompt.seed}\n{prompt.text}".encode()).hexdigest()[:32]
        yield key
        for number in count(2):
            yield f"{key}-{number}"

    def _wait(self, why: str, seconds: float) -> None:
        """Wait in the open, as long as the budget and the person allow."""
        self._tell(EventKind.WAIT, why)
        until = monotonic() + seconds
        while (rest := until - monotonic()) > 0:
            self._budget.check()
            sleep(min(rest, _SLICE))

    def _tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        self._listen(Event(kind=kind, text=text, done=done, total=total, spend=self._budget.spend()))
