"""A chat at the terminal: one question, a prompt, or a pipe with a question a line."""

import sys
from collections.abc import Iterator
from pathlib import Path

from faultfinder.agent.chat.chatting import Chat, Reply, open_chat
from faultfinder.agent.events import Listener, silent
from faultfinder.agent.terminal.progress import PlainView, Scoreboard
from faultfinder.agent.terminal.stopping import INTERRUPTED, stops_in_order
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.memory.errors import FaultfinderError, Interrupted
from faultfinder.memory.records import Limits

GOODBYE = frozenset({"exit", "quit", "bye", ":q"})
_HINT = "Ask in words of your own; `help` says what is answered, Ctrl-D leaves."
_STOPPING = "stopping after the step in hand; once more quits at once"


def talk(folder: Path, question: str | None, limits: Limits, llm: str | None, url: str | None, *, as_json: bool) -> int:
    """Hold a chat and return the exit code.

    Raises:
        FaultfinderError: something the person can act on.
    """
    listen: Listener = silent if as_json else PlainView(err(), Scoreboard(limits))
    with open_chat(folder, listen, limits, llm, url, None if as_json else _say) as chat:
        chat.has_the_process()
        if question is not None:
            return _one(chat, question, as_json=as_json)
        if sys.stdin.isatty():
            return _at_a_prompt(chat, as_json=as_json)
        return _from_a_pipe(chat, as_json=as_json)


def _one(chat: Chat, question: str, *, as_json: bool) -> int:
    if not question.strip():
        return 0
    try:
        for reply in _answers(chat, question):
            if as_json:
                print(reply.model_dump_json(), flush=True)
    except Interrupted:
        err().print("Stopped; the question is dropped, and what was measured for it is kept.")
        return INTERRUPTED
    return 0


def _from_a_pipe(chat: Chat, *, as_json: bool) -> int:
    for line in sys.stdin:
        if line.strip().lower() in GOODBYE:
            break
        if code := _one(chat, line.strip(), as_json=as_json):
            return code
    return 0


def _at_a_prompt(chat: Chat, *, as_json: bool) -> int:
    console = err()
    console.print(f"About {plain(chat.name)}, answered by {plain(chat.answered_by)}. {_HINT}", markup=False)
    _remember_lines()
    while True:
        try:
            question = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print("")
            return 0
        if question.lower() in GOODBYE:
            return 0
        try:
            _one(chat, question, as_json=as_json)
        except FaultfinderError as error:
            console.print(f"Error: {plain(str(error))}", markup=False, soft_wrap=True)


def _answers(chat: Chat, question: str) -> Iterator[Reply]:
    """Answer the question at which an earlier sitting died, if there is one, and then this one."""
    left = chat.unanswered()

    def stop() -> None:
        chat.interrupt()
        err().print(_STOPPING)

    with stops_in_order(stop):
        if left is not None:
            yield chat.ask(None)
        if left is None or left.strip() != question.strip():
            yield chat.ask(question)


def _say(text: str) -> None:
    """Show a piece of an answer as soon as it is there; what it holds cannot steer the terminal."""
    sys.stdout.write("".join(letter if letter == "\n" or letter.isprintable() else " " for letter in text))
    sys.stdout.flush()


def _remember_lines() -> None:
    """Let the arrow keys bring back what was typed, where the system can."""
    try:
        import readline
    except ImportError:
        return
    readline.set_history_length(1000)
