"""Which of the candidates become inputs: readable, each picture once, each with one label, evenly over the labels.

Every picture that is taken has been opened once before, so that a broken one is found at the beginning, by name.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.picture_sources.candidate import Box, Candidate, Fault, Reason

_NOTES = 10  # kept of each reason; of unreadable pictures all


@dataclass
class LeftOut:
    """What was left out, counted by reason, with names."""

    counts: Counter[Reason] = field(default_factory=Counter)
    notes: dict[Reason, list[str]] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """Count a fault; its name is kept where it is among the first of its reason, or unreadable."""
        self.counts[fault.reason] += 1
        notes = self.notes.setdefault(fault.reason, [])
        if fault.reason is Reason.UNREADABLE or len(notes) < _NOTES:
            notes.append(f"{fault.place}: {fault.detail}" if fault.detail else fault.place)

    def with_more(self, reason: Reason, number: int) -> "LeftOut":
        """Return the same with so many more of a reason."""
        more = LeftOut(Counter(self.counts), {why: list(notes) for why, notes in self.notes.items()})
        more.counts[reason] += number
        return more

    @property
    def total(self) -> int:
        """Count everything left out."""
        return self.counts.total()

    def __str__(self) -> str:
        """Say it in words: '3 whose picture cannot be read, 12 crowds'."""
        return ", ".join(f"{self.counts[reason]:,} {reason}" for reason in Reason if self.counts[reason]) or "nothing"


@dataclass(frozen=True)
class Input:
    """A candidate that was taken.

    Attributes:
        candidate: The candidate.
        digest: What its whole picture is, hexadecimal.
    """

    candidate: Candidate
    digest: str

    @property
    def together(self) -> str:
        """What must not be parted from it: its group, or its picture."""
        return f"group {self.candidate.group}" if self.candidate.group else self.digest


@dataclass(frozen=True)
class Chosen:
    """The inputs by key, and what was left out."""

    inputs: tuple[Input, ...]
    left_out: LeftOut


def choose(found: Iterable[Candidate | Fault], most: int) -> Chosen:
    """Take candidates.

    Args:
        found: what a reader yields; the order makes no difference.
        most: inputs at most. Of each label as many as the others have, as far as they go; which ones follows from
            their keys.
    """
    left_out = LeftOut()
    candidates = []
    for each in found:
        if isinstance(each, Fault):
            left_out.add(each)
        else:
            candidates.append(each)
    choice = _Choice(left_out)
    for number, candidate in enumerate(queue := _in_turns(candidates)):
        if len(choice) >= most:
            left_out.counts[Reason.SURPLUS] += len(queue) - number
            break
        choice.consider(candidate)
    return Chosen(choice.inputs(), left_out)


class _Choice:
    """The inputs taken so far, by what they show."""

    def __init__(self, left_out: LeftOut) -> None:
        self._left_out = left_out
        self._taken: dict[tuple[str, Box | None], Input | None] = {}  # None: with two labels, so with none
        self._keys: set[str] = set()
        self._read: dict[str, tuple[str, tuple[int, int]] | None] = {}  # by place; None: unreadable

    def __len__(self) -> int:
        return sum(taken is not None for taken in self._taken.values())

    def inputs(self) -> tuple[Input, ...]:
        kept = [taken for taken in self._taken.values() if taken is not None]
        return tuple(sorted(kept, key=lambda taken: taken.candidate.key))

    def consider(self, candidate: Candidate) -> None:
        read = self._reading(candidate)
        if read is None:
            return
        digest, size = read
        if candidate.size is not None and candidate.size != size:
            detail = f"{_times(size)}, not {_times(candidate.size)} pixels"
            self._left_out.add(Fault(Reason.RESIZED, candidate.key, detail))
            return
        shown = (digest, candidate.box)
        if shown in self._taken:
            self._again(shown, candidate)
        elif candidate.key in self._keys:
            self._left_out.add(Fault(Reason.DUPLICATE, candidate.key, "a second input of that name"))
        else:
            self._keys.add(candidate.key)
            self._taken[shown] = Input(candidate, digest)

    def _again(self, shown: tuple[str, Box | None], candidate: Candidate) -> None:
        before = self._taken[shown]
        if before is not None and before.candidate.label == candidate.label:
            self._left_out.add(Fault(Reason.DUPLICATE, candidate.key, f"is {before.candidate.key}"))
            return
        self._left_out.add(Fault(Reason.CONTRADICTORY, candidate.key, candidate.label))
        if before is not None:
            self._left_out.add(Fault(Reason.CONTRADICTORY, before.candidate.key, before.candidate.label))
        self._taken[shown] = None

    def _reading(self, candidate: Candidate) -> tuple[str, tuple[int, int]] | None:
        """Return digest and size of the whole picture, opened once whatever is cut out of it."""
        place = candidate.source.place
        if place not in self._read:
            try:
                self._read[place] = (candidate.source.digest(), candidate.source.load().size)
            except CorpusError as error:
                self._read[place] = None
                self._left_out.add(Fault(Reason.UNREADABLE, candidate.key, str(error)))
        elif self._read[place] is None:
            self._left_out.add(Fault(Reason.UNREADABLE, candidate.key, "a part of the same picture"))
        return self._read[place]


def _in_turns(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Order candidates so that the labels take turns, by the hash of their keys."""
    by_label: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_label[candidate.label].append(candidate)
    turns = [
        (turn, candidate.label, candidate)
        for same in by_label.values()
        for turn, candidate in enumerate(sorted(same, key=_drawn))
    ]
    return [candidate for _, _, candidate in sorted(turns, key=lambda each: each[:2])]


def _drawn(candidate: Candidate) -> tuple[str, str]:
    return hashlib.sha256(candidate.key.encode("utf-8", "surrogateescape")).hexdigest(), candidate.key


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
