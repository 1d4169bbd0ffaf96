"""Any server that paints by OpenAI's images protocol: ``openai-images:MODEL[@size=1024x1024]``.

The server's address is FAULTFINDER_IMAGES_URL (OpenAI's own when unset), the key OPENAI_API_KEY, a picture's price in
US dollars FAULTFINDER_IMAGE_PRICE. The protocol has no seed: what is asked for twice may be painted twice, and the
picture's settings say so. OpenAI's own server was not tried where this was written.
"""

import base64
import binascii
import io
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image as Images
from PIL import UnidentifiedImageError
from PIL.Image import Image
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from faultfinder.memory.errors import PictureRefused, SpecError, TargetError

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import ImagesResponse

URL, KEY, PRICE = "FAULTFINDER_IMAGES_URL", "OPENAI_API_KEY", "FAULTFINDER_IMAGE_PRICE"
TRIES = 5
TIMEOUT = 180.0
"""Seconds one picture may take."""
LONGEST_WAIT = 60.0
"""Seconds between two tries, at most."""
MOST_BYTES, MOST_PIXELS = 40_000_000, 4096 * 4096

_ALWAYS_BASE64 = ("gpt-image", "chatgpt-image")
"""Models that always send the picture itself and refuse to be asked for it."""
_REFUSALS = ("content_policy", "moderation", "safety", "content_filter")


class OpenAIImages:
    """Paints with a model behind HTTP, one picture a call."""

    batch = 1

    def __init__(
        self,
        name: str,
        model: str,
        client: "OpenAI",
        size: str | None = None,
        price: float | None = None,
        first_wait: float = 1.0,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Wrap a client.

        Args:
            name: the spec.
            model: the model's name on the server.
            client: the client, its own retries off.
            size: such as "1024x1024"; the server's choice when not given.
            price: US dollars a picture, where known.
            first_wait: seconds before the second try, doubled each time.
            on_wait: told of every wait.
        """
        self.name = name
        self.usd_per_picture = price
        self.on_wait = on_wait
        self.settings = {"seed": "not sent: the protocol has none"} | ({"size": size} if size else {})
        self._model, self._client, self._size, self._first_wait = model, client, size, first_wait

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return one picture per prompt, in order. The seeds are not sent.

        Raises:
            PictureRefused: the server refuses a prompt for its content.
            TargetError: the server cannot be reached, keeps failing, or sends something that is no picture.
        """
        return [self._picture(prompt) for prompt in prompts]

    def _picture(self, prompt: str) -> Image:
        from openai import APIStatusError, OpenAIError

        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            retry=retry_if_exception(_may_pass),
            wait=self._pause,
            sleep=time.sleep,
            before_sleep=self._announce,
            reraise=True,
        )
        try:
            encoded = retrying(self._ask, prompt)
        except APIStatusError as error:
            if _is_refusal(error):
                raise PictureRefused(f"{self.name}: {_words(error)}") from error
            raise TargetError(f"{self.name} at {prompt!r}: HTTP {error.status_code}: {_words(error)}") from error
        except OpenAIError as error:
            raise TargetError(f"{self.name} at {prompt!r}: {type(error).__name__} after {TRIES} tries") from error
        return decode(encoded, f"{self.name} at {prompt!r}")

    def _ask(self, prompt: str) -> str:
        given: dict[str, Any] = {"size": self._size} if self._size else {}
        if not self._model.startswith(_ALWAYS_BASE64):
            given["response_format"] = "b64_json"
        answer: ImagesResponse = self._client.images.generate(model=self._model, prompt=prompt, n=1, **given)
        if not answer.data or not answer.data[0].b64_json:
            raise TargetError(f"{self.name} at {prompt!r}: the answer holds no picture (b64_json)")
        return str(answer.data[0].b64_json)

    def _pause(self, state: RetryCallState) -> float:
        asked = _retry_after(state.outcome.exception() if state.outcome else None)
        return min(LONGEST_WAIT, asked if asked is not None else self._first_wait * 2 ** (state.attempt_number - 1))

    def _announce(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0.0
        left = TRIES - state.attempt_number
        self.on_wait(f"{self.name}: {type(error).__name__}; waiting {seconds:.0f} s, {left} tries left")


def open_generator(rest: str) -> OpenAIImages:
    """Connect to the model that follows ``openai-images:``.

    Raises:
        SpecError: no model is named, an option is unknown, or there is no key for a server that wants one.
    """
    from openai import OpenAI

    model, _, written = rest.partition("@")
    spec = f"openai-images:{rest}"
    key, equals, size = written.partition("=")
    if not model or (written and (key != "size" or not equals)):
        raise SpecError(f"{spec}: write openai-images:MODEL or openai-images:MODEL@size=1024x1024")
    url = os.environ.get(URL) or None
    secret = os.environ.get(KEY)
    if not secret and not url:
        raise SpecError(f"{spec} needs a key: set {KEY}, or {URL} for a server of your own")
    client = OpenAI(api_key=secret or "none", base_url=url, max_retries=0, timeout=TIMEOUT)
    return OpenAIImages(spec, model, client, size or None, _price(spec))


def decode(encoded: str, what: str) -> Image:
    """Read a picture out of base64, with bounds on its bytes and pixels.

    Raises:
        TargetError: it is broken, too large, or no picture.
    """
    if len(encoded) > MOST_BYTES * 4 // 3:
        raise TargetError(f"{what}: the picture is larger than {MOST_BYTES:,} bytes")
    try:
        image = Images.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=("PNG", "JPEG", "WEBP"))
        if image.width * image.height > MOST_PIXELS:
            raise TargetError(f"{what}: the picture has {image.width} x {image.height} pixels, too many")
        return image.convert("RGB")
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise TargetError(f"{what}: what came is no whole picture ({type(error).__name__})") from error


def _price(spec: str) -> float | None:
    written = os.environ.get(PRICE)
    try:
        return float(written) if written else None
    except ValueError as error:
        raise SpecError(f"{spec}: {PRICE} is {written!r}, which is no number of dollars") from error


def _may_pass(error: BaseException) -> bool:
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, APIConnectionError)


def _retry_after(error: BaseException | None) -> float | None:
    from openai import APIStatusError

    asked = error.response.headers.get("retry-after") if isinstance(error, APIStatusError) else None
    try:
        return max(0.0, float(asked)) if asked else None
    except ValueError:
        return None


def _is_refusal(error: object) -> bool:
    said = f"{getattr(error, 'code', '')} {getattr(error, 'type', '')} {_words(error)}".lower()
    return getattr(error, "status_code", 0) in (400, 403, 422) and any(word in said for word in _REFUSALS)


def _words(error: object) -> str:
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(said or error).split())[:300]
