"""Edits of whole sentences: said twice, left out, moved, broken off, preceded by filler, mixed with another input's."""

from random import Random

from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.actions.passages import Edited, Passage, some
from faultfinder.tools.sentences import sentences
from faultfinder.tools.textrank import central

_ENOUGH = 3
"""Sentences of a text that can lose one."""

_LONG_ENOUGH = 6
"""Words of a sentence that can be broken off in its middle."""


def repeated(passage: Passage, share: float) -> Edited | None:
    """Say a share of the sentences twice in a row."""
    chosen = set(some(range(len(passage.sentences)), share, passage.dice("repeated")))
    said = [s for number, s in enumerate(passage.sentences) for s in [s] * (2 if number in chosen else 1)]
    return Edited(" ".join(said)) if chosen else None


def dropped(passage: Passage, share: float) -> Edited | None:
    """Leave out the sentence that says least of the text: the last in the order of TextRank."""
    if len(passage.sentences) < _ENOUGH:
        return None
    least = central(passage.sentences)[-1]
    return Edited(" ".join(s for number, s in enumerate(passage.sentences) if number != least))


def reordered(passage: Passage, share: float) -> Edited | None:
    """Put the sentences in another order."""
    order = list(passage.sentences)
    if len(set(order)) < 2:
        return None
    dice = passage.dice("reordered")
    while order == passage.sentences:
        dice.shuffle(order)
    return Edited(" ".join(order))


def broken_off(passage: Passage, share: float) -> Edited | None:
    """Break the last of three or more sentences off in its middle."""
    last = passage.sentences[-1].split() if passage.sentences else []
    if len(passage.sentences) < _ENOUGH or len(last) < _LONG_ENOUGH:
        return None
    return Edited(" ".join([*passage.sentences[:-1], *last[: len(last) // 2]]))


def irrelevant(passage: Passage, share: float) -> Edited | None:
    """Put a sentence of another input between two sentences, or behind the only one."""
    dice = passage.dice("irrelevant")
    strange = sorted({s for other in passage.others for s in sentences(other)} - set(passage.sentences))
    if not strange or not passage.sentences:
        return None
    put = dice.choice(strange)
    place = dice.randrange(1, max(2, len(passage.sentences)))
    return Edited(" ".join([*passage.sentences[:place], put, *passage.sentences[place:]]), added=put)


def fillers(passage: Passage, share: float) -> Edited | None:
    """Begin a share of the sentences with a phrase that adds nothing."""
    dice = passage.dice("fillers")
    begun = {number: _begun(s, dice) for number, s in enumerate(passage.sentences)}
    chosen = some(list(begun), share, dice)
    said = [begun[number] if number in chosen else s for number, s in enumerate(passage.sentences)]
    return Edited(" ".join(said), added=" ".join(EditWords.load().fillers)) if chosen else None


def _begun(sentence: str, dice: Random) -> str:
    words = EditWords.load()
    first = sentence.split()[0]
    small = len(first) > 1 and first.lower() in words.stop and not first.isupper()  # a name keeps its capital
    return f"{dice.choice(words.fillers)} {first.lower() if small else first}{sentence[len(first) :]}"
