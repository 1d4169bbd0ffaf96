"""What a server's refusal to paint means: may it pass, is it about the content, is it for a person to mend?"""

from math import isfinite

from faultfinder.memory.errors import FaultfinderError, PictureRefused, SpecError, TargetError, Waiting

LONGEST_ASKED = 600.0
"""Seconds; a server that asks for a longer wait is given up on."""

_PASSING = frozenset({408, 409, 425, 429})
_REFUSING = frozenset({400, 403, 422, 451})
_TO_CORRECT = {401: "check the key", 403: "check what the key may do", 404: "check the model's name and the address"}
_CODES = ("content_policy", "content_filter", "contentfilter", "moderation", "safety")
_PHRASES = ("content policy", "content_policy", "content filter", "safety system", "moderation", "not allowed by our")
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit", "billing_not_active")


def may_pass(error: BaseException | None) -> bool:
    """Tell whether the same request may succeed later, and soon enough."""
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        passing = error.status_code in _PASSING or (error.status_code >= 500 and error.status_code != 501)
        return passing and not _no_credit(error) and (asked_wait(error) or 0.0) <= LONGEST_ASKED
    return isinstance(error, APIConnectionError)


def is_lost(error: BaseException) -> bool:
    """Tell whether a picture may have been made, and charged, that did not arrive."""
    return not type(error.__cause__).__name__.startswith("Connect")


def asked_wait(error: BaseException | None) -> float | None:
    """Return the seconds that a server asks to wait, where it says so in seconds."""
    from openai import APIStatusError

    asked = error.response.headers.get("retry-after") if isinstance(error, APIStatusError) else None
    try:
        seconds = float(asked) if asked else None
    except ValueError:
        return None
    return max(0.0, seconds) if seconds is not None and isfinite(seconds) else None


def refuses_form(error: BaseException) -> bool:
    """Tell whether a server does not know `response_format`."""
    return getattr(error, "status_code", 0) in (400, 422) and "response_format" in _words(error)


def as_ours(error: BaseException | None, name: str, what: str, tries: int) -> FaultfinderError | Waiting:
    """Return the error that an audit is told.

    Args:
        error: the client's.
        name: the generator's spec.
        what: the generator and the prompt, for messages.
        tries: how often it was tried.
    """
    from openai import APIStatusError

    if not isinstance(error, APIStatusError):
        return TargetError(f"{what}: {type(error).__name__} after {tries} {'tries' if tries > 1 else 'try'}")
    said = f"HTTP {error.status_code}: {_words(error)}"
    if _no_credit(error):
        return Waiting(f"waiting for credit: {name} says {said}")
    if _is_refusal(error):
        return PictureRefused(f"{name}: {_words(error)}")
    if error.status_code in _TO_CORRECT:
        return SpecError(f"{name}: {said}; {_TO_CORRECT[error.status_code]}")
    return TargetError(f"{what}: {said}")


def _is_refusal(error: object) -> bool:
    codes = f"{getattr(error, 'code', '')} {getattr(error, 'type', '')}".lower()
    about_content = any(word in codes for word in _CODES) or any(word in _words(error).lower() for word in _PHRASES)
    return getattr(error, "status_code", 0) in _REFUSING and about_content


def _no_credit(error: object) -> bool:
    codes = f"{getattr(error, 'code', '')} {getattr(error, 'type', '')}".lower()
    return any(word in codes for word in _NO_CREDIT)


def _words(error: object) -> str:
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(said or error).split())[:300]
