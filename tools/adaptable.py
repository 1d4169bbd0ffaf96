"""The port of generators that adapters can change, by which their failures are faded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from PIL.Image import Image


@runtime_checkable
class Adaptable(Protocol):
    """A generator that adapters can change: thin matrices beside its weights, which stay as they are."""

    name: str
    rate: float
    """The learning rate that suits its adapters."""
    contrast: float
    """How much it counts that a picture is explained better by its own caption than by the edited one; 0: nothing."""

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> Sequence[Image]:
        """Return one picture per prompt, in order, by the adapters as they are at that moment."""
        ...

    def adapt(self, seed: int) -> Any:  # noqa: ANN401 - tools.fading.lora.Adapters; torch is imported by trainers only
        """Put adapters beside the weights, and return them; until they are trained they change nothing.

        Raises:
            SpecError: it cannot be adapted.
        """
        ...

    def losses(self, captions: Sequence[str], pictures: Sequence[Image], dice: Sequence[int]) -> Any:  # noqa: ANN401
        """Return how badly each picture is explained by its caption, a torch tensor (n,), by the model's own loss.

        What is left to chance is drawn from a picture's own dice. Pictures that it cannot learn from are left out.
        """
        ...

    def save(self, folder: Path) -> str:
        """Write the adapters as they are now into a folder; return the spec that opens the model with them."""
        ...
