"""The MLP's page without a browser: its numbers are the engine's, and removing neurons changes the verdict."""

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.explain.ablation import Ablation
from glassbox.explain.terms.explain import Tapped
from glassbox.ui.base import i18n
from glassbox.ui.charts.sum_table import to_csv
from glassbox.ui.components import mlp_diagram
from glassbox.ui.components.mlp_diagram import points, strongest
from glassbox.ui.pages.mlp.view import MODEL
from glassbox.zoo import digit_models
from tests.ui.dashboard import component, visit

EN = i18n.strings("en")


@pytest.fixture
def app() -> AppTest:
    return visit("mlp")


def picture(app: AppTest) -> np.ndarray[Any, Any]:
    return (app.session_state["picture"].digit.astype(np.float32) / np.float32(255))[None]


def summary(app: AppTest) -> str:
    (text,) = [one.value for one in app.html if one.value.startswith('<p class="gb-summary')]
    return str(text)


def test_picture_of_the_network_holds_the_engines_numbers(app: AppTest) -> None:
    inside = Tapped(digit_models.load().model_bytes(MODEL)).run({"picture": picture(app)})
    drawn = component(app, "mlp_diagram")
    np.testing.assert_allclose(drawn["hidden"], inside.tensors["hidden"][0], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(drawn["logits"], inside.tensors["logits"][0], rtol=1e-3, atol=1e-6)
    out = inside.tensors["hidden"][0][:, None] * inside.tensors["logits/kernel"]
    np.testing.assert_allclose(drawn["out"], out, rtol=1e-3, atol=1e-6)
    assert drawn["now"] == drawn["before"]
    kernel = inside.tensors["hidden/kernel"][:, drawn["picked"]]
    np.testing.assert_allclose(component(app, "neuron_weights")["kernel"], kernel, rtol=1e-3)


def test_switch_removes_a_neuron_and_puts_it_back(app: AppTest) -> None:
    before = component(app, "mlp_diagram")
    unit = before["picked"]
    app.toggle(key="mlp_switch").set_value(False).run()
    after = component(app, "mlp_diagram")
    assert after["removed"] == [unit] and after["hidden"][unit] == 0
    inside = Ablation(digit_models.load().model_bytes(MODEL), "hidden").run(picture(app), {unit})
    np.testing.assert_allclose(after["logits"], inside.tensors["logits"][0], rtol=1e-3, atol=1e-6)
    assert after["before"] == before["now"] != after["now"]
    assert EN["mlp.restore"] in [button.label for button in app.button if not button.disabled]
    app.button(key="mlp_restore").click().run()
    assert component(app, "mlp_diagram")["now"] == before["now"]


def test_removing_the_most_needed_over_and_over_turns_the_verdict(app: AppTest) -> None:
    whole = int(np.argmax(component(app, "mlp_diagram")["before"]))
    for count in range(1, 41):
        app.button(key="mlp_remove_most").click().run()
        drawn = component(app, "mlp_diagram")
        assert len(drawn["removed"]) == count
        if int(np.argmax(drawn["now"])) != whole:
            break
    else:
        pytest.fail("forty neurons fewer and the verdict stands")
    assert EN["mlp.turned"].split("{")[0] in summary(app)


def test_it_is_said_how_many_neurons_it_can_lose_and_the_next_turns_it(app: AppTest) -> None:
    app.button(key="mlp_lose").click().run()
    said = r"Of these (\d+), (\d+) can be switched off one by one, .* still reads 1; switching off neuron (\d+) as well"
    found = re.search(said, summary(app))
    inside = Tapped(digit_models.load().model_bytes(MODEL)).run({"picture": picture(app)})
    firing = set(np.flatnonzero(inside.tensors["hidden"][0] > 0).tolist())
    assert found and int(found[1]) == len(firing)
    assert int(found[2]) == len(app.session_state["mlp_removed"]) > 10 and app.session_state["mlp_removed"] < firing
    app.toggle(key="mlp_switch").set_value(False).run()
    assert f"With {int(found[2]) + 1} of its neurons switched off it reads" in summary(app)


def test_a_share_that_reads_the_same_is_not_said_to_have_changed(app: AppTest) -> None:
    effects = np.array(component(app, "mlp_diagram")["effects"])
    app.session_state["mlp_removed"] = frozenset({int(np.abs(effects).argmin())})
    app.run()
    assert "as sure as with all of them" in summary(app) and "1 of its neurons" in summary(app)


def test_effects_are_what_removal_does(app: AppTest) -> None:
    before = component(app, "mlp_diagram")
    unit = int(np.argmin(before["effects"]))
    app.session_state["mlp_removed"] = frozenset({unit})
    app.run()
    after, verdict = component(app, "mlp_diagram"), int(np.argmax(before["before"]))
    assert after["now"][verdict] - before["now"][verdict] == pytest.approx(before["effects"][unit], abs=1e-3)


def test_sum_behind_an_output_is_checked_too(app: AppTest) -> None:
    app.session_state["mlp_verdict"] = True
    app.run()
    tables = [one.value for one in app.html if 'class="gb-total"' in one.value]
    assert len(tables) == 2 and all("✓" in table for table in tables)


def test_strongest_links_come_last_and_zeros_not_at_all() -> None:
    products = np.array([[0, -3, 1], [2, 0, 0.5]], np.float32)
    assert strongest(products, 3) == [(0, 2, 1.0), (1, 0, 2.0), (0, 1, -3.0)]
    assert strongest(np.zeros((2, 2), np.float32), 3) == []
    assert len(strongest(products, 99)) == 4


def test_the_links_of_each_neuron_are_the_strongest_of_its_own() -> None:
    products = np.random.default_rng(0).normal(size=(60, 7)).astype(np.float32)
    products[::3] = products[:, 2] = 0
    for count in (5, 99):
        each = mlp_diagram._strongest_of_each(products, count)
        assert each == [strongest(products[:, [unit]], count) for unit in range(7)]
    assert each[2] == []


def test_points_have_their_sign() -> None:
    assert points(-0.02314) == "−2.31" and points(0.5) == "+50.00"
    assert points(-0.00004) == points(0.0) == i18n.t("components.mlp_diagram.hardly")


def test_csv_holds_every_term_and_adds_up() -> None:
    grey = np.full((1, 28, 28), 0.5, np.float32)
    number = Tapped(digit_models.load().model_bytes(MODEL)).run({"picture": grey}).terms("logits", (0, 4))
    lines = [line.split(",") for line in to_csv(number).decode().splitlines()]
    terms, totals = lines[1:-4], {line[0]: float(line[-1]) for line in lines[-4:]}
    assert len(terms) == 128
    assert sum(float(line[-1]) for line in terms) + totals["bias"] == pytest.approx(totals["before"], abs=1e-9)
    assert totals["engine"] == pytest.approx(totals["after"], abs=1e-4)
