"""Adapters of a diffusers pipeline: where they go, the loss they learn by, how they are written and read.

The loss is that of diffusers' own example (`train_text_to_image_lora.py`): the denoiser predicts what the scheduler's
configuration says it does (the noise, the velocity or the picture), mean squared error at an even noise level. Here the
text encoder is adapted besides, since words that it does not tell apart no denoiser can, and noise and level of a
picture come from its own dice, so that two captions can be compared on the same noise. Adapters are written as
diffusers writes them (`pytorch_lora_weights.safetensors`): `pipeline.load_lora_weights(FOLDER)` opens them too.

Tried with small pipelines of random weights, Stable Diffusion and SDXL. Trained ones were not at hand where this was
written.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - imported only where a pipeline is trained or an adapter is opened
from PIL.Image import Image

from faultfinder.memory.errors import SpecError
from faultfinder.tools.fading.lora import Adapters, Part, State, config_of_part, weights_of_part
from faultfinder.tools.targets.adapter_folder import WEIGHTS

_HEARING = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
_LAYERS = {
    "unet": ("to_q", "to_k", "to_v", "to_out.0"),
    "text_encoder": _HEARING,
    "text_encoder_2": _HEARING,
}
FADABLE = {
    "StableDiffusionPipeline": ("unet", "text_encoder"),
    "StableDiffusionXLPipeline": ("unet", "text_encoder", "text_encoder_2"),
}
"""The classes of pipelines that can be faded, and their parts that take adapters."""


def fadable_parts(pipeline: Any, spec: str) -> dict[str, Part]:  # noqa: ANN401 - a diffusers pipeline
    """Return the parts of a pipeline that take adapters.

    Raises:
        SpecError: it is no Stable Diffusion, predicts what cannot be trained here, or has adapters already.
    """
    kind, predicts = type(pipeline).__name__, pipeline.scheduler.config.get("prediction_type")
    if kind not in FADABLE:
        raise SpecError(f"{spec} is a {kind}; of diffusers' pipelines only these can be faded: {', '.join(FADABLE)}")
    if predicts not in _TARGETS:
        raise SpecError(f"{spec}: its scheduler predicts {predicts!r}; {', '.join(_TARGETS)} can be trained")
    parts = {name: Part(getattr(pipeline, name), _LAYERS[name]) for name in FADABLE[kind]}
    if any(getattr(part.module, "peft_config", None) for part in parts.values()):
        raise SpecError(f"{spec} has adapters already; audit and fade the model that they belong to")
    return parts


def denoising_losses(
    pipeline: Any,  # noqa: ANN401
    size: tuple[int, int] | None,
    captions: Sequence[str],
    pictures: Sequence[Image],
    dice: Sequence[int],
) -> torch.Tensor:
    """Return the denoising loss of each picture under its caption, float32 (n,).

    Args:
        pipeline: a Stable Diffusion pipeline.
        size: height and width that it paints; None for its own.
        captions: n captions.
        pictures: n pictures.
        dice: a seed for the noise and its level, one a picture.
    """
    from diffusers import DDPMScheduler

    schedule = DDPMScheduler.from_config(pipeline.scheduler.config)
    throws = [torch.Generator("cpu").manual_seed(seed) for seed in dice]
    clean = _latents(pipeline, size, pictures, throws)
    noise = _stacked(throws, lambda throw: torch.randn(clean.shape[1:], generator=throw)).to(clean)
    levels = _stacked(throws, lambda throw: torch.randint(schedule.config.num_train_timesteps, (), generator=throw))
    levels = levels.to(clean.device)
    heard = _heard(pipeline, _sides(pipeline, size), captions)
    guess = pipeline.unet(schedule.add_noise(clean, noise, levels), levels, **heard).sample
    wanted = _TARGETS[schedule.config.prediction_type](schedule, clean, noise, levels)
    losses: torch.Tensor = (guess.float() - wanted.float()).square().flatten(1).mean(1)
    return losses


_TARGETS: dict[str, Callable[[Any, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "epsilon": lambda _schedule, _clean, noise, _levels: noise,
    "v_prediction": lambda schedule, clean, noise, levels: schedule.get_velocity(clean, noise, levels),
    "sample": lambda _schedule, clean, _noise, _levels: clean,
}


def _heard(pipeline: Any, size: tuple[int, int], captions: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401
    """Return what the denoiser is told of captions, as when it paints; SDXL also hears of sizes."""
    device = pipeline.unet.device
    said = pipeline.encode_prompt(
        prompt=list(captions), device=device, num_images_per_prompt=1, do_classifier_free_guidance=False
    )
    if "text_encoder_2" not in pipeline.components:
        return {"encoder_hidden_states": said[0]}
    sizes = torch.tensor([[*size, 0, 0, *size]] * len(captions), device=device, dtype=said[2].dtype)
    return {
        "encoder_hidden_states": said[0],
        "added_cond_kwargs": {"text_embeds": said[2], "time_ids": sizes},
    }


def _sides(pipeline: Any, size: tuple[int, int] | None) -> tuple[int, int]:  # noqa: ANN401
    side = pipeline.unet.config.sample_size * pipeline.vae_scale_factor
    return size or (side, side)


@torch.no_grad()
def _latents(
    pipeline: Any,  # noqa: ANN401
    size: tuple[int, int] | None,
    pictures: Sequence[Image],
    throws: Sequence[torch.Generator],
) -> torch.Tensor:
    """Encode pictures as the VAE does, drawn from what it says they may be, (n, channels, height, width)."""
    height, width = _sides(pipeline, size)
    in_rgb = [picture.convert("RGB") for picture in pictures]
    pixels = pipeline.image_processor.preprocess(in_rgb, height, width, resize_mode="crop")
    found = pipeline.vae.encode(pixels.to(pipeline.vae.device, pipeline.vae.dtype)).latent_dist
    dice = _stacked(throws, lambda throw: torch.randn(found.mean.shape[1:], generator=throw)).to(found.mean)
    latents: torch.Tensor = (found.mean + found.std * dice) * pipeline.vae.config.scaling_factor
    return latents


def _stacked(throws: Sequence[torch.Generator], throw: Callable[[torch.Generator], torch.Tensor]) -> torch.Tensor:
    return torch.stack([throw(each) for each in throws])


def save_adapters(pipeline: Any, adapters: Adapters, folder: Path) -> None:  # noqa: ANN401
    """Write a pipeline's adapters as they are now, in diffusers' own form."""
    from diffusers.utils import convert_state_dict_to_diffusers

    layers: dict[str, State] = {
        f"{name}_lora_layers": convert_state_dict_to_diffusers(weights_of_part(part))
        for name, part in adapters.parts.items()
    }
    told: Mapping[str, object] = {
        f"{name}_lora_adapter_metadata": config_of_part(part) for name, part in adapters.parts.items()
    }
    type(pipeline).save_lora_weights(str(folder), **layers, **told, weight_name=WEIGHTS, safe_serialization=True)
