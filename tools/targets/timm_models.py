"""Image classifiers of timm: ``timm:NAME[/CHECKPOINT_FILE]``, ``timm:hf-hub:ORG/NAME`` or ``timm:DIR``.

NAME is one of timm's, whose weights are downloaded once, or read from a file (``timm:resnet18/./mine.safetensors``).
DIR is a folder as timm's `save_for_hf` writes it: ``config.json`` and ``model.safetensors``. Labels are those of the
folder's config, else ImageNet's. Pictures are prepared as the model's own configuration says. Weights are read from
safetensors or with ``weights_only``, never by unpickling code.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faultfinder.memory.errors import SpecError
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.targets.torch_classifier import TorchClassifier
from faultfinder.tools.torchvision_shim import ensure_torchvision

_HUB, _FOLDER = "hf-hub:", "local-dir:"


@dataclass(frozen=True)
class _Wanted:
    """A spec taken apart; `model` is as timm's create_model wants it."""

    spec: str
    model: str
    file: Path | None = None


@dataclass(frozen=True)
class _Names:
    """What a model's logits stand for."""

    labels: Sequence[str]
    aliases: Sequence[Sequence[str]] = ()


def open_classifier(rest: str) -> TorchClassifier:
    """Load what follows ``timm:`` in a spec.

    Raises:
        SpecError: the model or its weights are unknown, missing, unsafe to load or out of reach, or it is not known
            what its answers stand for.
    """
    wanted = _take_apart(rest)
    ensure_torchvision()
    _check_name(wanted)
    with ForeignCode(SpecError, f"{wanted.spec} cannot be loaded", _advice(wanted)):
        model, prepare = _create(wanted)
    names = _names_of(model, wanted.spec)
    return TorchClassifier(wanted.spec, model, prepare, names.labels, names.aliases, _save)


def _save(model: Any, folder: Path) -> str:  # noqa: ANN401 - a torch module
    """Write a model as timm does, safetensors alone, with the names of its labels; return the spec that opens it."""
    import timm

    known = model.pretrained_cfg or {}
    named = {key: known[key] for key in ("label_names", "label_descriptions") if known.get(key)}
    timm.models.save_for_hf(model, str(folder), model_config=named, safe_serialization=True)
    return f"timm:{folder.resolve()}"


def _take_apart(rest: str) -> _Wanted:
    spec = f"timm:{rest}"
    if rest.startswith(_HUB):
        return _Wanted(spec, rest)
    folder = Path(rest.removeprefix(_FOLDER)).expanduser()
    if folder.is_dir() or rest.startswith((_FOLDER, ".", "/", "~")):
        if not (folder / "config.json").is_file():
            found = "has no config.json" if folder.is_dir() else "does not exist"
            raise SpecError(f"{spec}: the folder {folder} {found}; save a model there with timm.models.save_for_hf")
        return _Wanted(spec, f"{_FOLDER}{folder}")
    name, _, file = rest.partition("/")
    path = Path(file).expanduser() if file else None
    if path is not None and not path.is_file():
        raise SpecError(f"{spec}: there is no file {path}; without it timm's own weights are downloaded")
    return _Wanted(spec, name, path)


def _check_name(wanted: _Wanted) -> None:
    import timm

    if wanted.model.startswith((_HUB, _FOLDER)) or timm.is_model(wanted.model):
        return
    close = difflib.get_close_matches(wanted.model, timm.list_models(), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(close)}" if close else ""
    raise SpecError(f"{wanted.spec}: timm has no model {wanted.model!r}{hint}, and there is no such folder")


def _create(wanted: _Wanted) -> tuple[Any, Any]:
    """Return the model, and its preparation of pictures."""
    import timm

    if wanted.file is None:
        model = timm.create_model(wanted.model, pretrained=True)
    else:
        model = timm.create_model(wanted.model, pretrained=False)
        timm.models.load_checkpoint(model, str(wanted.file), weights_only=True)
    data: Any = timm.data  # partly without types
    return model, data.create_transform(**data.resolve_data_config({}, model=model), is_training=False)


def _advice(wanted: _Wanted) -> str:
    if wanted.file is not None:
        return (
            "Only safetensors and plain tensor files of that very model, with its own labels, are loaded; for others "
            "save a folder with timm.models.save_for_hf and label_names"
        )
    if wanted.model.startswith(_FOLDER):
        return "Only safetensors and plain tensor files are loaded; save it anew with timm.models.save_for_hf"
    return "Weights are fetched once from their hub; without a network give a file or a folder"


def _names_of(model: Any, spec: str) -> _Names:  # noqa: ANN401 - a torch module
    import timm

    config: Mapping[str, Any] = model.pretrained_cfg or {}
    if own := _own_names(config.get("label_names")):
        if len(own) != model.num_classes:
            raise SpecError(f"{spec}: its config names {len(own)} labels, the model has {model.num_classes}")
        said = config.get("label_descriptions") or {}
        return _Names([str(said.get(name, name)) for name in own], [(name,) for name in own])
    data: Any = timm.data
    if not (subset := data.infer_imagenet_subset(model)):
        raise SpecError(
            f"{spec}: nobody says what its {model.num_classes} answers stand for; put label_names into the config.json "
            "of its folder"
        )
    info = data.ImageNetInfo(subset)
    return _Names(info.label_descriptions(), [(name,) for name in info.label_names()])


def _own_names(found: object) -> list[str]:
    """Return a config's label names in the order of the answers; it may have them by number."""
    if isinstance(found, Mapping):
        return [str(found[number]) for number in sorted(found, key=int)]
    return [str(name) for name in found] if isinstance(found, list | tuple) else []
