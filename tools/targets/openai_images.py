"""Any server that paints by OpenAI's images protocol: ``openai-images:MODEL[@size=1024x1024]``.

The server's address is FAULTFINDER_IMAGES_URL (OpenAI's own when unset), the key OPENAI_API_KEY, a picture's price in
US dollars FAULTFINDER_IMAGE_PRICE. The protocol has no seed: what is asked for twice may be painted twice, and the
picture's settings say so. An answer that got lost on the way is counted as paid. OpenAI's own server was not tried
where this was written.
"""

import base64
import binascii
import hashlib
import io
import os
import time
from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from PIL.Image import Image
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from faultfinder.memory.errors import FaultfinderError, SpecError, TargetError, Waiting
from faultfinder.tools.targets.checked_pictures import read_picture
from faultfinder.tools.targets.openai_images_errors import as_ours, asked_wait, is_lost, may_pass, refuses_form

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import ImagesResponse

URL, KEY, PRICE = "FAULTFINDER_IMAGES_URL", "OPENAI_API_KEY", "FAULTFINDER_IMAGE_PRICE"
TRIES = 5
SECONDS, SECONDS_OWN_SERVER = 180.0, 900.0
"""How long one picture may take; a small machine takes minutes."""
LONGEST_WAIT = 60.0
"""Seconds between two tries, at most, unless the server asks for more."""
MOST_BYTES, MOST_PIXELS = 40_000_000, 4096 * 4096

_ALWAYS_BASE64 = ("gpt-image", "chatgpt-image")
"""Models that always send the picture itself and refuse to be asked for it."""
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError)
"""As what an answer that is no JSON, or JSON of another shape, surfaces from inside the client."""
_NO_KEY = "no key was given"


def _sleep(_why: str, seconds: float) -> None:
    time.sleep(seconds)


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
    ) -> None:
        """Wrap a client.

        Args:
            name: the spec.
            model: the model's name on the server.
            client: the client, its own retries off.
            size: such as "1024x1024"; the server's choice when not given.
            price: US dollars a picture, where known; kept as `picture_price`.
            first_wait: seconds before the second try, doubled each time.
        """
        self.name = name
        self.usd_spent = 0.0
        self.settings = {"seed": "not sent: the protocol has none"} | ({"size": size} if size else {})
        self._model, self._client, self._size, self._price = model, client, size, price or 0.0
        self.picture_price = price
        self._first_wait = first_wait
        self._wait: Callable[[str, float], None] = _sleep
        self._asks_for_base64 = not model.startswith(_ALWAYS_BASE64)

    def wait_with(self, wait: Callable[[str, float], None]) -> None:
        """Wait between two tries by this function."""
        self._wait = wait

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return one picture per prompt, in order. The seeds are not sent.

        Raises:
            PictureRefused: the server refuses a prompt for its content.
            TargetError: the server cannot be reached, keeps failing, or sends something that is no picture.
            SpecError: the key, the address or the model's name is wrong, or the server sends addresses of pictures.
            Waiting: the account has no credit left.
        """
        return [self._picture(prompt, seed) for prompt, seed in zip(prompts, seeds, strict=True)]

    def _picture(self, prompt: str, seed: int) -> Image:
        from openai import OpenAIError

        what = f"{self.name} at {prompt!r}"
        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            retry=retry_if_exception(may_pass),
            wait=self._pause,
            sleep=lambda _: None,
            before_sleep=self._wait_in_the_open,
            reraise=True,
        )
        try:
            answer = retrying(self._ask, prompt, seed)
        except OpenAIError as error:
            raise self._scrubbed(as_ours(error, self.name, what, TRIES)) from None
        except _MALFORMED as error:
            raise TargetError(f"{what}: the answer cannot be read ({type(error).__name__})") from None
        return decode(self._encoded(answer, what), what)

    def _ask(self, prompt: str, seed: int) -> "ImagesResponse":
        """Ask once, without `response_format` where the server does not know it; count what it costs."""
        from openai import APIConnectionError, APIStatusError

        try:
            answer = self._send(prompt, seed)
        except APIStatusError as error:
            if not (self._asks_for_base64 and refuses_form(error)):
                raise
            self._asks_for_base64 = False
            return self._ask(prompt, seed)
        except APIConnectionError as error:
            self.usd_spent += self._price if is_lost(error) else 0.0
            raise
        self.usd_spent += self._price
        return answer

    def _send(self, prompt: str, seed: int) -> "ImagesResponse":
        given: dict[str, Any] = {"size": self._size} if self._size else {}
        if self._asks_for_base64:
            given["response_format"] = "b64_json"
        name = hashlib.sha256(f"{self._model}\n{seed}\n{prompt}".encode()).hexdigest()[:32]
        answer: ImagesResponse = self._client.images.generate(
            model=self._model, prompt=prompt, n=1, extra_headers={"Idempotency-Key": name}, **given
        )
        return answer

    def _encoded(self, answer: "ImagesResponse", what: str) -> str:
        pictures = getattr(answer, "data", None)
        first = pictures[0] if pictures else None
        if first is not None and first.b64_json:
            return str(first.b64_json)
        if first is not None and first.url:
            raise SpecError(
                f"{self.name} sends the address of its picture instead of the picture, and addresses are not fetched; "
                "set the server to answer with b64_json, or save its pictures and use folder:DIR"
            )
        raise TargetError(f"{what}: the answer holds no picture (b64_json)")

    def _pause(self, state: RetryCallState) -> float:
        asked = asked_wait(_error(state))
        doubled = self._first_wait * 2 ** (state.attempt_number - 1)
        return asked if asked is not None else min(LONGEST_WAIT, doubled)

    def _wait_in_the_open(self, state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        ours = self._scrubbed(as_ours(_error(state), self.name, self.name, state.attempt_number))
        left = TRIES - state.attempt_number
        self._wait(f"{ours}; waiting {seconds:.0f} s, {left} tries left", seconds)

    def _scrubbed(self, error: FaultfinderError | Waiting) -> FaultfinderError | Waiting:
        """Take the key out of an error, should the server have repeated it."""
        return type(error)(str(error).replace(self._client.api_key, "***"))


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
    seconds = SECONDS_OWN_SERVER if url else SECONDS
    client = OpenAI(api_key=secret or _NO_KEY, base_url=url, max_retries=0, timeout=seconds)
    return OpenAIImages(spec, model, client, size or None, _price(spec))


def decode(encoded: str, what: str) -> Image:
    """Read a picture out of base64, with bounds on its bytes and pixels.

    Raises:
        TargetError: it is broken, too large, or no picture.
    """
    if len(encoded) > MOST_BYTES * 4 // 3:
        raise TargetError(f"{what}: the picture is larger than {MOST_BYTES:,} bytes")
    written = encoded.partition(",")[2] if encoded.startswith("data:image/") else encoded
    try:
        content = base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TargetError(f"{what}: what came is no base64 ({error})") from error
    return read_picture(io.BytesIO(content), f"{what}: what came", MOST_PIXELS)


def _price(spec: str) -> float | None:
    written = os.environ.get(PRICE)
    if not written:
        return None
    try:
        price = float(written)
    except ValueError:
        price = -1.0
    if not (isfinite(price) and price >= 0):
        raise SpecError(f"{spec}: {PRICE} is {written!r}, which is no number of dollars")
    return price


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
