"""Denying a statement: "not" behind its first verb that may take it, or 'did not' in front of one that may not."""

from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import ARTICLES, WordList
from faultfinder.tools.sentences import is_word, pieces, words
from faultfinder.tools.word_exchange import word_senses

_PRONOUNS = ("he", "she", "it", "they", "we", "i", "you", "who")
_OFTEN, _MOSTLY = 0.25, 0.5
"""Shares of a word's weight as a verb."""


def denied(sentence: str) -> str | None:
    """Return a statement denied; None for questions, what is denied already, and where no verb is found."""
    parts = pieces(sentence)
    if sentence.rstrip().endswith("?") or any(_denies(part) for part in parts):
        return None
    places = [i for i, part in enumerate(parts) if part.lower() in EditWords.load().deniable and i > 0]
    if places:
        put = f"{parts[places[0]]} {'NOT' if sentence.isupper() else 'not'}"
        return "".join([*parts[: places[0]], put, *parts[places[0] + 1 :]])
    return _with_do(parts)


def denies_more(before: str, after: str) -> bool:
    """Tell whether an answer holds more words that deny than another."""
    return sum(map(_denies, words(after))) > sum(map(_denies, words(before)))


def _denies(word: str) -> bool:
    plain = word.lower().replace("\u2019", "'")
    return plain in EditWords.load().denying or plain.endswith("n't")


def _with_do(parts: list[str]) -> str | None:
    """Deny the first finite verb that follows right behind who does it."""
    places = [i for i, part in enumerate(parts) if is_word(part)]
    for number, place in enumerate(places[1:], start=1):
        before, behind = places[number - 1], parts[places[number + 1]] if number + 1 < len(places) else ""
        stem = _stem(parts[place], behind) if place == before + 2 and _may_do(parts[before]) else None
        if stem is not None:
            helper = "does" if parts[place].endswith("s") else "did"
            return "".join([*parts[:place], f"{helper} not {stem}", *parts[place + 1 :]])
    return None


def _stem(word: str, behind: str) -> str | None:
    """Return the dictionary form of a verb in the past tense or third person; None for all other words.

    A word that is a noun as often ("rides") counts as a verb before a word of grammar ("rides a horse").
    """
    shares = word_senses().shares(word)
    least = _OFTEN if behind.lower() in WordList.load().function | ARTICLES else _MOSTLY
    if shares.get("v", 0.0) < least or word.endswith("ing") or not word.islower():
        return None
    stems = sorted(lemma for lemma, part in Lexicon.load().lemmas(word) if part == "v" and lemma != word)
    return stems[0] if len(stems) == 1 else None


def _may_do(word: str) -> bool:
    """Tell a noun, a name or a pronoun: what a verb may say something of."""
    return word.lower() in _PRONOUNS or word[0].isupper() or Lexicon.load().part_of_speech(word) == "noun"
