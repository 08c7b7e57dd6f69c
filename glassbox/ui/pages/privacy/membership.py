"""Membership inference: the recorded attacks in figures and numbers, and the loss attack on the visitor's digit."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from glassbox.digits.tensors import rescaled
from glassbox.trust.attacks import inversion, membership
from glassbox.trust.attacks.membership import MembershipVerdict
from glassbox.trust.attacks.study import MembershipGame, PrivacyStudy
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts import privacy as figures
from glassbox.ui.charts.dots import dots
from glassbox.ui.charts.tables import table
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.networks import attacked_network
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.privacy.losses import loss_rows
from glassbox.ui.pages.privacy.models import attacked_models, guarantee

_COLUMNS = ("network", "attack", "true_positives", "area")


def games(page: Page, record: PrivacyStudy) -> dict[str, MembershipGame]:
    """Return the recorded games of the networks that may be used, by network."""
    return {name: record.games[name] for name in attacked_models(page) if name in record.games}


def membership_figures(page: Page, record: PrivacyStudy) -> None:
    """Draw the ROC curves of both attacks on every network, and their numbers."""
    roc_figure(page, record)
    attacks_table(page, record)


def roc_figure(page: Page, record: PrivacyStudy) -> None:
    """Draw the ROC curves of both attacks on every network."""
    found = games(page, record)
    rates = {name: membership.result(game, "lira").found.value for name, game in found.items()}
    spoken = t("privacy.listed").join(f"{model_name(name)} {formats.percent(rate)}" for name, rate in rates.items())
    interactive_chart(
        lambda: figures.roc(found, guarantee()),
        key="privacy_roc",
        alt=t("privacy.roc_alt", said=spoken),
        height=figures.ROC_HEIGHT,
    )


def attacks_table(page: Page, record: PrivacyStudy) -> None:
    """Draw the true positive rate and the area under the curve of both attacks on every network, with intervals."""
    rows = []
    for name, game in games(page, record).items():
        for attack in membership.ATTACKS:
            result = membership.result(game, attack)
            rates = {key: formats.measured(getattr(result.found, key), 2) for key in ("value", "low", "high")}
            areas = {key: f"{getattr(result.area, key):.3f}" for key in ("value", "low", "high")}
            estimates = [t("charts.interval", **rates), t("charts.interval", **areas)]
            rows.append([model_name(name), t(f"privacy.{attack}"), *estimates])
    heads = [t(f"privacy.head_{name}") for name in _COLUMNS]
    table(t("privacy.scores_caption"), heads, rows, words=(0, 1))


def own_figure(page: Page, record: PrivacyStudy, verdicts: Mapping[str, MembershipVerdict]) -> None:
    """Draw what the loss attack guesses of the visitor's digit, and the errors that it guesses from."""
    guesses = [
        t("privacy.guess", model=model_name(name), guess=t(f"privacy.guess_{found.verdict}"))
        for name, found in verdicts.items()
    ]
    st.markdown(t("privacy.guesses", said=t("privacy.listed").join(guesses)))
    losses_figure(page, record, verdicts)


def own_verdicts(page: Page, record: PrivacyStudy, label: int) -> dict[str, MembershipVerdict]:
    """Return the verdict of the loss attack on the visitor's digit, a `label`, for every network of the games."""
    digit = rescaled(page.picture.digit)[None]
    verdicts = {}
    for name, game in games(page, record).items():
        scores = attacked_network(page.reader, name).scores(digit)
        (error,) = inversion.squared_errors(scores, np.array([label]))
        verdicts[name] = membership.judge(game, float(error))
    return verdicts


def verdict_sentences(verdicts: Mapping[str, MembershipVerdict]) -> None:
    """Draw a sentence for each network: what the attack concludes of the visitor's digit, and from which error."""
    sentences = [
        t(
            f"privacy.membership_{found.verdict}",
            model=model_name(name),
            loss=formats.number(found.loss),
            members=formats.percent(found.members),
            nonmembers=formats.percent(found.nonmembers),
        )
        for name, found in verdicts.items()
    ]
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def losses_figure(page: Page, record: PrivacyStudy, verdicts: Mapping[str, MembershipVerdict]) -> None:
    """Draw the errors of the networks on members and non-members, and on the visitor's digit."""
    rows, ends = loss_rows(games(page, record), verdicts)
    heads = [t("privacy.members"), t("privacy.nonmembers")]
    legend = [(kind, t(f"privacy.losses_{kind}")) for kind in ("point", "hollow", "band", "yours")]
    dots(t("privacy.losses_alt"), heads, rows, ends=ends, legend=legend)
