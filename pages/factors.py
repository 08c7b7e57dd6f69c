"""What shapes the era of models as a service? Computing power, data, algorithms and applications, in figures."""

from functools import partial

from glassbox.history import study
from glassbox.ui.frame import essay, notices, shell
from glassbox.ui.pages.factors import cost, refit, view
from glassbox.ui.pages.factors.facts import facts

with shell.page("factors") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    if study.growth_study() is None:
        notices.damaged(study.STUDY.name)
    draw = partial(essay.draw, "factors_essay", facts=facts(cards))
    draw("summary")
    draw("compute", figure=lambda: refit.growth_section(cards))
    draw("hardware", figure=view.accelerators_figure)
    draw("cost", figure=lambda: cost.calculator(cards))
    draw("data", figure=lambda: view.sizes_figure(cards))
    draw("algorithms", figure=lambda: view.networks_figure(cards))
    draw("applications", figure=view.domains_table)
    draw("limits")
