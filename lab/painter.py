"""The lab's text-to-image model: a diffusers pipeline that paints what the mini CLIP's text tower makes of a prompt.

Everything the painter learns of a prompt is the tower's embedding, the very vector that an audit of the tower sees, so
two prompts that share it are painted alike. Flow matching (Lipman et al. 2023) with the picture itself as the
prediction and classifier-free guidance (Ho and Salimans 2022); the denoiser is PixArt's transformer over the cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from faultfinder.lab.torchvision_shim import ensure_torchvision

ensure_torchvision()

from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, ModelMixin, PixArtTransformer2DModel
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.pipelines.pipeline_utils import ImagePipelineOutput
from PIL import Image

from faultfinder.lab.architecture import WIDTH, build_model
from faultfinder.lab.scenes import CANVAS, CELL, CELLS_PER_SIDE
from faultfinder.lab.t2i import GUIDANCE, STEPS
from faultfinder.lab.tokenizer import WordTokenizer

_TIMESTEPS = 1000
_SHIFT = 3.0
"""Steps crowd where the picture is mostly noise: there it is decided what goes where (Esser et al. 2024)."""
_HEADS, _HEAD_WIDTH, _LAYERS = 4, 64, 6
_TOKENS, _INNER, _PER_CELL = 8, 384, 48

Generators = torch.Generator | Sequence[torch.Generator] | None


class SceneTextEncoder(ModelMixin, ConfigMixin):
    """The text tower of a mini CLIP with its tokenizer inside; frozen."""

    @register_to_config
    def __init__(self, context_length: int = WordTokenizer().context_length) -> None:
        """Build a tower with random weights."""
        super().__init__()
        self._tokenizer = WordTokenizer()
        self._length = context_length
        self.clip = build_model(self._tokenizer)
        del self.clip.visual
        self.requires_grad_(False)

    def forward(self, prompts: Sequence[str]) -> torch.Tensor:
        """Embed prompts as unit rows, float32 (n, 128)."""
        ids = self._tokenizer(list(prompts), self._length).to(self.device)
        return self.clip.encode_text(ids, normalize=True)


class SceneCondition(ModelMixin, ConfigMixin):
    """What the painter is told: the embedding of a prompt as tokens and as a sketch; one per embedding space.

    The sketch is the mean of all pictures that fit the prompt: the left red, the right blue, where one is to stand left
    of the other. It tells the painter where things go before it has begun, which attention alone learns very slowly.
    """

    @register_to_config
    def __init__(self, tokens: int = _TOKENS, width: int = WIDTH, inner: int = _INNER, layers: int = 2) -> None:
        """Build with random weights."""
        super().__init__()
        blocks = [_Residual(inner) for _ in range(layers)]
        self.read = torch.nn.Sequential(torch.nn.Linear(width, inner), *blocks, torch.nn.LayerNorm(inner))
        self.name = torch.nn.Linear(inner, tokens * width)
        self.place = torch.nn.Sequential(
            torch.nn.Linear(inner, inner), torch.nn.GELU(), torch.nn.Linear(inner, CELLS_PER_SIDE**2 * _PER_CELL)
        )
        self.draw = torch.nn.Linear(_PER_CELL, 3 * CELL**2)
        self.nothing = torch.nn.Parameter(torch.zeros(tokens, width))

    def forward(self, embeddings: torch.Tensor) -> "Told":
        """Unit rows (n, width) to what the painter is told."""
        read = self.read(embeddings * embeddings.shape[1] ** 0.5)
        cells = self.draw(self.place(read).unflatten(1, (CELLS_PER_SIDE, CELLS_PER_SIDE, _PER_CELL)))
        pixels = cells.unflatten(3, (3, CELL, CELL)).permute(0, 3, 1, 4, 2, 5)
        return Told(self.name(read).unflatten(1, self.nothing.shape), pixels.reshape(-1, 3, CANVAS, CANVAS))

    def without_prompt(self, n: int) -> "Told":
        """What the painter is told where there is no prompt."""
        return Told(self.nothing.expand(n, *self.nothing.shape), torch.zeros(n, 3, CANVAS, CANVAS))


@dataclass(frozen=True)
class Told:
    """What the painter is told of n prompts: tokens (n, tokens, width) and sketches (n, 3, 48, 48) in [-1, 1]."""

    tokens: torch.Tensor
    sketch: torch.Tensor


class _Residual(torch.nn.Module):
    """A residual block of two layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = torch.nn.LayerNorm(width)
        self.widen, self.narrow = torch.nn.Linear(width, 2 * width), torch.nn.Linear(2 * width, width)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return rows + self.narrow(torch.nn.functional.gelu(self.widen(self.norm(rows))))


def build_denoiser() -> PixArtTransformer2DModel:
    """Build the denoiser with weights drawn from torch's generator as it stands: one token per cell of the scene.

    It takes the noisy picture and the sketch, one over the other.
    """
    return PixArtTransformer2DModel(
        num_attention_heads=_HEADS,
        attention_head_dim=_HEAD_WIDTH,
        in_channels=6,
        out_channels=3,
        num_layers=_LAYERS,
        cross_attention_dim=_HEADS * _HEAD_WIDTH,
        attention_bias=True,
        sample_size=CANVAS,
        patch_size=CELL,
        caption_channels=WIDTH,
    )


def build_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """Build the sampler's schedule."""
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=_TIMESTEPS, shift=_SHIFT)


class ScenePipeline(DiffusionPipeline):
    """Paints prompts as pictures of 48 by 48 pixels; saved and loaded like any diffusers pipeline."""

    model_cpu_offload_seq = "text_encoder->condition->transformer"

    def __init__(
        self,
        text_encoder: SceneTextEncoder,
        condition: SceneCondition,
        transformer: PixArtTransformer2DModel,
        scheduler: FlowMatchEulerDiscreteScheduler,
    ) -> None:
        """Put the parts together."""
        super().__init__()
        self.register_modules(
            text_encoder=text_encoder, condition=condition, transformer=transformer, scheduler=scheduler
        )

    @torch.inference_mode()
    def __call__(
        self,
        prompt: str | Sequence[str],
        num_inference_steps: int = STEPS,
        guidance_scale: float = GUIDANCE,
        generator: Generators = None,
        image: torch.Tensor | None = None,
        strength: float = 1.0,
        output_type: str = "pil",
        return_dict: bool = True,
    ) -> ImagePipelineOutput | tuple[list[Image.Image] | torch.Tensor]:
        """Paint one picture per prompt.

        Args:
            prompt: one prompt, or several.
            num_inference_steps: denoising steps.
            guidance_scale: 1 follows the prompt as learned, more exaggerates it.
            generator: one CPU generator, or one per prompt so that each picture depends on its own seed only.
            image: pictures to paint over, float32 (n, 3, 48, 48) in [-1, 1]; none to begin with noise.
            strength: how far a picture to paint over is taken back to noise, from 0 (not at all) to 1 (wholly).
            output_type: "pil" for pictures, "pt" for float32 (n, 3, 48, 48) in [0, 1].
            return_dict: False for a bare tuple.

        Raises:
            ValueError: as many generators as prompts were not given, or the output type is unknown.
        """
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        if output_type not in ("pil", "pt"):
            raise ValueError(f"output_type is 'pil' or 'pt', not {output_type!r}")
        noise = _noise(len(prompts), generator)
        self.scheduler.set_timesteps(num_inference_steps)
        begin = 0 if image is None else round((1 - strength) * num_inference_steps)
        painted = noise if image is None else self._back_to_noise(image, noise, begin)
        painted = self._denoise(painted, begin, self.text_encoder(prompts), guidance_scale)
        images = (painted / 2 + 0.5).clamp(0, 1)
        given = self.numpy_to_pil(images.permute(0, 2, 3, 1).numpy()) if output_type == "pil" else images
        return ImagePipelineOutput(images=given) if return_dict else (given,)

    def paint(self, prompts: Sequence[str], **options: Any) -> list[Image.Image]:  # noqa: ANN401 - as of a call
        """Paint one picture per prompt; the options are those of a call."""
        painted: ImagePipelineOutput = self(list(prompts), output_type="pil", **options)
        return list(painted.images)

    def _back_to_noise(self, image: torch.Tensor, noise: torch.Tensor, begin: int) -> torch.Tensor:
        """Blur pictures with noise as of the step to begin at, float32 (n, 3, 48, 48)."""
        return torch.lerp(image, noise, float(self.scheduler.sigmas[begin]))

    def _denoise(self, picture: torch.Tensor, begin: int, seen: torch.Tensor, guidance: float) -> torch.Tensor:
        """From noise to pictures in [-1, 1], float32 (n, 3, 48, 48), told embeddings (n, width)."""
        told, untold = self.condition(seen), self.condition.without_prompt(len(seen))
        tokens, sketch = torch.cat([told.tokens, untold.tokens]), torch.cat([told.sketch, untold.sketch])
        self.scheduler.set_begin_index(begin)
        for time in self.progress_bar(self.scheduler.timesteps[begin:]):
            seen_so_far = torch.cat([picture.repeat(2, 1, 1, 1), sketch], dim=1)
            both = self.transformer(seen_so_far, tokens, time.expand(len(tokens))).sample
            with_prompt, without = both.chunk(2)
            clean = without + guidance * (with_prompt - without)
            velocity = (picture - clean) * (_TIMESTEPS / time)
            picture = self.scheduler.step(velocity, time, picture, return_dict=False)[0]
        return picture


def _noise(n: int, generator: Generators) -> torch.Tensor:
    shape = (3, CANVAS, CANVAS)
    if generator is None or isinstance(generator, torch.Generator):
        return torch.randn((n, *shape), generator=generator)
    if len(generator) != n:
        raise ValueError(f"{n} prompts want as many generators, {len(generator)} were given")
    return torch.stack([torch.randn(shape, generator=one) for one in generator])
