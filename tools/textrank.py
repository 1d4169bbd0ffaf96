"""Which sentences of a text say most of it: TextRank (Mihalcea and Tarau, 2004), over networkx's PageRank.

Sentences are tied by the words they share: |A and B| / (log |A| + log |B|), words of grammar left out, and weighed by
the stationary distribution of a random walk over these ties (damping 0.85).
"""

from collections.abc import Sequence
from itertools import combinations
from math import log

from faultfinder.tools.lexicon_words import ARTICLES, WordList
from faultfinder.tools.sentences import words


def central(sentences: Sequence[str]) -> list[int]:
    """Return the positions of the sentences, the most central first; earlier ones first where they are equal."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(len(sentences)))
    telling = [_telling(sentence) for sentence in sentences]
    for i, j in combinations(range(len(sentences)), 2):
        if tie := _tie(telling[i], telling[j]):
            graph.add_edge(i, j, weight=tie)
    ranks: dict[int, float] = networkx.pagerank(graph) if sentences else {}
    return sorted(ranks, key=lambda number: (-round(ranks[number], 9), number))


def _telling(sentence: str) -> frozenset[str]:
    grammar = WordList.load().function | ARTICLES
    return frozenset(word.lower() for word in words(sentence)) - grammar


def _tie(a: frozenset[str], b: frozenset[str]) -> float:
    if min(len(a), len(b)) < 2:  # a logarithm of 0 or 1 would make a tie of one word endless
        return 0.0
    return len(a & b) / (log(len(a)) + log(len(b)))
