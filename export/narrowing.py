"""Structured pruning: a network with fewer neurons, kernels or hidden states, smaller and faster on any machine.

Li et al., "Pruning filters for efficient ConvNets", 2017, https://arxiv.org/abs/1608.08710
"""

import keras
import numpy as np
import onnx
from keras import layers
from numpy.typing import NDArray
from onnx import numpy_helper

Kept = NDArray[np.int64]


def restore(model: keras.Model, exported: onnx.ModelProto) -> keras.Model:
    """Put the weights of `exported`, as `convert` wrote them, back into `model`, which has the same layers."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in exported.graph.initializer}
    flat: tuple[int, ...] | None = None
    for layer in model.layers:
        kernel, bias = arrays.get(f"{layer.name}/kernel"), arrays.get(f"{layer.name}/bias")
        if isinstance(layer, layers.Flatten) and len(layer.input.shape) == 4:
            flat = layer.input.shape[1:]
        elif isinstance(layer, layers.Conv2D):
            layer.set_weights([kernel.transpose(2, 3, 1, 0), bias])
        elif isinstance(layer, layers.SimpleRNN):
            recurrent = arrays[f"{layer.name}/recurrent_kernel"]
            layer.set_weights([kernel[0].T, recurrent[0].T, bias.reshape(2, -1).sum(0)])
        elif isinstance(layer, layers.Dense):
            if flat:  # ONNX flattened channels, rows, columns; Keras flattens rows, columns, channels
                rows, columns, channels = flat
                kernel = kernel.reshape(channels, rows, columns, -1).transpose(1, 2, 0, 3).reshape(kernel.shape)
                flat = None
            layer.set_weights([kernel, bias])
    return model


def narrow(model: keras.Model, share: float) -> keras.Model:
    """`model` with the `share` of every hidden layer's units whose weights are largest, and their weights.

    A unit's size is the sum of the sizes of the weights that lead into it, as in Li et al.
    """
    kept: Kept | None = None
    configuration, weights = model.get_config(), {}
    for layer, described in zip(model.layers, configuration["layers"][1:], strict=True):
        if isinstance(layer, layers.Flatten) and kept is not None:
            places = np.prod(layer.input.shape[1:-1])
            kept = (np.arange(places)[:, None] * layer.input.shape[-1] + kept).ravel()
        described.pop("build_config", None)  # holds the old shapes
        arrays = layer.get_weights()
        if not arrays:
            continue
        kernel, *recurrent, bias = arrays
        if kept is not None:
            kernel = kernel.take(kept, axis=-2)
        if layer is not model.layers[-1]:
            kept = _largest([kernel, *recurrent], share)
            kernel, bias = kernel[..., kept], bias[kept]
            recurrent = [one[np.ix_(kept, kept)] for one in recurrent]
            described["config"]["filters" if isinstance(layer, layers.Conv2D) else "units"] = len(kept)
        weights[layer.name] = [kernel, *recurrent, bias]
    narrowed = keras.Sequential.from_config(configuration)
    for name, arrays in weights.items():
        narrowed.get_layer(name).set_weights(arrays)
    return narrowed


def _largest(arrays: list[NDArray[np.float32]], share: float) -> Kept:
    """The units, in their order, that keep their places."""
    sizes = sum(np.abs(one).reshape(-1, one.shape[-1]).sum(0) for one in arrays)
    return np.sort(np.argsort(-sizes)[: round(share * len(sizes))])
