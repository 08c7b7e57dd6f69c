"""The essay on privacy: its words with their numbers, the membership game, and the visitor's own digit in it."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from glassbox.digits.tensors import rescaled
from glassbox.trust.attacks import inversion, membership, study
from glassbox.trust.attacks.membership import MembershipVerdict
from glassbox.trust.attacks.study import Guarantee, PrivacyStudy, PrivateTraining
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts import privacy as figures
from glassbox.ui.charts.dots import dots
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import essay
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.networks import attacked_network, target_models
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.privacy.attacks import attacked_models
from glassbox.ui.pages.privacy.losses import losses_by_side

QUOTED = 0.05
"""The size of change whose robust accuracies the essay quotes, or the nearest that was recorded."""


def text(key: str, facts: Mapping[str, str]) -> list[str]:
    """Show a section's title and its words, with their numbers, above the figure; gives what stands below it."""
    section = essay.sections("privacy_essay", language())[key]
    st.subheader(section.title, anchor=key)
    above, *below = section.filled(facts)
    st.markdown(above)
    return below


def facts(page: Page, record: PrivacyStudy) -> dict[str, str]:
    """The values of content/privacy_essay.*.md, from the record and the cards."""
    found = {"game.count": f"{len(record.games['mlp'].losses_nonmembers):,}"}
    for name, game in record.games.items():
        for attack in membership.ATTACKS:
            members, strangers = game.scores(attack)
            area, caught = membership.area(members, strangers), membership.true_positive_rate(members, strangers)
            found[f"{name}.{attack}_area"] = f"{area.value:.3f}"
            found[f"{name}.{attack}_between"] = t("privacy.between", low=f"{area.low:.3f}", high=f"{area.high:.3f}")
            found[f"{name}.{attack}_caught"] = f"{caught.correct:,}"
            found[f"{name}.guessed"] = f"{membership.FALSE_POSITIVE_RATE * caught.count:g}"
        found[f"{name}.shadows"] = str(game.shadows)
        found[f"{name}.members"] = f"{len(game.losses_members):,}"
    found |= {f"{name}.accuracy": formats.percent(card.accuracy.value) for name, card in page.reader.zoo.cards.items()}
    for name, card in target_models().cards.items():
        found[f"{name}.accuracy"] = formats.percent(card.accuracy.value)
        found[f"{name}.training"] = f"{100 * card.training_accuracy:.1f}\u00a0%"
    return found | _private(record.private, guarantee()) | _likeness(record) | _robust(record) | _poison(record)


def guarantee() -> Guarantee | None:
    """Return that of the variant trained with differential privacy."""
    card = target_models().cards.get("mlp_private")
    return card.guarantee if card else None


def games(page: Page, record: PrivacyStudy) -> dict[str, study.MembershipGame]:
    """The recorded games of the networks that may be used."""
    return {name: record.games[name] for name in attacked_models(page) if name in record.games}


def scores(page: Page, record: PrivacyStudy) -> None:
    """The membership game in numbers: both attacks on every network, with intervals."""
    rows = []
    for name, game in games(page, record).items():
        for attack in membership.ATTACKS:
            area, caught = membership.area(*game.scores(attack)), membership.true_positive_rate(*game.scores(attack))
            shares = {key: f"{100 * getattr(caught, key):.2f}" for key in ("value", "low", "high")}
            areas = {key: f"{getattr(area, key):.3f}" for key in ("value", "low", "high")}
            found = [t("privacy.estimate", **shares), t("privacy.estimate", **areas)]
            rows.append([model_name(name), t(f"privacy.{attack}"), *found])
    heads = [t(f"privacy.head_{name}") for name in ("network", "attack", "caught", "area")]
    table(t("privacy.scores_caption"), heads, rows, words=(0, 1))


def accused(page: Page, record: PrivacyStudy, label: int) -> dict[str, MembershipVerdict]:
    """The loss attack on the visitor's digit, taken for a `label`, by every network of the game."""
    digit, found = rescaled(page.picture.digit), {}
    for name, game in games(page, record).items():
        scored = attacked_network(page.reader, name).scores(digit[None])
        found[name] = membership.judge(game, float(inversion.squared_errors(scored, np.array([label]))[0]))
    return found


def verdicts(found: Mapping[str, MembershipVerdict]) -> None:
    """A sentence a network: what the attacker concludes of the visitor's digit, and from what."""
    st.markdown(
        "\n".join(
            "- "
            + t(
                f"privacy.accused_{one.verdict}",
                model=model_name(name),
                loss=formats.number(one.loss),
                members=formats.percent(one.members),
                strangers=formats.percent(one.nonmembers),
            )
            for name, one in found.items()
        )
    )


def roc(page: Page, record: PrivacyStudy) -> None:
    """The curves of the membership game."""
    found = games(page, record)
    caught = {name: membership.true_positive_rate(*game.scores("lira")).value for name, game in found.items()}
    said = t("privacy.listed").join(f"{model_name(name)} {formats.percent(value)}" for name, value in caught.items())
    interactive_chart(
        lambda: figures.roc(found, guarantee()),
        key="privacy_roc",
        alt=t("privacy.roc_alt", said=said),
        height=figures.ROC_HEIGHT,
    )


def losses(page: Page, record: PrivacyStudy, found: Mapping[str, MembershipVerdict]) -> None:
    """The errors on members and strangers, and the visitor's own among them."""
    rows, ends = losses_by_side(games(page, record), found)
    kinds = ("point", "hollow", "band", "yours")
    legend = [(kind, t(f"privacy.losses_{kind}")) for kind in kinds]
    dots(t("privacy.losses_alt"), [t("privacy.members"), t("privacy.strangers")], rows, ends, legend)


def price(page: Page, record: PrivacyStudy) -> None:
    """Accuracy against epsilon."""
    ends = [formats.percent(record.private[place].accuracy.value) for place in (0, -1)]
    article = page.reader.zoo.cards["mlp"].accuracy
    interactive_chart(
        lambda: figures.accuracy_by_budget(record.private, article),
        key="privacy_price",
        alt=t("privacy.price_alt", low=ends[0], high=ends[1]),
    )


def _private(private: tuple[PrivateTraining, ...], kept: Guarantee | None) -> dict[str, str]:
    strict, loose = private[0], private[-1]
    found = {
        "strict.accuracy": formats.percent(strict.accuracy.value),
        "strict.epsilon": formats.number(round(strict.guarantee.epsilon, 1)) if strict.guarantee else "∞",
        "loose.accuracy": formats.percent(loose.accuracy.value),
    }
    if kept is None:
        return found
    most = float(membership.privacy_bound(kept, np.array([membership.FALSE_POSITIVE_RATE]))[0])
    return found | {
        "private.epsilon": formats.number(round(kept.epsilon, 1)),
        "private.delta": formats.scientific(kept.delta),
        "private.bound": formats.percent(most),
        "private.clip": formats.number(kept.clip),
        "private.noise": formats.number(kept.noise),
        "private.steps": f"{kept.steps:,}",
    }


def _likeness(record: PrivacyStudy) -> dict[str, str]:
    found = {}
    for name, rows in record.inverted.items():
        for side in ("mean", "member", "nonmember"):
            found[f"{name}.{side}"] = formats.hundredths(float(np.mean([getattr(row, side) for row in rows])))
    return found


def _robust(record: PrivacyStudy) -> dict[str, str]:
    place = min(range(len(record.epsilons)), key=lambda i: abs(record.epsilons[i] - QUOTED))
    found = {"robust.size": f"{record.epsilons[place]:.2f}", "transfer.size": f"{record.transfer.epsilon:.2f}"}
    for name, one in record.robust.items():
        found |= {f"{name}.{kind}": formats.percent(getattr(one, kind)[place].value) for kind in ("noise", "pgd")}
        alone = dict(zip(record.epsilons, one.noise, strict=True)).get(record.transfer.epsilon)
        found[f"{name}.noise_there"] = formats.percent(alone.value) if alone else "–"
    for made, row in zip(record.transfer.networks, record.transfer.accuracy, strict=True):
        for reader, cell in zip(record.transfer.networks, row, strict=True):
            found[f"{made}.by_{reader}"] = formats.percent(cell.value)
    return found


def _poison(record: PrivacyStudy) -> dict[str, str]:
    card = target_models().cards.get("mlp_poisoned")
    shipped = next((one for one in record.poisoned if card and one.accuracy == card.accuracy), record.poisoned[-1])
    few = record.poisoned[1]
    return {
        "poison.pictures": f"{shipped.pictures:,}",
        "poison.share": f"{100 * shipped.share:g}\u00a0%",
        "poison.clean": formats.percent(record.poisoned[0].accuracy.value),
        "poison.accuracy": formats.percent(shipped.accuracy.value),
        "poison.success": formats.percent(shipped.success.value),
        "poison.few": f"{few.pictures:,}",
        "poison.few_success": formats.percent(few.success.value),
    }
