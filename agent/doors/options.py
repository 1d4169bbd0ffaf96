"""The options about changed inputs, as other programs are told of them: described once, for every door.

Defaults are those of the command line, except that nobody is asked unless a caller says so: who calls is a program.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from faultfinder.memory.records import AuditSettings, PeoplePolicy

_USUAL = {name: field.default for name, field in AuditSettings.model_fields.items()}

Inputs = Annotated[
    str | None,
    Field(
        description="inputs whose truth is known, to be changed and asked about: 'lab'; for a classifier a folder with "
        "one sub-folder per label, a table with path and label, a COCO instances file (its objects; FILE@whole, "
        "FILE@largest: whole pictures by their only or largest category); for a text model a file of texts; for a "
        "generator a .toml file of prompts with slots. Several files or folders: commas between them. Left out: none, "
        "or the lab's where the goal is "
        "about conditions such as darkness"
    ),
]
Actions = Annotated[
    str | None,
    Field(
        description="what is done to the inputs, with levels after an =: 'rotation,darkness=0.1:0.5:1' of pictures, "
        "'typos,negation' of texts. Left out: what the goal names, else rotation, darkness and saturation"
    ),
]
PictureFolder = Annotated[
    str | None, Field(description="folder of the pictures that a table or COCO file names. Left out: beside the file")
]
LabelMap = Annotated[
    str | None,
    Field(description="CSV with the columns truth,label: which of the model's labels are right for a label"),
]
Metric = Annotated[str, Field(description="how a text model's answers are scored: rouge-l, bleu or chrf")]
Instruction = Annotated[
    str | None,
    Field(
        description="what a chat model under audit is told to do with a text, which goes where it says {text}, or "
        "after it. Left out: summarize it"
    ),
]
Explorer = Annotated[
    str,
    Field(description="who chooses what to try: ucb, thompson, dqn, ppo, bayes, epsilon-greedy, random or exhaustive"),
]
Queries = Annotated[int, Field(ge=1, le=100_000, description="changed inputs that the explorer may try")]
SmallSteps = Annotated[
    bool, Field(description="explore by small steps from the unchanged input, each paid for (dqn, ppo, random)")
]
People = Annotated[
    PeoplePolicy,
    Field(
        description="ask people, who answer by `faultfinder review NAME`: later goes on meanwhile, wait pauses, auto "
        "waits only where nobody but people can look, none asks nobody"
    ),
]
Ratings = Annotated[
    int,
    Field(
        ge=0,
        le=100,
        description="failures on changed inputs that people are asked to rate at most, where any are asked",
    ),
]


class ChangeOptions(BaseModel):
    """What is changed, and who explores it."""

    model_config = ConfigDict(extra="ignore")

    inputs: Inputs = None
    actions: Actions = None
    pictures: PictureFolder = None
    label_map: LabelMap = None
    metric: Metric = _USUAL["metric"]
    instruction: Instruction = None
    explorer: Explorer = _USUAL["explorer"]
    queries: Queries = _USUAL["queries"]
    small_steps: SmallSteps = False
    people: People = "none"
    ratings: Ratings = _USUAL["ratings"]
