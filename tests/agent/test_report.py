"""The report stands on its own, tells the truth with its denominators, and treats every text as text."""

import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.report import words
from faultfinder.agent.report.charts import NARROW, WIDE, rates_chart
from faultfinder.agent.report.findings import NOT_TESTED, assemble
from faultfinder.agent.report.outputs import Outputs, write_outputs
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Counts, Limits
from tests.support.sample_audit import FINISHED, KNOWN, PLANS, SETTINGS, Plan, SampleWorld, sample_ledger

HOSTILE = "<script>document.title='owned'</script>$\\frac{1}{2}$ & \"quotes\" 颜色 🟥 \x1b[31m"


def write(folder: Path, ledger: Ledger, stopped_by: str = "max_hypotheses", *, drawn: bool = True) -> Outputs:
    return write_outputs(folder, ledger, SETTINGS, stopped_by, SampleWorld() if drawn else None, KNOWN, FINISHED)


def page_of(folder: Path, plans: tuple[Plan, ...] = PLANS, *, drawn: bool = True) -> str:
    with sample_ledger(folder / "audit.db", plans) as ledger:
        return write(folder, ledger, drawn=drawn).report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample audit's folder, with its outputs."""
    folder = tmp_path_factory.mktemp("sample")
    page_of(folder)
    return folder


@pytest.fixture(scope="module")
def page(sample: Path) -> str:
    """The sample audit's report."""
    return (sample / "report.html").read_text(encoding="utf-8")


class Links(HTMLParser):
    """Collects tags, addresses and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_output_is_there_and_nothing_else(sample: Path) -> None:
    assert {path.name for path in sample.iterdir()} == {
        "audit.db", "findings.json", "images", "report.html", "suite.jsonl",
    }  # fmt: skip
    for picture in (sample / "images").iterdir():
        assert picture.name == hashlib.sha256(picture.read_bytes()).hexdigest() + ".png"


def test_the_page_needs_nothing_but_itself(page: str) -> None:
    links = Links(page)
    assert not links.tags & {"script", "link", "iframe", "object", "embed", "form"}
    assert {address.partition(",")[0] for address in links.addresses if not address.startswith("#")} == {
        "data:image/png;base64"
    }
    assert "url(" not in page.replace("url(#", "")


def test_the_numbers_are_said_with_all_five_outcomes(page: str) -> None:
    text = Links(page).text
    for written, rest in (
        ("Of 42 probes written, 38 failed and 2 passed", "0 ended in an error, 2 were invalid"),
        ("Of 41 probes written, 34 failed and 6 passed", "1 ended in an error, 0 were invalid"),
        ("Of 41 controls written, 0 failed and 40 passed", "0 ended in an error, 1 was invalid"),
    ):
        assert f"{written}; 0 could not be scored, {rest}" in text


def test_the_page_says_who_what_why_and_what_it_cost(page: str) -> None:
    text = Links(page).text
    for said in (
        "3 systematic failures proven in lab:clip", SETTINGS.goal, "5 March 2026, 14:03 UTC", "offline (no chat model)",
        "the limit on hypotheses (--max-hypotheses) was reached", "lab truth", "0.971", "1,200 pairs", "812", "1.5",
        f"faultfinder resume {SETTINGS.name}", "--seed 7", "proven by last-week", "why it is invalid",
        "A refinement of", "The failure memory already held this",
    ):  # fmt: skip
        assert said in text


def test_the_changed_words_are_marked(page: str) -> None:
    assert "<mark>left</mark>" in page
    assert "<mark>right</mark>" in page


def test_the_same_audit_gives_the_same_bytes(tmp_path: Path) -> None:
    with sample_ledger(tmp_path / "audit.db") as ledger:
        first, second = ([path.read_bytes() for path in _files(write(tmp_path, ledger))] for _ in range(2))
    assert first == second


def _files(outputs: Outputs) -> tuple[Path, Path, Path]:
    return outputs.report, outputs.findings, outputs.suite


def test_pictures_drawn_once_are_shown_again_without_the_world(tmp_path: Path) -> None:
    with sample_ledger(tmp_path / "audit.db") as ledger:
        drawn = write(tmp_path, ledger).report.read_text()
        assert write(tmp_path, ledger, drawn=False).report.read_text() == drawn


def test_a_world_without_pictures_leaves_the_texts(tmp_path: Path) -> None:
    links = Links(page_of(tmp_path, drawn=False))
    assert "img" not in links.tags
    assert "a purple ring" in links.text


def test_hostile_text_stays_text_everywhere(tmp_path: Path) -> None:
    plan = Plan("h<1>", HOSTILE, HOSTILE, "f" * 40, "p" * 40, "side")
    links = Links(page_of(tmp_path, (plan,)))
    assert "script" not in links.tags
    assert HOSTILE.split("$")[0] in links.text


def test_an_empty_audit_says_so_loudly(tmp_path: Path) -> None:
    page = page_of(tmp_path, ())
    assert 'role="alert"' in page
    assert NOT_TESTED in Links(page).text


def test_an_audit_that_is_not_empty_raises_no_alarm(page: str) -> None:
    assert 'role="alert"' not in page


def test_a_folder_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with sample_ledger(tmp_path / "audit.db") as ledger, pytest.raises(AuditError, match="writable"):
        write(tmp_path / "taken", ledger)


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path) -> None:
    with sample_ledger(tmp_path / "audit.db") as ledger:
        before = write(tmp_path, ledger).findings.read_bytes()
        (tmp_path / "suite.jsonl").unlink()
        (tmp_path / "suite.jsonl").mkdir()
        with pytest.raises(AuditError):
            write(tmp_path, ledger)
    assert (tmp_path / "findings.json").read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("shape", [WIDE, NARROW])
def test_the_chart_is_well_formed_follows_the_page_and_names_every_hypothesis(tmp_path: Path, shape: object) -> None:
    assert isinstance(shape, type(WIDE))
    plans = (*PLANS, Plan("h12", "a < b & $c$ 颜色", "d", "ff", "pp", "side"))
    with sample_ledger(tmp_path / "audit.db", plans) as ledger:
        findings = assemble(ledger, SETTINGS, "x", None).findings
    chart = rates_chart(findings, shape)
    text = " ".join("".join(node.itertext()) for node in ET.fromstring(chart).iter() if node.tag.endswith("text"))
    assert all(finding.title in text for finding in findings)
    assert "var(--fail)" in chart
    assert "#c0000" not in chart
    assert rates_chart(findings, shape) == chart


def test_long_titles_are_cut_in_the_chart_only(tmp_path: Path) -> None:
    title = "the model does not notice " + "very " * 40 + "long titles"
    page = page_of(tmp_path, (Plan("h1", title, "d", "f" * 40, "p" * 40, "side"),))
    chart = page[page.index("<svg") : page.index("</svg>")]
    assert title not in chart
    assert title in Links(page).text


TEXTS = st.text(alphabet=st.sampled_from("ab c"), max_size=30)


@given(TEXTS, TEXTS)
def test_comparing_loses_no_word_and_marks_only_what_differs(a: str, b: str) -> None:
    left, right = words.compare(a, b)
    assert " ".join(part.text for part in left).split() == a.split()
    assert " ".join(part.text for part in right).split() == b.split()
    assert [part.text for part in left if not part.changed] == [part.text for part in right if not part.changed]


@given(st.floats(0, 1))
def test_a_small_probability_never_reads_as_nothing(value: float) -> None:
    said = words.small(value)
    assert (said == "0") == (value == 0)
    assert re.fullmatch(r"\d(\.\d+)?|\d\u202f\u00d7\u202f10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+", said)


def test_an_arm_without_scores_has_no_rate_in_words() -> None:
    counts = Counts(n=2, fail=0, passed=0, unscorable=1, error=1, invalid=0, rate=None, interval=(0, 1))
    assert words.tally(counts, "probe").endswith("Nothing was scored, so there is no failure rate.")


def test_the_command_that_repeats_the_audit_quotes_what_needs_quoting() -> None:
    settings = SETTINGS.model_copy(update={"goal": "what's; rm -rf *", "limits": Limits(usd=2.5), "agreement": 0.88})
    command = words.command(settings)
    assert command.startswith(
        """faultfinder audit 'what'"'"'s; rm -rf *' --target lab:clip --corpus lab --people none --agreement 0.88"""
    )
    assert command.endswith("--seed 7 --max-usd 2.5")


def test_a_hypothesis_without_a_case_is_not_called_tested(tmp_path: Path) -> None:
    text = Links(page_of(tmp_path, (PLANS[0], Plan("h2", "places", "d", "", "", "side", judged=False)))).text
    assert "1 hypothesis was tested" in text
    assert "1 left open, 1 of them for want of a single case" in text
    assert "not tested" in text
