"""An instruction put around a text: "Summarize in one sentence: {text}"."""

from faultfinder.memory.errors import SpecError

PLACE = "{text}"
DEFAULT = "Summarize the following text in one or two sentences. Answer with the summary only.\n\n{text}"


def checked(instruction: str, spec: str) -> str:
    """Return an instruction that has exactly one place for the text.

    Raises:
        SpecError: it has none, or several.
    """
    if instruction.count(PLACE) != 1:
        raise SpecError(f"{spec}: the instruction {instruction!r} must say {PLACE} once, where the text goes")
    return instruction


def instructed(instruction: str, text: str) -> str:
    """Return the instruction with the text in its place; braces in the text are left as they are."""
    before, _, after = instruction.partition(PLACE)
    return f"{before}{text}{after}"
