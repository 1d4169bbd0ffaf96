"""Prompts with slots: templates such as ``a photo of a {colour} {shape}``, and what each slot can be filled with.

An action fills every slot. Read from a TOML file with ``templates`` (texts with the slots in braces) and a table
``slots`` (for each slot the words to choose from).
"""

import string
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.actions.space import Action, ActionSpace, Factor

LARGEST_FILE = 1024 * 1024


class PromptSlots:
    """Templates and the actions that fill them."""

    def __init__(self, name: str, templates: Sequence[str], slots: Mapping[str, Sequence[str]]) -> None:
        """Put templates and slots together.

        Args:
            name: where they come from.
            templates: each with every slot in braces, once or more.
            slots: what each can be filled with, at least two different texts.

        Raises:
            CorpusError: there is nothing to fill, or a template lacks a slot or has one that is not known.
        """
        if not templates or not slots or len(set(templates)) != len(templates):
            raise CorpusError(f"{name}: prompts take templates, each of them once, and slots to be filled")
        for slot, fillings in slots.items():
            if len(set(fillings)) != len(fillings) or len(fillings) < 2 or not all(map(str.strip, fillings)):
                raise CorpusError(f"{name}: the slot {slot!r} takes at least two different words, not {list(fillings)}")
        for number, template in enumerate(templates, start=1):
            _require_slots(f"{name}, template {number}", template, slots)
        self.name = name
        self.templates = tuple(templates)
        self.space = ActionSpace(
            [Factor(slot, tuple(words), f"with the {slot} '{{level}}'") for slot, words in slots.items()]
        )

    def narrowed(self, factors: Sequence[Factor]) -> "PromptSlots":
        """Return the same prompts with some of the fillings; a slot that is not named keeps its own."""
        chosen = {factor.name: [str(level) for level in factor.levels] for factor in factors}
        kept = {f.name: chosen.get(f.name, [str(level) for level in f.levels]) for f in self.space.factors}
        return PromptSlots(self.name, self.templates, kept)

    def prompt(self, template: int, action: Action) -> str:
        """Return a template filled by an action."""
        return self.templates[template].format_map({each.factor: each.level for each in action.settings})

    def foils(self, template: int, action: Action, dice: int) -> list[str]:
        """Return for each slot the prompt with something else in that slot, which one being left to the dice."""
        foils = []
        for number, factor in enumerate(self.space.factors):
            filled = {each.factor: each.level for each in action.settings}
            others = [level for level in factor.levels if level != filled[factor.name]]
            filled[factor.name] = others[(dice + number) % len(others)]
            foils.append(self.templates[template].format_map(filled))
        return foils


def read_prompt_slots(path: Path) -> PromptSlots:
    """Read templates and slots from a TOML file.

    Raises:
        CorpusError: the file is missing, no TOML, or lacks what it must have; what and where is said.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise CorpusError(f"{path} is too large to hold templates of prompts")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError(f"cannot read {path} ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} is no TOML: {error}") from error
    templates, slots = content.get("templates"), content.get("slots")
    if not _are_texts(templates) or not isinstance(slots, dict) or not all(map(_are_texts, slots.values())):
        raise CorpusError(
            f'{path}: write templates = ["a photo of a {{colour}} {{shape}}"] and below [slots] a line for each slot, '
            'colour = ["red", "blue"]'
        )
    return PromptSlots(path.name, templates, slots)


def _are_texts(found: object) -> TypeGuard[list[str]]:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def _require_slots(where: str, template: str, slots: Mapping[str, object]) -> None:
    try:
        named = [name for _, name, spec, conversion in string.Formatter().parse(template) if name is not None]
        odd = any(spec or conversion for _, _, spec, conversion in string.Formatter().parse(template))
    except ValueError as error:
        raise CorpusError(f"{where}: {template!r} has a brace too many or too few ({error})") from error
    if odd or set(named) != set(slots):
        raise CorpusError(f"{where}: {template!r} has the slots {named}; it must have {', '.join(slots)}, in braces")
