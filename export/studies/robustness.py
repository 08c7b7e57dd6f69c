"""What can be done to a network from outside: adversarial pictures, a poisoned training set, inversion."""

import numpy as np
import onnx
from numpy.typing import NDArray

from export import dense
from export.data import Split
from export.dense import Weights
from export.studies.membership import ONE_HOT, Digits
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution.methods import Network
from glassbox.trust.attacks import adversarial, inversion, membership, poisoning
from glassbox.zoo.cards import Accuracy


def robust(
    networks: dict[str, tuple[Network, float]], test: Split, *, epsilons: tuple[float, ...], seed: int
) -> dict[str, dict[str, list[Accuracy]]]:
    """Accuracy of each network, given with its temperature, on `test` under attacks of each size."""
    pictures, labels = rescaled(test.digits), test.labels.astype(np.int64)
    found: dict[str, dict[str, list[Accuracy]]] = {}
    for name, (network, temperature) in networks.items():
        found[name] = {"fgsm": [], "pgd": [], "noise": []}
        for epsilon in epsilons:
            changed = {
                "fgsm": adversarial.fgsm(network, pictures, labels, epsilon, temperature),
                "pgd": adversarial.pgd(network, pictures, labels, epsilon, temperature, seed=seed),
                "noise": adversarial.noise(pictures, epsilon, seed),
            }
            for attack, made in changed.items():
                found[name][attack].append(right(network, made, labels))
            print(
                f"  {name}, epsilon {epsilon}: "
                + ", ".join(f"{attack} {rows[-1].value:.1%}" for attack, rows in found[name].items()),
                flush=True,
            )
    return found


def transfer(
    networks: dict[str, tuple[Network, float]], test: Split, *, epsilon: float, seed: int
) -> dict[str, object]:
    """Return the accuracy of each network on pictures made against each, a Transfer as JSON takes it."""
    pictures, labels = rescaled(test.digits), test.labels.astype(np.int64)
    rows = []
    for network, temperature in networks.values():
        made = adversarial.pgd(network, pictures, labels, epsilon, temperature, seed=seed)
        rows.append([right(reader, made, labels) for reader, _ in networks.values()])
    return {"epsilon": epsilon, "networks": list(networks), "accuracy": rows}


def right(network: Network, pictures: NDArray[np.float32], labels: NDArray[np.int64]) -> Accuracy:
    return membership.proportion(int((network.scores(pictures).argmax(1) == labels).sum()), len(labels))


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


def accuracy(weights: Weights, test: Digits) -> Accuracy:
    read = dense.forward(weights, test.pictures)[1].argmax(1)
    return membership.proportion(int((read == test.labels()).sum()), len(test))


def inverted(model: onnx.ModelProto, train: Digits, members: Digits, nonmembers: Digits) -> list[dict[str, object]]:
    """Compare the inverted picture of each label with members and non-members: InversionSimilarity for JSON."""
    made = inversion.invert(Network(model), np.arange(10))
    rows = []
    for label, picture in zip(made.labels.tolist(), made.pictures, strict=True):
        known, unknown = (side.pictures[side.labels() == label] for side in (members, nonmembers))
        count = min(len(known), len(unknown))
        mean = train.pictures[train.labels() == label].mean(0)
        likest = [float(inversion.correlation(picture, side[:count]).max(initial=-1)) for side in (known, unknown)]
        rows.append(
            {
                "label": label,
                "mean": float(inversion.correlation(picture, mean[None])[0]),
                "member": likest[0],
                "nonmember": likest[1],
            }
        )
    return rows
