"""Gradients against TensorFlow's: whole networks on flat pictures, and the choices at kinks."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnx import helper  # noqa: E402

from glassbox.graph.gradient import differentiate  # noqa: E402
from glassbox.zoo import digit_models  # noqa: E402
from tests.export.keras_models import digits, network  # noqa: E402
from tests.gradients import graph, run  # noqa: E402

pytestmark = pytest.mark.export


@pytest.mark.parametrize("name", digit_models.names())
def test_gradients_of_the_picture_and_of_all_weights(name):
    keras_model, model = network(name)
    pages = digits(6)
    feed = pages.reshape(-1, *[d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:])
    keras_feed = tf.constant(pages[..., None] if len(keras_model.input_shape) == 4 else pages)
    cotangent = np.random.default_rng(0).normal(size=(6, 10)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(keras_feed)
        y = keras_model(keras_feed, training=False)
    expected = tape.gradient(y, [keras_feed, *[weight.value for weight in keras_model.trainable_weights]], cotangent)

    of, picture = model.graph.output[0].name, model.graph.input[0].name
    floats = [tensor.name for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT]
    derivative = differentiate(model, of, [picture, *floats])
    onnx.checker.check_model(derivative, full_check=True)
    found = run(derivative, {picture: feed, f"grad_{of}": cotangent})
    close(found[0].reshape(-1), expected[0].numpy().reshape(-1))
    # The graph lays weights out in its own way (channels first, gates in another order): compare sorted cells.
    ours = np.sort(np.concatenate([part.reshape(-1) for part in found[1:]]))
    theirs = np.sort(np.concatenate([part.numpy().reshape(-1) for part in expected[1:]]))
    if len(ours) > len(theirs):  # ONNX keeps two biases for one of Keras': both get its gradient
        ours = np.sort(np.concatenate([part.reshape(-1) for part in once(model, floats, found[1:])]))
    close(ours, theirs)


def once(model, floats, grads):
    """The gradients of the weights with that of the bias of a recurrent node counted once."""
    biases = {node.input[3] for node in model.graph.node if node.op_type in ("RNN", "LSTM")}
    return [grad.reshape(2, -1)[0] if name in biases else grad for name, grad in zip(floats, grads, strict=True)]


def close(found, expected):
    """<= 1e-5 of the largest gradient."""
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


def test_spreading_the_gradient_over_ties_would_be_noticed():
    """The pictures do tie: in a third of the pool's windows several cells are largest."""
    _, model = network("cnn")
    pool = next(node for node in model.graph.node if node.op_type == "MaxPool")
    inner = onnx.ModelProto()
    inner.CopyFrom(model)
    inner.graph.output.append(helper.make_tensor_value_info(pool.input[0], onnx.TensorProto.FLOAT, None))
    before = ort.InferenceSession(inner.SerializeToString()).run([pool.input[0]], {"picture": digits(6)[:, None]})[0]
    windows = before.reshape(6, 32, 13, 2, 13, 2)
    ties = (windows == windows.max((3, 5), keepdims=True)).sum((3, 5))
    assert (ties > 1).mean() > 0.3


KINKS = {
    "Relu": (tf.nn.relu, {}),
    "LeakyRelu": (lambda x: tf.nn.leaky_relu(x, 0.25), {"alpha": 0.25}),
    "Elu": (tf.nn.elu, {}),
    "Selu": (tf.nn.selu, {}),
    "Abs": (tf.abs, {}),
    "HardSigmoid": (lambda x: tf.nn.relu6(x + 3) / 6, {"alpha": 1 / 6, "beta": 0.5}),
}


@pytest.mark.parametrize("operator", KINKS)
def test_kinks(operator):
    function, attributes = KINKS[operator]
    x = np.array([-3, -1, 0, 1, 3], np.float32)
    with tf.GradientTape() as tape:
        variable = tf.constant(x)
        tape.watch(variable)
        y = function(variable)
    model = graph([helper.make_node(operator, ["x"], ["y"], **attributes)], {"x": x}, outputs={"y": 1})
    found = run(differentiate(model, "y", ["x"]), {"x": x, "grad_y": np.ones(5, np.float32)})[0]
    assert found == pytest.approx(tape.gradient(y, variable).numpy(), abs=1e-6)


TIES = {
    "Max": (tf.maximum, "a b"),
    "Min": (tf.minimum, "a b"),
    "Clip": (lambda a, b: tf.clip_by_value(a, -1.0, 1.0), "a low high"),
    "ReduceMax": (lambda a, b: tf.reduce_max(a), "a"),
    "Pow": (tf.pow, "a b"),
}


@pytest.mark.parametrize("operator", TIES)
def test_ties(operator):
    function, inputs = TIES[operator]
    a = np.array([1, 1, 0.5, -1], np.float32)
    b = np.array([1, 0, 0.5, 2], np.float32)
    with tf.GradientTape() as tape:
        variables = [tf.constant(a), tf.constant(b)]
        tape.watch(variables)
        y = function(*variables)
    node = helper.make_node(operator, inputs.split(), ["y"], **({"keepdims": 0} if operator == "ReduceMax" else {}))
    feeds = {"a": a, "b": b}
    constants = {"low": np.float32(-1), "high": np.float32(1)} if "low" in inputs else {}
    wrt = [name for name in ("a", "b") if name in inputs.split()]
    model = graph([node], {name: feeds[name] for name in wrt}, constants, {"y": y.ndim})
    found = run(differentiate(model, "y", wrt), {**{n: feeds[n] for n in wrt}, "grad_y": np.ones(y.shape, np.float32)})
    for ours, theirs in zip(found, tape.gradient(y, variables), strict=False):
        assert ours == pytest.approx(theirs.numpy(), abs=1e-6)
