"""Fusion: the nodes of a training step -> fewer nodes that compute the same.

Within a `Scan` a node of a small network costs about as much as all that it computes: a step of a 2-8-8-1 network takes
half the time once each gradient is added to its weight by the Gemm that computes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from onnx import NodeProto, helper

from glassbox.graph.builder import Value
from glassbox.graph.model import attributes, reads


def sums_as_products(
    nodes: Sequence[NodeProto], values: Mapping[str, Value], sums: Collection[str], ones: Value
) -> tuple[list[NodeProto], set[str]]:
    """Return the nodes with sums over a batch, (N, size) -> (size,), as products with `ones` (N, 1), and their names.

    `sums` names the tensors that may become such a product, which gives a row, (1, size): a Gemm can be added to, a
    ReduceSum can't. N is a size of `ones`; where the summed tensor is not known to have it, the sum stays.
    """
    fused, rows = [], set[str]()
    for node in nodes:
        name = node.output[0]
        if node.op_type == "ReduceSum" and name in sums and _is_batch(values.get(node.input[0]), ones):
            node = helper.make_node("Gemm", [ones.name, node.input[0]], [name], transA=1)
            rows.add(name)
        fused.append(node)
    return fused, rows


def additions_in_products(
    nodes: Sequence[NodeProto], totals: Collection[str], kept: Collection[str]
) -> list[NodeProto]:
    """Return the nodes with base + product, for each of `totals`, as one Gemm, which adds while it multiplies.

    base and product have the same shape. A product that more nodes read, or that is one of the tensors `kept`, stays.
    """
    makers = {node.output[0]: node for node in nodes}
    readers = [name for node in nodes for name in reads(node)] + list(kept)
    fused, gone = {}, set()
    for total in totals:
        base, name = makers[total].input
        product = makers.get(name)
        if product is not None and product.op_type == "Gemm" and len(product.input) == 2 and readers.count(name) == 1:
            both = NodeProto()
            both.CopyFrom(product)
            both.input.append(base)
            both.output[:] = [total]
            fused[total] = both
            gone.add(name)
    return [fused.get(node.output[0], node) for node in nodes if node.output[0] not in gone]


def difference_in_product(nodes: Sequence[NodeProto], name: str, values: Mapping[str, Value]) -> list[NodeProto]:
    """Return the nodes with the difference `name`, product - subtrahend, as one Gemm, which subtracts too.

    Where the two are known to have the same shape, and nothing else reads the product.
    """
    makers = {node.output[0]: node for node in nodes}
    product, subtrahend = makers[name].input
    maker, shapes = makers.get(product), [values[each].shape for each in (product, subtrahend)]
    alone = [each for node in nodes for each in reads(node)].count(product) == 1
    if maker is None or maker.op_type != "Gemm" or len(maker.input) != 2 or not alone:
        return list(nodes)
    if shapes[0] is None or shapes[0] != shapes[1] or None in shapes[0]:
        return list(nodes)
    both = helper.make_node("Gemm", [*maker.input, subtrahend], [name], **(attributes(maker) | {"beta": -1.0}))
    return [both if node is makers[name] else node for node in nodes if node is not maker]


def _is_batch(summed: Value | None, ones: Value) -> bool:
    """Return whether a tensor is known to be (N, size)."""
    if summed is None or summed.shape is None or ones.shape is None:
        return False
    return len(summed.shape) == 2 and summed.shape[0] is not None and summed.shape[0] == ones.shape[0]
