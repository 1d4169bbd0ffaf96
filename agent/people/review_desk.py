"""An audit's ledger and pictures as people work on them. It needs no hold: the audit may be running meanwhile."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from faultfinder.agent.landscape.rating import ask_next
from faultfinder.agent.pictures.files import read_png
from faultfinder.agent.questions import meaning_question, put, which_question
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Label, Question, Why
from faultfinder.memory.picture_records import Picture, Sighting
from faultfinder.memory.records import Case, Hypothesis


class LedgerDesk:
    """The desk of one audit."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        """Take over an audit's folder and its open ledger."""
        self.name = folder.resolve().name
        self.key = hashlib.sha256(f"{folder.resolve()}\n{ledger.started()}".encode()).hexdigest()[:16]
        self._folder, self._ledger = folder, ledger

    def questions(self) -> list[Question]:
        """Return every question, in the order of asking."""
        with self._talking():
            return self._ledger.all(Question)

    def labels(self) -> list[Label]:
        """Return every label, in the order of writing."""
        with self._talking():
            return self._ledger.all(Label)

    def append(self, labels: Sequence[Label]) -> None:
        """Keep labels, all or none; one whose id is known already is left as it is.

        Once every failure that people were to rate is rated, the next ones follow from what they said.

        Raises:
            AuditError: the ledger cannot be written to now.
        """
        with self._talking():
            self._ledger.save(labels)
            ask_next(self._ledger)

    def picture(self, question: str) -> bytes | None:
        """Return the PNG of a question's picture; None where it has none, or the file is gone or damaged."""
        with self._talking():
            asked = self._ledger.get(Question, question)
        return read_png(self._folder, asked.image) if asked else None

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Turn the database's troubles into a message.

        Raises:
            AuditError: the database cannot be used now.
        """
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise AuditError(f"the audit's folder cannot be read or written just now ({error})") from error


def ask_about(ledger: Ledger, cases: Collection[str], findings: Collection[str]) -> frozenset[str]:
    """Put questions about cases of a person's choice into the queue, and return all questions about them.

    Of a case with pictures people are asked what they show; of any other, and of one chosen by itself, whether its two
    texts differ in meaning.

    Args:
        ledger: of the audit.
        cases: ids of cases.
        findings: ids of hypotheses; every case of theirs is meant that was shown to the target.

    Raises:
        AuditError: there is no such case or hypothesis, or the case was never shown to the target.
    """
    known = {case.id: case for case in ledger.all(Case)}
    single = [_wanted(key, known) for key in cases]
    whole = [case for case in known.values() if case.hypothesis in _wanted_findings(ledger, findings) and _shown(case)]
    pictures = _pictures_of(ledger)
    questions = [which for case in [*single, *whole] for which in _which(case, pictures.get(case.id, []))]
    plain = [*single, *(case for case in whole if case.id not in pictures)]
    questions += [meaning_question(case, Why.ASKED) for case in plain]
    put(ledger, questions)
    return frozenset(question.id for question in questions)


def _wanted(key: str, known: dict[str, Case]) -> Case:
    if key not in known:
        raise AuditError(f"this audit has no case {key[:80]!r}; findings.json names its cases, such as h1-p01")
    if not _shown(known[key]):
        raise AuditError(f"case {key} was judged invalid and never shown to the target: there is nothing to overturn")
    return known[key]


def _wanted_findings(ledger: Ledger, findings: Collection[str]) -> set[str]:
    known = {hypothesis.id for hypothesis in ledger.all(Hypothesis)}
    missing = sorted(set(findings) - known)
    if missing:
        raise AuditError(f"this audit has no hypothesis {missing[0][:80]!r}; findings.json names them, such as h1")
    return set(findings)


def _shown(case: Case) -> bool:
    return case.valid and case.change is None


def _pictures_of(ledger: Ledger) -> dict[str, list[tuple[Sighting, str]]]:
    """Return the pictures of every case of which both were painted and looked at."""
    images = {picture.id: picture.image for picture in ledger.all(Picture)}
    found: dict[str, dict[str, tuple[Sighting, str]]] = {}
    for seen in ledger.all(Sighting):
        if image := images.get(seen.picture):
            found.setdefault(seen.case, {})[seen.side] = (seen, image)
    return {case: list(sides.values()) for case, sides in found.items() if len(sides) > 1}


def _which(case: Case, pictures: Sequence[tuple[Sighting, str]]) -> list[Question]:
    return [which_question(case, seen.side, image, Why.ASKED) for seen, image in pictures]
