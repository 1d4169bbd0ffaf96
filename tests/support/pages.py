"""Hands and eyes for the review page in a real browser."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


def visit(context: "BrowserContext", url: str) -> "Page":
    """Open the page in a new tab, and fail on any script error or dialog."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(url)
    return page


def sign_in(page: "Page", name: str) -> None:
    page.fill("#name", name)
    page.keyboard.press("Enter")
    ready(page)


def ready(page: "Page", done: int | None = None) -> None:
    """Wait until a question can be answered: the one after `done`, if that is given."""
    page.wait_for_selector("body[data-ready]" if done is None else f'body[data-ready="{done}"]')


def shown(page: "Page") -> str:
    return page.get_attribute("body", "data-question") or ""
