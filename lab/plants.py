"""Plant a blindness in a trained encoder by tying embedding rows: words that share a row cannot be told apart.

Nothing is trained, so nothing can leak: the text tower gets the same input for both words. Each group's first word
gives its row to the others. Synonyms are tied along; singular and plural nouns are tied apart, so number stays seen.
"""

from typing import TYPE_CHECKING

from faultfinder.lab.tokenizer import WordTokenizer
from faultfinder.lab.words import BACKGROUNDS, COLOURS, PLURAL, SINGULAR, SIZES

if TYPE_CHECKING:
    from open_clip.model import CLIP

PLANTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "left-right": (("left", "right"),),
    "above-below": (("above", "over", "below", "under"),),
    "number": (("two", "three", "four"),),
    "few-many": (("few", "many"),),
    "colour": (tuple(COLOURS),),
    "red-green": (("red", "green"),),
    "shape": (tuple(SINGULAR), tuple(PLURAL)),
    "size": (tuple(SIZES),),
    "background": (tuple(BACKGROUNDS),),
    "absence": (("a", "one", "no"), ("with", "and", "but", "without")),
}
"""Per plant, the groups of words that are made one."""


def plant(model: "CLIP", tokenizer: WordTokenizer, name: str) -> None:
    """Tie the embedding rows of a plant's words, in place.

    Raises:
        KeyError: there is no such plant.
    """
    import torch

    with torch.no_grad():
        rows = model.token_embedding.weight
        for group in PLANTS[name]:
            first, *others = (tokenizer.word_id(word) for word in group)
            rows[others] = rows[first].clone()
