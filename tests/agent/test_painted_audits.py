"""Whole audits with pictures from elsewhere: dropped into a folder by a person, sent by a server, seen by a CLIP."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from faultfinder.agent import cli
from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.report.findings import FindingsFile
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Picture
from faultfinder.memory.records import AuditSettings, Limits, Outcome
from faultfinder.tools.encoder_eyes import EyesCalibration
from faultfinder.tools.targets.openai_images import KEY, PRICE, URL
from faultfinder.tools.targets.picture_folder import SHEET
from tests.support.audits import findings_of, settings, timeless
from tests.support.images_server import ImagesServer
from tests.support.painters import one_fewer

SECRET = "sk-very-secret-0123456789"


def chosen(place: Path, target: str, limits: Limits | None = None, **changes: object) -> AuditSettings:
    """Return the settings of an audit of one hypothesis on the lab's captions."""
    one = {"corpus": "lab", "probes": 10, "controls": 10, "limits": limits or Limits(hypotheses=1), **changes}
    return settings(place, target, **one)


def begin(place: Path, plan: AuditSettings, heard: list[Event]) -> str:
    with Audit.create(plan, place / plan.name, heard.append) as audit:
        return audit.run()


def resume(folder: Path, heard: list[Event], limits: Limits | None = None) -> str:
    with Audit.open(folder, heard.append, limits) as audit:
        return audit.run()


def sheet(pictures: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((pictures / SHEET).read_bytes().decode("utf-8-sig"))))


def paint(pictures: Path, rows: list[dict[str, str]]) -> None:
    """Do what a person does: have the prompts of a sheet painted, by a generator that cannot count."""
    painted = one_fewer().generate([row["prompt"] for row in rows], [int(row["seed"]) for row in rows])
    for row, image in zip(rows, painted, strict=True):
        image.save(pictures / row["file"])


@pytest.fixture
def heard() -> list[Event]:
    return []


def test_pictures_dropped_in_by_a_person_give_the_audit_that_the_generator_itself_gives(tmp_path, heard):
    pictures = tmp_path / "pictures"
    plan = chosen(tmp_path, f"folder:{pictures}")
    reason, trips = begin(tmp_path, plan, heard), []
    while reason.startswith("waiting for"):
        rows = sheet(pictures)
        assert reason.startswith(f"waiting for {len(rows)} picture")
        found = findings_of(tmp_path / "small")
        assert found.audit.stopped_by == reason
        trips.append(len(rows))
        paint(pictures, rows)
        reason = resume(tmp_path / "small", heard)
    assert len(trips) <= 4, "once for each round of the scout, and for cases bought later"
    assert trips.count(2 * 20) == 1, f"and once for all cases of the hypothesis: {trips}"

    directly = chosen(tmp_path / "directly", "python:tests.support.painters:one_fewer")
    assert begin(tmp_path / "directly", directly, heard) == reason
    assert without_names(tmp_path / "small") == without_names(tmp_path / "directly" / "small")


def without_names(folder: Path) -> dict[str, object]:
    """Return findings without what the generator is called."""
    found = timeless(folder)
    found["audit"]["target"] = None
    return found


def test_pictures_half_dropped_in_are_asked_for_again_and_refused_ones_are_unscorable(tmp_path, heard):
    pictures = tmp_path / "pictures"
    begin(tmp_path, chosen(tmp_path, f"folder:{pictures}"), heard)
    rows = sheet(pictures)
    paint(pictures, rows[::2])
    assert resume(tmp_path / "small", heard).startswith(f"waiting for {len(rows) - len(rows[::2])} pictures")
    missing = sheet(pictures)
    assert missing == [row for row in rows if row not in rows[::2]]
    paint(pictures, missing)
    assert resume(tmp_path / "small", heard).startswith("waiting for 40 pictures")
    cases = sheet(pictures)
    paint(pictures, cases[4:])
    for row in cases[:4]:
        (pictures / row["file"]).with_suffix(".txt").write_text("banned word")
    resume(tmp_path / "small", heard)
    finding = findings_of(tmp_path / "small").findings[0]
    assert finding.probes.unscorable + finding.control.unscorable == 2
    asked = sum(arm.n - arm.invalid for arm in (finding.probes, finding.control))
    assert asked == 20, "a refused pair is counted, not replaced"


@pytest.fixture
def server(monkeypatch):
    """Start a server and let specs find it."""
    started = []

    def start(**manners: object) -> ImagesServer:
        begun = ImagesServer(**manners).__enter__()
        started.append(begun)
        monkeypatch.setenv(URL, begun.url)
        monkeypatch.setenv(KEY, SECRET)
        monkeypatch.setenv(PRICE, "0.02")
        return begun

    yield start
    for begun in started:
        begun.__exit__()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the audit's connections end with its process
def test_refusals_of_a_server_are_unscorable_waits_are_seen_and_all_is_paid_once(tmp_path, heard, server):
    serving = server(manners=["429", "good", "500"], refuses="star")
    begin(tmp_path, chosen(tmp_path, "openai-images:scripted"), heard)
    found = findings_of(tmp_path / "small")
    with Ledger.open(tmp_path / "small" / "audit.db") as ledger:
        pictures = ledger.all(Picture)
    refused = [picture for picture in pictures if picture.refused]
    assert refused
    assert {"star" in picture.prompt.split() for picture in refused} == {True}
    assert not any("star" in picture.prompt.split() for picture in pictures if picture.image)
    assert all(
        (case.outcome is Outcome.UNSCORABLE) == any("star" in text.split() for text in (case.a, case.b))
        for finding in found.findings
        for case in finding.cases
    )
    assert found.budget.spent.images == len(pictures)
    assert found.budget.spent.usd == pytest.approx(0.02 * (len(pictures) - len(refused)))
    assert len(serving.bodies) == len(pictures) + 2, "every picture was asked for once, but for two that had to wait"
    waits = [event.text for event in heard if event.kind is EventKind.WAIT]
    assert [re.sub("waiting .*", "...", wait) for wait in waits] == [
        "openai-images:scripted: HTTP 429: slow down; ...",
        "openai-images:scripted: HTTP 500: the painter fell off the ladder; ...",
    ]
    assert SECRET not in json.dumps([event.text for event in heard])
    assert all(SECRET.encode() not in path.read_bytes() for path in (tmp_path / "small").rglob("*") if path.is_file())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(
    ("limits", "raised", "reason", "pictures"),
    [
        (Limits(usd=0.5, hypotheses=1), Limits(usd=0.7), "max_usd", (25, 35)),
        (Limits(images=30, hypotheses=1), Limits(images=44), "max_images", (30, 44)),
    ],
)
def test_a_limit_on_pictures_is_a_wall_over_all_sittings(tmp_path, heard, server, limits, raised, reason, pictures):
    serving = server()
    assert begin(tmp_path, chosen(tmp_path, "openai-images:scripted", limits), heard) == reason
    assert len(serving.bodies) == findings_of(tmp_path / "small").budget.spent.images == pictures[0]
    assert resume(tmp_path / "small", heard, raised) == reason
    assert len(serving.bodies) == len({body["prompt"] for body in serving.bodies}) == pictures[1]


def test_a_calibrated_encoder_judges_and_the_findings_say_how_good_it_is(tmp_path, heard):
    plan = chosen(tmp_path, "python:tests.support.painters:one_fewer", eyes="lab:clip-clear", people="none")
    begin(tmp_path, plan, heard)
    found = findings_of(tmp_path / "small")
    (eyes,) = found.eyes
    assert eyes.id == "lab:clip-clear"
    assert eyes.interval[0] > 0.85
    with Ledger.open(tmp_path / "small" / "audit.db") as ledger:
        assert ledger.all(EyesCalibration) == [eyes]
    assert FindingsFile.model_validate_json(found.model_dump_json(by_alias=True)) == found


def test_the_command_ends_by_saying_what_to_do(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    plan = ["--target", "folder:pictures", "--corpus", "lab", "--name", "mine", "--memory", str(tmp_path / "memory")]
    with pytest.raises(SystemExit) as ended:
        cli.main(["audit", "does it paint what I ask for?", *plan, "--max-images", "6", "--probes", "4"])
    assert ended.value.code == 0
    said = capsys.readouterr()
    assert "Waiting for 6 pictures: pictures/prompts.csv lists prompts and file names" in said.err
    assert said.err.strip().endswith("Then: faultfinder resume mine")
    assert "EMPTY AUDIT" not in said.out
    assert len(sheet(tmp_path / "pictures")) == 6
