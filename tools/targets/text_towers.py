"""Text towers encoded exactly, without computing what cannot change the answer.

In a causal tower a position depends on the tokens up to it alone. So nothing after the pooled position matters, and
captions that begin alike share the computation of their common beginning: the captions of a batch form a prefix tree
whose every node is computed once. On COCO captions that is 9.4 nodes a caption where ``encode_text`` computes 77
positions. In a tower with a padding mask, columns that hold padding only are left out. Every other tower is computed
whole. The modules are open_clip's own; this file does not know how they were made or where weights come from.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import torch  # noqa: TID253 - imported only by the adapters that need it
import torch.nn.functional as F  # noqa: N812, TID253 - torch's own abbreviation

Tensor = torch.Tensor
_ROWS = 128  # captions in one tree: more share more prefixes, fewer fit the processor's cache; measured by bench
_LENGTH_GROUPS = 4  # attention pads to the longest caption of its group


class TextTower(Protocol):
    """Turns token ids into unit vectors."""

    def encode(self, tokens: Tensor) -> Tensor:
        """Return float (n, d), rows of unit length, for int64 token ids (n, context)."""
        ...


def text_tower(model: Any) -> TextTower:  # noqa: ANN401 - open_clip has three unrelated model classes
    """Choose the cheapest exact way to encode texts with an open_clip model."""
    tower = getattr(model, "text", model)
    if hasattr(tower, "pooler") and hasattr(tower, "config"):
        return PaddingMaskedTower(model, tower.config.pad_token_id)
    if _is_plain_causal(tower):
        return CausalTower(tower)
    return WholeTower(model)


def _is_plain_causal(tower: Any) -> bool:  # noqa: ANN401
    """Tell a causal tower of standard blocks; CoCa's is not: its class token comes last and has a mask of its own."""
    if getattr(tower, "attn_mask", None) is None or getattr(tower, "cls_emb", None) is not None:
        return False
    if not torch.equal(tower.attn_mask, torch.full_like(tower.attn_mask, -torch.inf).triu(1)):
        return False
    blocks = tower.transformer.resblocks
    return all(
        isinstance(block.attn, torch.nn.MultiheadAttention) and block.attn.in_proj_weight is not None
        for block in blocks
    )


class WholeTower:
    """Encodes every position, in batches: towers in which each position sees all others."""

    _rows = 64

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        """Keep the model, whose ``encode_text`` does the work."""
        self._model = model

    def encode(self, tokens: Tensor) -> Tensor:
        """Return float (n, d), rows of unit length, for int64 token ids (n, context)."""
        return torch.cat([_unit(self._model.encode_text(rows)) for rows in tokens.split(self._rows)])


class PaddingMaskedTower:
    """Encodes a Hugging Face tower without the columns that its attention mask hides from every text."""

    _rows = 64

    def __init__(self, model: Any, pad: int) -> None:  # noqa: ANN401
        """Keep the model and the id of its padding token."""
        self._model = model
        self._pad = pad

    def encode(self, tokens: Tensor) -> Tensor:
        """Return float (n, d), rows of unit length, for int64 token ids (n, context), shortest texts first."""
        columns = torch.arange(1, tokens.shape[1] + 1)
        lengths = ((tokens != self._pad) * columns).amax(1).clamp(min=1)
        order = lengths.argsort(stable=True)
        parts = [self._model.encode_text(tokens[rows, : int(lengths[rows[-1]])]) for rows in order.split(self._rows)]
        return _unit(torch.cat(parts))[order.argsort()]


@dataclass(frozen=True)
class _Group:
    """Captions of similar length: where their positions are in the tree, and which of them stand for a node."""

    nodes: Tensor  # (rows, length) node of each position
    own: Tensor  # (rows, length) bool: the position is the first to reach its node
    reached: Tensor  # (sum of own,) the nodes of those positions


@dataclass(frozen=True)
class _Tree:
    """The prefix tree of sorted captions."""

    tokens: Tensor  # (nodes,) token at each node
    depths: Tensor  # (nodes,) its position in the caption
    ends: Tensor  # (rows,) node that a caption is pooled at
    groups: tuple[_Group, ...]


def _grow(tokens: Tensor, lengths: Tensor) -> _Tree:
    """Make the tree of captions sorted by their token ids, each ``lengths`` tokens long."""
    tokens = tokens[:, : int(lengths.max())]
    inside = torch.arange(tokens.shape[1]) < lengths[:, None]
    same = torch.zeros_like(inside)
    same[1:] = (tokens[1:] == tokens[:-1]) & inside[:-1]
    own = inside & ~same.long().cumprod(1).bool()
    numbered = (own.flatten().cumsum(0) - 1).view_as(tokens)
    nodes = torch.where(own, numbered, -1).cummax(0).values.clamp(min=0)
    rows, depths = own.nonzero(as_tuple=True)
    ends = nodes[torch.arange(len(tokens)), lengths - 1]
    groups = (_group(nodes, own, lengths, part) for part in lengths.argsort(stable=True).chunk(_LENGTH_GROUPS))
    return _Tree(tokens[rows, depths], depths, ends, tuple(groups))


def _group(nodes: Tensor, own: Tensor, lengths: Tensor, rows: Tensor) -> _Group:
    longest = int(lengths[rows].max())
    own = own[rows, :longest]
    nodes = nodes[rows, :longest]
    return _Group(nodes, own, nodes[own])


class CausalTower:
    """Encodes an OpenAI-style causal tower node by node of the captions' prefix tree."""

    def __init__(self, tower: Any) -> None:  # noqa: ANN401
        """Keep the parts of a tower: a ``CLIP`` holds them itself, a ``CustomTextCLIP`` in its ``text``."""
        self._tower = tower
        self._pool = getattr(tower, "text_pool_type", None) or tower.pool_type
        self._eos: int = getattr(tower, "text_eos_id", getattr(tower, "eos_id", 0))

    def encode(self, tokens: Tensor) -> Tensor:
        """Return float (n, d), rows of unit length, for int64 token ids (n, context)."""
        unique, where = torch.unique(tokens, dim=0, return_inverse=True)  # sorted, so that equal beginnings meet
        return torch.cat([self._encode_sorted(rows) for rows in unique.split(_ROWS)])[where]

    def _encode_sorted(self, tokens: Tensor) -> Tensor:
        tree = _grow(tokens, self._pooled_at(tokens) + 1)
        tower = self._tower
        x = tower.token_embedding(tree.tokens) + tower.positional_embedding[tree.depths]  # (nodes, width)
        *early, last = tower.transformer.resblocks
        for block in early:
            x = _step(block, x, _attend(block, x, tree.groups))
        x = _step(last, x[tree.ends], _attend(last, x, tree.groups)[tree.ends])  # after the last, only ends are read
        return _unit(self._project(tower.ln_final(x)))

    def _pooled_at(self, tokens: Tensor) -> Tensor:
        """Return the position (n,) that open_clip's ``text_global_pool`` reads."""
        if self._pool == "argmax":
            return tokens.argmax(1)
        if self._pool == "eos":
            return torch.eq(tokens, self._eos).int().argmax(1)
        return torch.full((len(tokens),), 0 if self._pool == "first" else tokens.shape[1] - 1)

    def _project(self, x: Tensor) -> Tensor:
        projection = self._tower.text_projection
        if projection is None:
            return x
        projected: Tensor = projection(x) if isinstance(projection, torch.nn.Linear) else x @ projection
        return projected


def _unit(x: Tensor) -> Tensor:
    return F.normalize(x.float(), dim=-1)  # in bfloat16 the rows would be off unit length by half a percent


def _step(block: Any, x: Tensor, attended: Tensor) -> Tensor:  # noqa: ANN401
    """Finish a residual block, for x and attended (nodes, width)."""
    x = x + block.ls_1(block.attn.out_proj(attended))
    y: Tensor = x + block.ls_2(block.mlp(block.ln_2(x)))
    return y


def _attend(block: Any, x: Tensor, groups: tuple[_Group, ...]) -> Tensor:  # noqa: ANN401
    """Let every node of x (nodes, width) attend to its ancestors and itself; return (nodes, width)."""
    attention = block.attn
    projected = F.linear(block.ln_1(x), attention.in_proj_weight, attention.in_proj_bias)  # (nodes, 3 * width)
    out = projected.new_empty(x.shape)
    for group in groups:
        qkv = projected[group.nodes].unflatten(-1, (3, attention.num_heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (rows, heads, length, width / heads)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        out[group.reached] = seen[group.own]
    return out
