"""Section "steadiness": by how much a map changes when the picture hardly does."""

from glassbox.explain.attribution import registry
from glassbox.trust.scoreboard import NetworkExplanations
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show
from glassbox.ui.pages.explainability.estimates import share_interval
from glassbox.ui.pages.explainability.study import Networks, missing_cell, model_names, sample_sizes


def sensitivity_table(networks: Networks) -> None:
    """Draw, for each method (rows) and network (columns), by which share a map changes when the picture hardly does."""
    heads = model_names(networks)

    def cell(method: str, model: str, network: NetworkExplanations) -> Cell:
        if method not in network.methods:
            return missing_cell(method, network)
        change = network.methods[method].sensitivity
        if change is None:
            return Cell("–", said=t("explainability.all_blank", count=network.close), kind="missing")
        said = f"{t(f'frame.method.{method}')}, {model}: {share_interval(change)}"
        return Cell(formats.rough(change.value), said=said, shade=change.value)

    rows: list[Cells] = [
        [
            t(f"frame.method.{method}"),
            *(cell(method, model, network) for model, network in zip(heads, networks.values(), strict=True)),
        ]
        for method in registry.METHODS
    ]
    show(Table(t("explainability.steadiness_caption"), ["", *heads], rows, colour=POSITIVE))


def sensitivity_sentences(networks: Networks) -> list[str]:
    """Return sentences: the map that changes least, the one that changes most, and what a steady map does not prove."""
    changes = [
        (name, method, tested.sensitivity)
        for name, network in networks.items()
        for method, tested in network.methods.items()
        if tested.sensitivity
    ]
    ends = {
        "steadiest": min(changes, key=lambda change: change[2].value),
        "nervous": max(changes, key=lambda change: change[2].value),
    }
    sentences = [
        t(
            f"explainability.{kind}",
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            change=share_interval(change),
        )
        for kind, (name, method, change) in ends.items()
    ]
    counts = {name: network.close for name, network in networks.items()}
    return [*sentences, t("explainability.steadiness_limit", counted=sample_sizes(counts))]
