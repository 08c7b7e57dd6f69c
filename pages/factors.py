"""What shapes the era of models as a service? Computing power, data, algorithms and applications, in figures."""

from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.factors import cost, view

with shell.page("factors") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    view.section("compute", cards, lambda: view.timeline(cards))
    view.section("hardware", cards, view.chips)
    view.section("cost", cards, lambda: cost.calculator(cards))
    view.section("data", cards, lambda: view.sizes(cards))
    view.section("algorithms", cards, lambda: view.algorithms(cards))
    view.section("applications", cards, view.applications)
    view.section("limits", cards)
