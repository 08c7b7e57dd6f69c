"""What is kept of your digit, and what do the networks give away? Membership, inversion, small changes and poison."""

from functools import partial

import streamlit as st

from glassbox.trust.attacks import robustness, study
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import essay, networks, notices, shell
from glassbox.ui.pages.privacy import (
    adversarial,
    inversion,
    membership,
    memorisation,
    poisoning,
    private_training,
    session,
)
from glassbox.ui.pages.privacy.facts import facts
from glassbox.zoo import digit_models

draw = partial(essay.draw, "privacy_essay")

with shell.page("privacy") as page:
    targets, cards = networks.target_models(), page.reader.zoo.cards
    record, robust = study.privacy_study(), robustness.robustness_study()
    notices.refused(page.reader.zoo)
    notices.refused(targets, study.TARGETS)
    familiarity = page.reader.familiarity(page.picture.digit)
    if familiarity and not familiarity.familiar:
        st.info(t("privacy.unlike"), icon=":material/help:")
    if record is None or robust is None:
        st.warning(t("privacy.missing"), icon=":material/help:")
    values = facts(page, record, robust) if record and robust else {}

    draw("kept", values)
    kept = st.container()
    if record and robust and cards.keys() >= {*digit_models.article()} and not targets.refused:
        draw("membership", values, lambda: membership.membership_figures(page, record))
        draw("yours", values, lambda: membership.own_figures(page, record))
        draw("price", values, lambda: private_training.accuracy_figure(page, record))
        if len(recited := memorisation.measured()) == len(memorisation.WRITERS):
            all_measured = recited | memorisation.measured_of_transformers()
            draw("recited", values, lambda: memorisation.memorisation_figure(all_measured))
        draw("inversion", values, lambda: inversion.inversion_figure(page, record))
        draw("changes", values, lambda: adversarial.adversarial_section(page, robust))
        draw("poison", values, lambda: poisoning.poisoning_figures(page, record.poisoned))
        shell.link_to("explain", t("privacy.explain"))
    with kept:  # last: what the other sections keep is counted too
        session.contents(page)
