"""Image classifiers of torchvision: ``torchvision:NAME[/WEIGHTS_OR_FILE]`` or ``torchvision:DIR``.

NAME is one of torchvision's classifiers, WEIGHTS one of its sets (``IMAGENET1K_V1``; without it the best, ``DEFAULT``),
downloaded once; or a file of weights (``torchvision:resnet18/./mine.pth``). Labels and preparation are those that the
set of weights is published with; a file is taken for the model's own labels. DIR is a folder that `faultfinder fade`
left: weights, and which model with which preparation they are for. Weights are read from safetensors or with
``weights_only``, never by unpickling code.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from faultfinder.memory.errors import SpecError
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.targets.torch_classifier import TorchClassifier
from faultfinder.tools.torchvision_shim import ensure_torchvision

WEIGHTS, CONFIG = "model.safetensors", "config.json"

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
    folder = Path(rest).expanduser()
    if folder.is_dir() or rest.startswith((".", "/", "~")):
        return open_classifier_in(spec, folder)
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


def open_classifier_in(spec: str, folder: Path) -> TorchClassifier:
    """Load a folder that a fade left.

    Raises:
        SpecError: it is not there, not such a folder, or its weights are of another model.
    """
    config, weights = folder / CONFIG, folder / WEIGHTS
    if not config.is_file() or not weights.is_file():
        raise SpecError(f"{spec}: {folder} holds no {CONFIG} with a {WEIGHTS}; name a folder that a fade left")
    ensure_torchvision()
    import torchvision

    with ForeignCode(SpecError, f"{spec}: {config} cannot be read"):
        said = json.loads(config.read_text(encoding="utf-8"))
        known = torchvision.models.get_model_weights(said["model"])[said["weights"]]
    return _loaded(spec, said["model"], known, weights)


def _save(model: Any, folder: Path, name: str, weights: str) -> str:  # noqa: ANN401 - a torch module
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: each.detach().clone().contiguous() for key, each in model.state_dict().items()}, folder / WEIGHTS)
    said = {"format": "faultfinder.torchvision/1", "model": name, "weights": weights}
    (folder / CONFIG).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    return f"torchvision:{folder.resolve()}"


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
    save = partial(_save, name=name, weights=weights.name)
    return TorchClassifier(spec, model, weights.transforms(), labels, save=save)


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
