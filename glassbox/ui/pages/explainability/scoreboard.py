"""The study of explanations as tables and sentences, and the visitor's own picture among them."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.explain.attribution import registry
from glassbox.explain.attribution.methods import STEPS
from glassbox.trust import scoreboard
from glassbox.trust.scoreboard import Estimate, ExplanationStudy, NetworkExplanations
from glassbox.ui.base import formats
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.dots import Dot, Row, dots
from glassbox.ui.charts.tables import Cell, table
from glassbox.ui.frame import attributions
from glassbox.ui.frame.attributions import Compared
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Zoo

SCORES = (-0.2, 1.0)
"""The axis of the scoreboard."""
_TESTED = declare("explainability_tested", Kind.DIGIT, "")
"""The digit that the visitor asked to have scored."""
_SIGNS = {"better": "✓", "edges": "", "chance": "✕"}

Networks = Mapping[str, NetworkExplanations]


@st.cache_resource(max_entries=1, show_spinner=False)
def record() -> ExplanationStudy | None:
    """The committed record, read once for all visitors; None, with the reason in the log, if it can't be used."""
    return scoreboard.load_or_none()


def networks(record: ExplanationStudy | None, zoo: Zoo) -> Networks:
    """The networks of the record that are the zoo's own; says which are not, or that there is no record."""
    if record is None:
        st.warning(t("explainability.missing"), icon=":material/help:")
        return {}
    found = scoreboard.of_zoo(record, zoo)
    if stale := [name for name in zoo.cards if name not in found]:
        words = t("explainability.listed").join(model_name(name) for name in stale)
        st.warning(t("explainability.stale", models=words), icon=":material/help:")
    return found


# --- The visitor's own picture ----------------------------------------------------------------------------------------


def own(page: Page, networks: Networks) -> dict[str, Compared]:
    """The scores of the visitor's picture, each network explaining what it reads itself; empty until asked for."""
    if _TESTED.get() != page.picture.link:
        return {}
    read = page.reader.read(page.picture.digit, list(networks))
    return {name: attributions.compare(page, [name], int(one.label))[name] for name, one in read.items()}


def ask(page: Page) -> None:
    """Offer to score the visitor's picture too, from now on and until it changes."""

    def asked() -> None:
        _TESTED.set(page.picture.link)

    st.button(t("explainability.ask"), key="explainability_ask", icon=":material/science:", on_click=asked)


def said_of_own(mine: Mapping[str, Compared], networks: Networks) -> str:
    """How many explanations of the visitor's picture beat both baselines, beside what the test digits let expect."""
    verdicts = [registry.verdict(scored, one.baselines) for one in mine.values() for scored in one.found.values()]
    expected = sum(tested.better.value for name in mine for tested in networks[name].methods.values())
    model, best = max(((name, one.best) for name, one in mine.items()), key=lambda pair: pair[1].faithfulness)
    return t(
        "explainability.own",
        beat=verdicts.count("better"),
        count=len(verdicts),
        expected=f"{expected:.0f}",
        method=t(f"frame.method.{best.name}"),
        model=model_name(model),
        score=hundredths(best.faithfulness),
    )


# --- Faithfulness -----------------------------------------------------------------------------------------------------


def scores(networks: Networks, mine: Mapping[str, Compared]) -> None:
    """Methods by networks: the mean score with its interval, the baselines, and the visitor's own."""
    rows = [
        Row(
            t(f"frame.method.{method}"),
            tuple(_score(name, method, one, mine.get(name)) for name, one in networks.items()),
        )
        for method in registry.METHODS
    ]
    legend = [(kind, t(f"explainability.key_{kind}")) for kind in ("point", "hollow", "band", "edges", "random")]
    if mine:
        legend.append(("yours", t("explainability.key_yours")))
    dots(t("explainability.scores_caption"), model_names(networks), rows, SCORES, legend)
    counts = {name: one.baselines["edges"].score.count for name, one in networks.items()}
    st.caption(t("explainability.scores_counted", counted=counted(counts)))


def _score(name: str, method: str, measured: NetworkExplanations, mine: Compared | None) -> Dot | Cell:
    tested = measured.methods.get(method)
    if tested is None:
        return absent(method, measured)
    yours = mine.found[method].faithfulness if mine else None
    words = {
        "method": t(f"frame.method.{method}"),
        "model": model_name(name),
        "verdict": t(f"frame.faithfulness.verdict_{tested.verdict}"),
        **{baseline: hundredths(one.score.value) for baseline, one in measured.baselines.items()},
    }
    said = t("explainability.score_said", score=interval(tested.score), **words)
    return Dot(
        *placed(tested.score),
        said if yours is None else t("explainability.score_own", said=said, yours=hundredths(yours)),
        model_colour(name),
        tested.verdict == "better",
        tested.spread,
        tuple((one.score.value, baseline) for baseline, one in measured.baselines.items()),
        yours,
        _SIGNS[tested.verdict],
    )


def scores_said(networks: Networks) -> list[str]:
    """What the scoreboard says, in sentences drawn from its numbers."""
    pairs = [(name, method, tested) for name, one in networks.items() for method, tested in one.methods.items()]
    beating = [pair for pair in pairs if pair[2].verdict == "better"]
    name, method, best = max(pairs, key=lambda pair: pair[2].score.value)
    said = [
        t(
            "explainability.scores_said",
            beat=len(beating),
            count=len(pairs),
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            score=interval(best.score),
        )
    ]
    wins = {one: sum(pair[1] == one for pair in beating) for one in registry.METHODS}
    asked = {one: sum(pair[1] == one for pair in pairs) for one in registry.METHODS}
    groups = {
        "never": [one for one in wins if asked[one] and not wins[one]],
        "always": [one for one in wins if asked[one] and wins[one] == asked[one]],
    }
    for kind, methods in groups.items():
        if methods:
            said.append(t(f"explainability.scores_{kind}", methods=_methods(methods)))
    return said


# --- Completeness -----------------------------------------------------------------------------------------------------


def completeness(networks: Networks, mine: Mapping[str, Compared]) -> None:
    """Networks by methods: what the sums of maps miss of the difference that they should explain."""
    numbers = sorted({STEPS} | {tried.steps for one in networks.values() for tried in one.steps})
    heads = [
        t("frame.method.gradient_times_input"),
        *(t("explainability.missed_steps", steps=number) for number in numbers),
    ]
    if mine:
        heads.append(t("explainability.missed_own", steps=STEPS))
    rows = []
    for name, one in networks.items():
        by_steps = {tried.steps: tried.missed for tried in one.steps}
        by_steps[STEPS] = one.methods["integrated_gradients"].missed or by_steps[STEPS]  # on more pictures
        found = [one.methods["gradient_times_input"].missed, *(by_steps.get(number) for number in numbers)]
        cells = [share_interval(missed) if missed else "–" for missed in found]
        if mine:
            own = mine[name].found["integrated_gradients"].missed
            cells.append("–" if own is None else share(own))
        rows.append([model_name(name), *cells])
    st.markdown(f"**{t('explainability.missed_caption')}**")
    table(t("explainability.missed_caption"), [t("explainability.column_network"), *heads], rows, show_caption=False)
    many = {name: one.baselines["edges"].score.count for name, one in networks.items()}
    few = {name: one.steps[0].missed.count for name, one in networks.items()}
    st.caption(t("explainability.missed_counted", steps=STEPS, many=counted(many), few=counted(few)))


def completeness_said(networks: Networks) -> str:
    """How well the sums keep what integrated gradients promise, and what gradient x input does not."""

    def ends(method: str) -> list[tuple[str, float]]:
        found = [(name, one.methods[method].missed) for name, one in networks.items()]
        return sorted(((name, one.value) for name, one in found if one), key=lambda pair: pair[1])

    whole, linear = ends("integrated_gradients"), ends("gradient_times_input")
    return t(
        "explainability.missed_said",
        steps=STEPS,
        best=model_name(whole[0][0]),
        least=share(whole[0][1]),
        worst=model_name(whole[-1][0]),
        most=share(whole[-1][1]),
        linear_least=share(linear[0][1]),
        linear_most=share(linear[-1][1]),
    )


def absent(method: str, measured: NetworkExplanations) -> Cell:
    """The cell of a method that has no numbers: it does not apply to the network, or came after the study."""
    if method in measured.inapplicable:
        return Cell("–", said=t("explainability.inapplicable"), kind="missing")
    return Cell(t("explainability.not_measured"), said=t("explainability.not_measured_help"), kind="missing")


# --- Words -----------------------------------------------------------------------------------------------------------


def counted(counts: Mapping[str, int]) -> str:
    """The number of test digits, and of those networks that had fewer."""
    most = max(counts.values())
    said = t("explainability.counted", count=most)
    fewer = [t("explainability.fewer", model=model_name(name), count=n) for name, n in counts.items() if n < most]
    return said + t("explainability.but", fewer=t("explainability.listed").join(fewer)) if fewer else said


def placed(one: Estimate) -> tuple[float, float, float, str]:
    """The first parts of a Dot: value, interval and text."""
    return one.value, one.low, one.high, hundredths(one.value)


def model_names(networks: Networks) -> list[str]:
    """The networks as the visitor reads them."""
    return [model_name(name) for name in networks]


def _methods(names: Sequence[str]) -> str:
    return t("explainability.listed").join(t(f"frame.method.{name}") for name in names)


def interval(one: Estimate) -> str:
    """'0.71 (0.68 to 0.73)'"""
    return t("explainability.interval", value=hundredths(one.value), low=hundredths(one.low), high=hundredths(one.high))


def share_interval(one: Estimate) -> str:
    """'3.5 % (2.7–5.1)'"""
    return f"{share(one.value)} ({_percent(one.low)}–{_percent(one.high)})"


def share(value: float) -> str:
    """'12 %', '3.5 %', '0.02 %', '<0.01 %'"""
    return f"{_percent(value)}{formats.NO_BREAK}%"


def _percent(value: float) -> str:
    """Per cent without its sign: two digits that count, and never a bare 0."""
    percent = 100 * value
    if percent < 0.005:
        return "<0.01"
    return f"{percent:.{0 if percent >= 10 else 1 if percent >= 0.1 else 2}f}"
