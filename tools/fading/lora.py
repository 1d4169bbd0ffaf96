"""Low-rank adapters beside the weights of a generator (LoRA, Hu et al., 2021), put in place by peft.

The weights themselves stay as they are. What a layer gives is its own answer plus B·A of its input, A and B being thin;
B begins as nothing (of embeddings, A does), so an adapted model begins as the original. The place on the line to the
original is how much of B counts: for such adapters that is the line between the weights (WiSE-FT, Wortsman et al.,
2022), since B·A is all that sets the two apart.

Knows tensors and peft; not what is learned.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - imported only where a model is trained

from faultfinder.tools.peft_here import require_peft
from faultfinder.tools.torchvision_shim import ensure_torchvision

Tensor = torch.Tensor
State = dict[str, Tensor]

ADAPTER = "fade"
"""What the adapters are called within peft."""

RANK = 8
"""Width of an adapter."""

_ADDED, _EMBEDDING = ("lora_A", "lora_embedding_B"), ("lora_B", "lora_embedding_A")
"""Of every pair one half is drawn, the other begins as nothing: that one carries the place on the line."""


@dataclass(frozen=True)
class Part:
    """A part of a generator that takes adapters.

    Attributes:
        module: The torch module.
        layers: Which layers are adapted, by how their names end.
    """

    module: Any
    layers: Sequence[str]


class Adapters(torch.nn.Module):
    """The adapters of all parts of a model, as a module of their own: what is trained, kept and put on the line."""

    def __init__(self, parts: Mapping[str, Part], seed: int, rank: int = RANK) -> None:
        """Put adapters beside the layers of a model's parts, whose own weights take no gradient from now on.

        Args:
            parts: the parts, by name.
            seed: draws the halves that do not begin as nothing.
            rank: how wide the adapters are.

        Raises:
            SpecError: peft is not installed.
        """
        super().__init__()
        self.parts, self.rank = dict(parts), rank
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            for part in parts.values():
                inject(part, rank)
        for name, part in parts.items():
            for inner, parameter in part.module.named_parameters():
                parameter.requires_grad_(_is_ours(inner))
                if _is_ours(inner):
                    parameter.data = parameter.data.float()
                    self.register_parameter(f"{name}.{inner}".replace(".", "/"), parameter)

    def on_line(self, trained: Mapping[str, Tensor], alpha: float) -> State:
        """Return the adapters at a place on the line from the original (alpha 0) to what was trained (1)."""
        return {name: alpha * tensor if _carries(name) else tensor.clone() for name, tensor in trained.items()}


def inject(part: Part, rank: int) -> None:
    """Put adapters beside the layers of a part, in place.

    Raises:
        SpecError: peft is not installed.
    """
    peft = _peft()
    config = peft.LoraConfig(r=rank, lora_alpha=rank, target_modules=list(part.layers))
    peft.inject_adapter_in_model(config, part.module, adapter_name=ADAPTER)


def weights_of_part(part: Part) -> State:
    """Return a part's adapters in peft's own form, by layer: 'to_q.lora_A.weight'."""
    found: State = _peft().get_peft_model_state_dict(part.module, adapter_name=ADAPTER, save_embedding_layers=False)
    return {name: tensor.detach().clone().contiguous() for name, tensor in found.items()}


def config_of_part(part: Part) -> dict[str, object]:
    """Return how a part's adapters were made, as peft writes it down."""
    config: dict[str, object] = part.module.peft_config[ADAPTER].to_dict()
    return config


def save_parts(parts: Mapping[str, Part], path: Path) -> None:
    """Write the adapters of all parts into one file of safetensors, in peft's own form under the parts' names."""
    from safetensors.torch import save_file

    found = {f"{name}.{key}": tensor for name, part in parts.items() for key, tensor in weights_of_part(part).items()}
    draft = path.with_name(f".{path.name}")
    save_file(found, draft)
    os.replace(draft, path)


def load_parts(parts: Mapping[str, Part], path: Path, rank: int) -> None:
    """Put the adapters of a file that `save_parts` wrote beside the layers of a model's parts, in place.

    Raises:
        ValueError: they are those of other layers, or of another rank.
        SpecError: peft is not installed.
    """
    from safetensors.torch import load_file

    weights = load_file(path)
    for part in parts.values():
        inject(part, rank)
    wanted = {f"{name}.{key}": tensor for name, part in parts.items() for key, tensor in weights_of_part(part).items()}
    unlike = sorted(set(wanted) ^ set(weights)) or [n for n in wanted if wanted[n].shape != weights[n].shape]
    if unlike:
        raise ValueError(f"the adapters are of another model: {unlike[0]} does not fit")
    for name, part in parts.items():
        own = {key.removeprefix(f"{name}."): tensor for key, tensor in weights.items() if key.startswith(f"{name}.")}
        _peft().set_peft_model_state_dict(part.module, own, adapter_name=ADAPTER)


def _is_ours(name: str) -> bool:
    return any(half in name for half in (*_ADDED, *_EMBEDDING))


def _carries(name: str) -> bool:
    return any(half in name for half in _EMBEDDING)


def _peft() -> Any:  # noqa: ANN401 - an optional package
    require_peft()
    ensure_torchvision()
    import peft

    return peft
