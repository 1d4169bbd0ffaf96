"""The review page while its server is killed: nothing is lost or counted twice, and the page says where it stands."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Label
from tests.support.audits import command, environment
from tests.support.pages import ready, sign_in, visit
from tests.support.reviewing import question
from tests.support.sample_audit import SETTINGS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def reviewing(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Start `faultfinder review` in a process of its own, always on one port; a second call kills the first."""
    folder = tmp_path / "audits" / "made"
    folder.mkdir(parents=True)
    with Ledger.open(folder / "audit.db") as ledger:
        ledger.save([SETTINGS, *(question(number) for number in range(5))])
    running: list[subprocess.Popen[str]] = []

    def start() -> str:
        for old in running:
            os.kill(old.pid, signal.SIGKILL)
            old.communicate()
        running.clear()
        arguments = command("review", "made", "--out", str(tmp_path / "audits"), "--no-open")
        running.append(subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment()))
        assert running[0].stdout is not None
        return running[0].stdout.readline().strip()

    yield start
    for process in running:
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


def kept_in(tmp_path: Path) -> list[Label]:
    with Ledger.open(tmp_path / "audits" / "made" / "audit.db") as ledger:
        return ledger.all(Label)


def test_a_server_killed_in_the_middle_of_an_answer_loses_nothing(
    context: "BrowserContext", reviewing: Callable[[], str], tmp_path: Path
) -> None:
    url = reviewing()
    page = visit(context, url)
    sign_in(page, "Ada")
    page.keyboard.press("3")
    ready(page, 1)
    page.route("**/api/labels", lambda route: route.abort())  # the server dies before it hears of this one
    page.keyboard.press("4")
    fresh = reviewing()
    assert re.sub("/[^/]*/$", "", url) == re.sub("/[^/]*/$", "", fresh)
    assert fresh != url
    page.close()
    assert len(kept_in(tmp_path)) == 1
    page = visit(context, fresh)
    ready(page, 2)
    assert [each.answer for each in kept_in(tmp_path)] == [Answer.NEITHER, Answer.CANNOT_TELL]
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('unsaved'))") == []
    page.keyboard.press("1")
    ready(page, 3)
    old = visit(context, url)
    assert "printed last" in old.inner_text("body")
    old.close()
    page.close()
    assert len(kept_in(tmp_path)) == 3


def test_an_open_tab_says_that_its_address_has_expired(
    context: "BrowserContext", reviewing: Callable[[], str], tmp_path: Path
) -> None:
    page = visit(context, reviewing())
    sign_in(page, "Ada")
    fresh = reviewing()
    page.keyboard.press("3")
    page.wait_for_selector("#notice.trouble:has-text('has expired')")
    other = visit(context, fresh)
    ready(other, 1)
    page.close()
    other.close()
    assert [each.answer for each in kept_in(tmp_path)] == [Answer.NEITHER]
