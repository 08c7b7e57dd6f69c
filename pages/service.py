"""What does "as a service" mean? The visitor's digit on its way to a model and back, under load, and what it costs."""

from functools import partial

from glassbox.ui.frame import essay, notices, shell
from glassbox.ui.pages.service import cost, engine, load, programs, travel
from glassbox.ui.pages.service.facts import facts
from glassbox.ui.pages.service.parts import CONTROLS, KEYS, PARTS

with shell.page("service") as page:
    notices.refused(page.reader.zoo)
    travel.service_notice()
    if page.reader.zoo.cards:
        ask = travel.choose(page)
        values = facts(ask)
        draw = partial(essay.draw, "service_essay", facts=values)
        show = partial(essay.fold, PARTS, "service_essay", facts=values)
        PARTS.follow(KEYS, CONTROLS)
        draw("travels", figure=lambda: travel.exchange_figure(page, ask))
        show("program", lambda: programs.programs_figure(ask))
        draw("load", figure=lambda: load.load_figure(page.reader, ask.model))
        show("cost", lambda: cost.cost_figure(page, ask.model))
        show("seen")
        show("scale", lambda: engine.engine_figure(page, ask.model))
        show("start")
        PARTS.bring_into_view()
