"""Edits of what stands between the words: marks, blanks, and what copied text is cluttered with."""

import unicodedata
from collections.abc import Callable
from html import escape
from random import Random

from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.actions.passages import Edited, Passage, some

_LINE = 5
"""Words of a line, where a text is broken into lines."""

_MARKS = ".!?,;:"


def no_punctuation(passage: Passage, share: float) -> Edited | None:
    """Leave out every mark between words; hyphens, apostrophes and points within them stay."""
    marks = [i for i, p in enumerate(passage.pieces) if len(p) == 1 and unicodedata.category(p).startswith("P")]
    return Edited(passage.exchanged(dict.fromkeys(marks, ""))) if marks else None


def extra_punctuation(passage: Passage, share: float) -> Edited | None:
    """Write a share of the marks three times."""
    marks = [i for i, piece in enumerate(passage.pieces) if piece in _MARKS]
    chosen = some(marks, share, passage.dice("extra-punctuation"))
    return Edited(passage.exchanged({i: passage.pieces[i] * 3 for i in chosen})) if chosen else None


def extra_spaces(passage: Passage, share: float) -> Edited | None:
    """Widen a share of the blanks to several blanks or a tab."""
    dice = passage.dice("extra-spaces")
    wide = {i: dice.choice(("   ", "\t", "     ")) for i in _blanks(passage)}
    chosen = some(list(wide), share, dice)
    return Edited(passage.exchanged({i: wide[i] for i in chosen})) if chosen else None


def line_breaks(passage: Passage, share: float) -> Edited | None:
    """Break the line at the blank behind every fifth word, in the middle of sentences."""
    puts = dict.fromkeys(_blanks(passage)[_LINE - 1 :: _LINE], "\n")
    return Edited(passage.exchanged(puts)) if puts else None


def html(passage: Passage, share: float) -> Edited | None:
    """Put a share of the words between tags, breaks behind some of them, and escape what HTML escapes."""
    words, dice = EditWords.load(), passage.dice("html")
    puts = {i: escape(piece, quote=True) for i, piece in enumerate(passage.pieces)}
    chosen = some(passage.words, share, dice)
    for i in chosen:
        tag = dice.choice(words.tags)
        puts[i] = f"<{tag}>{puts[i]}</{tag}>" + (dice.choice(words.breaks) if dice.random() < 0.5 else "")
    known = " ".join([*words.tags, *words.breaks, "p", "amp lt gt quot x27"])
    return Edited(f"<p>{passage.exchanged(puts)}</p>", added=known) if chosen else None


def links(passage: Passage, share: float) -> Edited | None:
    """Put a link behind a share of the sentences."""
    return _behind(passage, share, "links", lambda dice: dice.choice(EditWords.load().links))


def emoji(passage: Passage, share: float) -> Edited | None:
    """Put one to three emoji behind a share of the sentences."""
    pictures = EditWords.load().emoji
    return _behind(passage, share, "emoji", lambda dice: "".join(dice.choices(pictures, k=dice.randint(1, 3))))


def _behind(passage: Passage, share: float, purpose: str, made: Callable[[Random], str]) -> Edited | None:
    dice = passage.dice(purpose)
    puts = {number: made(dice) for number in range(len(passage.sentences))}
    chosen = some(list(puts), share, dice)
    said = [f"{s} {puts[i]}" if i in chosen else s for i, s in enumerate(passage.sentences)]
    return Edited(" ".join(said), added=" ".join(puts.values())) if chosen else None


def _blanks(passage: Passage) -> list[int]:
    """Return positions of single blanks between two pieces."""
    return [i for i, piece in enumerate(passage.pieces) if piece == " " and 0 < i < len(passage.pieces) - 1]
