"""Whether adapters can be used here."""

from importlib.util import find_spec

from faultfinder.memory.errors import SpecError


def require_peft() -> None:
    """Make sure that peft is installed.

    Raises:
        SpecError: it is not.
    """
    if find_spec("peft") is None:
        raise SpecError("adapters (LoRA) need peft: pip install 'faultfinder[lora]'")
