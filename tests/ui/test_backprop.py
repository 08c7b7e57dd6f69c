"""The page on back-propagation: its formulas, maps and sentences give what the library computed."""

import re
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from glassbox.digits.reference_set import ReferenceChange, ReferenceSet, reference_set
from glassbox.explain.backward_pass import Backward
from glassbox.training.lesson import Frame
from glassbox.training.teacher import Teacher
from glassbox.ui.base import formats, i18n
from glassbox.ui.charts.latex import number
from glassbox.ui.pages.backprop import formulas, phases, teaching, through_time
from glassbox.ui.pages.backprop import thumbnails as thumbnails_module
from glassbox.ui.pages.backprop.thumbnails import thumbnails
from glassbox.ui.pages.backprop.training_step import TrainingStep
from glassbox.zoo import digit_models
from tests.model_names import english
from tests.ui.dashboard import component, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
ZOO = digit_models.load()


@cache
def take_step(model: str, rate: float = 0.03) -> TrainingStep:
    data, reference = ZOO.model_bytes(model), reference_set()
    backward = Backward(data)
    picture, label = reference.pictures()[77], int(reference.labels[77])
    update = Teacher(data).teach(picture, label, steps=1, learning_rate=rate)
    return TrainingStep(
        card=ZOO.cards[model],
        label=label,
        rate=rate,
        digit=reference.digits[77],
        backward=backward,
        before=backward.run(picture, label),
        update=update,
        after=backward.run(picture, label, update.weights),
    )


@pytest.mark.parametrize("model", digit_models.article())
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_each_phase_has_maps_and_a_formula_whose_numbers_are_right(
    monkeypatch: pytest.MonkeyPatch, model: str, language: str
) -> None:
    monkeypatch.setattr(i18n, "language", lambda: language)
    step = take_step(model)
    for phase in phases.PHASES:
        assert all(np.isfinite(tile.values).all() for row in phases.phase_maps(step, phase) for tile in row.tiles)
        assert formulas.with_symbols(step, phase) and "{" not in phases.phase_text(step, phase)
    ending = r"&= {} \end{{aligned}}"
    j, k = step.followed_weight
    gradient = step.before.gradients[step.backward.kernel][j, k]
    assert formulas.with_numbers(step, "gradient").endswith(ending.format(number(gradient)))
    new = step.update.weights[step.backward.kernel][j, k]
    assert formulas.with_numbers(step, "update").endswith(ending.format(number(new)))
    assert formulas.with_numbers(step, "loss").endswith(f"= {number(step.before.loss)}")
    said = phases.loss_change(step)
    assert formats.number(step.before.loss) in said and formats.number(step.after.loss) in said


@pytest.mark.parametrize(("after", "kind"), [(1e-7, "level"), (1.002e-7, "level"), (9e-8, "fell"), (2e-7, "rose")])
def test_a_loss_that_reads_the_same_neither_fell_nor_rose(after: float, kind: str) -> None:
    step = take_step("mlp")
    step = replace(step, before=replace(step.before, loss=1e-7), after=replace(step.after, loss=after))
    words = {"before": formats.number(1e-7), "after": formats.number(after), "rate": formats.number(step.rate)}
    assert phases.loss_change(step) == STRINGS["en"][f"backprop.{kind}"].format(**words)


def test_products_of_the_hidden_error_add_up() -> None:
    step = take_step("mlp")
    backward, j = step.backward, step.followed_weight[0]
    products = backward.weights[backward.kernel][j] * step.before.errors[backward.score][0]
    assert products.sum() == pytest.approx(step.before.errors[backward.features][0][j], abs=1e-6)


@pytest.mark.parametrize(
    ("p", "loss", "said"),
    [
        (0.25, 1.3863, r"L = -\ln 0.25 = 1.39"),
        (1 - 1.5e-7, 1.5e-7, r"L = -\ln (1 - 1.50 \cdot 10^{-7}) = 1.50 \cdot 10^{-7}"),
        (1.0, -0.0, r"L = -\ln 1 = 0"),
    ],
)
def test_the_loss_of_a_sure_verdict_is_not_that_of_certainty(p: float, loss: float, said: str) -> None:
    step = take_step("mlp")
    probabilities = np.full(10, (1 - p) / 9)
    probabilities[step.label] = p
    assert (
        formulas.with_numbers(
            replace(step, before=replace(step.before, probabilities=probabilities, loss=loss)), "loss"
        )
        == said
    )


@pytest.mark.parametrize("model", digit_models.article())
def test_thumbnails_frame_the_followed_cell_and_name_its_number(model: str) -> None:
    step = take_step(model)
    shown = dict(zip(phases.PHASES, thumbnails(step, dark=False), strict=True))
    for stage in shown.values():
        ((left, top, width, height),) = stage.marked
        assert 0 <= left <= stage.width - width and 0 <= top <= stage.height - height
    kernel = step.backward.kernel
    gradient = float(step.before.gradients[kernel][step.followed_weight])
    change = float(
        step.update.weights[kernel][step.followed_weight] - step.backward.weights[kernel][step.followed_weight]
    )
    assert change == pytest.approx(-step.rate * gradient, rel=1e-5, abs=1e-7)
    assert shown["gradient"].shape.endswith(f"= {formats.number(gradient)}")
    assert shown["update"].shape.endswith(f"= {formats.number(change)}")
    assert shown["result"].shape.endswith(f"= {formats.number(step.after.loss)}")


def test_thumbnails_are_drawn_once_for_a_step_and_a_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[float, bool]] = []
    monkeypatch.setattr(thumbnails_module, "thumbnails", lambda step, dark: drawn.append((step.rate, dark)) or [])
    thumbnails_module._kept.shared.clear()  # type: ignore[attr-defined]
    picture = SimpleNamespace(link="a sample's", everybodys=True)
    page = SimpleNamespace(picture=picture, reader=SimpleNamespace(provider=SimpleNamespace(name="cpu")))
    step = take_step("mlp")
    for dark in (False, True):
        for rate in (0.03, 0.03, 0.1):
            thumbnails_module.kept_thumbnails(page, replace(step, rate=rate), dark)
    thumbnails_module._kept.shared.clear()  # type: ignore[attr-defined]
    assert drawn == [(0.03, False), (0.1, False), (0.03, True), (0.1, True)]


def test_link_brings_network_label_and_beat() -> None:
    app = visit("backprop", model="rnn", label="4", beat="3", rate="0.1", steps="12")
    asked = {"backprop_model": "rnn", "backprop_rate": 0.1, "true_label": "4", "backprop_beat": 2}
    asked["teach_steps"] = 12
    assert {name: app.session_state[name] for name in asked} == asked
    assert app.slider(key="teach_steps").value == 12 and not app.warning
    assert any(text.value == STRINGS["en"]["backprop.output_words"] for text in app.markdown)


def test_the_page_opens_on_a_network_that_misreads_the_picture() -> None:
    app = visit("backprop")
    digit = app.session_state["picture"].digit.astype(np.float32) / 255
    network = Backward(digit_models.load().model_bytes(app.session_state["backprop_model"]))
    found = network.run(digit, int(app.session_state["true_label"]))
    assert found.probabilities.argmax() != int(app.session_state["true_label"])


@pytest.mark.parametrize("model", digit_models.article())
def test_the_first_lesson_of_a_network_does_not_ruin_it(model: str) -> None:
    app = visit("backprop", state={"backprop_model": model})
    app.button(key="teach_go").click().run()
    copy, zoo, reference = app.session_state["taught"][model], digit_models.load(), reference_set()
    network = Backward(zoo.model_bytes(model))
    before, after = (network.probabilities(reference.pictures(), weights).argmax(1) for weights in (None, copy.weights))
    change = ReferenceChange(reference.labels, before, after)
    assert len(change.forgotten) <= 0.25 * len(reference.labels)


def test_forged_links_are_passed_over() -> None:
    app = visit("backprop", model="../x", label="77", beat="99", rate="7", steps="900")
    assert app.session_state["backprop_model"] in digit_models.article() and app.session_state["backprop_beat"] == 0


@pytest.mark.parametrize(
    ("first", "kind", "share"),
    [(0.1, "fades", "5.0%"), (1.2, "fades", "60%"), (2.0, "holds", ""), (3.0, "grows", "150%")],
)
def test_error_fades_holds_or_grows_on_its_way_back(first: float, kind: str, share: str) -> None:
    said = through_time.summary({"rnn": np.array([first, 1.0, 2.0])})
    words = {"model": english("rnn"), "first": formats.number(first), "last": "2", "share": share}
    assert said == STRINGS["en"][f"backprop.time.{kind}"].format(**words)


def test_a_share_that_reads_the_same_is_not_said_to_have_changed() -> None:
    sure, surer = np.array([0.0001, 0.9999]), np.array([0.00001, 0.99999])
    reference = ReferenceSet(np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.int64))
    for after, kind in ((surer, "level"), (np.array([0.2, 0.8]), "stayed"), (sure[::-1], "turned")):
        frames = tuple(Frame(step, p, 0.0, np.zeros(3, np.uint8)) for step, p in enumerate((sure, after)))
        said = teaching.summary("mlp", frames, reference)
        assert said.startswith(STRINGS["en"][f"backprop.teach.{kind}"].format_map(Words(after)).split(" Of the")[0])


class Words(dict[str, str]):
    """The words of a lesson's summary after which the network's answers are `after`."""

    def __init__(self, after: np.ndarray) -> None:
        said = {"model": english("mlp"), "before": "1", "before_share": formats.percent(0.9999)}
        super().__init__(said | {"after": str(after.argmax()), "after_share": formats.percent(float(after.max()))})

    def __missing__(self, key: str) -> str:
        return ""


def test_teaching_turns_a_verdict_and_reset_turns_it_back() -> None:
    app = visit("backprop", state={"teach_steps": 50, "backprop_model": "mlp", "backprop_rate": 0.1})
    (before,) = component(app, "lesson_film")["frames"]
    label = (int(np.argmax(before["shares"])) + 1) % 10
    app.session_state["true_label"] = str(label)
    app.run()
    app.button(key="teach_go").click().run()
    said = next(text.value for text in app.markdown if re.search(r"other digits it now gets", text.value))
    assert f"now reads {label}" in said
    frames = component(app, "lesson_film")["frames"]
    assert [frame["step"] for frame in frames] == list(range(51))
    assert frames[0]["loss"] > frames[-1]["loss"] and int(np.argmax(frames[-1]["shares"])) == label
    app.button(key="teach_reset").click().run()
    assert not app.session_state["taught"]
    assert len(component(app, "lesson_film")["frames"]) == 1 and app.button(key="teach_rehearse").disabled


def test_a_rehearsal_goes_on_from_the_lesson_and_frames_what_it_practises() -> None:
    app = visit("backprop", state={"teach_steps": 3, "backprop_model": "mlp"})
    app.button(key="teach_go").click().run()
    assert not component(app, "lesson_film")["practised"]
    app.button(key="teach_rehearse").click().run()
    film = component(app, "lesson_film")
    assert [frame["step"] for frame in film["frames"]] == list(range(7))
    assert sorted(film["labels"][i] for i in film["practised"]) == list(range(10))
    assert any("the 10 framed ones" in text.value for text in app.markdown)


@pytest.mark.parametrize(
    ("read", "back"),
    [([[7, 1, 1], [7, 7, 7]], 0), ([[7, 1, 1], [1, 7, 7], [7, 7, 1]], 2), ([[7, 1, 1], [7, 7, 7], [7, 1, 1]], 2)],
)
def test_what_comes_back_is_counted_from_where_most_was_forgotten(read: list[list[int]], back: int) -> None:
    reference = ReferenceSet(np.zeros((3, 28, 28), np.uint8), np.array([7, 1, 1]))
    frames = tuple(Frame(step, np.zeros(10), 0.0, np.array(one, np.uint8)) for step, one in enumerate(read))
    key = "backprop.teach.rehearsed_back" if back else "backprop.teach.rehearsed"
    assert teaching.rehearsal(frames, reference, 10) == STRINGS["en"][key].format(count=10, back=back)


def test_the_network_taught_stands_beside_the_others_on_the_first_screen() -> None:
    app = visit("backprop", state={"teach_steps": 50, "backprop_model": "mlp", "backprop_rate": 0.1})
    app.session_state["true_label"] = "8"
    app.run()
    app.button(key="teach_go").click().run()
    app.switch_page("dashboard.py").run()
    *others, own = component(app, "cards")["cards"]
    assert [card["name"] for card in others] == list(digit_models.article())
    assert (own["name"], own["label"]) == ("taught_mlp", "8")
    assert own["title"] == STRINGS["en"]["read.taught.title"].format(model=english("mlp"))
    assert "backprop" in own["href"] and "model=mlp" in own["href"]


def test_learning_that_overflows_is_said_and_can_be_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "RATES", (0.03, 1e30))
    app = visit("backprop", state={"backprop_model": "mlp", "backprop_rate": 1e30, "teach_steps": 10})
    app.button(key="teach_go").click().run()
    assert any("overflowed at step" in error.value for error in app.error)
    app.button(key="teach_reset").click().run()
    assert not app.error
