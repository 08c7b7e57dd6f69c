"""The sections below the text, one at a time: hidden states, attribution, substitution, similar texts, a table."""

from collections.abc import Callable, Mapping

from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.pages.text.attribution import attribution_section
from glassbox.ui.pages.text.batch import batch_section
from glassbox.ui.pages.text.hidden_states import hidden_states_section
from glassbox.ui.pages.text.record import record_section
from glassbox.ui.pages.text.similar import similar_section
from glassbox.ui.pages.text.substitution import substitution_section

SECTION = declare("text_view", Kind.CONTROL, "", parameter="view")
SECTIONS: dict[str, Callable[[TextReader, Mapping[str, TextReading]], None]] = {
    "inside": hidden_states_section,
    "decided": attribution_section,
    "swap": substitution_section,
    "alike": similar_section,
    "table": batch_section,
    "record": record_section,
}
"""The function that draws each section, by its name in the page's link."""
