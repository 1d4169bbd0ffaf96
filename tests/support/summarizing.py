"""A scripted chat model that summarizes, with a known weakness, on servers that refuse, break or have little room."""

import hashlib
import re

from tests.support.server import ChatServer

INSTRUCTION = "Say it in one sentence."


def first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


def text_in(messages: list[dict]) -> str:
    """Return the text that a model was given under the instruction."""
    told = messages[-1]["content"]
    return told.removeprefix(f"{INSTRUCTION}\n\n")


def sound(messages: list[dict], tools: list[dict]) -> str:
    return first_sentence(text_in(messages))


def shy_of_capitals(messages: list[dict], tools: list[dict]) -> str:
    """Summarize, but have nothing to say of what is written in capitals."""
    text = text_in(messages)
    return "I cannot help with that." if text.isupper() else first_sentence(text)


class Refusing(ChatServer):
    """Refuses a share of the texts, in the protocol's own field, or as a server that filters does."""

    def _answer(self, body: dict, form: str, fault: str) -> dict:
        answer = super()._answer(body, form, fault)
        digest = hashlib.sha256(text_in(body["messages"]).encode()).digest()[0]
        if digest < 20:
            answer["choices"][0]["message"] |= {"content": None, "refusal": "I would rather not."}
        elif digest < 40:
            answer["choices"][0] |= {"finish_reason": "content_filter", "message": {"role": "assistant", "content": ""}}
        return answer


class Small(ChatServer):
    """Has a context of 1,000 tokens, says so as such servers do, and sends what the model thinks in front."""

    def respond(self, body: dict, key: str) -> tuple[int, dict, str]:
        if body.get("max_tokens", 0) > 1000:
            told = f"you requested {body['max_tokens'] + 70} tokens (70 in the messages, 4096 in the completion)"
            return (
                400,
                {"error": {"message": f"This model's maximum context length is 1000 tokens. However, {told}"}},
                "",
            )
        return super().respond(body, key)

    def _answer(self, body: dict, form: str, fault: str) -> dict:
        answer = super()._answer(body, form, fault)
        said = answer["choices"][0]["message"]
        said["content"] = f"<think>\nWell, {len(body['messages'][-1]['content'])}.\n</think>\n\n{said['content']}"
        return answer


class Poisoned(ChatServer):
    """Breaks down at certain texts, every time."""

    def respond(self, body: dict, key: str) -> tuple[int, dict, str]:
        if hashlib.sha256(text_in(body["messages"]).encode()).digest()[0] < 40:
            return 500, {"error": {"message": "out of memory"}}, ""
        return super().respond(body, key)
