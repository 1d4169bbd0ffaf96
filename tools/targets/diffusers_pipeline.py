"""Text-to-image pipelines of diffusers: ``diffusers:NAME_OR_DIR[@key=value,...]``.

A folder that ``save_pretrained`` wrote, or a name on the hub; weights as safetensors only, no code from it. Options:
``steps``, ``guidance``, ``height``, ``width``, ``frames``, ``dtype`` (fp32, fp16, bf16), ``device``. A text-to-video
pipeline is judged on a frame: the middle one. Every picture gets a CPU generator of its own, so that it depends on its
prompt and seed only; bits still differ between devices and versions. A folder may also hold the adapters that
`faultfinder fade` left: it names its pipeline, which is opened with them. Names on the hub were not tried where this
was written.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from PIL.Image import Image

from faultfinder.memory.errors import PictureRefused, SpecError, TargetError
from faultfinder.tools.peft_here import require_peft
from faultfinder.tools.targets.adapter_folder import WEIGHTS, holds_adapters, read_adapter_file, write_adapter_file
from faultfinder.tools.targets.diffusers_folder import check_folder, parts_of
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.torchvision_shim import ensure_torchvision

Options = dict[str, int | float | str]

_SCHEME = "diffusers:"
_FORM = "diffusers:NAME_OR_DIR[@steps=20,guidance=7.5,height=512,width=512,frames=16,dtype=bf16,device=cuda]"
_OPTIONS: dict[str, Callable[[str], int | float | str]] = {
    "steps": int,
    "guidance": float,
    "height": int,
    "width": int,
    "frames": int,
    "dtype": str,
    "device": str,
}
_CALLED = {
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "height": "height",
    "width": "width",
    "frames": "num_frames",
}
"""What the options of a call are called by pipelines."""
_DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
_ADVICE = (
    "Give a folder that save_pretrained wrote with safe_serialization, or a name on the hub and a connection to it"
)
_PICTURES_AT_ONCE = 4


class DiffusersPipeline:
    """Paints with a pipeline."""

    batch = _PICTURES_AT_ONCE
    rate = 1e-4
    """As in diffusers' own example of training adapters."""
    contrast = 0.0
    """Not used: how large it should be with a trained pipeline was not tried."""

    def __init__(self, name: str, pipeline: Any, options: Mapping[str, int | float | str]) -> None:  # noqa: ANN401
        """Wrap a pipeline.

        Args:
            name: the spec.
            pipeline: any pipeline that takes `prompt` and `generator`.
            options: what to call it with, by the names that the spec gives.

        Raises:
            SpecError: the pipeline takes no prompts, or not one of the options.
        """
        taken = inspect.signature(pipeline.__call__).parameters
        _check_call(name, pipeline, taken, options)
        self.name = name
        self.identity = _identity(pipeline)
        self.settings = _settings(pipeline, taken) | {key: str(value) for key, value in options.items()}
        self._pipeline = pipeline
        self._size = _size(options)
        self._adapters: Any = None
        self._calling = {_CALLED[key]: value for key, value in options.items()}
        if "output_type" in taken:
            self._calling["output_type"] = "pil"

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
            if any(getattr(made, "nsfw_content_detected", None) or ()):
                raise PictureRefused(f"the safety checker of {self.name} blacked out the picture")
            if hasattr(made, "frames"):
                return [video[len(video) // 2] for video in made.frames]
            return list(made.images)

    def adapt(self, seed: int) -> Any:  # noqa: ANN401 - adapters, imported late
        """Put adapters beside the attention of the denoiser and the layers of the text encoder, and return them.

        Raises:
            SpecError: peft is not installed, the pipeline is of another kind, or there are adapters already.
        """
        from faultfinder.tools.fading.lora import Adapters
        from faultfinder.tools.targets.diffusers_lora import fadable_parts

        parts = fadable_parts(self._pipeline, self.name)
        for each in self._pipeline.components.values():
            if hasattr(each, "requires_grad_"):
                each.requires_grad_(False)
        self._adapters = Adapters(parts, seed)
        return self._adapters

    def losses(self, captions: Sequence[str], pictures: Sequence[Image], dice: Sequence[int]) -> Any:  # noqa: ANN401
        """Return the denoising loss of each picture under its caption, noise and its level by the picture's dice."""
        from faultfinder.tools.targets.diffusers_lora import denoising_losses

        return denoising_losses(self._pipeline, self._size, captions, pictures, dice)

    def save(self, folder: Path) -> str:
        """Write the adapters as they are now, in diffusers' own form; return the spec that opens model and adapters."""
        from faultfinder.tools.targets.diffusers_lora import save_adapters

        rest = self.name.partition(":")[2]
        where, written = parts_of(rest)
        base = str(Path(where).resolve()) if Path(where).is_dir() else where
        save_adapters(self._pipeline, self._adapters, folder)
        write_adapter_file(folder, f"{_SCHEME}{base}", self._adapters.rank)
        return f"{_SCHEME}{folder.resolve()}{'@' if written else ''}{written}"


def open_generator(rest: str) -> DiffusersPipeline:
    """Load the pipeline that follows ``diffusers:``.

    Raises:
        SpecError: it cannot be found, is no pipeline, holds no safetensors or code of its own, or an option is unknown.
    """
    spec = f"diffusers:{rest}"
    where, written = parts_of(rest)
    options = _options(written, spec)
    dtype, device = str(options.pop("dtype", "fp32")), str(options.pop("device", "")) or _device()
    if dtype not in _DTYPES:
        raise SpecError(f"{spec}: dtype is one of {', '.join(_DTYPES)}, not {dtype!r}")
    adapters = Path(where) if holds_adapters(Path(where)) else None
    if adapters is not None:
        where = read_adapter_file(adapters, spec, _SCHEME).base.removeprefix(_SCHEME)
        require_peft()
    ensure_torchvision()
    check_folder(where, spec, _ADVICE)
    with ForeignCode(SpecError, f"{spec} cannot be loaded", _ADVICE):
        pipeline = _load(where, dtype)
        if adapters is not None:
            pipeline.load_lora_weights(str(adapters), weight_name=WEIGHTS)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.to(device)
    return DiffusersPipeline(spec, pipeline, options)


def _size(options: Mapping[str, int | float | str]) -> tuple[int, int] | None:
    """Return the height and width that a spec asks for; None where it leaves either to the pipeline."""
    return (int(options["height"]), int(options["width"])) if {"height", "width"} <= set(options) else None


def _load(where: str, dtype: str) -> Any:  # noqa: ANN401
    import torch
    from diffusers import AutoPipelineForText2Image, DiffusionPipeline

    _be_quiet()
    given = {
        "torch_dtype": getattr(torch, _DTYPES[dtype]),
        "use_safetensors": True,
        "low_cpu_mem_usage": _has_accelerate(),
    }
    with warnings.catch_warnings():  # the newer name, dtype, is not known to every version this runs with
        warnings.filterwarnings("ignore", message="`torch_dtype` is deprecated", category=FutureWarning)
        try:
            return AutoPipelineForText2Image.from_pretrained(where, **given)
        except ValueError as error:  # raised for classes outside its table: text-to-video and the like
            if "AutoPipeline can't find a pipeline" not in str(error):
                raise
            return DiffusionPipeline.from_pretrained(where, **given)


def _be_quiet() -> None:
    """Keep loading bars out of the audit's own progress."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _has_accelerate() -> bool:
    from importlib.util import find_spec

    return find_spec("accelerate") is not None


def _check_call(
    name: str,
    pipeline: Any,  # noqa: ANN401
    taken: Mapping[str, inspect.Parameter],
    options: Mapping[str, int | float | str],
) -> None:
    kind = type(pipeline).__name__
    if not {"prompt", "generator"} <= set(taken) or "image" in _required(taken):
        raise SpecError(f"{name} is a {kind}, which paints no picture of a prompt alone")
    for key in options:
        if _CALLED[key] not in taken:
            raise SpecError(f"{name}: a {kind} takes no {key}; leave it out")


def _required(taken: Mapping[str, inspect.Parameter]) -> set[str]:
    return {key for key, parameter in taken.items() if parameter.default is inspect.Parameter.empty}


def _settings(pipeline: Any, taken: Mapping[str, inspect.Parameter]) -> dict[str, str]:  # noqa: ANN401
    """Say what shapes the pictures: device, type of numbers, scheduler, and steps unless told otherwise."""
    steps = taken.get("num_inference_steps")
    found = {
        "pipeline": type(pipeline).__name__,
        "device": str(pipeline.device),
        "dtype": str(getattr(pipeline, "dtype", "")).removeprefix("torch."),
        "scheduler": type(getattr(pipeline, "scheduler", None)).__name__,
        "steps": str(steps.default) if steps is not None and steps.default is not inspect.Parameter.empty else "",
        "picture": "the middle frame of a video" if "num_frames" in taken else "",
    }
    return {key: value for key, value in found.items() if value and value != "NoneType"}


def _options(written: str, spec: str) -> Options:
    found: Options = {}
    for part in filter(None, written.split(",")):
        key, equals, value = part.partition("=")
        if not equals or key not in _OPTIONS:
            raise SpecError(f"{spec}: {part!r} is no option; write {_FORM}")
        found[key] = _value(key, value, spec)
    return found


def _value(key: str, written: str, spec: str) -> int | float | str:
    try:
        value = _OPTIONS[key](written)
        sensible = bool(value) if isinstance(value, str) else isfinite(value) and value >= (key != "guidance")
    except ValueError:
        sensible = False
    if not sensible:
        raise SpecError(f"{spec}: {written!r} is no value for {key}; write {_FORM}")
    return value


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _identity(pipeline: Any) -> str:  # noqa: ANN401
    from torch.nn import Module

    from faultfinder.tools.targets.weights import digest

    parts = sorted(name for name, part in pipeline.components.items() if isinstance(part, Module))
    return "-".join(digest(pipeline.components[name])[:16] for name in parts)
