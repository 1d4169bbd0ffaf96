"""One audit, from its folder: create, run, stop, resume.

The folder holds everything (`audit.db`, outputs); a process that dies leaves it resumable at any instant. One process
at a time may hold an audit.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from faultfinder.agent.assembly import assemble_context
from faultfinder.agent.budget import Budget
from faultfinder.agent.context import AuditContext
from faultfinder.agent.endings import STOPPING
from faultfinder.agent.events import Event, EventKind, Listener, both, silent
from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.folder.event_log import EventLog
from faultfinder.agent.folder.holding import hold_audit, say_alone
from faultfinder.agent.folder.names import CORPUS, DATABASE
from faultfinder.agent.folder.stop_requests import heeds_requests
from faultfinder.agent.given import NOTHING_GIVEN, Given
from faultfinder.agent.running.forecasting import Forecaster
from faultfinder.agent.strategist import Strategist
from faultfinder.memory.closing import Closing
from faultfinder.memory.errors import AuditError, FaultfinderError, Interrupted
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Limits, PeoplePolicy

if TYPE_CHECKING:
    from langchain_core.callbacks import BaseCallbackHandler


class Audit(Closing):
    """An audit in its folder, held by this process."""

    def __init__(
        self, folder: Path, settings: AuditSettings, ledger: Ledger, listen: Listener, hold: IO[str], given: Given
    ) -> None:
        """Take over an open audit; use `create` or `open`."""
        self.folder = folder
        self.settings = settings
        self.ledger = ledger
        self._listen = self._heard_by = listen
        self._hold = hold
        self._given = given
        self._budget = Budget(settings.limits, ledger)

    @classmethod
    def create(
        cls, settings: AuditSettings, folder: Path, listen: Listener = silent, given: Given = NOTHING_GIVEN
    ) -> "Audit":
        """Make a new audit's folder.

        Args:
            settings: what determines the audit.
            folder: where it lives.
            listen: told what happens.
            given: what a Python program handed over as objects; texts of a corpus are kept in the folder.

        Raises:
            AuditError: the folder exists with an audit in it, or cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AuditError(
                f"cannot make the audit's folder {folder} ({error.strerror}); choose another with --out"
            ) from error
        if (folder / DATABASE).exists():
            raise AuditError(f"{folder} holds an audit already; resume it, or choose another --name")
        hold = hold_audit(folder)
        if given.corpus is not None:
            lines = (json.dumps({"text": text}) + "\n" for text in given.corpus)
            write_atomically(folder / CORPUS, "".join(lines).encode())
        ledger = Ledger.open(folder / DATABASE)
        ledger.save([settings])
        return cls(folder, settings, ledger, listen, hold, given)

    @classmethod
    def open(
        cls,
        folder: Path,
        listen: Listener = silent,
        limits: Limits | None = None,
        people: PeoplePolicy | None = None,
        given: Given = NOTHING_GIVEN,
    ) -> "Audit":
        """Open an audit to go on with it or to read it.

        Args:
            folder: the audit's folder.
            listen: told what happens.
            limits: new limits in place of those given where set; what was spent stays spent.
            people: a new policy towards people, in place of the audit's.
            given: models that a Python program handed over, the same as when the audit began.

        Raises:
            AuditError: there is no audit, or another process holds it.
        """
        if not (folder / DATABASE).is_file():
            raise AuditError(f"no audit in {folder}; `faultfinder audits` lists those there are")
        hold = hold_audit(folder)
        ledger = Ledger.open(folder / DATABASE)
        kept = ledger.all(AuditSettings)
        if not kept:
            raise AuditError(f"{folder / DATABASE} has no settings: the audit died before it began; start it anew")
        raised = kept[0].limits.model_copy(update=limits.model_dump(exclude_none=True) if limits else {})
        settings = kept[0].model_copy(update={"limits": raised, "people": people or kept[0].people})
        return cls(folder, settings, ledger, listen, hold, given)

    def run(self, strategist: Strategist | None = None, watchers: Sequence["BaseCallbackHandler"] = ()) -> str:
        """Begin or go on, until the audit ends or is stopped; leave the outputs behind. Return why it ended.

        Args:
            strategist: used instead of the one the settings name.
            watchers: told what the graph, its tools and its chat model do.
        """
        from faultfinder.agent.running.checkpoints import drive

        with self.sitting(strategist) as context:
            try:
                reason = drive(context, self.folder / DATABASE, watchers)
            except Interrupted as stop:
                reason = stop.reason
            self.write_outputs(context, reason)
        return reason

    @contextmanager
    def sitting(self, strategist: Strategist | None = None) -> Iterator[AuditContext]:
        """Open everything the audit works with, for as long as the block lasts.

        Args:
            strategist: used instead of the one the settings name.
        """
        self.ledger.begin_sitting(_now())
        with (
            self._logged(),
            heeds_requests(self.folder, self.interrupt),
            assemble_context(
                self.settings, self.folder, self.ledger, self._budget, self._tell, strategist, self._given
            ) as context,
        ):
            begun = Event(kind=EventKind.BEGUN, text=self.settings.goal, limits=self.settings.limits)
            self._tell(begun.model_copy(update={"spend": self._budget.spend()}))
            self._heard_by = forecaster = Forecaster(context, self._heard_by)
            forecaster.begin()
            yield context

    def write_outputs(self, context: AuditContext, reason: str) -> None:
        """Write what the audit leaves behind, from its ledger, and say that the sitting has ended."""
        from faultfinder.agent.people.heeding import heed_people
        from faultfinder.agent.report.outputs import write_outputs

        self._budget.spend()
        write_outputs(self.folder, self.ledger, self.settings, reason, context.corpus.world, context.known())
        for sentence in heed_people(self.ledger, context.memory, self.settings.name):
            context.tell(EventKind.NOTE, sentence)
        self._tell(Event(kind=EventKind.ENDED, text=reason, spend=self._budget.spend()))

    def interrupt(self, more: str = "") -> None:
        """Ask the audit to stop at its next safe point; callable from a signal handler or another thread.

        Args:
            more: what else to say of it, to whoever asked.
        """
        self._budget.interrupt()
        self._tell(Event(kind=EventKind.NOTE, text=f"{STOPPING}{more}"))

    def has_the_process(self) -> None:
        """Say that this process does nothing but run the audit, so that to end it is to stop the audit."""
        say_alone(self._hold)

    def close(self) -> None:
        """Let go of the audit."""
        self.ledger.close()
        self._hold.close()

    @contextmanager
    def _logged(self) -> Iterator[None]:
        """Keep what is told in the folder too, while the block lasts."""
        with EventLog(self.folder, self._budget.spend().minutes * 60) as log:
            self._heard_by = both(log, self._listen)
            try:
                yield
            except FaultfinderError as error:
                self._tell(Event(kind=EventKind.FAILED, text=str(error)))
                raise
            finally:
                self._heard_by = self._listen

    def _tell(self, event: Event) -> None:
        self._heard_by(event)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
