"""Model inversion: the picture that each network takes for a digit most of all."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from glassbox.trust.attacks import inversion, study
from glassbox.trust.attacks.inversion import Inverted
from glassbox.trust.attacks.study import InversionSimilarity, PrivacyStudy
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.maps import Row, Tile, maps
from glassbox.ui.frame.networks import attacked_network
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.privacy.models import attacked_models, sha256

LABELS = np.arange(10)
_LABEL = declare("privacy_inverted", Kind.CONTROL, "7", parameter="inverted")


@st.fragment
def inversion_figure(page: Page, record: PrivacyStudy) -> None:
    """Let the visitor choose a digit, and draw the picture that each network takes for it."""
    _LABEL.settle()
    label = linked_choice(_LABEL, t("privacy.invert"), [str(label) for label in LABELS], words=str)
    maps([inverted_pictures(page, int(label), record.inverted)], key="privacy_inversion")


def inverted_pictures(page: Page, label: int, recorded: Mapping[str, Sequence[InversionSimilarity]]) -> Row:
    """Return the picture that each network takes for `label`, with its error and its similarity to the mean digit."""
    tiles = []
    for name in attacked_models(page):
        inverted = _invert(page.reader.provider.name, name, sha256=sha256(page, name), _page=page)
        note = [t("privacy.inverted_loss", loss=formats.number(float(inverted.losses[label])))]
        for similarity in recorded.get(name, ())[label : label + 1]:
            note.append(t("privacy.inverted_like", value=formats.hundredths(similarity.mean)))
        picture = inverted.pictures[label]
        tiles.append(
            Tile(
                picture,
                title=model_name(name),
                low=0,
                high=float(picture.max()) or 1.0,
                note="\n".join(note),
                colour=model_colour(name),
                width=200,
            )
        )
    return Row(tuple(tiles))


@st.cache_data(max_entries=2 * len(study.ATTACKED), show_spinner=False)
def _invert(provider: str, name: str, *, sha256: str, _page: Page) -> Inverted:
    return inversion.invert(attacked_network(_page.reader, name), LABELS)
