"""The report as people see it: in a real browser, wide and narrow, light and dark, from disk."""

from typing import TYPE_CHECKING

import pytest

from faultfinder.agent.report.outputs import write_outputs
from faultfinder.memory.map_records import MapCell, MapSnapshot
from tests.support.sample_audit import FINISHED, KNOWN, PLANS, SETTINGS, Plan, SampleWorld, sample_ledger

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.enable_socket

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">" + "long" * 60


def charted() -> MapSnapshot:
    """A map of twelve kinds by twenty areas, one of each with words that try to be more than words."""
    areas = (HOSTILE, *(f"street {number}, bus, city" for number in range(19)))
    cells = [
        MapCell(kind=kind, area=area, tried=12, unnoticed=number % 13, unexplained=0)
        for number, kind in enumerate((HOSTILE, *(f"things: pizza {n}, clock, laptop" for n in range(11))))
        for area in areas
    ]
    return MapSnapshot(
        id="map-1", areas=areas, cells=tuple(cells), passes=2.5, found=3, hidden=0.1, chance=0.09, chance_next_hour=0.05
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample report, with one hypothesis whose words try to be more than words."""
    folder = tmp_path_factory.mktemp("report")
    with sample_ledger(
        folder / "audit.db", (*PLANS, Plan("h12", HOSTILE, HOSTILE, "f" * 40, "p" * 40, "side"))
    ) as ledger:
        ledger.save([charted()])
        outputs = write_outputs(folder, ledger, SETTINGS, "max_hypotheses", SampleWorld(96), KNOWN, FINISHED)
    return outputs.report.as_uri()


def visit(browser: "Browser", address: str, width: int, scheme: str = "light") -> "Page":
    """Open the page, and fail on anything that it loads or complains of."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.goto(address)
    assert [url for url in asked if not url.startswith("data:")] == [address]
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_off_at_either_width(browser: "Browser", address: str, width: int) -> None:
    page = visit(browser, address, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".chart svg:visible").count() == 2
    assert page.locator(".map td").count() == 12 * 21
    for summary in page.locator("details > summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_every_picture_is_shown(browser: "Browser", address: str) -> None:
    page = visit(browser, address, 1280)
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(widths) > 20
    assert set(widths) == {96}
    page.close()


def test_hostile_words_are_shown_and_do_nothing(browser: "Browser", address: str) -> None:
    page = visit(browser, address, 1280)
    assert page.title().startswith("4 systematic failures proven in lab:clip")
    assert "<script>document.title" in page.locator("#h12 h3").inner_text()
    page.close()


def test_links_lead_to_their_hypotheses(browser: "Browser", address: str) -> None:
    page = visit(browser, address, 1280)
    targets = page.evaluate("[...document.querySelectorAll('td a')].map(a => document.querySelector(a.hash) !== null)")
    assert len(targets) == len(PLANS) + 1
    assert all(targets)
    page.close()


CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = node => { while (node) { const c = getComputedStyle(node).backgroundColor;
    if (!c.endsWith(', 0)')) return c; node = node.parentElement } return 'rgb(255, 255, 255)' };
  const words = 'p, dt, dd, td:not([title]), td .said, th, h1, h2, h3, h4, mark, .badge, .outcome, .judged';
  return [...document.querySelectorAll(words)].map(node => {
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(parse(behind(node)))];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground_in_light_and_dark(browser: "Browser", address: str, scheme: str) -> None:
    page = visit(browser, address, 1280, scheme)
    assert min(page.evaluate(CONTRAST)) >= 4.5
    page.close()
