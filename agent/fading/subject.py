"""What a method of fading supplies: how a failure of a model is learned from, examined, tried, saved, audited again.

The flow (`flow.py`) does all the rest: it trains within the guard, chooses on the line to the original, proves and
writes down, alike for every kind of model. A batch depends on the step's number and the seed alone, so that a killed
fade goes on as if it had not been killed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from faultfinder.agent.fading.reauditing import HeldOut
from faultfinder.agent.fading.records import Data
from faultfinder.agent.fading.scoring import Scored
from faultfinder.agent.fading.shifting import Survey
from faultfinder.memory.records import Case, Hypothesis, Observation, Rule
from faultfinder.tools.fading.learner import Learner

Model = TypeVar("Model")
Step = TypeVar("Step")
Asked = TypeVar("Asked", contravariant=True)

Tell = Callable[[int, int], None]
"""Told how many of how many are done."""


def nobody(done: int, total: int) -> None:
    """Tell nobody."""


class Examination(Protocol[Asked]):
    """Held-out inputs, and what a model makes of them."""

    def take(self, model: Asked, tell: Tell = nobody) -> dict[str, Scored]:
        """Return the scores by name, the failure's first; the same cases in the same order for every model."""
        ...

    def failing(self, model: Asked) -> float:
        """Return the mean of the failure's own score alone: what it costs to look on while a model learns."""
        ...


class Trial(Protocol[Asked]):
    """The failure's experiment on inputs that nobody has used."""

    @property
    def hypothesis(self) -> Hypothesis:
        """What was proven."""
        ...

    def cases(self) -> list[Case]:
        """Write the experiment: valid cases only; the same ones every time.

        Raises:
            AuditError: there are too few inputs for a probe and a control.
        """
        ...

    def ask(self, model: Asked, cases: Sequence[Case]) -> list[Observation]:
        """Ask a model the cases, as an audit does."""
        ...


class Subject(ABC, Generic[Model, Step]):
    """One failure of one model, as a method fades it; inputs are gathered and split when it is made."""

    @property
    @abstractmethod
    def method(self) -> str:
        """What is done to the model, in a sentence without its full stop."""

    @property
    def rule(self) -> Rule | None:
        """The failure's rule, where it is about words."""
        return None

    @property
    @abstractmethod
    def data(self) -> Data:
        """What is learned from and measured on."""

    @property
    @abstractmethod
    def validation(self) -> Examination[Model]:
        """What models are chosen by."""

    @property
    @abstractmethod
    def test(self) -> Examination[Model]:
        """What is asked once, of the chosen model and the original."""

    @property
    @abstractmethod
    def trial(self) -> Trial[Model]:
        """The failure's experiment anew."""

    @property
    @abstractmethod
    def most(self) -> int:
        """How many steps the data allow."""

    @abstractmethod
    def student(self) -> Learner[Model, Step]:
        """Return the model in training."""

    @abstractmethod
    def batches(self, before: Mapping[str, Scored]) -> Callable[[int], Step]:
        """Return what gives the batch of a step.

        Args:
            before: the original's scores on the validation part.
        """

    @abstractmethod
    def save(self, model: Model, folder: Path) -> str:
        """Write the model as it is now into a folder; return the spec that opens it again."""

    @abstractmethod
    def held_out(self) -> HeldOut:
        """Return the inputs that the changed model is audited on; none of them was learned from.

        Raises:
            AuditError: too few are left.
        """

    @property
    def survey(self) -> Survey | None:
        """The landscape of actions on held-out inputs, of whichever weights the model has; None where it has none."""
        return None
