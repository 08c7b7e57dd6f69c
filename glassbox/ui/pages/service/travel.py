"""The visitor's digit as a request to a model: what is asked, and the bytes that travel."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Verdict
from glassbox.digits.tensors import as_input, rescaled
from glassbox.engine import inference_protocol
from glassbox.serving.settings import Settings
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.exchange import Expected, Request, exchange
from glassbox.ui.frame.plain_softmax import plain_softmax_note
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

FORMS = ("json", "binary")
_MODEL = declare("service_model", Kind.CONTROL, "", parameter="model")
_FORM = declare("service_form", Kind.CONTROL, FORMS[0], parameter="form")


@dataclass(frozen=True)
class Ask:
    """The question to put to `model`: its `input`, float32, called `input_name`, and the `output` that is wanted;
    `digit`, uint8 (28, 28), is what the input is made of. `binary`: how the tensors travel. `classes`: how many
    numbers come back."""

    model: str
    digit: NDArray[np.uint8]
    input_name: str
    input: NDArray[np.float32]
    output: str
    binary: bool
    classes: int

    @property
    def path(self) -> str:
        """Return the path of the model on the server, without a leading "/"."""
        return f"v2/models/{self.model}/infer"

    def message(self, binary: bool) -> tuple[bytes, dict[str, str]]:
        """Return the body of the request and its headers."""
        return inference_protocol.request({self.input_name: self.input}, [self.output], binary=binary)


def choose(page: Page) -> Ask:
    """Let the visitor choose the network and how tensors travel, both in the page's link; return what is asked."""
    cards = page.reader.zoo.cards
    with st.container(horizontal=True):
        model = linked_choice(_MODEL, t("frame.networks"), list(cards), words=model_name)
        form = linked_choice(_FORM, t("service.form"), FORMS, words=lambda name: t(f"service.form_{name}"))
    card, digit = cards[model], page.picture.digit
    return Ask(
        model=model,
        digit=digit,
        input_name=card.input.name,
        input=as_input(rescaled(digit), card.input.shape),
        output=card.output.name,
        binary=form == "binary",
        classes=len(card.labels),
    )


def service_notice() -> None:
    """Say where this server does not answer other programs, or only those with a key."""
    settings = Settings.from_environment()
    if not settings.on:
        st.info(t("service.off"), icon=":material/power_off:")
    elif settings.keys:
        st.info(t("service.key"), icon=":material/key:")


def exchange_figure(page: Page, ask: Ask) -> None:
    """Draw the request beside its answer, which the browser fetches."""
    body, headers = ask.message(ask.binary)
    numbers = page.reader.session(ask.model).run({ask.input_name: ask.input}).outputs[ask.output][0]
    verdict, card = page.reader.read(ask.digit, [ask.model])[ask.model], page.reader.zoo.cards[ask.model]
    length = headers.get(inference_protocol.HEADER_LENGTH)
    with st.container(key="gb_exchange"):
        exchange(
            Request(
                path=ask.path,
                headers=[*headers.items(), ("Content-Length", str(len(body)))],
                body=body,
                json_length=int(length) if length else None,
            ),
            ask.digit,
            Expected(numbers, card.labels, verdict.label, _told(card, numbers, verdict)),
            colour=model_colour(ask.model),
        )


def _told(card: Card, numbers: NDArray[np.float32], verdict: Verdict) -> str:
    """Return how the `numbers` (labels,) that the network gives become the percentage of the `verdict`."""
    share, temperature = formats.percent(verdict.confidence), card.calibration.temperature
    if card.output.kind == "logits":
        return plain_softmax_note(card, numbers, int(numbers.argmax()))
    return t(
        "service.is_share" if temperature == 1 else "service.is_share_divided",
        label=verdict.label,
        share=share,
        temperature=formats.temperature(temperature),
    )
