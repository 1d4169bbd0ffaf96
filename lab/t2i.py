"""The lab's text-to-image models by name: one painter, told by different text towers.

`t2i` is told by `clip`, so it paints at random what that tower does not tell apart; `t2i-clear` is told by
`clip-clear`; `t2i/PLANT` is told by `clip-clear` with that plant, so it inherits the plant's blindness.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from faultfinder.lab.clip import UnknownLabModelError, load
from faultfinder.lab.plants import PLANTS
from faultfinder.lab.storage import weights_path

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from faultfinder.lab.painter import ScenePipeline

STEPS = 16
"""Denoising steps of a picture unless told otherwise."""
_TOWERS = {"t2i": "clip", "t2i-clear": "clip-clear"} | {f"t2i/{name}": f"planted/{name}" for name in PLANTS}
_WEIGHTS = "t2i"


def painters() -> tuple[str, ...]:
    """The names of all text-to-image models of the lab."""
    return tuple(_TOWERS)


def tower_of(name: str) -> str:
    """The encoder whose text tower tells a text-to-image model what to paint.

    Raises:
        UnknownLabModelError: the lab has no text-to-image model of that name.
    """
    if name not in _TOWERS:
        raise UnknownLabModelError(f"the lab has no text-to-image model {name!r}; it has {', '.join(painters())}")
    return _TOWERS[name]


def load_painter(name: str, weights: Path | None = None) -> "ScenePipeline":
    """Load a text-to-image model as a diffusers pipeline, in eval mode.

    Args:
        name: one of `painters()`.
        weights: the painter's file; the one that ships with the package when not given.

    Raises:
        UnknownLabModelError: the lab has no text-to-image model of that name.
        FileNotFoundError: there is no such file.
    """
    from safetensors.torch import load_file

    from faultfinder.lab.painter import (
        SceneCondition,
        ScenePipeline,
        ScenePrior,
        SceneTextEncoder,
        build_denoiser,
        build_scheduler,
    )

    tower = tower_of(name)
    tensors = {key: value.float() for key, value in load_file(weights or weights_path(_WEIGHTS)).items()}
    encoder, condition, prior, denoiser = SceneTextEncoder(), SceneCondition(), ScenePrior(), build_denoiser()
    seen = load(tower).model.state_dict()  # type: ignore[union-attr]  # every tower named above is a trained one
    encoder.clip.load_state_dict({key: value for key, value in seen.items() if not key.startswith("visual.")})
    space = "clip" if tower == "clip" else "clip-clear"
    condition.load_state_dict(_under(f"conditions.{space}.", tensors))
    prior.load_state_dict(_under("prior.", tensors))
    denoiser.load_state_dict(_under("transformer.", tensors))
    pipeline = ScenePipeline(encoder.eval(), condition.eval(), prior.eval(), denoiser.eval(), build_scheduler())
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def save_painter(parts: Mapping[str, "Module"], path: Path | None = None) -> Path:
    """Write the painter's parts in half precision; readers see the old file or the new one, whole."""
    import torch
    from safetensors.torch import save_file

    path = path or weights_path(_WEIGHTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    weights = {f"{part}.{name}": value for part, module in parts.items() for name, value in module.state_dict().items()}
    save_file({name: tensor.to(torch.float16).contiguous() for name, tensor in weights.items()}, draft)
    draft.chmod(0o644)
    os.replace(draft, path)
    return path


def _under(prefix: str, tensors: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
