"""An audit that explores: areas nobody named, one finding for one failure, and an end of its own."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.ten_plants import Blinded, Blindness
from faultfinder.agent import audit, resume
from faultfinder.agent.doors.result import AuditResult
from faultfinder.agent.endings import ENOUGH_SEEN
from faultfinder.agent.events import Event
from faultfinder.agent.report.findings import Finding
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.map_records import Charted, Looked
from faultfinder.tools.hashing import HashEncoder
from tests.support.encoders import COLOURS, SIDES, sentences
from tests.support.server import ChatServer

PLACES = frozenset({"kitchen", "forest"})


def target(*plants: Blindness) -> Blinded:
    """Return an encoder with plants that else confuses nothing: its vectors are long, so no two words are close."""
    return Blinded(HashEncoder(dim=2048), plants, "planted")


EVERYWHERE = Blindness("sides", frozenset(SIDES), "side")
IN_PLACES = Blindness("colours in places", frozenset(COLOURS), "colour", PLACES)


def explore(folder: Path, encoder: Blinded, **options: object) -> AuditResult:
    return audit(
        "what does it not notice?",
        target=encoder,
        corpus=sentences(1200),
        hours=1,
        people="none",
        name="explored",
        out=folder,
        memory=folder / "memory",
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    return explore(tmp_path_factory.mktemp("explored"), target(EVERYWHERE, IN_PLACES))


def about(found: AuditResult, words: tuple[str, ...]) -> list[Finding]:
    return [f for f in found.confirmed if f.rule and set(words) & set(f.rule.words)]


def test_a_failure_of_one_subject_is_found_and_said_of_that_subject(explored: AuditResult) -> None:
    [colours] = about(explored, COLOURS)
    assert {word for group in colours.within for word in group} == PLACES
    assert "in 0 of" not in colours.boundaries[0]
    assert colours.boundaries[0].startswith("In other texts the same edits were noticed in")
    for case in colours.cases:
        assert PLACES & set(case.a.split())


def test_a_failure_of_all_texts_is_said_of_all_texts(explored: AuditResult) -> None:
    [sides] = about(explored, SIDES)
    assert sides.within == ()


def test_nothing_else_is_found_and_nothing_twice(explored: AuditResult) -> None:
    assert len(explored.confirmed) == 2
    search = explored.content.search
    assert search is not None
    assert (search.diversity.failures, search.diversity.twice) == (2, 0)
    assert [point.found for point in search.curve][-1] == 2


def test_it_ends_by_itself_and_says_what_it_expects(explored: AuditResult) -> None:
    assert explored.stopped_by == ENOUGH_SEEN
    snapshot = explored.content.search.map if explored.content.search else None
    assert snapshot is not None
    assert snapshot.passes >= 2
    assert snapshot.chance is not None
    assert snapshot.chance < 0.1
    page = explored.report.read_text(encoding="utf-8")
    assert "How the search went" in page
    assert "That is why it stopped by itself." in page


def test_no_test_rests_on_a_text_that_was_looked_at_before(explored: AuditResult) -> None:
    looked_at: set[str] = set()
    with closing(sqlite3.connect(explored.folder / "audit.db")) as database:
        rows = database.execute("SELECT kind, body FROM records ORDER BY seq").fetchall()
    for kind, body in rows:
        record = json.loads(body) if kind in ("MinedPair", "Case") else {}
        texts = {record.get("a"), record.get("b")} - {None}
        if kind == "MinedPair":
            looked_at |= texts
        assert kind != "Case" or not texts & looked_at
    assert looked_at


def test_every_hypothesis_was_charted_before_its_test(explored: AuditResult) -> None:
    with Ledger.open(explored.folder / "audit.db") as ledger:
        charted = {each.id: each for each in ledger.all(Charted)}
        assert set(charted) == {finding.id for finding in explored.findings}
        assert all(charted[finding.id].chance >= 0.5 for finding in explored.confirmed)


def test_cut_short_and_resumed_it_finds_the_same(explored: AuditResult, tmp_path: Path) -> None:
    encoder = target(EVERYWHERE, IN_PLACES)
    cut = explore(tmp_path, encoder, max_hypotheses=1)
    assert cut.stopped_by == "max_hypotheses"
    whole = resume("explored", out=tmp_path, max_hypotheses=100, target=encoder)
    titles = {finding.title for finding in whole.confirmed}
    assert titles == {finding.title for finding in explored.confirmed}
    with Ledger.open(whole.folder / "audit.db") as ledger:
        looks = [look.id for look in ledger.all(Looked)]
        assert len(looks) == len(set(looks))


class Died(BaseException):
    """Ends an audit as a kill would: nothing gets to tidy up."""


@pytest.mark.parametrize("dying_words", ["cells of the map surveyed", "writing fresh probes and controls"])
def test_cut_off_in_the_middle_of_a_step_it_ends_as_the_undisturbed_one(
    explored: AuditResult, tmp_path: Path, dying_words: str
) -> None:
    heard: list[Event] = []

    def die(event: Event) -> None:
        heard.append(event)
        said = sum(dying_words in each.text for each in heard)
        if dying_words in event.text and said == 2:
            raise Died

    encoder = target(EVERYWHERE, IN_PLACES)
    with pytest.raises(Died):
        explore(tmp_path, encoder, progress=die)
    whole = resume("explored", out=tmp_path, target=encoder)
    assert [f.title for f in whole.confirmed] == [f.title for f in explored.confirmed]
    assert whole.content.search
    assert explored.content.search
    assert whole.content.search.curve == explored.content.search.curve
    assert looks_of(whole) == looks_of(explored)


def looks_of(found: AuditResult) -> list[Looked]:
    with Ledger.open(found.folder / "audit.db") as ledger:
        return ledger.all(Looked)


def test_a_sound_model_is_let_go_with_nothing_found(tmp_path: Path) -> None:
    found = explore(tmp_path, target())
    assert found.stopped_by == ENOUGH_SEEN
    assert found.confirmed == ()


def test_a_chat_model_looks_where_the_map_says(tmp_path: Path) -> None:
    with ChatServer() as server:
        found = audit(
            "does it understand where things are?",
            corpus="lab",
            llm="openai:scripted",
            llm_url=server.url,
            hours=1,
            probes=20,
            controls=20,
            max_hypotheses=3,
            people="none",
            name="chat",
            out=tmp_path,
            memory=tmp_path / "memory",
        )
    with Ledger.open(found.folder / "audit.db") as ledger:
        looks = ledger.all(Looked)
    assert found.confirmed
    assert any(look.survey is not None for look in looks)
    assert any(look.area for look in looks)
    assert found.content.search
    assert found.content.search.map
