"""A picture with several digits: how many were found, which one is read, and what was left out."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from glassbox.digits.reader import Reader
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.components.found_digits import found_digits
from glassbox.ui.components.preparation import Box
from glassbox.ui.frame import picture
from glassbox.ui.frame.picture import FoundDigit, Picture


def labels(found: Sequence[FoundDigit], reader: Reader) -> list[str]:
    """Return what the most accurate network reads in each digit; nothing if there is no network."""
    model = reader.zoo.most_accurate
    return reader.labels(np.stack([one.digit for one in found]), model) if found and model else []


def chooser(shown: Picture, reader: Reader) -> None:
    """Draw the digits of a picture that has several to choose from, and say where several may touch each other."""
    if len(shown.found) > 1 and (read := labels(shown.found, reader)):
        model = model_name(reader.zoo.most_accurate or "")
        legend = t("read.several.found", count=len(read), model=model)
        with st.container(key="gb_found"):
            found_digits(read, shown.chosen, legend, picture.choose)
    if shown.found and shown.found[shown.chosen].wide:
        st.info(t("read.several.wide"), icon=":material/join_inner:")


def boxes(shown: Picture) -> list[Box]:
    """Return where the digits are on the picture, if it has several and that is known."""
    known = [one.box for one in shown.found if one.box]
    return known if len(known) == len(shown.found) > 1 else []


def left_out(shown: Picture) -> None:
    """Say what of the picture no network reads."""
    counted = shown.left_out
    parts = [
        t(f"read.several.left_out_{name}", count=count)
        for name, count in (("lines", counted.lines), ("specks", counted.specks), ("beyond", counted.beyond))
        if count
    ]
    if parts:
        st.caption(t("read.several.left_out", parts=t("read.several.comma").join(parts)))
