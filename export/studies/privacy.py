"""What the MLP's weights give away of its training pictures, and what can be done to it while it learns.

Three networks of the shipped MLP's architecture and loss are trained and left in models/: mlp_overfit is overfitted to
1,000 digits, mlp_private learned by DP-SGD, mlp_poisoned from a training set with a backdoor. The scores of
the attacks on them go to studies/privacy.json, without any picture. OPENBLAS_NUM_THREADS=1 is the fastest.
"""

import json
import time
from dataclasses import asdict, dataclass, is_dataclass

import numpy as np
import onnx

from export import accountant, dense
from export.data import load
from export.dense import Privacy, Weights
from export.models import mlp
from export.run import Run
from export.studies import membership, poisoning
from export.studies.inversion import inverted
from export.studies.membership import digits
from export.studies.targets import Target, accuracy, ship, versions
from glassbox.trust.attacks import study as privacy

DELTA = 1e-5
"""Below one in the number of training pictures, as is usual."""
CLIP, RATE = 0.3, 4.0
"""The clipping length and the learning rate of DP-SGD: the best of ten pairs tried. What was learned of the training
pictures by trying is not counted in epsilon."""
EPSILONS = (0.5, 1.0, 2.0, 4.0, 8.0)
SHIPPED = 2.0
"""The epsilon of mlp_private."""


@dataclass(frozen=True)
class Size:
    """How much of everything. `overfitted`: pictures that the overfitted network learns; `members`: pictures that the
    others are attacked on; `versions`: distorted versions of each picture that all shadows share; `grain`: to which the
    accountant rounds where it looks for the noise; `poisoned`: shares of pictures with a patch."""

    overfitted: int = 1_000
    members: int = 2_000
    overfitting_epochs: int = 150
    overfitting_rounds: int = 5
    shadow_epochs: int = 24
    shadow_rounds: int = 16
    versions: int = 6
    batch: int = 2_048
    private_epochs: int = 30
    grain: float = accountant.GRAIN
    poisoned: tuple[float, ...] = (0.0, 0.001, 0.003, 0.01, 0.03)
    shipped_poison: float = 0.01
    poison_epochs: int = 8


QUICK = Size(
    overfitted=60,
    members=80,
    overfitting_epochs=20,
    overfitting_rounds=2,
    shadow_epochs=2,
    shadow_rounds=2,
    versions=1,
    batch=128,
    private_epochs=3,
    grain=1e-3,
    poisoned=(0.0, 0.1),
    shipped_poison=0.1,
    poison_epochs=4,
)


def main(run: Run) -> None:
    # Setup
    size, rng, began = QUICK if run.quick else Size(), np.random.default_rng(run.seed), time.perf_counter()
    article = onnx.load(run.out / privacy.ARTICLE / "1" / "model.onnx")
    # Data
    mnist = load(run.data)
    train, test = digits(mnist.train.digits, mnist.train.labels), digits(mnist.test.digits, mnist.test.labels)
    nonmembers = digits(mnist.validation.digits, mnist.validation.labels)  # of the same hands as those trained on
    chosen = rng.permutation(len(train))
    members, others = train[chosen[: size.members]], train[chosen[size.members :]]
    few = train[rng.choice(len(train), size.overfitted, replace=False)]
    games, made = {}, {}

    # Overfitted
    print("An overfitted network", flush=True)
    learn = membership.overfitting(size.overfitting_epochs)
    weights, seconds = timed(lambda: learn(few, np.ones(len(few), bool), rng))
    made["mlp_overfit"] = Target(weights, few, size.overfitting_epochs, seconds)
    parts = 1 + round(len(nonmembers) / len(few))
    games["mlp_overfit"] = membership.game(
        weights,
        members=few,
        nonmembers=nonmembers,
        others=None,
        train=learn,
        parts=parts,
        rounds=size.overfitting_rounds,
        rng=rng,
    )

    # The MLP as it is shipped
    print("The shipped MLP", flush=True)
    learn = membership.as_the_article(mlp.RECIPE.shake, size.shadow_epochs, size.versions)
    games["mlp"] = membership.game(
        weights_of(article),
        members=members,
        nonmembers=nonmembers,
        others=others,
        train=learn,
        parts=2,
        rounds=size.shadow_rounds,
        rng=rng,
    )

    # With differential privacy
    share = size.batch / len(train)
    steps = round(size.private_epochs / share)
    rows = []
    for epsilon in (*EPSILONS, None):
        noise = accountant.noise_for(epsilon, share, steps, DELTA, grain=size.grain) if epsilon else 0.0
        learn = membership.differentially_private(share, steps, RATE, Privacy(CLIP, noise))
        weights, seconds = timed(lambda learn=learn: learn(train, np.ones(len(train), bool), rng))
        guarantee = epsilon and privacy.Guarantee(
            epsilon=round(accountant.epsilon(noise, share=share, steps=steps, delta=DELTA), 4),
            delta=DELTA,
            noise=noise,
            clip=CLIP,
            share=share,
            steps=steps,
        )
        rows.append({"accuracy": accuracy(weights, test), "guarantee": guarantee})
        print(f"DP-SGD, epsilon {epsilon}: {rows[-1]['accuracy'].value:.2%}", flush=True)
        if epsilon == SHIPPED:
            made["mlp_private"] = Target(weights, train, size.private_epochs, seconds, "dp-sgd", guarantee)
            games["mlp_private"] = membership.game(
                weights,
                members=members,
                nonmembers=nonmembers,
                others=others,
                train=learn,
                parts=2,
                rounds=size.shadow_rounds,
                rng=rng,
            )

    # Poisoned
    print("Poisoned networks", flush=True)
    poisoned = []
    for part in size.poisoned:
        (weights, found), seconds = timed(
            lambda part=part: poisoning.poisoned(train, test, part, size.poison_epochs, rng)
        )
        poisoned.append(found)
        if part == size.shipped_poison:
            made["mlp_poisoned"] = Target(weights, train, size.poison_epochs, seconds)

    # What they give away
    models = {"mlp": article} | {name: ship(run, article, name, one, test) for name, one in made.items()}
    learned = {"mlp": members, "mlp_overfit": few, "mlp_private": members}
    record = {
        "seed": run.seed,
        "versions": versions(),
        "games": games,
        "private": rows,
        "poisoned": poisoned,
        "inverted": {name: inverted(models[name], train, learned[name], nonmembers) for name in privacy.ATTACKED},
        "seconds": round(time.perf_counter() - began, 1),
    }
    folder = run.out.parent / "studies"
    folder.mkdir(exist_ok=True)
    text = json.dumps(record, separators=(",", ":"), default=plain, allow_nan=False)
    (folder / privacy.STUDY.name).write_text(text + "\n", encoding="utf-8")


def weights_of(model: onnx.ModelProto) -> Weights:
    """The MLP's weights by name."""
    return {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.name in dense.SHAPES
    }


def timed(make):  # type: ignore[no-untyped-def]
    """Return what `make` returns, and the seconds it took."""
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


def plain(value: object) -> object:
    """Return a dataclass as JSON takes it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no place in the record")
