"""The network that goes on with what was there before: its heads at each step of the training, and which of them do
it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.head_circuits import Head
from glassbox.explain.interventions import HeadAblation
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.text import repetition
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show
from glassbox.ui.components.head_film import Film, FilmChart, FilmCurve, FilmHead, head_film
from glassbox.ui.frame import notices, transformers
from glassbox.ui.pages.circuit import measured, state
from glassbox.ui.pages.circuit.measured import INDUCTION, Heads
from glassbox.ui.pages.circuit.parts import KEYS, PARTS, part
from glassbox.ui.pages.circuit.state import OFF, SAMPLE, SAMPLES, SEQUENCE, STEP, head_name
from glassbox.zoo.transformer_models import TransformerCard


@st.fragment
@notices.unless_damaged()
def section(provider: str) -> None:
    """Draw the box for a sequence, the film of the training, and what holds with heads on and off."""
    card = transformers.zoo().cards[INDUCTION]
    steps = [checkpoint.step for checkpoint in card.checkpoints]
    found = measured.heads(SAMPLE.get() % SAMPLES, provider)
    PARTS.follow(KEYS)
    SEQUENCE.follow_link()
    linked(STEP, lambda text: int(text) if text in map(str, steps) else None)
    linked(OFF, lambda text: state.read_off(text, found.every), state.write_off)
    _box()
    with st.container(key="gb_head_film"):
        head_film(
            _film(card, found, provider),
            step=_step(steps),
            on_step=lambda number: STEP.set(steps[number]),
            on_switched=lambda number: state.switch(found.every[number]),
        )
    part("verify", lambda: _circuit(found))


def _step(steps: list[int]) -> int:
    """Return the number of the step that is shown, the last one at first."""
    step = STEP.get()
    return steps.index(step) if step in steps else len(steps) - 1


def _box() -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.text_input(
            t("circuit.sequence"),
            help=t("circuit.sequence_help", least=state.SHORTEST, most=state.LONGEST),
            key=SEQUENCE.typed.key,
            on_change=SEQUENCE.take,
        )
    with right:
        st.button(
            t("circuit.shuffle"),
            icon=":material/shuffle:",
            on_click=state.shuffle,
            key="circuit_shuffle",
            width="stretch",
        )
    if SEQUENCE.is_wrong:
        st.error(t("circuit.sequence_wrong", least=state.SHORTEST, most=state.LONGEST), icon=":material/error:")
    period = SEQUENCE.taken.get()
    if twice := sorted({letter for letter in period if period.count(letter) > 1}):
        st.caption(t("circuit.twice", letters=t("circuit.comma").join(twice)))


def _film(card: TransformerCard, found: Heads, provider: str) -> Film:
    period = SEQUENCE.taken.get()
    sequence = repetition.repeated(measured.ids(card, tuple(period)))
    read, following = sequence[:-1], sequence[1:]
    guesses, shares, patterns = _read(measured.checkpoints(provider), read, following)
    words = card.vocabulary
    letters, told = len(read), repetition.foreseeable(np.array([len(period)]))[0]
    right = (guesses == following)[:, told].sum(axis=1).tolist()
    steps = [checkpoint.step for checkpoint in card.checkpoints]
    return Film(
        steps=steps,
        letters=[words[token] for token in read],
        following=[words[token] for token in following],
        told=told.tolist(),
        guesses=[[_sign(words[token]) for token in row] for row in guesses.tolist()],
        shares=shares,
        patterns=patterns.reshape(len(steps), len(found.every), letters, letters),
        heads=[_head(found, head) for head in found.every],
        charts=_charts(card, found),
        said=[
            t("circuit.at_step", right=count, count=int(told.sum()), share=formats.measured(step.accuracy))
            for count, step in zip(right, found.steps, strict=True)
        ],
    )


def _sign(token: str) -> str:
    return token if len(token) == 1 else "·"  # padding or unknown, which no sequence holds


def _read(
    readers: Sequence[TransformerReader], read: NDArray[np.int64], following: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]:
    """Return, at each checkpoint, the likeliest letters, the probabilities of the right ones, and the patterns of the
    layers, (steps, layers, heads, T, T), with the heads off that the visitor has switched off."""
    off = [HeadAblation(*head) for head in OFF.get()]
    logits, patterns = [], []
    for reader in readers:
        names = [layer.attention.weights for layer in reader.parts.layers]
        tensors = reader.read_texts(read[None], reader.patched.feeds([off]), [reader.parts.logits, *names])
        logits.append(tensors[reader.parts.logits][0].astype(np.float64))
        patterns.append([tensors[name][0] for name in names])
    scores = np.stack(logits)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    right = powers[:, np.arange(len(following)), following] / powers.sum(axis=-1)
    return scores.argmax(axis=-1), right, np.array(patterns)


def _head(found: Heads, head: Head) -> FilmHead:
    roles = {found.previous: t("circuit.previous_head"), found.induction: t("circuit.induction_head")}
    return FilmHead(
        name=t("circuit.head", name=head_name(head)),
        off=head in OFF.get(),
        role=roles.get(head, ""),
        said=[
            t(
                "circuit.scores",
                own=formats.measured(float(step.own[head[0]][head[1]]), 0),
                previous=formats.measured(step.score("previous_token", head), 0),
                induction=formats.measured(step.score("induction", head), 0),
            )
            for step in found.steps
        ],
    )


def _charts(card: TransformerCard, found: Heads) -> list[FilmChart]:
    nats = np.array([checkpoint.nats for checkpoint in card.checkpoints])

    def curve(name: str, head: Head, colour: str) -> FilmCurve:
        return FilmCurve(
            t(f"circuit.curve_{name}", head=head_name(head)),
            np.array([step.score(name, head) for step in found.steps]),
            colour,
        )

    accuracies = np.array([step.accuracy for step in found.steps])
    scored = [
        curve("previous_token", found.previous, palette.NEGATIVE),
        curve("induction", found.induction, palette.POSITIVE),
        FilmCurve(t("circuit.curve_right"), accuracies, palette.GREY, "5 4"),
    ]
    return [
        FilmChart(
            t("circuit.loss"), [FilmCurve(t("circuit.loss_short"), nats, palette.TREND)], float(np.ceil(nats.max()))
        ),
        FilmChart(t("circuit.shares"), scored, 1.0, share=True),
    ]


def _circuit(found: Heads) -> None:
    """Draw which heads the scores and the attribution propose, and what holds without and with them alone."""
    st.markdown(t("circuit.proposed", **_words(found)))
    show(_attributed(found))
    st.markdown(t("circuit.verified"))
    show(_switched(found))
    proposed = tuple(sorted({found.previous, found.induction}))
    alone, every = found.by_heads[proposed], found.by_heads[found.every]
    st.markdown(t("circuit.enough" if alone >= every - measured.IDLE else "circuit.not_enough", **_words(found)))
    for head in found.idle:
        st.markdown(
            t(
                "circuit.idle",
                head=head_name(head),
                share=formats.measured(found.steps[-1].score("induction", head), 0),
                accuracy=formats.measured(found.without(head)),
            )
        )
    st.button(
        t("circuit.again"),
        icon=":material/refresh:",
        on_click=lambda: SAMPLE.set((SAMPLE.get() + 1) % SAMPLES),
        key="circuit_again",
    )


def _words(found: Heads) -> dict[str, str]:
    last = found.steps[-1]
    proposed = tuple(sorted({found.previous, found.induction}))
    return {
        "previous": head_name(found.previous),
        "previous_share": formats.measured(last.score("previous_token", found.previous), 0),
        "uniform": formats.measured(float(found.uniform.previous_token[0]), 0),
        "induction": head_name(found.induction),
        "direct": formats.number(float(found.direct[found.induction[0]][found.induction[1]])),
        "alone": formats.measured(found.by_heads[proposed]),
        "all": formats.measured(found.by_heads[found.every]),
        "fewest": _listed(found.fewest),
        "fewest_share": formats.measured(found.by_heads[found.fewest]),
    }


def _listed(heads: Sequence[Head]) -> str:
    return t("circuit.comma").join(map(head_name, heads)) or t("circuit.none")


def _attributed(found: Heads) -> Table:
    """What each head looks at and writes, in the trained network."""
    last = found.steps[-1]
    heads = [t(f"circuit.column_{name}") for name in ("head", "own", "previous", "induction", "direct")]
    rows: list[Cells] = []
    for layer, number in found.every:
        looks = [
            last.own[layer][number],
            last.score("previous_token", (layer, number)),
            last.score("induction", (layer, number)),
        ]
        rows.append(
            [
                t("circuit.head", name=head_name((layer, number))),
                *(Cell(formats.measured(float(share), 0), shade=float(share)) for share in looks),
                formats.number(float(found.direct[layer][number])),
            ]
        )
    return Table(t("circuit.attributed"), heads, rows, colour=POSITIVE)


def _switched(found: Heads) -> Table:
    """What share of the letters is foreseen with which heads."""
    proposed = tuple(sorted({found.previous, found.induction}))
    sets = [
        (t("circuit.with_all"), found.every),
        *((t("circuit.without_one", head=head_name(head)), found.others(head)) for head in found.every),
        (t("circuit.only", heads=_listed(proposed)), proposed),
        (t("circuit.fewest", heads=_listed(found.fewest)), found.fewest),
    ]
    if OFF.get():
        sets.append((t("circuit.yours", heads=_listed(OFF.get())), found.others(*OFF.get())))
    rows: list[Cells] = [
        [name, Cell(formats.measured(found.by_heads[on]), bar=found.by_heads[on], kind="wide")] for name, on in sets
    ]
    caption = t("circuit.switched", letters=formats.count(found.letters), sequences=measured.SEQUENCES)
    return Table(caption, [t("circuit.column_heads"), t("circuit.column_right")], rows)
