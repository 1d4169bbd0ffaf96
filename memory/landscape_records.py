"""What an explorer tried on changed inputs, and where it found that a target fails.

Inputs themselves (pictures, texts) are not kept: records hold the keys by which they are found again, and settings.
"""

from pydantic import Field

from faultfinder.memory.records import Outcome, Record

Level = float | str
"""What a factor can be set to."""


class Setting(Record):
    """A factor and the level it is set to."""

    factor: str = Field(description="what is changed: 'rotation'")
    level: Level = Field(description="to what: 10.0")


class Visit(Record):
    """One query of an explorer: an input under an action, and what came of it."""

    id: str = Field(description="exploration and number: 'explore-1-00042'")
    exploration: str = Field(description="id of the exploration it belongs to")
    input: str = Field(description="key of the input")
    action: int = Field(description="index of the action in the space")
    outcome: Outcome = Field(description="fail, pass, unscorable, error or invalid")
    severity: float | None = Field(
        default=None, description="how badly it missed, from 0 (sure of the truth) to 1; null where nothing was scored"
    )
    propensity: float | None = Field(
        default=None, description="chance with which the explorer would choose this action for this input; null: fixed"
    )
    said: str = Field(default="", description="what the target answered, in a few words")
