"""The failures that people can be asked about: chosen from what an explorer saw, and kept as people are shown them.

They are kept when an exploration ends, more of them than will ever be asked, so that the next questions can be chosen
wherever answers come in, without the target or its inputs.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image as Images
from PIL.Image import Image

from faultfinder.agent.context import AuditContext
from faultfinder.agent.landscape.rating import Ratings
from faultfinder.agent.pictures.drawing import LARGEST
from faultfinder.agent.pictures.files import keep_picture
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.landscape_records import Candidate, Exploration, Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.explorers.features import StateFeatures
from faultfinder.tools.landscape.ground import Places
from faultfinder.tools.landscape.teaching import taught_most
from faultfinder.tools.tasks.task import Query

MOST = 120
"""Failures of one exploration that are kept to be asked about; people are asked about fewer."""

LOOKED_AT = 2000
"""Failures that they are chosen from, drawn evenly where there are more."""

_GAP = 12
"""Of a picture's width, one part in so many lies between the two."""

Floats = npt.NDArray[np.float64]


class Inputs:
    """What the inputs that are explored with are like, in few numbers; the same in every sitting."""

    def __init__(self, terrain: Terrain) -> None:
        """Take an audit's inputs."""
        self._terrain = terrain
        self._numbers = {terrain.task.examples[number].key: number for number in terrain.exploring}

    def states(self, keys: Sequence[str]) -> Floats:
        """Return where inputs lie along the main directions of all, float64 (n, m)."""
        rows = [self._rows[self._numbers[key]] for key in keys]
        return np.array(rows, dtype=np.float64).reshape(len(rows), -1)

    def topics(self, keys: Sequence[str]) -> list[str]:
        """Return the topics of inputs."""
        return [self._terrain.task.examples[self._numbers[key]].topic for key in keys]

    def number(self, key: str) -> int:
        """Return the number of an input."""
        return self._numbers[key]

    @property
    def keys(self) -> list[str]:
        """Return the keys of all."""
        return list(self._numbers)

    @cached_property
    def _rows(self) -> dict[int, Floats]:
        states = self._terrain.task.states(self._terrain.exploring)
        varied = np.round(StateFeatures.of(states)(states)[:, 1:], 6)
        return dict(zip(self._terrain.exploring, varied, strict=True))


def keep_candidates(context: AuditContext, terrain: Terrain, found: Exploration) -> None:
    """Keep the failures of an exploration that teach most about what matters, with what people are shown of them.

    Raises:
        AuditError: a picture cannot be written.
    """
    visits, inputs = _failures(context, found), Inputs(terrain)
    if not visits:
        return
    keys = [visit.input for visit in visits]
    model = Ratings(context.ledger).importance(found, extra=inputs.topics(keys))
    pool: Places = model.ground.places([v.action for v in visits], inputs.topics(keys), inputs.states(keys))
    chosen = [visits[row] for row in taught_most(model, pool, (), MOST)]
    context.ledger.save([_candidate(context, terrain, inputs, visit) for visit in chosen])


def _failures(context: AuditContext, found: Exploration) -> list[Visit]:
    """Return an exploration's failures, each once, without what is kept already."""
    visits = context.ledger.all(Visit)
    places = {visit.id: (visit.input, visit.action) for visit in visits}
    known = {places[candidate.id] for candidate in context.ledger.all(Candidate)}
    failed = {
        (visit.input, visit.action): visit
        for visit in visits
        if visit.exploration == found.id and visit.outcome is Outcome.FAIL
    }
    fresh = [visit for place, visit in failed.items() if place not in known]
    if len(fresh) <= LOOKED_AT:
        return fresh
    drawn = np.random.default_rng(context.settings.seed).choice(len(fresh), LOOKED_AT, replace=False)
    return [fresh[row] for row in sorted(drawn)]


def _candidate(context: AuditContext, terrain: Terrain, inputs: Inputs, visit: Visit) -> Candidate:
    query = Query(inputs.number(visit.input), visit.action)
    example = terrain.task.examples[query.example]
    before, after = terrain.task.original(query.example), terrain.task.shown(query)
    is_text = isinstance(before, str) or isinstance(after, str)
    return Candidate(
        id=visit.id,
        exploration=visit.exploration,
        action=visit.action,
        topic=example.topic,
        state=tuple(float(each) for each in inputs.states([visit.input])[0]),
        right=example.truth,
        said=visit.said,
        image=None if is_text else keep_picture(context.folder, beside(before, after)),  # type: ignore[arg-type]
        before=str(before) if is_text else "",
        after=str(after) if is_text else "",
    )


def beside(before: Image, after: Image) -> Image:
    """Return two pictures side by side, the input as it was on the left."""
    small = [picture.convert("RGB") for picture in (before, after)]
    for picture in small:
        picture.thumbnail((LARGEST, LARGEST))
    gap = max(1, small[0].width // _GAP)
    size = (small[0].width + gap + small[1].width, max(picture.height for picture in small))
    both = Images.new("RGBA", size, (0, 0, 0, 0))
    both.paste(small[0], (0, 0))
    both.paste(small[1], (small[0].width + gap, 0))
    return both
