"""A model of the visitor's own: its graph, what it computes and why, and what other models can be made of it."""

from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.own_model import asking, choosing, state, view

with shell.page("own_model") as page:
    asking.prepare()  # the model's process: it starts while the visitor reads
    notices.refused(page.reader.zoo)
    offered = state.examples(page)
    state.follow_link(offered)
    choosing.choose_model(offered)
    view.draw(page, state.model(offered))
