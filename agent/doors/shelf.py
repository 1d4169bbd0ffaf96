"""What another program may read of audits: all that is in one folder of audits, and nothing outside it."""

from pathlib import Path

from faultfinder.agent.doors.records import AuditList, AuditState, CaseList, FindingList, FindingSummary, ReportPlace
from faultfinder.agent.doors.runs import Run, Runs
from faultfinder.agent.folder.names import DATABASE, folder_in
from faultfinder.agent.report.conclusion import load_findings
from faultfinder.agent.report.findings import FindingsFile, Status, alarms, assemble, headline
from faultfinder.agent.report.outputs import FINDINGS, REPORT, SUITE
from faultfinder.agent.report.rewriting import UNFINISHED, ledger_of, rewrite_outputs, settings_of
from faultfinder.memory.errors import AuditError, FaultfinderError, OptionError
from faultfinder.memory.records import Outcome, Role

FILES = (REPORT, FINDINGS, SUITE)
MOST_CASES = 200


class Shelf:
    """The audits of one folder, running or not."""

    def __init__(self, out: Path, runs: Runs) -> None:
        """Read the audits under `out`, of which this process may be running some."""
        self.out = out
        self._runs = runs

    def run(self, name: str) -> Run:
        """Return an audit that this process began or went on with.

        Raises:
            AuditError: it did neither.
        """
        run = self._runs.of(self.folder(name))
        if run is None:
            raise AuditError(f"this server has not run the audit {name}; `resume` goes on with it, `findings` reads it")
        return run

    def folder(self, name: str) -> Path:
        """Return the folder of an audit by its name.

        Raises:
            AuditError: the name could be a path, or leads out of the folder of audits.
        """
        return folder_in(self.out, name)

    def state(self, name: str) -> AuditState:
        """Say how an audit stands.

        Raises:
            AuditError: there is no such audit; how it ended is in the message where it failed before it began.
        """
        folder = self.folder(name)
        run = self._runs.of(folder)
        if run is not None and run.error and not (folder / DATABASE).is_file():
            raise AuditError(run.error)
        found = self._found(folder)
        running = run is not None and not run.ended.is_set()
        by_status = {status: found.with_status(status) for status in Status}
        return AuditState(
            name=name,
            goal=found.audit.goal,
            target=found.audit.target,
            running=running,
            doing=run.doing if running and run else "",
            stopped_by=found.audit.stopped_by,
            error=run.error if run and not running else None,
            confirmed=tuple(finding.title for finding in by_status[Status.CONFIRMED]),
            refuted=len(by_status[Status.REFUTED]),
            open=len(by_status[Status.INCONCLUSIVE]),
            alarms=() if running else tuple(alarms(found)),
            spent=found.budget.spent,
            next_step="call `wait` again, or `stop`" if running else "call `findings`, then `cases` or `report`",
        )

    def audits(self) -> AuditList:
        """List the audits in the folder."""
        states: list[AuditState] = []
        unreadable: list[str] = []
        for path in sorted(self.out.glob(f"*/{DATABASE}")):
            try:
                states.append(self.state(path.parent.name))
            except FaultfinderError as error:
                unreadable.append(f"{path.parent.name}: {error}")
        return AuditList(audits=tuple(states), unreadable=tuple(unreadable))

    def findings(self, name: str, status: Status | None = None) -> FindingList:
        """Return what an audit found so far, without the cases."""
        found = self._found(self.folder(name))
        return FindingList(
            audit=name,
            headline=headline(found),
            alarms=tuple(alarms(found)),
            findings=tuple(FindingSummary.of(one) for one in found.findings if status in (None, one.status)),
        )

    def cases(
        self, name: str, finding: str, role: Role | None, outcome: Outcome | None, offset: int, most: int
    ) -> CaseList:
        """Return cases of a finding, a page at a time.

        Raises:
            AuditError: there is no such finding.
            OptionError: the page is out of range.
        """
        if offset < 0 or not 1 <= most <= MOST_CASES:
            raise OptionError(f"offset is 0 or more, most is from 1 to {MOST_CASES}")
        findings = {one.id: one for one in self._found(self.folder(name)).findings}
        if finding not in findings:
            raise AuditError(f"the audit {name} has no finding {finding!r}; it has {', '.join(findings) or 'none'}")
        fitting = [
            case for case in findings[finding].cases if role in (None, case.role) and outcome in (None, case.outcome)
        ]
        page = tuple(fitting[offset : offset + most])
        return CaseList(finding=finding, total=len(fitting), offset=offset, cases=page)

    def report(self, name: str, scheme: str) -> ReportPlace:
        """Return where an audit's files are; one that was killed before it wrote them has them written now.

        Args:
            name: the audit's name.
            scheme: how the addresses of the files as resources begin.
        """
        folder = self.folder(name)
        self._written(folder)
        report, findings, suite = (str((folder / file).resolve()) for file in FILES)
        resources = tuple(f"{scheme}{name}/{file}" for file in FILES)
        return ReportPlace(report=report, findings=findings, suite=suite, resources=resources)

    def file(self, name: str, file: str) -> str:
        """Return the content of one of an audit's files.

        Raises:
            AuditError: there is no such audit, or it is none of its files.
        """
        if file not in FILES:
            raise AuditError(f"{file[:80]!r} is no file of an audit that can be read; those are {', '.join(FILES)}")
        folder = self.folder(name)
        self._written(folder)
        return (folder / file).read_text(encoding="utf-8")

    def suite(self, name: str) -> Path:
        """Return the file of an audit's proven failures.

        Raises:
            AuditError: there is no such audit, or it is running.
        """
        folder = self.folder(name)
        self._written(folder)
        return folder / SUITE

    def _found(self, folder: Path) -> FindingsFile:
        """Return what the evidence says now; why and when an ended audit ended is in its file."""
        run = self._runs.of(folder)
        if (run is None or run.ended.is_set()) and (folder / FINDINGS).is_file():
            return load_findings(folder)
        with ledger_of(folder) as ledger:
            return assemble(ledger, settings_of(ledger, folder), UNFINISHED, None)

    def _written(self, folder: Path) -> None:
        run = self._runs.of(folder)
        if run is not None and not run.ended.is_set():
            raise AuditError(f"the audit {folder.name} is running and has no report yet; wait for it, or stop it")
        if not all((folder / file).is_file() for file in FILES):
            rewrite_outputs(folder)
