"""How a model is trained: everything but the data."""

from pydantic import Field

from faultfinder.memory.records import Record

_HIGHEST, _LOWEST, _MILLION = 1e-3, 1e-6, 1.2e6


class Recipe(Record):
    """All that determines a training run on given data and one kind of machine."""

    rate: float = Field(default=1e-3, description="highest learning rate")
    steps: int = Field(default=1400, description="steps at most; fewer where the time or the data do not allow them")
    batch: int = Field(default=64, description="pictures in a step")
    replay: float = Field(default=0.5, description="share of a step's pictures that are ordinary, not the failure's")
    keep: float = Field(default=0.1, description="weight of staying near to the original on ordinary pairs")
    warm_up: float = Field(
        default=0.05, description="share of the steps in which the rate rises; a half cosine follows"
    )
    decay: float = Field(default=0.05, description="AdamW's weight decay")
    average: float = Field(default=0.98, description="how slowly the running average of the weights moves, below 1")
    seed: int = Field(default=0, description="draws the batches")


def rate_for(parameters: int) -> float:
    """Return a learning rate for so many parameters: 1e-3 for a million, 8e-6 for a ViT-B-32's 151 million."""
    return min(_HIGHEST, max(_LOWEST, _HIGHEST * _MILLION / max(parameters, 1)))
