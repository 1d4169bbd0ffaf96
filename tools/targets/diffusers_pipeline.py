"""Text-to-image pipelines of diffusers: ``diffusers:NAME_OR_DIR[@key=value,...]``.

A folder that ``save_pretrained`` wrote, or a name on the hub; weights as safetensors only, no code from it. Options:
``steps``, ``guidance``, ``height``, ``width``, ``dtype`` (fp32, fp16, bf16), ``device``. A text-to-video pipeline is
judged on a frame: the middle one. Every picture gets a CPU generator of its own, so that it depends on its prompt and
seed only; bits still differ between devices and versions. Names on the hub were not tried where this was written.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL.Image import Image

from faultfinder.memory.errors import PictureRefused, SpecError, TargetError
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.torchvision_shim import ensure_torchvision

_FORM = "diffusers:NAME_OR_DIR[@steps=20,guidance=7.5,height=512,width=512,dtype=bf16,device=cuda]"
_OPTIONS: dict[str, Callable[[str], int | float | str]] = {
    "steps": int,
    "guidance": float,
    "height": int,
    "width": int,
    "dtype": str,
    "device": str,
}
_DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
_ADVICE = (
    "Give a folder that save_pretrained wrote with safe_serialization, or a name on the hub and a connection to it"
)
_PICTURES_AT_ONCE = 4


class DiffusersPipeline:
    """Paints with a pipeline."""

    batch = _PICTURES_AT_ONCE

    def __init__(self, name: str, pipeline: Any, calling: dict[str, Any], identity: str | None = None) -> None:  # noqa: ANN401
        """Wrap a pipeline.

        Args:
            name: the spec.
            pipeline: any pipeline that takes `prompt` and `generator`.
            calling: further arguments of every call.
            identity: changes with the weights, where that is known.
        """
        self.name = name
        self._pipeline = pipeline
        self._calling = calling
        if identity:
            self.identity = identity
        self.settings = {"device": str(pipeline.device), "pipeline": type(pipeline).__name__} | {
            key: str(value) for key, value in calling.items()
        }

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return one picture per prompt, in order; a picture depends on its own prompt and seed only.

        Raises:
            TargetError: the pipeline fails.
            PictureRefused: its safety checker blacks a picture out.
        """
        import torch

        dice = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        with ForeignCode(TargetError, f"{self.name} failed at {prompts[0]!r}"):
            made = self._pipeline(prompt=list(prompts), generator=dice, **self._calling)
        flagged = getattr(made, "nsfw_content_detected", None) or []
        if any(flagged):
            raise PictureRefused(f"the safety checker of {self.name} blacked out the picture")
        return self._frames(made) if hasattr(made, "frames") else list(made.images)

    def _frames(self, made: Any) -> list[Image]:  # noqa: ANN401
        """Return the middle frame of every video."""
        self.settings["picture"] = "the middle frame of a video"
        return [video[len(video) // 2] for video in made.frames]


def open_generator(rest: str) -> DiffusersPipeline:
    """Load the pipeline that follows ``diffusers:``.

    Raises:
        SpecError: it cannot be found, is no pipeline, holds no safetensors, or an option is unknown.
    """
    where, _, written = rest.partition("@")
    spec = f"diffusers:{rest}"
    options = _options(written, spec)
    _check_folder(Path(where), spec)
    ensure_torchvision()
    with ForeignCode(SpecError, f"{spec} cannot be loaded", _ADVICE):
        pipeline = _load(where, str(options.pop("dtype", "fp32")), spec)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.to(str(options.pop("device", _device())))
    names = {"steps": "num_inference_steps", "guidance": "guidance_scale"}
    calling = {names.get(key, key): value for key, value in options.items()}
    if hasattr(pipeline, "vae") and not _is_video(pipeline):
        calling["output_type"] = "pil"
    return DiffusersPipeline(spec, pipeline, calling, _identity(pipeline))


def _load(where: str, dtype: str, spec: str) -> Any:  # noqa: ANN401
    import torch
    from diffusers import AutoPipelineForText2Image, DiffusionPipeline
    from diffusers.utils import logging

    if dtype not in _DTYPES:
        raise SpecError(f"{spec}: dtype is one of {', '.join(_DTYPES)}, not {dtype!r}")
    logging.disable_progress_bar()
    given = {"torch_dtype": getattr(torch, _DTYPES[dtype]), "use_safetensors": True}
    try:
        return AutoPipelineForText2Image.from_pretrained(where, **given)
    except ValueError as error:  # raised for classes outside its table: text-to-video and the like
        if "AutoPipeline can't find a pipeline" not in str(error):
            raise
        return DiffusionPipeline.from_pretrained(where, **given)


def _check_folder(folder: Path, spec: str) -> None:
    """Refuse a folder that is no pipeline, or whose weights could run code when loaded.

    Raises:
        SpecError: it is so; the message says what to do.
    """
    if not folder.is_dir():
        if folder.is_absolute() or str(folder).startswith((".", "~")):
            raise SpecError(f"{spec}: there is no folder {folder}; {_ADVICE}")
        return
    if not (folder / "model_index.json").is_file():
        raise SpecError(f"{spec}: {folder} has no model_index.json, so it is no diffusers pipeline; {_ADVICE}")
    unsafe = [path for path in folder.rglob("*") if path.suffix in (".bin", ".pt", ".pth", ".ckpt", ".pkl")]
    if unsafe and not list(folder.rglob("*.safetensors")):
        raise SpecError(
            f"{spec}: its weights are pickles ({unsafe[0].name}), which run code when loaded; save it again with "
            "safe_serialization=True"
        )


def _options(written: str, spec: str) -> dict[str, int | float | str]:
    found: dict[str, int | float | str] = {}
    for part in filter(None, written.split(",")):
        key, equals, value = part.partition("=")
        if not equals or key not in _OPTIONS:
            raise SpecError(f"{spec}: {part!r} is no option; write {_FORM}")
        try:
            found[key] = _OPTIONS[key](value)
        except ValueError as error:
            raise SpecError(f"{spec}: {value!r} is no value for {key}; write {_FORM}") from error
    return found


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _is_video(pipeline: Any) -> bool:  # noqa: ANN401
    return "Video" in type(pipeline).__name__


def _identity(pipeline: Any) -> str:  # noqa: ANN401
    from torch.nn import Module

    from faultfinder.tools.targets.weights import digest

    parts = sorted(name for name, part in pipeline.components.items() if isinstance(part, Module))
    return "-".join(digest(pipeline.components[name])[:16] for name in parts)
