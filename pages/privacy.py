"""What is kept of your digit, and what do the networks give away? Membership, inversion, small changes and poison."""

import streamlit as st

from glassbox.trust.attacks import adversarial, membership
from glassbox.ui import attack_view, kept_view, privacy_view
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.components.maps import maps
from glassbox.ui.frame import notices, places, questions, shell
from glassbox.zoo import digit_models


@st.fragment
def inversion(page: shell.Page, record: membership.Study) -> None:
    """What each network takes for a digit."""
    st.session_state.setdefault("privacy_inverted", "7")
    label = linked_choice("privacy_inverted", "inverted", t("privacy.invert"), list("0123456789"), str)
    maps([attack_view.inverted(page, int(label), record.inverted)], key="privacy_inversion")


@st.fragment
def small_changes(page: shell.Page, record: membership.Study) -> None:
    """FGSM and PGD on the visitor's digit, of a size that the visitor sets."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        offered = list(adversarial.ATTACKS)
        attack = linked_choice("privacy_attack", "attack", t("privacy.attack"), offered, lambda n: t(f"privacy.{n}"))
        attack_view.linked_size("privacy_epsilon")
        size = st.select_slider(
            t("privacy.epsilon"),
            attack_view.SIZES.tolist(),
            format_func=lambda value: f"{value:.2f}",
            key="privacy_epsilon",
            persist_state="session",
            width=320,
        )
    found = attack_view.attacked(page, attack, size)
    attack_view.changes(found, page.picture.digit, size)
    st.markdown(attack_view.least(page, attack))
    left, right = st.columns(2, gap="large")
    with left:
        attack_view.crossed(found)
    with right:
        attack_view.transferred(record.transfer)
    st.markdown(t("privacy.robust_lead"))
    attack_view.robust(page, record, attack, size)


with shell.page("privacy") as page:
    twins, record, cards = attack_view.twins(), membership.study(), page.reader.zoo.cards
    notices.refused(page.reader.zoo, digit_models.ARTICLE)
    notices.refused(twins, membership.TWINS)
    familiarity = page.reader.familiarity(page.picture.digit)
    if familiarity and not familiarity.familiar:
        st.info(t("privacy.unlike"), icon=":material/help:")
    if record is None:
        st.warning(t("privacy.missing"), icon=":material/help:")
    facts = privacy_view.facts(page, record) if record else {}

    privacy_view.text("kept", facts)
    kept_view.kept(page)
    if record is None or set(digit_models.ARTICLE) - set(cards) or twins.refused:
        st.stop()

    below = privacy_view.text("membership", facts)
    privacy_view.roc(page, record)
    privacy_view.scores(page, record)
    st.markdown("\n\n".join(below))

    below = privacy_view.text("yours", facts)
    label = int(questions.label(page, "true_label", t("backprop.truth"), t("backprop.truth_help")))
    accused = privacy_view.accused(page, record, label)
    privacy_view.verdicts(accused)
    privacy_view.losses(page, record, accused)
    st.markdown("\n\n".join(below))

    below = privacy_view.text("price", facts)
    privacy_view.price(page, record)
    st.markdown("\n\n".join(below))

    below = privacy_view.text("inversion", facts)
    inversion(page, record)
    st.markdown("\n\n".join(below))

    below = privacy_view.text("changes", facts)
    small_changes(page, record)
    st.markdown("\n\n".join(below))

    below = privacy_view.text("poison", facts)
    maps([*attack_view.patched(page), attack_view.patched_samples(page)], key="privacy_patch")
    attack_view.poisons(record.poisoned)
    st.markdown("\n\n".join(below))
    place = places.PLACES["explain"]
    st.page_link(place.file, label=t("privacy.explain"), icon=place.icon, query_params=shell.link_parameters())
