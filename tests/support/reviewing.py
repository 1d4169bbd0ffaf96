"""What the tests of people's part share: a desk without an audit, a served page, a real audit that waits for people."""

import hashlib
import io
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool
from PIL import Image

from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.strategist import Evidence, Proposal, Refinement, Step, Trial
from faultfinder.memory.people_records import Answer, Ask, Label, Question, Why
from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import AuditSettings, Brief, EditKind, Rule
from faultfinder.tools.corpora import open_corpus
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.people.desk import Desk
from faultfinder.tools.people.guard import Place
from faultfinder.tools.people.raters_queue import Again
from faultfinder.tools.people.server import ReviewPage, bind, new_token, server_of

WHEN = "2026-03-05T14:02:11+00:00"
PAIRS = 10
"""Cases of each arm of the audit that waits."""


def png(colour: str = "red", size: int = 24) -> bytes:
    """Return a small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(buffer, "PNG")
    return buffer.getvalue()


def question(number: int, kind: Ask = Ask.WHICH, **changes: object) -> Question:
    """Return a question made for tests."""
    fields: dict[str, object] = {
        "id": "q" + hashlib.sha256(str(number).encode()).hexdigest()[:15],
        "kind": kind,
        "why": Why.SAMPLE,
        "a": f"a red circle left of square {number}",
        "b": f"a red circle right of square {number}",
        "image": "0" * 64 if kind is Ask.WHICH else None,
        "case": f"h1-p{number:02d}",
        "side": Side.A if kind is Ask.WHICH else None,
        "rank": 5,
    }
    return Question.model_validate(fields | changes)


def label(asked: Question, rater: str, answer: Answer | None, key: str = "") -> Label:
    """Return a label made for tests."""
    made = key or hashlib.sha256(f"{asked.id} {rater} {answer}".encode()).hexdigest()[:20]
    return Label(id=made, question=asked.id, rater=rater, answer=answer, at=WHEN)


class MemoryDesk:
    """A desk without an audit behind it."""

    name, key = "made-by-hand", "0123456789abcdef"

    def __init__(self, questions: Sequence[Question], pictures: dict[str, bytes | None] | None = None) -> None:
        self.asked, self.kept = list(questions), dict[str, Label]()
        self.pictures = pictures or {}

    def questions(self) -> list[Question]:
        return list(self.asked)

    def labels(self) -> list[Label]:
        return list(self.kept.values())

    def append(self, labels: Sequence[Label]) -> None:
        for each in labels:
            self.kept.setdefault(each.id, each)

    def picture(self, question: str) -> bytes | None:
        return self.pictures.get(question, png())


@contextmanager
def served(desk: Desk, again: Again | None = None, port: int = 0) -> Iterator[Place]:
    """Serve a desk's page from a thread, on any free port unless one is given."""
    bound = bind("127.0.0.1", port)
    place = Place("127.0.0.1", bound.getsockname()[1], new_token())
    server = server_of(ReviewPage(desk, again).app(place))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield place
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()


class OneIdea(OfflineStrategist):
    """Has one idea, whatever it is shown, and leaves it there."""

    rule = Rule(kind=EditKind.EXCHANGE, words=("left", "right"))

    def explore(self, brief: Brief, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        return AIMessage("Nothing to look for.")

    def hypothesize(self, brief: Brief, evidence: Evidence, most: int) -> list[Proposal]:
        if any(hypothesis.rule == self.rule for hypothesis in evidence.tried):
            return []
        said = "Pictures of prompts that differ only in left and right show the other prompt."
        return [Proposal(title="left and right are not painted as asked", description=said, rule=self.rule)]

    def refine(self, trial: Trial) -> Refinement:
        return Refinement(step=Step.DROP)


def strategist() -> OneIdea:
    """Return the strategist of the audit that waits."""
    return OneIdea(open_corpus("lab", 0), Lexicon.load(), 0)


def waiting_audit(out: Path, painter: str = "mirrored", pairs: int = PAIRS, **changes: object) -> Path:
    """Run an audit of a generator whose pictures only people look at, until it waits for them; return its folder."""
    fields: dict[str, object] = {
        "name": "left-and-right",
        "goal": "does it paint where things are?",
        "target": f"python:tests.support.painters:{painter}",
        "corpus": "lab",
        "probes": pairs,
        "controls": pairs,
        "memory": str(out / "memory"),
        "eyes": "people",
        "people": "wait",
    }
    chosen = AuditSettings.model_validate(fields | changes)
    with Audit.create(chosen, out / chosen.name) as audit:
        assert audit.run(strategist()) == FOR_PEOPLE
    return out / chosen.name
