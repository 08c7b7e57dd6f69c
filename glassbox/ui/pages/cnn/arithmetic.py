"""The arithmetic of a convolution: its output's size by kernel, stride, padding and dilation, and what a cell reads."""

import base64
import html
from dataclasses import dataclass

import streamlit as st

from glassbox.explain.convolution import output_size
from glassbox.ui.base import palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare

_CELL = 20
"""Pixels."""
_DASHED = ' stroke-dasharray="3 3"'
"""The outline of a cell of the padding."""
_POSITION = declare("toy_place", Kind.CONTROL, 1)


@dataclass(frozen=True)
class Convolution:
    """A convolution of a square input, the same along both axes."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def output_size(self) -> int:
        """The rows of the output, as many as its columns; 0 where the window doesn't fit."""
        return output_size(self.size, self.kernel, stride=self.stride, padding=self.padding, dilation=self.dilation)

    def formula(self) -> str:
        """Return the output's size in LaTeX, with the numbers in it."""
        room = rf"{self.size} + 2 \cdot {self.padding} - {self.dilation} \cdot ({self.kernel} - 1) - 1"
        return (
            r"\left\lfloor \frac{n + 2p - d\,(k - 1) - 1}{s} \right\rfloor + 1 = "
            rf"\left\lfloor \frac{{{room}}}{{{self.stride}}} \right\rfloor + 1 = \mathbf{{{self.output_size}}}"
        )


@st.fragment
def arithmetic(dark: bool) -> None:
    """Draw the sliders, the formula and the picture; nothing else on the page is run again."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        convolution = Convolution(
            size=st.slider(t("cnn.arithmetic.size"), min_value=3, max_value=9, value=7, key="toy_size"),
            kernel=st.slider(t("cnn.arithmetic.kernel"), min_value=1, max_value=5, value=3, key="toy_kernel"),
            stride=st.slider(t("cnn.arithmetic.stride"), min_value=1, max_value=3, value=1, key="toy_stride"),
            padding=st.slider(t("cnn.arithmetic.padding"), min_value=0, max_value=3, value=0, key="toy_padding"),
            dilation=st.slider(t("cnn.arithmetic.dilation"), min_value=1, max_value=3, value=1, key="toy_dilation"),
        )
    with right:
        if not convolution.output_size:
            st.info(t("cnn.arithmetic.too_large", reach=convolution.dilation * (convolution.kernel - 1) + 1))
            return
        st.latex(convolution.formula())
        count = convolution.output_size**2
        position = 1
        if count > 1:
            _POSITION.set(min(_POSITION.get(), count))
            position = st.slider(t("cnn.arithmetic.place"), 1, count, key=_POSITION.key)
        alt = t(
            "cnn.arithmetic.alt",
            size=convolution.size,
            places=convolution.output_size,
            taps=convolution.kernel**2,
            place=position,
        )
        st.html(picture(convolution, position - 1, dark=dark, alt=alt))
        st.caption(t("cnn.arithmetic.caption", places=convolution.output_size, taps=convolution.kernel**2))


def picture(convolution: Convolution, position: int, *, dark: bool, alt: str) -> str:
    """Return HTML: the input with its padding, the cells that the output cell `position` (counted by rows from 0)
    reads, and the output."""
    theme = "dark" if dark else "light"
    ink, paper = palette.INK[theme], palette.PAPER[theme]
    row, column = divmod(position, convolution.output_size)
    taps = {
        (row * convolution.stride + i * convolution.dilation, column * convolution.stride + j * convolution.dilation)
        for i in range(convolution.kernel)
        for j in range(convolution.kernel)
    }
    padded = convolution.size + 2 * convolution.padding
    inner = range(convolution.padding, convolution.padding + convolution.size)

    def grid(size: int, *, left: int, marked: set[tuple[int, int]], solid: range) -> str:
        return "".join(
            f'<rect x="{left + x * _CELL}" y="{y * _CELL}" width="{_CELL}" height="{_CELL}" '
            f'fill="{palette.POSITIVE if (y, x) in marked else paper}" stroke="{ink}" stroke-opacity="0.45"'
            f"{'' if y in solid and x in solid else _DASHED}/>"
            for y in range(size)
            for x in range(size)
        )

    left = (padded + 3) * _CELL
    input_grid = grid(padded, left=0, marked=taps, solid=inner)
    output_grid = grid(convolution.output_size, left=left, marked={(row, column)}, solid=range(convolution.output_size))
    middle = padded * _CELL / 2
    arrow = f'<path d="M{left - 50} {middle}h34m-8 -7l8 7l-8 7" fill="none" stroke="{ink}" stroke-width="2"/>'
    width, height = left + convolution.output_size * _CELL + 2, max(padded, convolution.output_size) * _CELL + 2
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width} {height}" width="{width}" height="{height}">'
        f"{input_grid}{arrow}{output_grid}</svg>"
    )
    source = base64.b64encode(drawing.encode()).decode()
    return f'<img class="gb-toy" src="data:image/svg+xml;base64,{source}" alt="{html.escape(alt)}">'
