"""The gradient of one output of the CNN by its pictures, by the graph that Glassbox makes, beside automatic ones."""

from collections.abc import Iterator

import numpy as np

from benchmarks.comparisons import Calls, Setting, check, ratio
from benchmarks.peers.networks import article
from benchmarks.tables import OURS, Asked, Table, times
from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate

LEAST = {1: 4.0, 50: 1.5}
"""Times as fast as a compiled tf.function, by the number of pictures."""


def tables(setting: Setting) -> Iterator[Table]:
    from benchmarks.peers import tensorflow_peer, torch_peer

    network = article("cnn")
    output = network.onnx.graph.output[0].name
    session = Session(differentiate(network.onnx, output, ["picture"]).SerializeToString(), arena=True)
    for count, least in LEAST.items():
        x, theirs = network.onnx_input(count), network.keras_input(count)
        cotangent = np.eye(10, dtype=np.float32)[[7] * count]
        feeds = {"picture": x, f"grad_{output}": cotangent}
        calls: Calls = {
            OURS: lambda feeds=feeds: session.run_in_parts(feeds).outputs["grad_picture"],
            "tf.function": tensorflow_peer.gradient(network.keras, theirs, cotangent),
            "PyTorch": torch_peer.gradient(torch_peer.module("cnn", network.weights), x, cotangent, compiled=False),
        }
        if setting.compiled and torch_peer.COMPILES:
            module = torch_peer.module("cnn", network.weights)
            calls["PyTorch, compiled"] = torch_peer.gradient(module, x, cotangent, compiled=True)
        check(calls)
        found = setting.measure(calls)
        what = f"CNN, gradient of {count} picture{'s' * (count > 1)}, ahead of tf.function"
        note = "The pictures have much empty paper, so that cells of a window tie: all give the gradient to the same."
        yield times(
            f"Gradient of {count} picture{'s' * (count > 1)}, CNN",
            found,
            [Asked(what, 1 / ratio(found, "tf.function"), least, at_least=True)],
            note,
        )
