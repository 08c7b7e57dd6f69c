"""What an attack costs: `python -m benchmarks.attacks`. PGD on the article's three networks, and the rest."""

from functools import partial

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox.explain.attribution.methods import Network
from glassbox.trust.attacks import adversarial, inversion
from glassbox.zoo import digit_models


def main() -> None:
    found = digit_models.load()
    measure(
        {
            name: Network(found.model_bytes(name), temperature=found.cards[name].calibration.temperature)
            for name in digit_models.article()
            if name in found.cards
        }
    )


def measure(targets: dict[str, Network]) -> None:
    picture = np.zeros((28, 28), np.float32)
    picture[4:24, 12:16] = picture[4:7, 8:16] = 1
    sizes, labels = np.arange(1, 31) / 100, np.arange(10)
    calls = {
        "PGD": partial(adversarial.attack_each, targets, picture, "pgd", 0.1),
        "FGSM": partial(adversarial.attack_each, targets, picture, "fgsm", 0.1),
        "verdicts": lambda: [adversarial.read(one, picture) for one in targets.values()],
        "least": lambda: [adversarial.smallest_epsilon(one, picture, "pgd", sizes) for one in targets.values()],
        "inversion": lambda: inversion.invert(targets["mlp"], labels),
    }
    seconds = by_turns(calls, rounds=7)
    report(f"PGD, {adversarial.STEPS} steps, made against 3 networks, read by each", 1e3 * seconds["PGD"], "ms", 300)
    report("FGSM, the same", 1e3 * seconds["FGSM"], "ms", 300)
    report("PGD at 30 sizes in one batch, 3 networks", 1e3 * seconds["least"], "ms", 1000)
    report("inversion, 100 steps, 10 labels of the MLP", 1e3 * seconds["inversion"], "ms", 300)
    report("PGD as a multiple of reading the picture", seconds["PGD"] / seconds["verdicts"], "x", 500)


if __name__ == "__main__":
    main()
