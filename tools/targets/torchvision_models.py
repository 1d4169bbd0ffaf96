"""Image classifiers of torchvision: ``torchvision:NAME[/WEIGHTS_OR_FILE]``.

NAME is one of torchvision's classifiers, WEIGHTS one of its sets (``IMAGENET1K_V1``; without it the best, ``DEFAULT``),
downloaded once; or a file of weights (``torchvision:resnet18/./mine.pth``). Labels and preparation are those that the
set of weights is published with; a file is taken for the model's own labels. Weights are read from safetensors or with
``weights_only``, never by unpickling code.
"""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from faultfinder.memory.errors import SpecError
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.targets.torch_classifier import TorchClassifier
from faultfinder.tools.torchvision_shim import ensure_torchvision

# What torchvision itself sets where it loads weights into these two; elsewhere weights bring no settings along.
_SETTINGS = {
    "googlenet": {"transform_input": True, "aux_logits": True, "init_weights": False},
    "inception_v3": {"transform_input": True, "aux_logits": True, "init_weights": False},
}
_WRAPPED = ("state_dict", "model")  # where training scripts put the weights among other things


def open_classifier(rest: str) -> TorchClassifier:
    """Load what follows ``torchvision:`` in a spec.

    Raises:
        SpecError: the model or its weights are unknown, missing, unsafe to load, out of reach, or of other labels.
    """
    spec = f"torchvision:{rest}"
    ensure_torchvision()
    import torchvision

    name, _, wanted = rest.partition("/")
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise SpecError(f"{spec}: torchvision has no classifier {name!r}{_near(name, known)}")
    sets = torchvision.models.get_model_weights(name).__members__
    file = Path(wanted).expanduser()
    if wanted and wanted not in sets and not file.is_file():
        raise SpecError(
            f"{spec}: {wanted!r} is neither a file nor one of {name}'s weights{_near(wanted, list(sets))}; it has "
            f"{', '.join(sets)}"
        )
    return _loaded(
        spec, name, sets.get(wanted or "DEFAULT", sets["DEFAULT"]), file if wanted not in ("", *sets) else None
    )


def _loaded(spec: str, name: str, weights: Any, file: Path | None) -> TorchClassifier:  # noqa: ANN401 - an enum's member
    import torchvision

    labels = list(weights.meta["categories"])
    advice = (
        "Weights are fetched once from torchvision's server; without a network give a file"
        if file is None
        else f"Only safetensors and plain tensor files of that very model with its {len(labels)} labels are loaded"
    )
    with ForeignCode(SpecError, f"{spec} cannot be loaded", advice):
        model = torchvision.models.get_model(name, weights=None, num_classes=len(labels), **_SETTINGS.get(name, {}))
        if file is None:
            state = weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
        else:
            state = _read(file)
        model.load_state_dict(state)
    return TorchClassifier(spec, model, weights.transforms(), labels)


def _read(file: Path) -> Mapping[str, Any]:
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(file)
    import torch

    found = torch.load(file, map_location="cpu", weights_only=True)
    return next((found[key] for key in _WRAPPED if isinstance(found.get(key), Mapping)), found)


def _near(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
