"""The membership game: networks, their shadows, and the scores of members and non-members in two attacks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from export import dense
from export.data import Shake, shaken
from export.dense import Floats, Privacy, Weights
from glassbox.digits.tensors import rescaled
from glassbox.trust.attacks import membership

ONE_HOT = np.eye(10, dtype=np.float32)


@dataclass(frozen=True)
class Digits:
    """Pictures (n, 784) in [0, 1] with their targets (n, 10), one-hot."""

    pictures: Floats
    targets: Floats

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, places: NDArray[np.generic] | slice) -> "Digits":
        return Digits(self.pictures[places], self.targets[places])

    def labels(self) -> NDArray[np.int64]:
        return self.targets.argmax(1)

    def and_also(self, others: "Digits") -> "Digits":
        return Digits(np.concatenate([self.pictures, others.pictures]), np.concatenate([self.targets, others.targets]))


def digits(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Digits:
    """uint8 (n, 28, 28) and (n,) as the networks take them."""
    return Digits(rescaled(pictures).reshape(-1, 784), ONE_HOT[labels])


Train = Callable[[Digits, NDArray[np.bool_], np.random.Generator], Weights]
"""How one setting trains: on those digits of the pool that are marked."""


def splits(count: int, parts: int, rounds: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(rounds * parts, count): in each round every one of `count` pictures is in exactly one of `parts` equal sets.

    So all pictures, members and non-members alike, are known to as many shadows.
    """
    sets = np.zeros((rounds, parts, count), bool)
    for one in sets:
        one[rng.permutation(count) % parts, np.arange(count)] = True
    return sets.reshape(-1, count)


def game(
    weights: Weights,
    *,
    members: Digits,
    nonmembers: Digits,
    others: Digits | None,
    train: Train,
    parts: int,
    rounds: int,
    rng: np.random.Generator,
) -> dict[str, object]:
    """Attack the network `weights`, trained on `members` and, if given, `others`; return a MembershipGame as JSON takes
    it.

    Each shadow network is trained by `train` on one of `parts` of all the pictures together, in each of `rounds`.
    """
    asked = members.and_also(nonmembers)
    pool = asked if others is None else asked.and_also(others)
    inside = splits(len(pool), parts, rounds, rng)
    seen = []
    for number, marked in enumerate(inside, 1):
        shadow = train(pool, marked, rng)
        seen.append(dense.losses(shadow, asked.pictures, asked.targets))
        print(
            f"  shadow {number} of {len(inside)}: loss {seen[-1][marked[: len(asked)]].mean():.5f} on its own, "
            f"{seen[-1][~marked[: len(asked)]].mean():.5f} on others",
            flush=True,
        )
    losses = dense.losses(weights, asked.pictures, asked.targets)
    ratios = membership.likelihood_ratios(losses, np.array(seen), inside[:, : len(asked)])
    known = len(members)
    return {
        "losses_members": rounded(losses[:known]),
        "losses_nonmembers": rounded(losses[known:]),
        "ratios_members": rounded(ratios[:known]),
        "ratios_nonmembers": rounded(ratios[known:]),
        "shadows": len(inside),
        "share": 1 / parts,
    }


def rounded(values: NDArray[np.floating]) -> list[float]:
    """Four significant digits."""
    return [float(f"{value:.4g}") for value in values]


# --- The three settings ----------------------------------------------------------------------------------------------


def overfitting(epochs: int) -> Train:
    """Return how to train by Adam as in train.py, on the pictures as they are, until the network is overfitted."""

    def train(pool: Digits, marked: NDArray[np.bool_], rng: np.random.Generator) -> Weights:
        weights, own = dense.start(rng), pool[marked]
        steps = epochs * -(-len(own) // 32)
        dense.descend(weights, dense.epochs(own.pictures, own.targets, 32, rng), steps)
        return weights

    return train


def as_the_article(shake: Shake, epochs: int, versions: int) -> Train:
    """The MLP's own recipe on the digits of the pool, shaken anew in each of `versions` epochs, which then repeat."""
    kept: list[NDArray[np.uint8]] = []  # shaking takes as long as training: all shadows share the same versions

    def train(pool: Digits, marked: NDArray[np.bool_], rng: np.random.Generator) -> Weights:
        while len(kept) < versions:
            moved = shaken(np.rint(255 * pool.pictures).astype(np.uint8).reshape(-1, 28, 28), shake, rng)
            kept.append(np.rint(255 * moved).astype(np.uint8).reshape(-1, 784))
        weights, own = dense.start(rng), np.flatnonzero(marked)

        def batches():  # type: ignore[no-untyped-def]
            for epoch in range(epochs):
                order = rng.permutation(own)
                for i in range(0, len(order), 32):
                    places = order[i : i + 32]
                    yield rescaled(kept[epoch % versions][places]), pool.targets[places]

        dense.descend(weights, batches(), epochs * -(-len(own) // 32))
        return weights

    return train


def differentially_private(share: float, steps: int, rate: float, privacy: Privacy) -> Train:
    """Return how to train by DP-SGD on the pictures as they are."""

    def train(pool: Digits, marked: NDArray[np.bool_], rng: np.random.Generator) -> Weights:
        weights, own = dense.start(rng), pool[marked]
        dense.descend_privately(
            weights, own.pictures, own.targets, share=share, steps=steps, rate=rate, privacy=privacy, rng=rng
        )
        return weights

    return train
