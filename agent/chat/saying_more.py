"""Saying what was looked up about the audit as a whole: cost, coverage, judging, comparisons, the memory, texts."""

from faultfinder.agent.chat.comparing import Arm, Compared
from faultfinder.agent.chat.facts import AuditSummary, MapFigures
from faultfinder.agent.chat.landscapes import LandscapeSeen, Place
from faultfinder.agent.chat.memory import Remembered, RememberedFailure
from faultfinder.agent.chat.saying import lines, quote
from faultfinder.agent.chat.workplace import Begun
from faultfinder.agent.report import words
from faultfinder.agent.report.findings import Status
from faultfinder.agent.scout.encoder_tools import Example, Neighbourhood
from faultfinder.agent.scout.picture_tools import PaintedPictures
from faultfinder.memory.records import Waitlisted

_SMALL = 0.0205
"""Rates below which tenths of a per cent are said."""

_SAID = {Status.CONFIRMED: "proven", Status.REFUTED: "refuted", Status.INCONCLUSIVE: "inconclusive"}


def cost(facts: AuditSummary) -> str:
    """Say what was spent, and what may be."""
    spent, limits = facts.spent, facts.limits
    money = f"{spent.usd:.2f} dollars" if spent.usd else "0 dollars"
    items = [
        f"{spent.minutes:.1f} minutes{_at_most(limits.minutes)}",
        f"{words.plural(spent.llm_calls, 'model call')}{_at_most(limits.llm_calls)}",
        f"{words.plural(spent.tokens, 'token')}{_at_most(limits.tokens)}",
        f"{money}{_at_most(limits.usd)}",
        f"{words.plural(spent.images, 'picture')}{_at_most(limits.images)}",
    ]
    tested = f"{words.plural(facts.tested, 'hypothesis', 'hypotheses')} of its own"
    asked = f" and {facts.asked} asked for in chats" if facts.asked else ""
    return lines(
        f"So far, over all sittings and this chat: {', '.join(items)} [audit].",
        f"That went into {tested}{asked}{_at_most(limits.hypotheses)}, on {facts.cases:,} cases [audit].",
    )


def unseen(facts: AuditSummary) -> str:
    """Say what the audit did not look at."""
    used = (
        f"{facts.texts_used:,} of {facts.texts:,} texts of the corpus were used by the scout or an experiment, the "
        "others not [audit]."
        if facts.texts and not (facts.explored and not facts.texts_used)
        else ""
        if facts.explored
        else "The corpus cannot be read now, so how much of it was used is not known."
    )
    looked = (
        f"The explorer tried {facts.explored:,} changed inputs [audit]."
        if facts.explored
        else f"The scout had {facts.painted:,} pairs of prompts painted that differ in one small thing [audit]."
        if facts.painted
        else f"The scout measured {facts.edits:,} pairs made by one small edit and {facts.agreements:,} pairs of texts "
        "that lie close [audit]."
    )
    lost = facts.invalid + facts.unscorable + facts.errors
    return lines(
        f"The audit ended because {quote(facts.stopped)} [audit].",
        used,
        looked,
        _map(facts.map),
        "Not looked at, therefore: changes that were not among the actions, inputs unlike these, and what was tried "
        "too seldom to stand out."
        if facts.explored
        else "Not looked at, therefore: differences that take more than one small edit, words and subjects that this "
        "corpus does not have, and what was close to no pair that the scout met.",
        f"It looked first at {', '.join(quote(kind) for kind in facts.focus)}, which the goal asks for [audit]."
        if facts.focus and not facts.explored
        else "",
        f"Without a result stayed {facts.invalid} invalid cases, {facts.unscorable} unscorable ones and {facts.errors} "
        "errors [audit]."
        if lost
        else "",
        f"{words.plural(facts.left_open, 'hypothesis was', 'hypotheses were')} left open [audit]."
        if facts.left_open
        else "",
        f"{facts.waiting_list} on the waiting list are still to be tested [audit]." if facts.waiting_list else "",
        f"{facts.texts_left_out:,} lines of the corpus file were not usable [audit]." if facts.texts_left_out else "",
        f"More is looked at with `faultfinder resume {facts.name}`, another goal, or another corpus.",
    )


def _map(charted: MapFigures | None) -> str:
    """Say where an audit that explored has looked, and what is probably left."""
    if charted is None:
        return ""
    ahead = (
        f"after {charted.passes:g} passes over it, going on would find another failure with a chance of "
        f"{charted.chance:.0%} [audit]."
        if charted.chance is not None
        else f"it had been over {charted.passes:g} of it when it ended, so what is left is unknown [audit]."
    )
    return (
        f"It kept a map of kinds of difference by {charted.areas} subject areas, and tried {charted.tried:,} edits in "
        f"{charted.cells:,} cells of it; {ahead}"
    )


def judged(facts: AuditSummary) -> str:
    """Say how cases and hypotheses were judged."""
    judges = ", ".join(f"{quote(each.judge)} ({each.cases:,} cases)" for each in facts.judged)
    if facts.scoring is not None:
        valid = "Whether a person could still read a changed input"
        invalid = "What no person could read"
        bar = f"The rule of an answer's result: {quote(facts.scoring)} [audit]."
        fresh = "inputs that the explorer never saw"
    else:
        valid, invalid = "Whether a case's two texts differ in meaning", "What is not known to differ"
        bar, fresh = _bar(facts), "texts that suggested nothing"
    return lines(
        f"{valid} is judged before the target is asked, here by {judges} [audit]."
        if judges
        else "No case was judged [audit].",
        f"{invalid} is invalid and never shown to the target: {facts.invalid} cases [audit].",
        bar,
        f"A hypothesis gets {facts.probes} probes that it says fail and {facts.controls} controls that it says do not, "
        f"all on {fresh} [audit].",
        "It is proven when the lower end of the probes' 95 % interval is at least one half and an exact test against "
        "the controls stays below this test's share of the error budget [audit].",
        f"All {facts.tests} tests so far share {words.percent(facts.error_budget)} of error [audit].",
    )


def _bar(facts: AuditSummary) -> str:
    """Say when a pair of texts, or of prompts, is a failure."""
    return (
        f"A pair fails when the target puts it at least as near as rewordings of its first text; over the whole corpus "
        f"that is {facts.threshold:.3f}, from {facts.rewordings:,} pairs of rewordings [audit]."
        if facts.threshold is not None
        else "A pair of prompts fails when a picture shows the other prompt, or neither [audit]."
    )


def compared(found: Compared, cite: str) -> str:
    """Say how two audits compare."""
    rows = [
        f"- [{met.here.id}] {quote(met.here.title)}: {_counts(met.here)} here; {_counts(met.there)} there [{cite}]"
        f"{'; the intervals do not overlap' if met.apart else ''}."
        for met in found.both
    ]
    return lines(
        f"Beside {quote(found.other)}, an audit of {quote(found.target)} with the goal {quote(found.goal)} [{cite}]:",
        *rows,
        *[f"- Only here: [{arm.id}] {quote(arm.title)}, {_SAID[arm.status]}." for arm in found.only_here],
        *[f"- Only there: {quote(arm.title)}, {_SAID[arm.status]} [{cite}]." for arm in found.only_there],
        "" if found.both or found.only_here or found.only_there else f"Neither of them tested a hypothesis [{cite}].",
    )


def known(found: Remembered, cite: str) -> str:
    """Say what the memory holds."""
    if not found.failures:
        return f"The failure memory holds nothing of {quote(found.target)} [{cite}]."
    earlier = [failure for failure in found.failures if set(failure.audits) and not _only_here(failure)]
    return lines(
        f"The failure memory holds {words.plural(found.held, 'failure')} of {quote(found.target)} [{cite}]:",
        *[_remembered(failure, cite) for failure in found.failures],
        "" if earlier else f"All of them come from this audit; nothing is known from earlier ones [{cite}].",
    )


def two_texts(example: Example, cite: str) -> str:
    """Say how near the target puts two texts."""
    takes = "takes" if example.target_similarity >= example.bar else "does not take"
    return lines(
        f"The target puts {quote(example.a)} and {quote(example.b)} at {example.target_similarity}; from {example.bar} "
        f"on it takes texts for rewordings of the first, so it {takes} these two for one [{cite}].",
        f"Whether their meaning differs: {quote(example.meaning)}, because {quote(example.reason)} [{cite}].",
        "One pair says little; a hypothesis about such pairs can be tested.",
    )


def neighbours(found: Neighbourhood, text: str, cite: str) -> str:
    """Say which corpus texts lie nearest."""
    rows = [f"- {quote(near.text)} at {near.similarity} [{cite}]." for near in found.neighbours]
    return lines(f"Nearest to {quote(text)} in the target's eyes:", *rows)


def painted(found: PaintedPictures, cite: str) -> str:
    """Say what was painted and what is seen in it."""
    rows = [
        f"- {quote(each.prompt)}: {quote(each.shows or each.refused or 'painted')} [{cite}]."
        if each.shows or each.refused
        else f"- {quote(each.prompt)} was painted [{cite}]."
        for each in found.pictures
    ]
    files = [f"  images/{each.image}.png" for each in found.pictures if each.image]
    return lines(*rows, *files)


def landscape(found: LandscapeSeen, cite: str) -> str:
    """Say how often a target fails by what is done to its inputs."""
    whole = found.overall
    told = f"over all {whole.actions} actions alike the rate is {_share(whole.rate)}"
    return lines(
        f"The explorer {quote(found.explorer)} tried {found.queries:,} changed {found.noun} made of {found.inputs}; "
        f"{told} [{cite}].",
        _place(found.unchanged, cite) if found.unchanged else "",
        *[_place(each, cite) for each in found.asked],
        "The worst:" if found.worst else "",
        *[_place(each, cite) for each in found.worst],
        "The best:" if found.best else "",
        *[_place(each, cite) for each in found.best],
        "By class, the worst first:" if found.classes else "",
        *[_place(each, cite) for each in found.classes],
        "Rates are drawn together with those of neighbouring levels. This is what the explorer saw; what stood out was "
        "tested anew. Ask for the findings to hear how that went.",
    )


def _place(place: Place, cite: str) -> str:
    spread = "from" if place.actions > 1 else "interval"
    between = f"{spread} {_share(place.low)} to {_share(place.high)}"
    return (
        f"- {quote(place.what)}: {place.fail} of {place.scored} answers tried were wrong, a rate of "
        f"{_share(place.rate)}, {between} [{cite}]."
    )


def _share(rate: float) -> str:
    """Say a rate in per cent, a small one to a tenth: below two a whole number would be off by much."""
    return f"{rate:.1%}" if rate < _SMALL else f"{rate:.0%}"


def queued(found: Waitlisted, cite: str, name: str) -> str:
    """Say that a hypothesis waits."""
    tested = f"`faultfinder resume {name}` tests it"
    return f"{quote(found.title)} is on the waiting list as {quote(found.id)} [{cite}]; {tested}."


def begun(found: Begun, cite: str) -> str:
    """Say what another audit came to."""
    return lines(
        f"The audit {quote(found.name)} has ended: {quote(found.headline)} [{cite}].",
        f"  {found.report}",
        f"`faultfinder chat {found.name}` talks about it.",
    )


def _counts(arm: Arm) -> str:
    return f"{_SAID[arm.status]}, {arm.fail} of {arm.scored} probes fail"


def _remembered(failure: RememberedFailure, cite: str) -> str:
    by = " and ".join(quote(audit) for audit in failure.audits)
    return (
        f"- {quote(failure.title)}, {words.percent(failure.rate)} of its probes failed ({words.span(failure.interval)})"
        f", proven by {by} [{cite}]."
    )


def _only_here(failure: RememberedFailure) -> bool:
    return failure.here_too and len(failure.audits) == 1


def _at_most(limit: float | None) -> str:
    return "" if limit is None else f" (at most {limit:g})"
