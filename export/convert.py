"""Keras model -> ONNX through tf2onnx, then cleaned to the graph a person would have drawn.

tf2onnx keeps Keras' channels-last layout and its loops: a SimpleRNN or GRU becomes a `Loop` of some fifteen operators,
and around convolutions and Flatten stand Transpose, Shape, Slice and Concat chains. Each layer's stretch of the
converted graph is therefore cut out between the layer's input and its output and replaced by the one operator that ONNX
has for it, with the weights found in that stretch.
"""

import keras
import numpy as np
import onnx
import onnxruntime
from keras import layers
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from glassbox.graph.named_graph import OPSET, NamedGraph
from glassbox.graph.taps import tap

INPUT = "picture"
TOLERANCE = 1e-5


def convert(model: keras.Model) -> onnx.ModelProto:
    """A Sequential of the layers below -> a clean ONNX model, input `picture`, every tensor named after its layer.

    Pictures are (N, 28, 28), or (N, 1, 28, 28) for convolutions: ONNX puts channels first.
    Raises ValueError for a layer that has no translation here.
    """
    source = _through_tf2onnx(model)
    graph = _Layers(_Fragments(source), channels_first=len(model.input_shape) == 4)
    for layer in model.layers:
        graph.add(layer)
    return graph.finish(model.name, model.output_shape[-1])


def _through_tf2onnx(model: keras.Model) -> onnx.ModelProto:
    """tf2onnx on a function whose outputs are every layer's, by name (`from_keras` fails with Keras 3)."""
    import tensorflow as tf  # here alone, so that texts can be trained by JAX where there is no TensorFlow
    import tf2onnx

    inside = keras.Model(model.inputs, {layer.name: layer.output for layer in model.layers})
    function = tf.function(lambda picture: inside(picture, training=False))
    signature = [tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name=INPUT)]
    converted, _ = tf2onnx.convert.from_function(function, signature, opset=OPSET)
    return converted


class _Fragments:
    """The stretch of a converted graph that computes a layer: what the layer's output needs, back to its input."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.producer = {name: node for node in model.graph.node for name in node.output}
        self.arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}

    def weights(self, start: str, stop: str, operators: tuple[str, ...]) -> list[NDArray[np.float32]]:
        """The float weights of the `operators` between the tensors `start` and `stop`, in the order they are used."""
        found: list[NDArray[np.float32]] = []
        pending, seen = [stop], {start}
        while pending:
            name = pending.pop()
            if name in seen or name not in self.producer:
                continue
            seen.add(name)
            node = self.producer[name]
            if node.op_type in operators:
                found += [
                    self.arrays[i]
                    for i in node.input
                    if i in self.arrays and self.arrays[i].dtype == np.float32 and self.arrays[i].ndim
                ]
            pending += list(node.input)
        return found


class _Layers(NamedGraph):
    """The clean graph, growing layer by layer. `flat_order` is how a channels-first map was flattened, if it was."""

    def __init__(self, fragments: _Fragments, channels_first: bool) -> None:
        super().__init__()
        self.fragments = fragments
        self.current = INPUT
        self.map_shape: tuple[int, int, int] | None = None
        shape = ["N", 1, 28, 28] if channels_first else ["N", 28, 28]
        self.input = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, shape)

    def add(self, layer: keras.Layer) -> None:
        build = _BUILDERS.get(type(layer))
        if build is None:
            raise ValueError(f"layer {layer.name!r} is a {type(layer).__name__}, which has no ONNX translation here")
        build(self, layer)
        if not isinstance(layer, layers.Dropout):
            self.current = layer.name

    def activate(self, layer: keras.Layer, compute: str) -> str:
        """The name for the sum before `layer`'s activation, whose node is added later by `activated`."""
        return layer.name if compute == "linear" else ("logits" if compute == "softmax" else f"{layer.name}/sum")

    def activated(self, layer: keras.Layer, before: str) -> None:
        kind = layer.activation.__name__
        if kind == "relu":
            self.node("Relu", [before], [layer.name])
        elif kind == "softmax":
            self.node("Softmax", [before], [layer.name], axis=-1)
        elif kind != "linear":
            raise ValueError(f"layer {layer.name!r} has the activation {kind!r}, which has no ONNX translation here")

    def found(self, layer: keras.Layer, *operators: str) -> list[NDArray[np.float32]]:
        return self.fragments.weights(self.current, layer.name, operators)

    def finish(self, name: str, classes: int) -> onnx.ModelProto:
        return self.model(
            name, [self.input], [helper.make_tensor_value_info(self.current, TensorProto.FLOAT, ["N", classes])]
        )


def _by_shape(arrays: list[NDArray[np.float32]], shape: tuple[int, ...]) -> NDArray[np.float32]:
    return next(a for a in arrays if a.shape == shape)


def _bias(arrays: list[NDArray[np.float32]], size: int) -> NDArray[np.float32]:
    """The bias among `arrays`; tf2onnx drops one that is all zero."""
    return next((a.reshape(size) for a in arrays if a.size == size and a.ndim <= 2), np.zeros(size, np.float32))


def _flatten(graph: _Layers, layer: layers.Flatten) -> None:
    if len(layer.input.shape) == 4:
        graph.map_shape = tuple(layer.input.shape[1:])
    graph.node("Flatten", [graph.current], [layer.name], axis=1)


def _dense(graph: _Layers, layer: layers.Dense) -> None:
    arrays = graph.found(layer, "MatMul", "Gemm", "Add")
    shape = (layer.input.shape[-1], layer.units)
    kernel, bias = _by_shape(arrays, shape), _bias([a for a in arrays if a.shape != shape], layer.units)
    if graph.map_shape:  # Keras flattened rows, columns, channels; ONNX flattens channels, rows, columns
        kernel = kernel.reshape(*graph.map_shape, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
        graph.map_shape = None
    before = graph.activate(layer, layer.activation.__name__)
    graph.node(
        "Gemm",
        [graph.current, graph.weight(f"{layer.name}/kernel", kernel), graph.weight(f"{layer.name}/bias", bias)],
        [before],
    )
    graph.activated(layer, before)


def _conv(graph: _Layers, layer: layers.Conv2D) -> None:
    arrays = graph.found(layer, "Conv", "Add")
    kernel = next(a for a in arrays if a.ndim == 4 and a.shape[2:] == layer.kernel_size)
    bias = _bias([a for a in arrays if a is not kernel], layer.filters)
    before = graph.activate(layer, layer.activation.__name__)
    half = layer.kernel_size[0] // 2 if layer.padding == "same" else 0
    graph.node(
        "Conv",
        [graph.current, graph.weight(f"{layer.name}/kernel", kernel), graph.weight(f"{layer.name}/bias", bias)],
        [before],
        kernel_shape=list(layer.kernel_size),
        strides=list(layer.strides),
        pads=[half] * 4,
    )
    graph.activated(layer, before)


def _max_pool(graph: _Layers, layer: layers.MaxPooling2D) -> None:
    graph.node(
        "MaxPool", [graph.current], [layer.name], kernel_shape=list(layer.pool_size), strides=list(layer.strides)
    )


def _average(graph: _Layers, layer: layers.GlobalAveragePooling2D) -> None:
    graph.node("GlobalAveragePool", [graph.current], [f"{layer.name}/mean"])
    graph.node("Flatten", [f"{layer.name}/mean"], [layer.name], axis=1)


def _dropout(graph: _Layers, layer: layers.Dropout) -> None:
    """Dropout does nothing after training, so it has no place in the graph."""


# Keras' gate order -> ONNX' (operators' specifications): GRU z r h -> z r h; LSTM i f c o -> i o f c.
GATES = {"RNN": (0,), "GRU": (0, 1, 2), "LSTM": (0, 3, 1, 2)}


def gates(array: NDArray[np.float32], operator: str) -> NDArray[np.float32]:
    """Keras' weights of all gates side by side, (..., gates * units) -> in the order of ONNX' `operator`."""
    order = GATES[operator]
    parts = np.split(array, len(order), axis=-1)
    return np.concatenate([parts[i] for i in order], axis=-1)


def _recurrent(operator: str, **attributes: object):  # type: ignore[no-untyped-def]
    def build(graph: _Layers, layer: layers.RNN) -> None:
        size, features = layer.units, layer.input.shape[-1]
        arrays = graph.fragments.weights(graph.current, layer.name, ("Loop", operator))
        wide = size * len(GATES[operator])
        native = [a for a in arrays if a.ndim == 3]
        if native:  # tf2onnx recognised the loop itself
            kernel, recurrent = native[0], native[1]
            bias = next((a for a in arrays if a.shape == (1, 2 * wide)), np.zeros((1, 2 * wide), np.float32))
        else:
            square = features == size
            kernel, recurrent = (
                [a for a in arrays if a.shape == (size, wide)][:2]
                if square
                else [_by_shape(arrays, (features, wide)), _by_shape(arrays, (size, wide))]
            )
            biases = next((a for a in arrays if a.shape in ((wide,), (2, wide))), np.zeros((2, wide), np.float32))
            biases = np.stack([biases, np.zeros_like(biases)]) if biases.ndim == 1 else biases
            kernel, recurrent = (gates(a, operator).T[None] for a in (kernel, recurrent))
            bias = gates(biases, operator).reshape(1, -1)
        steps = f"{layer.name}/steps"
        graph.node("Transpose", [graph.current], [steps], perm=[1, 0, 2])
        states = [f"{layer.name}/states", f"{layer.name}/last"]
        graph.node(
            operator,
            [
                steps,
                graph.weight(f"{layer.name}/kernel", kernel),
                graph.weight(f"{layer.name}/recurrent_kernel", recurrent),
                graph.weight(f"{layer.name}/bias", bias),
            ],
            states,
            hidden_size=size,
            **attributes,
        )
        axis = graph.weight(f"{layer.name}/direction", np.array([0], np.int64))
        graph.node("Squeeze", [states[1], axis], [layer.name])

    return build


_BUILDERS = {
    layers.Flatten: _flatten,
    layers.Dense: _dense,
    layers.Conv2D: _conv,
    layers.MaxPooling2D: _max_pool,
    layers.GlobalAveragePooling2D: _average,
    layers.Dropout: _dropout,
    layers.SimpleRNN: _recurrent("RNN", activations=["Relu"]),
    layers.GRU: _recurrent("GRU", linear_before_reset=1),
    layers.LSTM: _recurrent("LSTM"),
}


def differences(model: keras.Model, converted: onnx.ModelProto, pictures: NDArray[np.float32]) -> dict[str, float]:
    """Largest difference between Keras and ONNX Runtime in each layer's output, relative to its largest value if that
    is above 1.

    pictures: (n, 28, 28) in [0, 1]. Raises ValueError if one exceeds TOLERANCE.
    """
    names = [layer.name for layer in model.layers if not isinstance(layer, layers.Dropout)]
    inside = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    expected = inside(pictures.reshape(-1, *model.input_shape[1:]), training=False)
    session = onnxruntime.InferenceSession(
        tap(converted, names).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    shape = [d.dim_value for d in converted.graph.input[0].type.tensor_type.shape.dim][1:]
    actual = session.run(names, {INPUT: pictures.reshape(-1, *shape)})
    result: dict[str, float] = {}
    for name, reference, value in zip(names, map(np.asarray, expected), actual, strict=True):
        layer = model.get_layer(name)
        if isinstance(layer, layers.Flatten) and len(layer.input.shape) == 4:
            height, width, channels = layer.input.shape[1:]
            value = value.reshape(-1, channels, height, width)
        if value.ndim == 4:
            value = value.transpose(0, 2, 3, 1)
        worst = float(np.abs(value.reshape(reference.shape) - reference).max()) / max(1.0, np.abs(reference).max())
        if worst > TOLERANCE:
            raise ValueError(f"layer {name!r} of {model.name} differs from Keras by {worst:.2e}")
        result[name] = float(worst)
    return result
