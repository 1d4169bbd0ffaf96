"""Chats for tests: one small audit to talk about, questions put to it, and what must hold of every answer."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from faultfinder.agent.chat.chatting import Reply, open_chat
from faultfinder.agent.events import Listener, silent
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.records import AuditSettings, Case, Limits
from faultfinder.tools.corpora import open_corpus
from tests.support.bearing import Ground

GOAL = "does it understand where things are?"


def lab_audit(place: Path, name: str = "night", **changes: object) -> Path:
    """Run a small audit of the lab's encoder and return its folder."""
    chosen: dict[str, object] = {"probes": 20, "controls": 20, "memory": str(place / "memory"), **changes}
    wanted = {"name": name, "goal": GOAL, "target": "lab:clip", "corpus": "lab", **chosen}
    settings = AuditSettings.model_validate(wanted)
    with Audit.create(settings, place / name) as audit:
        audit.run()
    return place / name


def copied(folder: Path, place: Path) -> Path:
    """Return a copy of an audit, to be talked about alone."""
    return Path(shutil.copytree(folder, place / folder.name))


def ask(
    folder: Path,
    *questions: str,
    limits: Limits | None = None,
    llm: str | None = None,
    url: str | None = None,
    listen: Listener = silent,
) -> list[Reply]:
    """Put questions to an audit in one sitting."""
    with open_chat(folder, listen, limits or Limits(), llm, url) as chat:
        return [chat.ask(question) for question in questions]


def ground(folder: Path, reply: Reply) -> Ground:
    """Return the records that an answer just given can be held against."""
    return Ground(folder, frozenset(open_corpus("lab").texts), reply.spent.model_dump(), reply.cost.llm_calls)


def assert_borne_out(folder: Path, reply: Reply) -> None:
    """Check an answer against the database, by other means than the chat's own check."""
    records = ground(folder, reply)
    assert records.verify(reply.answer, reply.question).wrong == []
    assert [key for key in reply.citations if not records.exists(key)] == []


def findings_file(folder: Path) -> dict[str, object]:
    """Return `findings.json`."""
    return dict(json.loads((folder / "findings.json").read_text()))


def texts_of(cases: Iterable[Case]) -> set[str]:
    """Return every text of some cases."""
    return {text for case in cases for text in (case.a, case.b)}
