"""Gradient descent to play with: a small network learns before one's eyes."""

from glassbox.ui.components.training_board import live
from glassbox.ui.frame import shell
from glassbox.ui.playground import controls, desk, further

with shell.page("playground") as page:
    desk.follow_link()
    controls.bar()
    controls.reason()
    live()
    further.further()
    desk.write_link()
