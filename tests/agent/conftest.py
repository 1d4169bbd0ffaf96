"""What the tests of chat models and studios share: a ledger, a budget, a listener that keeps what it hears."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.llm.chat_model import connect
from faultfinder.agent.llm.paid_model import PaidModel, Patience
from faultfinder.agent.llm.strategist import LLMStrategist
from faultfinder.agent.pictures.studio import Studio
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Limits
from tests.support.chat import CORPUS
from tests.support.studios import Watching

QUICK = Patience(tries=4, first_wait=0.01, longest_wait=0.05)


class Heard(list[Event]):
    """Every event, in order."""

    def of(self, kind: EventKind) -> list[str]:
        """Return the texts of one kind."""
        return [event.text for event in self if event.kind is kind]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "audit.db") as opened:
        opened.begin_sitting("2026-01-01T00:00:00Z")
        yield opened


@pytest.fixture
def paid(ledger: Ledger, heard: Heard) -> Callable[..., PaidModel]:
    """Build a paid model on a server's URL."""

    def build(url: str, limits: Limits | None = None, timeout: float = 5.0, patience: Patience = QUICK) -> PaidModel:
        connection = connect("openai:scripted", url, timeout=timeout)
        return PaidModel(connection, ledger, Budget(limits or Limits(), ledger), heard.append, patience)

    return build


@pytest.fixture
def strategist(paid):
    def build(server, corpus=CORPUS, **kwargs):
        return LLMStrategist(paid(server.url, **kwargs), corpus, seed=7)

    return build


@pytest.fixture
def eyes():
    return Watching()


@pytest.fixture
def studio(ledger, heard, tmp_path, eyes):
    def build(generator: object, limits: Limits | None = None, seed: int = 0) -> Studio:
        return Studio(generator, eyes, ledger, Budget(limits or Limits(), ledger), heard.append, tmp_path, seed)

    return build
