"""Asking about changed inputs again: the same inputs, found where the audit found them, changed by the same dice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.given import Target
from faultfinder.agent.landscape.opening import open_terrain
from faultfinder.agent.landscape.targets import open_target, takes_instruction
from faultfinder.agent.pictures.slot_painting import SlotPainting
from faultfinder.agent.report.suite import SuiteCase
from faultfinder.agent.suites.files import Suite
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import SuiteError
from faultfinder.memory.records import AuditSettings
from faultfinder.memory.regions import Level
from faultfinder.tools.registry import open_any

if TYPE_CHECKING:
    from faultfinder.agent.llm.answering import Pay


@dataclass(frozen=True)
class Changing:
    """What asking about changed inputs takes: the inputs, and somebody to tell."""

    terrain: Terrain
    listen: Listener
    reference: None = None

    @property
    def subject(self) -> Terrain:
        """The model that is asked."""
        return self.terrain

    def tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        """Pass on what happened."""
        self.listen(Event(kind=kind, text=text, done=done, total=total))


def open_for(suite: Suite, target: str, pay: "Pay") -> Target:
    """Open a target as the suite's kind takes it.

    Args:
        suite: what it is to be asked.
        target: its spec.
        pay: takes a chat model's calls to the check's ledger and budget.

    Raises:
        SpecError: it cannot be opened.
    """
    if suite.kind != "changes":
        return open_any(target)
    return open_target(_as_audited(target, suite.cases), pay=pay)


def reopened(
    target: str, cases: Sequence[SuiteCase], opened: Target, listen: Listener, painting: SlotPainting | None = None
) -> Terrain:
    """Return the inputs of cases of one audit, with the target at work on them.

    Args:
        target: its spec.
        cases: of one audit.
        opened: the target.
        listen: told what happens.
        painting: where the target paints: its studio, set up as in the audit.

    Raises:
        SuiteError: inputs that the suite asks about are gone.
        CorpusError: the inputs cannot be read, or their labels are not the target's.
        SpecError: the target does not classify.
    """
    settings = _as_audited(target, cases)
    if painting is not None:  # what else a slot may hold decides what a picture is told apart from
        settings = settings.model_copy(update={"actions": cases[0].settings.actions})
    terrain = open_terrain(settings, opened, listen, painting)
    missing = [case.change.input for case in cases if case.change and not terrain.has(case.change)]
    if missing:
        raise SuiteError(
            f"{cases[0].settings.inputs} no longer has {len(missing)} of the inputs that the suite asks about, such as "
            f"{missing[0]!r}; put them back where they were"
        )
    return terrain


def _as_audited(target: str, cases: Sequence[SuiteCase]) -> AuditSettings:
    """Return the settings that find the inputs of some cases again, with all the levels they are changed to."""
    origin = cases[0].settings
    levels: dict[str, dict[Level, None]] = {}
    for case in cases:
        for setting in case.change.settings if case.change else ():
            levels.setdefault(setting.factor, {})[setting.level] = None
    actions = ",".join(f"{factor}={':'.join(map(str, found))}" for factor, found in levels.items())
    kept = origin.model_dump(include={"corpus", "seed", "inputs", "pictures", "label_map", "metric"})
    kept["instruction"] = origin.instruction if takes_instruction(target) else None
    return AuditSettings(name="check", goal="", target=target, actions=actions, **kept)
