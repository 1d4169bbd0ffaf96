"""What is exploring worth? Ten planted failures, one budget of hypotheses, three orders of testing.

    python -m bench.autonomy --corpus FILE [--base SPEC] [--plants everywhere|placed] [--seeds 0 1] [--tests 60]

* map: the audit explores, as with --hours: it goes where its map says that a new failure is likeliest.
* pass: one pass, as without --hours, in the order of the evidence.
* cells: the map's cells in reading order, a hypothesis each, until the budget is spent.

A finding is planted if it speaks of a plant, natural if the bare base encoder fails its probes as well (counted by the
same rule), else false. A plant that two findings speak of is found twice. Without a corpus it says how to get one: the
plants are made for COCO captions, which do not ship.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.planted import failures, open_base
from bench.ten_plants import SETS, Blinded
from faultfinder.agent.given import Given, take_any
from faultfinder.agent.inquiries import Inquiry, inquiries
from faultfinder.agent.judge import judge
from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.report.combining import combined
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.strategist import Evidence, Proposal
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import (
    AuditSettings,
    Brief,
    Decision,
    EditKind,
    Limits,
    Observation,
    Outcome,
    Role,
    Rule,
    TextPair,
)
from faultfinder.tools.corpora import open_corpus
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.ports import TextEncoder

ARMS = ("map", "pass", "cells")


class InReadingOrder(OfflineStrategist):
    """Proposes the map's cells one after another, whatever was seen."""

    def __init__(self, corpus_spec: str, seed: int) -> None:
        """Lay the cells out."""
        corpus, lexicon = open_corpus(corpus_spec, seed), Lexicon.load()
        super().__init__(corpus, lexicon, seed)
        axes = CorpusMap(corpus.texts, lexicon)
        exchanges = [kind for kind in axes.kinds.all if kind.edit is EditKind.EXCHANGE]
        self._cells = [(kind, area) for kind in exchanges for area in axes.areas]

    def hypothesize(self, brief: Brief, evidence: Evidence, most: int) -> list[Proposal]:
        """Propose the next cells."""
        begun = len(evidence.tried)
        return [
            Proposal(
                title=f"{kind.name} are confused, where {area.name} are spoken of",
                description=f"Exchanges of {kind.name} in texts about {area.name} go unnoticed.",
                rule=Rule(kind=kind.edit, words=kind.words),
                within=(area.words,),
            )
            for kind, area in self._cells[begun : begun + most]
        ]


@dataclass(frozen=True)
class Score:
    """What one audit found."""

    planted: int
    twice: int
    natural: int
    false: int
    tests: int
    needed: int
    minutes: float

    def __str__(self) -> str:
        """Say it in a row."""
        return (
            f"{self.planted:>7} {self.twice:>6} {self.natural:>8} {self.false:>6} {self.tests:>6} {self.needed:>12} "
            f"{self.minutes:>8.1f}"
        )


def run(arm: str, target: Blinded, base: TextEncoder, corpus: str, seed: int, tests: int) -> Score:
    """Run one audit in a folder of its own and score it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "audit"
        given = Given(target=take_any(target, "target"))
        settings = AuditSettings(
            name="audit",
            goal="what does it not notice?",
            target=given.target.spec if given.target else "",
            corpus=corpus,
            seed=seed,
            limits=Limits(hypotheses=tests),
            explores=arm == "map",
            memory=str(Path(scratch) / "memory"),
        )
        folder.mkdir()
        began = time.monotonic()
        with Audit.create(settings, folder, given=given) as audit:
            audit.run(InReadingOrder(corpus, seed) if arm == "cells" else None)
        minutes = (time.monotonic() - began) / 60
        with Ledger.open(folder / "audit.db") as ledger:
            tried = inquiries(ledger)
            return score(combined(tried), tried, target, base, minutes)


def score(
    findings: Sequence[Inquiry], tried: Sequence[Inquiry], target: Blinded, base: TextEncoder, minutes: float
) -> Score:
    """Sort findings into planted, natural and false ones."""
    proven = [each for each in findings if each.decision is Decision.SUPPORTED]
    speak_of = [[plant.name for plant in target.plants if plant.explains(each.hypothesis)] for each in proven]
    others = [each for each, plants in zip(proven, speak_of, strict=True) if not plants]
    natural = sum(is_natural(each, base) for each in others)
    found = [name for plants in speak_of for name in plants]
    verdicts = sum(each.verdict.look for each in tried if each.verdict)
    last = max((each.verdict.test_number for each in proven if each.verdict), default=0)
    planted = len(set(found))
    return Score(planted, len(found) - planted, natural, len(others) - natural, verdicts, last, minutes)


def is_natural(inquiry: Inquiry, base: TextEncoder) -> bool:
    """Tell whether the bare base encoder fails the same cases, by the rule that proved the finding."""
    scored = [tried for tried in inquiry.attempts if tried.seen.outcome in (Outcome.FAIL, Outcome.PASS)]
    failed = failures(base, [TextPair(a=tried.case.a, b=tried.case.b) for tried in scored])
    seen = [
        Observation(case=tried.case.id, outcome=Outcome.FAIL if fails else Outcome.PASS)
        for tried, fails in zip(scored, failed, strict=True)
    ]
    cases = [tried.case for tried in scored if tried.case.role in Role]
    return judge(inquiry.hypothesis, cases, seen, 1, 1).decision is Decision.SUPPORTED


def main() -> int:
    """Run every arm on every seed and print one row each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="COCO captions, in a form that `audit --corpus` takes")
    parser.add_argument("--base", default="hash", help="'hash' or a target spec such as sentence-transformers:DIR")
    parser.add_argument("--plants", choices=sorted(SETS), default="placed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--tests", type=int, default=60, help="budget of hypotheses")
    parser.add_argument("--arms", choices=ARMS, nargs="+", default=list(ARMS))
    args = parser.parse_args()
    if not args.corpus:
        print("not measured: give COCO captions with --corpus (annotations/captions_val2017.json)")
        return 0
    base = CachedEncoder(open_base(args.base), args.base)
    target = Blinded(base, SETS[args.plants], f"{args.base} with ten plants, {args.plants}")
    print(f"{'arm':6} {'seed':>4} planted  twice  natural  false  tests  last new at  minutes", flush=True)
    for seed in args.seeds:
        for arm in args.arms:
            print(f"{arm:6} {seed:>4} {run(arm, target, base, args.corpus, seed, args.tests)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
