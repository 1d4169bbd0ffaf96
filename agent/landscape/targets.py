"""The model under audit, where inputs may be changed: a classifier, a text or chat model, or what embeds or paints."""

from typing import TYPE_CHECKING

from faultfinder.agent.given import NOTHING_GIVEN, Given, Target
from faultfinder.agent.llm.naming import is_chat_model
from faultfinder.memory.errors import OptionError, SpecError
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.classifiers import as_classifier
from faultfinder.tools.ports import Classifier, TextModel
from faultfinder.tools.registry import (
    adopt,
    names_classifier,
    names_text_model,
    open_classifier_of,
    open_text_model,
)
from faultfinder.tools.targets.checked_answers import CheckedTextModel
from faultfinder.tools.targets.instructions import MARK, written
from faultfinder.tools.targets.python_factory import make

if TYPE_CHECKING:
    from faultfinder.agent.llm.answering import Pay

_LOCAL = "transformers:"
_PYTHON = "python:"

_WANTS_PICTURES = (
    "{} classifies pictures: say which, with --inputs: a folder with one sub-folder per label, a .csv or .jsonl table, "
    "or a COCO file"
)
_WANTS_TEXTS = (
    "{} answers texts: say which, with --inputs: a .txt file with one on each line, or a .jsonl or .csv table with "
    "text and truth"
)


def open_target(settings: AuditSettings, given: Given = NOTHING_GIVEN, pay: "Pay | None" = None) -> Target:
    """Open an audit's target; a classifier or a text model only where there are inputs to ask it about.

    Args:
        settings: what to open, and what to tell it to do.
        given: models that a Python program handed over as objects.
        pay: takes a chat model's calls to a ledger and a budget; None where there are none.

    Raises:
        SpecError: it cannot be opened, or classifies or answers and no inputs are named.
        OptionError: it is told what to do, and takes no instruction.
    """
    spec = settings.target
    if settings.instruction is not None and not takes_instruction(spec):
        raise OptionError(_no_instruction(spec))
    if given.target is None and settings.inputs is not None and spec.startswith(_PYTHON):
        made = make(spec.removeprefix(_PYTHON))
        if isinstance(made, Classifier):
            return as_classifier(made, spec)
        return CheckedTextModel(made, spec) if isinstance(made, TextModel) else adopt(made, spec)
    if given.target is not None or not (names_classifier(spec) or names_text_model(spec)):
        return given.open_target(spec)
    if settings.inputs is None:
        raise SpecError(_WANTS_TEXTS.format(spec) if names_text_model(spec) else _WANTS_PICTURES.format(spec))
    return _text_model(settings, pay) if names_text_model(spec) else as_classifier(open_classifier_of(spec), spec)


def takes_instruction(spec: str) -> bool:
    """Tell whether a target can be told what to do, and is not told in its spec already."""
    return is_chat_model(spec) or (spec.strip().startswith(_LOCAL) and MARK not in spec)


def _no_instruction(spec: str) -> str:
    if MARK in spec:
        return f"{spec} says an instruction already; leave --instruction out, or the spec's"
    return f"--instruction is for chat models (openai:, transformers:), and {spec} is told nothing; leave it out"


def _text_model(settings: AuditSettings, pay: "Pay | None") -> TextModel:
    spec = settings.target.strip()
    if is_chat_model(spec) and pay is not None:
        from faultfinder.agent.llm.answering import open_chat_target

        return CheckedTextModel(open_chat_target(spec, settings.instruction, settings.seed, pay), spec)
    told = "" if settings.instruction is None else f"{MARK}{written(settings.instruction)}"
    return open_text_model(f"{spec}{told}")
