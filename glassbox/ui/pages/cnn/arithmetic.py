"""A toy convolution: kernel size, stride, padding and dilation, where the window lies and how many places it has."""

import base64
import html
from dataclasses import dataclass

import streamlit as st

from glassbox.explain.convolution import output_size
from glassbox.ui.base import palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare

_CELL = 20

_PLACE = declare("toy_place", Kind.CONTROL, 1)


@dataclass(frozen=True)
class Setting:
    """Sizes along both axes alike."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def places(self) -> int:
        """The size of the output, 0 where the window doesn't fit."""
        return output_size(self.size, self.kernel, self.stride, self.padding, self.dilation)

    def formula(self) -> str:
        """The output's size in LaTeX, with the numbers in it."""
        room = rf"{self.size} + 2 \cdot {self.padding} - {self.dilation} \cdot ({self.kernel} - 1) - 1"
        return (
            r"\left\lfloor \frac{n + 2p - d\,(k - 1) - 1}{s} \right\rfloor + 1 = "
            rf"\left\lfloor \frac{{{room}}}{{{self.stride}}} \right\rfloor + 1 = \mathbf{{{self.places}}}"
        )


@st.fragment
def toy(dark: bool) -> None:
    """Sliders, the formula and the picture; nothing else on the page is run again."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        setting = Setting(
            size=st.slider(t("cnn.arithmetic.size"), 3, 9, 7, key="toy_size"),
            kernel=st.slider(t("cnn.arithmetic.kernel"), 1, 5, 3, key="toy_kernel"),
            stride=st.slider(t("cnn.arithmetic.stride"), 1, 3, 1, key="toy_stride"),
            padding=st.slider(t("cnn.arithmetic.padding"), 0, 3, 0, key="toy_padding"),
            dilation=st.slider(t("cnn.arithmetic.dilation"), 1, 3, 1, key="toy_dilation"),
        )
    with right:
        if not setting.places:
            st.info(t("cnn.arithmetic.too_large", reach=setting.dilation * (setting.kernel - 1) + 1))
            return
        st.latex(setting.formula())
        count = setting.places**2
        place = 1
        if count > 1:
            _PLACE.set(min(_PLACE.get(), count))
            place = st.slider(t("cnn.arithmetic.place"), 1, count, key=_PLACE.key)
        words = t("cnn.arithmetic.alt", size=setting.size, places=setting.places, taps=setting.kernel**2, place=place)
        st.html(picture(setting, place - 1, dark, words))
        st.caption(t("cnn.arithmetic.caption", places=setting.places, taps=setting.kernel**2))


def picture(setting: Setting, place: int, dark: bool, alt: str) -> str:
    """HTML: the input with its padding, the cells that the output cell `place` (counted by rows) reads, the output."""
    theme = "dark" if dark else "light"
    ink, paper, mark = palette.INK[theme], palette.PAPER[theme], palette.POSITIVE
    row, column = divmod(place, setting.places)
    taps = {
        (row * setting.stride + i * setting.dilation, column * setting.stride + j * setting.dilation)
        for i in range(setting.kernel)
        for j in range(setting.kernel)
    }
    whole, rim = setting.size + 2 * setting.padding, setting.padding
    inner = range(rim, rim + setting.size)
    left = [
        _square(x, y, 0, mark if (y, x) in taps else paper, ink, dashed=not (y in inner and x in inner))
        for y in range(whole)
        for x in range(whole)
    ]
    offset = (whole + 3) * _CELL
    right = [
        _square(x, y, offset, mark if (y, x) == (row, column) else paper, ink)
        for y in range(setting.places)
        for x in range(setting.places)
    ]
    middle = whole * _CELL / 2
    arrow = f'<path d="M{offset - 50} {middle}h34m-8 -7l8 7l-8 7" fill="none" stroke="{ink}" stroke-width="2"/>'
    width, height = offset + setting.places * _CELL + 2, max(whole, setting.places) * _CELL + 2
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width} {height}" width="{width}" height="{height}">'
        f"{''.join(left)}{arrow}{''.join(right)}</svg>"
    )
    source = base64.b64encode(drawing.encode()).decode()
    return f'<img class="gb-toy" src="data:image/svg+xml;base64,{source}" alt="{html.escape(alt)}">'


def _square(x: int, y: int, offset: int, fill: str, ink: str, dashed: bool = False) -> str:
    line = ' stroke-dasharray="3 3"' if dashed else ""
    return (
        f'<rect x="{offset + x * _CELL}" y="{y * _CELL}" width="{_CELL}" height="{_CELL}" fill="{fill}" '
        f'stroke="{ink}" stroke-opacity="0.45"{line}/>'
    )
