"""Where a training run stands, kept in a folder, so that a killed run goes on from its last checkpoint.

Two files of tensors, as safetensors: the weights with their average and the optimiser's state, and the last average
that was good; one of JSON names them, and is written last. Each file is whole or not there, and what is named is never
written again, so a kill between two files leaves the older checkpoint.
"""

import json
import os
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - imported only where a model is trained
from pydantic import Field, ValidationError

from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Record
from faultfinder.tools.fading.learner import Learner, State

INDEX = "training.json"
_WEIGHTS, _AVERAGE, _FIRST, _SECOND = "weights.", "average.", "first.", "second."
_MOMENTS = (("exp_avg", _FIRST), ("exp_avg_sq", _SECOND))


class Standing(Record):
    """How far a run is."""

    recipe: str = Field(description="the recipe, as JSON: a run goes on with the one it began with")
    step: int = Field(description="steps taken")
    seconds: float = Field(description="time spent on training, over all sittings")
    good_step: int = Field(default=0, description="step of the last good weights; 0 for the original's")
    notes: tuple[str, ...] = Field(default=(), description="what the caller wants to remember, a JSON record each")


class Checkpoints:
    """The checkpoints of one run in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which need not be there yet."""
        self._folder = folder

    def save(self, student: Learner[Any, Any], good: State | None, standing: Standing) -> None:
        """Keep a student's weights and optimiser, and the last good weights where they are others.

        Raises:
            AuditError: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / _student_file(standing), _tensors_of(student))
            if good is not None:
                _write(self._folder / _good_file(standing), good)
            draft = self._folder / f".{INDEX}"
            draft.write_text(standing.model_dump_json(), encoding="utf-8")
            os.replace(draft, self._folder / INDEX)
            self._forget_others(standing)
        except OSError as error:
            raise AuditError(
                f"cannot keep a checkpoint in {self._folder} ({error.strerror}); is the disk full?"
            ) from error

    def standing(self) -> Standing | None:
        """Return how far the run is; None where it has not begun.

        Raises:
            AuditError: the checkpoint cannot be read.
        """
        path = self._folder / INDEX
        if not path.is_file():
            return None
        try:
            return Standing.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError, json.JSONDecodeError) as error:
            raise AuditError(f"{path} cannot be read ({error}); start over with --fresh") from error

    def restore(self, student: Learner[Any, Any], standing: Standing) -> State | None:
        """Put a student back to where it stood; return the last good weights, None where they are the original's.

        Raises:
            AuditError: the weights are missing or of another model.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            _take_up(student, load_file(self._folder / _student_file(standing)), standing.step)
            student.step = standing.step
            return load_file(self._folder / _good_file(standing)) if standing.good_step else None
        except (OSError, SafetensorError, RuntimeError, KeyError) as error:
            raise AuditError(
                f"the checkpoint in {self._folder} cannot be used ({error}); start over with --fresh"
            ) from error

    def forget(self) -> None:
        """Remove every checkpoint; the index goes first, so that a kill leaves nothing that looks whole."""
        (self._folder / INDEX).unlink(missing_ok=True)
        for path in self._folder.glob("*.safetensors"):
            path.unlink()

    def _forget_others(self, standing: Standing) -> None:
        wanted = {_student_file(standing), _good_file(standing)}
        for path in self._folder.glob("*.safetensors"):
            if path.name not in wanted:
                path.unlink()


def _student_file(standing: Standing) -> str:
    return f"student-{standing.step}.safetensors"


def _good_file(standing: Standing) -> str:
    return f"good-{standing.good_step}.safetensors"


def _write(path: Path, tensors: State) -> None:
    from safetensors.torch import save_file

    if path.exists():
        return
    draft = path.with_name(f".{path.name}")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, draft)
    os.replace(draft, path)


def _tensors_of(student: Learner[Any, Any]) -> State:
    tensors = {f"{_WEIGHTS}{name}": tensor for name, tensor in student.module.state_dict().items()}
    tensors |= {f"{_AVERAGE}{name}": tensor for name, tensor in student.average.items()}
    for name, parameter in student.module.named_parameters():
        for moment, prefix in _MOMENTS:
            if parameter in student.optimiser.state:
                tensors[f"{prefix}{name}"] = student.optimiser.state[parameter][moment]
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _take_up(student: Learner[Any, Any], tensors: State, steps: int) -> None:
    module, step = student.module, torch.tensor(float(steps))
    module.load_state_dict({n.removeprefix(_WEIGHTS): t for n, t in tensors.items() if n.startswith(_WEIGHTS)})
    average = {n.removeprefix(_AVERAGE): t for n, t in tensors.items() if n.startswith(_AVERAGE)}
    student.average = {name: tensor.to(student.average[name].device) for name, tensor in average.items()}
    for name, parameter in module.named_parameters():
        if f"{_FIRST}{name}" in tensors:
            moments = {moment: tensors[f"{prefix}{name}"].to(parameter.device) for moment, prefix in _MOMENTS}
            student.optimiser.state[parameter] = {"step": step.clone(), **moments}
