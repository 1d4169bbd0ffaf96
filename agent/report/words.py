"""How a report says things: numbers, reasons, and what changed between two texts. No HTML here; everything is data."""

import difflib
import re
import shlex
from dataclasses import dataclass
from datetime import datetime

from faultfinder.agent.endings import ENOUGH_SEEN, FOR_PEOPLE, INTERRUPTED, NOTHING_MEASURED, NOTHING_NEW, PAUSED
from faultfinder.agent.folder.names import OBJECT
from faultfinder.memory.records import AuditSettings, Counts, Limits
from faultfinder.tools.people.raters import RaterAgreement

THIN = "\u202f"
DASH = "\u2013"
_TIMES = "\u00d7"
_CHANGES = ("inputs", "actions", "pictures", "label_map", "metric", "instruction", "explorer", "queries")
_USUAL = {name: AuditSettings.model_fields[name].default for name in _CHANGES}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_STOPS = {
    INTERRUPTED: "it was interrupted",
    NOTHING_NEW: "the scout found nothing new to test",
    ENOUGH_SEEN: "going on would probably find nothing new (see how the search went)",
    NOTHING_MEASURED: "the scout found no pair of texts that anybody could judge to differ in meaning",
    "max_minutes": "the time limit (--max-minutes) was reached",
    "max_hypotheses": "the limit on hypotheses (--max-hypotheses) was reached",
    "max_llm_calls": "the limit on chat model calls (--max-llm-calls) was reached",
    "max_tokens": "the limit on tokens (--max-tokens) was reached",
    "max_images": "the limit on pictures (--max-images) was reached",
    FOR_PEOPLE: "questions wait for people (faultfinder review)",
    "max_usd": "the spending limit (--max-usd) was reached",
}


@dataclass(frozen=True)
class Segment:
    """A run of words of a text, changed against the other text or not."""

    text: str
    changed: bool


def percent(rate: float | None) -> str:
    """Say a rate: '95 %'; a dash where there is none."""
    return DASH if rate is None else f"{rate:.0%}".replace("%", f"{THIN}%")


def span(interval: tuple[float, float]) -> str:
    """Say an interval of rates: '83-99 %'."""
    low, high = (f"{bound:.0%}".removesuffix("%") for bound in interval)
    return f"{low}{DASH}{high}{THIN}%"


def small(value: float | None) -> str:
    """Say a probability: '0.012', '3 x 10⁻⁹'; a dash where there is none."""
    if value is None:
        return DASH
    if value >= 0.001:
        return f"{value:.2g}" if value < 0.0995 else f"{value:.2f}"
    digits, exponent = f"{value:.0e}".split("e")
    return f"{digits}{THIN}{_TIMES}{THIN}10{str(int(exponent)).translate(_SUPERSCRIPT)}" if value else "0"


def cosine(value: float | None) -> str:
    """Say a similarity with three digits; a dash where there is none."""
    return DASH if value is None else f"{value:.3f}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """Say how many: '1 probe', '2 probes'."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def moment(iso: str | None) -> str:
    """Say a moment: '23 November 2026, 00:22 UTC'; unknown moments are said to be so."""
    if iso is None:
        return "not finished"
    try:
        then = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{then.day} {then:%B %Y, %H:%M} {then.tzname() or ''}".rstrip()


def tally(counts: Counts, noun: str) -> str:
    """Say how one arm ended, with every denominator."""
    scored = counts.fail + counts.passed
    ends = (
        f"Of {plural(counts.n, noun)} written, {counts.fail} failed and {counts.passed} passed; "
        f"{counts.unscorable} could not be scored, {counts.error} ended in an error, {counts.invalid} "
        f"{'was' if counts.invalid == 1 else 'were'} invalid and never shown to the model."
    )
    if not scored:
        return f"{ends} Nothing was scored, so there is no failure rate."
    interval = f"95{THIN}% interval {span(counts.interval)}"
    return f"{ends} That is a failure rate of {percent(counts.rate)} of the {scored} scored ({interval})."


def agreement(raters: RaterAgreement) -> str:
    """Say how well raters agree."""
    if raters.alpha is None:
        return f"How well raters agree cannot be said: {raters.reason}."
    interval = f", 95{THIN}% interval {raters.interval[0]:.2f}{DASH}{raters.interval[1]:.2f}" if raters.interval else ""
    return f"Their agreement (Krippendorff's alpha) is {raters.alpha:.2f}{interval}, on {plural(raters.items, 'item')}."


def stopped(reason: str) -> str:
    """Say why an audit ended."""
    if reason.startswith(PAUSED):
        return f"the chat model kept failing, and the audit was paused ({reason.removeprefix(PAUSED)})"
    return _STOPS.get(reason, reason)


def can_go_on(reason: str) -> bool:
    """Tell whether resuming would do more."""
    return reason not in (NOTHING_NEW, ENOUGH_SEEN, NOTHING_MEASURED)


def compare(a: str, b: str) -> tuple[list[Segment], list[Segment]]:
    """Split two texts into words that both have and words that differ."""
    first, second = _words(a), _words(b)
    matcher = difflib.SequenceMatcher(None, [w.lower() for w in first], [w.lower() for w in second], autojunk=False)
    left, right = [], []
    for kind, i, j, k, n in matcher.get_opcodes():
        left.append(Segment(" ".join(first[i:j]), kind != "equal"))
        right.append(Segment(" ".join(second[k:n]), kind != "equal"))
    return [part for part in left if part.text], [part for part in right if part.text]


def command(settings: AuditSettings) -> str:
    """Return the command, or where objects were handed over the call, that runs the same audit again."""
    if objects_of(settings):
        return _call(settings)
    words = ["faultfinder", "audit", settings.goal, "--target", settings.target, "--corpus", settings.corpus]
    words += [
        word for name in _CHANGES if (value := getattr(settings, name)) != _USUAL[name] for word in _option(name, value)
    ]
    words += ["--small-steps"] if settings.small_steps else []
    words += ["--reference", settings.reference] if settings.reference else []
    words += ["--llm", settings.llm] if settings.llm != "offline" else []
    words += ["--downstream", settings.downstream] if settings.downstream else []
    words += ["--judge", settings.eyes] if settings.eyes else []
    words += ["--people", settings.people]
    words += ["--agreement", str(settings.agreement)] if settings.agreement is not None else []
    words += ["--probes", str(settings.probes), "--controls", str(settings.controls), "--seed", str(settings.seed)]
    words += ["--hours", f"{hours:.10g}"] if (hours := hours_of(settings)) else []
    return shlex.join([*words, *_caps(_further_limits(settings))])


def _option(name: str, value: object) -> list[str]:
    return [f"--{name.replace('_', '-')}", str(value)]


def hours_of(settings: AuditSettings) -> float | None:
    """Return for how many hours an audit explores; None where it is one pass."""
    return settings.limits.minutes / 60 if settings.explores and settings.limits.minutes else None


def _further_limits(settings: AuditSettings) -> Limits:
    """Return the limits beside the hours."""
    return settings.limits.model_copy(update={"minutes": None}) if hours_of(settings) else settings.limits


def objects_of(settings: AuditSettings) -> dict[str, str]:
    """Return which models a Python program handed over as objects, and what the audit calls them."""
    models = {"target": settings.target, "reference": settings.reference, "downstream": settings.downstream}
    return {role: spec for role, spec in models.items() if spec and spec.startswith(OBJECT)}


def resumption(settings: AuditSettings) -> str:
    """Return the command, or where objects were handed over the call, that goes on with an audit."""
    objects = objects_of(settings)
    if not objects:
        return f"faultfinder resume {settings.name}"
    again = [f"{role}=<{spec.removeprefix(OBJECT)}>" for role, spec in objects.items()]
    return f"faultfinder.agent.resume({', '.join([repr(settings.name), *again])})"


def _call(settings: AuditSettings) -> str:
    usual, objects = AuditSettings(name="", goal="", target="", corpus=""), objects_of(settings)
    left_out = {"name", "goal", "limits", "memory", "eyes", "people", "explores", *objects}
    said = {field: value for field, value in settings if field not in left_out and value != getattr(usual, field)}
    limits = {f"max_{limit}": value for limit, value in _further_limits(settings).model_dump(exclude_none=True).items()}
    hours = {"hours": hours_of(settings)} if hours_of(settings) else {}
    judges = {"judge": settings.eyes} if settings.eyes else {}
    words = [f"{name}=<{spec.removeprefix(OBJECT)}>" for name, spec in objects.items()]
    words += [
        f"{name}={value!r}" for name, value in {**said, **judges, **hours, "people": settings.people, **limits}.items()
    ]
    return f"faultfinder.agent.audit({', '.join([repr(settings.goal), *words])})"


def _caps(limits: Limits) -> list[str]:
    given = limits.model_dump(exclude_none=True)
    return [word for name, value in given.items() for word in (f"--max-{name.replace('_', '-')}", f"{value:.10g}")]


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)
