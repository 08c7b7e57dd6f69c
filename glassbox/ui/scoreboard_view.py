"""The study of explanations as tables and sentences, and the visitor's own picture among them."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from glassbox.explain import comparison
from glassbox.explain.faithfulness import agreement
from glassbox.trust import scoreboard
from glassbox.trust.scoreboard import Estimate, Measured, Record
from glassbox.ui import explain_view, matrix, style
from glassbox.ui.dots import Dot, dots
from glassbox.ui.explain_view import Compared
from glassbox.ui.i18n import t
from glassbox.ui.matrix import Cell
from glassbox.ui.shell import Page
from glassbox.ui.table import table
from glassbox.zoo import Zoo

SCORES, LIKENESS = (-0.2, 1.0), (-0.2, 1.0)
"""The axes of the scoreboard and of the randomisation check."""
_LIKENESS_KEYS = (("point", "passed"), ("hollow", "failed"), ("whole", "whole"))
_SIGNS = {"better": "✓", "edges": "", "chance": "✗"}

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
    """From now on the visitor's picture is scored too, until it changes."""
    st.session_state["explainability_tested"] = page.picture.link


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
        score=_two(best.faithfulness),
    )


# --- Faithfulness -----------------------------------------------------------------------------------------------------


def scores(networks: Networks, mine: Mapping[str, Compared], count: int) -> None:
    """Methods by networks: the mean score with its interval, the rivals, and the visitor's own."""
    rows = [
        (t(f"method.{method}"), [_score(name, method, one, mine.get(name)) for name, one in networks.items()])
        for method in comparison.METHODS
    ]
    legend = [(kind, t(f"explainability.key_{kind}")) for kind in ("point", "hollow", "band", "edges", "random")]
    if mine:
        legend.append(("yours", t("explainability.key_yours")))
    dots(t("explainability.scores_caption", count=count), _heads(networks), rows, SCORES, legend)


def _score(name: str, method: str, measured: Measured, mine: Compared | None) -> Dot | None:
    tested = measured.methods.get(method)
    if tested is None:
        return None
    yours = mine.found[method].faithfulness if mine else None
    words = {
        "method": t(f"method.{method}"),
        "model": t(f"model.{name}"),
        "verdict": t(f"explain.verdict_{tested.verdict}"),
        **{rival: _two(one.score.value) for rival, one in measured.rivals.items()},
    }
    said = t("explainability.score_said", score=_interval(tested.score), **words)
    return Dot(
        tested.score,
        said if yours is None else t("explainability.score_own", said=said, yours=_two(yours)),
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
    count = next(one.methods["saliency"].sensitivity.count for one in networks.values())
    dots(t("explainability.randomised_caption", count=count), _heads(networks), rows, LIKENESS, legend)


def randomised_said(networks: Networks) -> str:
    """The map that looks most alike for the wrong reason, and the one that hangs least on what was learned."""
    ends = [
        (name, method, tested.randomised.whole[-1], tested.randomised.ink[-1])
        for name, one in networks.items()
        for method, tested in one.methods.items()
    ]
    name, method, whole, ink = max(ends, key=lambda end: end[2].value - end[3].value)
    kept_by, kept, _, most = max(ends, key=lambda end: end[3].value)
    return t(
        "explainability.randomised_said",
        method=t(f"method.{method}"),
        model=t(f"model.{name}"),
        whole=_two(whole.value),
        ink=_two(ink.value),
        kept=t(f"method.{kept}"),
        kept_model=t(f"model.{kept_by}"),
        most=_interval(most),
    )


# --- Completeness -----------------------------------------------------------------------------------------------------


def completeness(networks: Networks, mine: Mapping[str, Compared]) -> None:
    """What the sums of maps miss of the difference that they should explain, by network."""
    rows = []
    for method in ("gradient_times_input", "integrated_gradients"):
        found = [one.methods[method].missed for one in networks.values()]
        rows.append([t(f"explainability.missed_{method}"), *(_missed(one) if one else "–" for one in found)])
    numbers = sorted({one.steps for measured in networks.values() for one in measured.steps})
    for steps in numbers:
        by_name = [next((s.missed for s in one.steps if s.steps == steps), None) for one in networks.values()]
        rows.append([t("explainability.missed_steps", steps=steps), *(_missed(one) if one else "–" for one in by_name)])
    if mine:
        missed = [mine[name].found["integrated_gradients"].missed if name in mine else None for name in networks]
        rows.append([t("explainability.missed_own"), *("–" if one is None else _share(one) for one in missed)])
    table(t("explainability.missed_caption"), ["", *_heads(networks)], rows)


def completeness_said(networks: Networks) -> str:
    """How well the sums keep what integrated gradients promise, and what gradient x input does not."""

    def ends(method: str) -> list[tuple[str, float]]:
        found = [(name, one.methods[method].missed) for name, one in networks.items()]
        return sorted(((name, one.value) for name, one in found if one), key=lambda pair: pair[1])

    whole, linear = ends("integrated_gradients"), ends("gradient_times_input")
    return t(
        "explainability.missed_said",
        best=t(f"model.{whole[0][0]}"),
        least=_share(whole[0][1]),
        worst=t(f"model.{whole[-1][0]}"),
        most=_share(whole[-1][1]),
        linear_least=_share(linear[0][1]),
        linear_most=_share(linear[-1][1]),
    )


# --- Agreement --------------------------------------------------------------------------------------------------------


def agreements(measured: Measured, part: str) -> None:
    """Maps by maps, the rivals last: their rank correlation over the `part` "whole" or "ink"."""
    names = [t(f"method.{name}") for name in measured.maps]
    cells = [
        [
            Cell("") if i == j else Cell(_two(one.value), one.value, f"{names[i]}, {names[j]}: {_interval(one)}")
            for j, one in enumerate(row)
        ]
        for i, row in enumerate(getattr(measured.agreement, part))
    ]
    matrix.matrix(t(f"explainability.agreement_{part}"), names, names, cells, upright=True)


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
            ink=_two(float(np.mean(list(ink.values())))),
            whole=_two(float(np.mean(whole))),
            most=t("agreement.and").join(t(f"method.{measured.maps[i]}") for i in most),
            most_value=_two(ink[most]),
            least=t("agreement.and").join(t(f"method.{measured.maps[i]}") for i in least),
            least_value=_two(ink[least]),
            **words,
        )
    ]
    if one := own(page, {name: measured}).get(name):
        maps = np.stack([scored.map for scored in one.found.values()])
        found = agreement(maps[:, page.picture.digit > 0])
        value = _two(float(found[np.triu_indices(len(found), 1)].mean()))
        said.append(t("explainability.agreement_own", value=value, **words))
    return said


def cascade(measured: Measured) -> None:
    """Methods by layers: what is left of the map over its ink, as one layer after the other is shuffled."""
    names = [t(f"method.{name}") for name in measured.methods]
    layers = [layer.replace("/", " ").replace("_", " ") for layer in measured.shuffled]
    cells = [
        [
            Cell(_two(one.value), one.value, f"{names[i]}, {layer}: {_interval(one)}")
            for layer, one in zip(layers, tested.randomised.ink, strict=True)
        ]
        for i, tested in enumerate(measured.methods.values())
    ]
    matrix.matrix(t("explainability.cascade"), names, layers, cells, upright=True)


def _heads(networks: Networks) -> list[str]:
    return [t(f"model.{name}") for name in networks]


def _methods(names: Sequence[str]) -> str:
    return t("explainability.listed").join(t(f"method.{name}") for name in names)


def _interval(one: Estimate) -> str:
    return t("explainability.interval", value=_two(one.value), low=_two(one.low), high=_two(one.high))


def _missed(one: Estimate) -> str:
    return t("explainability.interval", value=_share(one.value), low=_share(one.low), high=_share(one.high))


def _share(value: float) -> str:
    return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}" if value >= 0.001 else f"{value:.2%}"


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
