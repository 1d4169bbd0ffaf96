"""What a chat works with: an audit that is held, its evidence, and its models, opened when they are first needed."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO

from pydantic import Field

from faultfinder.agent.assembly import assemble_context, open_memory
from faultfinder.agent.budget import Budget
from faultfinder.agent.chat.evidence import Evidence
from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.folder.holding import hold_audit, say_alone
from faultfinder.agent.folder.names import DATABASE, free_name
from faultfinder.agent.pictures.files import picture_path
from faultfinder.agent.report.findings import headline
from faultfinder.agent.report.rewriting import ledger_of, settings_of
from faultfinder.memory.chroma import FailureMemory
from faultfinder.memory.errors import CorpusError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Picture, Sighting
from faultfinder.memory.records import AuditSettings, Limits, Record
from faultfinder.tools.corpora import Corpus, open_corpus


class Begun(Record):
    """Another audit that was begun from a chat."""

    id: str = Field(description="what was asked for: goal and target")
    name: str = Field(description="the other audit's name")
    headline: str = Field(default="", description="what came of it")
    report: str = Field(default="", description="where its report is")


class Stopwatch:
    """A clock that stands still while nobody works: waiting for the next question costs no minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin standing still, at 0."""
        self._clock = clock
        self._gone = 0.0
        self._since: float | None = None

    def __call__(self) -> float:
        """Return the seconds worked so far."""
        return self._gone + (0.0 if self._since is None else self._clock() - self._since)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the clock go while something is done."""
        self._since = self._clock()
        try:
            yield
        finally:
            self._gone, self._since = self(), None


class Workplace:
    """One audit, held by this process for a chat."""

    def __init__(
        self,
        folder: Path,
        kept: AuditSettings,
        settings: AuditSettings,
        ledger: Ledger,
        hold: IO[str],
        listen: Listener,
    ) -> None:
        """Take over an open audit; use `open`."""
        self.folder = folder
        self.kept = kept
        self.settings = settings
        self.ledger = ledger
        self.listen = listen
        self.clock = Stopwatch()
        self.budget = Budget(settings.limits, ledger, self.clock)
        self._hold = hold
        self._opened = ExitStack()
        self._context: AuditContext | None = None
        ledger.begin_sitting(_now())

    @classmethod
    def open(cls, folder: Path, listen: Listener, limits: Limits, llm: str | None, url: str | None) -> "Workplace":
        """Open an audit to talk about.

        Args:
            folder: the audit's folder.
            listen: told what happens.
            limits: new limits in place of the audit's where set; what was spent stays spent.
            llm: who answers, in place of the audit's strategist.
            url: base URL of the server behind it.

        Raises:
            AuditError: there is no audit, it never began, or another process holds it.
        """
        with ExitStack() as stack:
            ledger = stack.enter_context(ledger_of(folder))
            hold = stack.enter_context(hold_audit(folder))
            kept = settings_of(ledger, folder)
            changes: dict[str, object] = {
                "limits": kept.limits.model_copy(update=limits.model_dump(exclude_none=True)),
                "llm": llm or kept.llm,
                "llm_url": url or (kept.llm_url if llm in (None, kept.llm) else None),
            }
            stack.pop_all()
        return cls(folder, kept, kept.model_copy(update=changes), ledger, hold, listen)

    @property
    def database(self) -> Path:
        """The audit's database."""
        return self.folder / DATABASE

    @property
    def context(self) -> AuditContext:
        """The audit's models, corpus and memory, opened once.

        Raises:
            FaultfinderError: something the settings name cannot be opened.
        """
        if self._context is None:
            self.listen(Event(kind=EventKind.STAGE, text=f"opening {self.settings.target}"))
            opened = assemble_context(self.settings, self.folder, self.ledger, self.budget, self.listen)
            self._context = self._opened.enter_context(opened)
        return self._context

    @cached_property
    def corpus(self) -> Corpus | None:
        """The audit's corpus; None where it is gone."""
        if self._context is not None:
            return self._context.corpus
        try:
            return open_corpus(self.settings.corpus, self.settings.seed)
        except CorpusError as error:
            self.listen(Event(kind=EventKind.WARNING, text=f"answering without the corpus: {error}"))
            return None

    @property
    def texts(self) -> tuple[str, ...]:
        """The corpus' texts; without a corpus none."""
        return self.corpus.texts if self.corpus else ()

    def evidence(self) -> Evidence:
        """Return the evidence as it stands now."""
        return Evidence(self.ledger, self.settings, self.folder)

    @contextmanager
    def memory(self) -> Iterator[FailureMemory]:
        """Open the failure memory, without the models."""
        with open_memory(self.settings.memory, self.settings.reference) as memory:
            yield memory

    def painted(self, case: str) -> tuple[str, ...]:
        """Return the files of the pictures that were painted for a case."""
        pictures = {picture.id: picture.image for picture in self.ledger.all(Picture)}
        seen = [sighting.picture for sighting in self.ledger.all(Sighting) if sighting.case == case]
        files = [image for key in dict.fromkeys(seen) if (image := pictures.get(key))]
        return tuple(str(picture_path(self.folder, image)) for image in files)

    def another(self, goal: str, target: str) -> Begun:
        """Run another audit with these settings, of another goal or target; one that a kill cut short goes on.

        Raises:
            FaultfinderError: it cannot begin, or its target fails.
        """
        from faultfinder.agent.report.conclusion import load_findings
        from faultfinder.agent.running.audits import Audit

        out, key = self.folder.parent, f"{goal}\n{target}"
        kept = self.ledger.get(Begun, key) or Begun(id=key, name=free_name(goal, out))
        folder = out / kept.name
        wanted = self.kept.model_dump() | {
            "name": kept.name,
            "goal": goal,
            "target": target or self.settings.target,
        }
        self.ledger.save([kept])
        begun = (folder / DATABASE).is_file()
        with (
            Audit.open(folder, self.listen)
            if begun
            else Audit.create(AuditSettings.model_validate(wanted), folder, self.listen) as audit
        ):
            audit.run()
        return kept.model_copy(
            update={"headline": headline(load_findings(folder)), "report": str(folder / "report.html")}
        )

    def has_the_process(self) -> None:
        """Say that this process does nothing but talk about the audit."""
        say_alone(self._hold)

    def interrupt(self) -> None:
        """Ask what is under way to stop at its next safe point."""
        self.budget.interrupt()

    def close(self) -> None:
        """Let go of the audit."""
        self._opened.close()
        self.ledger.close()
        self._hold.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
