"""What shapes the era of models as a service? Computing power, data, algorithms and applications, in figures."""

from functools import partial

from glassbox.history import study
from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.factors import cost, view
from glassbox.ui.pages.factors.facts import facts

with shell.page("factors") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    if study.growth_study() is None:
        notices.damaged(study.STUDY.name)
    draw = partial(view.section, facts(cards))
    draw("compute", lambda: view.growth_figure(cards))
    draw("hardware", view.accelerators_figure)
    draw("cost", lambda: cost.calculator(cards))
    draw("data", lambda: view.sizes_figure(cards))
    draw("algorithms", lambda: view.networks_figure(cards))
    draw("applications", view.domains_table)
    draw("limits")
