"""One digit through the article's three networks: the session that the app runs beside what else can run them."""

from collections.abc import Iterator

import numpy as np

from benchmarks.comparisons import Calls, Setting, check, ratio
from benchmarks.comparisons.limits import empty_model
from benchmarks.peers.networks import ARTICLE, Network, article, pictures
from benchmarks.tables import OURS, Asked, Table, times
from glassbox.engine.session import Session

MOST = {"mlp": 1.3, "cnn": 1.0, "rnn": 1.5}
"""Times that of LiteRT."""
PREDICT, EXPORT = 1500, 10
EMPTY = "Glassbox, an empty model"
NOTE = "An empty model takes what ONNX Runtime's Python binding does for any network: none can take less."


def tables(setting: Setting) -> Iterator[Table]:
    for name in ARTICLE:
        calls = runs(network := article(name), setting)
        check({each: call for each, call in calls.items() if each != EMPTY})
        found = setting.measure(calls)
        title = name.upper()
        asked = [
            Asked(f"{title}, one digit, of LiteRT's time", ratio(found, "LiteRT"), MOST[name]),
            Asked(
                f"{title}, one digit, ahead of keras.predict", 1 / ratio(found, "keras.predict"), PREDICT, at_least=True
            ),
        ]
        if name == "rnn":
            ahead = 1 / ratio(found, "tf2onnx's export")
            asked.append(Asked("RNN, one digit, ahead of tf2onnx's export", ahead, EXPORT, at_least=True))
        yield times(f"One digit, {title}", found, asked, NOTE)
        del network


def runs(network: Network, setting: Setting) -> Calls:
    """Return each runtime's call for one digit."""
    from benchmarks.peers import numpy_peer, openvino_peer, tensorflow_peer, torch_peer

    model, x, theirs = network.onnx.SerializeToString(), network.onnx_input(1), network.keras_input(1)
    session = Session(model)
    bare, output = session._session, session.outputs[0]
    feeds, names = {"picture": x}, [output]
    empty, nothing = Session(empty_model()), {"x": np.zeros(1, np.float32)}
    calls: Calls = {
        OURS: lambda: session.run(feeds).outputs[output],
        "ONNX Runtime alone": lambda: bare.run(names, feeds)[0],
        EMPTY: lambda: empty.run(nothing),
        "keras.predict": tensorflow_peer.predict(network.keras, theirs),
        "tf.function": tensorflow_peer.function(network.keras, theirs),
        "LiteRT": tensorflow_peer.litert(network.keras, theirs),
        "OpenVINO": openvino_peer.run(model, x),
        "PyTorch": torch_peer.run(torch_peer.module(network.name, network.weights), x, compiled=False),
        "NumPy": numpy_peer.run(network.name, network.weights, pictures(1)),
    }
    if setting.compiled and torch_peer.COMPILES:
        module = torch_peer.module(network.name, network.weights)
        calls["PyTorch, compiled"] = torch_peer.run(module, x, compiled=True)
    if network.name == "rnn":
        export = Session(tensorflow_peer.export(network.keras))
        calls["tf2onnx's export"] = lambda: export.run({"picture": theirs}).outputs[export.outputs[0]]
    return calls
