"""Gradient descent to play with: a small network learns before one's eyes."""

from glassbox.ui.components.training_board import live
from glassbox.ui.frame import shell
from glassbox.ui.pages.playground import controls, experiments, state

with shell.page("playground") as page:
    state.follow_link()
    controls.bar()
    controls.reason()
    live()
    experiments.further()
    state.write_link()
