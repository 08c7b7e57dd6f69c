"""A model's weights: which nodes read them, their statistics, histograms and small pictures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from glassbox.graph.model import labels, reads
from glassbox.input_error import InputError
from glassbox.inspection.answer import text, texts
from glassbox.inspection.opening import Opened, element_name, element_size
from glassbox.inspection.statistics import histogram, statistics

MOST_WEIGHTS = 20_000
MOST_READERS = 8
PICTURE_SIDE = 128
"""The longest side of a matrix's picture."""
KERNELS, KERNEL_SIDE, KERNEL_CELLS = 64, 64, 40_000
"""Kernels that the picture of a convolution's weights shows, the largest that are shown as such, and their cells in
all: of kernels of 32 by 32, as vision transformers have, 32."""


def weights(model: Opened) -> list[dict[str, Any]]:
    """Return the initialisers as facts, as they stand in the file: name, type, shape, cells, bytes and readers."""
    graph = model.proto.graph
    readers: dict[str, list[str]] = {}
    for node, name in zip(graph.node, labels(graph), strict=True):
        for tensor in reads(node):
            readers.setdefault(tensor, []).append(name)
    held = [(x.name, x.data_type, list(x.dims)) for x in graph.initializer]
    held += [(x.values.name, x.values.data_type, list(x.dims)) for x in graph.sparse_initializer]
    return [
        {
            "name": name,
            "type": element_name(kind),
            "shape": shape,
            "cells": math.prod(shape),
            "bytes": math.prod(shape) * (0 if kind == TensorProto.STRING else element_size(kind)),
            "readers": texts(readers.get(name, [])[:MOST_READERS]),
        }
        for name, kind, shape in held[:MOST_WEIGHTS]
    ]


def details(model: Opened, names: Sequence[str]) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """Return the statistics of each weight in `names`, and as arrays `weights/histograms` (names, BINS) and, of those
    with an area, `weights/pictures/NAME`, (kernels, height, width) of a convolution, else (height, width).

    Raises InputError `unknown_weight`.
    """
    facts, arrays, counts = [], {}, []
    for name in names:
        value = model.constant(name)
        if value is None:
            raise InputError("unknown_weight", f"The file holds no weight named {text(name)!r}.", name=text(name))
        found = statistics(value)
        facts.append({"name": name, **found})
        counts.append(histogram(value, found.get("least"), found.get("largest"), value.size or 1))
        if (shown := picture(value)) is not None:
            arrays[f"weights/pictures/{name}"] = shown
    if counts:
        arrays["weights/histograms"] = np.stack(counts)
    return facts, arrays


def picture(value: NDArray[Any]) -> NDArray[np.float32] | None:
    """Return a picture of a weight, float32: of a convolution the kernels (kernels, height, width) that its outputs
    have for the first input; of anything else with an area the matrix (rows, the rest), every n-th row and column of a
    large one. None for text and for less than two axes."""
    if value.ndim < 2 or value.dtype.kind in "OSU" or not value.size:
        return None
    if value.ndim == 4 and max(value.shape[2:]) <= KERNEL_SIDE and max(value.shape[2:]) > 1:
        most = KERNEL_CELLS // math.prod(value.shape[2:])
        return np.ascontiguousarray(value[: min(KERNELS, most - most % 8 or most), 0], np.float32)
    matrix = value.reshape(len(value), -1)
    rows, columns = (-(-size // PICTURE_SIDE) for size in matrix.shape)
    shown = matrix[::rows, ::columns]
    return np.ascontiguousarray(np.abs(shown) if shown.dtype.kind == "c" else shown, np.float32)
