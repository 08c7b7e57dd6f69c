"""The values that the essay on privacy quotes, from the recorded study and the cards."""

from collections.abc import Sequence

import numpy as np

from glassbox.trust.attacks import adversarial, membership
from glassbox.trust.attacks.robustness import RobustnessStudy
from glassbox.trust.attacks.study import Guarantee, PrivacyStudy, PrivateTraining
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.frame.networks import target_models
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.privacy.memorisation import measured, memorisation_facts
from glassbox.ui.pages.privacy.models import guarantee

QUOTED_EPSILON = 0.05
"""The size of change whose accuracies the essay quotes, or the nearest that was recorded."""


def facts(page: Page, record: PrivacyStudy, robustness: RobustnessStudy) -> dict[str, str]:
    """Return the values of content/privacy_essay.*.md by their names."""
    values = {"game.count": f"{len(record.games['mlp'].losses_nonmembers):,}"} | _membership(record)
    for name, card in page.reader.zoo.cards.items():
        values[f"{name}.accuracy"] = formats.percent(card.accuracy.value)
    for name, target in target_models().cards.items():
        values[f"{name}.accuracy"] = formats.percent(target.accuracy.value)
        values[f"{name}.training"] = formats.measured(target.training_accuracy)
    values |= _private_training(record.private, guarantee())
    values |= memorisation_facts(measured())
    return values | _inversion(record) | _robustness(robustness) | _poisoning(record)


def _membership(record: PrivacyStudy) -> dict[str, str]:
    """Return what both membership attacks achieve on each network."""
    values = {}
    for name, game in record.games.items():
        for attack in membership.ATTACKS:
            result = membership.result(game, attack)
            area, rate = result.area, result.found
            values[f"{name}.{attack}_area"] = f"{area.value:.3f}"
            values[f"{name}.{attack}_between"] = t("privacy.between", low=f"{area.low:.3f}", high=f"{area.high:.3f}")
            values[f"{name}.{attack}_caught"] = f"{rate.correct:,}"
            values[f"{name}.guessed"] = f"{membership.FALSE_POSITIVE_RATE * rate.count:g}"
        values[f"{name}.shadows"] = str(game.shadows)
        values[f"{name}.members"] = f"{len(game.losses_members):,}"
    return values


def _private_training(private: Sequence[PrivateTraining], shipped: Guarantee | None) -> dict[str, str]:
    """Return the accuracies under the strictest and the loosest guarantee, and the guarantee of the shipped network."""
    strict, loose = private[0], private[-1]
    values = {
        "strict.accuracy": formats.percent(strict.accuracy.value),
        "strict.epsilon": formats.number(round(strict.guarantee.epsilon, 1)) if strict.guarantee else "∞",
        "loose.accuracy": formats.percent(loose.accuracy.value),
    }
    if shipped is None:
        return values
    bound = float(membership.privacy_bound(shipped, np.array([membership.FALSE_POSITIVE_RATE]))[0])
    return values | {
        "private.epsilon": formats.number(round(shipped.epsilon, 1)),
        "private.delta": formats.scientific(shipped.delta),
        "private.bound": formats.percent(bound),
        "private.clip": formats.number(shipped.clip),
        "private.noise": formats.number(shipped.noise),
        "private.steps": f"{shipped.steps:,}",
    }


def _inversion(record: PrivacyStudy) -> dict[str, str]:
    """Return how similar the inverted pictures are to the mean digit, to members and to non-members, by network."""
    values = {}
    for name, rows in record.inverted.items():
        for side in ("mean", "member", "nonmember"):
            values[f"{name}.{side}"] = formats.hundredths(float(np.mean([getattr(row, side) for row in rows])))
    return values


def _robustness(record: RobustnessStudy) -> dict[str, str]:
    """Return the accuracies under attack and noise, at the epsilon nearest to QUOTED_EPSILON, and the transfer's."""
    place = min(range(len(record.epsilons)), key=lambda i: abs(record.epsilons[i] - QUOTED_EPSILON))
    values = {"robust.size": f"{record.epsilons[place]:.2f}", "transfer.size": f"{record.transfer.epsilon:.2f}"}
    values["pgd.steps"] = str(adversarial.STEPS)
    for name, accuracies in record.networks.items():
        values |= {
            f"{name}.{kind}": formats.percent(getattr(accuracies, kind)[place].value) for kind in ("noise", "worst")
        }
        noise = dict(zip(record.epsilons, accuracies.noise, strict=True)).get(record.transfer.epsilon)
        values[f"{name}.noise_there"] = formats.percent(noise.value) if noise else "–"
    for attacked, row in zip(record.transfer.networks, record.transfer.accuracy, strict=True):
        for reader, accuracy in zip(record.transfer.networks, row, strict=True):
            values[f"{attacked}.by_{reader}"] = formats.percent(accuracy.value)
    return values


def _poisoning(record: PrivacyStudy) -> dict[str, str]:
    """Return what the poisoned share of the shipped network's training set did, and what a few pictures did."""
    card = target_models().cards.get("mlp_poisoned")
    shipped = next(
        (training for training in record.poisoned if card and training.accuracy == card.accuracy), record.poisoned[-1]
    )
    few = record.poisoned[1]
    return {
        "poison.pictures": f"{shipped.pictures:,}",
        "poison.share": formats.rough(shipped.share),
        "poison.clean": formats.percent(record.poisoned[0].accuracy.value),
        "poison.accuracy": formats.percent(shipped.accuracy.value),
        "poison.success": formats.percent(shipped.success.value),
        "poison.few": f"{few.pictures:,}",
        "poison.few_success": formats.percent(few.success.value),
    }
