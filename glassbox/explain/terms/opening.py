"""Nodes written out: what an operator without a rule computes inside, run for its inputs and told cell by cell.

See `glassbox.graph.written_out`. The inner tensors, "NODE/NAME", join the tensors of the run once they are asked for.
"""

from threading import RLock

import numpy as np
from onnx import helper, numpy_helper

import glassbox.graph.decompositions  # noqa: F401 (fills their table)
from glassbox.engine.session import Session
from glassbox.explain.terms.cells import Cells, Maker
from glassbox.explain.terms.sums import UnknownOperator
from glassbox.graph.builder import FLOATS, FOLDED_CELLS, Builder, Value
from glassbox.graph.model import attributes, operator, reads
from glassbox.graph.node import Node
from glassbox.graph.written_out import is_estimated, is_written_out, model_of, opset_to_write_in, write_out

_lock = RLock()


def opened(cells: Cells, maker: Maker, tensor: str) -> bool:
    """Let `tensor`, an output of the node of `maker`, be explained by what the node is made of, if that is known."""
    if not is_written_out(maker.node) or is_estimated(maker.node):
        return False
    own = maker.node.output[maker.output]  # not `tensor` where that equals a tensor inside of another node
    with _lock:
        if cells.makers[own] is maker and not cells.is_moved(own):
            _open(cells, maker)
        if own != tensor:
            cells.equate(tensor, own)
        return cells.is_moved(tensor) or not _same(cells.makers[tensor], maker)


def _same(one: Maker, other: Maker) -> bool:
    """Return whether two outputs are the same output of the same operator, so that neither explains the other: what is
    written out with its own operator inside would be opened again and again."""
    first, second = operator(one.node), operator(other.node)
    return (first, one.output, one.attributes) == (second, other.output, other.attributes)


def _open(cells: Cells, maker: Maker) -> None:
    node = maker.node
    opset = opset_to_write_in(node, maker.opset)
    if opset is None:
        return
    builder = Builder(opset, cells.plan.names | cells.arrays.keys())
    values = {name: _value(builder, name, cells) for name in node.input if name}
    values |= {name: _value(builder, name, cells) for name in reads(node) - values.keys()}
    inputs = list(values.values())
    values |= {name: _value(builder, name, cells) for name in node.output if name}
    written = write_out(Node.of(builder, node, values))
    if written is None:
        return
    model = model_of(builder, written.nodes, inputs)
    told = [builder.constants[name] for name in written.outputs if name in builder.constants]
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in [*model.graph.initializer, *told]}
    inner = dict(held)
    if model.graph.node:
        feeds = {value.name: cells.arrays[value.name] for value in model.graph.input}
        try:
            inner |= Session(model.SerializeToString()).run(feeds).outputs
        except Exception as error:  # what ONNX Runtime lacks a kernel for, or takes in the whole operator alone
            raise UnknownOperator(operator(node), maker.label, "can't be run written out, so it has no sum") from error
    cells.fixed |= held.keys()
    makers = {
        name: Maker(made, made.name, attributes(made), place, opset)
        for made in written.nodes
        for place, name in enumerate(made.output)
        if name
    }
    arrays = {name: array for name, array in inner.items() if isinstance(array, np.ndarray) and name not in values}
    cells.add(arrays, makers)
    for output, equal in zip(node.output, written.outputs, strict=False):
        if output and equal:
            cells.equate(output, equal)


def _value(builder: Builder, name: str, cells: Cells) -> Value:
    """Return the tensor of the run as the builder knows it: its cells too, if they are few and no floats."""
    array = cells.arrays[name]
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    if array.size <= FOLDED_CELLS and (kind not in FLOATS or name in cells.fixed):
        builder.constants[name] = numpy_helper.from_array(np.asarray(array), name)
    return builder.value(name, kind, array.shape)
