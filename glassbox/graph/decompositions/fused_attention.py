"""Attention and embeddings of the domain com.microsoft, as ONNX Runtime's optimiser writes them for transformers.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from glassbox.graph.builder import Builder, Value
from glassbox.graph.decompositions.quantised import dequantised
from glassbox.graph.node import Node
from glassbox.graph.written_out import MICROSOFT, decomposition

HIDDEN = -10_000.0
"""What is added to the score of a key that a mask hides, unless the node says otherwise."""


@decomposition("Attention", domain=MICROSOFT)
def attention(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """Queries, keys and values are one product with the weights; then see `_attended`."""
    if node.input(6) is not None:
        return None
    return _projected(g, node, node.x, node.required(1), mask=3, past=4, added=5)


@decomposition("QAttention", domain=MICROSOFT)
def quantised_attention(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The same of what whole numbers stand for; the result is in floats."""
    x = dequantised(g, node.x, node.required(3), node.input(6))
    weights = dequantised(g, node.required(1), node.required(4), node.input(7), axis=1)
    return _projected(g, node, x, weights, mask=5, past=8)


def _projected(
    g: Builder, node: Node, x: Value, weights: Value, mask: int, past: int, added: int = -1
) -> list[Value | None] | None:
    """Return the attention between the products of `x` with `weights`, and its keys and values (2, N, ...) if asked."""
    width = None if weights.shape is None else weights.shape[-1]
    if node["do_rotary"] or node["past_present_share_buffer"] or x.rank != 3 or not isinstance(width, int):
        return None
    product = g.op("MatMul", x, weights)
    if (bias := node.input(2)) is not None:
        product = product + bias
    sizes = node["qkv_hidden_sizes"] or [width // 3] * 3
    names = [g.fresh(name) for name in ("queries", "keys", "values")]
    parts = [_by_head(g, node, part) for part in g.ops("Split", product, g.constant(sizes), names=names, axis=-1)]
    before = node.input(past)
    earlier = None if before is None else [g.op("Gather", before, np.array(place), axis=0) for place in (0, 1)]
    joined = _joined(g, parts, earlier)
    y = _attended(g, node, joined, mask, added, earlier)
    if y is None or len(node.outputs) == 1:
        return None if y is None else [y]
    return [y, g.op("Concat", *(g.op("Unsqueeze", part, [0]) for part in joined[1:]), axis=0)]


@decomposition("MultiHeadAttention", domain=MICROSOFT)
def multi_head_attention(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """Queries, keys and values are inputs, with their biases in a row; see `_attended`."""
    given = [node.input(place) for place in range(3)]
    if any(node.input(place) is not None for place in (8, 9)) or len(node.outputs) > 3:
        return None
    if any(x is None or x.rank not in (3, 4) for x in given) or node.x.rank != 3:
        return None
    parts = [x for x in given if x is not None]
    if (bias := node.input(3)) is not None:
        sizes = [x.shape[-1] for x in parts if x.shape is not None]
        whole = [size for size in sizes if isinstance(size, int)]
        if any(x.rank != 3 for x in parts) or len(whole) < 3:
            return None
        names = [g.fresh(name) for name in ("query_bias", "key_bias", "value_bias")]
        biases = g.ops("Split", bias, g.constant(whole), names=names, axis=0)
        parts = [x + one for x, one in zip(parts, biases, strict=True)]
    earlier = [x for place in (6, 7) if (x := node.input(place)) is not None]
    parts = _joined(g, [x if x.rank == 4 else _by_head(g, node, x) for x in parts], earlier)
    y = _attended(g, node, parts, mask=4, added=5, earlier=earlier)
    return None if y is None else [y, *parts[1:]][: len(node.outputs)]


def _by_head(g: Builder, node: Node, x: Value) -> Value:
    """(batch, length, heads of a row) -> (batch, head, length, width)."""
    return g.op("Transpose", g.op("Reshape", x, [0, 0, int(node["num_heads"]), -1]), perm=[0, 2, 1, 3])


def _joined(g: Builder, parts: Sequence[Value], earlier: Sequence[Value] | None) -> list[Value]:
    """Return queries, and keys and values with those of the past before them, where there are any."""
    q, *new = parts
    return [q, *(g.op("Concat", *pair, axis=2) for pair in zip(earlier, new, strict=True))] if earlier else [q, *new]


def _attended(
    g: Builder, node: Node, parts: Sequence[Value], mask: int, added: int, earlier: Sequence[Value] | None
) -> Value | None:
    """Return softmax(Q K' scale + what is added + the mask) V, the heads of a row beside each other again.

    `mask` and `added`: the places of these inputs. Of masks there are those with a number for each key, or for each
    query and key, and the count of keys that are seen. `earlier`: the keys and values of the past among `parts`.
    """
    q, k, v = parts
    width = None if q.shape is None else q.shape[-1]
    scale = node["scale"] or (1 / math.sqrt(width) if isinstance(width, int) else None)
    if scale is None:
        return None
    scores = g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])) * float(scale)
    if added >= 0 and (more := node.input(added)) is not None:
        scores = scores + more
    hidden = g.constant(HIDDEN if node["mask_filter_value"] is None else node["mask_filter_value"], q.dtype)
    if (given := node.input(mask)) is not None:
        if given.rank == 1 and q.shape is not None and given.shape == q.shape[:1]:
            clock = g.op("Range", np.array(0), g.op("Squeeze", g.sizes(k, 2, 3)), np.array(1))
            counts = g.op("Reshape", g.op("Cast", given, to=TensorProto.INT64), [-1, 1])
            seen = g.op("Less", g.op("Reshape", clock, [1, -1]), counts)
        elif given.rank in (2, 3):
            seen = g.op("Greater", given, 0)
        else:
            return None
        kept = g.op("Where", seen, g.constant(0.0, q.dtype), hidden)
        scores = scores + g.op("Unsqueeze", kept, [1] if given.rank == 3 else [1, 2])
    if node["unidirectional"]:
        sizes = g.op("Concat", g.sizes(q, 2, 3), g.sizes(k, 2, 3), axis=0)
        ones = g.op("ConstantOfShape", sizes, value=_one())
        first = g.op("Squeeze", g.sizes(earlier[0], 2, 3)) + 1 if earlier else g.constant(np.array(1))
        later = g.op("Cast", g.op("Trilu", ones, first, upper=1), to=TensorProto.BOOL)
        least = g.constant(float(np.finfo(np.float16 if q.dtype == TensorProto.FLOAT16 else np.float32).min), q.dtype)
        scores = g.op("Where", later, least, scores)
    rows = g.op("MatMul", g.op("Softmax", scores, axis=-1), v)
    return g.op("Reshape", g.op("Transpose", rows, perm=[0, 2, 1, 3]), [0, 0, -1])


def _one() -> TensorProto:
    return TensorProto(data_type=TensorProto.FLOAT, dims=[1], float_data=[1.0])


@decomposition("EmbedLayerNormalization", domain=MICROSOFT)
def embed_layer(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The layer normalisation of the sum of a word's, its place's and its segment's row.

    Its second output is how many words the mask shows, its third that sum.
    """
    tables = node.required(2), node.required(3), node.input(4)
    return _embedded(g, node, tables, (node.required(5), node.required(6)), places=node.input(8))


@decomposition("QEmbedLayerNormalization", domain=MICROSOFT)
def quantised_embed_layer(g: Builder, node: Node) -> Sequence[Value | None] | None:
    """The same of what whole numbers stand for."""
    if node.input(4) is None:
        return None
    parts = [dequantised(g, node.required(2 + i), node.required(8 + i), node.input(13 + i)) for i in range(5)]
    return _embedded(g, node, (parts[0], parts[1], parts[2]), (parts[3], parts[4]), places=None)


def _embedded(
    g: Builder,
    node: Node,
    tables: tuple[Value, Value, Value | None],
    norm: tuple[Value, Value],
    places: Value | None,
) -> list[Value | None] | None:
    """Return the outputs for the rows of words, places and segments, and the scale and shift of the norm."""
    ids = node.x
    if ids.rank != 2:
        return None
    if places is None:
        places = g.op("Range", np.array(0), g.op("Squeeze", g.sizes(ids, 1, 2)), np.array(1))
    total = g.op("Gather", tables[0], ids) + g.op("Gather", tables[1], places)
    if (segments := node.input(1)) is not None and tables[2] is not None:
        total = total + g.op("Gather", tables[2], segments)
    epsilon = 1e-12 if node["epsilon"] is None else float(node["epsilon"])
    y = g.op("LayerNormalization", total, *norm, epsilon=epsilon)
    outputs: list[Value | None] = [y]
    if len(node.outputs) > 1:
        mask = node.input(7)
        shown = g.op("Cast", g.op("Equal", mask, 1), to=TensorProto.INT32) if mask is not None else g.zeros(ids)
        outputs.append(g.op("Cast", g.op("ReduceSum", shown, [1], keepdims=0), to=TensorProto.INT32))
    return [*outputs, total][: len(node.outputs)]
