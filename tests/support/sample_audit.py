"""An audit as a ledger would hold it, made by hand from the lab's sentences, with every verdict and outcome."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL.Image import Image

from faultfinder.agent.judge import judge
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.meaning import Quantity, Sort, Statement, Thing
from faultfinder.lab.render import paint
from faultfinder.lab.scenes import Background, Colour, Group, Kind, Relation, Shape, Size, arrange
from faultfinder.memory.ledger import CallRecord, Ledger
from faultfinder.memory.records import (
    AuditSettings,
    Brief,
    Calibration,
    Case,
    Failure,
    Hypothesis,
    Judgement,
    Limits,
    Meaning,
    Observation,
    Outcome,
    Role,
)
from faultfinder.tools.rewording import TemplateRewriter

SETTINGS = AuditSettings(
    name="where-things-are",
    goal="does it understand where things are, how many there are, and what is missing?",
    target="lab:clip",
    corpus="lab",
    limits=Limits(minutes=30, hypotheses=12),
    seed=7,
)
STARTED = "2026-03-05T14:02:11+00:00"
FINISHED = "2026-03-05T14:03:40+00:00"

KNOWN = (
    Failure(
        id="0f3a",
        target="lab:clip",
        title="above and below are confused",
        description="two sentences that differ only in above and below",
        rate=0.95,
        interval=(0.83, 0.99),
        control_rate=0.0,
        p_value=1e-15,
        audits=("last-week",),
    ),
)


@dataclass(frozen=True)
class Plan:
    """How one hypothesis is to come out: outcomes of probes and controls, one letter each (f, p, u, e, i)."""

    id: str
    title: str
    description: str
    probes: str
    controls: str
    change: str
    parent: str | None = None
    known: str | None = None
    judged: bool = True


PLANS = (
    Plan("h1", "left and right are confused", "Sentences that differ only in left and right are taken for the same.",
         "f" * 37 + "pp" + "f" + "ii", "p" * 39 + "f", "side"),
    Plan("h2", "above and below are confused", "Sentences that differ only in above and below are taken for the same.",
         "ff" + "p" + "f" * 33 + "ppp" + "f", "p" * 40 + "i", "height", known="0f3a"),
    Plan("h3", "numbers are not noticed", "Sentences that differ only in a number word are taken for the same.",
         "fp" * 18 + "ffff" + "u", "p" * 38 + "ff", "number"),
    Plan("h4", "colours are not noticed", "Sentences that differ only in a colour word are taken for the same.",
         "p" * 40, "p" * 40, "colour"),
    Plan("h10", "few and many are confused", "Sentences that differ only in few and many are taken for the same.",
         "f" * 34 + "p" * 6 + "e", "p" * 37 + "fff", "few", parent="h3"),
    Plan("h11", "shapes are not noticed", "Sentences that differ only in a shape word are taken for the same.",
         "ppp", "pp", "shape", judged=False),
)  # fmt: skip
OUTCOMES = {
    "f": Outcome.FAIL, "p": Outcome.PASS, "u": Outcome.UNSCORABLE, "e": Outcome.ERROR, "i": Outcome.INVALID,
}  # fmt: skip


class SceneIllustrator:
    """Draws one scene of a lab sentence."""

    def __init__(self, size: int) -> None:
        self._size = size

    def picture(self, text: str) -> Image | None:
        """Return a picture of the text, or None where it is no lab sentence."""
        statement = parse_statement(text)
        if statement is None:
            return None
        groups = [
            Group(Kind(t.sort.shape, t.sort.colour, t.sort.size or Size.LARGE), min(t.quantity.counts))
            for t in statement.things
        ]
        ground = statement.background or Background.WHITE
        return paint(arrange(groups, statement.relation or Relation.LEFT, ground, Random(text)), self._size)


class SampleWorld:
    """A world that draws, and rewords as for any corpus."""

    def __init__(self, size: int = 24) -> None:
        self.rewriter = TemplateRewriter()
        self.illustrator = SceneIllustrator(size)


def sample_ledger(path: Path, plans: tuple[Plan, ...] = PLANS) -> Ledger:
    """Write the sample audit into a new ledger."""
    ledger = Ledger.open(path)
    ledger.begin_sitting(STARTED)
    ledger.save([SETTINGS, Brief(goal=SETTINGS.goal)])
    ledger.save(
        [
            Calibration(
                agreement_threshold=0.9712, method="median similarity of a text to its own rewordings", pairs=1200
            )
        ]
    )
    ledger.save_call(CallRecord(key="k", purpose="brief", reply="{}", tokens=812, usd=0.004))
    ledger.tick(89.0)
    for number, plan in enumerate(plans, start=1):
        _write(ledger, plan, number)
    return ledger


def _write(ledger: Ledger, plan: Plan, number: int) -> None:
    hypothesis = Hypothesis(
        id=plan.id, title=plan.title, description=plan.description, parent=plan.parent, known=plan.known
    )
    tried = [*_arm(plan, Role.PROBE, plan.probes, plan.change), *_arm(plan, Role.CONTROL, plan.controls, "colour")]
    ledger.save([hypothesis])
    ledger.save([case for case, _ in tried])
    ledger.save([seen for _, seen in tried])
    if plan.judged:
        ledger.save([judge(hypothesis, [c for c, _ in tried], [o for _, o in tried], number, 1)])


def _arm(plan: Plan, role: Role, letters: str, change: str) -> list[tuple[Case, Observation]]:
    rng = Random(f"{plan.id} {role}")
    return [_try(plan, role, place, OUTCOMES[letter], change, rng) for place, letter in enumerate(letters)]


def _try(plan: Plan, role: Role, place: int, outcome: Outcome, change: str, rng: Random) -> tuple[Case, Observation]:
    a, b = _texts(change, rng)
    valid = outcome is not Outcome.INVALID
    case = Case(
        id=f"{plan.id}-{role.value[0]}{place:02d}",
        hypothesis=plan.id,
        role=role,
        a=a,
        b=b,
        judgement=Judgement(
            meaning=Meaning.DIFFERENT if valid else Meaning.UNDECIDED,
            reason="no scene fits both sentences" if valid else "some scene could fit both sentences",
            judge="lab truth",
        ),
    )
    return case, _seen(case.id, outcome, rng)


def _seen(case: str, outcome: Outcome, rng: Random) -> Observation:
    if outcome not in (Outcome.FAIL, Outcome.PASS):
        return Observation(case=case, outcome=outcome, detail=f"why it is {outcome.value}")
    bar = round(rng.uniform(0.94, 0.985), 4)
    similarity = rng.uniform(bar, 1.0) if outcome is Outcome.FAIL else rng.uniform(0.55, bar - 0.02)
    return Observation(case=case, outcome=outcome, target_similarity=round(similarity, 4), bar=bar)


def _texts(change: str, rng: Random) -> tuple[str, str]:
    first, second = rng.sample(list(Shape), 2)
    colours = rng.sample(list(Colour), 3)
    said = Statement(
        (Thing(Quantity.ONE, Sort(first, colours[0])), Thing(Quantity.ONE, Sort(second, colours[1]))), Relation.LEFT
    )
    other = said
    match change:
        case "side":
            other = Statement(said.things, Relation.RIGHT)
        case "height":
            said, other = Statement(said.things, Relation.ABOVE), Statement(said.things, Relation.BELOW)
        case "number" | "few":
            before, after = (Quantity.TWO, Quantity.FOUR) if change == "number" else (Quantity.FEW, Quantity.MANY)
            said = Statement((Thing(before, said.things[0].sort), said.things[1]))
            other = Statement((Thing(after, said.things[0].sort), said.things[1]))
        case "colour":
            other = Statement((Thing(Quantity.ONE, Sort(first, colours[2])), said.things[1]), Relation.LEFT)
        case "shape":
            other = Statement((said.things[0], Thing(Quantity.ONE, Sort(first, colours[1]))), Relation.LEFT)
    phrasing = Phrasing(frame=rng.randrange(6), joiner=rng.randrange(2), article=rng.randrange(4))
    return phrase(said, phrasing), phrase(other, phrasing)
