"""How many planted blindnesses does one round of the offline strategist find, and what does it find that is not there?

Wraps a base encoder so that it cannot see closed classes of words, word order, or groups of words drawn at random from
the corpus, and lets the edit scan and the offline strategist loose on it. A finding counts as true if its probes fail
because of the plant, or fail on the bare base encoder as well.

    python -m bench.planted --corpus FILE [--base SPEC] [--only NAME] [--seed N]
"""

import argparse
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.judge import judge
from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.strategist import DesignRequest, Evidence, Proposal
from faultfinder.memory.records import (
    Brief,
    Case,
    Decision,
    Hypothesis,
    Meaning,
    Observation,
    Outcome,
    Role,
    TextPair,
    Verdict,
)
from faultfinder.tools.calibration import Agreement, agrees
from faultfinder.tools.corpora import Corpus, open_corpus
from faultfinder.tools.edit_scan import EditScan, ScanResult
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.ports import FloatArray, TextEncoder
from faultfinder.tools.rewording import TemplateRewriter
from faultfinder.tools.slots import Slots

CLOSED = {
    "numbers": "one two three four five six seven eight nine ten",
    "colours": "red blue green yellow orange purple pink brown black white gray",
    "quantifiers": "some many several few all most",
    "prepositions": "in on under over above below behind near beside",
}
_WORD = re.compile(r"\w+")
CASES = 40


@dataclass(frozen=True)
class Plant:
    """A blindness: what the encoder is given instead of a text."""

    name: str
    words: frozenset[str]
    rewrite: Callable[[str], str]


class Planted:
    """An encoder that cannot see what the plant's rewriting removes."""

    def __init__(self, base: TextEncoder, plant: Plant) -> None:
        """Put the plant before the base encoder."""
        self.name = f"{base.name} with {plant.name}"
        self._base = base
        self._rewrite = plant.rewrite

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return the base encoder's vectors of the rewritten texts."""
        return self._base.embed_texts([self._rewrite(text) or "." for text in texts])


def one_token(words: frozenset[str], token: str) -> Callable[[str], str]:
    """Return a rewriting that puts one token for all of the words (an empty one drops them)."""

    def rewrite(text: str) -> str:
        return " ".join(_WORD.sub(lambda m: token if m[0].lower() in words else m[0], text).split())

    return rewrite


def plants(slots: Slots, seed: int) -> list[Plant]:
    """Return the plants: closed classes, word order, and groups of words alike in use drawn from the corpus."""
    closed = [(name, frozenset(words.split())) for name, words in CLOSED.items()]
    found = [Plant(name, words, one_token(words, "thing")) for name, words in closed]
    found.append(Plant("order: sorted words", frozenset(), lambda text: " ".join(sorted(_WORD.findall(text.lower())))))
    found.append(
        Plant("order: sorted between blanks", frozenset(), lambda text: " ".join(sorted(text.lower().split())))
    )
    rng = random.Random(f"plants {seed}")
    for number in range(8):
        words = frozenset(_open_group(slots, rng, 3 + number % 4))
        token = "thing" if number % 2 else ""
        how = "one token" if token else "dropped"
        found.append(Plant(f"open {sorted(words)} {how}", words, one_token(words, token)))
    return found


def _open_group(slots: Slots, rng: random.Random, size: int) -> list[str]:
    """Draw content words of one way of use."""
    lexicon = Lexicon.load()
    frequent = [word for word in slots.vocabulary if slots.counts[word] >= 10 and lexicon.part_of_speech(word)]
    first = rng.choice(frequent[100:])
    kind = lexicon.part_of_speech(first)
    like = [
        w
        for w in frequent
        if lexicon.part_of_speech(w) == kind
        and slots.likeness(first, w) > 0.3
        and lexicon.is_plural(w) == lexicon.is_plural(first)
    ]
    return rng.sample(like, min(size, len(like)))


@dataclass(frozen=True)
class Finding:
    """A confirmed hypothesis and whether it is true."""

    proposal: Proposal
    verdict: Verdict
    planted: bool
    natural: bool


class Auditor:
    """One scan, one set of hypotheses, one experiment each."""

    def __init__(self, corpus: Corpus, base: TextEncoder, seed: int) -> None:
        """Set up what all plants share."""
        self.corpus, self.base, self.seed = corpus, base, seed
        self.lexicon = Lexicon.load()
        self.judge = LexiconJudge(self.lexicon)
        self.strategist = OfflineStrategist(corpus, self.lexicon, seed)

    def audit(self, plant: Plant) -> list[Finding]:
        """Return the findings on one planted encoder."""
        target = CachedEncoder(Planted(self.base, plant), plant.name)
        agreement = Agreement(target, TemplateRewriter())
        started = time.monotonic()
        scan = EditScan(self.corpus.texts, target, agreement, self.judge, self.seed).run()
        ideas = self.strategist.hypothesize(
            Brief(goal=""), Evidence(agreed=scan.agreed[:150], noticed=scan.noticed[:600]), 8
        )
        scanned = time.monotonic() - started
        print(
            f"\n== {plant.name}: {target.texts_asked:,} texts, {scanned:.0f} s, {len(scan.agreed)} agreed", flush=True
        )
        findings = []
        for number, idea in enumerate(ideas, start=1):
            verdict = self.experiment(idea, number, scan, target)
            natural = verdict.decision is Decision.SUPPORTED and self.natural(idea, number, scan)
            shown(idea, verdict, natural)
            if verdict.decision is Decision.SUPPORTED:
                findings.append(Finding(idea, verdict, is_planted(idea, plant), natural))
        print(f"   {target.texts_asked:,} texts in all", flush=True)
        return findings

    def natural(self, idea: Proposal, number: int, scan: ScanResult) -> bool:
        """Tell whether the bare base encoder fails as well."""
        return self.experiment(idea, number, scan, self.base).decision is Decision.SUPPORTED

    def experiment(self, idea: Proposal, number: int, scan: ScanResult, target: TextEncoder) -> Verdict:
        """Test a hypothesis on fresh cases."""
        hypothesis = Hypothesis(id=f"h{number}", title=idea.title, description=idea.description, rule=idea.rule)
        request = DesignRequest(hypothesis=hypothesis, probes=CASES, controls=CASES, batch=0, spent=scan.spent)
        design = self.strategist.design(request)
        arms = {Role.PROBE: self.valid(design.probes), Role.CONTROL: self.valid(design.controls)}
        cases, seen = [], []
        for role, pairs in arms.items():
            for place, (pair, failed) in enumerate(zip(pairs, failures(target, pairs), strict=True)):
                case = f"h{number}-{role}{place}"
                said = self.judge.judge([pair])[0]
                cases.append(Case(id=case, hypothesis=hypothesis.id, role=role, a=pair.a, b=pair.b, judgement=said))
                seen.append(Observation(case=case, outcome=Outcome.FAIL if failed else Outcome.PASS))
        return judge(hypothesis, cases, seen, number, 1)

    def valid(self, pairs: Sequence[TextPair]) -> list[TextPair]:
        """Return the pairs of different meaning, as many as an experiment takes."""
        judged = zip(pairs, self.judge.judge(pairs), strict=True)
        return [pair for pair, said in judged if said.meaning is Meaning.DIFFERENT][:CASES]


def failures(target: TextEncoder, pairs: Sequence[TextPair]) -> list[bool]:
    """Tell which pairs the target agrees on."""
    if not pairs:
        return []
    before, after = target.embed_texts([p.a for p in pairs]), target.embed_texts([p.b for p in pairs])
    bars = Agreement(target, TemplateRewriter()).bars([p.a for p in pairs])
    return [bool(failed) for failed in agrees((before * after).sum(axis=1), bars)]


def is_planted(idea: Proposal, plant: Plant) -> bool:
    """Tell whether a hypothesis speaks of the plant: mostly of its words, or of word order."""
    rule = idea.rule
    if rule is None:
        return False
    if not plant.words:
        return rule.kind == "swap"
    return len(plant.words & set(rule.words)) >= max(2, 0.6 * len(rule.words))


def shown(idea: Proposal, verdict: Verdict, natural: bool) -> None:
    """Print one hypothesis and what became of it."""
    rates = " against ".join(f"{arm.fail}/{arm.fail + arm.passed}" for arm in (verdict.probes, verdict.control))
    words = ", ".join(idea.rule.words[:8]) if idea.rule else ""
    mark = " (so does the base)" if natural else ""
    print(f"   {verdict.decision:12} {rates:16} {idea.title} [{words}]{mark}", flush=True)


def open_base(spec: str) -> TextEncoder:
    """Open the base encoder: 'hash', or any spec of a target."""
    if spec == "hash":
        return HashEncoder(dim=256)
    from faultfinder.tools.registry import open_encoder

    return open_encoder(spec)


def main() -> None:
    """Audit every plant once and print what was found and what was false."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True, help="captions: a file that `audit --corpus` takes")
    parser.add_argument("--base", default="hash", help="'hash' or a target spec such as sentence-transformers:DIR")
    parser.add_argument("--only", default="", help="plants whose name contains this; 'none' for the bare base encoder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="file to keep the base encoder's vectors in")
    args = parser.parse_args()
    corpus = open_corpus(args.corpus)
    auditor = Auditor(corpus, CachedEncoder(open_base(args.base), args.base, args.cache), args.seed)
    bare = Plant("none", frozenset(), lambda text: text)
    chosen = [plant for plant in [bare, *plants(Slots(corpus.texts), args.seed)] if args.only in plant.name]
    found = false = 0
    for plant in chosen:
        findings = auditor.audit(plant)
        found += any(finding.planted for finding in findings)
        false += sum(not finding.planted and not finding.natural for finding in findings)
    planted = len([plant for plant in chosen if plant.name != "none"])
    print(f"\nfound {found} of {planted} plants; {false} false findings")


if __name__ == "__main__":
    main()
