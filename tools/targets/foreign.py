"""The border to code that is not ours: whatever it raises becomes an error a person can act on."""

from contextlib import AbstractContextManager
from types import TracebackType

from faultfinder.memory.errors import FaultfinderError, Stop

_LONGEST = 400  # characters kept of a foreign message; some libraries print whole model configs


class ForeignCode(AbstractContextManager[None]):
    """Runs a vendor's, a plug-in's or a user's code and gives its exceptions our type and its own message.

    Our own errors and the audit's control flow pass unchanged; so does a keyboard interrupt.
    """

    def __init__(self, error: type[FaultfinderError], doing: str, advice: str = "") -> None:
        """Say what is being done.

        Args:
            error: the type to raise.
            doing: what happened and with which input, put before the foreign message.
            advice: what to do about it, put after.
        """
        self._error = error
        self._doing = doing
        self._advice = advice

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Translate what was raised.

        Raises:
            FaultfinderError: of the type asked for, when the block raised anything foreign.
        """
        if isinstance(raised, (FaultfinderError, Stop)):
            return
        if isinstance(raised, (Exception, SystemExit)):
            message = f"{self._doing}: {_words_of(raised)}"
            raise self._error(f"{message}. {self._advice}" if self._advice else message) from raised


def _words_of(raised: BaseException) -> str:
    words = " ".join(str(raised).split()).rstrip(".")
    shown = words if len(words) <= _LONGEST else words[:_LONGEST] + "…"
    return f"{type(raised).__name__}: {shown}" if shown else type(raised).__name__
