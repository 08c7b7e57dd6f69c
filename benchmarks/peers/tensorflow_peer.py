"""Keras and TensorFlow, and LiteRT through its converter: on one thread, which has to be said before anything runs."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

Array = NDArray[np.float32]

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
keras.utils.disable_interactive_logging()


def predict(model: Any, x: Array) -> Callable[[], Array]:
    """Return keras.Model.predict, as a reader of the article calls it."""
    return lambda: model.predict(x, verbose=0, batch_size=len(x))


def function(model: Any, x: Array) -> Callable[[], Array]:
    """Return the model as a traced tf.function."""
    traced, tensor = tf.function(lambda given: model(given, training=False)), tf.constant(x)
    return lambda: traced(tensor).numpy()


def litert(model: Any, x: Array) -> Callable[[], Array]:
    """Return the model in LiteRT's interpreter, converted for as many pictures as `x` has."""
    data = _converted(model, x.shape)
    interpreter = Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run() -> Array:
        interpreter.set_tensor(source, x)
        interpreter.invoke()
        return interpreter.get_tensor(result)

    return run


def _converted(model: Any, shape: Sequence[int]) -> bytes:
    """Return the model as LiteRT's file, its input fixed to `shape`, its weights constants."""
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        signature = [tf.TensorSpec(shape, tf.float32)]
        archive.add_endpoint("serve", lambda given: model(given, training=False), input_signature=signature)
        archive.write_out(folder, verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def export(model: Any) -> bytes:
    """Return the model as tf2onnx writes it, untouched: input `picture`."""
    traced = tf.function(lambda picture: model(picture, training=False))
    signature = [tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="picture")]
    return bytes(tf2onnx.convert.from_function(traced, signature, opset=18)[0].SerializeToString())


def gradient(model: Any, x: Array, cotangent: Array) -> Callable[[], Array]:
    """Return the gradient of the outputs, each times its `cotangent`, with respect to `x`, as a traced tf.function."""
    tensor, weights = tf.constant(x), tf.constant(cotangent)

    @tf.function
    def traced(given: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(given)
            y = model(given, training=False)
        return tape.gradient(y, given, counts)

    return lambda: traced(tensor, weights).numpy()


def dense(sizes: Sequence[int], activation: str, weights: Sequence[Array]) -> Any:
    """Return dense layers of these sizes, `activation` between them, with the kernels and biases in `weights`."""
    last = len(sizes) - 2
    layers = [
        keras.layers.Dense(size, activation=None if i == last else activation) for i, size in enumerate(sizes[1:])
    ]
    model = keras.Sequential([keras.Input((sizes[0],)), *layers])
    model.set_weights(list(weights))
    return model


def fit(model: Any, x: Array, targets: Array, rate: float) -> Callable[[], object]:
    """Return keras.Model.fit of one epoch over batches, (k, N, ...), with plain gradient descent."""
    model.compile(keras.optimizers.SGD(rate), "mse")
    flat, wanted = x.reshape(-1, *x.shape[2:]), targets.reshape(-1, *targets.shape[2:])
    return lambda: model.fit(flat, wanted, batch_size=x.shape[1], shuffle=False, verbose=0)


def steps(model: Any, x: Array, targets: Array, rate: float) -> Callable[[], object]:
    """Return a step of gradient descent for each of the batches, (k, N, ...), as a traced tf.function a step."""
    optimiser = keras.optimizers.SGD(rate)
    optimiser.build(model.trainable_variables)
    batches = [(tf.constant(a), tf.constant(b)) for a, b in zip(x, targets, strict=True)]

    @tf.function
    def step(given: tf.Tensor, wanted: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(given) - wanted) ** 2)
        optimiser.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    def run() -> None:
        for given, wanted in batches:
            step(given, wanted)

    return run
