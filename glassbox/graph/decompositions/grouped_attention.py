"""Rotary positions and attention with fewer keys than queries, as com.microsoft has them for models that write text.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
Su et al., 2021, https://arxiv.org/abs/2104.09864; Ainslie et al., 2023, https://arxiv.org/abs/2305.13245.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.node import Node
from glassbox.graph.written_out import MICROSOFT, decomposition

UNCOVERED = (12, 13, 14, 15, 16)
"""Inputs of GroupQueryAttention: scales of a quantised cache, weights of norms, lengths of the queries."""
OTHERWISE = {"causal": 1, "sliding_window_cache": 0, "kv_cache_bit_width": 0, "qk_output": 0}
"""Attributes of GroupQueryAttention, and the only value of each that is covered."""


@decomposition("RotaryEmbedding", domain=MICROSOFT)
def rotary_embedding(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """Pairs of cells turned by the angle of their place; see `rotated`."""
    x, places, cos, sin = node.x, node.required(1), node.required(2), node.required(3)
    half, width = None if cos.shape is None else cos.shape[-1], None if x.shape is None else x.shape[-1]
    if not isinstance(half, int) or not isinstance(width, int) or node["scale"] not in (None, 1):
        return None
    if node["is_packed_batching"] or (node["rotary_embedding_dim"] and not node["num_heads"]):
        return None
    size = width if x.rank == 4 else width // node["num_heads"] if node["rotary_embedding_dim"] else 2 * half
    if x.rank not in (3, 4) or places.rank not in (1, 2):
        return None
    by_head = x if x.rank == 4 else g.op("Reshape", x, [0, 0, -1, size])
    steps = g.sizes(x, x.rank - 2, x.rank - 1)
    if places.rank == 1:
        places = g.op("Reshape", g.op("Reshape", places, [1]) + _clock(g, steps), [1, -1])
    y = rotated(g, by_head, (cos, sin), places, heads=1 if x.rank == 4 else 2, interleaved=bool(node["interleaved"]))
    return None if y is None else [y if x.rank == 4 else g.reshape(y, x)]


def rotated(
    g: Builder, x: Value, table: tuple[Value, Value], places: Value, heads: int, interleaved: bool
) -> Value | None:
    """Return a cos - b sin and b cos + a sin in place of each pair (a, b) of the first cells of the last axis of `x`.

    `table`: the cosines and sines (most places, pairs); `places` (N or 1, T); `heads`: the axis of `x` that has none.
    """
    half, size = None if table[0].shape is None else table[0].shape[-1], None if x.shape is None else x.shape[-1]
    if not isinstance(half, int) or not isinstance(size, int):
        return None
    cos, sin = (g.op("Unsqueeze", g.op("Gather", one, places), [heads]) for one in table)
    firsts = np.arange(0, 2 * half, 2) if interleaved else np.arange(half)
    seconds = firsts + (1 if interleaved else half)
    a, b = (g.op("Gather", x, which, axis=-1) for which in (firsts, seconds))
    parts = [a * cos - b * sin, b * cos + a * sin]
    order = np.argsort(np.concatenate([firsts, seconds]))
    if size > 2 * half:
        parts.append(g.op("Gather", x, np.arange(2 * half, size), axis=-1))
        order = np.concatenate([order, np.arange(2 * half, size)])
    y = g.op("Concat", *parts, axis=-1)
    return g.op("Gather", y, order, axis=-1) if interleaved else y


@decomposition("GroupQueryAttention", domain=MICROSOFT)
def grouped_attention(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """softmax(cap(Q K' scale) + what is added) V of each head, several of which share keys and values.

    Each example has keys of the past, of which as many count as it says, and behind them new ones. A query reads those
    up to itself. The further outputs are all keys and all values, 0 behind the last.
    """
    if any(node.input(place) is not None for place in UNCOVERED) or len(node.outputs) > 3:
        return None
    if any(node[name] not in (None, only) for name, only in OTHERWISE.items()):
        return None
    parts = _heads(g, node)
    if parts is None:
        return None
    q, k, v = parts
    new, total = g.sizes(q, 2, 3), g.op("Reshape", g.op("Cast", node.required(6), to=TensorProto.INT64), [1])
    counts = g.op("Reshape", g.op("Cast", node.required(5), to=TensorProto.INT64), [-1, 1]) + 1
    goes_on = g.op("Cast", g.op("Less", new, total), to=TensorProto.INT64)  # else it is the begin of a text
    past = (counts - new) * goes_on
    own = past + g.op("Reshape", _clock(g, new), [1, -1])  # the places of the queries (N, T)
    if node["do_rotary"]:
        places = own if (given := node.input(9)) is None else given
        table, interleaved = (node.required(7), node.required(8)), bool(node["rotary_interleaved"])
        turned = [rotated(g, x, table, places, heads=1, interleaved=interleaved) for x in (q, k)]
        if turned[0] is None or turned[1] is None:
            return None
        q, k = turned[0], turned[1]
    keys, values = (_joined(g, node.input(place), x, past, total) for place, x in ((3, k), (4, v)))
    shared = np.arange(node["num_heads"]) // (node["num_heads"] // node["kv_num_heads"])
    seen_keys, seen_values = (
        g.op("Gather", g.op("Slice", x, g.constant([0]), total, g.constant([2])), shared, axis=1)
        for x in (keys, values)
    )
    weights = _weights(g, node, (q, seen_keys), own, _clock(g, total))
    rows = g.op("MatMul", weights, seen_values)
    y = g.op("Reshape", g.op("Transpose", rows, perm=[0, 2, 1, 3]), [0, 0, -1])
    return [y, keys, values][: len(node.outputs)]


def _heads(g: Builder, node: Node) -> list[Value] | None:
    """Return queries, keys and values, each (N, heads, T, size); None where their sizes can't be told."""
    counts = [int(node["num_heads"]), int(node["kv_num_heads"]), int(node["kv_num_heads"])]
    width = None if node.x.shape is None or node.x.rank != 3 else node.x.shape[-1]
    if not isinstance(width, int):
        return None
    if node.input(1) is None:
        size = width // sum(counts)
        names = [g.fresh(name) for name in ("queries", "keys", "values")]
        parts = g.ops("Split", node.x, g.constant([count * size for count in counts]), names=names, axis=-1)
    else:
        size, parts = width // counts[0], [node.x, node.required(1), node.required(2)]
    apart = [g.op("Reshape", part, [0, 0, count, size]) for part, count in zip(parts, counts, strict=True)]
    return [g.op("Transpose", part, perm=[0, 2, 1, 3]) for part in apart]


def _joined(g: Builder, before: Value | None, new: Value, past: Value, total: Value) -> Value:
    """Return the first `past` (N, 1) of the keys (or values) `before`, `new` behind them, then zeros: as many as there
    are in `total`, or in `before` if that is more."""
    steps, whole = g.sizes(new, 2, 3), new
    held, length = g.constant([0]), total
    if before is not None:
        held, whole = g.sizes(before, 2, 3), g.op("Concat", before, new, axis=2)
        length = g.op("Max", held, total)
    at = g.op("Reshape", _clock(g, length), [1, -1])
    ends = past + steps
    from_new = g.op("Where", g.op("Less", at, ends), at - past + held, g.constant(0))
    which = g.op("Where", g.op("Less", at, past), at, from_new)
    turned = g.op("Transpose", whole, perm=[0, 2, 1, 3])
    rows = g.op("GatherND", turned, g.op("Unsqueeze", which, [2]), batch_dims=1)
    filled = g.op("Unsqueeze", g.op("Less", at, ends), [2, 3])
    kept = g.op("Where", filled, rows, g.constant(0.0, new.dtype))
    return g.op("Transpose", kept, perm=[0, 2, 1, 3])


def _weights(g: Builder, node: Node, pair: tuple[Value, Value], own: Value, keys: Value) -> Value:
    """Return how much each query weighs each key (N, heads, T, keys): `own` (N, T) and `keys` are their places."""
    q, k = pair
    width = None if q.shape is None else q.shape[-1]
    size = width if isinstance(width, int) else 1
    scores = g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])) * float(node["scale"] or 1 / math.sqrt(size))
    if cap := node["softcap"]:
        scores = g.op("Tanh", scores / float(cap)) * float(cap)
    if (added := node.input(10)) is not None:
        scores = scores + added
    own, at = g.op("Unsqueeze", own, [2]), g.op("Reshape", keys, [1, 1, -1])
    hidden = g.op("Less", own, at)
    if (window := node["local_window_size"]) is not None and window > 0:
        hidden = g.op("Or", hidden, g.op("Less", at, own - int(window) + 1))
    kind = np.float16 if q.dtype == TensorProto.FLOAT16 else np.float32
    least = g.constant(float(np.finfo(kind).min), q.dtype)
    scores = g.op("Where", g.op("Unsqueeze", hidden, [1]), least, scores)
    sink = node.input(11)
    if sink is None and not node["smooth_softmax"]:
        return g.op("Softmax", scores, axis=-1)
    shape = g.op("Concat", g.sizes(scores, 0, 3), [1], axis=0)
    column = g.constant(0.0, q.dtype) if sink is None else g.op("Reshape", sink, [1, -1, 1, 1])
    weights = g.op("Softmax", g.op("Concat", g.op("Expand", column, shape), scores, axis=-1), axis=-1)
    return g.op("Slice", weights, g.constant([1]), g.constant([2**31]), g.constant([3]))


def _clock(g: Builder, count: Value) -> Value:
    """Return 0, 1, ... up to `count` (1,)."""
    return g.op("Range", np.array(0), g.op("Squeeze", count), np.array(1))
