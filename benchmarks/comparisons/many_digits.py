"""1,024 digits at once through the CNN, as the app's reader runs them, in parts that stay in the processor's cache."""

from collections.abc import Iterator

from benchmarks.comparisons import Calls, Setting, check, ratio
from benchmarks.peers.networks import article
from benchmarks.tables import OURS, Asked, Table, times
from glassbox.engine.session import Session

COUNT, MOST = 1024, 0.7


def tables(setting: Setting) -> Iterator[Table]:
    from benchmarks.peers import openvino_peer, tensorflow_peer, torch_peer

    network = article("cnn")
    model, x, theirs = network.onnx.SerializeToString(), network.onnx_input(COUNT), network.keras_input(COUNT)
    session = Session(model)
    output = session.outputs[0]
    calls: Calls = {
        OURS: lambda: session.run_in_parts({"picture": x}).outputs[output],
        "Glassbox, in one part": lambda: session.run({"picture": x}).outputs[output],
        "tf.function": tensorflow_peer.function(network.keras, theirs),
        "LiteRT": tensorflow_peer.litert(network.keras, theirs),
        "OpenVINO": openvino_peer.run(model, x),
        "PyTorch": torch_peer.run(torch_peer.module("cnn", network.weights), x, compiled=False),
    }
    if setting.compiled and torch_peer.COMPILES:
        calls["PyTorch, compiled"] = torch_peer.run(torch_peer.module("cnn", network.weights), x, compiled=True)
    check(calls)
    found = setting.measure(calls)
    asked = [
        Asked(f"CNN, {COUNT:,} digits, of {peer}'s time", ratio(found, peer), MOST) for peer in ("OpenVINO", "LiteRT")
    ]
    yield times(f"{COUNT:,} digits, CNN", found, asked)
