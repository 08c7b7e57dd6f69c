"""Do explanations hang on what was learned, hold still and agree? The study's checks beside the scoreboard."""

import numpy as np
import streamlit as st

from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import agreement
from glassbox.trust.scoreboard import Estimate, NetworkExplanations
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.dots import Dot, Row, dots
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show
from glassbox.ui.frame.attributions import SIMILAR
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.explainability.scoreboard import (
    Networks,
    absent,
    counted,
    interval,
    model_names,
    own,
    placed,
    share,
    share_interval,
)

LIKENESS = (-0.2, 1.0)
"""The axis of the randomisation check."""
_LIKENESS_KEYS = (("point", "passed"), ("hollow", "failed"), ("whole", "whole"))


# --- Randomisation ----------------------------------------------------------------------------------------------------


def randomised(networks: Networks) -> None:
    """Methods by networks: what is left of the map once every layer is shuffled, over all pixels and over the ink."""
    rows = []
    for method in registry.METHODS:
        cells: list[Dot | Cell] = []
        for name, one in networks.items():
            tested = one.methods.get(method)
            if tested is None:
                cells.append(absent(method, one))
                continue
            whole, ink = tested.randomised.whole[-1], tested.randomised.ink[-1]
            said = t(
                "explainability.randomised_cell",
                method=t(f"frame.method.{method}"),
                model=model_name(name),
                whole=interval(whole),
                ink=interval(ink),
            )
            passed = abs(ink.value) < SIMILAR
            cells.append(Dot(*placed(ink), said, model_colour(name), passed, marks=((whole.value, "whole"),)))
        rows.append(Row(t(f"frame.method.{method}"), tuple(cells)))
    legend = [(kind, t(f"explainability.key_{name}")) for kind, name in _LIKENESS_KEYS]
    dots(t("explainability.randomised_caption"), model_names(networks), rows, LIKENESS, legend)
    counts = {name: one.close for name, one in networks.items()}
    st.caption(t("explainability.randomised_counted", counted=counted(counts)))


def randomised_said(networks: Networks) -> list[str]:
    """How many maps fail, which looks most alike for the wrong reason, which hangs least on what was learned."""
    ends = [
        (name, method, tested.randomised.whole[-1], tested.randomised.ink[-1])
        for name, one in networks.items()
        for method, tested in one.methods.items()
    ]
    failed = sum(abs(ink.value) >= SIMILAR for *_, ink in ends)
    mistaken = sum(abs(whole.value) >= SIMILAR for *_, whole, _ in ends)
    name, method, whole, ink = max(ends, key=lambda end: end[2].value - end[3].value)
    kept_by, kept, _, most = max(ends, key=lambda end: end[3].value)
    return [
        t("explainability.randomised_failed", count=len(ends), failed=failed, mistaken=mistaken),
        t(
            "explainability.randomised_said",
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            whole=hundredths(whole.value),
            ink=hundredths(ink.value),
        ),
        t(
            "explainability.randomised_most",
            method=t(f"frame.method.{kept}"),
            model=model_name(kept_by),
            ink=interval(most),
        ),
    ]


# --- Steadiness ------------------------------------------------------------------------------------------------------


def steadiness(networks: Networks) -> None:
    """Methods by networks: by how much a map changes when the picture hardly does."""
    heads = model_names(networks)

    def cell(name: str, model: str, one: NetworkExplanations) -> Cell:
        if name not in one.methods:
            return absent(name, one)
        change = one.methods[name].sensitivity
        said = f"{t(f'frame.method.{name}')}, {model}: {share_interval(change)}"
        return Cell(share(change.value), said=said, shade=change.value)

    rows: list[Cells] = [
        [t(f"frame.method.{name}"), *(cell(name, *pair) for pair in zip(heads, networks.values(), strict=True))]
        for name in registry.METHODS
    ]
    show(Table(t("explainability.steadiness_caption"), ["", *heads], rows, colour=POSITIVE))


def steadiness_said(networks: Networks) -> list[str]:
    """The steadiest map, the most nervous one, and what steadiness does not prove."""
    found = [(n, m, tested.sensitivity) for n, one in networks.items() for m, tested in one.methods.items()]
    said = []
    for kind, (name, method, change) in (
        ("steadiest", min(found, key=lambda one: one[2].value)),
        ("nervous", max(found, key=lambda one: one[2].value)),
    ):
        words = {
            "method": t(f"frame.method.{method}"),
            "model": model_name(name),
            "change": share_interval(change),
        }
        said.append(t(f"explainability.{kind}", **words))
    counts = {name: one.close for name, one in networks.items()}
    return [*said, t("explainability.steadiness_limit", counted=counted(counts))]


# --- Agreement --------------------------------------------------------------------------------------------------------


def agreements(measured: NetworkExplanations, part: str) -> None:
    """Maps by maps, the edges last: their rank correlation over the `part` "whole" or "ink"."""
    known = (*registry.METHODS, "edges")  # "random" agrees with none, as it should
    places = [i for i, name in enumerate(measured.maps) if name in known]
    names = {i: t(f"frame.method.{measured.maps[i]}") for i in places}
    found = getattr(measured.agreement, part)

    def cell(i: int, j: int) -> str | Cell:
        return "" if i == j else _shaded(found[i][j], f"{names[i]}, {names[j]}")

    rows = [[names[i], *(cell(i, j) for j in places)] for i in places]
    caption = t(f"explainability.agreement_{part}")
    show(Table(caption, ["", *names.values()], rows, colour=POSITIVE, upright=True))


def agreement_said(page: Page, name: str, measured: NetworkExplanations) -> list[str]:
    """How far the methods agree about the ink, who most and who least; on the visitor's picture too if tested."""
    methods = [i for i, one in enumerate(measured.maps) if one in registry.METHODS]
    pairs = [(i, j) for i in methods for j in methods if i < j]
    ink = {(i, j): measured.agreement.ink[i][j].value for i, j in pairs}
    whole = [measured.agreement.whole[i][j].value for i, j in pairs]
    most, least = max(pairs, key=ink.__getitem__), min(pairs, key=ink.__getitem__)
    words = {"model": model_name(name)}
    said = [
        t(
            "explainability.agreement_said",
            ink=hundredths(float(np.mean(list(ink.values())))),
            whole=hundredths(float(np.mean(whole))),
            most=t("frame.agreement.and").join(t(f"frame.method.{measured.maps[i]}") for i in most),
            most_value=hundredths(ink[most]),
            least=t("frame.agreement.and").join(t(f"frame.method.{measured.maps[i]}") for i in least),
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


def cascade(measured: NetworkExplanations) -> None:
    """Methods by layers: what is left of the map over its ink, as one layer after the other is shuffled."""
    names = [t(f"frame.method.{name}") for name in measured.methods]
    layers = [layer.removesuffix("/kernel").replace("/", " ").replace("_", " ") for layer in measured.shuffled]
    rows: list[Cells] = [
        [name, *(_shaded(one, f"{name}, {layer}") for layer, one in zip(layers, tested.randomised.ink, strict=True))]
        for name, tested in zip(names, measured.methods.values(), strict=True)
    ]
    show(Table(t("explainability.cascade"), ["", *layers], rows, colour=POSITIVE, upright=True))


def _shaded(one: Estimate, of: str) -> Cell:
    """A correlation as a shaded cell; `of`: what it is between."""
    return Cell(hundredths(one.value), said=f"{of}: {interval(one)}", shade=one.value)
