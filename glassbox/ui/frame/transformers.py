"""The transformers, loaded once for all visitors."""

import streamlit as st

from glassbox.zoo import transformer_models
from glassbox.zoo.folder import Models
from glassbox.zoo.transformer_models import TransformerCard


@st.cache_resource(max_entries=1, show_spinner=False)
def zoo() -> Models[TransformerCard]:
    """Return the transformers."""
    return transformer_models.load()
