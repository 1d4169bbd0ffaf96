"""An open_clip model written into a folder as ``local-dir:`` wants it: weights, configuration, tokenizer.

open_clip writes such folders itself only for models with a Hugging Face tokenizer, and with a pickled copy beside; this
writes safetensors alone. open_clip reads its own tokenizer from itself, so only a Hugging Face one needs files.
"""

import json
from pathlib import Path
from typing import Any

from faultfinder.memory.errors import TargetError
from faultfinder.tools.targets.foreign import ForeignCode

WEIGHTS, CONFIG = "open_clip_model.safetensors", "open_clip_config.json"
_FOLDER, _HUB = "local-dir:", "hf-hub:"


def save_folder(model: Any, tokenizer: Any, source: str, folder: Path) -> None:  # noqa: ANN401 - open_clip's own classes
    """Write a model, in the precision it has, and all it takes to open it again.

    Args:
        model: one of open_clip's models.
        tokenizer: the model's own.
        source: open_clip's name of the model: a built-in name, ``hf-hub:ORG/NAME`` or ``local-dir:PATH``.
        folder: where to; made if need be.

    Raises:
        TargetError: the configuration is not known, or the tokenizer's files cannot be written.
    """
    from safetensors.torch import save_file

    config = {"model_cfg": _model_config(source), "preprocess_cfg": _preprocessing(model)}
    folder.mkdir(parents=True, exist_ok=True)
    if config["model_cfg"].get("text_cfg", {}).get("hf_tokenizer_name"):
        with ForeignCode(TargetError, f"the tokenizer of {source} cannot be written"):
            tokenizer.save_pretrained(str(folder))
    state = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _model_config(source: str) -> dict[str, Any]:
    """Return the model's configuration without weights to fetch: towers from a hub are built empty and then filled."""
    found = _known_config(source)
    if not isinstance(found, dict):
        raise TargetError(f"the configuration of {source} is not known, so the changed model could not be opened again")
    text = dict(found.get("text_cfg", {}))
    if text.get("hf_model_name"):
        text["hf_model_pretrained"] = False
    return {**found, "text_cfg": text}


def _known_config(source: str) -> object:
    if source.startswith(_FOLDER):
        path = Path(source.removeprefix(_FOLDER)).expanduser() / CONFIG
        with ForeignCode(TargetError, f"{path} cannot be read"):
            return json.loads(path.read_text(encoding="utf-8")).get("model_cfg")
    from open_clip import factory

    if source.startswith(_HUB):
        with ForeignCode(TargetError, f"the configuration of {source} cannot be read"):
            return factory._get_hf_config(source.removeprefix(_HUB)).get("model_cfg")
    return factory.get_model_config(source)


def _preprocessing(model: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what is done to pictures, as plain numbers and words; the size comes with the model."""
    known = dict(model.visual.preprocess_cfg)
    known.pop("size", None)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in known.items()}
