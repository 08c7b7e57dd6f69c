"""Gradient descent to play with: a small network trains as the visitor watches."""

from glassbox.ui.frame import shell
from glassbox.ui.pages.playground import state
from glassbox.ui.pages.playground.board import board
from glassbox.ui.pages.playground.controls import control_bar, lesson_reason
from glassbox.ui.pages.playground.more import more

with shell.page("playground") as page:
    state.follow_link()
    control_bar()
    lesson_reason()
    board()
    more()
    state.write_link()
