"""The lab's text-to-image model: a diffusers pipeline that paints what the mini CLIP's text tower makes of a prompt.

Everything the painter learns of a prompt is the tower's embedding, the very vector that an audit of the tower sees, so
two prompts that share it are painted alike. A prior plans what stands where, a denoiser paints it: flow matching
(Lipman et al. 2023) with the picture itself as the prediction, by PixArt's transformer over the cells.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from faultfinder.lab.torchvision_shim import ensure_torchvision

ensure_torchvision()

from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, ModelMixin, PixArtTransformer2DModel
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.pipelines.pipeline_utils import ImagePipelineOutput
from PIL import Image

from faultfinder.lab.architecture import WIDTH, build_model
from faultfinder.lab.facts import FACTS
from faultfinder.lab.layout import BACKGROUNDS, KINDS, LENGTH, mean_cells
from faultfinder.lab.scenes import CANVAS, CELL, CELLS_PER_SIDE
from faultfinder.lab.t2i import STEPS
from faultfinder.lab.tokenizer import WordTokenizer

_TIMESTEPS = 1000
_SHIFT = 3.0
"""Steps crowd where the picture is mostly noise: there it is decided what goes where (Esser et al. 2024)."""
_HEADS, _HEAD_WIDTH, _LAYERS = 4, 64, 6
_INNER = 384

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
    """What the painter reads off the embedding of a prompt: how likely each fact is; one per embedding space."""

    @register_to_config
    def __init__(self, width: int = WIDTH, inner: int = _INNER, layers: int = 2) -> None:
        """Build with random weights."""
        super().__init__()
        blocks = [_Residual(inner) for _ in range(layers)]
        self.read = torch.nn.Sequential(torch.nn.Linear(width, inner), *blocks, torch.nn.LayerNorm(inner))
        self.name = torch.nn.Linear(inner, sum(FACTS.values()))

    def forward(self, embeddings: torch.Tensor) -> list[torch.Tensor]:
        """Unit rows (n, width) to logits of the answers to each of `facts.FACTS`, (n, answers)."""
        logits: torch.Tensor = self.name(self.read(embeddings * embeddings.shape[1] ** 0.5))
        return list(logits.split(list(FACTS.values()), dim=1))

    def tell(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Unit rows (n, width) to the chances of all answers, one fact after the other, float32 (n, all answers)."""
        return torch.cat([part.float().softmax(dim=1) for part in self(embeddings)], dim=1)


class ScenePrior(ModelMixin, ConfigMixin):
    """Plans a picture before it is painted: what stands in each cell, one after the other, given what a prompt says.

    An autoregressive prior over a discrete layout (as Ramesh et al. 2021 have one over image tokens), so that numbers
    and places, which many cells have to agree on, are decided by likelihood and not by the denoiser's averages.
    """

    @register_to_config
    def __init__(self, inner: int = 192, layers: int = 3) -> None:
        """Build with random weights."""
        super().__init__()
        self.facts = torch.nn.Parameter(torch.randn(sum(FACTS.values()), inner))
        self.grounds = torch.nn.Embedding(len(BACKGROUNDS), inner)
        self.cells = torch.nn.Embedding(len(KINDS), inner)
        self.place = torch.nn.Parameter(0.02 * torch.randn(len(FACTS) + LENGTH - 1, inner))
        layer = torch.nn.TransformerEncoderLayer(
            inner, inner // 48, 4 * inner, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.blocks = torch.nn.TransformerEncoder(layer, layers, torch.nn.LayerNorm(inner), enable_nested_tensor=False)
        self.ground, self.cell = torch.nn.Linear(inner, len(BACKGROUNDS)), torch.nn.Linear(inner, len(KINDS))
        self.register_buffer("mean_cells", torch.from_numpy(mean_cells()))

    def forward(self, told: torch.Tensor, layout: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Predict each part of a layout from those before it.

        Args:
            told: what the prompt says, as `SceneCondition.tell` has it.
            layout: the first parts of a layout, int64 (n, k).

        Returns:
            Logits of the background (n, backgrounds), and of the first k cells (n, k, kinds).
        """
        sizes = list(FACTS.values())
        facts = zip(told.split(sizes, dim=1), self.facts.split(sizes), strict=True)
        parts = [torch.stack([chances @ answers for chances, answers in facts], dim=1)]
        if layout.shape[1]:
            parts += [self.grounds(layout[:, :1]), self.cells(layout[:, 1:])]
        rows = torch.cat(parts, dim=1)
        rows = rows + self.place[: rows.shape[1]]
        unseen = torch.nn.Transformer.generate_square_subsequent_mask(rows.shape[1], dtype=rows.dtype)
        seen = self.blocks(rows, mask=unseen, is_causal=True)[:, len(FACTS) - 1 :]
        return self.ground(seen[:, 0]), self.cell(seen[:, 1:])

    def plan(self, told: torch.Tensor, chance: torch.Tensor) -> torch.Tensor:
        """Draw a layout for each prompt, int64 (n, 17), by dice thrown before: uniform numbers (n, 17)."""
        layout = torch.empty((len(told), 0), dtype=torch.long)
        for part in range(LENGTH):
            ground, cells = self(told, layout)
            share = (cells[:, -1] if part else ground).softmax(dim=1).cumsum(dim=1)
            drawn = (chance[:, part, None] > share).sum(dim=1, keepdim=True).clamp(max=share.shape[1] - 1)
            layout = torch.cat([layout, drawn], dim=1)
        return layout

    def sketch(self, layout: torch.Tensor) -> torch.Tensor:
        """Draw the mean of all pictures that follow a layout, float32 (n, 3, 48, 48) in [-1, 1]."""
        cells = self.mean_cells[layout[:, :1], layout[:, 1:]].unflatten(1, (CELLS_PER_SIDE, CELLS_PER_SIDE))
        return cells.permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, CANVAS, CANVAS)


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

    It takes the noisy picture and the sketch of what is planned, one over the other.
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

    model_cpu_offload_seq = "text_encoder->condition->prior->transformer"

    def __init__(
        self,
        text_encoder: SceneTextEncoder,
        condition: SceneCondition,
        prior: ScenePrior,
        transformer: PixArtTransformer2DModel,
        scheduler: FlowMatchEulerDiscreteScheduler,
    ) -> None:
        """Put the parts together."""
        super().__init__()
        self.register_modules(
            text_encoder=text_encoder, condition=condition, prior=prior, transformer=transformer, scheduler=scheduler
        )

    @torch.inference_mode()
    def __call__(
        self,
        prompt: str | Sequence[str],
        num_inference_steps: int = STEPS,
        generator: Generators = None,
        layout: torch.Tensor | None = None,
        output_type: str = "pil",
        return_dict: bool = True,
    ) -> ImagePipelineOutput | tuple[list[Image.Image] | torch.Tensor]:
        """Paint one picture per prompt.

        Args:
            prompt: one prompt, or several.
            num_inference_steps: denoising steps.
            generator: one CPU generator, or one per prompt so that each picture depends on its own seed only.
            layout: what is to stand where, int64 (n, 17), as `lab.layout` has it; planned from the prompt when not
                given.
            output_type: "pil" for pictures, "pt" for float32 (n, 3, 48, 48) in [0, 1].
            return_dict: False for a bare tuple.

        Raises:
            ValueError: as many generators as prompts were not given, or the output type is unknown.
        """
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        if output_type not in ("pil", "pt"):
            raise ValueError(f"output_type is 'pil' or 'pt', not {output_type!r}")
        chance = _dice(torch.rand, (LENGTH,), len(prompts), generator)
        noise = _dice(torch.randn, (3, CANVAS, CANVAS), len(prompts), generator)
        if layout is None:
            layout = self.prior.plan(self.condition.tell(self.text_encoder(prompts)), chance)
        self.scheduler.set_timesteps(num_inference_steps)
        painted = self._denoise(noise, self.prior.sketch(layout))
        images = (painted / 2 + 0.5).clamp(0, 1)
        given = self.numpy_to_pil(images.permute(0, 2, 3, 1).numpy()) if output_type == "pil" else images
        return ImagePipelineOutput(images=given) if return_dict else (given,)

    def paint(self, prompts: Sequence[str], **options: Any) -> list[Image.Image]:  # noqa: ANN401 - as of a call
        """Paint one picture per prompt; the options are those of a call."""
        painted: ImagePipelineOutput = self(list(prompts), output_type="pil", **options)
        return list(painted.images)

    def _denoise(self, picture: torch.Tensor, sketch: torch.Tensor) -> torch.Tensor:
        """From noise to pictures in [-1, 1], float32 (n, 3, 48, 48)."""
        for time in self.progress_bar(self.scheduler.timesteps):
            clean = paint_clean(self.transformer, picture, sketch, time.expand(len(picture)))
            velocity = (picture - clean) * (_TIMESTEPS / time)
            picture = self.scheduler.step(velocity, time, picture, return_dict=False)[0]
        return picture


def paint_clean(
    denoiser: torch.nn.Module, noisy: torch.Tensor, sketch: torch.Tensor, time: torch.Tensor
) -> torch.Tensor:
    """Predict the clean pictures behind noisy ones, (n, 3, 48, 48).

    All that the denoiser learns of the prompt is the sketch of the plan: what it attends to besides says nothing.
    """
    nothing = noisy.new_zeros(len(noisy), 1, WIDTH)
    clean: torch.Tensor = denoiser(torch.cat([noisy, sketch], dim=1), nothing, time).sample
    return clean


def _dice(throw: Callable[..., torch.Tensor], shape: tuple[int, ...], n: int, generator: Generators) -> torch.Tensor:
    """Throw dice for n pictures, (n, *shape), each with its own generator where there are several."""
    if generator is None or isinstance(generator, torch.Generator):
        return throw((n, *shape), generator=generator)
    if len(generator) != n:
        raise ValueError(f"{n} prompts want as many generators, {len(generator)} were given")
    return torch.stack([throw(shape, generator=one) for one in generator])
