"""A job's progress with a button that stops it: the run that the button starts ends the one that it interrupts.

with stoppable("maps", forget) as tell:
    for done, job in enumerate(jobs):
        tell(done / len(jobs), t("frame.reading", done=done))
        job()
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from glassbox.ui.base.i18n import t


def _nothing() -> None:
    """Leave all as it is: the job is not asked for again."""


@contextmanager
def stoppable(key: str, on_stop: Callable[[], None] = _nothing) -> Iterator[Callable[[float, str], None]]:
    """Draw a bar and the button, and give what sets the bar to a share and its words; both go when the job is done.

    `on_stop`: what keeps the next run from beginning the job again. What the job does between two settings of the bar
    is done to its end.
    """
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center", key=f"gb_progress_{key}"):
        bar = st.progress(0.0, width="stretch")
        st.button(t("frame.heavy_jobs.stop"), key=f"stop_{key}", icon=":material/stop_circle:", on_click=on_stop)

    def tell(share: float, words: str) -> None:
        bar.progress(share, words)

    yield tell
    place.empty()
