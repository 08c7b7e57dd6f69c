"""What is kept of your digit, and what do the networks give away? Membership, inversion, small changes and poison."""

import streamlit as st

from glassbox.trust.attacks import adversarial, study
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.components.maps import maps
from glassbox.ui.frame import networks, notices, questions, shell
from glassbox.ui.pages.privacy import attacks, session, view
from glassbox.zoo import digit_models


@st.fragment
def inversion(page: shell.Page, record: study.PrivacyStudy) -> None:
    """What each network takes for a digit."""
    attacks.INVERTED.settle()
    label = linked_choice(attacks.INVERTED, t("privacy.invert"), list("0123456789"), str)
    maps([attacks.inverted(page, int(label), record.inverted)], key="privacy_inversion")


@st.fragment
def small_changes(page: shell.Page, record: study.PrivacyStudy) -> None:
    """FGSM and PGD on the visitor's digit, of a size that the visitor sets."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        offered = list(adversarial.ATTACKS)
        attack = linked_choice(attacks.ATTACK, t("privacy.attack"), offered, lambda n: t(f"privacy.{n}"))
        attacks.linked_size()
        size = st.select_slider(
            t("privacy.epsilon"),
            attacks.SIZES.tolist(),
            format_func=lambda value: f"{value:.2f}",
            key=attacks.EPSILON.key,
            persist_state="session",
            width=320,
        )
    found = attacks.attacked(page, attack, size)
    attacks.changes(found, page.picture.digit, size)
    st.markdown(attacks.least(page, attack))
    left, right = st.columns(2, gap="large")
    with left:
        attacks.crossed(found)
    with right:
        attacks.transferred(record.transfer)
    st.markdown(t("privacy.robust_lead"))
    attacks.robust(page, record, attack, size)


with shell.page("privacy") as page:
    targets, record, cards = networks.target_models(), study.privacy_study(), page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    notices.refused(targets, study.TARGETS)
    familiarity = page.reader.familiarity(page.picture.digit)
    if familiarity and not familiarity.familiar:
        st.info(t("privacy.unlike"), icon=":material/help:")
    if record is None:
        st.warning(t("privacy.missing"), icon=":material/help:")
    facts = view.facts(page, record) if record else {}

    view.text("kept", facts)
    session.kept(page)
    if record is None or set(digit_models.article()) - set(cards) or targets.refused:
        st.stop()

    below = view.text("membership", facts)
    view.roc(page, record)
    view.scores(page, record)
    st.markdown("\n\n".join(below))

    below = view.text("yours", facts)
    label = int(questions.true_label(page))
    accused = view.accused(page, record, label)
    view.verdicts(accused)
    view.losses(page, record, accused)
    st.markdown("\n\n".join(below))

    below = view.text("price", facts)
    view.price(page, record)
    st.markdown("\n\n".join(below))

    below = view.text("inversion", facts)
    inversion(page, record)
    st.markdown("\n\n".join(below))

    below = view.text("changes", facts)
    small_changes(page, record)
    st.markdown("\n\n".join(below))

    below = view.text("poison", facts)
    maps([*attacks.patched(page), attacks.patched_samples(page)], key="privacy_patch")
    attacks.poisons(record.poisoned)
    st.markdown("\n\n".join(below))
    shell.link_to("explain", t("privacy.explain"))
