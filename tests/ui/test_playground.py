"""The playground's page without a browser: the link, the controls, and what is below the figure."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.playground import experiments
from glassbox.playground.lessons import LESSONS
from glassbox.playground.setup import Setup, to_query
from glassbox.ui.base import i18n
from tests.ui.dashboard import component, visit

EN = i18n.strings("en")


def board(app: AppTest) -> dict[str, Any]:
    return component(app, "training_board")


def test_a_link_sets_everything() -> None:
    app = visit("playground", **to_query(LESSONS["several"]))
    assert app.selectbox(key="playground_lesson").value == "several"
    assert app.selectbox(key="playground_optimiser_widget").value == "adam"
    assert board(app)["classes"] == list("ABCD") and len(board(app)["layers"]) == 2


def test_a_lesson_and_a_setting_change_the_link() -> None:
    app = visit("playground")
    app.selectbox(key="playground_lesson").set_value("spiral").run()
    assert {name: app.query_params[name] for name in ("data", "layers")} == {"data": "spiral", "layers": "8-8"}
    assert EN["playground.lesson.spiral.reason"] in [info.value for info in app.info]
    version = board(app)["version"]
    app.selectbox(key="playground_rate_widget").set_value(0.1).run()
    assert app.query_params["rate"] == "0.1" and board(app)["version"] == version  # it goes on learning
    app.selectbox(key="playground_activation_widget").set_value("relu").run()
    assert board(app)["activation"] == "relu" and board(app)["version"] == version + 1


def test_going_back_to_a_link_without_settings_brings_the_standard_setup_back() -> None:
    app = visit("playground")
    app.selectbox(key="playground_lesson").set_value("spiral").run()
    assert app.session_state["playground_setup"] == LESSONS["spiral"]
    for name in to_query(LESSONS["spiral"]):
        del app.query_params[name]
    app.run()
    assert app.session_state["playground_setup"] == Setup()


def test_who_comes_from_another_page_finds_the_setup_as_it_was() -> None:
    app = visit("playground")
    app.selectbox(key="playground_lesson").set_value("spiral").run()
    app.switch_page("pages/mlp.py").run()
    app.query_params.clear()
    app.switch_page("pages/playground.py").run()
    assert app.session_state["playground_setup"] == LESSONS["spiral"]
    assert app.query_params["data"] == "spiral"


@pytest.mark.parametrize(("view", "chart"), [("optimisers", 1), ("surface", 1)])
def test_an_experiment_runs_when_asked(view: str, chart: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "EPOCHS", experiments.FRAMES)
    monkeypatch.setattr(experiments, "SIDE", 5)
    app = visit("playground", layers="2")
    app.session_state["playground_view"] = view
    app.run()
    assert not app.get("plotly_chart")
    app.button(key=f"playground_run_{view}").click().run()
    assert len(app.get("plotly_chart")) == chart


def test_pasted_rows_are_used_or_refused_by_name() -> None:
    app = visit("playground")
    app.session_state["playground_view"] = "own"
    app.run()
    app.text_area[0].set_value("1,2,a\n3,four,b").run()
    app.button(key="playground_use").click().run()
    assert [one.value for one in app.error] == [EN["playground.csv.error.few"].format(count=2, limit=10)]
    app.text_area[0].set_value("\n".join(f"{i},{i % 7},{'ab'[i % 2]}" for i in range(30))).run()
    app.button(key="playground_use").click().run()
    assert not app.error
    assert app.query_params["data"] == "own" and board(app)["classes"] == ["a", "b"]
    axes = board(app)["axes"]
    ends = [[axes["centre"][axis] + side * 0.9 * 6 * axes["spread"][axis] for side in (-1, 1)] for axis in (0, 1)]
    assert ends == [pytest.approx([0, 29]), pytest.approx([0, 6])]  # the rows reach to nine tenths of the plane


def test_files_to_take_home_are_offered() -> None:
    app = visit("playground")
    app.session_state["playground_view"] = "home"
    app.run()
    labels = {button.proto.label for button in app.get("download_button")}
    assert labels == {EN[f"playground.home.{name}"] for name in ("onnx", "keras", "points")}


def test_a_goal_that_is_reached_is_ticked_and_counted_while_its_data_stay() -> None:
    app = visit("playground", **to_query(LESSONS["hidden"]))
    words = EN["playground.lesson.hidden.goal"].format(share="95%")
    assert board(app)["goal"] == {"text": words, "reached": False}
    app.session_state["playground_goals_reached"] = ("hidden", "line")
    app.run()
    said = EN["playground.goals"].format(done=2, count=len(LESSONS))
    assert board(app)["goal"] == {"text": f"{words} {said}", "reached": True}
    app.selectbox(key="playground_rate_widget").set_value(0.1).run()  # the lesson goes on with another setting
    assert board(app)["goal"]["reached"]
    app.selectbox(key="playground_data_widget").set_value("spiral").run()
    assert board(app)["goal"] is None
