"""The direction in which the visitor steers what is written, and how far it gets there."""

import streamlit as st

from glassbox.explain.interventions import Intervention, Steering
from glassbox.explain.steering import STREAM, SteeringEffect, steering_direction, steering_effect
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import state
from glassbox.zoo.transformer_models import TransformerCard


def steered(card: TransformerCard, provider: str, dose: float) -> list[Intervention]:
    """Return what the dose asks for, nothing for 0."""
    if not dose:
        return []
    reader = transformers.reader(card.name, provider)
    return [Steering(STREAM, steering_direction(reader, *_tokens(card)), dose)]


@st.cache_resource(max_entries=4 * len(state.DOSES), show_spinner=False)
def effect(name: str, provider: str, dose: float, _card: TransformerCard) -> SteeringEffect:
    """Return what the dose does over the network's examples, at each character of theirs."""
    texts = [state.reads(_card, one.text).ids for one in state.task(_card).examples]
    reader = transformers.reader(name, provider)
    return steering_effect(reader, texts, steered(_card, provider, dose), *_tokens(_card), first=_card.front)


def _tokens(card: TransformerCard) -> tuple[list[int], list[int]]:
    """Return the tokens that the direction leads to and from."""
    words, direction = state.words(card), state.task(card).direction
    return [words.id(sign) for sign in direction.toward], [words.id(sign) for sign in direction.away]
