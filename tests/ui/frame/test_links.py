"""What a page shows is in its link: who opens the link sees the same, who forges one sees the page's own beginning."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.explain.row_reader import SCORE, STATE, RowCell
from glassbox.ui.components import convolution
from tests.ui.dashboard import SEVEN, THREE, png, switch, upload, visit


def kept(app: AppTest, key: str) -> Any:
    return app.session_state.get(key, None)


SHOWN = [
    ("mlp", "neuron", "12", "mlp_neuron", 11),
    ("mlp", "without", "3.5", "mlp_removed", frozenset({2, 4})),
    ("cnn", "cell", "conv.5.14.13", "cnn_cell_cnn_conv", convolution.Cell(4, 13, 12)),
    ("rnn", "number", "gru.z.3.7", "rows_asked", ("gru", RowCell("z", 2, 6))),
    ("rnn", "number", "rnn.score.28.0", "rows_asked", ("rnn", RowCell(SCORE, 27, 0))),
    ("rnn", "number", "lstm.state.1.32", "rows_asked", ("lstm", RowCell(STATE, 0, 31))),
    ("forward", "model", "cnn", "forward_model", "cnn"),
]


@pytest.mark.parametrize(("page", "parameter", "text", "key", "value"), SHOWN)
def test_link_is_followed_and_written(page: str, parameter: str, text: str, key: str, value: object) -> None:
    assert kept(visit(page, **{parameter: text}), key) == value
    app = visit(page)
    app.session_state[key] = value
    assert app.run().query_params[parameter] == text


@pytest.mark.parametrize(
    ("page", "parameter", "text", "key"),
    [
        ("mlp", "neuron", "129", "mlp_neuron"),
        ("mlp", "neuron", "\u0663", "mlp_neuron"),
        ("cnn", "cell", "conv.33.1.1", "cnn_cell_cnn_conv"),
        ("cnn", "cell", "pool.1.1.1", "cnn_cell_cnn_conv"),
        ("cnn", "cell", "conv.1.1", "cnn_cell_cnn_conv"),
        ("rnn", "number", "rnn.state.29.1", "rows_asked"),
        ("rnn", "number", "rnn.z.1.1", "rows_asked"),
        ("rnn", "number", "cnn.state.1.1", "rows_asked"),
        ("rnn", "number", "rnn.state.-1.1", "rows_asked"),
    ],
)
def test_forged_link_changes_nothing(page: str, parameter: str, text: str, key: str) -> None:
    assert not kept(visit(page, **{parameter: text}), key)


def test_going_back_to_a_link_without_it_brings_the_pages_beginning() -> None:
    app = visit("mlp")
    app.session_state["mlp_neuron"] = 4
    app.run()
    del app.query_params["neuron"]
    app.run()
    assert kept(app, "mlp_neuron") is None


def test_another_page_keeps_it_and_coming_again_writes_it() -> None:
    app = visit("mlp", neuron="12")
    app.switch_page("pages/forward.py")
    app.query_params.clear()
    app.run()
    assert "neuron" not in app.query_params
    app.switch_page("pages/mlp.py")
    app.query_params.clear()
    app.run()
    assert app.query_params["neuron"] == "12"


def choose(app: AppTest, key: str, option: str, **link: str) -> AppTest:
    """Choose an option where the browser's address is still `link`."""
    app.query_params.update(link)
    return app.segmented_control(key=key).set_value(option).run()


def test_a_choice_counts_where_the_link_of_the_one_before_has_not_reached_the_browser() -> None:
    app = visit("forward")
    choose(app, "forward_model_widget", "cnn")
    assert app.query_params["model"] == "cnn"
    choose(app, "forward_model_widget", "rnn", model="mlp")
    assert kept(app, "forward_model") == "rnn" and app.query_params["model"] == "rnn"
    app.query_params["model"] = "cnn"  # and a link by itself is followed as before
    assert kept(app.run(), "forward_model") == "cnn"


def test_a_choice_does_not_bring_back_the_language_and_the_digit_of_an_older_link() -> None:
    app = upload(visit("read", "zh"), **{"digit.png": png(SEVEN)})
    older = app.query_params["d"]
    newer = upload(app, **{"digit.png": png(THREE)}).query_params["d"]
    switch(app, "forward", d=newer)
    choose(app, "language_widget", "en")
    choose(app, "forward_model_widget", "cnn", lang="zh", d=older)
    assert kept(app, "forward_model") == "cnn"
    assert kept(app, "language") == "en" and kept(app, "picture").link == newer
    assert dict(app.query_params.items()).items() >= {"lang": "en", "d": newer}.items()
