"""Rewordings that keep the meaning, for any sentence, without a model.

A rewording must cost an encoder about as much as its users' framings do ("a photo of"), yet little in words: an encoder
that only counts words must not take a word exchanged for a rewording. Adding one word to n costs such an encoder
1 / 2n, exchanging one costs 1 / n. So two of the three frames are a single word, without a mark that some tokenizers
count as one, and the sentence stays as it is, capitals and full stop too. docs/agreement.md has what else was tried.
"""

FRAMES = ("shows", "see", "a photo of")


class TemplateRewriter:
    """Frames a sentence in ways that say nothing new: "shows X", "see X", "a photo of X"."""

    name = "templates"

    def rewordings(self, text: str) -> list[str]:
        """Return one rewording a frame, in the order of the frames."""
        return [f"{frame} {text}" for frame in FRAMES]
