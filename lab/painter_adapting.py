"""What a trained painter goes on learning from: pictures with captions, by the loss that taught it to plan.

A picture's plan is read off it, exactly where it is one of the world's. How likely the prior finds that plan under the
caption is the loss, and its gradient goes back through what the condition reads to the text tower. The denoiser learns
nothing of a caption but the plan, so no word fails in it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import cross_entropy

from faultfinder.lab.layout import layout_of
from faultfinder.lab.painter import ScenePipeline
from faultfinder.lab.reading import read
from faultfinder.lab.vision import NotASceneError, parse

LAYERS = {"text_encoder": ("token_embedding", "c_fc", "c_proj")}
"""What adapters go beside, by the names' ends: what hears a caption."""


def plan_of(picture: Image.Image) -> tuple[int, ...] | None:
    """Return the plan that a picture follows, seventeen numbers as of `lab.layout`; None where it is illegible."""
    try:
        return tuple(layout_of(parse(np.asarray(picture.convert("RGB")))))
    except NotASceneError:
        reading = read(picture)
    return tuple(layout_of(reading.scene)) if reading.legible else None


def plan_losses(pipeline: ScenePipeline, captions: Sequence[str], plans: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return how unlikely each plan is under its caption: minus the logarithm of its chance, float32 (n,)."""
    if not plans:
        return torch.zeros(0)
    layouts = torch.tensor(list(plans))
    told = pipeline.condition.tell(pipeline.text_encoder(list(captions)))
    grounds, cells = pipeline.prior(told, layouts[:, :-1])
    ground = cross_entropy(grounds, layouts[:, 0], reduction="none")
    return ground + cross_entropy(cells.transpose(1, 2), layouts[:, 1:], reduction="none").sum(1)
