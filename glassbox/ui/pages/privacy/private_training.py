"""Training with differential privacy: what the guarantee costs in accuracy."""

from glassbox.trust.attacks.study import PrivacyStudy
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts import privacy as figures
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.shell import Page


def accuracy_figure(page: Page, record: PrivacyStudy) -> None:
    """Draw the accuracy by epsilon."""
    strict, loose = (formats.percent(record.private[place].accuracy.value) for place in (0, -1))
    article = page.reader.zoo.cards["mlp"].accuracy
    interactive_chart(
        lambda: figures.accuracy_by_budget(record.private, article),
        key="privacy_price",
        alt=t("privacy.price_alt", low=strict, high=loose),
    )
