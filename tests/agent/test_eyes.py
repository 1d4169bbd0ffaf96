"""Who looks at pictures: opened by spec, several of them asked to agree, encoders calibrated where truth is at hand."""

from pathlib import Path

import pytest

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.eyes import ChatEyes
from faultfinder.agent.pictures.eyes import DISAGREE, Panel, PeopleOnly, open_eyes
from faultfinder.agent.pictures.eyes_calibration import FEWEST_ANSWERS, Looking
from faultfinder.agent.pictures.files import keep_picture
from faultfinder.memory.errors import SpecError
from faultfinder.memory.people_records import Answer, Ask, Label, Question, Why
from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.memory.records import AuditSettings, Limits
from faultfinder.tools.corpora import Corpus, open_corpus
from faultfinder.tools.encoder_eyes import EncoderEyes, EyesCalibration
from faultfinder.tools.ports import Look, PictureJudge
from faultfinder.tools.targets.lab import LabEyes, lab_world

LEFT, RIGHT = "a red circle left of a blue square", "a red circle right of a blue square"
RED, GREEN = "a red circle", "a green circle"


class Says:
    """A judge that says what it is told."""

    def __init__(self, name: str, *seen: Seen) -> None:
        self.name = name
        self._seen = seen

    def which(self, looks):
        return [Sight(seen=seen, reason=f"{self.name} looked") for seen in self._seen]


@pytest.fixture
def looking(ledger, heard, tmp_path):
    """Build what a judge of pictures may need, for a corpus with a world or without."""

    def build(corpus: str = "lab", **settings: object) -> Looking:
        chosen = AuditSettings.model_validate({"name": "n", "goal": "g", "target": "t", "corpus": corpus, **settings})
        texts = (LEFT, RIGHT)
        opened = open_corpus("lab", 0) if corpus == "lab" else Corpus("two", texts, (None,) * len(texts))
        return Looking(chosen, opened, ledger, Budget(Limits(), ledger), heard.append, tmp_path)

    return build


def look(text: str, a: str, b: str) -> Look:
    return Look(lab_world().illustrator.picture(text), a, b)


def test_people_alone_place_every_picture():
    sights = PeopleOnly().which([look(LEFT, LEFT, RIGHT)] * 2)
    assert [sight.seen for sight in sights] == [Seen.CANNOT_TELL] * 2


def test_a_panel_says_what_all_that_can_tell_agree_on():
    one = Says("one", Seen.FIRST, Seen.FIRST, Seen.CANNOT_TELL, Seen.CANNOT_TELL, Seen.NEITHER)
    other = Says("other", Seen.FIRST, Seen.SECOND, Seen.SECOND, Seen.CANNOT_TELL, Seen.FIRST)
    panel = Panel([one, other])
    sights = panel.which([look(LEFT, LEFT, RIGHT)] * 5)
    assert [s.seen for s in sights] == [Seen.FIRST, Seen.CANNOT_TELL, Seen.SECOND, Seen.CANNOT_TELL, Seen.CANNOT_TELL]
    assert sights[1].reason == f"{DISAGREE}: one says first, other says second"
    assert sights[2].reason == "other looked"
    assert not sights[3].reason.startswith(DISAGREE)
    assert panel.name == "one + other"
    assert Panel([Says("one"), Says("other")]).which([]) == []


def test_specs_open_who_they_name(looking, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert isinstance(open_eyes("people", looking()), PeopleOnly)
    assert isinstance(open_eyes("truth", looking()), LabEyes)
    assert isinstance(open_eyes("lab:clip-clear", looking()), EncoderEyes)
    assert isinstance(open_eyes("openai:some-model", looking()), ChatEyes)
    panel = open_eyes(" truth + people", looking())
    assert isinstance(panel, PictureJudge)
    assert panel.name == "lab parser + people"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "has an empty part"),
        ("people+", "has an empty part; put one judge on each side"),
        ("people+people", "names a judge twice"),
        ("lab:oracle", "embeds texts but no pictures; name a CLIP-style model, openai:MODEL"),
        ("lab:t2i", "paints pictures; what is wanted here embeds texts"),
        ("parser", "names no target"),
        ("openai:", "names no chat model"),
    ],
)
def test_a_spec_that_names_nobody_says_what_to_do(looking, spec, said):
    with pytest.raises(SpecError, match=said):
        open_eyes(spec, looking())


def test_the_truth_is_known_of_some_corpora_only(looking):
    with pytest.raises(SpecError, match="--judge truth needs a corpus whose truth is known, such as --corpus lab"):
        open_eyes("truth", looking("some.txt"))


def test_where_a_world_knows_the_truth_an_encoder_is_calibrated_on_its_drawings(looking, ledger, heard):
    eyes = open_eyes("lab:clip-clear", looking())
    (found,) = ledger.all(EyesCalibration)
    assert found.id == "lab:clip-clear"
    assert found.looks > 200
    assert found.interval[0] > 0.85
    assert "decides from a margin of" in heard.of(EventKind.NOTE)[0]
    assert "other pictures of known content it decides" in heard.of(EventKind.NOTE)[0]
    sights = eyes.which([look(RED, RED, GREEN), look(GREEN, RED, GREEN)])
    assert [sight.seen for sight in sights] == [Seen.FIRST, Seen.SECOND]


def test_a_resumed_audit_looks_with_the_same_eyes(looking, ledger, heard):
    ledger.save([EyesCalibration(id="lab:clip-clear", threshold=1.5, method="earlier", looks=9)])
    (sight,) = open_eyes("lab:clip-clear", looking()).which([look(RED, RED, GREEN)])
    assert sight.seen is Seen.CANNOT_TELL
    assert not heard


def test_the_same_seed_calibrates_the_same(looking, ledger, tmp_path, heard):
    from faultfinder.agent.pictures.eyes_calibration import calibration_of
    from faultfinder.memory.ledger import Ledger
    from faultfinder.tools.registry import open_encoder

    encoder = open_encoder("lab:clip-clear")
    first = calibration_of("lab:clip-clear", encoder, looking())
    with Ledger.open(tmp_path / "other.db") as other:
        audit = looking()
        again = Looking(audit.settings, audit.corpus, other, audit.budget, heard.append, tmp_path)
        assert calibration_of("lab:clip-clear", encoder, again) == first


def placed(ledger, folder: Path, number: int, said: Answer, rater: str = "ann") -> None:
    """Have a person place one drawing."""
    shown = GREEN if number % 2 else RED
    image = keep_picture(folder, lab_world().illustrator.picture(shown))
    question = Question(id=f"q{number}", kind=Ask.WHICH, why=Why.SAMPLE, a=RED, b=GREEN, image=image)
    ledger.save([question, Label(id=f"{rater}{number}", question=question.id, rater=rater, answer=said, at="now")])


def test_elsewhere_people_s_answers_are_the_truth_once_there_are_enough(looking, ledger, tmp_path, heard):
    for number in range(FEWEST_ANSWERS - 1):
        placed(ledger, tmp_path, number, Answer.SECOND if number % 2 else Answer.FIRST)
    placed(ledger, tmp_path, 1000, Answer.CANNOT_TELL)
    audit = looking("some.txt")
    open_eyes("lab:clip-clear", audit)
    assert ledger.all(EyesCalibration) == [], "one answer short"
    placed(ledger, tmp_path, 1001, Answer.SECOND)
    open_eyes("lab:clip-clear", audit)
    (found,) = ledger.all(EyesCalibration)
    assert found.looks == FEWEST_ANSWERS
    assert found.right == 1.0
    assert heard.of(EventKind.NOTE)


def test_one_that_people_contradict_decides_nothing_and_that_is_said(looking, ledger, tmp_path, heard):
    for number in range(FEWEST_ANSWERS):
        placed(ledger, tmp_path, number, Answer.FIRST if number % 2 else Answer.SECOND)
    (sight,) = open_eyes("lab:clip-clear", looking("some.txt")).which([look(RED, RED, GREEN)])
    assert sight.seen is Seen.CANNOT_TELL
    assert "is not right often enough" in heard.of(EventKind.WARNING)[0]


def test_where_nobody_knows_the_truth_rewordings_give_the_margin(looking, ledger):
    eyes = open_eyes("lab:clip-clear", looking("some.txt"))
    (sight,) = eyes.which([look(RED, RED, GREEN)])
    assert ledger.all(EyesCalibration) == []
    assert "decides from" in sight.reason
