"""Why the networks disagree: what speaks for the one label and what for the other, by each network's own numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader, Verdict
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution.methods import Map, integrated_gradients
from glassbox.explain.attribution.zones import zones
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.maps import Row, Tile, maps, symmetric
from glassbox.ui.frame import places, shell
from glassbox.ui.frame.networks import attribution_network, row_reader
from glassbox.zoo.digit_models import Card

STEPS = {False: 200, True: 1000}
"""Of integrated gradients; a recurrent network (True) bends more on the way and is quicker."""
SHARED, OWN = 48, 12
"""Maps kept of samples for all visitors, and of a visitor's own digits in the session: 6 kB each."""
_FOUND: Entry[Results] = declare("read_differences", Kind.RESULTS, {})


@dataclass(frozen=True)
class Difference:
    """Why a network prefers one label to the other. `margin`: the score of the first less that of the second; `map`:
    float64 (28, 28), what each pixel adds to it on the way from an empty sheet.

    `rows`: of a network that reads row by row, what it would have said after each row; else empty.
    """

    map: Map
    margin: float
    rows: tuple[int, ...] = ()


def section(page: shell.Page, verdicts: Mapping[str, Verdict]) -> None:
    """Draw, where the article's networks disagree, what speaks for each of the two labels that most of them read."""
    verdicts = {name: verdicts[name] for name in page.reader.zoo.article if name in verdicts}
    labels = contested(verdicts) if verdicts else None
    if labels is None:
        return
    with st.expander(t("read.differ.title"), icon=":material/compare:", key="gb_differ", on_change="rerun") as opened:
        if opened.open:
            _explain(page, verdicts, labels)


def contested(verdicts: Mapping[str, Verdict]) -> tuple[str, str] | None:
    """Return the two labels that most networks read, the more frequent first, then the surer; None if all agree."""
    weight: dict[str, tuple[int, float]] = {}
    for verdict in verdicts.values():
        count, sure = weight.get(verdict.label, (0, 0.0))
        weight[verdict.label] = (count + 1, max(sure, verdict.confidence))
    first, *others = sorted(weight, key=lambda label: weight[label], reverse=True)
    return (first, others[0]) if others else None


def _explain(page: shell.Page, verdicts: Mapping[str, Verdict], labels: tuple[str, str]) -> None:
    first, second = labels
    digit = page.picture.digit
    st.markdown(t("read.differ.lead", first=first, second=second))
    difference, version = _difference.of(page.picture.everybodys), page.reader.version
    asked = (digit.tobytes(), int(first), int(second), page.reader)
    found = {name: difference(version, name, *asked) for name in verdicts}
    tiles = []
    for name, one in found.items():
        low, high = symmetric(one.map)
        title = f"{model_name(name)}: {verdicts[name].label}"
        tiles.append(Tile(one.map, title, low=low, high=high, colour=model_colour(name), outline=digit))
    maps([Row(tuple(tiles))], key="read_differ_maps")
    cards = page.reader.zoo.cards
    told = {name: f"{sentence(verdicts[name], one, labels)}{_divided(cards[name])}" for name, one in found.items()}
    st.markdown("\n".join(f"- {text}" for text in told.values()))
    _lesson(verdicts, labels)


@kept(_FOUND, shared=SHARED, own=OWN)
def _difference(version: str, model: str, digit: bytes, first: int, second: int, _reader: Reader) -> Difference:
    picture = rescaled(np.frombuffer(digit, np.uint8).reshape(28, 28))
    network = attribution_network(_reader, model)
    rows = _rows(_reader, model, picture)
    found = integrated_gradients(network, picture, first, rival=second, steps=STEPS[bool(rows)])
    scores = network.scores(picture[None])[0]
    return Difference(found.map, float(scores[first] - scores[second]), rows)


def _rows(reader: Reader, model: str, picture: NDArray[np.float32]) -> tuple[int, ...]:
    if model not in reader.zoo.on_page("rnn"):
        return ()
    best = row_reader(reader, model).read(picture).probabilities.argmax(axis=1)
    return tuple(int(label) for label in best)


def sentence(verdict: Verdict, found: Difference, labels: Sequence[str]) -> str:
    """Return why a network reads what it reads: the row that turned it, or the parts of the picture that weigh most."""
    name = model_name(verdict.model)
    ahead, behind = labels if found.margin >= 0 else (labels[1], labels[0])
    scores = {"ahead": ahead, "behind": behind, "margin": formats.number(abs(found.margin))}
    if found.rows:
        return sentences(_by_rows(name, verdict.label, found.rows), t("read.differ.score", **scores))
    ordered = zones(found.map)
    for_, against = (ordered[0], ordered[-1]) if found.margin >= 0 else (ordered[-1], ordered[0])
    one_sided = formats.number(against.amount) == "0" or (against.amount > 0) == (for_.amount > 0)
    return t(
        "read.differ.zones_one_sided" if one_sided else "read.differ.zones",
        model=name,
        **scores,
        best=t(f"read.differ.zone_{for_.row}_{for_.column}"),
        most=formats.number(abs(for_.amount)),
        worst=t(f"read.differ.zone_{against.row}_{against.column}"),
        least=formats.number(abs(against.amount)),
    )


def _divided(card: Card) -> str:
    """Return what stands between the scores of a network and its percentage; "" where that is the softmax alone."""
    temperature = card.calibration.temperature
    return " " + t("read.differ.divided", temperature=formats.temperature(temperature)) if temperature != 1 else ""


def _by_rows(name: str, label: str, rows: Sequence[int]) -> str:
    """Return the row that turned the verdict of a network that reads row by row."""
    turns = [row for row in range(1, len(rows)) if rows[row] != rows[row - 1]]
    if not turns:
        return t("read.differ.rows_always", model=name, label=label)
    last = turns[-1]
    began = next(reversed(turns[:-1]), 0)
    return t(
        "read.differ.rows_one" if last - began == 1 else "read.differ.rows",
        model=name,
        before=rows[last - 1],
        since=began + 1,
        row=last,
        next=last + 1,
        label=label,
    )


def _lesson(verdicts: Mapping[str, Verdict], labels: tuple[str, str]) -> None:
    """Draw a link to where the least sure network that reads the rarer label can be taught the other one."""
    place = places.PLACES.get("backprop")
    apart = [verdict for verdict in verdicts.values() if verdict.label == labels[1]]
    if place is None or not apart:
        return
    model = min(apart, key=lambda verdict: verdict.confidence).model
    st.page_link(
        place.file,
        label=t("read.differ.teach", model=model_name(model), label=labels[0]),
        icon=place.icon,
        query_params=shell.link_parameters() | {"model": model, "label": labels[0]},
    )
