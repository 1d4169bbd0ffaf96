"""The answerer without a model: it reads what is asked, calls the tools that know, and says what they said.

Each kind of question is a short plan over the same tools that a chat model has. What no plan fits is not guessed at: it
says what needs a model and what it does answer.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool

from faultfinder.agent.chat import saying as say
from faultfinder.agent.chat import saying_more as more
from faultfinder.agent.chat.answerer import this_turn
from faultfinder.agent.chat.answers import CaseFound, CasesFound, FindingRow, FindingShown, FindingsListed
from faultfinder.agent.chat.comparing import Compared
from faultfinder.agent.chat.cues import Ask
from faultfinder.agent.chat.facts import AuditSummary
from faultfinder.agent.chat.landscapes import LandscapeSeen
from faultfinder.agent.chat.memory import Remembered
from faultfinder.agent.chat.reading import Reading, read
from faultfinder.agent.chat.referring import Meant, meant, names_a_finding
from faultfinder.agent.chat.workplace import Begun
from faultfinder.agent.scout.encoder_tools import Example, Neighbourhood
from faultfinder.agent.scout.picture_tools import PaintedPictures
from faultfinder.memory.records import AuditSettings, Record, Waitlisted
from faultfinder.tools.lexicon import Lexicon

HELP = """Without a model, questions of these kinds are answered, in words of your own:
- What failed? What was refuted? What is left open?
- How sure is that? Why do you believe it? Why was it refuted?
- Can you show me examples? Or the case with this id?
- Does it hold for stars? What about rings on a grey background? (This runs an experiment.)
- Does it confuse big and small? (This too, unless it was tested.)
- How near are two texts, in quotation marks? What is near a text? Can you paint one?
- Where does it fail most? How often at 5 times the brightness? Which classes are worst? (Where inputs were changed.)
- What did it cost? What was not looked at? How was it judged?
- How does it compare with the last audit? What is known of this target from earlier?
- Can you queue big and small for later? Can you start another audit of a target, about a goal?
A finding is named by its id, its number, words of its title, or as that.
"""

NOT_UNDERSTOOD = "That question needs a model to be understood: ask again with `--llm openai:MODEL`. "

R = TypeVar("R", bound=Record)
Answer = AIMessage
_TARGET = re.compile(r"\b(?:of|on|for)\s+([a-z_-]+:[^\s,?]+)")
_ABOUT = re.compile(r"\b(?:about|whether|if|goal|asking)\b[:\s]+(.+)", re.IGNORECASE)
_OTHER_AUDIT = re.compile(r"\b(?:with|to|against|and|than)\s+(?:the\s+)?(?:audit\s+)?([\w.-]+)\s*\??$")
_LANDSCAPE = "look_at_landscape"
_NO_NAME_WORDS = """audit last one before previous earlier run time that this it old other"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())


@dataclass(frozen=True)
class Turn:
    """One question and what the tools have said to it so far."""

    question: str
    reading: Reading
    about: str | None
    results: tuple[tuple[str, str], ...]

    def of(self, tool: str) -> str | None:
        """Return what a tool said, or None where it was not called yet."""
        return next((said for name, said in self.results if name == tool), None)


class Needs(Exception):  # noqa: N818 - control flow: a plan that needs a tool's answer first
    """Raised by a plan for the tool whose answer it needs next."""

    def __init__(self, tool: str, args: dict[str, object]) -> None:
        """Name the tool and its arguments."""
        super().__init__(tool)
        self.call = ToolCall(name=tool, args=args, id=f"call-{tool}", type="tool_call")


class Refusal(Exception):  # noqa: N818 - control flow: the tool's own words are the answer
    """Raised where a tool refused."""

    def __init__(self, why: str, cite: str | None) -> None:
        """Keep the tool's words and the id to cite them by."""
        super().__init__(why)
        self.cite = cite


class OfflineAnswerer:
    """Answers by rules over the tools."""

    name = "offline"

    def __init__(self, settings: AuditSettings) -> None:
        """Take what determined the audit."""
        self._settings = settings
        self._plans: dict[Ask, Callable[[Turn], str]] = {
            Ask.FAILED: self._failed,
            Ask.SURE: self._sure,
            Ask.SHOW: self._show,
            Ask.WHY: self._why,
            Ask.HOLDS: self._holds,
            Ask.CONFUSES: self._confuses,
            Ask.COST: lambda turn: more.cost(self._facts(turn)),
            Ask.UNSEEN: lambda turn: more.unseen(self._facts(turn)),
            Ask.JUDGED: lambda turn: more.judged(self._facts(turn)),
            Ask.COMPARE: self._compare,
            Ask.KNOWN: self._known,
            Ask.TEXTS: self._texts,
            Ask.NEAR: self._near,
            Ask.PAINT: self._paint,
            Ask.LANDSCAPE: self._landscape,
            Ask.QUEUE: self._queue,
            Ask.AUDIT: self._audit,
            Ask.HELP: lambda turn: HELP,
        }

    def reply(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], about: str | None) -> AIMessage:
        """Follow the plan for the question: the next tool call, or the answer."""
        has_landscape = any(tool.name == _LANDSCAPE for tool in tools)
        turn = self._turn(this_turn(messages), about, () if has_landscape else (Ask.LANDSCAPE,))
        ask = turn.reading.ask or (Ask.LANDSCAPE if has_landscape else None)
        if ask is None:
            return AIMessage(NOT_UNDERSTOOD + HELP)
        plan = self._plans[ask]
        try:
            return AIMessage(plan(turn))
        except Needs as needed:
            return AIMessage("", tool_calls=[needed.call])
        except Refusal as refusal:
            return AIMessage(
                f"That was not done: {say.quote(str(refusal))}{f' [{refusal.cite}]' if refusal.cite else ''}."
            )

    def _turn(self, messages: Sequence[BaseMessage], about: str | None, unanswerable: Sequence[Ask]) -> Turn:
        question = messages[0].text
        results = tuple((m.name or "", m.text) for m in messages if isinstance(m, ToolMessage))
        reading = read(question, lambda word: bool(self._lexicon.lemmas(word)), unanswerable)
        return Turn(question, reading, about, results)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.load()

    def _failed(self, turn: Turn) -> str:
        return say.what_failed(self._listed(turn), self._facts(turn).target)

    def _sure(self, turn: Turn) -> str:
        found = self._meant(turn)
        if found is None:
            return say.what_failed(self._listed(turn), self._facts(turn).target)
        return say.lines(found.taken, say.how_sure(self._shown(turn, found.row)))

    def _why(self, turn: Turn) -> str:
        if turn.reading.case:
            return self._case(turn, turn.reading.case)
        found = self._meant(turn)
        if found is None:
            return say.lines(
                say.none_of(turn.reading.words), say.what_failed(self._listed(turn), self._facts(turn).target)
            )
        return say.lines(found.taken, say.why(self._shown(turn, found.row), self._settings.name))

    def _show(self, turn: Turn) -> str:
        if turn.reading.case:
            return self._case(turn, turn.reading.case)
        found = self._meant(turn)
        if found is None:
            return say.what_failed(self._listed(turn), self._facts(turn).target)
        shown = self._shown(turn, found.row)
        first = next(iter([*shown.failing, *shown.passing, *shown.controls]), None)
        pictures = _read(turn, CaseFound, "show_pictures", {"case": first.id})[0].pictures if first else ()
        return say.lines(found.taken, say.show(shown, pictures))

    def _case(self, turn: Turn, case: str) -> str:
        found, _ = _read(turn, CasesFound, "find_cases", {"case": case})
        if not found.cases:
            return f"There is no case {say.quote(case)}."
        pictures, _ = _read(turn, CaseFound, "show_pictures", {"case": case})
        return say.case_in_full(found.cases[0], pictures.pictures)

    def _holds(self, turn: Turn) -> str:
        (part,) = turn.reading.what
        if (named := names_a_finding(part, self._listed(turn))) and "about" in turn.reading.words:
            return say.why(self._shown(turn, named), self._settings.name)
        found = self._meant(turn, besides=part)
        if found is None:
            return say.what_failed(self._listed(turn), self._facts(turn).target)
        args: dict[str, object] = {"finding": found.row.id, "restriction": part}
        shown, _ = _read(turn, FindingShown, "test_restriction", args)
        taken = found.taken or f"This is about {say.named(found.row)}."
        return say.holds(shown, part, taken, turn.question, self._settings.name)

    def _confuses(self, turn: Turn) -> str:
        first, second = turn.reading.what
        known = [row for row in self._listed(turn).findings if {first, second} <= set(row.words)]
        if known:
            return say.why(self._shown(turn, known[0]), self._settings.name)
        shown, _ = _read(turn, FindingShown, "test_hypothesis", _exchange(first, second))
        return say.lines(
            f"{say.named(shown.row)} is {shown.row.status}: {say.counted(shown.row)}.",
            *say.experiment(shown, turn.question, self._settings.name),
        )

    def _compare(self, turn: Turn) -> str:
        named = _OTHER_AUDIT.search(turn.question.strip())
        name = named.group(1) if named and named.group(1).lower() not in _NO_NAME else ""
        found, cite = _read(turn, Compared, "compare_audits", {"name": name})
        return more.compared(found, cite)

    def _known(self, turn: Turn) -> str:
        found, cite = _read(turn, Remembered, "recall_failures", {})
        return more.known(found, cite)

    def _texts(self, turn: Turn) -> str:
        a, b = turn.reading.what
        found, cite = _read(turn, Example, "compare_texts", {"a": a, "b": b})
        return more.two_texts(found, cite)

    def _near(self, turn: Turn) -> str:
        (text,) = turn.reading.what
        found, cite = _read(turn, Neighbourhood, "nearest_neighbours", {"text": text})
        return more.neighbours(found, text, cite)

    def _paint(self, turn: Turn) -> str:
        if not turn.reading.what:
            return "Say what to paint, in quotation marks."
        prompts = dict(zip(("a", "b"), turn.reading.what, strict=False))
        found, cite = _read(turn, PaintedPictures, "generate_images", dict(prompts))
        return more.painted(found, cite)

    def _landscape(self, turn: Turn) -> str:
        found, cite = _read(turn, LandscapeSeen, _LANDSCAPE, {"about": turn.question})
        if turn.reading.ask is None and not found.asked:
            return NOT_UNDERSTOOD + HELP
        return more.landscape(found, cite)

    def _queue(self, turn: Turn) -> str:
        if len(turn.reading.what) != 2:
            return "Say which two words to test, such as: queue whether it confuses big and small."
        found, cite = _read(turn, Waitlisted, "queue_hypothesis", _exchange(*turn.reading.what))
        return more.queued(found, cite, self._settings.name)

    def _audit(self, turn: Turn) -> str:
        target, goal = _TARGET.search(turn.question), _ABOUT.search(turn.question)
        said = turn.reading.quoted[0] if turn.reading.quoted else goal.group(1) if goal else self._settings.goal
        if not target and said == self._settings.goal:
            return "Say of which target, or about what: start another audit of lab:oracle about “can it count?”"
        args: dict[str, object] = {"goal": said.strip(" ?") + "?", "target": target.group(1) if target else ""}
        found, cite = _read(turn, Begun, "start_audit", args)
        return more.begun(found, cite)

    def _listed(self, turn: Turn) -> FindingsListed:
        return _read(turn, FindingsListed, "list_findings", {})[0]

    def _facts(self, turn: Turn) -> AuditSummary:
        return _read(turn, AuditSummary, "audit_facts", {})[0]

    def _shown(self, turn: Turn, row: FindingRow) -> FindingShown:
        return _read(turn, FindingShown, "show_finding", {"finding": row.id})[0]

    def _meant(self, turn: Turn, besides: str = "") -> Meant | None:
        return meant(turn.reading, self._listed(turn), turn.about, self._lexicon, besides)


def _read(turn: Turn, kind: type[R], tool: str, args: dict[str, object]) -> tuple[R, str]:
    """Return what a tool said, and the id to cite it by where it was kept under one.

    Raises:
        Needs: it was not called yet.
        Refusal: it refused.
    """
    said = turn.of(tool)
    if said is None:
        raise Needs(tool, args)
    try:
        body = json.loads(said)
    except ValueError as error:
        raise Refusal(said, None) from error
    cite = str(body.get("cite", ""))
    inner = json.loads(body["result"]) if cite and "result" in body else body
    if "refused" in inner:
        raise Refusal(str(inner["refused"]), cite)
    return kind.model_validate(inner), cite


def _exchange(first: str, second: str) -> dict[str, object]:
    return {
        "title": f"{first} and {second} are confused",
        "description": f"The model does not tell apart captions that differ only in which of these words they use: "
        f"{first} and {second}. It takes exchanging one for the other for a mere rewording.",
        "words": [first, second],
    }
