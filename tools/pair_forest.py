"""Order pairs of words so that every word that is confused with any other is met early."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Components(Generic[Node]):
    """Groups of things joined so far (union-find)."""

    def __init__(self) -> None:
        """Start with everything on its own."""
        self._parents: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        """Return the one that stands for a thing's group."""
        parent = self._parents.setdefault(node, node)
        while parent != self._parents[parent]:
            self._parents[parent] = self._parents[self._parents[parent]]
            parent = self._parents[parent]
        return parent

    def join(self, first: Node, second: Node) -> bool:
        """Join two groups; return whether they were apart."""
        one, other = self.root(first), self.root(second)
        self._parents[other] = one
        return one != other

    def groups(self) -> list[list[Node]]:
        """Return the groups, each in the order its members were met."""
        found: dict[Node, list[Node]] = {}
        for node in list(self._parents):
            found.setdefault(self.root(node), []).append(node)
        return list(found.values())


def components(pairs: Iterable[tuple[Node, Node]]) -> list[list[Node]]:
    """Return the connected groups of a graph given by its edges."""
    joined = Components[Node]()
    for first, second in pairs:
        joined.join(first, second)
    return joined.groups()


def spanning_first(pairs: Sequence[tuple[Node, Node]]) -> list[int]:
    """Return the pairs' numbers, reordered: first those that join new words (a spanning forest), then the rest.

    Either part keeps the order given, so a large group does not push the small ones out of a short list.
    """
    joined = Components[Node]()
    joining = [joined.join(first, second) for first, second in pairs]
    return sorted(range(len(pairs)), key=lambda number: not joining[number])
