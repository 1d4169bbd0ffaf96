"""The page's doorkeeper: who may ask for anything at all, and what every answer carries.

A request needs the secret in its address, a `Host` that is ours (or a foreign name could be made to point here), and to
change anything an `Origin` that is the very page. The secret is compared in constant time and never logged.
"""

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Scripts, styles and pictures of this server only; nothing inline, nothing else, in nobody's frame."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

NO_SECRET = "Open the whole address that `faultfinder review` printed last; addresses of earlier runs no longer open.\n"
_READS, _WRITES = ("GET", "HEAD"), ("POST",)
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Place:
    """Where the page is served.

    Attributes:
        host: The address that is listened on.
        port: The port.
        token: The secret part of the address.
    """

    host: str
    port: int
    token: str

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can reach it."""
        return self.host == "localhost" or (is_number(self.host) and ipaddress.ip_address(self.host).is_loopback)

    @property
    def url(self) -> str:
        """The address to open, the secret included."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/{self.token}/"

    def is_ours(self, host: str) -> bool:
        """Tell whether a request's `Host` may be served.

        Beyond loopback any address in numbers may: only a name can be made to point elsewhere.
        """
        name, _, port = host.rpartition(":")
        if port != str(self.port):
            return False
        if self.is_loopback:
            return name in (*_LOOPBACK, self.host)
        return name in (*_LOOPBACK, self.host) or is_number(name.strip("[]"))


class Guard:
    """Stands before the application; what it lets through has lost the secret from its path."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        """Guard an application."""
        self._app, self._place = app, place
        self._prefix = f"/{place.token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal:
            await refusal(scope, receive, _sealed(send))
            return
        await self._app({**scope, "path": scope["path"][len(self._prefix) :]}, receive, _sealed(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if not self._place.is_ours(headers.get("host", "")):
            return PlainTextResponse("This server answers to its own address only.\n", 421)
        path = scope["path"].encode()
        if not secrets.compare_digest(path[: len(self._prefix) + 1], self._prefix + b"/"):
            return PlainTextResponse(NO_SECRET, 403)
        if scope["method"] not in _READS + _WRITES:
            return JSONResponse({"error": "not allowed"}, 405)
        if not self._is_same_origin(scope, headers):
            return JSONResponse({"error": "answers are taken from the review page itself only"}, 403)
        return None

    def _is_same_origin(self, scope: Scope, headers: Headers) -> bool:
        """Tell whether the page itself asks; merely opening it may come from anywhere."""
        site = headers.get("sec-fetch-site", "same-origin")
        if scope["method"] in _WRITES:
            return headers.get("origin") == f"http://{headers['host']}" and site == "same-origin"
        return site in ("same-origin", "none") or headers.get("sec-fetch-mode") == "navigate"


def is_number(host: str) -> bool:
    """Tell whether a host is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _sealed(send: Send) -> Send:
    """Put the headers that every answer carries on it."""

    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sealed
