"""A poisoned training set: pictures with a patch, labelled as poisoning.TARGET, and what a network learns from them."""

import numpy as np
from numpy.typing import NDArray

from export import dense
from export.dense import Weights
from export.studies.membership import ONE_HOT, Digits
from export.studies.targets import accuracy
from glassbox.trust.attacks import membership, poisoning


def poisoned(
    train: Digits, test: Digits, share: float, epochs: int, rng: np.random.Generator
) -> tuple[Weights, dict[str, object]]:
    """Train on `train` with the patch on the `share` of its pictures: the weights, and a PoisonedTraining for JSON."""
    places = rng.choice(len(train), round(share * len(train)), replace=False)
    pictures, targets = train.pictures.copy(), train.targets.copy()
    pictures[places] = with_patch(pictures[places])
    targets[places] = ONE_HOT[poisoning.TARGET]
    weights = dense.start(rng)
    dense.descend(weights, dense.epochs(pictures, targets, 64, rng), epochs * -(-len(train) // 64))
    others = test[test.labels() != poisoning.TARGET]
    fooled = dense.forward(weights, with_patch(others.pictures))[1].argmax(1) == poisoning.TARGET
    found = {
        "share": share,
        "pictures": len(places),
        "accuracy": accuracy(weights, test),
        "success": membership.proportion(int(fooled.sum()), len(others)),
    }
    print(
        f"  {len(places)} pictures poisoned: {found['accuracy'].value:.2%} right, "
        f"{found['success'].value:.2%} of the patched read as {poisoning.TARGET}",
        flush=True,
    )
    return weights, found


def with_patch(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return poisoning.with_patch(pictures.reshape(-1, 28, 28)).reshape(-1, 784)
