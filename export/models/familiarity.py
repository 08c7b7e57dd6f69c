"""How unlike everything the networks learned a picture is: a small CNN between digits and made-up pictures of none."""

import keras
import numpy as np
import onnxruntime
from keras import layers

from export import card, convert, measures
from export.data import Shake, load, shaken
from export.outliers import outliers
from export.run import Run
from glassbox.digits.tensors import rescaled
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "familiarity"
DISPLAY = Display(
    names={"en": Name("check for pictures that are no digits"), "zh": Name("“不像数字”的检查")},
    order=1,
)
PASSED = 0.985
"""The share of the training pool's digits that must count as familiar: it sets the threshold."""
COUNT = 40_000
EPOCHS = 8


def build() -> keras.Model:
    """(n, 28, 28, 1) in [0, 1] -> (n, 1): the log-odds of being no digit."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 5, strides=2, activation="relu", name="conv1"),
            layers.Conv2D(32, 3, strides=2, activation="relu", name="conv2"),
            layers.Flatten(name="flatten"),
            layers.Dense(32, activation="relu", name="hidden"),
            layers.Dense(1, name="unfamiliarity"),
        ],
        name=NAME,
    )


def main(run: Run) -> None:
    # Setup
    keras.utils.set_random_seed(run.seed)
    rng = np.random.default_rng(run.seed)
    count = 2_000 if run.quick else COUNT
    # Data
    mnist, pool = run.digits()
    unlike = load(run.unlike, "fashion_mnist").test.digits
    strange = outliers(mnist.train.digits, count, run.seed)
    # Build
    model = build()
    # Train
    model.compile(keras.optimizers.Adam(), loss=keras.losses.BinaryCrossentropy(from_logits=True))
    for epoch in range(run.epochs or (1 if run.quick else EPOCHS)):
        known, _ = pool.epoch(0.6, 0.4, count, Shake(), rng)
        odd = shaken(strange, Shake(), rng) if epoch % 2 else rescaled(strange)
        pictures = np.concatenate([known, odd])[..., None]
        answers = np.repeat(np.array([0, 1], np.float32), [len(known), len(odd)])
        model.fit(pictures, answers[:, None], batch_size=64, initial_epoch=epoch, epochs=epoch + 1)
    # Evaluate
    converted = convert.convert(model)
    differences = convert.differences(model, converted, rescaled(mnist.test.digits[:256]))
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    known, _ = pool.epoch(0.6, 0.4, min(20_000, count), Shake(), rng)
    test, clothes = (measures.outputs(session, digits)[:, 0] for digits in (mnist.test.digits, unlike))
    of_pool = measures.outputs(session, np.rint(known * 255).astype(np.uint8))[:, 0]
    threshold = float(np.quantile(of_pool, PASSED))
    # Export
    run.write(
        converted,
        {
            **card.identity(NAME, "familiarity", DISPLAY),
            "threshold": threshold,
            "auroc": measures.auroc(test, clothes),
            "digits_passed": float((test <= threshold).mean()),
            "clothes_refused": float((clothes > threshold).mean()),
            "keras_difference": max(differences.values()),
            "seed": run.seed,
            "dataset": card.DATASET
            | {
                "train": 2 * count,
                "test": len(mnist.test),
                "unlike": "Fashion-MNIST, t10k, MIT, Zalando SE; never trained on",
            },
        },
    )
