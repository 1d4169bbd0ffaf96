"""An instruction put around a text: "Summarize in one sentence: {text}"."""

from faultfinder.memory.errors import SpecError

PLACE = "{text}"
DEFAULT = "Summarize the following text in one or two sentences. Answer with the summary only.\n\n{text}"
MARK = "@instruction="
"""What an instruction stands behind, last in the spec of a model that takes one."""


def checked(instruction: str, spec: str) -> str:
    """Return an instruction that has exactly one place for the text.

    Raises:
        SpecError: it has none, or several.
    """
    if instruction.count(PLACE) != 1:
        raise SpecError(f"{spec}: the instruction {instruction!r} must say {PLACE} once, where the text goes")
    return instruction


def written(instruction: str | None) -> str:
    """Return an instruction in full: the usual one where there is none, the text after it where it names no place.

    Raises:
        SpecError: it is empty.
    """
    if instruction is None:
        return DEFAULT
    if not instruction.strip():
        raise SpecError('the instruction is empty; say what is to be done with a text: "Summarize in one sentence."')
    return instruction if PLACE in instruction else f"{instruction.rstrip()}\n\n{PLACE}"


def instructed(instruction: str, text: str) -> str:
    """Return the instruction with the text in its place; braces in the text are left as they are."""
    before, _, after = instruction.partition(PLACE)
    return f"{before}{text}{after}"
