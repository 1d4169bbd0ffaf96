"""An OpenAI-compatible chat server over real HTTP, with a scripted mind and, when asked, bad manners.

Like a server that knows `Idempotency-Key`, it makes (and charges) an answer once per key and gives the same one again.
Every request is logged, so that a test can add up what was paid. Run it alone with
`python -m tests.support.server --log FILE`.
"""

import argparse
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.mind import next_tool, think

Mind = Callable[[str, set[str]], dict]
"""Answers a prompt, given the fields of the reply asked for."""

Talker = Callable[[list[dict], list[dict]], dict | str]
"""Takes a turn with tools, given the messages and the tools: a call (name, arguments), or words."""

FAULTS = ("429", "500", "hang", "truncated", "invented-tool", "prose", "page", "cut")
"""What can go wrong with a request, each served once in the order given; "garbage" too, where it is asked for.

Of answers that cannot be used there is one: a model that answers out of form twice in a row is taken at its word.
"""

HTTP_FAULTS = frozenset({"429", "500", "hang", "truncated", "page"})

GARBAGE = "\x00\ud83d }{ lorem \ufffd" + "[" * 5000
"""What a model says that has lost its way: control characters, half a character, brackets without end."""

PAGE = b"<html><body>502 Bad Gateway</body></html>"
"""What a proxy sends in an answer's place."""


@dataclass(frozen=True)
class Manners:
    """How the server behaves."""

    faults: tuple[str, ...] = ()
    every: int = 1
    hang_seconds: float = 30.0
    retry_after: str = "0"
    clock_ahead: float = 0.0
    fails_after: int | None = None
    refuses_schema: bool = False
    refuses_tools: bool = False
    refuses_stream: bool = False
    counts_tokens: bool = True
    seconds_per_answer: float = 0.0
    status: int | None = None


@dataclass(frozen=True)
class Logged:
    """One request as the server saw it."""

    key: str
    status: int
    fault: str
    form: str
    paid: bool
    replayed: bool
    tokens: int


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that were killed."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


class ChatServer:
    """Serves on 127.0.0.1 from a thread; use as a context manager."""

    def __init__(
        self,
        manners: Manners | None = None,
        log: Path | None = None,
        port: int = 0,
        mind: Mind = think,
        talker: Talker | None = None,
    ) -> None:
        self.manners = manners or Manners()
        self._mind = mind
        self._talker = talker
        self.requests: list[Logged] = []
        self.authorization: set[str] = set()
        self.bodies: list[dict] = []
        self._log = log
        self._waiting = list(self.manners.faults)
        self._answers: dict[str, dict] = {}
        self._lock = threading.Lock()
        self._http = _Quiet(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> "ChatServer":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def paid(self) -> list[Logged]:
        """Return the requests for which an answer was made and charged."""
        return [request for request in self.requests if request.paid]

    def serve_forever(self) -> None:
        """Serve in this thread."""
        self._http.serve_forever(poll_interval=0.02)

    def respond(self, body: dict, key: str) -> tuple[int, dict, str]:
        """Return status, body and fault for a request, and log it."""
        form = form_of(body)
        with self._lock:
            self.bodies.append(body)
            fault = self._next_fault(body, form)
            if self.manners.refuses_stream and body.get("stream"):
                return self._logged(400, {"error": {"message": "stream is not supported"}}, fault, key, form)
            if refused := self._refusal(form):
                return self._logged(refused, {"error": {"message": f"{form} is not supported"}}, fault, key, form)
            if self.manners.fails_after is not None and len(self.requests) >= self.manners.fails_after:
                return self._logged(500, {"error": {"message": "out of order"}}, fault, key, form)
            if fault in ("429", "500"):
                return self._logged(int(fault), {"error": {"message": f"scripted {fault}"}}, fault, key, form)
            replayed = bool(key) and key in self._answers
            if not replayed:
                self._answers[key] = self._answer(body, form, fault)
            return self._logged(200, self._answers[key], fault, key, form, replayed)

    def _next_fault(self, body: dict, form: str) -> str:
        due = (len(self.requests) + 1) % self.manners.every == 0
        possible = [f for f in self._waiting if due and f in HTTP_FAULTS | faults_of(form)]
        if not possible:
            return ""
        self._waiting.remove(possible[0])
        return possible[0]

    def _refusal(self, form: str) -> int | None:
        refused = (self.manners.refuses_schema and form == "schema") or (
            self.manners.refuses_tools and form in ("function", "tools")
        )
        return 400 if refused else self.manners.status

    def _logged(self, status: int, reply: dict, fault: str, key: str, form: str, replayed: bool = False) -> tuple:
        tokens = reply.get("usage", {}).get("total_tokens", 0) if status == 200 else 0
        entry = Logged(key, status, fault, form, status == 200 and not replayed, replayed, tokens)
        self.requests.append(entry)
        if self._log:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(entry)) + "\n")
        return status, reply, fault

    def _answer(self, body: dict, form: str, fault: str) -> dict:
        if self._talker and form in ("tools", "text"):
            message = said_with_tools(self._talker(body["messages"], body.get("tools", [])))
        else:
            message = speak(body, form, fault, self._mind)
        sent, said = len(json.dumps(body["messages"])) // 4, len(json.dumps(message)) // 4
        usage = {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
        reply = {"id": f"scripted-{len(self.requests)}", "object": "chat.completion", "created": 0, "model": "scripted"}
        return {**reply, "choices": [choice], **({"usage": usage} if self.manners.counts_tokens else {})}


def form_of(body: dict) -> str:
    """Say how an answer is asked for."""
    if "response_format" in body:
        return "schema"
    if "tool_choice" in body:
        return "function"
    return "tools" if body.get("tools") else "text"


def faults_of(form: str) -> frozenset[str]:
    """Return the faults in an answer's text that make sense for a form."""
    return (
        frozenset({"invented-tool"})
        if form == "tools"
        else frozenset({"prose", "cut", "garbage"}) - ({"prose"} & {form})
    )


def speak(body: dict, form: str, fault: str, mind: Mind) -> dict:
    """Return the message a model would answer with."""
    if form == "tools":
        invented = {"name": "ask_the_oracle", "arguments": {}}
        call = invented if fault == "invented-tool" else next_tool(body["messages"], body["tools"])
        return _calling(call) if call else {"role": "assistant", "content": "I have seen enough."}
    prompt, schema = said_in(body["messages"][0]), schema_of(body, form)
    answer = mind(prompt, set(schema["properties"]))
    text = json.dumps(answer, ensure_ascii=False)
    if fault == "prose":
        return {
            "role": "assistant",
            "content": f"Sure! Here {{is}} what I think:\n```json\n{text}\n```\nShall I go on?",
        }
    if fault == "garbage":
        return {"role": "assistant", "content": GARBAGE}
    if fault == "cut":
        return {"role": "assistant", "content": text[: -len(text) // 4]}
    if form == "function":
        return _calling({"name": "answer", "arguments": answer})
    return {"role": "assistant", "content": text}


def said_with_tools(turn: dict | str) -> dict:
    """Return a talker's turn as a message."""
    return {"role": "assistant", "content": turn} if isinstance(turn, str) else _calling(turn)


def schema_of(body: dict, form: str) -> dict:
    """Return the schema a typed reply is to follow."""
    if form == "schema":
        return body["response_format"]["json_schema"]["schema"]
    if form == "function":
        return body["tools"][0]["function"]["parameters"]
    return json.loads(said_in(body["messages"][-1]).rsplit("\n", 1)[-1])


def said_in(message: dict) -> str:
    """Return the text of a message, its pictures left out."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(b["text"] for b in content if b["type"] == "text")


def streamed(reply: dict) -> bytes:
    """Return an answer as the events in which a server sends it while it is made: a few letters at a time."""
    head = {key: reply[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    (choice,) = reply["choices"]
    message, text = choice["message"], choice["message"]["content"] or ""
    deltas = [{"role": "assistant", "content": ""}, *({"content": text[i : i + 7]} for i in range(0, len(text), 7))]
    if "tool_calls" in message:
        deltas.append({"tool_calls": [{"index": 0, **message["tool_calls"][0]}]})
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    usage = {"usage": reply["usage"]} if "usage" in reply else {}
    chunks += [{**head, "choices": [end]}, {**head, "choices": [], **usage}]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode() + b"data: [DONE]\n\n"


def _calling(call: dict) -> dict:
    """Return a message that calls a tool; arguments that are text are sent as they are, JSON or not."""
    arguments = call["arguments"]
    function = {"name": call["name"], "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments)}
    calls = [{"id": f"call-{call['name']}", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.authorization.add(self.headers.get("Authorization", ""))
            status, reply, fault = server.respond(body, self.headers.get("Idempotency-Key", ""))
            time.sleep(server.manners.hang_seconds if fault == "hang" else server.manners.seconds_per_answer)
            if body.get("stream") and status == 200:
                self._send(status, streamed(reply), fault, "text/event-stream")
            else:
                self._send(status, json.dumps(reply).encode(), fault)

        def _send(self, status: int, payload: bytes, fault: str, kind: str = "application/json") -> None:
            payload = PAGE if fault == "page" else payload
            payload = payload[: len(payload) // 2] if fault == "truncated" else payload
            try:
                self.send_response_only(status)
                self.send_header("Date", formatdate(time.time() + server.manners.clock_ahead, usegmt=True))
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(payload)))
                if status == 429:
                    self.send_header("Retry-After", server.manners.retry_after)
                self.end_headers()
                self.wfile.write(payload)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has given up waiting, as it should

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    return Handler


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until killed; the first line of output is the base URL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--chaos", default="", help=f"faults, separated by commas, of: {', '.join(FAULTS)}")
    parser.add_argument("--every", type=int, default=3, help="serve the next fault on every N-th request")
    parser.add_argument("--hang-seconds", type=float, default=30.0)
    parser.add_argument("--seconds-per-answer", type=float, default=0.0)
    parser.add_argument("--refuse-schema", action="store_true")
    said = parser.parse_args(arguments)
    manners = Manners(
        faults=tuple(fault for fault in said.chaos.split(",") if fault),
        every=said.every,
        hang_seconds=said.hang_seconds,
        seconds_per_answer=said.seconds_per_answer,
        refuses_schema=said.refuse_schema,
    )
    server = ChatServer(manners, said.log, said.port)
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
