"""The page that compares the networks by their cards."""

from pathlib import Path

import pytest

from glassbox.ui.base import formats
from glassbox.ui.base.models import model_name
from glassbox.ui.frame import shell
from glassbox.zoo import digit_models
from tests.ui.dashboard import visit


def test_every_network_has_a_row() -> None:
    app = visit("model_zoo")
    cards = digit_models.load().cards
    trained = formats.duration(cards["mlp"].training.cpu_seconds)
    (compared,) = [one.value for one in app.html if "<table" in one.value and trained in one.value]
    assert compared.count("<tr") == 1 + len(cards)
    for name, card in cards.items():
        assert model_name(name) in compared and f"{card.accuracy.value:.2%}" in compared


def test_zoo_shows_the_network_of_its_link() -> None:
    app = visit("model_zoo", model="rnn")
    assert app.session_state["model"] == "rnn"
    card = digit_models.load().cards["rnn"]
    assert any(f"T = {card.calibration.held_out.fitted:.2f}" in text.value for text in app.markdown)
    assert any(card.sha256 in caption.value for caption in app.caption)


def test_forged_model_in_the_link_is_passed_over() -> None:
    app = visit("model_zoo", model="../../etc/passwd")
    assert app.session_state["model"] == "mlp"


def test_zoo_without_any_model_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    load = digit_models.load
    monkeypatch.setattr(digit_models, "load", lambda: load(tmp_path))
    request.addfinalizer(shell.reader.clear)
    shell.reader.clear()
    for page in ("read", "model_zoo"):
        app = visit(page)
        assert app.warning
