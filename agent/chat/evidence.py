"""An audit's evidence as it can be cited: findings, cases, look-ups made in a chat, and the audit's own figures.

Everything is read from the ledger. An id is `h3` or `q1` (a hypothesis, the audit's own or one asked for), `h3-p07` (a
case), `x2` (a look-up) or `audit`.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from pydantic import Field

from faultfinder.agent.inquiries import Attempt, Inquiry, asked_inquiries, inquiries
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.conclusion import load_findings
from faultfinder.agent.report.findings import STATUS_OF, FindingsFile, Status, assemble
from faultfinder.agent.report.rewriting import UNFINISHED
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Record

AUDIT = "audit"
"""The id of the audit's own figures: what it cost, what it looked at, how it judged."""


class LookUp(Record):
    """What a tool answered in a chat, kept so that it can be cited."""

    id: str = Field(description="unique within the audit, such as 'x2'")
    tool: str = Field(description="name of the tool")
    args: str = Field(description="its arguments, as JSON")
    result: str = Field(description="its answer, as JSON")


class Evidence:
    """One audit's evidence, read anew for every question."""

    def __init__(self, ledger: Ledger, settings: AuditSettings, folder: Path) -> None:
        """Bind to an audit's ledger; nothing is read before it is asked for."""
        self.ledger = ledger
        self.settings = settings
        self.folder = folder

    @cached_property
    def file(self) -> FindingsFile:
        """The findings, as `findings.json` would hold them now."""
        try:
            ended = load_findings(self.folder).audit
        except AuditError:  # a report was never written, or by another version
            return assemble(self.ledger, self.settings, UNFINISHED, None)
        return assemble(self.ledger, self.settings, ended.stopped_by, ended.finished)

    @cached_property
    def own(self) -> list[Inquiry]:
        """The audit's own hypotheses, in the order of the report."""
        return combined(inquiries(self.ledger))

    @cached_property
    def asked(self) -> list[Inquiry]:
        """Those that people asked for."""
        return asked_inquiries(self.ledger)

    @cached_property
    def by_id(self) -> dict[str, Inquiry]:
        """Return every hypothesis with its experiment, by id."""
        every = (*self.own, *self.asked)
        return {key: each for each in every for key in (each.hypothesis.id, *each.parts)}

    @cached_property
    def cases(self) -> dict[str, Attempt]:
        """Return every case that was tried, by id."""
        cited = (tried for each in self.by_id.values() for tried in each.attempts)
        return {tried.case.id: tried for tried in cited}

    @cached_property
    def look_ups(self) -> dict[str, LookUp]:
        """Return what was looked up in chats, by id."""
        return {each.id: each for each in self.ledger.all(LookUp)}

    def status(self, inquiry: Inquiry) -> Status:
        """Return what a reader is told of a hypothesis."""
        return STATUS_OF[inquiry.decision]

    def with_status(self, status: Status) -> list[Inquiry]:
        """Return the audit's own hypotheses of one status, in order."""
        return [each for each in self.own if self.status(each) is status]

    def owner(self, cited: str) -> Inquiry | None:
        """Return the hypothesis that an id belongs to: its own, or its case's."""
        tried = self.cases.get(cited)
        return self.by_id.get(tried.case.hypothesis if tried else cited)


def keep_look_up(ledger: Ledger, tool: str, args: dict[str, object], result: Record) -> LookUp:
    """Keep a tool's answer under an id to cite it by; the same answer to the same question keeps its id."""
    said, answer = json.dumps(args, ensure_ascii=False, sort_keys=True), result.model_dump_json()
    before = ledger.all(LookUp)
    for known in before:
        if (known.tool, known.args, known.result) == (tool, said, answer):
            return known
    kept = LookUp(id=f"x{len(before) + 1}", tool=tool, args=said, result=answer)
    ledger.save([kept])
    return kept


def numbers_in(value: object) -> Iterable[float]:
    """Yield every number of a JSON value, those within its strings left out."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield float(value)
        return
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, Sequence) else ():
        yield from numbers_in(part)


def texts_in(value: object) -> Iterable[str]:
    """Yield every string of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
