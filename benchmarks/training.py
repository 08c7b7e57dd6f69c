"""What training and gradients cost: `python -m benchmarks.training`.

One run, by turns: a step of the Playground's 2-8-8-1 net and of the MNIST MLP, each k steps in one run of the training
graph, against the same step in NumPy; and the gradient of the picture through each network of the zoo.
"""

from itertools import pairwise

import numpy as np
from onnx import helper, numpy_helper

from benchmarks.measure import by_turns, report
from glassbox.engine.session import Session
from glassbox.explain.attribution.methods import Network
from glassbox.graph.gradient import differentiate
from glassbox.graph.model import read
from glassbox.graph.optimisers import Adam, Sgd
from glassbox.graph.training import start, training_graph
from glassbox.zoo import digit_models

GRADIENT_LIMITS = {("cnn", 1): 195, ("cnn", 50): 3361}  # microseconds, of the prototypes on two cores


def main() -> None:
    small, mlp = dense([2, 8, 8, 1], "Tanh"), dense([784, 128, 10], "Relu")
    steps("2-8-8-1, batch 10, SGD", small, Sgd(), 1000, 10, limit=10)
    steps("2-8-8-1, batch 10, Adam", small, Adam(), 1000, 10, limit=40)
    steps("784-128-10, batch 32, SGD", mlp, Sgd(), 50, 32, limit=192)
    steps("784-128-10, batch 32, Adam", mlp, Adam(), 50, 32, limit=600)
    for name in (found := digit_models.load()).cards:
        for batch in (1, 50):
            picture_gradient(name, found.model_bytes(name), batch)


def dense(sizes, activation):
    """A network of dense layers, `activation` between them."""
    rng, nodes, weights, x = np.random.default_rng(0), [], [], "x"
    for i, (before, after) in enumerate(pairwise(sizes), 1):
        last = i == len(sizes) - 1
        nodes.append(helper.make_node("Gemm", [x, f"W{i}", f"b{i}"], ["y" if last else f"z{i}"]))
        if not last:
            nodes.append(helper.make_node(activation, [f"z{i}"], [f"h{i}"]))
        x = f"h{i}"
        weights.append(
            numpy_helper.from_array(rng.normal(0, before**-0.5, (before, after)).astype(np.float32), f"W{i}")
        )
        weights.append(numpy_helper.from_array(np.zeros(after, np.float32), f"b{i}"))
    inputs = [helper.make_tensor_value_info("x", 1, ["N", sizes[0]])]
    outputs = [helper.make_tensor_value_info("y", 1, ["N", sizes[-1]])]
    graph = helper.make_graph(nodes, "dense", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def steps(what, model, optimiser, k, batch, limit):
    """Microseconds of one step in a run of k, against NumPy where the rule is plain."""
    trainer = Session(training_graph(model, "mean_squared_error", optimiser).SerializeToString())
    feeds = start(model, optimiser)
    sizes = [feeds[f"W{i}"].shape for i in range(1, 9) if f"W{i}" in feeds]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(k, batch, sizes[0][0])).astype(np.float32)
    t = rng.normal(size=(k, batch, sizes[-1][1])).astype(np.float32)
    feeds |= {"x": x, "targets": t, "learning_rate": np.array(0.01, np.float32)}
    calls = {"graph": lambda: trainer.run(feeds)}
    if isinstance(optimiser, Sgd):
        weights = [[feeds[f"W{i}"].copy(), feeds[f"b{i}"].copy()] for i in range(1, len(sizes) + 1)]
        calls["numpy"] = lambda: in_numpy(weights, x, t, tanh=len(sizes) > 2)
    seconds = by_turns(calls, rounds=15)
    report(f"one step, {what}", 1e6 * seconds["graph"] / k, "us", limit)
    if "numpy" in seconds:
        print(
            f"{'':4}NumPy {1e6 * seconds['numpy'] / k:.1f} us, {seconds['numpy'] / seconds['graph']:.1f} times as long"
        )


def in_numpy(weights, batches, targets, tanh):
    """The same steps as a learner would write them."""
    for x, t in zip(batches, targets, strict=True):
        layers = [x]
        for i, (w, b) in enumerate(weights):
            z = layers[-1] @ w + b
            layers.append(z if i == len(weights) - 1 else np.tanh(z) if tanh else np.maximum(z, 0))
        delta = (layers[-1] - t) * np.float32(2 / t.size)
        for i in range(len(weights) - 1, -1, -1):
            w, b = weights[i]
            back = delta @ w.T
            w -= np.float32(0.01) * (layers[i].T @ delta)
            b -= np.float32(0.01) * delta.sum(0)
            if i:
                delta = back * (1 - layers[i] ** 2 if tanh else layers[i] > 0)


def picture_gradient(name, model, batch):
    """The time of the gradient of every output's sum with respect to the pictures."""
    graph = read(model).graph
    source, output = graph.input[0].name, graph.output[0].name
    derivative, plain = differentiate(model, output, [source]).SerializeToString(), Session(model)
    one, two, network = Session(derivative), Session(derivative, threads=2), Network(model)
    shape = [batch, *list(plain.inputs[source])[1:]]
    feeds = {source: np.random.default_rng(0).random(shape, np.float32)}
    seeded = {**feeds, f"grad_{output}": np.ones((batch, 10), np.float32)}
    rounds = 300 if batch == 1 else 20
    pictures = feeds[source].reshape(-1, 28, 28)
    calls = {
        "one thread": lambda: one.run(seeded),
        "two threads": lambda: two.run(seeded),
        "as the app does": lambda: network.gradients(pictures, 7),
        "plain": lambda: plain.run(feeds),
    }
    seconds = by_turns(calls, rounds)
    limit = GRADIENT_LIMITS.get((name, batch), float("inf"))
    for how, value in seconds.items():
        if how != "plain":
            limited = limit if how == "two threads" else float("inf")
            report(f"{name}: gradient of {batch} picture(s), {how}", 1e6 * value, "us", limited)
    print(f"{'':4}{seconds['one thread'] / seconds['plain']:.1f} times the prediction alone")


if __name__ == "__main__":
    main()
