"""Pairs painted and looked at, once each: whatever is killed, deleted, refused or broken in between."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from faultfinder.agent.events import EventKind
from faultfinder.agent.measuring import painted_outcomes
from faultfinder.agent.pictures.files import open_picture, picture_path, sha256
from faultfinder.agent.pictures.studio import LOOKS
from faultfinder.memory.errors import PictureRefused, TargetError
from faultfinder.memory.picture_records import Picture, Seen, Side, Sight, Sighting
from faultfinder.memory.records import Outcome
from faultfinder.tools.ports import Look
from tests.support.painters import mirrored, truthful
from tests.support.studios import CASES, Fickle, Obliging, case, outcomes, raises


def test_both_prompts_of_a_pair_get_the_same_seed_and_other_pairs_others(studio):
    generator = Obliging()
    studio(generator).exhibit(CASES)
    seeds = {prompt: seed for batch in generator.given for prompt, seed in batch}
    assert all(seeds[each.a] == seeds[each.b] for each in CASES)
    assert len(set(seeds.values())) == len(CASES)
    again = Obliging()
    studio(again, seed=1).seed_of(CASES[0])
    assert studio(again, seed=1).seed_of(CASES[0]) != studio(again, seed=0).seed_of(CASES[0])


def test_what_is_painted_right_passes_and_what_is_painted_wrong_fails(studio):
    assert outcomes(studio(truthful())) == [Outcome.PASS] * len(CASES)
    assert outcomes(studio(mirrored())) == [Outcome.FAIL] * len(CASES)


def test_pictures_are_kept_by_content_with_what_shaped_them(studio, ledger, tmp_path):
    generator = Obliging()
    generator.settings = {"device": "paper", "steps": "1"}
    studio(generator).exhibit(CASES[:1])
    pictures = ledger.all(Picture)
    assert [(p.prompt, p.generator, p.settings) for p in pictures] == [
        (text, "obliging", {"device": "paper", "steps": "1"}) for text in (CASES[0].a, CASES[0].b)
    ]
    for picture in pictures:
        assert sha256(picture_path(tmp_path, picture.image).read_bytes()) == picture.image
    assert open_picture(tmp_path, "../" + "0" * 61) is None


def test_each_picture_is_painted_once_and_looked_at_once(studio, eyes):
    generator = Obliging()
    first = studio(generator).exhibit(CASES)
    assert studio(generator).exhibit(CASES) == first
    assert len(generator.prompts) == len(set(generator.prompts)) == 2 * len(CASES)
    assert sum(eyes.shown) == 2 * len(CASES)


def test_killed_while_looking_what_was_seen_is_not_shown_again(studio, eyes):
    many = [case(number) for number in range(LOOKS)]
    judge, ends = eyes.which, iter([False, True])

    def killed(looks: Sequence[Look]) -> list[Sight]:
        if next(ends, False):
            raise KeyboardInterrupt
        return judge(looks)

    eyes.which = killed
    with pytest.raises(KeyboardInterrupt):
        studio(truthful()).exhibit(many)
    studio(truthful()).exhibit(many)
    assert eyes.shown == [LOOKS, LOOKS]


def test_a_deleted_picture_is_painted_again_exactly(studio, ledger, tmp_path, eyes):
    generator = Obliging()
    before = studio(generator).exhibit(CASES[:2])
    lost = before[CASES[0].id].pictures[Side.A]
    path = picture_path(tmp_path, lost.image)
    content = path.read_bytes()
    path.unlink()
    after = studio(generator).exhibit(CASES[:2])
    assert path.read_bytes() == content
    assert generator.prompts[4:] == [CASES[0].a]
    assert after[CASES[0].id].sights == before[CASES[0].id].sights


def test_a_spoilt_file_is_no_picture_and_painted_again(studio, tmp_path):
    generator = Obliging()
    before = studio(generator).exhibit(CASES[:1])
    path = picture_path(tmp_path, before[CASES[0].id].pictures[Side.A].image)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    studio(generator).exhibit(CASES[:1])
    assert path.read_bytes() == content


def test_a_deleted_picture_that_cannot_be_repeated_is_a_new_one_paid_and_looked_at(studio, ledger, tmp_path, eyes):
    generator = Fickle("fickle")
    before = studio(generator).exhibit(CASES[:1])[CASES[0].id]
    picture_path(tmp_path, before.pictures[Side.A].image).unlink()
    after = studio(generator).exhibit(CASES[:1])[CASES[0].id]
    again = studio(generator).exhibit(CASES[:1])[CASES[0].id]
    assert after == again, "it is painted again once, not each time"
    assert after.pictures[Side.A].image != before.pictures[Side.A].image
    assert after.pictures[Side.B] == before.pictures[Side.B]
    assert ledger.spend().images == 3
    assert ledger.spend().usd == pytest.approx(0.3)
    assert sum(eyes.shown) == 3
    assert {seen.picture for seen in ledger.all(Sighting)} == {p.id for p in ledger.all(Picture)}


def test_changed_weights_under_the_same_name_are_painted_and_seen_anew(studio, eyes):
    first, second = truthful(), mirrored()
    first.name = second.name = "lab:under-construction"
    assert outcomes(studio(first), CASES[:1]) == [Outcome.PASS]
    assert outcomes(studio(second), CASES[:1]) == [Outcome.FAIL]
    assert sum(eyes.shown) == 4


def test_a_refused_prompt_is_unscorable_and_counted_and_the_rest_is_painted(studio, ledger):
    generator = Obliging(raises(PictureRefused("no blue here"), CASES[0].a.split()[1]))
    seen = painted_outcomes(studio(generator), CASES)
    refused = [each for each in seen if each.outcome is Outcome.UNSCORABLE]
    assert len(refused) < len(CASES)
    assert {each.detail for each in refused} == {"the generator refused: no blue here"}
    assert {each.outcome for each in seen} == {Outcome.UNSCORABLE, Outcome.PASS}
    asked = len(generator.prompts)
    painted_outcomes(studio(generator), CASES)
    assert len(generator.prompts) == asked, "a refusal is not asked for again"
    assert all(p.image is None for p in ledger.all(Picture) if p.refused)


def test_a_generator_that_fails_at_one_prompt_of_a_batch_costs_that_case_only(studio, heard):
    generator = Obliging(raises(TargetError("out of paint"), CASES[2].b))
    found = outcomes(studio(generator))
    assert found == [Outcome.PASS] * 2 + [Outcome.ERROR] + [Outcome.PASS] * 3
    assert heard.of(EventKind.WARNING) == [f"no picture of {CASES[2].b!r}: out of paint"]


def test_what_nobody_could_place_stays_open(studio, eyes):
    eyes.which = lambda looks: [Sight(seen=Seen.CANNOT_TELL, reason="too dark") for _ in looks]
    (seen,) = painted_outcomes(studio(truthful()), CASES[:1])
    assert (seen.outcome, seen.detail) == (Outcome.UNSCORABLE, "cannot tell what a picture shows (too dark)")


def test_no_cases_nothing_happens(studio, eyes):
    generator = Obliging()
    assert studio(generator).exhibit([]) == {}
    assert generator.given == eyes.shown == []


def test_pictures_in_a_report_are_small_and_the_originals_stay(tmp_path: Path):
    from faultfinder.agent.pictures.drawing import painted_pictures
    from faultfinder.agent.pictures.files import keep_picture

    small, large = Image.new("RGB", (48, 48), "red"), Image.effect_noise((1500, 900), 60).convert("RGB")
    shas = [keep_picture(tmp_path, image) for image in (small, large)]
    shown = painted_pictures([*shas, shas[0], None, "f" * 64, "../../etc/passwd"], tmp_path)
    assert list(shown) == shas
    assert shown[shas[0]].startswith("data:image/png;base64,")
    assert shown[shas[1]].startswith("data:image/jpeg;base64,")
    assert len(shown[shas[1]]) < 100_000
    assert open_picture(tmp_path, shas[1]).size == (1500, 900)


def test_a_report_says_which_pictures_are_gone():
    from faultfinder.agent.report.downstream_facts import PaintedSide
    from faultfinder.agent.report.findings import TriedCase
    from faultfinder.agent.report.painted_view import painted_groups
    from faultfinder.memory.records import Role

    there, gone = (PaintedSide(image=sha * 64, seed=1, seen=Seen.FIRST, seen_by="truth") for sha in "ab")
    tried = TriedCase(
        case="h1-p01", role=Role.PROBE, a="a red star", b="a blue star", target_similarity=None,
        reference_similarity=None, outcome=Outcome.FAIL, painted_a=there, painted_b=gone,
    )  # fmt: skip
    ((pair,),) = [group.pairs for group in painted_groups([tried], {"a" * 64: "data:image/png;base64,x"})]
    assert "gone" not in pair.shows_a
    assert pair.shows_b == "shows the other text (truth); its file is gone from images/"
    assert pair.picture_b is None
