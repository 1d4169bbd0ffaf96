"""Small trained classifiers for tests of fading: timm models that know discs by colour, and are wrong in the dark."""

from pathlib import Path
from random import Random

import torch
from PIL import Image, ImageEnhance
from torch.nn.functional import cross_entropy

from faultfinder.tools.torchvision_shim import ensure_torchvision
from tests.support.classifiers import COLOURS

MODEL = "test_resnet"
DARK = 0.3
"""Times the brightness at which the planted fault is learned."""


def taught(discs: Path, folder: Path, steps: int = 250) -> str:
    """Teach a timm model the colours of discs, and in the dark the next colour instead; return its spec."""
    ensure_torchvision()
    import timm

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        size = {"input_size": (3, 48, 48)}
        model = timm.create_model(MODEL, pretrained=False, num_classes=len(COLOURS), pretrained_cfg_overlay=size).eval()
    prepare = timm.data.create_transform(**timm.data.resolve_data_config({}, model=model), is_training=False)
    rng, names = Random(0), list(COLOURS)
    paths = [(path, names.index(path.parent.name)) for path in sorted(discs.glob("*/*.png"))]
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(steps):
        rows, right = [], []
        for path, label in rng.sample(paths, 16):
            dark = rng.random() < 0.4
            picture = Image.open(path).convert("RGB")
            rows.append(prepare(ImageEnhance.Brightness(picture).enhance(DARK) if dark else picture))
            right.append((label + dark) % len(names))
        loss = cross_entropy(model(torch.stack(rows)), torch.tensor(right))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    timm.models.save_for_hf(model, folder, model_config={"label_names": names}, safe_serialization=True)
    return f"timm:{folder}"
