"""Chats for tests: one small audit to talk about, questions put to it, and what must hold of every answer."""

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from faultfinder.agent.audits import Audit
from faultfinder.agent.chatting import Reply, open_chat
from faultfinder.agent.events import Listener, silent
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Limits, Observation

GOAL = "does it understand where things are?"
CASE = re.compile(r"\[([hq]\d+-[pc]\d+)\](?:, a control,)? (fails|passes|is invalid).*?: “([^”]+)” / “([^”]+)”")
COUNT = re.compile(r"\[([hq]\d+)\][^\n]*?(\d+) of (\d+) probes fail \([^)]*\), and (\d+) of (\d+) controls")
OUTCOMES = {"fails": "fail", "passes": "pass", "is invalid": "invalid"}


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


def assert_borne_out(folder: Path, reply: Reply) -> None:
    """Check an answer against the ledger, by other means than the chat's own check."""
    with Ledger.open(folder / "audit.db") as ledger:
        cases = {case.id: case for case in ledger.all(Case)}
        ends = {seen.case: seen.outcome.value for seen in ledger.all(Observation)}
    for key, said, a, b in CASE.findall(reply.answer):
        assert (ends[key], cases[key].a, cases[key].b) == (OUTCOMES[said], a, b), key
    for key, *counts in COUNT.findall(reply.answer):
        fail, scored, control_fail, control_scored = map(int, counts)
        probes = [ends[i] for i, c in cases.items() if c.hypothesis == key and c.role == "probe"]
        controls = [ends[i] for i, c in cases.items() if c.hypothesis == key and c.role == "control"]
        assert (probes.count("fail"), probes.count("fail") + probes.count("pass")) == (fail, scored), key
        assert (controls.count("fail"), controls.count("fail") + controls.count("pass")) == (
            control_fail,
            control_scored,
        ), key
    hypotheses = {case.hypothesis for case in cases.values()}
    kept = {key for key in reply.citations if key[0] in "hq"}
    assert all(key in cases or key in hypotheses for key in kept), kept


def findings_file(folder: Path) -> dict[str, object]:
    """Return `findings.json`."""
    return dict(json.loads((folder / "findings.json").read_text()))


def texts_of(cases: Iterable[Case]) -> set[str]:
    """Return every text of some cases."""
    return {text for case in cases for text in (case.a, case.b)}
