"""Gradient descent to play with: a small network learns before one's eyes."""

from glassbox.ui.frame import shell
from glassbox.ui.pages.playground import board, controls, experiments, state

with shell.page("playground") as page:
    state.follow_link()
    controls.bar()
    controls.reason()
    board.live()
    experiments.further()
    state.write_link()
