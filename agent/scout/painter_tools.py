"""The scout's tools over an audit of a generator: have pairs of prompts painted and see what comes of it."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from pydantic import Field

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind
from faultfinder.agent.measuring import painted_outcomes
from faultfinder.agent.pictures.studio import Studio
from faultfinder.memory.errors import ToolError
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import Case, Outcome, Record, Role, TextPair
from faultfinder.tools.edit_trials import JudgedEdit, pair_id
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.prompt_scan import EACH, FEWEST, MOST_KINDS, PromptScan, kind_of_difference

EXAMPLES = 12
"""Pairs shown in a tool's result; the rest is in the ledger."""

KINDS_FOR_PEOPLE = 8
"""Kinds of difference in one round where people look at every picture."""

SCOUTING = "scout"
"""What stands for the hypothesis in cases that only explore."""


class Tally(Record):
    """How often one kind of difference was painted wrong."""

    kind: str = Field(description="what the two prompts differ in")
    tried: int = Field(description="pairs that could be scored")
    failed: int = Field(description="pairs of which a picture shows the other prompt or neither")


class PaintedExample(Record):
    """A pair of prompts as the scout sees it."""

    a: str
    b: str
    outcome: Outcome
    reason: str


class PaintedScan(Record):
    """The result of having pairs of prompts painted."""

    failed: int = Field(description="pairs of which a picture shows the other prompt or neither")
    right: int = Field(description="pairs painted as asked")
    unscorable: int = Field(description="pairs nobody could score: refused, or the judge cannot tell")
    kinds: tuple[Tally, ...] = Field(description="by kind of difference, the worst first")
    examples: tuple[PaintedExample, ...]


class PainterTools:
    """Tools that only make sense where the target paints."""

    def __init__(self, context: AuditContext, studio: Studio) -> None:
        """Bind the tools to an audit of a generator."""
        self._context = context
        self._studio = studio

    def scan_prompts(self, focus: Sequence[str] = (), round: int = 0) -> str:  # noqa: A002 - the name the model sees
        """Have pairs of corpus prompts painted that differ in one small thing, and see which come out wrong.

        A pair fails when a picture shows the other prompt or neither. `focus`: kinds of difference or words to take
        first (empty for all). `round`: 0 first; each further number takes other sentences. Begin with this tool.
        """
        if not 0 <= round <= 99:
            raise ToolError(f"round must be from 0 to 99, not {round}")
        context = self._context
        context.tell(EventKind.STAGE, f"painting pairs of prompts that differ in one small thing, round {round + 1}")
        drawn = self._scan.draw(round, focus, self._spent(round))
        return self._tried(drawn, round).model_dump_json()

    def _spent(self, number: int) -> frozenset[str]:
        """Return the texts a round may not use; its own, from before a kill, it takes again."""
        kept = self._context.ledger.get(_Round, f"round-{number}")
        return kept.spent if kept else self._context.ledger.spent_texts()

    def _tried(self, drawn: Sequence[JudgedEdit], number: int) -> PaintedScan:
        spent = frozenset(self._context.ledger.spent_texts())
        self._context.ledger.save([_Round(id=f"round-{number}", spent=spent)])
        texts = {text for each in drawn for text in (each.edit.a, each.edit.b)}
        self._context.ledger.save([], spent=texts)
        pairs = paint_pairs(self._studio, drawn)
        self._context.ledger.save(pairs)
        if self._context.left_to_people:
            Asking(self._context).about_pictures([as_case(each.edit.pair, each) for each in drawn])
        return self._summed_up(pairs)

    def _summed_up(self, pairs: Sequence[PaintedPair]) -> PaintedScan:
        ends = Counter(pair.outcome for pair in pairs)
        failed = [pair for pair in pairs if pair.outcome is Outcome.FAIL]
        return PaintedScan(
            failed=ends[Outcome.FAIL],
            right=ends[Outcome.PASS],
            unscorable=ends[Outcome.UNSCORABLE] + ends[Outcome.ERROR],
            kinds=tuple(self._tallies(pairs)),
            examples=tuple(
                PaintedExample(a=pair.a, b=pair.b, outcome=pair.outcome, reason=pair.reason)
                for pair in failed[:EXAMPLES]
            ),
        )

    def _tallies(self, pairs: Sequence[PaintedPair]) -> list[Tally]:
        tried, failed = Counter[str](), Counter[str]()
        for pair in pairs:
            if pair.edit and pair.outcome in (Outcome.FAIL, Outcome.PASS):
                kind = kind_of_difference(pair.edit, Lexicon.load())
                tried[kind] += 1
                failed[kind] += pair.outcome is Outcome.FAIL
        worst = sorted(tried, key=lambda kind: (-failed[kind] / tried[kind], kind))
        return [Tally(kind=kind, tried=tried[kind], failed=failed[kind]) for kind in worst]

    @cached_property
    def _scan(self) -> PromptScan:
        context = self._context
        people = context.left_to_people
        each = FEWEST if people else max(FEWEST, min(EACH, context.settings.probes // 2))
        return PromptScan(
            context.corpus.texts,
            context.mining_judge,
            Lexicon.load(),
            context.settings.seed,
            each,
            KINDS_FOR_PEOPLE if people else MOST_KINDS,
        )


class _Round(Record):
    """The texts that were spent when a round of the scan began."""

    id: str
    spent: frozenset[str]


def paint_pairs(studio: Studio, pairs: Sequence[JudgedEdit]) -> list[PaintedPair]:
    """Have pairs painted outside any experiment, and return what came of each."""
    cases = [as_case(each.edit.pair, each) for each in pairs]
    return [
        PaintedPair(
            id=case.id,
            a=case.a,
            b=case.b,
            edit=each.edit.edit,
            judgement=each.judgement,
            outcome=seen.outcome,
            reason=seen.detail,
        )
        for case, each, seen in zip(cases, pairs, painted_outcomes(studio, cases), strict=True)
    ]


def as_case(pair: TextPair, judged: JudgedEdit) -> Case:
    """Write a pair as a case of the scout's, which no verdict rests on."""
    return Case(
        id=pair_id(pair.a, pair.b), hypothesis=SCOUTING, role=Role.PROBE, a=pair.a, b=pair.b, judgement=judged.judgement
    )
