"""The study of explanations as tables and sentences, and the visitor's own picture among them."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from glassbox.explain import comparison
from glassbox.explain.attribution import STEPS
from glassbox.explain.faithfulness import agreement
from glassbox.trust import scoreboard
from glassbox.trust.scoreboard import Estimate, Measured, Record
from glassbox.ui import explain_view, formats, matrix, style
from glassbox.ui.dots import Dot, dots
from glassbox.ui.explain_view import Compared
from glassbox.ui.formats import hundredths
from glassbox.ui.i18n import t
from glassbox.ui.matrix import Cell
from glassbox.ui.shell import Page
from glassbox.ui.table import table
from glassbox.zoo import Zoo

SCORES, LIKENESS = (-0.2, 1.0), (-0.2, 1.0)
"""The axes of the scoreboard and of the randomisation check."""
_LIKENESS_KEYS = (("point", "passed"), ("hollow", "failed"), ("whole", "whole"))
_SIGNS = {"better": "✓", "edges": "", "chance": "✕"}

Networks = Mapping[str, Measured]


@st.cache_resource(max_entries=1, show_spinner=False)
def record() -> Record | None:
    """The committed record, read once for all visitors; None, with the reason in the log, if it can't be used."""
    return scoreboard.load_or_none()


def networks(record: Record | None, zoo: Zoo) -> Networks:
    """The networks of the record that are the zoo's own; says which are not, or that there is no record."""
    if record is None:
        st.warning(t("explainability.missing"), icon=":material/help:")
        return {}
    found = scoreboard.of_zoo(record, zoo)
    if stale := [name for name in zoo.cards if name not in found]:
        words = t("explainability.listed").join(t(f"model.{name}") for name in stale)
        st.warning(t("explainability.stale", models=words), icon=":material/help:")
    return found


# --- The visitor's own picture ----------------------------------------------------------------------------------------


def own(page: Page, networks: Networks) -> dict[str, Compared]:
    """The scores of the visitor's picture, each network explaining what it reads itself; empty until asked for."""
    if st.session_state.get("explainability_tested") != page.picture.link:
        return {}
    read = page.reader.read(page.picture.digit, list(networks))
    return {name: explain_view.compare(page, [name], int(one.label))[name] for name, one in read.items()}


def ask(page: Page) -> None:
    """Offer to score the visitor's picture too, from now on and until it changes."""

    def asked() -> None:
        st.session_state["explainability_tested"] = page.picture.link

    st.button(t("explainability.ask"), key="explainability_ask", icon=":material/science:", on_click=asked)


def said_of_own(mine: Mapping[str, Compared], networks: Networks) -> str:
    """How many explanations of the visitor's picture beat both rivals, beside what the test digits let expect."""
    verdicts = [comparison.verdict(scored, one.rivals) for one in mine.values() for scored in one.found.values()]
    expected = sum(tested.better.value for name in mine for tested in networks[name].methods.values())
    model, best = max(((name, one.best) for name, one in mine.items()), key=lambda pair: pair[1].faithfulness)
    return t(
        "explainability.own",
        beat=verdicts.count("better"),
        count=len(verdicts),
        expected=f"{expected:.0f}",
        method=t(f"method.{best.name}"),
        model=t(f"model.{model}"),
        score=hundredths(best.faithfulness),
    )


# --- Faithfulness -----------------------------------------------------------------------------------------------------


def scores(networks: Networks, mine: Mapping[str, Compared]) -> None:
    """Methods by networks: the mean score with its interval, the rivals, and the visitor's own."""
    rows = [
        (t(f"method.{method}"), [_score(name, method, one, mine.get(name)) for name, one in networks.items()])
        for method in comparison.METHODS
    ]
    legend = [(kind, t(f"explainability.key_{kind}")) for kind in ("point", "hollow", "band", "edges", "random")]
    if mine:
        legend.append(("yours", t("explainability.key_yours")))
    dots(t("explainability.scores_caption"), _heads(networks), rows, SCORES, legend)
    counts = {name: one.rivals["edges"].score.count for name, one in networks.items()}
    st.caption(t("explainability.scores_counted", counted=_counted(counts)))


def _score(name: str, method: str, measured: Measured, mine: Compared | None) -> Dot | None:
    tested = measured.methods.get(method)
    if tested is None:
        return None
    yours = mine.found[method].faithfulness if mine else None
    words = {
        "method": t(f"method.{method}"),
        "model": t(f"model.{name}"),
        "verdict": t(f"explain.verdict_{tested.verdict}"),
        **{rival: hundredths(one.score.value) for rival, one in measured.rivals.items()},
    }
    said = t("explainability.score_said", score=_interval(tested.score), **words)
    return Dot(
        tested.score,
        said if yours is None else t("explainability.score_own", said=said, yours=hundredths(yours)),
        style.COLOURS[name],
        tested.verdict == "better",
        tested.spread,
        tuple((one.score.value, rival) for rival, one in measured.rivals.items()),
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
            method=t(f"method.{method}"),
            model=t(f"model.{name}"),
            score=_interval(best.score),
        )
    ]
    wins = {one: sum(pair[1] == one for pair in beating) for one in comparison.METHODS}
    asked = {one: sum(pair[1] == one for pair in pairs) for one in comparison.METHODS}
    groups = {
        "never": [one for one in wins if asked[one] and not wins[one]],
        "always": [one for one in wins if asked[one] and wins[one] == asked[one]],
    }
    for kind, methods in groups.items():
        if methods:
            said.append(t(f"explainability.scores_{kind}", methods=_methods(methods)))
    return said


# --- Randomisation ----------------------------------------------------------------------------------------------------


def randomised(networks: Networks) -> None:
    """Methods by networks: what is left of the map once every layer is shuffled, over all pixels and over the ink."""
    rows = []
    for method in comparison.METHODS:
        cells: list[Dot | None] = []
        for name, one in networks.items():
            tested = one.methods.get(method)
            if tested is None:
                cells.append(None)
                continue
            whole, ink = tested.randomised.whole[-1], tested.randomised.ink[-1]
            said = t(
                "explainability.randomised_cell",
                method=t(f"method.{method}"),
                model=t(f"model.{name}"),
                whole=_interval(whole),
                ink=_interval(ink),
            )
            passed = abs(ink.value) < explain_view.ALIKE
            cells.append(Dot(ink, said, style.COLOURS[name], passed, marks=((whole.value, "whole"),)))
        rows.append((t(f"method.{method}"), cells))
    legend = [(kind, t(f"explainability.key_{name}")) for kind, name in _LIKENESS_KEYS]
    dots(t("explainability.randomised_caption"), _heads(networks), rows, LIKENESS, legend)
    counts = {name: one.methods["saliency"].sensitivity.count for name, one in networks.items()}
    st.caption(t("explainability.randomised_counted", counted=_counted(counts)))


def randomised_said(networks: Networks) -> list[str]:
    """How many maps fail, which looks most alike for the wrong reason, which hangs least on what was learned."""
    ends = [
        (name, method, tested.randomised.whole[-1], tested.randomised.ink[-1])
        for name, one in networks.items()
        for method, tested in one.methods.items()
    ]
    failed = sum(abs(ink.value) >= explain_view.ALIKE for *_, ink in ends)
    mistaken = sum(abs(whole.value) >= explain_view.ALIKE for *_, whole, _ in ends)
    name, method, whole, ink = max(ends, key=lambda end: end[2].value - end[3].value)
    kept_by, kept, _, most = max(ends, key=lambda end: end[3].value)
    return [
        t("explainability.randomised_failed", count=len(ends), failed=failed, mistaken=mistaken),
        t(
            "explainability.randomised_said",
            method=t(f"method.{method}"),
            model=t(f"model.{name}"),
            whole=hundredths(whole.value),
            ink=hundredths(ink.value),
        ),
        t(
            "explainability.randomised_most",
            method=t(f"method.{kept}"),
            model=t(f"model.{kept_by}"),
            ink=_interval(most),
        ),
    ]


# --- Completeness -----------------------------------------------------------------------------------------------------


def completeness(networks: Networks, mine: Mapping[str, Compared]) -> None:
    """Networks by methods: what the sums of maps miss of the difference that they should explain."""
    numbers = sorted({STEPS} | {tried.steps for one in networks.values() for tried in one.steps})
    heads = [t("method.gradient_times_input"), *(t("explainability.missed_steps", steps=number) for number in numbers)]
    if mine:
        heads.append(t("explainability.missed_own", steps=STEPS))
    rows = []
    for name, one in networks.items():
        by_steps = {tried.steps: tried.missed for tried in one.steps}
        by_steps[STEPS] = one.methods["integrated_gradients"].missed or by_steps[STEPS]  # on more pictures
        found = [one.methods["gradient_times_input"].missed, *(by_steps.get(number) for number in numbers)]
        cells = [_missed(missed) if missed else "–" for missed in found]
        if mine:
            own = mine[name].found["integrated_gradients"].missed
            cells.append("–" if own is None else _share(own))
        rows.append([t(f"model.{name}"), *cells])
    st.markdown(f"**{t('explainability.missed_caption')}**")
    table(t("explainability.missed_caption"), [t("explainability.column_network"), *heads], rows, show_caption=False)
    many = {name: one.rivals["edges"].score.count for name, one in networks.items()}
    few = {name: one.steps[0].missed.count for name, one in networks.items()}
    st.caption(t("explainability.missed_counted", steps=STEPS, many=_counted(many), few=_counted(few)))


def completeness_said(networks: Networks) -> str:
    """How well the sums keep what integrated gradients promise, and what gradient x input does not."""

    def ends(method: str) -> list[tuple[str, float]]:
        found = [(name, one.methods[method].missed) for name, one in networks.items()]
        return sorted(((name, one.value) for name, one in found if one), key=lambda pair: pair[1])

    whole, linear = ends("integrated_gradients"), ends("gradient_times_input")
    return t(
        "explainability.missed_said",
        steps=STEPS,
        best=t(f"model.{whole[0][0]}"),
        least=_share(whole[0][1]),
        worst=t(f"model.{whole[-1][0]}"),
        most=_share(whole[-1][1]),
        linear_least=_share(linear[0][1]),
        linear_most=_share(linear[-1][1]),
    )


# --- Steadiness ------------------------------------------------------------------------------------------------------


def steadiness(networks: Networks) -> None:
    """Methods by networks: by how much a map changes when the picture hardly does."""
    names = [name for name in comparison.METHODS if any(name in one.methods for one in networks.values())]
    heads, cells = _heads(networks), []
    for name in names:
        row = []
        for model, one in zip(heads, networks.values(), strict=True):
            if name not in one.methods:
                row.append(Cell("–", said=t("dots.none")))
                continue
            change = one.methods[name].sensitivity
            row.append(Cell(_share(change.value), change.value, f"{t(f'method.{name}')}, {model}: {_missed(change)}"))
        cells.append(row)
    matrix.matrix(t("explainability.steadiness_caption"), [t(f"method.{name}") for name in names], heads, cells)


def steadiness_said(networks: Networks) -> list[str]:
    """The steadiest map, the most nervous one, and what steadiness does not prove."""
    found = [(n, m, tested.sensitivity) for n, one in networks.items() for m, tested in one.methods.items()]
    said = []
    for kind, (name, method, change) in (
        ("steadiest", min(found, key=lambda one: one[2].value)),
        ("nervous", max(found, key=lambda one: one[2].value)),
    ):
        words = {"method": t(f"method.{method}"), "model": t(f"model.{name}"), "change": _missed(change)}
        said.append(t(f"explainability.{kind}", **words))
    counts = {name: one.methods["saliency"].sensitivity.count for name, one in networks.items()}
    return [*said, t("explainability.steadiness_limit", counted=_counted(counts))]


# --- Agreement --------------------------------------------------------------------------------------------------------


def agreements(measured: Measured, part: str) -> None:
    """Maps by maps, the edges last: their rank correlation over the `part` "whole" or "ink"."""
    places = [i for i, name in enumerate(measured.maps) if name != "random"]  # which agrees with none, as it should
    names = {i: t(f"method.{measured.maps[i]}") for i in places}
    found = getattr(measured.agreement, part)
    cells = [
        [
            Cell("")
            if i == j
            else Cell(
                hundredths(found[i][j].value), found[i][j].value, f"{names[i]}, {names[j]}: {_interval(found[i][j])}"
            )
            for j in places
        ]
        for i in places
    ]
    words = list(names.values())
    matrix.matrix(t(f"explainability.agreement_{part}"), words, words, cells, upright=True)


def agreement_said(page: Page, name: str, measured: Measured) -> list[str]:
    """How far the methods agree about the ink, who most and who least; on the visitor's picture too if tested."""
    methods = [i for i, one in enumerate(measured.maps) if one in comparison.METHODS]
    pairs = [(i, j) for i in methods for j in methods if i < j]
    ink = {(i, j): measured.agreement.ink[i][j].value for i, j in pairs}
    whole = [measured.agreement.whole[i][j].value for i, j in pairs]
    most, least = max(pairs, key=ink.__getitem__), min(pairs, key=ink.__getitem__)
    words = {"model": t(f"model.{name}")}
    said = [
        t(
            "explainability.agreement_said",
            ink=hundredths(float(np.mean(list(ink.values())))),
            whole=hundredths(float(np.mean(whole))),
            most=t("agreement.and").join(t(f"method.{measured.maps[i]}") for i in most),
            most_value=hundredths(ink[most]),
            least=t("agreement.and").join(t(f"method.{measured.maps[i]}") for i in least),
            least_value=hundredths(ink[least]),
            **words,
        )
    ]
    if one := own(page, {name: measured}).get(name):
        maps = np.stack([scored.map for scored in one.found.values()])
        found = agreement(maps[:, page.picture.digit > 0])
        value = hundredths(float(found[np.triu_indices(len(found), 1)].mean()))
        said.append(t("explainability.agreement_own", value=value, **words))
    return said


def cascade(measured: Measured) -> None:
    """Methods by layers: what is left of the map over its ink, as one layer after the other is shuffled."""
    names = [t(f"method.{name}") for name in measured.methods]
    layers = [layer.removesuffix("/kernel").replace("/", " ").replace("_", " ") for layer in measured.shuffled]
    cells = [
        [
            Cell(hundredths(one.value), one.value, f"{names[i]}, {layer}: {_interval(one)}")
            for layer, one in zip(layers, tested.randomised.ink, strict=True)
        ]
        for i, tested in enumerate(measured.methods.values())
    ]
    matrix.matrix(t("explainability.cascade"), names, layers, cells, upright=True)


def _counted(counts: Mapping[str, int]) -> str:
    """The number of test digits, and of those networks that had fewer."""
    most = max(counts.values())
    said = t("explainability.counted", count=most)
    fewer = [t("explainability.fewer", model=t(f"model.{name}"), count=n) for name, n in counts.items() if n < most]
    return said + t("explainability.but", fewer=t("explainability.listed").join(fewer)) if fewer else said


def _heads(networks: Networks) -> list[str]:
    return [t(f"model.{name}") for name in networks]


def _methods(names: Sequence[str]) -> str:
    return t("explainability.listed").join(t(f"method.{name}") for name in names)


def _interval(one: Estimate) -> str:
    return t("explainability.interval", value=hundredths(one.value), low=hundredths(one.low), high=hundredths(one.high))


def _missed(one: Estimate) -> str:
    return f"{_share(one.value)} ({_percent(one.low)}–{_percent(one.high)})"


def _share(value: float) -> str:
    return f"{_percent(value)}{formats.NO_BREAK}%"


def _percent(value: float) -> str:
    """Percent without its sign: two digits that count, and never a bare 0."""
    share = 100 * value
    return (
        f"{share:.0f}"
        if share >= 10
        else f"{share:.1f}"
        if share >= 0.1
        else f"{share:.2f}"
        if share >= 0.005
        else "<0.01"
    )
