"""Rating how bad failures are, in a real browser: by keyboard, by touch, in words as in pictures."""

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from faultfinder.agent.landscape.candidates import beside
from faultfinder.memory.people_records import Answer, Ask, Question, Why
from tests.support.pages import ready, sign_in, visit
from tests.support.reviewing import MemoryDesk, question, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.enable_socket


def rated(number: int, **changes: object) -> Question:
    fields: dict[str, object] = {
        "why": Why.IMPORTANCE,
        "a": "bicycle",
        "b": "dog (97 %)",
        "case": None,
        "visit": f"explore-1-{number:05d}",
        "rank": 10 + number,
    }
    return question(number, Ask.RATING, **{**fields, **changes})


def both() -> bytes:
    buffer = io.BytesIO()
    beside(Image.new("RGB", (48, 48), "orange"), Image.new("RGB", (48, 48), "#221100")).save(buffer, "PNG")
    return buffer.getvalue()


def test_keys_rate_from_one_to_ten_and_say_what_cannot_be_said(context: "BrowserContext") -> None:
    asked = [rated(number, image="0" * 64) for number in range(4)]
    desk = MemoryDesk(asked, {each.id: both() for each in asked})
    with served(desk) as place:
        page = visit(context, place.url)
        sign_in(page, "Ada")
        assert page.inner_text("#question") == "How bad is this?"
        assert "bicycle" in page.inner_text("#first")
        assert "dog (97 %)" in page.inner_text("#second")
        assert page.inner_text("#captions").split("\n") == ["as it was", "as the model was given it"]
        assert page.locator("#answers .choice").count() == 11
        assert page.evaluate("document.documentElement.scrollHeight") <= 860, "all of it without scrolling"
        for done, key in enumerate(("7", "0", "x")):
            page.keyboard.press("ArrowLeft")
            page.keyboard.press(key)
            ready(page, done + 1)
        page.keyboard.press("u")
        ready(page, 2)
        page.keyboard.press("3")
        ready(page, 3)
        page.click("text=Cannot say")
        ready(page, 4)
        page.close()
    given = [each.answer for each in desk.labels()]
    assert given == [Answer.R7, Answer.R10, Answer.CANNOT_TELL, None, Answer.R3, Answer.CANNOT_TELL]


def test_a_phone_rates_by_touch_without_scrolling(browser: "Browser") -> None:
    asked = [rated(1, image="0" * 64)]
    desk = MemoryDesk(asked, {asked[0].id: both()})
    with served(desk) as place:
        phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        page = visit(phone, f"{place.url}?rater=Ada")
        ready(page, 0)
        assert page.evaluate("document.documentElement.scrollHeight") <= 844
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.tap("#answers >> text='9'")
        ready(page, 1)
        phone.close()
    assert [each.answer for each in desk.labels()] == [Answer.R9]


def test_texts_are_shown_as_they_were_and_as_they_were_given(context: "BrowserContext") -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\"> the cat sat"
    asked = rated(1, image=None, before=hostile, after=hostile.replace("cat", "cta"), a="a cat", b="a mat")
    desk = MemoryDesk([asked])
    with served(desk) as place:
        page = visit(context, f"{place.url}?rater=Ada")
        ready(page, 0)
        assert page.is_hidden("#frame")
        assert page.inner_text("#before") == hostile
        assert page.locator("#after mark").count() == 1
        assert page.locator("img[src=x]").count() == 0
        page.keyboard.press("1")
        ready(page, 1)
        page.close()
    assert [each.answer for each in desk.labels()] == [Answer.R1]
