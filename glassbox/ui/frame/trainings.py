"""What a training took, as the pages say it."""

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.zoo.cards import Training


def training_time(training: Training) -> str:
    """Return the time by the clock and the name of the GPU that computed it, or the processor time."""
    if training.accelerator:
        return t("frame.training.gpu", time=formats.duration(training.seconds), gpu=training.accelerator.name)
    return t("frame.training.processor", time=formats.duration(training.cpu_seconds))
