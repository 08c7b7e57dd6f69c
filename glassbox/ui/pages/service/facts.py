"""The values that the text on models as a service quotes: sizes of this very request, and limits of the service."""

from glassbox.serving.settings import Settings
from glassbox.ui.base import formats
from glassbox.ui.base.models import model_name
from glassbox.ui.pages.service.programs import server_address
from glassbox.ui.pages.service.travel import Ask


def facts(ask: Ask) -> dict[str, str]:
    """Return the values for a request."""
    as_json, as_binary = (len(ask.message(binary)[0]) for binary in (False, True))
    limits = Settings.from_environment()
    return {
        "ask.model": model_name(ask.model),
        "network.convolutions": model_name("cnn_deep"),
        "ask.json": formats.count(as_json),
        "ask.binary": formats.count(as_binary),
        "ask.pixels": formats.count(ask.digit.size),
        "ask.address": server_address(),
        "limits.body": formats.size(limits.body),
        "limits.batch": formats.count(limits.batch),
        "limits.seconds": formats.duration(limits.seconds),
    }
