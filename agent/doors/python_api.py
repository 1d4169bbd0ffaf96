"""Audits from a Python program: `from faultfinder.agent import audit`.

The same options, defaults and errors as the command line, which runs the same code; quiet unless asked. Nothing heavy
is imported before an audit begins.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from faultfinder.agent.budget import time_limit
from faultfinder.agent.events import Event, EventKind, Listener, silent
from faultfinder.agent.folder.names import CORPUS, checked_name, claim
from faultfinder.memory.errors import CorpusError, OptionError
from faultfinder.memory.records import AuditSettings, Limits, PeoplePolicy

if TYPE_CHECKING:
    from faultfinder.agent.doors.result import AuditResult
    from faultfinder.agent.given import Given, Target
    from faultfinder.tools.ports import ImageGenerator, TextEncoder

OUT = "audits"


def audit(
    goal: str,
    *,
    target: "str | Target" = "lab:clip",
    corpus: str | Path | Iterable[str] = "lab",
    inputs: str | Path | None = None,
    actions: str | None = None,
    pictures: str | Path | None = None,
    label_map: str | Path | None = None,
    metric: str = "rouge-l",
    instruction: str | None = None,
    explorer: str = "ucb",
    queries: int = 1000,
    small_steps: bool = False,
    ratings: int = 100,
    seed: int = 0,
    llm: str = "offline",
    llm_url: str | None = None,
    reference: "str | TextEncoder | None" = None,
    downstream: "str | ImageGenerator | None" = None,
    judge: str | None = None,
    people: PeoplePolicy = "auto",
    agreement: float | None = None,
    probes: int = 40,
    controls: int = 40,
    hours: float | None = None,
    max_minutes: float | None = None,
    max_hypotheses: int | None = None,
    max_llm_calls: int | None = None,
    max_tokens: int | None = None,
    max_usd: float | None = None,
    max_images: int | None = None,
    name: str | None = None,
    out: str | Path = OUT,
    memory: str | Path | None = None,
    fresh: bool = False,
    otel: bool = False,
    progress: Listener | None = None,
) -> "AuditResult":
    """Audit a model: find its systematic failures, and prove them on fresh inputs.

    Args:
        goal: what worries you, in a sentence.
        target: the model under audit: a spec, or any object with `name` and `embed_texts(texts)`,
            `generate(prompts, seeds)`, `classify(images)` and `labels`, or `respond(texts)`.
        corpus: where sentences come from: `lab`, a file, or texts (at least 100 different ones).
        inputs: inputs whose truth is known, to be changed and asked about: `lab`, a folder with one sub-folder per
            label, a .csv or .jsonl table, a COCO instances file (`FILE@whole` and `FILE@largest` take whole pictures by
            their only or largest category); several with commas between them; None for none.
        actions: what is done to them: `rotation,darkness=0.1:0.5:1`; None for what the goal names.
        pictures: folder of the pictures that a table or COCO file of `inputs` names; None for beside the file.
        label_map: a CSV with the columns truth and label; None for labels of the same name.
        metric: how a text model's answers are scored: `rouge-l`, `bleu` or `chrf`.
        instruction: what a chat model under audit is told to do with a text, which goes where it says `{text}`, or
            after it; None: summarize it.
        explorer: who chooses what to try: `ucb`, `thompson`, `dqn`, `ppo`, `bayes`, `epsilon-greedy`, `random` or
            `exhaustive`.
        queries: changed inputs that the explorer may try.
        ratings: how often people are asked at most how bad a failure is; 0 for never.
        small_steps: explore by small steps from the unchanged input (`dqn`, `ppo`, `random`).
        seed: the same seed gives the same findings.
        llm: `offline`, or `openai:MODEL` for a chat model.
        llm_url: base URL of any OpenAI-compatible server.
        reference: an encoder trusted to tell meanings apart, a spec or an object.
        downstream: a generator that proven failures of an encoder are followed into, a spec or an object.
        judge: who says what a picture shows; None for the strongest at hand.
        people: what to do where no machine is sure: `auto`, `later`, `wait` or `none`.
        agreement: fixed similarity from which the model takes two texts for the same; None for each text's own
            rewordings.
        probes: cases per hypothesis that should fail.
        controls: matched cases that should not.
        hours: explore on its own for at most so many hours, until another would probably find nothing; None for one
            pass.
        max_minutes: a wall, like all that follow; None for no limit.
        max_hypotheses: hypotheses tested.
        max_llm_calls: calls to the chat model.
        max_tokens: tokens in and out.
        max_usd: US dollars, where the price is known.
        max_images: pictures painted.
        name: name of the audit's folder; None makes one from the goal.
        out: folder that holds the audits.
        memory: folder or URL of the failure memory; None for your data folder.
        fresh: if the name is taken, move the old audit aside.
        otel: send traces (steps, calls, experiments; no texts) where OTEL_EXPORTER_OTLP_ENDPOINT says.
        progress: told everything that happens, an `Event` at a time.

    Returns:
        What was found. A `KeyboardInterrupt` loses nothing: `resume` goes on.

    Raises:
        OptionError: an option is out of its range.
        SpecError: a model cannot be opened.
        CorpusError: the corpus cannot be used.
        TargetError: the model failed at everything it was asked.
        AuditError: the name is taken, or the folder cannot be written.
        FaultfinderError: the base of these and of all others.
    """
    from faultfinder.agent.doors.result import read_result
    from faultfinder.agent.running.at_terminal import new_audit, watched

    if not goal.strip():
        raise OptionError('goal is empty: say what worries you, such as "does it understand where things are?"')
    given = _taken(target, reference, downstream, corpus)
    numbers = _within(
        _Numbers,
        seed=seed,
        agreement=agreement,
        probes=probes,
        controls=controls,
        people=people,
        queries=queries,
        ratings=ratings,
    )
    _within(_Hours, hours=hours)
    minutes = time_limit(max_minutes, hours)
    limits = _limits(minutes, max_hypotheses, max_llm_calls, max_tokens, max_usd, max_images)
    claimed = claim(goal, name, Path(out), fresh=fresh)
    listen, folder = progress or silent, Path(out) / claimed.name
    if claimed.aside:
        listen(Event(kind=EventKind.NOTE, text=f"The old audit is now {claimed.aside}"))
    settings = AuditSettings(
        name=claimed.name,
        goal=goal,
        target=given.target.spec if given.target else str(target),
        reference=given.reference.spec if given.reference else _said(reference),
        corpus=str((folder / CORPUS).resolve()) if given.corpus is not None else str(corpus),
        inputs=_said(inputs),
        actions=actions,
        pictures=_said(pictures),
        label_map=_said(label_map),
        metric=metric,
        instruction=instruction,
        explorer=explorer,
        small_steps=small_steps,
        llm=llm,
        llm_url=llm_url,
        limits=limits,
        explores=hours is not None,
        memory=_said(memory),
        downstream=given.downstream.spec if given.downstream else _said(downstream),
        eyes=judge,
        **numbers.model_dump(),
    )
    with new_audit(settings, folder, listen, given) as begun, watched(begun, _warning(listen, otel=otel)) as watchers:
        begun.run(watchers=watchers)
    return read_result(folder)


def resume(
    name: str,
    *,
    out: str | Path = OUT,
    people: PeoplePolicy | None = None,
    max_minutes: float | None = None,
    max_hypotheses: int | None = None,
    max_llm_calls: int | None = None,
    max_tokens: int | None = None,
    max_usd: float | None = None,
    max_images: int | None = None,
    otel: bool = False,
    target: "Target | None" = None,
    reference: "TextEncoder | None" = None,
    downstream: "ImageGenerator | None" = None,
    progress: Listener | None = None,
) -> "AuditResult":
    """Go on with an audit that was stopped, killed, met a limit, or waits for people or pictures.

    Nothing paid for is paid twice. Of a finished audit this returns what it found.

    Args:
        name: the audit's name.
        out: folder that holds the audits.
        people: change the audit's policy towards people; None leaves it.
        max_minutes: in place of the audit's own limit; what was spent stays spent.
        max_hypotheses: as above.
        max_llm_calls: as above.
        max_tokens: as above.
        max_usd: as above.
        max_images: as above.
        otel: send traces of this sitting.
        target: the object that the audit began with, where it began with one.
        reference: as above.
        downstream: as above.
        progress: told everything that happens, an `Event` at a time.

    Raises:
        AuditError: there is no such audit, or another process holds it.
        FaultfinderError: the base of this and of all others.
    """
    from faultfinder.agent.doors.result import read_result
    from faultfinder.agent.running.at_terminal import watched
    from faultfinder.agent.running.audits import Audit

    folder = Path(out) / checked_name(name)
    given = _taken(target, reference, downstream)
    limits = _limits(max_minutes, max_hypotheses, max_llm_calls, max_tokens, max_usd, max_images)
    listen = progress or silent
    with (
        Audit.open(folder, listen, limits, people, given) as opened,
        watched(opened, _warning(listen, otel=otel)) as watchers,
    ):
        opened.run(watchers=watchers)
    return read_result(folder)


Ranges = TypeVar("Ranges", bound=BaseModel)

_Count = Annotated[int, Field(ge=1, le=10_000)]
_Positive = Annotated[int | None, Field(ge=0)]


class _Numbers(BaseModel):
    """The ranges of the options that shape an audit, as the command line has them."""

    model_config = ConfigDict(strict=True)

    seed: Annotated[int, Field(ge=0)]
    agreement: Annotated[float | None, Field(ge=-1, le=1)]
    probes: _Count
    controls: _Count
    people: PeoplePolicy
    queries: Annotated[int, Field(ge=1, le=100_000)]
    ratings: Annotated[int, Field(ge=0, le=100)]


class _Hours(BaseModel):
    """The range of the hours to explore for."""

    model_config = ConfigDict(strict=True)

    hours: Annotated[float | None, Field(ge=0.01)]


class _Walls(BaseModel):
    """The ranges of the limits, as the command line has them."""

    model_config = ConfigDict(strict=True)

    max_minutes: Annotated[float | None, Field(ge=0.01)]
    max_hypotheses: Annotated[int | None, Field(ge=1)]
    max_llm_calls: _Positive
    max_tokens: _Positive
    max_usd: Annotated[float | None, Field(ge=0)]
    max_images: _Positive


def _within(ranges: type[Ranges], **options: object) -> Ranges:
    try:
        return ranges.model_validate(options)
    except ValidationError as error:
        said = "; ".join(f"{fault['loc'][0]}={fault['input']!r}: {fault['msg'].lower()}" for fault in error.errors())
        raise OptionError(f"{said}. See help(faultfinder.agent.audit).") from error


def _limits(*walls: object) -> Limits:
    """Return the limits that were given, in the order of the options."""
    held = _within(_Walls, **dict(zip(_Walls.model_fields, walls, strict=True)))
    return Limits.model_validate({name.removeprefix("max_"): value for name, value in held})


def _warning(listen: Listener, *, otel: bool) -> Callable[[str], None] | None:
    return (lambda text: listen(Event(kind=EventKind.WARNING, text=text))) if otel else None


def _taken(target: object, reference: object, downstream: object, corpus: object = "") -> "Given":
    """Take what was given as an object; what was given as a spec, a path or not at all is opened later."""
    from faultfinder.agent.given import Given, take_any, take_encoder, take_generator

    return Given(
        target=None if _named(target) else take_any(target, "target"),
        reference=None if _named(reference) else take_encoder(reference, "reference"),
        downstream=None if _named(downstream) else take_generator(downstream, "downstream"),
        corpus=None if _named(corpus) else _texts(corpus),
    )


def _named(thing: object) -> bool:
    return thing is None or isinstance(thing, (str, Path))


def _texts(corpus: object) -> tuple[str, ...]:
    if not isinstance(corpus, Iterable):
        raise CorpusError(f"the corpus is a {type(corpus).__name__}; give 'lab', a file, or a list of texts")
    texts = tuple(corpus)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise CorpusError(f"text {position} of the corpus is a {type(text).__name__}, not a string: {text!r:.80}")
    return texts


def _said(named: object) -> str | None:
    return None if named is None else str(named)
