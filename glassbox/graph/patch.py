"""Patches: any ONNX model -> the same model, in which inner tensors can be replaced or added to, run by run.

One compiled model serves every choice: a cell removed (ablation), set to its mean over a set of inputs or to its value
in another run (activation patching: Meng et al., "Locating and Editing Factual Associations in GPT", 2022,
https://arxiv.org/abs/2202.05262), or moved in a direction (steering: Turner et al., "Activation Addition", 2023,
https://arxiv.org/abs/2308.10248). The values of another run, and so their means, come from a tapped model.

>>> patched, patches = with_patches(model, ["attention0/head_writes"])  # (N, 4 heads, T, width)
>>> heads = patches["attention0/head_writes"]
>>> session.run(feeds | heads.replaced(0, where=np.arange(4)[:, None, None] == 2))  # without its head 2
>>> session.run(feeds | heads.replaced(other))  # as it was in another run
>>> session.run(feeds | heads.steered(direction, dose=0.5))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from glassbox.graph.builder import FLOATS
from glassbox.graph.model import Model, fresh, labels, opset, read, tensor_names
from glassbox.graph.shapes import Shape, shape_of
from glassbox.graph.taps import tappable

Feeds = dict[str, NDArray[Any]]
OLDEST_OPSET = 9
"""From here on the standard has Where."""
_INPUTS_MAY_HAVE_DEFAULTS = 4  # the IR version from which an initialiser that is an input too can be fed


@dataclass(frozen=True)
class Patch:
    """How `tensor` is patched: it becomes `tensor + value` where `keep` is true and `value` elsewhere.

    `keep` (bool) and `value` (`dtype`) name inputs of the model, with as many axes as `tensor`, that broadcast to its
    `shape`; they may be left out: true and 0 leave `tensor` as it is. `unpatched` names what it was before.
    """

    tensor: str
    unpatched: str
    keep: str
    value: str
    dtype: np.dtype[Any]
    shape: Shape | None

    def replaced(self, value: ArrayLike, where: ArrayLike = True) -> Feeds:
        """Return the feeds that set the cells `where` to `value`; both broadcast to the shape of the tensor.

        Raises ValueError where they can't.
        """
        return {
            self.keep: self._fitted(np.logical_not(where)),
            self.value: self._fitted(np.where(where, value, 0).astype(self.dtype)),
        }

    def steered(self, direction: ArrayLike, dose: float = 1.0) -> Feeds:
        """Return the feeds that add `dose` times `direction`, which broadcasts to the shape of the tensor.

        Raises ValueError where it can't.
        """
        return {self.value: self._fitted((dose * np.asarray(direction)).astype(self.dtype))}

    def _fitted(self, array: ArrayLike) -> NDArray[Any]:
        """Return `array` with as many axes as the tensor."""
        cells = np.asarray(array)  # NumPy makes plain numbers of arrays without axes
        if self.shape is None:
            return cells
        missing = len(self.shape) - cells.ndim
        sizes = zip(cells.shape, self.shape[missing:], strict=False)
        if missing < 0 or any(isinstance(wide, int) and size not in (1, wide) for size, wide in sizes):
            raise ValueError(f"an array {cells.shape} does not broadcast to the tensor {self.tensor!r}, {self.shape}")
        return cells.reshape((1,) * missing + cells.shape)


def with_patches(model: Model, tensors: Sequence[str]) -> tuple[ModelProto, dict[str, Patch]]:
    """Return `model` with two more inputs for each of `tensors`, which have defaults, and the patches by tensor.

    A patch takes effect before any node reads the tensor, in the bodies of If, Loop and Scan too, and on the outputs of
    the model. A tensor keeps its name and shape. Raises ValueError, naming what exists, for a tensor that no node
    computes outside such bodies or that holds no floating-point numbers, and for a model older than OLDEST_OPSET.
    """
    patched = read(model)
    graph = patched.graph
    if opset(patched) < OLDEST_OPSET:
        raise ValueError(f"the model uses opset {opset(patched)}; patches need {OLDEST_OPSET} or later")
    _let_inputs_have_defaults(patched)
    known = tappable(patched)
    chosen = [_checked(graph, known, tensor) for tensor in dict.fromkeys(tensors)]
    return patched, {tensor.name: _insert(graph, tensor) for tensor in chosen}


def _checked(graph: GraphProto, known: dict[str, ValueInfoProto], tensor: str) -> ValueInfoProto:
    """Return the description of `tensor`. Raises ValueError for one that can't be patched."""
    computed = [name for node in graph.node for name in node.output if name]
    if tensor not in computed:
        why, exist = _why_not_computed(graph, tensor), ", ".join(computed)
        raise ValueError(f"no node computes a tensor named {tensor!r}{why}; there are {exist}")
    if tensor not in known:
        raise ValueError(f"{tensor!r} is a sequence, a map or optional, no tensor that could be patched")
    kind = known[tensor].type.tensor_type.elem_type
    if kind == TensorProto.UNDEFINED:
        raise ValueError(f"the type of the tensor {tensor!r} can't be told without running the model")
    if kind not in FLOATS:
        held = TensorProto.DataType.Name(kind)
        raise ValueError(f"tensor {tensor!r} holds {held}, no floating-point numbers, and can't be patched")
    return known[tensor]


def _why_not_computed(graph: GraphProto, tensor: str) -> str:
    if tensor in {value.name for value in graph.input}:
        return " (it is an input: feed it other numbers)"
    if tensor in {weight.name for weight in graph.initializer}:
        return " (it is a weight)"
    return " (it is inside the body of an If, Loop or Scan)" if tensor in tensor_names(graph) else ""


def _insert(graph: GraphProto, tensor: ValueInfoProto) -> Patch:
    """Put a patch between the node that computes `tensor` and all that read it."""
    name, shape = tensor.name, shape_of(tensor.type)
    kind = tensor.type.tensor_type.elem_type
    taken = tensor_names(graph)
    unpatched, keep, value, added = (
        fresh(f"patch/{name}/{part}", taken) for part in ("unpatched", "keep", "value", "added")
    )
    patch = Patch(name, unpatched, keep, value, helper.tensor_dtype_to_np_dtype(kind), shape)
    axes = None if shape is None else [None] * len(shape)
    inputs = {keep: TensorProto.BOOL, value: kind}
    graph.input.extend(helper.make_tensor_value_info(given, held, axes) for given, held in inputs.items())
    defaults = patch._fitted(np.ones((), bool)), patch._fitted(np.zeros((), patch.dtype))
    graph.initializer.extend(map(numpy_helper.from_array, defaults, inputs))

    place, maker = next((place, node) for place, node in enumerate(graph.node) if name in node.output)
    used = labels(graph)
    nodes = [
        helper.make_node("Add", [unpatched, value], [added], name=fresh(f"patch/{name}/add", used)),
        helper.make_node("Where", [keep, added, value], [name], name=fresh(f"patch/{name}/where", used)),
    ]
    maker.output[list(maker.output).index(name)] = unpatched
    for node in reversed(nodes):
        graph.node.insert(place + 1, node)
    if name not in {value.name for value in [*graph.output, *graph.value_info]}:
        graph.value_info.append(tensor)  # inference would lose the names of the sizes that the inputs leave open
    return patch


def _let_inputs_have_defaults(model: ModelProto) -> None:
    """Bring `model` to an IR version that allows it; in older ones all weights are inputs too, which none can feed."""
    if model.ir_version < _INPUTS_MAY_HAVE_DEFAULTS:
        weights = {weight.name for weight in model.graph.initializer}
        fed = [value for value in model.graph.input if value.name not in weights]
        del model.graph.input[:]
        model.graph.input.extend(fed)
        model.ir_version = _INPUTS_MAY_HAVE_DEFAULTS
