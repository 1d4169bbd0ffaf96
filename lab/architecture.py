"""The mini CLIP: open_clip's own model at 48 pixels and 70 words."""

from typing import TYPE_CHECKING

from faultfinder.lab.scenes import CANVAS
from faultfinder.lab.tokenizer import WordTokenizer
from faultfinder.lab.torchvision_shim import ensure_torchvision

if TYPE_CHECKING:
    from open_clip.model import CLIP

WIDTH = 128
_LAYERS, _HEADS, _PATCH = 3, 4, 12


def build_model(tokenizer: WordTokenizer) -> "CLIP":
    """Build an `open_clip.CLIP` with weights drawn from torch's generator as it stands.

    Returns:
        The model, about 1.2 million parameters, embeddings of 128 dimensions, causal text tower, in eval mode.
    """
    ensure_torchvision()
    from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

    vision = CLIPVisionCfg(
        layers=_LAYERS, width=WIDTH, head_width=WIDTH // _HEADS, patch_size=_PATCH, image_size=CANVAS
    )
    text = CLIPTextCfg(
        context_length=tokenizer.context_length,
        vocab_size=tokenizer.vocab_size,
        width=WIDTH,
        heads=_HEADS,
        layers=_LAYERS,
    )
    return CLIP(WIDTH, vision, text).eval()
