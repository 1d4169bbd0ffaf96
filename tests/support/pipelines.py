"""Small real pipelines of diffusers with random weights, and folders that pretend to be some."""

import json
from pathlib import Path
from typing import Any

import torch

from faultfinder.tools.torchvision_shim import ensure_torchvision

_LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
VOCABULARY = [*_LETTERS, *(f"{letter}</w>" for letter in _LETTERS), "<|startoftext|>", "<|endoftext|>"]
"""Letters, and letters that end a word: enough to spell every prompt."""

WIDTH = 16


def save_painter(folder: Path, seed: int = 0, **saving: Any) -> Path:
    """Save a Stable Diffusion pipeline that paints 16 by 16 pixels."""
    _painter(folder, seed).save_pretrained(folder, **{"safe_serialization": True, **saving})
    return folder


def _painter(folder: Path, seed: int) -> Any:
    ensure_torchvision()
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet = UNet2DConditionModel(
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            **_NET,
        )
        parts = _parts(folder)
    return StableDiffusionPipeline(
        unet=unet, safety_checker=None, feature_extractor=None, requires_safety_checker=False, **parts
    )


def save_xl_painter(folder: Path) -> Path:
    """Save an SDXL pipeline that paints 16 by 16 pixels."""
    ensure_torchvision()
    from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextModelWithProjection

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        unet = UNet2DConditionModel(
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + WIDTH,
            **_NET | {"cross_attention_dim": 2 * WIDTH},
        )
        parts = _parts(folder)
        config = parts["text_encoder"].config
        config.projection_dim = WIDTH
        second = CLIPTextModelWithProjection(config).eval()
    StableDiffusionXLPipeline(
        unet=unet,
        text_encoder_2=second,
        tokenizer_2=parts["tokenizer"],
        image_encoder=None,
        feature_extractor=None,
        add_watermarker=False,
        **parts,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def save_film_maker(folder: Path) -> Path:
    """Save a text-to-video pipeline that makes films of 16 by 16 pixels."""
    ensure_torchvision()
    from diffusers import TextToVideoSDPipeline, UNet3DConditionModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        unet = UNet3DConditionModel(
            down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
            up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
            **_NET,
        )
        parts = _parts(folder)
    TextToVideoSDPipeline(unet=unet, **parts).save_pretrained(folder, safe_serialization=True)
    return folder


_NET = {
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "sample_size": 8,
    "in_channels": 4,
    "out_channels": 4,
    "norm_num_groups": 4,
    "cross_attention_dim": WIDTH,
    "attention_head_dim": 4,
}


def _parts(folder: Path) -> dict[str, Any]:
    """Return what every pipeline has: tokenizer, text encoder, image decoder, scheduler."""
    from diffusers import AutoencoderKL, DDIMScheduler
    from transformers import CLIPTextConfig, CLIPTextModel

    ends = {"bos_token_id": len(VOCABULARY) - 2, "eos_token_id": len(VOCABULARY) - 1}
    text = CLIPTextConfig(
        vocab_size=len(VOCABULARY), hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=77, pad_token_id=len(VOCABULARY) - 1, **ends,
    )  # fmt: skip
    decoder = AutoencoderKL(
        block_out_channels=(8, 16), latent_channels=4, norm_num_groups=4, sample_size=16,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    return {
        "vae": decoder.eval(),
        "text_encoder": CLIPTextModel(text).eval(),
        "tokenizer": _tokenizer(folder),
        "scheduler": DDIMScheduler(num_train_timesteps=50, clip_sample=False, steps_offset=1),
    }


def _tokenizer(folder: Path) -> Any:
    from transformers import CLIPTokenizer

    files = folder.with_name(f"{folder.name}-words")
    files.mkdir(parents=True, exist_ok=True)
    (files / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(VOCABULARY)}))
    (files / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(files / "vocab.json"), str(files / "merges.txt"), model_max_length=77)
