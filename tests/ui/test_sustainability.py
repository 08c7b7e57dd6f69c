"""What compressed versions cost and what that adds up to, and the page about it, run without a browser."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.trust.cost import carbon, compression, energy, footprint
from glassbox.trust.cost.compression import Version
from glassbox.trust.cost.energy import Cost, EnergyCounter, MedianEstimate
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats, i18n, placeholders
from glassbox.ui.charts import compression as figures
from glassbox.ui.components import world_map
from glassbox.ui.frame import essay, measured_costs, shell
from glassbox.ui.pages.sustainability import energy_scale, view
from glassbox.ui.pages.sustainability import facts as footprint_facts
from glassbox.ui.pages.sustainability.parts import KEYS, PARTS
from glassbox.zoo import digit_models
from glassbox.zoo.cards import Accelerator, Accuracy
from tests.ui.dashboard import visit

CARDS = digit_models.load().cards


def accuracy(share: float) -> Accuracy:
    return Accuracy(share, max(share - 0.001, 0), min(share + 0.001, 1), round(share * 10_000), 10_000)


def reading(value: float) -> MedianEstimate:
    return MedianEstimate(value, 0.9 * value, 1.1 * value, 20)


def cost(seconds: float, measured: bool = False) -> Cost:
    return Cost(reading(seconds), reading(seconds), reading(seconds * energy.WATTS_PER_THREAD), measured)


def version(
    of: str, kind: str, seconds: float, right: float, size: int = 1_000, measured: bool = False
) -> MeasuredVersion:
    return MeasuredVersion(Version(of, kind, bytes(size), accuracy(right), 10, size // 2), cost(seconds, measured))


def all_versions(measured: bool = False) -> dict[str, MeasuredVersion]:
    """Every version of every network; each takes 10 us more and is right a little more often than the one before."""
    names = [(of, kind) for of in compression.networks() for kind in compression.ALL]
    made = [
        version(of, kind, 1e-5 * (i + 1), 0.9 + 0.003 * i, 1_000 * (i + 1), measured)
        for i, (of, kind) in enumerate(names)
    ]
    return {one.version.name: one for one in made}


def test_the_front_is_what_nothing_beats() -> None:
    """Independent reference: compare each with every other."""
    rng = np.random.default_rng(0)
    made = {f"{i}": version("cnn", "fp16", *rng.random(2).round(1)) for i in range(60)}
    price = {name: one.cost.joules.value for name, one in made.items()}
    front = footprint.pareto_front(made, price)

    def beaten(name: str) -> bool:
        right = made[name].version.accuracy.value
        return any(
            price[other] <= price[name] and one.version.accuracy.value >= right
            and (price[other], -one.version.accuracy.value) != (price[name], -right)
            for other, one in made.items()
        )  # fmt: skip

    unbeaten = {(price[name], made[name].version.accuracy.value) for name in made if not beaten(name)}
    assert {(price[name], made[name].version.accuracy.value) for name in front} == unbeaten
    assert [price[name] for name in front] == sorted(price[name] for name in front)


def test_break_even_is_a_ratio_of_processor_times() -> None:
    training = CARDS["mlp"].training
    assert footprint.break_even(training, cost(1e-5)) == pytest.approx(training.cpu_seconds / 1e-5)
    assert footprint.training_joules(training) == training.cpu_seconds * 4
    on_gpu = replace(training, accelerator=Accelerator("a GPU", 500.0))
    assert footprint.training_joules(on_gpu) == training.cpu_seconds * 4 + 500


def test_readings_add_up() -> None:
    total = footprint.total([reading(1.0), reading(2.0)])
    assert (total.value, total.low, total.high) == pytest.approx((3.0, 2.7, 3.3))


def test_every_version_is_run_on_the_digit() -> None:
    made = compression.versions(digit_models.load())[:3]
    found = footprint.measure(made, np.zeros((28, 28), np.uint8), EnergyCounter((), "absent"))
    assert list(found) == [one.name for one in made]
    assert all(one.cost.joules.value > 0 and not one.cost.measured for one in found.values())


@pytest.mark.parametrize("axis", view.AXES)
@pytest.mark.parametrize("followed", ["all", "cnn"])
def test_the_versions_are_in_the_picture_at_their_cost(axis: str, followed: str) -> None:
    found = all_versions()
    figure = figures.versions(found, axis, followed, lambda one: one.version.name)
    near = {one.version.name: one for one in found.values() if followed in (one.version.of, "all")}
    factor = 1e-3 if axis == "bytes" else 1e6
    kinds = [trace for trace in figure.data if trace.customdata is not None]
    shown = {said: (kind, place) for kind in kinds for place, (said, _) in enumerate(kind.customdata)}
    assert shown.keys() == near.keys()
    ends = [10**end for axis_drawn in (figure.layout.xaxis, figure.layout.yaxis) for end in axis_drawn.range]
    for name, (kind, place) in shown.items():
        one = near[name]
        x, y = kind.x[place], kind.y[place]
        assert (x, y) == pytest.approx((figures.price(one, axis) * factor, 1 - one.version.accuracy.value))
        assert ends[0] < x < ends[1] and ends[2] < y < ends[3]
        assert (kind.error_y.array is None) == (followed == "all")
        if followed != "all":
            low, high = y - kind.error_y.arrayminus[place], y + kind.error_y.array[place]
            assert (low, high) == pytest.approx((1 - one.version.accuracy.high, 1 - one.version.accuracy.low))
            assert ends[2] < low and high < ends[3]
    assert sorted(name.text.removeprefix("<b>").removesuffix("</b>") for name in figure.layout.annotations) == sorted(
        ["MLP", "CNN", "RNN", "Deep CNN"] if followed == "all" else [
            "FP32", "FP16", "INT8 dynamic", "INT8 static", "pruned", "narrow", "narrow INT8"]
    )  # fmt: skip


def test_the_line_goes_from_one_of_the_front_to_the_next_in_steps() -> None:
    made = [version("mlp", "fp16", 1e-6, 0.9), version("mlp", "fp32", 2e-6, 0.8), version("mlp", "pruned", 4e-6, 0.95)]
    front = figures.versions({one.version.name: one for one in made}, "seconds", "all", str).data[0]
    corners = [(1, 0.1), (4, 0.1), (4, 0.05)]
    assert [v for corner in zip(front.x, front.y, strict=True) for v in corner] == pytest.approx(
        [v for corner in corners for v in corner]
    )


# --- The map ---------------------------------------------------------------------------------------------------------


def test_equal_earth_keeps_areas() -> None:
    """A degree by a degree covers as much of the drawing as of the globe, wherever it lies (to the square's size)."""

    def share(latitude: float) -> float:
        south, north = latitude - 0.5, latitude + 0.5
        corners = np.array([[10.0, south], [11.0, south], [11.0, north], [10.0, north], [10.0, south]])
        x, y = world_map.place(corners).T
        drawn = abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
        return float(drawn / (np.sin(np.radians(north)) - np.sin(np.radians(south))))

    assert [share(latitude) for latitude in (-50, -20, 45, 70)] == pytest.approx([share(0)] * 4, rel=1e-3)


def test_the_map_has_every_country_once_within_its_frame() -> None:
    drawn = world_map.paths().keys() | world_map.dots().keys()
    assert not world_map.paths().keys() & world_map.dots().keys()
    assert set(carbon.grids()) - drawn == {"GIB", "MTQ"}
    for path in world_map.paths().values():
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        assert (
            min(numbers) >= 0
            and max(numbers[::2]) <= world_map.WIDTH
            and max(numbers[1::2]) <= world_map.height() + 0.1
        )


def test_no_country_is_drawn_across_the_whole_map() -> None:
    """Russia and Fiji cross the 180th meridian: each of their parts stays on its side."""
    for code, path in world_map.paths().items():
        for part in path.split("M")[1:]:
            across = [float(point.split(",")[0]) for point in part.removesuffix("Z").split("L")]
            steps = np.abs(np.diff([*across, across[0]]))
            assert steps.max(initial=0) < 0.2 * world_map.WIDTH, code


def test_the_scale_has_our_energies_and_published_ones_in_order() -> None:
    energies = energy_scale.energies(all_versions(), CARDS)
    assert [one.value for one in energies] == sorted(one.value for one in energies)
    assert sum(bool(one.source) for one in energies) == len(carbon.published()) + 1
    shown = energy_scale.to_html(energies)
    assert shown.count("<li>") == len(energies) and all(one.source in shown for one in carbon.published())


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("measured", "reason", "word"), [(True, None, "RAPL"), (False, "absent", "4"), (False, "unreadable", "4"),
                                     (False, None, "4")]
)  # fmt: skip
def test_each_figure_says_whether_it_was_measured(
    language: str, measured: bool, reason: str | None, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footprint_facts, "t", lambda key, **values: in_language(language, key, **values))
    facts = footprint_facts.facts(all_versions(measured), CARDS, EnergyCounter((), reason))
    kind = in_language(language, "sustainability.measured" if measured else "sustainability.estimated")
    assert facts["now.kind"] == kind and kind in facts["now.how"] and word in facts["now.how"]
    assert facts["now.how"] == in_language(
        language, "sustainability.how_measured" if measured else f"sustainability.how_{reason or 'noise'}"
    )


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_essay_gets_every_number_it_wants(language: str) -> None:
    sections = essay.sections("sustainability_essay", language)
    known = footprint_facts.facts(all_versions(), CARDS, EnergyCounter((), "absent")).keys()
    known |= footprint_facts.of_grid(None, all_versions()).keys() | {"page.seconds", "page.times"}
    assert set().union(*(section.values for section in sections.values())) <= known
    assert list(sections) == ["now", "twins", "training", "where", "scale", "limits"]


def in_language(language: str, key: str, **values: object) -> str:
    text = i18n.strings(language)[key]
    return text.format(**values) if values else text


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(footprint, "LIMIT", 0.0)  # a block of each version, in each test
    shell.reader.clear()
    measured_costs.forget()
    yield
    shell.reader.clear()
    measured_costs.forget()


OPEN = {PARTS.unfolded.at(part=part).key: True for part in KEYS}


def words(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption))


def components(app: AppTest) -> list[str]:
    names = [part.proto.component_name for part in app.get("bidi_component")]
    return [name for name in names if name in ("glassbox_near_viewport", "glassbox_curves", "glassbox_world_map")]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_page_tells_what_the_digit_cost(language: str) -> None:
    app = visit("sustainability", language, state=OPEN)
    assert not app.error and not app.warning
    assert not placeholders.names(words(app))
    assert in_language(language, "sustainability.how_absent") in words(app) or "RAPL" in words(app)
    assert components(app) == ["glassbox_near_viewport", "glassbox_world_map"]


def test_a_country_is_chosen_in_the_list_and_kept_in_the_link() -> None:
    app = visit("sustainability", part="where")
    assert "475" in words(app)
    app.selectbox(key="footprint_grid_widget").select("FRA").run()
    assert "**France**: 56" in words(app)
    assert app.query_params["country"] in ("FRA", ["FRA"])


def test_a_link_names_a_country() -> None:
    assert "**China**: 582" in words(visit("sustainability", country="CHN"))


@pytest.mark.parametrize(("code", "said"), [("XQZ", "No country in the table has the code **XQZ**"),
                                            ("CAF", "The table names **Central African Republic** but")])  # fmt: skip
def test_a_country_without_a_figure_is_said_and_the_mean_stands_in(code: str, said: str) -> None:
    app = visit("sustainability", country=code)
    assert said in words(app) and "475" in words(app)


def test_a_forged_country_changes_nothing() -> None:
    app = visit("sustainability", country="<b>")
    assert "**world's average**" in words(app)


def test_answers_a_day_are_told_in_units_that_people_know() -> None:
    """The large model's column by hand: 0.24 Wh a prompt, a hundred million a day, 12 Wh a phone. The units are the
    rows, so that a phone shows both columns."""
    app = visit("sustainability", answers="100000000")
    (table,) = [one.value for one in app.html if "A prompt to Gemini</span></th>" in one.value]
    assert re.findall(r"<tr><th scope=row>.*?<td>([^<]*)</td></tr>", table) == [
        f"24.0{formats.NO_BREAK}MWh",
        f"2.00{formats.NO_BREAK}million",
        "258,000",
        "818",
    ]
    app.select_slider(key="footprint_answers_widget").set_value(1000).run()
    assert app.query_params["answers"] in ("1000", ["1000"])


@pytest.mark.parametrize("forged", ["7", "-1", "x", "1e9", "1" + 90 * "0", "0000000000019"])
def test_a_forged_number_of_answers_changes_nothing(forged: str) -> None:
    app = visit("sustainability", answers=forged)
    assert app.select_slider(key="footprint_answers_widget").value == 1_000_000


def test_missing_versions_are_named_and_the_rest_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        compression, "versions", lambda models: [one for one in ORIGINAL(models) if one.kind != "narrow"]
    )
    app = visit("sustainability", state=OPEN)
    assert "Deep CNN narrow" in app.warning[0].value
    assert components(app) == ["glassbox_near_viewport", "glassbox_world_map"]


ORIGINAL = compression.versions


def test_versions_are_drawn_when_the_visitor_comes_near() -> None:
    app = visit("sustainability", model="cnn", cost="bytes")
    assert not app.get("plotly_chart")  # a charting library takes longer to load than all the rest
    app.session_state["footprint_versions_near"] = {"near": True}
    (chart,) = app.run().get("plotly_chart")
    assert "INT8 static" in chart.proto.spec and "CNN FP32: misreads" in chart.proto.spec


def test_numbers_and_zeros_are_shown_when_asked_for() -> None:
    app = visit("sustainability")
    app.session_state["footprint_zeros"] = True
    app.session_state["footprint_versions_numbers"] = True
    app.run()
    assert sum("narrow INT8" in one.value for one in app.html) == 1
    (chart,) = app.get("plotly_chart")
    assert chart.proto.alt == i18n.strings("en")["sustainability.zeros_alt"]
