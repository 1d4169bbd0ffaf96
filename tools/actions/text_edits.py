"""The edits of texts: what each of them does, and what it does to the meaning. A space of actions is made of them.

An edit **keeps** what a text says, or **changes** it, and the two have different truths. Under one that keeps, the
right answer is the one to the unchanged text (or the reference). Under one that changes, the right answer has the same
change in it; an answer that stays as it was is wrong. An edit of the latter kind therefore comes with the same change
for answers, and counts only where the answer to the unchanged text speaks of what was changed.

What an edit leaves unsaid (`drop-sentence`, `cut-off`) is the least central sentence or half of the last one, on which
a summary must not depend; it counts as keeping. A *share* is of the places where the edit can be made: of all longer
words for typing mistakes, of all marks for extra punctuation. It is the edit's strength; edits without a share are made
everywhere, or in one place. The same text, seed and share give the same edit on every machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from faultfinder.memory.errors import OptionError
from faultfinder.memory.regions import Level
from faultfinder.tools.actions import changing_edits as changing
from faultfinder.tools.actions import letter_edits as letters
from faultfinder.tools.actions import noise_edits as noise
from faultfinder.tools.actions import sentence_edits as whole
from faultfinder.tools.actions import word_edits as words
from faultfinder.tools.actions.passages import Edited, Passage
from faultfinder.tools.actions.space import ActionSpace, Factor

EDIT, STRENGTH, NONE = "edit", "strength", "none"
"""Names of the factors, and the edit that changes nothing."""

STEP = 0.1
"""A small step of the strength."""

STRENGTHS = tuple(round(STEP * number, 1) for number in range(11))


class Effect(StrEnum):
    """What an edit does to the meaning."""

    KEEPS = "keeps"
    CHANGES = "changes"


@dataclass(frozen=True)
class TextEdit:
    """One way to edit a text.

    Attributes:
        name: One word, with hyphens.
        say: What it does, to be put behind 'a text': 'with stop words dropped'.
        effect: Whether the text says the same afterwards.
        make: Edits a passage, touching a share of the places; None where there is nothing to touch.
        nothing: Why it could not be made: 'no stop words to drop'.
        share: Share of the places touched where nothing else is said; None for edits without a strength.
    """

    name: str
    say: str
    effect: Effect
    make: Callable[[Passage, float], Edited | None]
    nothing: str
    share: float | None = None


@dataclass(frozen=True)
class EditFactor(Factor):
    """The factor whose levels are edits, each said in words."""

    def told(self, level: Level) -> str:
        """Say an edit: 'with stop words dropped'."""
        return "unchanged" if level == NONE else named(str(level)).say


_K, _C = Effect.KEEPS, Effect.CHANGES

EDITS = (
    TextEdit("stop-words", "with stop words dropped", _K, words.stop_words, "no stop words to drop", 1.0),
    TextEdit("typos", "with letters mistyped", _K, letters.typos, "no word to mistype", 0.3),
    TextEdit("swapped-letters", "with letters swapped", _K, letters.swapped_letters, "no letters to swap", 0.3),
    TextEdit("dropped-letters", "with letters left out", _K, letters.dropped_letters, "no letter to leave out", 0.3),
    TextEdit("homoglyphs", "in look-alike letters", _K, letters.homoglyphs, "no letter with a look-alike", 0.3),
    TextEdit("upper-case", "in capitals", _K, letters.upper_case, "nothing to capitalise"),
    TextEdit("lower-case", "in small letters", _K, letters.lower_case, "no capital letter"),
    TextEdit("no-punctuation", "without punctuation", _K, noise.no_punctuation, "no punctuation to drop"),
    TextEdit("extra-marks", "with marks tripled", _K, noise.extra_punctuation, "no marks to triple", 1.0),
    TextEdit("extra-spaces", "with blanks widened", _K, noise.extra_spaces, "no blank to widen", 0.5),
    TextEdit("line-breaks", "broken into short lines", _K, noise.line_breaks, "too short for a second line"),
    TextEdit("run-together", "with blanks lost", _K, words.run_together, "no blank to lose", 0.15),
    TextEdit("html", "cluttered with HTML", _K, noise.html, "no word to put between tags", 0.3),
    TextEdit("links", "with links put in", _K, noise.links, "no sentence to put a link behind", 0.5),
    TextEdit("emoji", "with emoji put in", _K, noise.emoji, "no sentence to put emoji behind", 0.5),
    TextEdit("number-words", "with numbers in words", _K, words.number_words, "no whole number in digits", 1.0),
    TextEdit("contracted", "with contractions made", _K, words.contracted, "nothing to contract", 1.0),
    TextEdit("expanded", "with contractions written out", _K, words.expanded, "no contraction", 1.0),
    TextEdit("synonyms", "with synonyms put in", _K, words.exchanged_synonyms, "no word with a plain synonym", 1.0),
    TextEdit("fillers", "with filler phrases", _K, whole.fillers, "no sentence to begin with filler", 0.5),
    TextEdit("shuffled", "with words out of order", _K, words.neighbours_swapped, "no neighbours to swap", 0.3),
    TextEdit("repeat-sentence", "with a sentence repeated", _K, whole.repeated, "no sentence to repeat", 0.01),
    TextEdit("drop-sentence", "without its least telling sentence", _K, whole.dropped, "fewer than three sentences"),
    TextEdit("reorder", "with sentences reordered", _K, whole.reordered, "no second sentence"),
    TextEdit(
        "cut-off", "with its end cut off", _K, whole.broken_off, "fewer than three sentences, or a short last one"
    ),
    TextEdit("irrelevant", "with a sentence from elsewhere", _K, whole.irrelevant, "no other input to take one from"),
    TextEdit("negation", "with a statement negated", _C, changing.negated, "nothing to negate"),
    TextEdit("opposites", "with a word turned into its opposite", _C, changing.opposites, "no word with an antonym"),
    TextEdit("other-numbers", "with another number", _C, changing.other_numbers, "no number"),
    TextEdit("swapped-names", "with two names swapped", _C, changing.swapped_names, "fewer than two names"),
)
"""All of them; docs/text-edits.md is made of this."""


def named(name: str) -> TextEdit:
    """Return an edit by name.

    Raises:
        OptionError: there is none of that name.
    """
    for edit in EDITS:
        if edit.name == name:
            return edit
    raise OptionError(f"{name!r} is no text edit; there are {', '.join(edit.name for edit in EDITS)}")


def made(edit: TextEdit, passage: Passage, share: float | None = None) -> Edited | None:
    """Edit a text.

    Args:
        edit: what to do.
        passage: the text.
        share: of the places, above 0 and up to 1; the edit's own where None.

    Returns:
        The edited text, always another one; None where there is nothing to edit.

    Raises:
        OptionError: the share is out of range.
    """
    touched = edit.share if share is None else share
    if touched is not None and not 0 < touched <= 1:
        raise OptionError(f"{edit.name} cannot touch a share of {touched:g}; it lies above 0 and is 1 at most")
    found = edit.make(passage, 1.0 if touched is None else touched)
    return None if found is None or found.text == passage.text else found


def edit_space(names: Sequence[str] = (), strengths: Sequence[float] | None = None) -> ActionSpace:
    """Return a space of text edits: one big step each, or small steps of strength.

    Args:
        names: edits to choose among; all of them, or all that have a strength, where empty.
        strengths: shares from 0 on, which make a second, ordered factor; None for each edit's own share.

    Raises:
        OptionError: a name is unknown, or strengths are asked of an edit that has none.
    """
    chosen = [named(name) for name in names] or [e for e in EDITS if strengths is None or e.share is not None]
    levels = (NONE, *(edit.name for edit in chosen))
    if strengths is None:
        return ActionSpace([EditFactor(EDIT, levels, "{level}", neutral=NONE)])
    if without := [edit.name for edit in chosen if edit.share is None]:
        raise OptionError(f"{', '.join(without)} cannot be made stronger or weaker; leave out edits or strengths")
    if not strengths or strengths[0] != 0 or strengths[-1] > 1:
        raise OptionError(f"strengths begin with 0 and end with 1 at most, unlike {tuple(strengths)}")
    grown = Factor(STRENGTH, tuple(strengths), "in a share of {level} of the places", neutral=0.0, step=STEP)
    return ActionSpace([EditFactor(EDIT, levels, "{level}", neutral=NONE), grown])
