"""Keeping what the target was given in the cases that a report shows, so that it can be written without the inputs."""

from collections.abc import Iterable, Sequence

from PIL.Image import Image

from faultfinder.agent.context import AuditContext
from faultfinder.agent.pictures.drawing import LARGEST
from faultfinder.agent.pictures.files import keep_picture
from faultfinder.memory.landscape_records import Specimen
from faultfinder.memory.records import Case, Observation, Outcome, Role

SHOWN = {(Role.PROBE, Outcome.FAIL): 8, (Role.PROBE, Outcome.PASS): 3, (Role.CONTROL, None): 6}
"""Cases of an experiment that are kept: the first ones written of each kind."""


def keep_specimens(context: AuditContext, cases: Sequence[Case], seen: Iterable[Observation]) -> None:
    """Keep the first cases of each kind of every experiment about changed inputs.

    Raises:
        AuditError: a picture cannot be written.
    """
    outcomes = {each.case: each.outcome for each in seen}
    by_experiment: dict[tuple[str, int], list[Case]] = {}
    for case in cases:
        if case.change is not None and outcomes.get(case.id) in (Outcome.FAIL, Outcome.PASS):
            by_experiment.setdefault((case.hypothesis, case.look), []).append(case)
    for written in by_experiment.values():
        context.ledger.save([_specimen(context, case) for case in _first(written, outcomes)])


def _first(written: Sequence[Case], outcomes: dict[str, Outcome]) -> list[Case]:
    kept: list[Case] = []
    for (role, outcome), most in SHOWN.items():
        fitting = [c for c in written if c.role is role and outcome in (None, outcomes[c.id])]
        kept += fitting[:most]
    return kept


def _specimen(context: AuditContext, case: Case) -> Specimen:
    terrain = context.the_terrain
    if case.change is None:
        raise ValueError(f"{case.id} changes no input")
    query = terrain.query(case.change)
    before, after = terrain.task.original(query.example), terrain.task.shown(query)
    if isinstance(before, str) or isinstance(after, str):
        return Specimen(case=case.id, kind="text", before=str(before), after=str(after))
    return Specimen(case=case.id, kind="picture", before=_kept(context, before), after=_kept(context, after))


def _kept(context: AuditContext, picture: Image) -> str:
    small = picture.convert("RGB")
    small.thumbnail((LARGEST, LARGEST))
    return keep_picture(context.folder, small)
