"""The map's two axes over one corpus: kinds of difference and subject areas. Built when first asked for."""

from collections.abc import Sequence
from functools import cached_property

from faultfinder.tools.areas import EVERYWHERE, Area, areas_of, find_areas
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

    @cached_property
    def area_names(self) -> tuple[str, ...]:
        """The areas by name; a corpus that shows none, in a language the lexicon does not know, is one area."""
        return tuple(area.name for area in self.areas) or (EVERYWHERE,)

    def sentences_of(self, name: str) -> list[Sentence] | None:
        """Return the sentences that speak of an area; None where there is no such area."""
        if name not in self.area_names:
            return None
        area = next((area for area in self.areas if area.name == name), None)
        return [sentence for sentence in self.slots.sentences if area is None or area.holds(sentence)]
