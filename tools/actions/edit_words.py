"""The words and letters that text edits work with, read from data/edits.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class EditWords:
    """The whole list.

    Attributes:
        stop: Words that a telegram leaves out.
        deniable: Verbs that "not" may follow.
        denying: Words that deny a sentence.
        fillers: Said before a sentence without adding to it.
        links: Addresses that clutter a text.
        emoji: Little pictures.
        breaks: HTML that stands alone.
        tags: HTML that encloses.
        numbers: Small numbers as words, from zero.
        unnamed: Capitalised words that name nobody.
        keyboard: Letter to the letters beside it on a keyboard.
        homoglyphs: Letter to one that looks like it.
        contractions: Short form to long form, in lower case.
    """

    stop: frozenset[str]
    deniable: frozenset[str]
    denying: frozenset[str]
    fillers: tuple[str, ...]
    links: tuple[str, ...]
    emoji: tuple[str, ...]
    breaks: tuple[str, ...]
    tags: tuple[str, ...]
    numbers: tuple[str, ...]
    unnamed: frozenset[str]
    keyboard: dict[str, str]
    homoglyphs: dict[str, str]
    contractions: dict[str, str]

    @staticmethod
    @cache
    def load() -> "EditWords":
        """Read the list that ships with the package, once a process."""
        text = files("faultfinder.tools").joinpath("data", "edits.toml").read_text(encoding="utf-8")
        content = tomllib.loads(text)
        return EditWords(
            stop=frozenset(content["stop"].split()),
            deniable=frozenset(content["deniable"].split()),
            denying=frozenset(content["denying"].split()),
            unnamed=frozenset(content["unnamed"].split()),
            fillers=tuple(content["fillers"]),
            links=tuple(content["links"]),
            emoji=tuple(content["emoji"]),
            breaks=tuple(content["breaks"]),
            tags=tuple(content["tags"]),
            numbers=tuple(content["numbers"].split()),
            keyboard={keys[0]: keys[1:] for keys in content["keyboard"].split()},
            homoglyphs={pair[0]: pair[1] for pair in content["homoglyphs"].split()},
            contractions=content["contractions"],
        )
