"""The page of a comparison in a real browser: wide and narrow, light and dark, from disk."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faultfinder.agent.suites.comparison_page import render_comparison
from tests.browser.test_report_page import CONTRAST, visit
from tests.support.comparisons import sample_comparison

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample comparison, with words that try to be more than words."""
    path: Path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    path.write_text(render_comparison(sample_comparison()))
    return path.as_uri()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_off_at_either_width(browser: "Browser", address: str, width: int) -> None:
    page = visit(browser, address, width)
    assert page.locator(".chart svg:visible").count() == 1
    for summary in page.locator("details > summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_words_of_the_map_stay_in_their_cells(browser: "Browser", address: str, width: int) -> None:
    page = visit(browser, address, width)
    svg = page.locator(".chart svg:visible").bounding_box()
    boxes = [text.bounding_box() for text in page.locator(".chart svg:visible text").all()]
    assert svg is not None
    assert len(boxes) == 4 + 3 + 1 + 3 * 4, "a letter a model, a title a failure and one of two lines, a word a cell"
    assert all(box and box["x"] >= svg["x"] - 1 for box in boxes)
    assert all(box and box["x"] + box["width"] <= svg["x"] + svg["width"] + 1 for box in boxes)
    page.close()


def test_hostile_words_are_shown_and_do_nothing(browser: "Browser", address: str) -> None:
    page = visit(browser, address, 1280)
    assert page.title() == "3 failures on 4 models · Faultfinder"
    assert "<script>document.title" in page.locator("#f3 h3").inner_text()
    assert page.locator("img").count() == 0
    page.close()


def test_a_model_that_could_not_be_asked_is_an_alert(browser: "Browser", address: str) -> None:
    page = visit(browser, address, 1280)
    assert "there is no lab:gone" in page.get_by_role("alert").inner_text()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground_in_light_and_dark(browser: "Browser", address: str, scheme: str) -> None:
    page = visit(browser, address, 1280, scheme)
    assert min(page.evaluate(CONTRAST)) >= 4.5
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_strongest_cell(browser: "Browser", address: str, scheme: str) -> None:
    """Paint the page's own colours one over the other, as the map does, and compare."""
    page = visit(browser, address, 1280, scheme)
    ratio = page.evaluate(
        """() => {
          const seen = name => { const node = document.body.appendChild(document.createElement('i'));
            node.style.color = `var(${name})`; const said = getComputedStyle(node).color.match(/[\\d.]+/g).map(Number);
            node.remove(); return said.slice(0, 3) };
          const [paper, fail, ink] = ['--paper', '--fail', '--ink'].map(seen);
          const strongest = Math.max(...[...document.querySelectorAll('.chart svg path')].map(
            path => Number(getComputedStyle(path).opacity)).filter(opacity => opacity < 1));
          const cell = paper.map((c, i) => c * (1 - strongest) + fail[i] * strongest);
          const light = rgb => rgb.map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
          const [a, b] = [light(cell), light(ink)];
          return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) }"""
    )
    assert ratio >= 4.5
    page.close()
