"""What shapes the era of models as a service? Computing power, data, algorithms and applications, in figures."""

from functools import partial

from glassbox.history import study
from glassbox.ui.frame import essay, notices, shell
from glassbox.ui.pages.factors import cost, refit, view
from glassbox.ui.pages.factors.facts import facts
from glassbox.ui.pages.factors.parts import CONTROLS, KEYS, PARTS

with shell.page("factors") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    if study.growth_study() is None:
        notices.damaged(study.STUDY.name)
    values = facts(cards)
    draw = partial(essay.draw, "factors_essay", facts=values)
    show = partial(essay.fold, PARTS, "factors_essay", facts=values)
    PARTS.follow(KEYS, CONTROLS)
    draw("summary")
    draw("compute", figure=lambda: refit.growth_section(cards))
    show("hardware", view.accelerators_figure)
    draw("cost", figure=lambda: cost.calculator(cards))
    show("data", lambda: view.sizes_figure(cards))
    show("algorithms", lambda: view.networks_figure(cards))
    show("applications", view.domains_table)
    show("limits")
    PARTS.bring_into_view()
