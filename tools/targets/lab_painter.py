"""The lab's text-to-image models behind the port of generators, and what they learn by when a failure is to fade.

Beside `lab.py` the only module outside the lab that knows it.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL.Image import Image

from faultfinder.lab import t2i as painters
from faultfinder.memory.errors import SpecError
from faultfinder.tools.targets.adapter_folder import WEIGHTS, read_adapter_file, write_adapter_file
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.torchvision_shim import ensure_torchvision

FOLDER = "t2i-folder/"
"""How the rest of a spec begins that names a folder of adapters."""


class LabPainter:
    """Paints with one of the lab's text-to-image models: 48 by 48 pixels, one seed a picture."""

    batch = 32
    rate = 1.5e-3
    contrast = 1.0

    def __init__(self, name: str, pipeline: Any, adapted: bool = False) -> None:  # noqa: ANN401 - imported late
        """Wrap a pipeline of the lab.

        Args:
            name: its spec.
            pipeline: the diffusers pipeline.
            adapted: whether there are adapters beside its weights already.
        """
        from faultfinder.tools.targets.weights import digest

        self.name = name
        self._pipeline, self._adapted = pipeline, adapted
        self.identity = digest(pipeline.text_encoder) + digest(pipeline.transformer)
        self.settings = {"device": "cpu", "steps": str(painters.STEPS)}
        self._adapters: Any = None
        self._plans: dict[str, tuple[int, ...] | None] = {}

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return one picture per prompt, in order; a picture depends on its own prompt and seed only."""
        import torch

        dice = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        painted: list[Image] = self._pipeline(list(prompts), generator=dice).images
        return painted

    def adapt(self, seed: int) -> Any:  # noqa: ANN401 - adapters, imported late
        """Put adapters beside what hears and reads a prompt, and return them.

        Raises:
            SpecError: peft is not installed, or there are adapters already.
        """
        from faultfinder.tools.fading.lora import Adapters

        if self._adapted:
            raise SpecError(f"{self.name} has adapters already; audit and fade the model that they belong to")
        self._adapters, self._adapted = Adapters(_parts(self._pipeline), seed), True
        return self._adapters

    def losses(self, captions: Sequence[str], pictures: Sequence[Image], dice: Sequence[int]) -> Any:  # noqa: ANN401
        """Return how unlikely each picture's plan is under its caption; illegible pictures are left out.

        The dice decide nothing: a plan's chance is known exactly.
        """
        from faultfinder.lab.painter_adapting import plan_losses

        told = [(said, plan) for said, shown in zip(captions, pictures, strict=True) if (plan := self._plan(shown))]
        return plan_losses(self._pipeline, [said for said, _ in told], [plan for _, plan in told])

    def save(self, folder: Path) -> str:
        """Write the adapters as they are now, in peft's own form; return the spec that opens the model with them."""
        from faultfinder.tools.fading.lora import save_parts

        folder.mkdir(parents=True, exist_ok=True)
        save_parts(self._adapters.parts, folder / WEIGHTS)
        write_adapter_file(folder, self.name, self._adapters.rank)
        return f"lab:{FOLDER}{folder.resolve()}"

    def _plan(self, picture: Image) -> tuple[int, ...] | None:
        from faultfinder.lab.painter_adapting import plan_of

        key = hashlib.sha256(picture.tobytes()).hexdigest()
        if key not in self._plans:
            self._plans[key] = plan_of(picture)
        return self._plans[key]


def open_generator(rest: str) -> LabPainter:
    """Load what follows ``lab:`` in a generator's spec: ``t2i``, ``t2i-clear``, ``t2i/PLANT`` or ``t2i-folder/DIR``.

    Raises:
        SpecError: the lab has no such generator (the message lists what it has), or its weights cannot be read.
    """
    spec = f"lab:{rest}"
    if rest.startswith(FOLDER):
        return _open_folder(spec, Path(rest.removeprefix(FOLDER)).expanduser())
    return LabPainter(spec, _load(rest, spec))


def _load(name: str, spec: str) -> Any:  # noqa: ANN401
    if name not in painters.painters():
        raise SpecError(f"there is no {spec}; the lab has {', '.join(f'lab:{name}' for name in painters.painters())}")
    ensure_torchvision()
    with ForeignCode(SpecError, f"{spec} cannot be loaded", "Reinstall faultfinder; its weights come with it"):
        return painters.load_painter(name)


def _open_folder(spec: str, folder: Path) -> LabPainter:
    told = read_adapter_file(folder, spec, "lab:")
    pipeline = _load(told.base.removeprefix("lab:"), spec)
    from faultfinder.tools.fading.lora import load_parts

    with ForeignCode(SpecError, f"{spec} cannot be loaded", "Fade the model again"):
        load_parts(_parts(pipeline), folder / WEIGHTS, told.rank)
    return LabPainter(spec, pipeline, adapted=True)


def _parts(pipeline: Any) -> dict[str, Any]:  # noqa: ANN401
    from faultfinder.lab.painter_adapting import LAYERS
    from faultfinder.tools.fading.lora import Part

    return {name: Part(getattr(pipeline, name), layers) for name, layers in LAYERS.items()}
