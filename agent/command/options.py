"""The options of the command line, each with the help that teaches it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from faultfinder.memory.records import Limits

ASK, CHANGES, MODEL, JUDGE, LIMITS, PLACE = (
    "What to ask",
    "Changed inputs: how it fails where pictures are rotated, dark, blurred, ...",
    "Who proposes",
    "How it is judged",
    "Budget (a wall, over all sittings)",
    "Where",
)


class PeoplePolicy(StrEnum):
    """What an audit does where no machine is sure."""

    AUTO = "auto"
    LATER = "later"
    WAIT = "wait"
    NONE = "none"


Goal = Annotated[
    str,
    typer.Argument(help='What worries you, in a sentence: "does it understand where things are?"', show_default=False),
]
Name = Annotated[str, typer.Argument(help="The audit's name, as `faultfinder audits` lists it.", show_default=False)]
Target = Annotated[
    str, typer.Option(help="The model under audit. `faultfinder targets` lists what can be named.", rich_help_panel=ASK)
]
Corpus = Annotated[
    str,
    typer.Option(
        help="Where sentences come from: 'lab', or a .txt, .jsonl, .csv, COCO or SNLI file.", rich_help_panel=ASK
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        help="An encoder trusted to tell meanings apart (sentence-transformers:NAME). The lab needs none.",
        rich_help_panel=JUDGE,
        show_default="none",
    ),
]
Llm = Annotated[
    str, typer.Option(help="'offline' (no key, no network), or openai:MODEL for a chat model.", rich_help_panel=MODEL)
]
LlmUrl = Annotated[
    str | None,
    typer.Option(
        help="Base URL of any OpenAI-compatible server: http://localhost:8080/v1",
        rich_help_panel=MODEL,
        show_default="OpenAI's",
    ),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        help="Inputs whose truth is known, to be changed and asked about: 'lab', a folder with one sub-folder per "
        "label, a .csv or .jsonl table with path and label, a COCO instances file (its objects; FILE@whole, "
        "FILE@largest: whole pictures by their only or largest category); for a text model a .txt, .jsonl or .csv file "
        "of texts; for a generator a .toml file of prompts with slots. Several files or folders: commas between them.",
        rich_help_panel=CHANGES,
        show_default="none; the lab's, where the goal is about conditions",
    ),
]
Actions = Annotated[
    str | None,
    typer.Option(
        help="What is done to them, with levels of your own after an =: rotation,darkness=0.1:0.5:1,blur. Also scale, "
        "occlusion, contrast, gamma, saturation, hue, noise, jpeg; of texts typos,negation,synonyms and others.",
        rich_help_panel=CHANGES,
        show_default="what the goal names, else rotation,darkness,saturation",
    ),
]
PictureFolder = Annotated[
    str | None,
    typer.Option(
        "--pictures",
        help="Folder of the pictures that a table or COCO file of --inputs names.",
        rich_help_panel=CHANGES,
        show_default="beside the file",
    ),
]
LabelMap = Annotated[
    str | None,
    typer.Option(
        help="CSV with the columns truth,label: which of the model's labels are right for a label of the inputs.",
        rich_help_panel=CHANGES,
        show_default="labels of the same name",
    ),
]
Metric = Annotated[
    str,
    typer.Option(
        help="How a text model's answers are scored against the truth: rouge-l, bleu or chrf.",
        rich_help_panel=CHANGES,
    ),
]
Instruction = Annotated[
    str | None,
    typer.Option(
        help="What a chat model under audit (openai:, transformers:) is told to do with a text, which goes where it "
        "says {text}, or after it: 'Summarize in one sentence.'",
        rich_help_panel=CHANGES,
        show_default="summarize it in one or two sentences",
    ),
]
Explorer = Annotated[
    str,
    typer.Option(
        help="Who chooses what to try: ucb, thompson, dqn, ppo, bayes, epsilon-greedy, random, exhaustive.",
        rich_help_panel=CHANGES,
    ),
]
SmallSteps = Annotated[
    bool,
    typer.Option(
        "--small-steps",
        help="Explore by small steps from the unchanged input, each paid for, in place of whole changes (dqn, ppo, "
        "random).",
        rich_help_panel=CHANGES,
    ),
]
Queries = Annotated[
    int,
    typer.Option(min=1, max=100_000, help="Changed inputs that the explorer may try.", rich_help_panel=CHANGES),
]
Downstream = Annotated[
    str | None,
    typer.Option(
        help="A generator that proven failures of an encoder are followed into: lab:t2i, diffusers:DIR.",
        rich_help_panel=ASK,
        show_default="none",
    ),
]
PictureJudge = Annotated[
    str | None,
    typer.Option(
        "--judge",
        help="Who says what a picture shows: an image-text encoder (open_clip:NAME), openai:MODEL, people; "
        "two with a + between them, and people are asked where they disagree.",
        rich_help_panel=JUDGE,
        show_default="the strongest at hand",
    ),
]
People = Annotated[
    PeoplePolicy,
    typer.Option(
        help="Ask people where no machine is sure: 'later' goes on and folds answers in when they come, 'wait' pauses "
        "until they have answered, 'auto' is 'wait' where nobody but people can look at the pictures and else 'later', "
        "'none' does not ask.",
        rich_help_panel=JUDGE,
    ),
]
Ratings = Annotated[
    int,
    typer.Option(
        min=0,
        max=100,
        help="Failures on changed inputs that people are asked to rate at most: what matters is then explored.",
        rich_help_panel=JUDGE,
    ),
]
PeopleAgain = Annotated[
    PeoplePolicy | None,
    typer.Option("--people", help="Change the audit's policy towards people.", show_default="as it was"),
]
Agreement = Annotated[
    float | None,
    typer.Option(
        min=-1.0, max=1.0, rich_help_panel=JUDGE, show_default="each text's own rewordings",
        help="Fixed similarity from which the model takes two texts for the same.",
    ),
]  # fmt: skip
Probes = Annotated[
    int, typer.Option(min=1, max=10_000, help="Cases per hypothesis that should fail.", rich_help_panel=JUDGE)
]
Controls = Annotated[int, typer.Option(min=1, max=10_000, help="Matched cases that should not.", rich_help_panel=JUDGE)]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same findings.", rich_help_panel=ASK)]
NewName = Annotated[
    str | None,
    typer.Option("--name", help="Name of the audit's folder.", rich_help_panel=PLACE, show_default="from the goal"),
]
Out = Annotated[Path, typer.Option(help="Folder that holds the audits.", rich_help_panel=PLACE, file_okay=False)]
Memory = Annotated[
    str | None,
    typer.Option(
        help="Folder or URL of the failure memory, which outlives audits.",
        rich_help_panel=PLACE,
        show_default="your data folder",
    ),
]
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh", help="If the name is taken, move the old audit aside (nothing is deleted).", rich_help_panel=PLACE
    ),
]
Detach = Annotated[
    bool,
    typer.Option(
        "--detach", help="Run in the background; its words go to audit.log in its folder.", rich_help_panel=PLACE
    ),
]
Otel = Annotated[
    bool,
    typer.Option(
        "--otel",
        help="Send traces (steps, calls, experiments; no texts) to OTEL_EXPORTER_OTLP_ENDPOINT, or localhost:4318.",
        rich_help_panel=PLACE,
    ),
]
Minutes = Annotated[
    float | None,
    typer.Option("--max-minutes", min=0.01, help="Minutes of time.", rich_help_panel=LIMITS, show_default="no limit"),
]
Hours = Annotated[
    float | None,
    typer.Option(
        "--hours", min=0.01, rich_help_panel=LIMITS, show_default="one pass",
        help="Explore an encoder on its own for at most so many hours: it keeps a map of where it has looked, goes "
        "where a new failure is most likely, and stops earlier when another hour would probably find nothing.",
    ),
]  # fmt: skip
Hypotheses = Annotated[
    int | None,
    typer.Option("--max-hypotheses", min=1, help="Hypotheses tested.", rich_help_panel=LIMITS, show_default="no limit"),
]
LlmCalls = Annotated[
    int | None,
    typer.Option(
        "--max-llm-calls",
        min=0,
        help="Calls to chat models, one under audit included.",
        rich_help_panel=LIMITS,
        show_default="no limit",
    ),
]
Tokens = Annotated[
    int | None,
    typer.Option("--max-tokens", min=0, help="Tokens in and out.", rich_help_panel=LIMITS, show_default="no limit"),
]
Usd = Annotated[
    float | None,
    typer.Option(
        "--max-usd",
        min=0,
        help="US dollars, where the price is known.",
        rich_help_panel=LIMITS,
        show_default="no limit",
    ),
]
Images = Annotated[
    int | None,
    typer.Option("--max-images", min=0, help="Pictures painted.", rich_help_panel=LIMITS, show_default="no limit"),
]
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]


def limits(
    minutes: float | None,
    hypotheses: int | None,
    llm_calls: int | None,
    tokens: int | None,
    usd: float | None,
    images: int | None,
) -> Limits:
    """Return the limits that a command was given, in the order of its options."""
    return Limits(minutes=minutes, hypotheses=hypotheses, llm_calls=llm_calls, tokens=tokens, usd=usd, images=images)
