"""The map's two axes over one corpus: kinds of difference and subject areas. Built when first asked for."""

from collections.abc import Sequence
from functools import cached_property

from faultfinder.tools.areas import Area, areas_of, find_areas
from faultfinder.tools.edits import Sentence
from faultfinder.tools.kinds import Kinds
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.slots import Slots


class CorpusMap:
    """Slots, kinds of difference and subject areas of a corpus."""

    def __init__(self, texts: Sequence[str], lexicon: Lexicon) -> None:
        """Keep the texts; nothing is read before it is asked for.

        Args:
            texts: the corpus.
            lexicon: names kinds, and says which words are nouns.
        """
        self.texts = texts
        self.lexicon = lexicon
        self._areas_of: dict[str, tuple[str, ...]] = {}

    @cached_property
    def slots(self) -> Slots:
        """Which words may stand where."""
        return Slots(self.texts)

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of difference."""
        return Kinds(self.slots, self.lexicon)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """The subject areas, the largest first."""
        return find_areas(self.slots, self.lexicon)

    def areas_of(self, text: str) -> tuple[str, ...]:
        """Return the names of the areas a text speaks of; each text is read once."""
        if text not in self._areas_of:
            self._areas_of[text] = areas_of(self.areas, Sentence(text))
        return self._areas_of[text]

    def area(self, name: str) -> Area | None:
        """Return an area by its name."""
        return next((area for area in self.areas if area.name == name), None)
