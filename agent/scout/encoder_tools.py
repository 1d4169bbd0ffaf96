"""The scout's tools over an audit of an encoder: mine the corpus, look up neighbours, compare texts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import Field

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.scout.mining import Mining
from faultfinder.memory.errors import TargetError, ToolError
from faultfinder.memory.records import Meaning, MinedPair, Record, Source

EXAMPLES = 12
"""Pairs shown in a tool's result; the rest is in the ledger."""


class Example(Record):
    """A pair as the scout sees it."""

    a: str
    b: str
    target_similarity: float
    bar: float = Field(description="similarity from which the target takes the two for rewordings")
    meaning: Meaning
    reason: str


class Mined(Record):
    """The result of mining the corpus."""

    agreed: int = Field(description="pairs of different meaning the target treats as the same")
    noticed: int = Field(description="pairs of different meaning the target keeps apart")
    new: int = Field(description="agreed pairs not seen before")
    examples: tuple[Example, ...]


class Neighbour(Record):
    """A corpus text near a query."""

    text: str
    similarity: float


class Neighbourhood(Record):
    """Corpus texts near a query, nearest first."""

    neighbours: tuple[Neighbour, ...]


class EncoderTools:
    """Tools that only make sense where the target embeds texts."""

    def __init__(self, context: AuditContext, subject: Encoded) -> None:
        """Bind the tools to an audit of an encoder."""
        self._context = context
        self._subject = subject
        self._mining = Mining(context, subject)

    def find_agreements(self, domain: Sequence[str] = (), most: int = 150) -> str:
        """Find pairs of corpus texts that the target places together although they mean different things.

        All pairs of the corpus are considered, exactly. `domain`: subject words to stay near (empty for all).
        `most`: how many pairs to keep, at most 1000. Sees what sentences of this corpus happen to differ in.
        """
        if not 1 <= most <= 1000:
            raise ToolError(f"most must be from 1 to 1000, not {most}")
        return self._kept(self._mining.agreements(tuple(domain), most))

    def scan_edits(self, focus: Sequence[str] = (), round: int = 0) -> str:  # noqa: A002 - the name the model sees
        """Make minimal edits in corpus sentences and see which the target does not notice.

        A word is exchanged, added or dropped, or two phrases are swapped.
        `focus`: kinds of difference or words to look at first (empty for all). `round`: 0 first; each further number
        looks at other words and sentences. The most productive tool to begin with.
        """
        if not 0 <= round <= 99:
            raise ToolError(f"round must be from 0 to 99, not {round}")
        return self._kept(self._mining.edits(tuple(focus), round))

    def nearest_neighbours(self, text: str, k: int = 10) -> str:
        """Show the corpus texts nearest to `text` in the target's eyes. `k`: how many, at most 50."""
        if not text.strip() or not 1 <= k <= 50:
            raise ToolError("give a text, and k from 1 to 50")
        with _told_to_the_caller():
            vector = self._subject.encoder.embed_texts([text])[0]
        near = self._mining.neighbours.of(vector, k)
        found = tuple(Neighbour(text=n.text, similarity=round(float(n.similarity), 4)) for n in near)
        return Neighbourhood(neighbours=found).model_dump_json()

    def compare_texts(self, a: str, b: str) -> str:
        """Measure how near the target places two texts, and whether it takes them for rewordings of each other."""
        if not a.strip() or not b.strip():
            raise ToolError("give two texts that are not empty")
        with _told_to_the_caller():
            compared = self._mining.compare(a, b)
        return _example(compared).model_dump_json()

    def _kept(self, pairs: Sequence[MinedPair]) -> str:
        """Put mined pairs into the ledger and sum them up."""
        known = {pair.id for pair in self._context.ledger.all(MinedPair)}
        self._context.ledger.save(pairs, spent={text for pair in pairs for text in (pair.a, pair.b)})
        pairs = [pair for pair in pairs if pair.source is not Source.MAP]
        agreed = [pair for pair in pairs if pair.agreed]
        return Mined(
            agreed=len(agreed),
            noticed=len(pairs) - len(agreed),
            new=sum(pair.id not in known for pair in agreed),
            examples=tuple(_example(pair) for pair in agreed[:EXAMPLES]),
        ).model_dump_json()


@contextmanager
def _told_to_the_caller() -> Iterator[None]:
    """Tell the caller of a text of its own that the target fails at, which would end an audit again at every resume.

    Raises:
        ToolError: the target failed.
    """
    try:
        yield
    except TargetError as error:
        raise ToolError(f"the target fails at that, try another text: {error}") from error


def _example(pair: MinedPair) -> Example:
    return Example(
        a=pair.a,
        b=pair.b,
        target_similarity=round(pair.target_similarity, 4),
        bar=round(pair.bar, 4),
        meaning=pair.judgement.meaning,
        reason=pair.judgement.reason,
    )
