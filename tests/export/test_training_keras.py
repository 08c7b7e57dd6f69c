"""The training graph against Keras' own fit, on the same batches in the same order."""

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="needs export/requirements.txt")

from glassbox.graph.optimisers import Adam, Sgd  # noqa: E402
from glassbox.graph.training import carry_on, start, training_graph, with_weights  # noqa: E402
from tests.export.keras_models import digits, network  # noqa: E402
from tests.gradients import run  # noqa: E402

pytestmark = pytest.mark.export

STEPS, BATCH = 100, 32
RUNS = [
    ("mlp", "mean_squared_error", Adam(), lambda: keras.optimizers.Adam(1e-3)),
    ("cnn", "categorical_crossentropy", Adam(), lambda: keras.optimizers.Adam(1e-3)),
    ("rnn", "categorical_crossentropy", Adam(), lambda: keras.optimizers.Adam(1e-3)),
    ("mlp", "mean_squared_error", Sgd(), lambda: keras.optimizers.SGD(1e-3)),
    ("rnn", "categorical_crossentropy", Sgd(0.9), lambda: keras.optimizers.SGD(1e-3, 0.9)),
    ("mlp", "categorical_crossentropy", Sgd(0.9, True), lambda: keras.optimizers.SGD(1e-3, 0.9, nesterov=True)),
]


@pytest.mark.parametrize(("name", "loss", "ours", "theirs"), RUNS, ids=lambda x: x if isinstance(x, str) else "")
def test_the_same_losses_and_the_same_network_after_a_hundred_steps(name, loss, ours, theirs):
    keras_model, model = network(name)
    pages = digits(STEPS * BATCH)
    pages = pages[..., None] if len(keras_model.input_shape) == 4 else pages
    targets = np.eye(10, dtype=np.float32)[np.random.default_rng(5).integers(0, 10, len(pages))]
    logits = model.graph.node[-1].op_type != "Softmax"
    keras_loss = (
        keras.losses.CategoricalCrossentropy(from_logits=logits) if loss[0] == "c" else keras.losses.MeanSquaredError()
    )
    keras_model.compile(theirs(), keras_loss)
    seen = Losses()
    keras_model.fit(pages, targets, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[seen])

    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    trainer = training_graph(model, loss, ours)
    feeds = {
        **start(model, ours),
        "learning_rate": np.float32(1e-3),
        model.graph.input[0].name: pages.reshape(STEPS, BATCH, *shape),
        "targets": targets.reshape(STEPS, BATCH, 10),
    }
    results = dict(zip([x.name for x in trainer.graph.output], run(trainer, feeds), strict=True))
    assert results["losses"] == pytest.approx(seen.each(), rel=1e-4)
    trained = with_weights(model, carry_on(results))
    probe = digits(64)
    (found,) = run(trained, {model.graph.input[0].name: probe.reshape(-1, *shape)})
    assert found == pytest.approx(keras_model(probe.reshape(-1, *pages.shape[1:])).numpy(), abs=1e-4)


class Losses(keras.callbacks.Callback):
    """Keras reports the mean of the losses so far; each is worked out from two of these."""

    def __init__(self):
        super().__init__()
        self.means = []

    def on_train_batch_end(self, batch, logs=None):
        self.means.append(logs["loss"])

    def each(self):
        totals = np.array(self.means, np.float64) * np.arange(1, len(self.means) + 1)
        return np.diff(totals, prepend=0)
