"""The audit of the changed model: the same goal and settings, other texts, and which of its failures are new."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent import endings
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.records import Found, Reaudit
from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.folder.names import CORPUS, DATABASE
from faultfinder.agent.given import NOTHING_GIVEN, Given
from faultfinder.agent.inquiries import Inquiry, inquiries
from faultfinder.agent.report.combining import are_one, combined
from faultfinder.agent.report.conclusion import load_findings
from faultfinder.agent.report.outputs import FINDINGS, SUITE
from faultfinder.agent.report.rewriting import ledger_of
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.suites.checking import CheckedFailure
from faultfinder.agent.suites.fate import Fate
from faultfinder.agent.suites.files import read_suites
from faultfinder.agent.suites.replaying import Conditions
from faultfinder.agent.suites.runs import checked
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import AuditSettings, Decision, Hypothesis, Role
from faultfinder.memory.regions import Region
from faultfinder.tools.corpora import FEWEST_TEXTS, Corpus, open_corpus

OTHER_SEED = 7_919
"""Added to the seed of an audit of a world, which then draws other texts and pictures."""

INPUTS = "inputs.jsonl"
"""Name of the table of pictures within the audit's folder."""

_MOSTLY = _OPEN = 0.5


@dataclass(frozen=True)
class HeldOut:
    """The inputs that the changed model is audited on.

    Attributes:
        settings: The audit's settings, for the changed model.
        said: Which inputs they are, in words.
        given: Texts handed over, where they are not drawn anew.
        texts: All texts that the audit may use; none where it is about other inputs.
        table: A table of labelled pictures handed over, as JSON lines, where they are not drawn anew.
    """

    settings: AuditSettings
    said: str
    given: Given = NOTHING_GIVEN
    texts: frozenset[str] = frozenset()
    table: str | None = None


def reserve(settings: AuditSettings, corpus: Corpus) -> HeldOut | None:
    """Reserve the texts of the coming audit, where a world draws them; nothing may be learned from them.

    A file's texts cannot be drawn anew: there the coming audit gets those that were not learned from (`remaining`).
    """
    if corpus.world is None:
        return None
    again = settings.model_copy(update={"seed": settings.seed + OTHER_SEED})
    texts = frozenset(open_corpus(settings.corpus, again.seed).texts)
    return HeldOut(again, f"{len(texts):,} captions drawn anew, none of them learned from", texts=texts)


def remaining(settings: AuditSettings, corpus: Corpus, learned: Set[str]) -> HeldOut:
    """Return the corpus without what was learned from.

    Raises:
        AuditError: too few texts are left to audit.
    """
    texts = tuple(text for text in corpus.texts if text not in learned)
    if len(texts) < FEWEST_TEXTS:
        raise AuditError(
            f"{len(texts)} of the {len(corpus):,} texts of {settings.corpus} were not learned from, and an audit needs "
            f"{FEWEST_TEXTS}: give --pictures whose captions are not the audit's corpus"
        )
    said = f"{len(texts):,} texts of the corpus, none of them learned from"
    return HeldOut(settings, said, Given(corpus=texts), frozenset(texts))


def reaudit(
    name: str, target: str, failed: Hypothesis, original: str, held_out: HeldOut, out: Path, listen: Listener
) -> Reaudit:
    """Audit the changed model, or go on where an earlier sitting stopped, and sort what it finds.

    Args:
        name: the new audit's name.
        target: spec of the changed model.
        failed: the failure that was to fade.
        original: spec of the model as it was.
        held_out: the texts, and the settings of the audit that proved the failure.
        out: the folder that holds the audits.
        listen: told what happens.

    Raises:
        FaultfinderError: the audit could not be run.
    """
    folder = out / name
    if not _has_ended(folder):
        _audit(name, target, held_out, folder, listen)
    with ledger_of(folder) as ledger:
        proven = [each for each in combined(inquiries(ledger)) if each.decision is Decision.SUPPORTED]
    findings = load_findings(folder)
    known = _on_the_original(folder / SUITE, original, listen) if proven else {}
    return Reaudit(
        audit=name,
        texts=held_out.said,
        tested=findings.hypotheses_tested,
        again=tuple(each.hypothesis.title for each in proven if is_again(each.hypothesis, failed)),
        found=tuple(_found(name, each, known) for each in proven),
        ended=findings.audit.stopped_by,
    )


def is_again(found: Hypothesis, failed: Hypothesis) -> bool:
    """Tell whether a confirmed failure is the one that was to fade: by its rule, or by where most of it lies."""
    if failed.region is None or found.region is None:
        return are_one(found, failed)
    return lies_within(found.region, failed.region) > _MOSTLY


def lies_within(region: Region, other: Region) -> float:
    """Return which share of a region lies in another, from 0 to 1, all levels and topics taken alike.

    A factor or topics that the region leaves open, and the other does not, are taken for twice what the other has.
    """
    share = 1.0
    held = {bound.factor: set(bound.levels) for bound in region.bounds}
    for bound in other.bounds:
        mine = held.get(bound.factor)
        share *= len(mine & set(bound.levels)) / len(mine) if mine else _OPEN
    if other.topics:
        share *= len(set(region.topics) & set(other.topics)) / len(region.topics) if region.topics else _OPEN
    return share


def _has_ended(folder: Path) -> bool:
    if not (folder / FINDINGS).is_file():
        return False
    ended = load_findings(folder).audit.stopped_by
    return ended != endings.INTERRUPTED and not ended.startswith((endings.PAUSED, endings.WAITING))


def _audit(name: str, target: str, held_out: HeldOut, folder: Path, listen: Listener) -> None:
    if (folder / DATABASE).is_file():
        audit = Audit.open(folder, listen, given=held_out.given)
    else:
        given = held_out.given
        corpus = held_out.settings.corpus if given.corpus is None else str((folder / CORPUS).resolve())
        changed = {"name": name, "target": target, "corpus": corpus, "downstream": None, "people": "none"}
        if held_out.table is not None:
            table = (folder / INPUTS).resolve()
            write_atomically(table, held_out.table.encode())
            changed["inputs"] = str(table)
        audit = Audit.create(held_out.settings.model_copy(update=changed), folder, listen, given)
    with audit:
        reason = audit.run()
    listen(Event(kind=EventKind.NOTE, text=f"the audit {name} ended: {reason}"))


def _on_the_original(suite: Path, original: str, listen: Listener) -> dict[str, CheckedFailure]:
    """Ask the original what the changed model was found to fail."""

    def tell(event: Event) -> None:
        if event.kind is EventKind.PROGRESS:
            listen(event)

    done = checked(read_suites([suite]), original, Conditions(), tell)
    return {each.failure: each for each in done.failures}


def _found(name: str, proven: Inquiry, known: Mapping[str, CheckedFailure]) -> Found:
    failure = f"{name}/{proven.hypothesis.id}"
    same = known.get(failure)
    return Found(
        failure=failure,
        title=proven.hypothesis.title,
        probes=proven.counts(Role.PROBE),
        before=same.probes if same else None,
        new=same is None or same.fate is not Fate.FAILS,
    )
