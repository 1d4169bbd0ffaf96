"""How well do judges of pictures judge what `lab:t2i` paints, and does the correction for their errors help?

The truth is the lab's parser, whose own error is in the card. An encoder's margin is found on rendered scenes, as an
audit does; its sensitivity and specificity are measured on 500 painted pictures, and the failure rate of 500 others is
then estimated raw and corrected. ``--write`` puts the result into the generator's card.
"""

import argparse
from collections.abc import Sequence
from random import Random

from faultfinder.agent.pictures.correction import Share, compare_with_truth, rogan_gladen
from faultfinder.agent.pictures.showing import outcome_of
from faultfinder.lab.edits import ATTRIBUTES
from faultfinder.lab.measure import Case, draw_cases
from faultfinder.lab.measure_t2i import PaintedPair, paint_pairs
from faultfinder.lab.painter_truth import PictureJudgeTruth, read_painter_card, write_painter_card
from faultfinder.lab.t2i import load_painter
from faultfinder.lab.truth import Estimate, card_path
from faultfinder.memory.picture_records import Seen, Side, Sight
from faultfinder.memory.records import Outcome
from faultfinder.tools.encoder_eyes import EncoderEyes, ImageTextEncoder, calibrate_eyes
from faultfinder.tools.ports import Look, PictureJudge
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.rewording import TemplateRewriter

PAINTER = "t2i"
PAIRS = 250
"""Painted pairs of each sample: 500 pictures."""
JUDGES = ("lab:clip-clear", "lab:clip")
_SCORED = (Outcome.FAIL, Outcome.PASS)
_DRAWN, _MEASURED, _TESTED = 31_000, 32_000, 33_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write into the card where asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.picture_judges", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the result into the generator's card")
    write = parser.parse_args(arguments).write
    painter = load_painter(PAINTER)
    measured = list(paint_pairs(painter, _cases(_MEASURED), _MEASURED))
    tested = list(paint_pairs(painter, _cases(_TESTED), _TESTED))
    found = tuple(_judge(name, measured, tested) for name in JUDGES)
    for each in found:
        _say(each)
    if write:
        card = read_painter_card(card_path(PAINTER))
        write_painter_card(card.model_copy(update={"judges": found}), card_path(PAINTER))


def _cases(seed: int) -> list[Case]:
    """Cases of every attribute in equal parts, shuffled."""
    each = -(-PAIRS // len(ATTRIBUTES))
    cases = [case for attribute in ATTRIBUTES for case in draw_cases(attribute, each, seed)]
    Random(seed).shuffle(cases)
    return cases[:PAIRS]


def _judge(name: str, measured: Sequence[PaintedPair], tested: Sequence[PaintedPair]) -> PictureJudgeTruth:
    encoder = open_encoder(name)
    assert isinstance(encoder, ImageTextEncoder)
    calibration = calibrate_eyes(encoder, *_drawn(), name)
    eyes = EncoderEyes(encoder, calibration, TemplateRewriter())
    quality = compare_with_truth(_outcomes(eyes, measured), [_true(pair) for pair in measured])
    said = _outcomes(eyes, tested)
    truth = [_true(pair) for pair in tested]
    raw, n = _rate(said)
    looks = [both for pair in tested for both in zip(map(Seen, pair.shown), _seen(eyes, pair), strict=True)]
    decided = [(true, seen) for true, seen in looks if seen is not Seen.CANNOT_TELL]
    return PictureJudgeTruth(
        judge=name,
        threshold=calibration.threshold or 0.0,
        pictures=len(looks),
        decided=_estimate(_share(len(decided), len(looks))),
        right=_estimate(_share(sum(true is seen for true, seen in decided), len(decided))),
        sensitivity=_estimate(quality.sensitivity),
        specificity=_estimate(quality.specificity),
        true_rate=round(_rate(truth)[0], 4),
        raw_rate=round(raw, 4),
        corrected_rate=_rounded(rogan_gladen(raw, n, quality).rate),
    )


def _drawn() -> tuple[list[Look], list[Seen]]:
    """Rendered scenes, each with the caption that describes it and the edited one."""
    looks, truth = [], []
    for case in _cases(_DRAWN):
        for picture, shown in zip(case.pictures, (Seen.FIRST, Seen.SECOND), strict=True):
            looks.append(Look(picture, case.caption, case.edited))
            truth.append(shown)
    return looks, truth


def _outcomes(eyes: PictureJudge, pairs: Sequence[PaintedPair]) -> list[Outcome]:
    return [outcome_of(dict(zip(Side, _see(eyes, pair), strict=True))).outcome for pair in pairs]


def _seen(eyes: PictureJudge, pair: PaintedPair) -> list[Seen]:
    return [sight.seen for sight in _see(eyes, pair)]


def _see(eyes: PictureJudge, pair: PaintedPair) -> list[Sight]:
    return eyes.which([Look(picture, pair.first, pair.second) for picture in pair.pictures])


def _true(pair: PaintedPair) -> Outcome:
    return {True: Outcome.FAIL, False: Outcome.PASS, None: Outcome.UNSCORABLE}[pair.fails]


def _rate(outcomes: Sequence[Outcome]) -> tuple[float, int]:
    scored = [outcome for outcome in outcomes if outcome in _SCORED]
    return scored.count(Outcome.FAIL) / max(1, len(scored)), len(scored)


def _share(hits: int, n: int) -> Share:
    from faultfinder.agent.judge import wilson

    return Share(value=hits / n if n else None, interval=wilson(hits, n), n=n)


def _estimate(share: Share) -> Estimate:
    low, high = share.interval
    return Estimate(value=round(share.value or 0.0, 4), low=round(low, 4), high=round(high, 4), n=share.n)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _say(each: PictureJudgeTruth) -> None:
    corrected = "none" if each.corrected_rate is None else f"{each.corrected_rate:.3f}"
    print(
        f"{each.judge}: decides {each.decided.value:.2f} of {each.pictures} pictures, right in {each.right.value:.2f};",
        f"sensitivity {each.sensitivity.value:.2f}, specificity {each.specificity.value:.2f};",
        f"failure rate by the parser {each.true_rate:.3f}, raw {each.raw_rate:.3f}, corrected {corrected}",
    )


if __name__ == "__main__":
    main()
