"""Twenty questions to an audit, and how a chat model would go about each: what it looks at, says, and makes up.

`Converser` is a mind behind the chat server. It reads what a chat model is sent, nothing else: it lists the findings,
calls the tool that a question is about with what it has read so far, and says what the tool said, with the ids from its
answer. Into each answer it slips something that is not so.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.talkers import told_by_tools

Told = dict[str, dict]
"""What each tool has said to the question under way, by its name."""

VANS = "It does not keep vans and trucks apart either"


@dataclass(frozen=True)
class Turn:
    """How one question is gone about."""

    tool: str
    arguments: Callable[[Told, str], dict]
    say: Callable[[Told], str]
    slip: Callable[[Told], str]
    before: str = ""
    """A tool to call first, beyond the list of findings."""


def of(*names: str) -> Callable[[Told, str], dict]:
    """Name the finding that is about some words, or without any the one last spoken of."""

    def arguments(told: Told, last: str) -> dict:
        rows = [*told["list_findings"]["findings"], *told["list_findings"]["asked"]]
        meant = (row["id"] for row in rows if set(names) <= set(row["words"])) if names else iter([last])
        return {"finding": next(meant)}

    return arguments


def nothing(told: Told, last: str) -> dict:
    """Give no arguments."""
    return {}


def row_of(shown: dict) -> str:
    """Say a finding's verdict and counts."""
    row = shown.get("row", shown)
    verdict = {"confirmed": "proven"}.get(row["status"], row["status"])
    counts = f"{row['probes_failed']} of {row['probes_scored']} probes fail"
    return f"[{row['id']}] is {verdict}: {counts}, and {row['controls_failed']} of {row['controls_scored']} controls."


def finding(told: Told) -> dict:
    """Return the finding that was shown, or the experiment that was made."""
    return next(told[tool] for tool in ("show_finding", "test_restriction", "test_hypothesis") if tool in told)


def case_said(case: dict) -> str:
    """Say how a case ended, and what its texts are."""
    control = ", a control," if case["role"] == "control" else ""
    ended = {"fail": "fails", "pass": "passes", "invalid": "is invalid"}[case["outcome"]]
    return f'[{case["id"]}]{control} {ended}: "{case["a"]}" / "{case["b"]}".'


def some_case(told: Told) -> dict:
    """Return the first case that was shown."""
    shown = finding(told)
    return next(iter([*shown["failing"], *shown["passing"], *shown["controls"]]))


def sure(told: Told) -> str:
    """Say how sure a finding is."""
    shown = finding(told)
    low, high = (f"{100 * bound:.0f}" for bound in shown["row"]["interval"])
    more = f"The 95 % interval is {low} to {high} %, and alpha was {shown['alpha']:.4f} [{shown['row']['id']}]."
    return f"{row_of(shown)} {more}"


def because(told: Told) -> str:
    """Say why a verdict is what it is, with a case."""
    shown = finding(told)
    return f'{row_of(shown)} The reason: "{shown["reason"]}" [{shown["row"]["id"]}]. {case_said(some_case(told))}'


def found_case(told: Told) -> dict:
    """Return the case that was sought."""
    return told["find_cases"]["cases"][0]


def near(told: Told) -> str:
    """Say a case with its similarity."""
    case = found_case(told)
    return f"{case_said(case)} Its similarity is {case['similarity']}, the bar is {case['bar']} [{case['id']}]."


def kept(tool: str) -> Callable[[Told], tuple[dict, str]]:
    """Read what a tool looked up, and the id to cite it by."""
    return lambda told: (json.loads(told[tool]["result"]), told[tool]["cite"])


def compared(told: Told) -> str:
    """Say how two audits compare."""
    found, cite = kept("compare_audits")(told)
    here_there = (
        f"{met['here']['fail']} of {met['here']['scored']} probes fail here, {met['there']['fail']} of "
        f'{met["there"]["scored"]} probes fail in "{found["other"]}" [{met["here"]["id"]}, {cite}].'
        for met in found["both"]
    )
    return "\n".join(f"- {said}" for said in here_there)


def recalled(told: Told) -> str:
    """Say what the memory holds."""
    found, cite = kept("recall_failures")(told)
    one = found["failures"][0]
    return f'The memory knows "{one["title"]}", at {100 * one["rate"]:.0f} % of its probes [{cite}].'


def two_texts(told: Told) -> str:
    """Say how near two texts are."""
    found, cite = kept("compare_texts")(told)
    return f'"{found["a"]}" and "{found["b"]}" lie at {found["target_similarity"]} [{cite}].'


def neighbours(told: Told) -> str:
    """Say what lies near a text."""
    found, cite = kept("nearest_neighbours")(told)
    return "\n".join(f'- "{one["text"]}", at {one["similarity"]} [{cite}].' for one in found["neighbours"])


def refused(told: Told) -> str:
    """Say that a tool refused."""
    found, cite = kept("test_restriction")(told)
    return f'That could not be tested: "{found["refused"]}" [{cite}].'


def listed(told: Told) -> str:
    """Say every finding."""
    return "\n".join(f"- {row_of(row)}" for row in told["list_findings"]["findings"])


def unlike(told: Told, other: str = "fails") -> str:
    """Say of a case that it ended as it did not."""
    case = found_case(told)
    return f"[{case['id']}] {'passes' if case['outcome'] == 'fail' else other} without doubt."


def off_by(told: Told, number: int) -> str:
    """Say counts that are not the finding's."""
    row = finding(told)["row"]
    return f"To be exact, {abs(row['probes_failed'] - number)} of {row['probes_scored']} probes fail [{row['id']}]."


def other_verdict(told: Told) -> str:
    """Say another verdict than the finding has."""
    row = finding(told)["row"]
    return f"In short, [{row['id']}] is {'proven' if row['status'] == 'refuted' else 'refuted'}."


def all_or_none(told: Told) -> str:
    """Say of all probes, or of none, what does not hold of them."""
    row = finding(told)["row"]
    return f"{'No' if row['probes_failed'] else 'Every'} probe fails, strictly speaking [{row['id']}]."


def others_words(told: Told) -> str:
    """Quote one case's text as another's."""
    first, other = finding(told)["failing"][0], finding(told)["controls"][0]
    return f'[{first["id"]}] says "{other["a"]}", as one can see.'


def facts(told: Told) -> dict:
    """Return the audit's own figures."""
    return told["audit_facts"]


def cost(told: Told) -> str:
    """Say what it cost."""
    figures = facts(told)
    spent = figures["spent"]
    return (
        f"It took {spent['llm_calls']} model calls and {spent['tokens']} tokens [audit]. "
        f"With that it tested {figures['tested']} hypotheses of its own, and {figures['asked']} for you [audit]."
    )


def unseen(told: Told) -> str:
    """Say what was not looked at."""
    figures = facts(told)
    return (
        f'{figures["texts_used"]} of {figures["texts"]} texts were used, and it ended: "{figures["stopped"]}" [audit].'
    )


def judged(told: Told) -> str:
    """Say who judged."""
    return " ".join(f'"{each["judge"]}" judged {each["cases"]} cases [audit].' for each in facts(told)["judged"])


TWENTY: dict[str, Turn] = {
    "what failed?": Turn("list_findings", nothing, listed, lambda told: "- [h77] is proven: it fails at night."),
    "how sure are you about left and right?": Turn(
        "show_finding", of("left", "right"), sure, lambda told: off_by(told, 1)
    ),
    "show me": Turn(
        "show_pictures",
        lambda told, last: {"case": told["show_finding"]["failing"][0]["id"]},
        lambda told: f"{case_said(told['show_pictures'])}\nPictures: {' '.join(told['show_pictures']['pictures'])}",
        others_words,
        before="show_finding",
    ),
    "why do you believe that?": Turn(
        "show_finding",
        of(),
        because,
        lambda told: f"Its controls do no better: 19 of 20 controls fail [{finding(told)['row']['id']}].",
    ),
    "does it hold for stars?": Turn(
        "test_restriction",
        lambda told, last: of()(told, last) | {"restriction": "stars"},
        because,
        other_verdict,
    ),
    "and for rings on a grey background?": Turn(
        "test_restriction",
        lambda told, last: of("left", "right")(told, last) | {"restriction": "rings on a grey background"},
        because,
        lambda told: f"Look at [{finding(told)['row']['id']}-p77], which fails too.",
    ),
    "what about the second one?": Turn(
        "show_finding",
        lambda told, last: {"finding": told["list_findings"]["findings"][1]["id"]},
        sure,
        lambda told: off_by(told, 7),
    ),
    "is h1 a coincidence?": Turn(
        "show_finding",
        lambda told, last: {"finding": "h1"},
        sure,
        lambda told: "It may well be one, at p = 0.31 [h1].",
    ),
    "show me h1-p02": Turn("find_cases", lambda told, last: {"case": "h1-p02"}, near, unlike),
    "why did h1-c02 pass?": Turn(
        "find_cases",
        lambda told, last: {"case": "h1-c02"},
        lambda told: case_said(found_case(told)),
        lambda told: "The probe [h1-c02] was close, at 0.123.",
    ),
    "does it confuse big and small?": Turn(
        "test_hypothesis",
        lambda told, last: {
            "title": "big and small are confused",
            "description": "The model takes exchanging big for small for a mere rewording.",
            "words": ["big", "small"],
        },
        because,
        all_or_none,
    ),
    "why was it refuted?": Turn("show_finding", of("big", "small"), because, other_verdict),
    "what did it cost?": Turn("audit_facts", nothing, cost, lambda told: "That is 4321 dollars in all [audit]."),
    "waht was not lokoed at?": Turn(
        "audit_facts", nothing, unseen, lambda told: "Another 7,777 texts were thrown away [audit]."
    ),
    "how was it judged?": Turn(
        "audit_facts", nothing, judged, lambda told: 'A second opinion came from "a panel of doctors" [audit].'
    ),
    "compare with the last audit": Turn(
        "compare_audits",
        nothing,
        compared,
        lambda told: f"There, 3 of 17 probes fail [{told['compare_audits']['cite']}].",
    ),
    "what do you know of this target from earlier?": Turn(
        "recall_failures",
        nothing,
        recalled,
        lambda told: f'It was proven by "last-winter" too [{told["recall_failures"]["cite"]}].',
    ),
    'compare "a red ring left of a star" and "a red ring right of a star"': Turn(
        "compare_texts",
        lambda told, last: {"a": "a red ring left of a star", "b": "a red ring right of a star"},
        two_texts,
        lambda told: "An earlier look says the same [x99].",
    ),
    'what is nearest to "a red ring"?': Turn(
        "nearest_neighbours",
        lambda told, last: {"text": "a red ring", "k": 3},
        neighbours,
        lambda told: f'- "a van on a wet road", at 0.9 [{told["nearest_neighbours"]["cite"]}].',
    ),
    "does h1 hold for vans?": Turn(
        "test_restriction",
        lambda told, last: {"finding": "h1", "restriction": "vans"},
        refused,
        lambda told: f"{VANS} [h1].",
    ),
}
"""Questions; the tool whose answer each of them needs stands first."""


class Converser:
    """A chat model that asks the tools, says what they said, and makes something up besides."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.true: dict[str, str] = {}
        self.slips: dict[str, str] = {}

    def __call__(self, messages: list[dict], tools: list[dict]) -> dict | str:
        """Take a turn: the next tool, or the answer."""
        question = next(m["content"] for m in reversed(messages) if m["role"] == "user")
        told, turn, last = told_by_tools(messages), TWENTY[question], last_spoken_of(messages)
        if "list_findings" not in told:
            return {"name": "list_findings", "arguments": {}}
        if turn.before and turn.before not in told:
            return {"name": turn.before, "arguments": of()(told, last)}
        if turn.tool not in told:
            return {"name": turn.tool, "arguments": turn.arguments(told, last)}
        self.true[question], self.slips[question] = turn.say(told), turn.slip(told)
        return f"{self.true[question]}\n{self.slips[question]}"


def last_spoken_of(messages: list[dict]) -> str:
    """Return the finding that the model's last answer was about."""
    said = [m["content"] or "" for m in messages if m["role"] == "assistant"]
    ids = [key for text in reversed(said) for key in re.findall(r"\[([hq]\d+)[\]\-]", text)]
    return ids[0] if ids else "h1"
