"""A folder of adapters: a file that names the model they belong to, next to the adapters themselves as safetensors."""

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from faultfinder.memory.errors import SpecError
from faultfinder.memory.records import Record

INDEX = "adapter.json"
WEIGHTS = "pytorch_lora_weights.safetensors"
"""What diffusers calls a file of adapters."""


class AdapterFile(Record):
    """The whole of `adapter.json`."""

    schema_id: Literal["faultfinder.adapter/1"] = Field(
        default="faultfinder.adapter/1", alias="schema", description="version"
    )
    base: str = Field(description="spec of the model that the adapters go with, without options")
    rank: int = Field(ge=1, le=4096, description="how wide the adapters are")

    model_config = Record.model_config | {"populate_by_name": True}


def holds_adapters(folder: Path) -> bool:
    """Tell whether a folder holds adapters."""
    return (folder / INDEX).is_file()


def read_adapter_file(folder: Path, spec: str, scheme: str) -> AdapterFile:
    """Read which model a folder's adapters belong to.

    Args:
        folder: the folder.
        spec: what was asked for.
        scheme: what the model's spec has to begin with.

    Raises:
        SpecError: there is no such file, it cannot be read, or it names a model of another scheme.
    """
    try:
        found = AdapterFile.model_validate_json((folder / INDEX).read_bytes())
    except FileNotFoundError as error:
        raise SpecError(f"{spec}: {folder} holds no {INDEX}; name a folder that `faultfinder fade` left") from error
    except (OSError, ValidationError, json.JSONDecodeError) as error:
        raise SpecError(f"{spec}: {folder / INDEX} cannot be read; fade the model again") from error
    if not found.base.startswith(scheme) or not (folder / WEIGHTS).is_file():
        raise SpecError(f"{spec}: {folder} does not hold {WEIGHTS} for a {scheme} model; fade the model again")
    return found


def write_adapter_file(folder: Path, base: str, rank: int) -> None:
    """Write which model a folder's adapters belong to."""
    said = AdapterFile(base=base, rank=rank).model_dump_json(by_alias=True, indent=2)
    (folder / INDEX).write_text(said + "\n", encoding="utf-8")
