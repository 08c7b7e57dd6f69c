"""Why a model was refused, in the visitor's language, with the words of the visitor's file quoted."""

from glassbox.input_error import Reason
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import strings, t
from glassbox.ui.base.quoting import listed, quoted

_KNOWN = frozenset(strings("en"))
_LONGEST = 300
"""Characters shown of a sentence that an engine has written."""


def sentence(reason: Reason) -> str:
    """Return why something was refused and what to do; for a reason without a sentence here, the reason's own."""
    key = f"own_model.error.{reason.code}"
    if key not in _KNOWN:
        return t("own_model.error.model_failed", problem=quoted(reason.sentence, _LONGEST))
    return t(f"own_model.error.{reason.code}", **{name: _shown(value) for name, value in reason.details.items()})


def _shown(value: object) -> str:
    """A detail of a reason as Markdown."""
    if isinstance(value, float):
        return formats.number(value)
    if isinstance(value, int):
        return f"{value:,}"
    return listed(map(str, value)) if isinstance(value, list | tuple) else quoted(str(value), _LONGEST)
