"""What does "as a service" mean? The visitor's digit on its way to a model and back, under load, and what it costs."""

from functools import partial

from glassbox.ui.frame import essay, notices, shell
from glassbox.ui.pages.service import cost, engine, load, programs, travel
from glassbox.ui.pages.service.facts import facts

draw = partial(essay.draw, "service_essay")

with shell.page("service") as page:
    notices.refused(page.reader.zoo)
    travel.service_notice()
    if page.reader.zoo.cards:
        ask = travel.choose(page)
        values = facts(ask)
        draw("travels", values, lambda: travel.exchange_figure(page, ask))
        draw("program", values, lambda: programs.programs_figure(ask))
        draw("load", values, lambda: load.load_figure(page.reader, ask.model))
        draw("cost", values, lambda: cost.cost_figure(page, ask.model))
        draw("seen", values)
        draw("scale", values, lambda: engine.engine_figure(page, ask.model))
        draw("start", values)
