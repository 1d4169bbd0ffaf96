"""A server of OpenAI's images protocol over real HTTP: it draws what lab captions say, and has bad manners when asked.

Like the chat server beside it, it charges once per `Idempotency-Key`. What it does next is a list of words; when the
list is used up, it behaves.
"""

import base64
import io
import json
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

from tests.support.painters import truthful

GUN = "gun"
"""The word whose prompts are refused for their content, unless another is chosen."""

ERRORS = {
    "429": (429, {"message": "slow down", "code": "rate_limit_exceeded"}),
    "500": (500, {"message": "the painter fell off the ladder"}),
    "401": (401, {"message": "Incorrect API key provided: {key}", "code": "invalid_api_key"}),
    "404": (404, {"message": "no such model", "code": "model_not_found"}),
    "quota": (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
    "form": (400, {"message": "Unknown parameter: 'response_format'.", "code": "unknown_parameter"}),
    "400": (400, {"message": "size must be a multiple of 8", "code": "invalid_value"}),
}
REFUSAL = {"message": "Your request was rejected by our safety system.", "code": "moderation_blocked"}


class ImagesServer:
    """Serves on 127.0.0.1 from a thread; use as a context manager."""

    def __init__(self, manners: Sequence[str] = (), retry_after: str = "0", refuses: str = GUN) -> None:
        self.manners = list(manners)
        self.retry_after = retry_after
        self.refuses = refuses
        self.bodies: list[dict] = []
        self.keys: set[str] = set()
        self.authorization = ""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> "ImagesServer":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def respond(self, body: dict, key: str) -> tuple[int, bytes, str]:
        """Return status, body and manner for a request."""
        self.bodies.append(body)
        manner = self.manners.pop(0) if self.manners else "good"
        if manner in ERRORS:
            status, error = ERRORS[manner]
            said = {name: text.replace("{key}", self.authorization) for name, text in error.items()}
            return status, json.dumps({"error": said}).encode(), manner
        if self.refuses in body["prompt"].split():
            return 400, json.dumps({"error": REFUSAL}).encode(), manner
        self.keys.add(key)
        return 200, json.dumps(_answer(manner, picture_of(body["prompt"]))).encode(), manner


def picture_of(prompt: str) -> bytes:
    """Return the PNG that the server sends for a prompt."""
    return png(truthful().generate([prompt], [0])[0])


def png(image: Image.Image, form: str = "PNG") -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    image.save(buffer, format=form)
    return buffer.getvalue()


def _answer(manner: str, content: bytes) -> object:
    encoded = base64.b64encode(content).decode()
    answers = {
        "url": {"data": [{"url": "http://127.0.0.1:9/secret.png"}]},
        "empty": {"data": []},
        "nothing": {},
        "list": [1, 2],
        "no base64": {"data": [{"b64_json": "%%%" + encoded}]},
        "cut": {"data": [{"b64_json": base64.b64encode(content[: len(content) // 2]).decode()}]},
        "no picture": {"data": [{"b64_json": base64.b64encode(b"<html>sorry</html>").decode()}]},
        "huge": {"data": [{"b64_json": base64.b64encode(png(Image.new("1", (5000, 5000)))).decode()}]},
        "data address": {"data": [{"b64_json": f"data:image/png;base64,{encoded}"}]},
    }
    return answers.get(manner, {"data": [{"b64_json": encoded}]})


def _handler(server: ImagesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.authorization = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, payload, manner = server.respond(body, self.headers.get("Idempotency-Key", ""))
            if manner == "hang":
                time.sleep(1.0)
            self._send(status, b"<html>" if manner == "prose" else payload, manner)

        def _send(self, status: int, payload: bytes, manner: str) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                if status == 429:
                    self.send_header("Retry-After", server.retry_after)
                self.end_headers()
                self.wfile.write(payload[: len(payload) // 2] if manner == "broken off" else payload)
                self.close_connection = self.close_connection or manner == "broken off"
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has given up waiting, as it should

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    return Handler
