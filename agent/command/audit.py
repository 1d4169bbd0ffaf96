"""The commands that run audits: `audit` and `resume`."""

from pathlib import Path

import typer

from faultfinder.agent.budget import time_limit
from faultfinder.agent.command import options
from faultfinder.agent.folder.names import checked_name, claim
from faultfinder.agent.terminal.streams import err
from faultfinder.memory.records import AuditSettings

OUT = Path("audits")


def audit(
    goal: options.Goal,
    target: options.Target = "lab:clip",
    corpus: options.Corpus = "lab",
    inputs: options.Inputs = None,
    actions: options.Actions = None,
    pictures: options.PictureFolder = None,
    label_map: options.LabelMap = None,
    metric: options.Metric = "rouge-l",
    instruction: options.Instruction = None,
    explorer: options.Explorer = "ucb",
    queries: options.Queries = 1000,
    small_steps: options.SmallSteps = False,
    seed: options.Seed = 0,
    llm: options.Llm = "offline",
    llm_url: options.LlmUrl = None,
    reference: options.Reference = None,
    downstream: options.Downstream = None,
    judge: options.PictureJudge = None,
    people: options.People = options.PeoplePolicy.AUTO,
    ratings: options.Ratings = 100,
    agreement: options.Agreement = None,
    probes: options.Probes = 40,
    controls: options.Controls = 40,
    hours: options.Hours = None,
    max_minutes: options.Minutes = None,
    max_hypotheses: options.Hypotheses = None,
    max_llm_calls: options.LlmCalls = None,
    max_tokens: options.Tokens = None,
    max_usd: options.Usd = None,
    max_images: options.Images = None,
    name: options.NewName = None,
    out: options.Out = OUT,
    memory: options.Memory = None,
    fresh: options.Fresh = False,
    detach: options.Detach = False,
    otel: options.Otel = False,
) -> None:
    r"""Audit a model: find its systematic failures, and prove them on fresh inputs.

    Without options it audits the lab's own small encoder, offline, in a minute or two:

        faultfinder audit "does it understand where things are?"

    A sentence encoder from a folder, on captions of yours, for at most ten minutes:

        faultfinder audit "what does it miss?" --target sentence-transformers:DIR --corpus texts.txt --max-minutes 10

    A CLIP model, with a chat model of your own server proposing:

        faultfinder audit "can it count?" --target open_clip:ViT-B-32/openai --corpus coco.json
        --llm openai:MODEL --llm-url http://localhost:8080/v1

    A text-to-image model, asked for pairs of prompts that differ in one small thing:

        faultfinder audit "does it paint what I ask for?" --target lab:t2i

    A classifier, on pictures of yours, dark, rotated and blurred in every combination:

        faultfinder audit "does it fail in the dark?" --target timm:resnet50 --inputs pictures/
        --actions darkness,rotation,blur

    A chat model behind a server of your own, on texts that are mistyped:

        faultfinder audit "does it summarize as well when I mistype?" --target openai:MODEL@url=http://localhost:8080/v1
        --inputs texts.jsonl --actions typos,upper-case --instruction "Summarize in one sentence."

    For a night, in the background, exploring on its own; `faultfinder watch NAME` follows it, `faultfinder stop NAME`
    stops it in order:

        faultfinder audit "what does it miss?" --hours 8 --detach

    An encoder, its proven failures followed into the pictures of a model built on such encoders:

        faultfinder audit "does it understand where things are?" --downstream diffusers:DIR

    Exit codes: 0 finished or a limit met, 2 something to correct, 3 the model under audit failed, 4 nothing was tested
    (the audit says nothing about the model), 70 a fault of Faultfinder's own, 75 paused because the chat model keeps
    failing, 130 interrupted (after these two the report is written, and `resume` goes on).
    """
    from faultfinder.agent.running.at_terminal import begin, begin_detached

    chosen = _claim(goal, name, out, fresh=fresh)
    settings = AuditSettings(
        name=chosen,
        goal=_said(goal),
        target=target,
        reference=reference,
        corpus=corpus,
        inputs=inputs,
        actions=actions,
        pictures=pictures,
        label_map=label_map,
        metric=metric,
        instruction=instruction,
        explorer=explorer,
        queries=queries,
        small_steps=small_steps,
        llm=llm,
        llm_url=llm_url,
        agreement=agreement,
        seed=seed,
        limits=options.limits(
            time_limit(max_minutes, hours), max_hypotheses, max_llm_calls, max_tokens, max_usd, max_images
        ),
        explores=hours is not None,
        probes=probes,
        controls=controls,
        memory=memory,
        downstream=downstream,
        eyes=judge,
        people=people.value,
        ratings=ratings,
    )
    raise typer.Exit((begin_detached if detach else begin)(settings, out / chosen, otel=otel))


def resume(
    name: options.Name,
    out: options.Out = OUT,
    people: options.PeopleAgain = None,
    max_minutes: options.Minutes = None,
    max_hypotheses: options.Hypotheses = None,
    max_llm_calls: options.LlmCalls = None,
    max_tokens: options.Tokens = None,
    max_usd: options.Usd = None,
    max_images: options.Images = None,
    detach: options.Detach = False,
    otel: options.Otel = False,
) -> None:
    """Go on with an audit that was stopped, killed, met a limit, or waits for people or pictures.

    Nothing paid for is paid twice. Limits given here replace the audit's own; what was spent stays spent:

        faultfinder resume where-things-are --max-minutes 60

    Exit codes as of `audit`: 0 finished or a limit met, 2 something to correct, 3 the model under audit failed, 4
    nothing was tested, 70 a fault of Faultfinder's own, 75 paused, 130 interrupted.
    """
    from faultfinder.agent.running.at_terminal import go_on, go_on_detached

    limits = options.limits(max_minutes, max_hypotheses, max_llm_calls, max_tokens, max_usd, max_images)
    go = go_on_detached if detach else go_on
    raise typer.Exit(go(out / checked_name(name), limits, people.value if people else None, otel=otel))


def _claim(goal: str, name: str | None, out: Path, *, fresh: bool) -> str:
    claimed = claim(goal, name, out, fresh=fresh)
    if claimed.aside:
        err().print(f"The old audit is now {claimed.aside}", markup=False, soft_wrap=True)
    return claimed.name


def _said(goal: str) -> str:
    if not goal.strip():
        raise typer.BadParameter(
            'say what worries you, such as "does it understand where things are?"', param_hint="GOAL"
        )
    return goal
