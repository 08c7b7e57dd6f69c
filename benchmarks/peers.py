"""The same gradients and steps in TensorFlow: `python -m benchmarks.peers` (needs export/requirements.txt).

By turns in one run: the gradient of the picture through the CNN, and a step of the MLP, here in ONNX Runtime on one
thread, there in a traced tf.function and in Keras' fit on as many threads as TensorFlow takes.
"""

import keras
import numpy as np
import tensorflow as tf

from benchmarks.measure import by_turns
from export.convert import convert
from export.models.cnn import build as build_cnn
from export.models.mlp import build as build_mlp
from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate
from glassbox.graph.optimisers import Sgd
from glassbox.graph.training import start, training_graph

STEPS, BATCH = 50, 32


def main() -> None:
    for count in (1, 50):
        picture_gradient(count)
    mlp_step()


def picture_gradient(count: int) -> None:
    model = build_cnn()
    graph = convert(model)
    source, output = graph.graph.input[0].name, graph.graph.output[0].name
    session = Session(differentiate(graph, output, [source]).SerializeToString())
    pictures = np.random.default_rng(0).random((count, 28, 28, 1), np.float32)
    feeds = {source: pictures.reshape(count, 1, 28, 28), f"grad_{output}": np.ones((count, 10), np.float32)}

    @tf.function
    def gradient(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x, training=False)
        return tape.gradient(y, x, tf.ones_like(y))

    tensor = tf.constant(pictures)
    calls = {"ONNX Runtime": lambda: session.run(feeds), "tf.function": lambda: gradient(tensor).numpy()}
    table(f"CNN, gradient of {count} picture(s)", by_turns(calls, rounds=200 if count == 1 else 30))


def mlp_step() -> None:
    model = build_mlp()
    graph = convert(model)
    trainer = Session(training_graph(graph, "mean_squared_error", Sgd()).SerializeToString())
    rng = np.random.default_rng(0)
    x = rng.random((STEPS, BATCH, 28, 28), np.float32)
    t = np.eye(10, dtype=np.float32)[rng.integers(0, 10, (STEPS, BATCH))]
    feeds = {**start(graph, Sgd()), "learning_rate": np.array(0.01, np.float32)}
    feeds |= {graph.graph.input[0].name: x, "targets": t}
    model.compile(keras.optimizers.SGD(0.01), "mse")
    optimiser = keras.optimizers.SGD(0.01)
    optimiser.build(model.trainable_variables)

    @tf.function
    def step(pictures: tf.Tensor, targets: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(pictures) - targets) ** 2)
        weights = model.trainable_variables
        optimiser.apply(tape.gradient(loss, weights), weights)

    batches = [(tf.constant(a), tf.constant(b)) for a, b in zip(x, t, strict=True)]

    def in_steps() -> None:
        for pictures, targets in batches:
            step(pictures, targets)

    flat, wanted = x.reshape(-1, 28, 28), t.reshape(-1, 10)
    calls = {
        "ONNX Runtime": lambda: trainer.run(feeds),
        "tf.function": in_steps,
        "Keras fit": lambda: model.fit(flat, wanted, batch_size=BATCH, shuffle=False, verbose=0),
    }
    seconds = by_turns(calls, rounds=5)
    table("MLP, a step of 32 pictures", {name: value / STEPS for name, value in seconds.items()})


def table(what: str, seconds: dict[str, float]) -> None:
    print(what)
    ours = seconds["ONNX Runtime"]
    for name, value in seconds.items():
        print(f"    {name:<14}{1e6 * value:9.0f} us  {value / ours:6.1f}x")


if __name__ == "__main__":
    main()
