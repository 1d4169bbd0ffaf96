"""The review page's server: a few routes over a desk. It opens no path that a request names.

The page itself is four files of this package, known by name; pictures are looked up by the id of their question.
"""

import secrets
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from faultfinder.memory.errors import FaultfinderError, LabelError
from faultfinder.tools.people.desk import Desk
from faultfinder.tools.people.guard import Guard, Place
from faultfinder.tools.people.messages import Given, Opening, Turn, takes, turn_of
from faultfinder.tools.people.raters_queue import Again, RatersQueue, rater_name

if TYPE_CHECKING:
    import uvicorn

LARGEST_BODY = 16 * 1024
"""Bytes of a request; an answer with the longest note fits."""

_PAGE = {
    "": ("index.html", "text/html; charset=utf-8"),
    "review.css": ("review.css", "text/css; charset=utf-8"),
    "review.js": ("review.js", "text/javascript; charset=utf-8"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}


class ReviewPage:
    """The page over one desk."""

    def __init__(self, desk: Desk, again: Again | None = None) -> None:
        """Serve a desk.

        Args:
            desk: the audit.
            again: what is asked first.
        """
        self._desk, self._again = desk, again

    def app(self, place: Place) -> ASGIApp:
        """Return the application, guarded."""
        shown = [Route(f"/{address}", _asset(*asset)) for address, asset in _PAGE.items()]
        routes = [
            *shown,
            Route("/api/audit", self._opening),
            Route("/api/turn", self._turn),
            Route("/api/picture/{question}", self._picture),
            Route("/api/labels", self._label, methods=["POST"]),
        ]
        troubles = {FaultfinderError: _unavailable, LabelError: _refused, HTTPException: _spoken}
        return Guard(Starlette(routes=routes, exception_handlers=troubles), place)

    def _opening(self, request: Request) -> Response:
        return _said(Opening(name=self._desk.name, key=self._desk.key))

    def _turn(self, request: Request) -> Response:
        queue = self._queue(request.query_params.get("rater", ""))
        return _said(turn_of(self._desk, queue, request.query_params.get("question")))

    def _picture(self, request: Request) -> Response:
        png = self._desk.picture(request.path_params["question"])
        if png is None:
            raise HTTPException(404, "the picture is gone or damaged")
        return Response(png, media_type="image/png")

    async def _label(self, request: Request) -> Response:
        body = await _body(request)
        return _said(await run_in_threadpool(self._take, body))

    def _take(self, body: bytes) -> Turn:
        """Keep an answer, once however often it comes, and return what is next."""
        try:
            given = Given.model_validate_json(body)
        except ValidationError as error:
            raise LabelError(f"not an answer: {error.error_count()} fields are wrong") from error
        queue = self._queue(given.rater)
        fresh = self._keep(given, queue)
        return turn_of(
            self._desk,
            self._queue(given.rater),
            wanted=given.question if given.answer is None else None,
            replaced=fresh and given.answer is not None and queue.answered(given.question),
        )

    def _keep(self, given: Given, queue: RatersQueue) -> bool:
        """Append the label, and tell whether it was not known yet.

        Raises:
            LabelError: no such question, no such answer to it, or the id is another label's.
        """
        question = queue.question(given.question)
        if question is None:
            raise LabelError(f"this audit asks no question {given.question}")
        if not takes(question, given.answer):
            raise LabelError(f"{given.answer} is no answer to this question")
        label = given.label(queue.rater, question, datetime.now(UTC).isoformat(timespec="seconds"))
        known = next((kept for kept in self._desk.labels() if kept.id == label.id), None)
        if known is None:
            self._desk.append([label])
        elif known.model_copy(update={"at": label.at}) != label:
            raise LabelError(f"the id {label.id} is another answer's")
        return known is None

    def _queue(self, said: str) -> RatersQueue:
        labels = self._desk.labels()
        rater = rater_name(said, {label.rater for label in labels})
        if rater is None:
            raise LabelError("give a name of at most 60 plain characters")
        return RatersQueue(rater, self._desk.questions(), labels, self._again)


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any that is free.

    Raises:
        OSError: the port is taken or the address is not this machine's.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError:
        bound.close()
        raise
    return bound


def new_token() -> str:
    """Return a secret for an address: 256 bits."""
    return secrets.token_urlsafe(32)


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve until interrupted; an answer under way is finished first."""
    server_of(app).run(sockets=[bound])


def server_of(app: ASGIApp) -> "uvicorn.Server":
    """Return a server for the application; it writes no log, for the secret would be in it."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        http="h11",
        timeout_graceful_shutdown=2,
        limit_concurrency=200,
    )
    return uvicorn.Server(config)


async def _body(request: Request) -> bytes:
    """Read a JSON body within bounds."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, "too long")
    return body


def _asset(name: str, media_type: str) -> Callable[[Request], Response]:
    content = files("faultfinder.tools.people").joinpath("page", name).read_bytes()
    return lambda request: Response(content, media_type=media_type)


def _said(record: Opening | Turn) -> Response:
    return Response(record.model_dump_json(), media_type="application/json")


def _unavailable(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 503)


def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 422)


def _spoken(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse({"error": getattr(error, "detail", "")}, status)
