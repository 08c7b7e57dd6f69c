"""Numbers as people read them."""

import numpy as np
import pytest

from glassbox.ui.base import formats, i18n
from glassbox.ui.base.formats import NO_BREAK
from glassbox.ui.pages.forward import formulas
from glassbox.zoo import digit_models


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.974, "97.4%"),
        (0.0005, "0.1%"),
        (0.00049, "< 0.1%"),
        (0.0, "< 0.1%"),
        (0.99951, "> 99.9%"),
        (0.9994, "99.9%"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert formats.percent(share).replace(NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "0.000"),
        (1.0, "1.000"),
        (0.974, "0.974"),
        (0.001, "0.001"),
        (2.1e-7, "2.10 × 10⁻⁷"),
        (1 - 4.2e-5, "1 − 4.20 × 10⁻⁵"),
    ],
)
def test_probability(p: float, text: str) -> None:
    assert formats.probability(p) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (23.14e-6, "23.1 µs"),
        (5e-6, "5.00 µs"),
        (0.0123, "12.3 ms"),
        (61.2, "61.2 s"),
        (600, "10 min"),
        (258.9, "4.31 min"),
        (0.1, "100 ms"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert formats.duration(seconds).replace(NO_BREAK, " ") == text


def test_chinese_counts_by_four_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    said = [formats.count(number) for number in (101_770, 14_800_000, 2_292_000_000, 26_700_000, 3.6e13)]
    assert [one.replace(NO_BREAK, " ") for one in said] == ["101,770", "1480 万", "22.9 亿", "2670 万", "36.0 万亿"]
    assert formats.duration(600).replace(NO_BREAK, " ") == "10 分钟"


def test_count_and_size() -> None:
    assert [formats.count(940), formats.count(101_770), formats.count(1_234_567)] == [
        "940",
        "101,770",
        f"1.23{NO_BREAK}million",
    ]
    assert [formats.size(51_100), formats.size(1_230_000)] == [f"51.1{NO_BREAK}kB", f"1.23{NO_BREAK}MB"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.27149, "−0.271"),
        (12.34, "12.3"),
        (3.2e-7, "3.20 × 10⁻⁷"),
        (4321.0, "4,321"),
        (-2.5e6, "−2.50 × 10⁶"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("joules", "text"),
    [(3e-9, "3.00 nJ"), (5.48e-5, "54.8 µJ"), (1.338e-3, "1.34 mJ"), (209, "209 J"), (1035.6, "1.04 kJ"),
     (3600, "1.00 Wh"), (43_200, "12.0 Wh"), (1.287e9 * 3600, "1.29 GWh"), (27.51e9 * 3600, "27.5 GWh")],
)  # fmt: skip
def test_energies_are_joules_below_a_watt_hour(joules: float, text: str) -> None:
    assert formats.energy(joules).replace(formats.NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("grams", "text"), [(2.76e-2, "27.6 mg"), (1.2e-8, "12.0 ng"), (999.9, "1.00 kg"), (5.5e8, "550 t")]
)
def test_masses_are_from_nanograms_to_tonnes(grams: float, text: str) -> None:
    assert formats.mass(grams).replace(formats.NO_BREAK, " ") == text


def test_a_share_rounded_for_the_browser_is_rounded_once() -> None:
    """0.53249 is 53.2%, but by way of 0.5325 it would be 53.3%."""
    assert formats.percent(0.53249) == formats.percent(formats.shown(0.53249)) == "53.2%"
    for share in np.random.default_rng(0).random(2000):
        assert formats.percent(formats.shown(share)) == formats.percent(share)


def test_nothing_is_0_and_next_to_nothing_is_not() -> None:
    assert [formats.rough(share) for share in (0, 1e-6, 0.0002, 1)] == [
        "0%",
        f"<{formats.NO_BREAK}0.01%",
        "0.02%",
        "100%",
    ]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1240.4, "€1,240"),
        (100, "€100"),
        (5.789, "€5.79"),
        (0.1, "€0.10"),
        (0.0312, "€0.031"),
        (0.0003, "€0.00030"),
        (0, "€0.00"),
    ],
)
def test_a_price_has_no_power_of_ten(amount: float, text: str) -> None:
    assert formats.money(amount, "€") == text


def test_a_temperature_is_written_alike_in_formula_and_sentence() -> None:
    own = digit_models.load().cards["mlp"].calibration.temperature
    written = formulas.softmax(np.arange(10.0), np.full(10, 0.1), own)
    assert formats.temperature(own) == f"{own:.2f}" and written.split("T = ")[1].startswith(f"{own:.2f}")
    assert "0.101" not in written
