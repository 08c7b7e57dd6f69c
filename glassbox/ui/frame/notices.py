"""What a visitor is told about the verdicts, in a sentence."""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.digits.reader import Familiarity, Verdict
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.zoo.digit_models import Zoo
from glassbox.zoo.text_models import TextZoo


def summary(verdicts: Mapping[str, Verdict], familiarity: Familiarity | None) -> str:
    """Say where the networks agree or disagree; of a picture that is no digit, say that instead. Gives the sentence."""
    if familiarity and not familiarity.familiar:
        kind, text = "gb-summary gb-notice", t("frame.familiarity.unlike")
    else:
        kind, text = "gb-summary", agreement(verdicts)
    st.html(f'<p class="{kind}">{html.escape(text)}</p>')
    return text


def refused(zoo: Zoo | TextZoo, models: Sequence[str]) -> None:
    """Name each of `models` that may not be used, and why."""
    for name in models:
        if name in zoo.refused:
            reason = t(f"frame.refused.{zoo.refused[name]}")
            st.warning(
                t("frame.refused.model", model=t(f"frame.model.{name}"), reason=reason), icon=":material/gpp_bad:"
            )


def agreement(verdicts: Mapping[str, Verdict]) -> str:
    """One sentence: what the networks agree on, or who says what and how sure each is."""
    by_label: dict[str, list[Verdict]] = {}
    for verdict in verdicts.values():
        by_label.setdefault(verdict.label, []).append(verdict)
    if len(by_label) == 1 and len(verdicts) > 1:
        least = min(verdicts.values(), key=lambda verdict: verdict.confidence)
        return t("frame.agreement.all", label=least.label, name=_name(least), share=formats.percent(least.confidence))
    majority_first = sorted(by_label.items(), key=lambda item: -len(item[1]))
    claims = t("frame.agreement.comma").join(
        t(
            "frame.agreement.claim",
            label=label,
            names=t("frame.agreement.and").join(_member(verdict) for verdict in group),
        )
        for label, group in majority_first
    )
    return t("frame.agreement.disagree" if len(by_label) > 1 else "frame.agreement.one", claims=claims)


def _member(verdict: Verdict) -> str:
    return t("frame.agreement.member", name=_name(verdict), share=formats.percent(verdict.confidence))


def _name(verdict: Verdict) -> str:
    return t(f"frame.model.{verdict.model}")
