"""The review page in a real browser: two raters and an audit, and everything that could lose or double an answer."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faultfinder.agent.people.review_desk import LedgerDesk
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Ask, Label, Question, standing
from faultfinder.tools.people.raters_queue import turn
from tests.support.pages import ready, shown, sign_in, visit
from tests.support.reviewing import MemoryDesk, label, png, question, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.enable_socket

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">" + "long" * 90
KEYS = {Answer.FIRST: "1", Answer.SECOND: "2", Answer.NEITHER: "3", Answer.CANNOT_TELL: "4"}


@pytest.mark.parametrize("count", [4])
def test_keys_answer_take_back_and_note(context: "BrowserContext", count: int) -> None:
    desk = MemoryDesk([question(number) for number in range(count)])
    with served(desk) as place:
        page = visit(context, place.url)
        sign_in(page, "  Ada  ")
        first = shown(page)
        page.keyboard.press("n")
        page.keyboard.type("1 of 2, U see")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        ready(page, 1)
        page.keyboard.press("u")
        page.wait_for_selector(f'body[data-question="{first}"][data-ready="0"]')
        page.keyboard.press("4")
        ready(page, 1)
        for done in range(1, count):
            page.keyboard.press("ArrowLeft")
            ready(page, done + 1)
        assert page.locator("#thanks").inner_text() == "Thank you, Ada"
        page.close()
    assert desk.labels()[0].note == "1 of 2, U see"
    kept = standing(desk.labels())
    assert len(kept) == count
    assert kept[first, "Ada"].answer is Answer.CANNOT_TELL
    for (key, _), each in list(kept.items())[1:]:
        assert each.answer is turn("Ada", desk_question(desk, key), Answer.FIRST)


def desk_question(desk: MemoryDesk, key: str) -> Question:
    return next(each for each in desk.questions() if each.id == key)


def test_a_phone_answers_by_touch(browser: "Browser") -> None:
    desk = MemoryDesk([question(1), question(2, Ask.MEANING, rank=6)])
    with served(desk) as place:
        phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        page = visit(phone, f"{place.url}?rater=Ada")
        ready(page, 0)
        assert page.evaluate("document.documentElement.scrollHeight") <= 844, "all of it without scrolling"
        page.tap("#second")
        ready(page, 1)
        page.tap("text=Same meaning")
        ready(page, 2)
        phone.close()
    assert [each.answer for each in desk.labels()] == [
        turn("Ada", desk.asked[0], Answer.SECOND),
        Answer.SAME,
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_words_are_shown_and_do_nothing(browser: "Browser", width: int) -> None:
    asked = [
        question(1, a=HOSTILE, b=HOSTILE.replace("long", "wide"), rank=1),
        question(2, Ask.MEANING, a=HOSTILE, b="x", rank=2),
        question(3, Ask.OPEN, text=HOSTILE, a="", b="", rank=3),
    ]
    desk = MemoryDesk(asked)
    desk.name = HOSTILE
    with served(desk) as place:
        opened = browser.new_context(viewport={"width": width, "height": 900})
        page = visit(opened, place.url)
        sign_in(page, "<img src=x onerror=alert(1)>")
        for done, where in enumerate(("#first", "#second", "#question")):
            ready(page, done)
            if done != 1:
                assert "<script>document.title" in page.inner_text(where)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.keyboard.press("1")
        ready(page, 3)
        assert page.title().startswith("All answered · <script>")
        assert page.locator("script").count() == 1
        assert page.locator("img[src=x]").count() == 0
        opened.close()


def test_nothing_comes_from_elsewhere_and_nothing_inline_runs(context: "BrowserContext") -> None:
    with served(MemoryDesk([question(1)])) as place:
        asked: list[str] = []
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(place.url)
        sign_in(page, "Ada")
        assert {url[: len(place.url)] for url in asked} == {place.url}
        page.evaluate("""() => {
            const script = document.createElement('script')
            try { script.textContent = "document.title = 'owned'" } catch { return }
            document.body.append(script)
        }""")
        assert page.title() != "owned"
        page.close()


def test_a_small_picture_is_shown_large_and_a_missing_one_is_said(context: "BrowserContext") -> None:
    asked = [question(1, rank=1), question(2, rank=2)]
    with served(MemoryDesk(asked, {asked[0].id: png("red", 48), asked[1].id: None})) as place:
        page = visit(context, f"{place.url}?rater=Ada")
        ready(page, 0)
        box = page.locator("#frame img").bounding_box()
        assert box is not None
        assert box["width"] >= 400
        assert page.locator("#frame img").evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
        page.keyboard.press("1")
        ready(page, 1)
        assert page.is_visible("#gone")
        page.keyboard.press("4")
        ready(page, 2)
        page.close()


def test_a_second_tab_moves_on_and_counts_once(context: "BrowserContext") -> None:
    desk = MemoryDesk([question(number) for number in range(3)])
    with served(desk) as place:
        one, other = visit(context, f"{place.url}?rater=Ada"), visit(context, f"{place.url}?rater=Ada")
        for page in (one, other):
            ready(page, 0)
        first = shown(one)
        one.keyboard.press("1")
        ready(other, 1)
        assert "Answered in another tab" in other.inner_text("#notice")
        assert shown(other) == shown(one) != first
        one.close()
        other.close()
    assert len(desk.labels()) == 1


def test_two_browsers_on_one_question_count_once_and_it_is_told(browser: "Browser") -> None:
    desk = MemoryDesk([question(number) for number in range(3)])
    with served(desk) as place:
        contexts = [browser.new_context() for _ in range(2)]
        pages = [visit(each, f"{place.url}?rater=Ada") for each in contexts]
        for page in pages:
            ready(page, 0)
        pages[0].keyboard.press("3")
        ready(pages[0], 1)
        pages[1].keyboard.press("4")
        ready(pages[1], 1)
        assert "your latest answer counts" in pages[1].inner_text("#notice")
        for each in contexts:
            each.close()
    assert [each.answer for each in standing(desk.labels()).values()] == [Answer.CANNOT_TELL]


@pytest.mark.parametrize("arrives", [False, True])
def test_an_answer_on_its_way_is_sent_until_it_is_acknowledged(context: "BrowserContext", arrives: bool) -> None:
    desk = MemoryDesk([question(number) for number in range(3)])
    tries: list[object] = []

    def lose(route: object) -> None:
        tries.append(route.request.post_data)  # type: ignore[attr-defined]
        if arrives:
            route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    with served(desk) as place:
        page = visit(context, f"{place.url}?rater=Ada")
        ready(page, 0)
        page.route("**/api/labels", lose)
        page.keyboard.press("1")
        page.wait_for_selector("#notice.trouble")
        page.keyboard.press("2")
        page.unroute("**/api/labels")
        ready(page, 1)
        assert page.is_hidden("#notice.trouble")
        page.close()
    assert len(set(map(str, tries))) == 1
    assert len(desk.labels()) == 1


def test_a_thousand_questions(context: "BrowserContext") -> None:
    desk = MemoryDesk([question(number) for number in range(1000)])
    desk.append([label(each, "Bob", Answer.FIRST) for each in desk.questions()])
    with served(desk) as place:
        page = visit(context, f"{place.url}?rater=Ada")
        for done in range(10):
            ready(page, done)
            page.keyboard.press("1")
        ready(page, 10)
        assert page.inner_text("#count") == "10 of 1000"
        page.close()
    assert len(standing(desk.labels())) == 1010


def test_questions_that_come_later_appear_by_themselves(context: "BrowserContext") -> None:
    desk = MemoryDesk([])
    with served(desk) as place:
        page = visit(context, f"{place.url}?rater=Ada")
        page.wait_for_selector("#done:visible")
        assert "has not asked people anything" in page.inner_text("#summary")
        desk.asked.append(question(1))
        page.wait_for_selector("#work:visible", timeout=10_000)
        page.close()


CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = node => { while (node) { const c = getComputedStyle(node).backgroundColor;
    if (!c.endsWith(', 0)')) return c; node = node.parentElement } return 'rgb(255, 255, 255)' };
  const words = 'p, h1, mark, kbd, label, .text span, .choice, .primary, .quiet:not(:disabled), #count';
  return [...document.querySelectorAll(words)].filter(node => node.offsetParent).map(node => {
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(parse(behind(node)))];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(browser: "Browser", scheme: str) -> None:
    opened = browser.new_context(color_scheme=scheme)
    with served(MemoryDesk([question(1), question(2)])) as place:
        page = visit(opened, place.url)
        assert min(page.evaluate(CONTRAST)) >= 4.5
        sign_in(page, "Ada")
        page.keyboard.press("1")
        ready(page, 1)
        assert min(page.evaluate(CONTRAST)) >= 4.5
        opened.close()


def test_the_desk_of_a_ledger_is_served_too(context: "BrowserContext", tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "audit.db") as ledger:
        ledger.save([question(1)])
        with served(LedgerDesk(tmp_path, ledger)) as place:
            page = visit(context, f"{place.url}?rater=Ada")
            ready(page, 0)
            assert page.is_visible("#gone"), "its picture was never there"
            page.keyboard.press("4")
            ready(page, 1)
            page.close()
        assert len(ledger.all(Label)) == 1
