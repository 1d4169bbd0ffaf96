"""CLIP-style models through open_clip: ``open_clip:MODEL[/PRETRAINED][@bf16]``.

MODEL is a built-in name, ``hf-hub:ORG/NAME`` or ``local-dir:PATH``; PRETRAINED is a tag of open_clip's or a local file.
Without PRETRAINED a built-in model has random weights, always the same. Weights are read from safetensors or with
``weights_only``, never by unpickling code. ``@bf16`` computes in bfloat16, which is faster; the cosine to the exact
vector stays above 0.999.
"""

import difflib
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL.Image import Image

from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.torchvision_shim import ensure_torchvision

_SCHEME = "open_clip"
_HUB, _FOLDER = "hf-hub:", "local-dir:"
_BF16 = "@bf16"
_IMAGES = 32  # pictures a batch
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Wanted:
    """A spec taken apart."""

    spec: str
    model: str
    pretrained: str | None
    bf16: bool

    @property
    def random(self) -> bool:
        """Tell whether no weights are asked for."""
        return self.pretrained is None and not self.model.startswith((_HUB, _FOLDER))


class OpenClipEncoder:
    """Embeds texts and pictures with an open_clip model."""

    def __init__(
        self,
        name: str,
        model: Any,  # noqa: ANN401
        tokenizer: Any,  # noqa: ANN401
        *,
        bf16: bool = False,
        source: str = "",
    ) -> None:
        """Wrap a model, which is put into eval mode.

        Args:
            name: the encoder's name, its spec.
            model: any of open_clip's model classes.
            tokenizer: the model's own: texts to int64 (n, context).
            bf16: compute in bfloat16.
            source: open_clip's name of the model, where its configuration is found again when it is saved.
        """
        from faultfinder.tools.targets.text_towers import text_tower
        from faultfinder.tools.targets.weights import digest

        self.name = name
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._tower = text_tower(model)
        self._bf16 = bf16
        self._source = source
        self.identity = digest(model)
        self.logit_scale = _scale_of(model)

    @property
    def module(self) -> Any:  # noqa: ANN401 - one of three unrelated model classes
        """The open_clip model."""
        return self._model

    def tokens(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return the module's input for texts, int64 (n, context)."""
        return self._tokenizer(list(texts))

    def pixels(self, images: Sequence[Image]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return the module's input for pictures, float32 (n, 3, height, width), prepared as for inference."""
        import torch

        prepare = self._preprocess()
        return torch.stack([prepare(image) for image in images])

    def save(self, folder: Path) -> str:
        """Write the model into a folder that ``open_clip:local-dir:FOLDER`` opens; return that spec.

        Raises:
            TargetError: the model's configuration is not known, or its tokenizer's files cannot be written beside it.
        """
        from faultfinder.tools.targets.open_clip_folder import save_folder

        save_folder(self._model, self._tokenizer, self._source or self.name.partition(":")[2], folder)
        return f"{_SCHEME}:{_FOLDER}{folder.resolve()}"

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order."""
        import torch

        with torch.inference_mode(), self._precision():
            vectors = self._tower.encode(self._tokenizer(list(texts) or [""]))
        return np.asarray(vectors.float().numpy()[: len(texts)], dtype=np.float32)

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per picture, in order."""
        import torch

        prepare = self._preprocess()
        rows = [np.zeros((0, self.embed_texts([""]).shape[1]), dtype=np.float32)]
        with torch.inference_mode(), self._precision():
            for start in range(0, len(images), _IMAGES):
                batch = torch.stack([prepare(image) for image in images[start : start + _IMAGES]])
                features = torch.nn.functional.normalize(self._model.encode_image(batch).float(), dim=-1)
                rows.append(features.numpy())
        return np.concatenate(rows)

    def _precision(self) -> AbstractContextManager[Any]:
        import torch

        return torch.autocast("cpu", dtype=torch.bfloat16) if self._bf16 else nullcontext()

    def _preprocess(self) -> Any:  # noqa: ANN401 - a torchvision transform: picture to float (3, h, w)
        from open_clip.transform import PreprocessCfg, image_transform_v2

        return image_transform_v2(PreprocessCfg(**self._model.visual.preprocess_cfg), is_train=False)


def _scale_of(model: Any) -> float | None:  # noqa: ANN401
    """Return what the model multiplies cosines with, as it was trained; None where it has no such number."""
    scale = getattr(model, "logit_scale", None)
    return None if scale is None else float(scale.detach().exp())


def open_target(rest: str) -> OpenClipEncoder:
    """Load what follows ``open_clip:`` in a spec.

    Raises:
        SpecError: the model or its weights are unknown, missing, unsafe to load or out of reach.
    """
    wanted = _take_apart(rest)
    _check_folder(wanted)
    ensure_torchvision()
    import open_clip

    wanted = _matching_activation(_check_names(wanted))
    if wanted.random:
        _log.warning("%s has random weights; name some with %s/PRETRAINED", wanted.spec, wanted.spec)
    with ForeignCode(SpecError, f"{wanted.spec} cannot be loaded", _advice(wanted)):
        model = _create(wanted)
        tokenizer = open_clip.get_tokenizer(wanted.model)
    return OpenClipEncoder(wanted.spec, model, tokenizer, bf16=wanted.bf16, source=wanted.model)


def _take_apart(rest: str) -> _Wanted:
    bf16 = rest.endswith(_BF16)
    body = rest.removesuffix(_BF16)
    if body.startswith((_HUB, _FOLDER)):
        return _Wanted(f"{_SCHEME}:{rest}", body, None, bf16)
    model, _, pretrained = body.partition("/")
    return _Wanted(f"{_SCHEME}:{rest}", model, pretrained or None, bf16)


def _check_folder(wanted: _Wanted) -> None:
    if not wanted.model.startswith(_FOLDER):
        return
    folder = Path(wanted.model.removeprefix(_FOLDER)).expanduser()
    if not (folder / "open_clip_config.json").is_file():
        found = "has no open_clip_config.json" if folder.is_dir() else "does not exist"
        raise SpecError(
            f"{wanted.spec}: the folder {folder} {found}; save a model there with open_clip's push_to_hf_hub"
        )


def _check_names(wanted: _Wanted) -> _Wanted:
    import open_clip

    if wanted.model.startswith((_HUB, _FOLDER)):
        return wanted
    if wanted.model not in open_clip.list_models():
        raise SpecError(
            f"{wanted.spec}: open_clip has no model {wanted.model!r}{_near(wanted.model, open_clip.list_models())}"
        )
    tags = open_clip.list_pretrained_tags_by_model(wanted.model)
    if wanted.pretrained and wanted.pretrained not in tags and not Path(wanted.pretrained).is_file():
        raise SpecError(
            f"{wanted.spec}: {wanted.pretrained!r} is neither a file nor one of {wanted.model}'s weights"
            f"{_near(wanted.pretrained, tags)}; it has {', '.join(tags) or 'none'}"
        )
    return wanted


def _matching_activation(wanted: _Wanted) -> _Wanted:
    """Choose the ``-quickgelu`` form of a model whose weights were trained with that activation, as OpenAI's were."""
    import open_clip

    weights = open_clip.get_pretrained_cfg(wanted.model, wanted.pretrained) if wanted.pretrained else {}
    if not weights.get("quick_gelu") or (open_clip.get_model_config(wanted.model) or {}).get("quick_gelu"):
        return wanted
    better = f"{wanted.model}-quickgelu"
    if better not in open_clip.list_models():
        return wanted
    _log.warning("%s: these weights were trained with QuickGELU, so %s is used", wanted.spec, better)
    return _Wanted(wanted.spec, better, wanted.pretrained, wanted.bf16)


def _create(wanted: _Wanted) -> Any:  # noqa: ANN401 - one of three unrelated model classes
    import open_clip
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return open_clip.create_model(
            wanted.model,
            pretrained=wanted.pretrained,
            pretrained_text=False,
            require_pretrained=not wanted.random,
            weights_only=True,
        )


def _advice(wanted: _Wanted) -> str:
    if wanted.model.startswith(_FOLDER) or (wanted.pretrained and Path(wanted.pretrained).is_file()):
        return "Only safetensors and plain tensor files of that very model are loaded"
    return "Weights are fetched once from their hub; without a network give a local file or local-dir:PATH"


def _near(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
