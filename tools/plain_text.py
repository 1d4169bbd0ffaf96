"""Untrusted text made harmless for a terminal."""


def plain(text: str) -> str:
    """Return a text as one line without anything a terminal would obey (escapes, control and direction characters)."""
    return "".join(character if character.isprintable() else " " for character in text).strip()
