"""Edits of words: left out, exchanged for others that say the same, moved, run together."""

import re

from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.actions.passages import Edited, Passage, capitalised_like, some
from faultfinder.tools.inflection import MOST_DIGITS, article, in_words
from faultfinder.tools.lexicon_words import WordList
from faultfinder.tools.word_exchange import synonyms

_WHOLE_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+")


def stop_words(passage: Passage, share: float) -> Edited | None:
    """Leave out a share of the words that a telegram does without, each with the blank behind it."""
    stop = EditWords.load().stop
    places = [position for position in passage.words if passage.pieces[position].lower() in stop]
    puts = {}
    for position in some(places, share, passage.dice("stop-words")):
        puts[position] = ""
        if passage.pieces[position + 1 : position + 2] == [" "]:
            puts[position + 1] = ""
    return Edited(passage.exchanged(puts)) if puts else None


def exchanged_synonyms(passage: Passage, share: float) -> Edited | None:
    """Exchange a share of the words that have a synonym for it, and set the articles before them right."""
    grammar = WordList.load().function | EditWords.load().stop
    telling = [i for i in passage.words if passage.pieces[i].isalpha() and passage.pieces[i].lower() not in grammar]
    found = {i: synonyms(passage.pieces[i].lower()) for i in telling}
    chosen = some([i for i, others in found.items() if others], share, passage.dice("synonyms"))
    puts = {i: capitalised_like(found[i][0], passage.pieces[i]) for i in chosen}
    return Edited(with_articles(passage, puts), added=" ".join(puts.values())) if puts else None


def with_articles(passage: Passage, puts: dict[int, str]) -> str:
    """Return the text with other words put in, 'a' and 'an' right before them set by their sound."""
    articles = {
        i - 2: capitalised_like(article(put), passage.pieces[i - 2])
        for i, put in puts.items()
        if i >= 2 and passage.pieces[i - 2].lower() in ("a", "an")
    }
    return passage.exchanged(articles | puts)


def contracted(passage: Passage, share: float) -> Edited | None:
    """Contract a share of what can be contracted: 'do not' becomes 'don't'."""
    short_of = {long: short for short, long in reversed(EditWords.load().contractions.items())}
    return _phrases(passage, share, short_of, "contracted")


def expanded(passage: Passage, share: float) -> Edited | None:
    """Write a share of the contractions out: 'don't' becomes 'do not'."""
    return _phrases(passage, share, EditWords.load().contractions, "expanded")


def number_words(passage: Passage, share: float) -> Edited | None:
    """Write a share of the whole numbers in words."""
    able = [i for i in passage.words if _WHOLE_NUMBER.fullmatch(passage.pieces[i])]
    able = [i for i in able if len(passage.pieces[i]) <= MOST_DIGITS]
    chosen = some(able, share, passage.dice("number-words"))
    puts = {i: in_words(passage.pieces[i].replace(",", "")) for i in chosen}
    return Edited(passage.exchanged(puts), added=" ".join(puts.values())) if puts else None


def neighbours_swapped(passage: Passage, share: float) -> Edited | None:
    """Let a share of the pairs of neighbouring words within sentences change places."""
    pairs: list[int] = []
    words = set(passage.words)
    for position in passage.words:
        free = not pairs or position > pairs[-1] + 2
        if free and position + 2 in words and passage.pieces[position + 1] == " ":
            pairs.append(position)
    puts: dict[int, str] = {}
    for i in some(pairs, share, passage.dice("shuffled")):
        puts |= {i: passage.pieces[i + 2], i + 2: passage.pieces[i]}
    return Edited(passage.exchanged(puts)) if puts else None


def run_together(passage: Passage, share: float) -> Edited | None:
    """Lose a share of the blanks between words."""
    words = set(passage.words)
    blanks = [i for i, piece in enumerate(passage.pieces) if piece == " " and {i - 1, i + 1} <= words]
    puts = dict.fromkeys(some(blanks, share, passage.dice("run-together")), "")
    return Edited(passage.exchanged(puts)) if puts else None


def _phrases(passage: Passage, share: float, table: dict[str, str], purpose: str) -> Edited | None:
    """Exchange phrases of one or two words by a table in lower case, keeping a capital at the beginning."""
    phrase = re.compile(rf"\b(?:{'|'.join(map(re.escape, table))})\b(?!['\u2019-])", re.IGNORECASE)
    text = passage.text.replace("\u2019", "'") if purpose == "expanded" else passage.text
    places = list(phrase.finditer(text))
    made: list[str] = []
    end = 0
    for place in some(places, share, passage.dice(purpose)):
        put = capitalised_like(table.get(place.group().lower(), place.group()), place.group())
        made += [text[end : place.start()], put if place.group()[0].isupper() or put[0] != "i" else f"I{put[1:]}"]
        end = place.end()
    return Edited("".join(made) + text[end:], added=" ".join(made[1::2])) if made else None
