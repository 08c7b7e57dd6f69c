"""Steps of training by the graph that Glassbox makes: the Playground's small network, and the article's MLP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from benchmarks.comparisons import Calls, Setting, ratio
from benchmarks.measure import processor_clock
from benchmarks.peers import numpy_peer, playground
from benchmarks.tables import OURS, Asked, Table, times
from glassbox.engine.session import Session
from glassbox.graph.optimisers import Optimiser, Sgd
from glassbox.graph.training import start, training_graph

Array = NDArray[np.float32]
RATE = 0.01
SMALL, SMALL_STEPS, SMALL_BATCH = (2, 8, 8, 1), 500, 10
MLP, MLP_STEPS, MLP_BATCH = (784, 128, 10), 20, 32
MICROSECONDS, OF_PLAYGROUND, OF_FIT, OF_LIMIT = 7.5, 3, 130, 1.7
LIMIT, EMPTY = "sgemm of the same sizes", "as many nodes, of one number each"


def tables(setting: Setting) -> Iterator[Table]:
    yield small_network(setting)
    yield mnist_mlp(setting)


def small_network(setting: Setting) -> Table:
    """Return the table of a step of 2-8-8-1 with tanh on ten examples."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (SMALL_STEPS, SMALL_BATCH, 2)).astype(np.float32)
    t = np.sign(x[..., :1] * x[..., 1:])  # the Playground's exclusive or
    with ExitStack() as open_:
        calls, network = step_calls(SMALL, "Tanh", x, t, setting), "the Playground, Node"
        calls[EMPTY] = negations(nodes := nodes_a_step(dense(SMALL, "Tanh")))
        examples = np.concatenate([x, t], -1).reshape(-1, 3)
        process, calls[network] = open_.enter_context(playground.training(examples, SMALL_STEPS))
        found = setting.measure(calls, {network: processor_clock(process)})
    asked = [
        Asked("2-8-8-1, a step of ten examples", 1e6 * found[OURS].seconds / SMALL_STEPS, MICROSECONDS, "us"),
        Asked("2-8-8-1, ahead of the Playground's code", 1 / ratio(found, network), OF_PLAYGROUND, at_least=True),
        Asked("2-8-8-1, ahead of keras.fit", 1 / ratio(found, "keras.fit"), OF_FIT, at_least=True),
    ]
    title = f"A step of training, 2-8-8-1 with tanh, {SMALL_BATCH} examples"
    note = f"{SMALL_STEPS} steps a call. The limit in ONNX Runtime: a loop of {nodes} nodes that change a sign."
    return times(title, found, asked, note, of=SMALL_STEPS)


def mnist_mlp(setting: Setting) -> Table:
    """Return the table of a step of the article's MLP on 32 pictures."""
    rng = np.random.default_rng(0)
    x = rng.random((MLP_STEPS, MLP_BATCH, MLP[0]), np.float32)
    t = np.eye(MLP[-1], dtype=np.float32)[rng.integers(0, MLP[-1], (MLP_STEPS, MLP_BATCH))]
    calls = step_calls(MLP, "Relu", x, t, setting) | {LIMIT: products()}
    found = setting.measure(calls)
    asked = [Asked("MNIST MLP, a step of 32, of the limit", ratio(found, LIMIT), OF_LIMIT)]
    title = f"A step of training, MNIST MLP {'-'.join(map(str, MLP))}, {MLP_BATCH} pictures"
    return times(
        title, found, asked, f"{MLP_STEPS} steps a call. The limit: its five products alone, in NumPy.", of=MLP_STEPS
    )


def step_calls(sizes: tuple[int, ...], activation: str, x: Array, t: Array, setting: Setting) -> Calls:
    """Return each runtime's call that makes a step of gradient descent for each batch of x and t, (k, N, ...)."""
    from benchmarks.peers import tensorflow_peer, torch_peer

    model, optimiser = dense(sizes, activation), Sgd()
    session, feeds = trainer(model, optimiser, x, t)
    weights = [(feeds[f"W{i}"], feeds[f"b{i}"]) for i in range(1, len(sizes))]
    own = [[array.copy() for array in layer] for layer in weights]
    flat = [array for layer in weights for array in layer]
    kind = torch_peer.nn.Tanh if activation == "Tanh" else torch_peer.nn.ReLU
    calls: Calls = {
        OURS: lambda: session.run(feeds),
        "NumPy": lambda: numpy_peer.train(own, x, t, tanh=activation == "Tanh"),
        "keras.fit": tensorflow_peer.fit(tensorflow_peer.dense(sizes, activation.lower(), flat), x, t, RATE),
        "tf.function": tensorflow_peer.steps(tensorflow_peer.dense(sizes, activation.lower(), flat), x, t, RATE),
        "PyTorch": torch_peer.steps(torch_peer.dense(weights, kind), x, t, RATE, compiled=False),
    }
    if setting.compiled and torch_peer.COMPILES:
        module = torch_peer.dense(weights, kind)
        calls["PyTorch, compiled"] = torch_peer.steps(module, x, t, RATE, compiled=True)
    expect_equal(session.run(feeds).outputs, weights, x, t, tanh=activation == "Tanh")
    return calls


def trainer(
    model: ModelProto, optimiser: Optimiser, x: Array, t: Array
) -> tuple[Session, dict[str, NDArray[np.generic]]]:
    """Return the session that trains a model of `dense`, and what it takes to do so on x and t, (k, N, ...)."""
    session = Session(training_graph(model, "mean_squared_error", optimiser).SerializeToString())
    rate = np.array(RATE, np.float32)
    return session, {**start(model, optimiser), "x": x, "targets": t, "learning_rate": rate}


def expect_equal(outputs, weights, x: Array, t: Array, *, tanh: bool) -> None:  # type: ignore[no-untyped-def]
    """Raise ValueError if the steps in NumPy give other weights."""
    own = [[array.copy() for array in layer] for layer in weights]
    numpy_peer.train(own, x, t, tanh=tanh)
    apart = max(np.abs(outputs[f"next_W{i}"] - layer[0]).max() for i, layer in enumerate(own, 1))
    if not apart < 1e-3:
        raise ValueError(f"after {len(x)} steps the weights differ from NumPy's by {apart:.2e}")


def products() -> Callable[[], None]:
    """Return the five products of matrices in a step of the MLP, into memory that is there, once for each step."""
    rng = np.random.default_rng(0)
    x, hidden, delta, back = (rng.random((MLP_BATCH, size), np.float32) for size in (*MLP, MLP[1]))
    first, last = (rng.random(pair, np.float32) for pair in pairwise(MLP))
    into = [np.empty_like(one) for one in (hidden, delta, last, back, first)]

    def run() -> None:
        for _ in range(MLP_STEPS):
            np.matmul(x, first, out=into[0])
            np.matmul(hidden, last, out=into[1])
            np.matmul(hidden.T, delta, out=into[2])
            np.matmul(delta, last.T, out=into[3])
            np.matmul(x.T, back, out=into[4])

    return run


def nodes_a_step(model: ModelProto) -> int:
    """Return the nodes that ONNX Runtime runs in a step of training: its Gemm computes the Tanh behind it too."""
    loop = next(n for n in training_graph(model, "mean_squared_error", Sgd()).graph.node if n.op_type == "Scan")
    return sum(node.op_type != "Tanh" for node in loop.attribute[0].g.node)


def negations(count: int) -> Callable[[], object]:
    """Return as many steps as those of the small network, of `count` nodes with one number each."""
    kind = TensorProto.FLOAT
    names = [f"n{i}" for i in range(count + 1)]
    nodes = [helper.make_node("Neg", [a], [b]) for a, b in pairwise(names)]
    ends = [helper.make_tensor_value_info(name, kind, [1]) for name in (names[0], "one", names[-1])]
    body = helper.make_graph(nodes, "step", ends[:2], ends[2:])
    loop = helper.make_node("Scan", ["start", "steps"], ["end"], body=body, num_scan_inputs=1)
    inputs = [helper.make_tensor_value_info("start", kind, [1]), helper.make_tensor_value_info("steps", kind, ["k", 1])]
    graph = helper.make_graph([loop], "negations", inputs, [helper.make_tensor_value_info("end", kind, [1])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    session = Session(model.SerializeToString())
    feeds = {"start": np.ones(1, np.float32), "steps": np.ones((SMALL_STEPS, 1), np.float32)}
    return lambda: session.run(feeds)


def dense(sizes: tuple[int, ...] | list[int], activation: str) -> ModelProto:
    """Return a network of dense layers, x to y, with the weights W1, b1, ... and `activation` between the layers."""
    rng, nodes, weights, x = np.random.default_rng(0), [], [], "x"
    for i, (before, after) in enumerate(pairwise(sizes), 1):
        last = i == len(sizes) - 1
        nodes.append(helper.make_node("Gemm", [x, f"W{i}", f"b{i}"], ["y" if last else f"z{i}"]))
        if not last:
            nodes.append(helper.make_node(activation, [f"z{i}"], [f"h{i}"]))
        x = f"h{i}"
        kernel = rng.normal(0, before**-0.5, (before, after)).astype(np.float32)
        weights += [
            numpy_helper.from_array(kernel, f"W{i}"),
            numpy_helper.from_array(np.zeros(after, np.float32), f"b{i}"),
        ]
    inputs = [helper.make_tensor_value_info("x", 1, ["N", sizes[0]])]
    outputs = [helper.make_tensor_value_info("y", 1, ["N", sizes[-1]])]
    graph = helper.make_graph(nodes, "dense", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
