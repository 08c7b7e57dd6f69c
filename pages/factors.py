"""What shapes the era of models as a service? Computing power, data, algorithms and applications, in figures."""

from glassbox.ui import cost_view, era_view
from glassbox.ui.frame import notices, shell
from glassbox.zoo import digit_models

with shell.page("factors") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo, digit_models.NAMES)
    era_view.section("compute", cards, lambda: era_view.timeline(cards))
    era_view.section("hardware", cards, era_view.chips)
    era_view.section("cost", cards, lambda: cost_view.calculator(cards))
    era_view.section("data", cards, lambda: era_view.sizes(cards))
    era_view.section("algorithms", cards, lambda: era_view.algorithms(cards))
    era_view.section("applications", cards, era_view.applications)
    era_view.section("limits", cards)
