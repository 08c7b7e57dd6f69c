"""How many digits do the article's networks still read when each pixel may change a little? To studies/robustness.json.

Two attacks that have little in common, so that neither's failure passes for a network's strength: PGD from many starts,
which follows gradients, and the Square attack, which asks for scores alone. Half an hour on one busy core.
"""

import importlib.metadata
import platform
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from export.data import load
from export.run import Run
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution.methods import Network, Picture
from glassbox.trust.attacks import adversarial, membership
from glassbox.trust.attacks.robustness import STUDY
from glassbox.trust.attacks.square import square
from glassbox.zoo import digit_models

PACKAGES = ("numpy", "onnx", "onnxruntime")
Labels = NDArray[np.int64]
Right = dict[str, list[NDArray[np.bool_]]]
"""Which pictures are still read rightly (n,), a list of one a size by attack."""


@dataclass(frozen=True)
class Size:
    """How much of everything: `pictures` attacked, by changes of `epsilons`; the transfer of those `transferred` is
    recorded. `steps` and `starts` of PGD: towards the likeliest other label, each of the nine, and two at random."""

    pictures: int = 500
    epsilons: tuple[float, ...] = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
    transferred: float = 0.1
    steps: int = 100
    starts: int = 12
    queries: int = 2_000


QUICK = Size(pictures=20, epsilons=(0.0, 0.1, 0.2), steps=10, starts=2, queries=20)


def main(run: Run) -> None:
    """Attack the article's networks in run.out on digits of MNIST's test set."""
    size = QUICK if run.quick else Size()
    test = load(run.data).test
    chosen = np.random.default_rng(run.seed).permutation(len(test))[: size.pictures]
    pictures, labels = rescaled(test.digits[chosen]), test.labels[chosen].astype(np.int64)
    models = digit_models.load(run.out)
    networks = {
        name: Network(models.model_bytes(name), temperature=models.cards[name].calibration.temperature)
        for name in models.article
    }
    robust, transfer = {}, []
    for name, network in networks.items():
        right, made = attacked(network, pictures, labels, size, run.seed)
        robust[name] = {"sha256": models.cards[name].sha256, "temperature": network.temperature} | {
            attack: [_accuracy(one) for one in rows] for attack, rows in right.items()
        }
        print(name, {attack: [int(one.sum()) for one in rows] for attack, rows in right.items()}, flush=True)
        transfer.append([_accuracy(_right(reader, made, labels)) for reader in networks.values()])
    record = {
        "seed": run.seed,
        "versions": {"python": platform.python_version()}
        | {package: importlib.metadata.version(package) for package in PACKAGES},
        "pictures": size.pictures,
        "epsilons": size.epsilons,
        "steps": size.steps,
        "starts": size.starts,
        "queries": size.queries,
        "networks": robust,
        "transfer": {"epsilon": size.transferred, "networks": list(networks), "accuracy": transfer},
    }
    folder = run.out.parent / "studies"
    folder.mkdir(exist_ok=True)
    run.write_card(folder / STUDY.name, record)


def attacked(network: Network, pictures: Picture, labels: Labels, size: Size, seed: int) -> tuple[Right, Picture]:
    """Return which pictures the network still reads rightly under each attack, and those that PGD made of size
    `transferred`.

    PGD knows nothing of other sizes. The Square attack goes on from what it found at the size before, which is no
    further away: from stripes that turn the whole sheet grey it hardly gets anywhere.
    """
    right: Right = {attack: [] for attack in ("noise", "fgsm", "pgd", "square", "worst")}
    found, transferred = pictures, pictures
    for epsilon in size.epsilons:
        pgd = pictures
        if epsilon:
            pgd = adversarial.pgd(network, pictures, labels, epsilon, steps=size.steps, starts=size.starts, seed=seed)
            found = square(network, pictures, labels, epsilon, queries=size.queries, seed=seed, start=found)
        if epsilon == size.transferred:
            transferred = pgd
        made = {
            "noise": adversarial.noise(pictures, epsilon, seed),
            "fgsm": adversarial.fgsm(network, pictures, labels, epsilon),
            "pgd": pgd,
            "square": found,
        }
        for attack, changed in made.items():
            right[attack].append(_right(network, changed, labels))
        right["worst"].append(right["pgd"][-1] & right["square"][-1])
        print(f"  {epsilon}: " + ", ".join(f"{attack} {rows[-1].sum()}" for attack, rows in right.items()), flush=True)
    return right, transferred


def _right(network: Network, pictures: Picture, labels: Labels) -> NDArray[np.bool_]:
    return np.asarray(network.scores(pictures).argmax(1) == labels)


def _accuracy(right: NDArray[np.bool_]) -> dict[str, float]:
    return asdict(membership.proportion(int(right.sum()), len(right)))
