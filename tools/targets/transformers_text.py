"""Text models of transformers: ``transformers:NAME_OR_DIR[@key=value,...][@instruction=...]``.

A folder that ``save_pretrained`` wrote, or a name on the hub; weights as safetensors only, no code from it. A model
that turns one sequence into another (T5, BART) reads the text behind the prefix that its own configuration names for
``task``; one that goes on writing (Llama, Qwen) is asked in its chat template, under an instruction. Decoding is
greedy: the same text has the same answer. Texts of a batch are padded to one length, which may move the last bits of
a score and, rarely, a word; what a batch holds is therefore sorted by length. Names on the hub were not tried where
this was written.
"""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faultfinder.memory.errors import ResponseRefused, SpecError, TargetError
from faultfinder.tools.targets.conversations import said_by_user
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.targets.instructions import DEFAULT, MARK, checked, instructed
from faultfinder.tools.torchvision_shim import ensure_torchvision

_SCHEME = "transformers"
INSTALL = "pip install 'faultfinder[transformers]'"
_FORM = (
    "transformers:NAME_OR_DIR[@task=summarization,tokens=80,batch=8,seconds=600,device=cpu][@instruction=... {text}]"
)
_ADVICE = "Give a folder that save_pretrained wrote, with safetensors, or a name on the hub and a connection to it"


@dataclass(frozen=True)
class Settings:
    """How a model is asked.

    Attributes:
        task: Whose prefix of the configuration goes before a text: 'summarization'.
        tokens: Most that an answer may have.
        batch: Texts asked at a time.
        seconds: Longest that a batch may take; an answer not finished by then is an error.
        device: Where it runs; empty: a CUDA device if there is one.
        instruction: For models that go on writing, with {text} where the text goes.
    """

    task: str = "summarization"
    tokens: int = 80
    batch: int = 8
    seconds: int = 600
    device: str = ""
    instruction: str = DEFAULT


class TransformersText:
    """Answers texts with a local model."""

    def __init__(self, name: str, model: Any, tokenizer: Any, settings: Settings) -> None:  # noqa: ANN401
        """Wrap a model and its tokenizer.

        Args:
            name: the spec.
            model: a model with `generate`, put into eval mode.
            tokenizer: its tokenizer.
            settings: how to ask.

        Raises:
            SpecError: it is told what to do, and reads no instruction.
        """
        from faultfinder.tools.targets.weights import digest

        self.name = name
        self.identity = f"{digest(model)} {settings}"
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._settings = settings
        self._rewrites = bool(model.config.is_encoder_decoder)
        if self._rewrites and settings.instruction != DEFAULT:
            raise SpecError(f"{name} rewrites texts behind a prefix of its own and reads no instruction; leave it out")
        tokenizer.padding_side = "right" if self._rewrites else "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token

    def respond(self, texts: Sequence[str]) -> list[str]:
        """Return one answer per text, in order.

        Raises:
            ResponseRefused: a text is longer than the model reads.
            TargetError: the model fails, or takes too long.
        """
        order = sorted(range(len(texts)), key=lambda number: (len(texts[number]), number))
        answers = [""] * len(texts)
        for start in range(0, len(order), self._settings.batch):
            batch = order[start : start + self._settings.batch]
            for number, answer in zip(batch, self._answers([texts[number] for number in batch]), strict=True):
                answers[number] = answer
        return answers

    def conversation(self, text: str) -> Sequence[Mapping[str, str]]:
        """Return the message that the model is given for a text: behind its prefix, or in its instruction."""
        return said_by_user(self._asked(text))

    def _answers(self, texts: list[str]) -> list[str]:
        import torch

        with ForeignCode(TargetError, f"{self.name} failed at {texts[0][:80]!r}"), torch.inference_mode():
            read = self._read(texts)
            self._refuse_long(read["input_ids"].shape[1], max(texts, key=len))
            made = self._model.generate(
                **read.to(self._model.device),
                do_sample=False,
                num_beams=1,
                max_new_tokens=self._settings.tokens,
                max_time=self._settings.seconds,
                pad_token_id=self._tokenizer.pad_token_id,
            )
            written = made if self._rewrites else made[:, read["input_ids"].shape[1] :]
            self._refuse_unfinished(written, texts[0])
            return [answer.strip() for answer in self._tokenizer.batch_decode(written, skip_special_tokens=True)]

    def _read(self, texts: list[str]) -> Any:  # noqa: ANN401 - a BatchEncoding: input_ids (n, length)
        asked = [self._asked(text) for text in texts]
        if self._rewrites or not self._tokenizer.chat_template:
            return self._tokenizer(asked, return_tensors="pt", padding=True)
        chats = [[{"role": "user", "content": text}] for text in asked]
        said = self._tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
        return self._tokenizer(said, return_tensors="pt", padding=True, add_special_tokens=False)

    def _asked(self, text: str) -> str:
        return f"{self._prefix()}{text}" if self._rewrites else instructed(self._settings.instruction, text)

    def _prefix(self) -> str:
        tasks = getattr(self._model.config, "task_specific_params", None) or {}
        return str((tasks.get(self._settings.task) or {}).get("prefix", ""))

    def _refuse_long(self, length: int, text: str) -> None:
        most = getattr(self._model.config, "max_position_embeddings", None) or self._tokenizer.model_max_length
        room = most if self._rewrites else most - self._settings.tokens
        if length > room:
            raise ResponseRefused(f"{self.name} reads {room} tokens at most; {text[:80]!r}... has {length}")

    def _refuse_unfinished(self, written: Any, text: str) -> None:  # noqa: ANN401 - int (n, tokens)
        """Tell a batch that ran out of time: shorter than allowed, and not all of it ended."""
        ends = self._model.generation_config.eos_token_id
        stops = set(ends if isinstance(ends, list) else [ends]) | {self._tokenizer.pad_token_id}
        short = written.shape[1] < self._settings.tokens
        if short and any(row[-1] not in stops for row in written.tolist()):
            raise TargetError(
                f"{self.name} was not done with {text[:80]!r} after {self._settings.seconds} seconds; allow more by "
                "@seconds=, or fewer tokens by @tokens="
            )


def open_text_model(rest: str) -> TransformersText:
    """Load the model that follows ``transformers:``.

    Raises:
        SpecError: it cannot be found, answers no texts, holds no safetensors, or an option is unknown; or the library
            is not installed.
    """
    spec = f"{_SCHEME}:{rest}"
    if importlib.util.find_spec("transformers") is None:
        raise SpecError(f"{spec} needs the optional package transformers: {INSTALL}")
    where, settings = _parts(rest, spec)
    folder = Path(where).expanduser()
    if folder.is_dir():
        where = str(folder)
        if not (folder / "config.json").is_file():
            raise SpecError(f"{spec}: the folder {folder} has no config.json, so it holds no model. {_ADVICE}")
    elif folder.is_absolute() or where.startswith((".", "~")) or where.count("/") > 1:
        raise SpecError(f"{spec}: there is no folder {folder}. {_ADVICE}")
    if importlib.util.find_spec("torchvision") is not None:
        ensure_torchvision()
    with ForeignCode(SpecError, f"{spec} cannot be loaded", _ADVICE):
        return TransformersText(spec, *_load(where, settings.device), settings)


def _load(where: str, device: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    config = AutoConfig.from_pretrained(where, trust_remote_code=False)
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    model: Any = kind.from_pretrained(where, trust_remote_code=False, use_safetensors=True)
    tokenizer = AutoTokenizer.from_pretrained(where, trust_remote_code=False)
    return model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")), tokenizer


def _parts(rest: str, spec: str) -> tuple[str, Settings]:
    """Split a spec into a name or folder and its settings; the instruction comes last, for it may hold anything."""
    named, _, instruction = rest.partition(MARK)
    folder = Path(named).expanduser()
    where, written = (named, "") if folder.is_dir() else _split(named)
    found: dict[str, str | int] = {}
    for part in filter(None, written.split(",")):
        key, equals, value = part.partition("=")
        if not equals or not value or key not in ("task", "tokens", "batch", "seconds", "device"):
            raise SpecError(f"{spec}: {part!r} is no option; write {_FORM}")
        found[key] = value if key in ("task", "device") else _count(key, value, spec)
    return where, Settings(**found, instruction=checked(instruction or DEFAULT, spec))  # type: ignore[arg-type]


def _split(named: str) -> tuple[str, str]:
    where, at, written = named.rpartition("@")
    return (where, written) if at and "=" in written else (named, "")


def _count(key: str, value: str, spec: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise SpecError(f"{spec}: {key} is a whole number of at least 1, not {value!r}; write {_FORM}")
    return int(value)
