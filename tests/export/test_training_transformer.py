"""The training graph of a transformer against Keras, step by step, on the same batches in float32."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs export/requirements.txt")

import tensorflow as tf  # noqa: E402

from export import transformer, transformer_convert  # noqa: E402
from glassbox.graph.optimisers import Adam, Optimiser, Sgd  # noqa: E402
from glassbox.graph.training import carry_on, start, training_graph, with_weights  # noqa: E402
from glassbox.graph.transformer_writer import weights_of  # noqa: E402
from tests.gradients import run  # noqa: E402

pytestmark = pytest.mark.export

STEPS, BATCH, CONTEXT, VOCABULARY = 100, 8, 6, 11
RUNS = [
    (20, Adam(), 3e-3, keras.optimizers.Adam),
    (0, Adam(), 3e-3, keras.optimizers.Adam),
    (20, Sgd(0.9), 1e-2, partial(keras.optimizers.SGD, momentum=0.9)),
]


@pytest.mark.parametrize(("neurons", "ours", "rate", "theirs"), RUNS, ids=["adam", "attention_only", "momentum"])
def test_the_same_losses_and_the_same_network_after_a_hundred_steps(
    neurons: int, ours: Optimiser, rate: float, theirs: Callable[[float], keras.optimizers.Optimizer]
) -> None:
    """Texts in which every token but the first is the one before plus 3, so that there is something to learn."""
    keras.utils.set_random_seed(3)
    made = transformer.build("small", transformer.Shape(VOCABULARY, CONTEXT, 2, 2, 12, neurons))
    model = transformer_convert.convert(made)
    rng = np.random.default_rng(5)
    texts = (rng.integers(0, VOCABULARY, (STEPS, BATCH, 1)) + 3 * np.arange(CONTEXT + 1)) % VOCABULARY
    losses = keras_losses(made, theirs(rate), texts)

    learning = list(weights_of(model))
    trainer = training_graph(model, "categorical_crossentropy", ours, weights=learning)
    feeds = {
        **start(model, ours, learning),
        "learning_rate": np.float32(rate),
        "ids": texts[..., :-1],
        "targets": np.eye(VOCABULARY, dtype=np.float32)[texts[..., 1:]],
    }
    results = dict(zip([x.name for x in trainer.graph.output], run(trainer, feeds), strict=True))
    assert losses[-1] < 0.9 * losses[0]
    assert results["losses"] == pytest.approx(losses, abs=1e-4)
    trained = with_weights(model, carry_on(results))
    (found,) = run(trained, {"ids": texts[0, :, :-1]})
    assert found == pytest.approx(made(texts[0, :, :-1]).numpy(), abs=1e-3)


def keras_losses(made: keras.Model, optimizer: keras.optimizers.Optimizer, texts: np.ndarray) -> list[float]:
    """Train as Keras does, with no product rounded to bfloat16, as `training=True` would; the loss before each step."""

    @tf.function
    def step(ids: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = made(ids[:, :-1], training=False)
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits)
            loss = tf.reduce_mean(each)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, made.trainable_variables), made.trainable_variables, strict=True)
        )
        return loss

    optimizer.build(made.trainable_variables)
    return [float(step(tf.constant(ids))) for ids in texts]
