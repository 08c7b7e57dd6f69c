"""In three acts: what is kept of your digit, whether a network tells whom it was trained on, and what protects."""

from functools import partial

import streamlit as st

from glassbox.trust.attacks import robustness, study
from glassbox.ui.base.i18n import language, t
from glassbox.ui.frame import essay, networks, notices, questions, shell
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
from glassbox.ui.pages.privacy.parts import PARTS
from glassbox.zoo import digit_models

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
    act = partial(essay.draw, "privacy_essay", facts=values)
    show = partial(essay.fold, PARTS, "privacy_essay", facts=values)
    PARTS.follow(essay.sections("privacy_essay", language()))

    kept = st.container()
    if record and robust and cards.keys() >= {*digit_models.article()} and not targets.refused:
        asked = st.container()
        verdicts = membership.own_verdicts(page, record, label=questions.true_label(page))
        with asked:
            act("membership", figure=lambda: membership.own_figure(page, record, verdicts))
        show("verdicts", lambda: membership.verdict_sentences(verdicts))
        show("attacks", lambda: membership.membership_figures(page, record))
        if len(recited := memorisation.measured()) == len(memorisation.WRITERS):
            all_measured = recited | memorisation.measured_of_transformers()
            show("recited", lambda: memorisation.memorisation_figure(all_measured))
        show("inversion", lambda: inversion.inversion_figure(page, record))
        act("protection", figure=lambda: private_training.accuracy_figure(page, record))
        show("price")
        show("changes", lambda: adversarial.adversarial_section(page, robust))
        show("poison", lambda: poisoning.poisoning_figures(page, record.poisoned))
        shell.link_to("explain", t("privacy.explain"))
    with kept:  # last: what the other sections keep is counted too
        act("kept", figure=lambda: session.places(page))
        show("held", lambda: session.contents(page))
    PARTS.bring_into_view()
