"""One failure is one finding: what is combined, what is kept apart, and what the numbers then say."""

from collections.abc import Sequence
from dataclasses import replace

from faultfinder.agent.explore.boundaries import boundaries
from faultfinder.agent.inquiries import Attempt, Inquiry
from faultfinder.agent.judge import judge
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.search_facts import diversity
from faultfinder.memory.records import (
    Case,
    Decision,
    EditKind,
    Hypothesis,
    Judgement,
    Meaning,
    MinedPair,
    Observation,
    Outcome,
    Role,
    Rule,
    Source,
)
from faultfinder.tools.edit_diff import describe_edit

DIFFERENT = Judgement(meaning=Meaning.DIFFERENT, reason="colours", judge="test")
COLOURS = ("red", "blue", "green")
COUPLES = (("red", "blue"), ("red", "green"))


def inquiry(
    number: int, words: Sequence[str], within: Sequence[str] = (), *, failing: int = 20, similarity: float | None = 0.9
) -> Inquiry:
    """Return the test of a hypothesis, with as many failing probes of 20; of pictures where nothing is similar."""
    place = within[0] if within else "hall"
    hypothesis = Hypothesis(
        id=f"h{number}",
        title=f"title {number}",
        description=f"description {number}",
        rule=Rule(kind=EditKind.EXCHANGE, words=tuple(words)),
        within=(tuple(within),) if within else (),
    )
    attempts = []
    for role in Role:
        for n in range(20):
            fails = role is Role.PROBE and n < failing
            case = Case(
                id=f"h{number}-{role[0]}{n}",
                hypothesis=hypothesis.id,
                role=role,
                a=f"the {words[0]} cup {number}{role}{n} in the {place}",
                b=f"the {words[1]} cup {number}{role}{n} in the {place}",
                judgement=DIFFERENT,
            )
            seen = Observation(
                case=case.id, outcome=Outcome.FAIL if fails else Outcome.PASS, target_similarity=similarity
            )
            attempts.append(Attempt(case, seen))
    verdict = judge(hypothesis, [t.case for t in attempts], [t.seen for t in attempts], number, 1)
    return Inquiry(hypothesis, verdict, verdict, tuple(attempts), 0)


def test_pieces_of_one_failure_become_one_statement_with_all_their_cases() -> None:
    bus, truck = inquiry(1, COLOURS, ["bus"]), inquiry(2, ("red", "blue", "white"), ["truck", "van"])
    [one] = combined([bus, truck])
    assert one.parts == ("h2",)
    assert one.hypothesis.id == "h1"
    assert one.hypothesis.rule
    assert one.hypothesis.rule.words == ("blue", "green", "red", "white")
    assert one.hypothesis.within == (("bus", "truck", "van"),)
    assert "bus" in one.hypothesis.title
    assert one.decision is Decision.SUPPORTED
    assert one.verdict
    assert (one.verdict.probes.n, one.verdict.probes.fail, one.verdict.control.n) == (40, 40, 40)
    assert one.verdict.alpha == min(each.verdict.alpha for each in (bus, truck) if each.verdict)
    assert len(one.attempts) == 80


def test_pieces_about_pictures_are_said_of_pictures() -> None:
    pieces = [inquiry(n, words, similarity=None) for n, words in enumerate(COUPLES, start=1)]
    [one] = combined(pieces)
    assert one.hypothesis.title == "colours (blue, green and red) are not painted as asked"


def test_what_one_piece_leaves_out_and_another_was_tested_on_is_not_left_out() -> None:
    apart = (("blue", "green"), ("blue", "red"))
    first, second = inquiry(1, COLOURS, ["bus"]), inquiry(2, ("red", "blue"), ["truck"])
    rule = Rule(kind=EditKind.EXCHANGE, words=COLOURS, excluded=apart)
    first = replace(first, hypothesis=first.hypothesis.model_copy(update={"rule": rule}))
    [one] = combined([first, second])
    assert one.hypothesis.rule is not None
    assert one.hypothesis.rule.excluded == (("blue", "green"),)


def test_what_is_proven_of_all_texts_keeps_its_own_numbers() -> None:
    everywhere, bus = inquiry(1, COLOURS, failing=18), inquiry(2, COLOURS, ["bus"])
    [one] = combined([bus, everywhere])
    assert one.hypothesis == everywhere.hypothesis
    assert one.verdict == everywhere.verdict
    assert one.parts == ("h2",)


def test_other_words_are_another_failure_and_what_is_not_proven_stays_apart() -> None:
    colours, sides = inquiry(1, COLOURS), inquiry(2, ("left", "right"))
    refuted = inquiry(3, COLOURS, ["bus"], failing=0)
    assert combined([colours, sides, refuted]) == [colours, sides, refuted]


def test_words_of_one_class_that_share_one_are_one_failure() -> None:
    [sizes] = combined([inquiry(1, ("large", "small", "tiny")), inquiry(2, ("large", "huge", "little"))])
    assert sizes.parts == ("h2",)
    assert len(combined([inquiry(1, ("up", "down")), inquiry(2, ("above", "below"))])) == 2


def test_diversity_counts_findings_that_are_one_failure() -> None:
    apart = diversity([inquiry(1, COLOURS), inquiry(2, ("left", "right"))])
    assert (apart.failures, apart.twice) == (2, 0)
    assert apart.distance
    assert apart.distance > 0.8
    assert diversity([inquiry(1, COLOURS), inquiry(2, ("red", "blue"))]).twice == 1
    assert diversity([inquiry(1, COLOURS)]).distance is None


def tried(word: str, other: str, place: str, number: int, *, agreed: bool) -> MinedPair:
    a, b = f"the {word} cup {number} in the {place}", f"the {other} cup {number} in the {place}"
    return MinedPair(
        id=f"{word}{other}{place}{number}",
        a=a,
        b=b,
        target_similarity=1.0 if agreed else 0.5,
        bar=0.9,
        source=Source.MAP,
        edit=describe_edit(a, b),
        judgement=DIFFERENT,
    )


def test_a_boundary_says_where_the_failure_ends() -> None:
    hypothesis = inquiry(1, COLOURS, ["bus"]).hypothesis
    tries = [tried("red", "blue", "bus", n, agreed=True) for n in range(9)]
    tries += [tried("red", "blue", "house", n, agreed=n == 0) for n in range(10)]
    tries += [tried("red", "white", "bus", n, agreed=False) for n in range(3)]
    elsewhere, others = boundaries(hypothesis, tries)
    assert elsewhere == "In other texts the same edits were noticed in 9 of 10 tries."
    assert "'white'" in others


def test_too_few_tries_draw_no_boundary() -> None:
    hypothesis = inquiry(1, COLOURS, ["bus"]).hypothesis
    assert boundaries(hypothesis, [tried("red", "blue", "house", n, agreed=False) for n in range(4)]) == ()
