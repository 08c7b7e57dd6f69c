"""The network that adds: what each head reads at a digit, what moves the carry, and what its parts are needed for."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from glassbox.explain.activation_patching import Moved
from glassbox.explain.carrying import Digits
from glassbox.explain.interventions import HeadAblation, Intervention
from glassbox.text import sums
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import bound
from glassbox.ui.charts.tables import POSITIVE, Cell, Cells, Table, show
from glassbox.ui.frame import notices, transformers
from glassbox.ui.pages.circuit import measured, state
from glassbox.ui.pages.circuit.measured import ADDITION
from glassbox.ui.pages.circuit.parts import KEYS, PARTS, part
from glassbox.ui.pages.circuit.state import PLACE, SUM, head_name

PLACES = tuple(str(place) for place in range(sums.DIGITS + 1))


@st.fragment
@notices.unless_damaged()
def section(provider: str) -> None:
    """Draw the sum, what each head reads at the chosen digit, where the carry passes through, what each part does."""
    PARTS.follow(KEYS)
    SUM.follow_link()
    linked(PLACE, state.read_place)
    left, right = st.columns([1, 1], gap="large", vertical_alignment="top")
    with left:
        _box()
        place = _place()
    a, b = SUM.taken.get()
    (answer,) = measured.written(a, b, provider)
    with right:
        st.html(_column_sum(a, b, answer, place))
    st.markdown(_verdict(a, b, answer))
    _counted()
    with st.container(key="gb_sum_read"):
        show(_read(a, b, place, provider))
    part("carry", lambda: _carry(a, b, place, provider))
    part("parts", lambda: _parts(a, b, provider))


def _box() -> None:
    st.text_input(
        t("circuit.sum"),
        help=t("circuit.sum_help", most=sums.MOST),
        key=SUM.typed.key,
        on_change=SUM.take,
    )
    if SUM.is_wrong:
        st.error(t("circuit.sum_wrong", most=sums.MOST), icon=":material/error:")


def _place() -> int:
    st.segmented_control(
        t("circuit.digit"),
        PLACES[::-1],
        format_func=lambda place: t(f"circuit.place_{place}"),
        required=True,
        **bound("circuit_place_widget", str(PLACE.get()), lambda place: PLACE.set(int(place)), PLACES),
    )
    return PLACE.get()


def _column_sum(a: int, b: int, answer: Sequence[str], place: int) -> str:
    """Return the sum in columns, as on paper: the carries above, what the network wrote below, the chosen digit
    framed."""
    carries = sums.carries(np.array([a]), np.array([b]))[0]
    places = range(sums.DIGITS, -1, -1)

    def row(kind: str, cells: Sequence[str], sign: str = "") -> str:
        drawn = "".join(
            f"<td{' class=gb-chosen' if i == place else ''}>{escape(cell)}</td>"
            for i, cell in zip(places, cells, strict=True)
        )
        name = f'<th scope=row><span class="gb-unseen">{escape(t(f"circuit.row_{kind}"))}</span>{sign}</th>'
        return f"<tr class=gb-{kind}>{name}{drawn}</tr>"

    rows = [
        row("carries", ["1" if carries[i] else "" for i in places]),
        row("first", list(f"{a:{sums.DIGITS + 1}}".replace(" ", "\u2007"))),
        row("second", list(f"{b:{sums.DIGITS + 1}}".replace(" ", "\u2007")), "+"),
        row("answer", [answer[i] for i in places], "="),
    ]
    caption = f'<caption class="gb-unseen">{escape(t("circuit.sum"))}</caption>'
    return f'<div class="gb-columns"><table>{caption}<tbody>{"".join(rows)}</tbody></table></div>'


def _verdict(a: int, b: int, answer: Sequence[str]) -> str:
    written = "".join(answer[::-1]).lstrip("0") or "0"
    return t("circuit.right" if written == str(a + b) else "circuit.wrong", written=written, sum=a + b)


def _counted() -> None:
    """Say how many of the held-out sums the network gets right."""
    card = transformers.zoo().cards[ADDITION]
    if (counted := card.sums) is None:
        return
    words = {
        "count": formats.count(counted.count),
        "wrong": formats.count(counted.count - counted.correct),
        "share": formats.measured(counted.value, 2),
        "parameters": formats.count(card.parameters),
    }
    st.markdown(t("circuit.never_wrong" if counted.correct == counted.count else "circuit.sometimes", **words))


def _read(a: int, b: int, place: int, provider: str) -> Table:
    """What each head reads when the digit is written."""
    symbols = sums.written(a, b)[: sums.ASKED + place]
    patterns = measured.attention(a, b, provider)[:, len(symbols) - 1, : len(symbols)]
    rows: list[Cells] = [
        [
            t("circuit.head", name=head_name((0, head))),
            *(Cell(_share(float(share)), shade=float(share)) for share in pattern),
        ]
        for head, pattern in enumerate(patterns)
    ]
    caption = t("circuit.looks", place=t(f"circuit.place_{place}"))
    return Table(caption, ["", *symbols], rows, colour=POSITIVE, dense=True)


def _share(share: float) -> str:
    """Return a share in per cent, or nothing where it is less than half of one."""
    return f"{'−' if share < 0 else ''}{formats.measured(abs(share), 0)}" if abs(share) >= 0.005 else ""


def _carry(a: int, b: int, place: int, provider: str) -> None:
    """Draw how much of the answer each part moves between two sums that differ in the carry alone."""
    if not place:
        st.markdown(t("circuit.no_carry"))
        return
    other = sums.with_other_carry(a, b, place)
    takes = bool(sums.carries(np.array([a]), np.array([b]))[0, place])
    words = {
        "place": t(f"circuit.place_{place}"),
        "sum": f"{a} + {b} = {a + b}",
        "other": f"{other[0]} + {other[1]} = {sum(other)}",
    }
    st.markdown(t("circuit.pair_with" if takes else "circuit.pair_without", **words))
    symbols = [sums.written(*pair)[: sums.ASKED + place] for pair in ((a, b), other)]
    columns = [one if one == two else f"{one}→{two}" for one, two in zip(*symbols, strict=True)]
    rows: list[Cells] = [
        [
            _part_name(row),
            *(Cell(_share(share), shade=share) for share in row.shares.tolist()),
        ]
        for row in measured.patched(a, b, place, provider)
    ]
    with st.container(key="gb_sum_moves"):
        show(Table(t("circuit.moves", **words), ["", *columns], rows, colour=POSITIVE, dense=True))
    st.caption(t("circuit.moves_help", all=_share(1.0)))
    _on_average(provider)


def _on_average(provider: str) -> None:
    """Draw the same of held-out sums, for all digits that can take a carry: what moves it at the last position, and
    with the digits given."""
    places = range(1, sums.DIGITS + 1)
    average = [measured.patched_on_average(place, provider) for place in places]
    lines = [(t("circuit.given"), [float(embedding.shares[:-1].sum()) for embedding, *_ in average])]
    for parts in zip(*average, strict=True):
        name = t("circuit.written") if parts[0].kind == "embedding" else _part_name(parts[0])
        lines.append((name, [float(part.shares[-1]) for part in parts]))
    rows: list[Cells] = [[name, *(Cell(_share(share), shade=share) for share in shares)] for name, shares in lines]
    caption = t("circuit.on_average", pairs=measured.PAIRS)
    show(Table(caption, ["", *(t(f"circuit.place_{place}") for place in places)], rows, colour=POSITIVE))
    st.markdown(t("circuit.no_memory"))


def _part_name(part: Moved) -> str:
    if part.head is not None:
        return t("circuit.head", name=head_name((part.layer or 0, part.head)))
    return t(f"circuit.part_{part.kind}")


def _parts(a: int, b: int, provider: str) -> None:
    """Draw what becomes of the digits, and of the sum of `a` and `b`, without each part."""
    found = measured.digits(provider)
    written = measured.written(a, b, provider, [row.off for row in found])
    st.markdown(t("circuit.parts_lead", sums=measured.SUMS))
    rows = [_without(row, a + b, answer) for row, answer in zip(found, written, strict=True)]
    heads = [
        t(f"circuit.column_{name}") for name in ("part", "with_carry", "without_carry", "lost", "invented", "writes")
    ]
    show(Table(t("circuit.parts"), heads, rows, colour=POSITIVE, show_caption=False))
    st.caption(t("circuit.parts_help"))
    st.markdown(_carrier(found[1:]))


def _carrier(found: Sequence[Digits]) -> str:
    """Return whether one part does the carrying, as a sentence."""
    heads = [row for row in found if isinstance(row.off, HeadAblation)]
    lost, invented = max(heads, key=lambda row: row.lost), max(heads, key=lambda row: row.invented)
    alone = lost.without_carry >= 1 - measured.SPARED
    return t(
        "circuit.parts_one" if alone else "circuit.parts_none",
        lost=_name(lost),
        lost_share=formats.measured(lost.lost, 0),
        invented=_name(invented),
        invented_share=formats.measured(invented.invented, 0),
    )


def _name(row: Digits) -> str:
    return head_name((row.off.layer, row.off.head)) if isinstance(row.off, HeadAblation) else ""


def _without(row: Digits, total: int, answer: Sequence[str]) -> list[str | Cell]:
    written = "".join(answer[::-1])
    right = written == f"{total:0{sums.DIGITS + 1}}"
    shares = [row.with_carry, row.without_carry, row.lost, row.invented]
    return [
        _off_name(row.off),
        *(Cell(formats.measured(share, 0), shade=share) for share in shares),
        Cell(written, kind="" if right else "strong"),
    ]


def _off_name(off: Intervention | None) -> str:
    match off:
        case None:
            return t("circuit.all_on")
        case HeadAblation(layer, head):
            return t("circuit.without_one", head=head_name((layer, head)))
        case _:
            return t("circuit.without_neurons")
