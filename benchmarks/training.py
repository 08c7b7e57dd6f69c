"""What training and gradients cost: `python -m benchmarks.training`.

A step of the Playground's 2-8-8-1 net and of the MNIST MLP by each optimiser, k steps in one run of the training graph;
and the gradient of the picture through each network of the zoo. Beside peers: `python -m benchmarks`.
"""

import numpy as np

from benchmarks.comparisons.training import dense, trainer
from benchmarks.measure import by_turns, report
from glassbox.engine.session import Session
from glassbox.explain.attribution.methods import Network
from glassbox.graph.gradient import differentiate
from glassbox.graph.model import read
from glassbox.graph.optimisers import Adam, Sgd
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


def steps(what, model, optimiser, k, batch, limit):
    """Report the microseconds of one step in a run of k."""
    sizes = [tensor.dims for tensor in model.graph.initializer if len(tensor.dims) > 1]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(k, batch, sizes[0][0])).astype(np.float32)
    t = rng.normal(size=(k, batch, sizes[-1][1])).astype(np.float32)
    session, feeds = trainer(model, optimiser, x, t)
    seconds = by_turns({"graph": lambda: session.run(feeds)}, rounds=15)
    report(f"one step, {what}", 1e6 * seconds["graph"] / k, "us", limit)


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
