"""The energy counter on made-up powercap trees, and readings on made-up noise."""

from pathlib import Path
from statistics import NormalDist, median
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from glassbox.trust.cost import energy
from glassbox.trust.cost.energy import EnergyCounter, Zone, counter, measure, median_estimate

LIMIT = 262_143_328_850  # of a real package's counter


def zone(root: Path, name: str, label: str, microjoules: int, limit: int = LIMIT) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{label}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    (folder / "max_energy_range_uj").write_text(f"{limit}\n")
    return folder


def test_packages_are_counted_and_their_parts_are_not(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl:0", "package-0", 1_000_000)
    zone(tmp_path, "intel-rapl:1", "package-1", 5_000_000)
    zone(tmp_path, "intel-rapl:0:0", "core", 700_000)
    zone(tmp_path, "intel-rapl:2", "psys", 9_000_000)
    found = counter(tmp_path)
    assert [one.name for one in found.zones] == ["package-0", "package-1"]
    assert found.reason is None
    assert found.read() == (1_000_000, 5_000_000)
    assert found.joules((1_000_000, 5_000_000), (1_500_000, 7_000_000)) == pytest.approx(2.5)


def test_a_counter_that_starts_again_at_zero_loses_nothing(tmp_path: Path) -> None:
    folder = zone(tmp_path, "intel-rapl:0", "package-0", 999_999, limit=999_999)
    found = counter(tmp_path)
    before = found.read()
    (folder / "energy_uj").write_text("0")
    assert found.joules(before, found.read()) == pytest.approx(1e-6)  # one more than the largest value is 0
    (folder / "energy_uj").write_text("250000")
    assert found.joules(before, found.read()) == pytest.approx(0.250001)


def test_a_machine_without_a_counter_says_so(tmp_path: Path) -> None:
    assert counter(tmp_path) == EnergyCounter((), "absent")
    assert counter(tmp_path / "nothing") == EnergyCounter((), "absent")


@pytest.mark.parametrize("content", [None, "not a number"])
def test_a_counter_that_cannot_be_read_is_told_from_none(tmp_path: Path, content: str | None) -> None:
    folder = zone(tmp_path, "intel-rapl:0", "package-0", 1)
    if content is None:
        (folder / "energy_uj").unlink()
        (folder / "energy_uj").mkdir()  # reading a folder fails for the administrator too
    else:
        (folder / "energy_uj").write_text(content)
    assert counter(tmp_path) == EnergyCounter((), "unreadable")


@pytest.mark.parametrize("count", [1, 5, 6, 8, 9, 20, 47, 100, 400])
def test_the_interval_is_that_of_the_binomial_distribution(count: int) -> None:
    """Independent reference: scipy's binomial quantile gives the rank whose two tails hold at most 5 %."""
    values = np.random.default_rng(count).exponential(1.0, count)
    ordered = np.sort(values)
    rank = int(stats.binom.ppf(0.025, count, 0.5))
    rank = rank if 2 * stats.binom.cdf(rank - 1, count, 0.5) <= 0.05 else rank - 1
    found = median_estimate(values)
    assert found.value == pytest.approx(median(values))
    assert found.blocks == count
    assert (found.low, found.high) == (ordered[max(rank - 1, 0)], ordered[-1 - max(rank - 1, 0)])


def test_the_interval_holds_the_true_median_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(0)
    held = [median_estimate(rng.exponential(1.0, 25)) for _ in range(2_000)]
    share = np.mean([one.low <= np.log(2) <= one.high for one in held])
    slack = NormalDist().inv_cdf(0.9999) * (0.95 * 0.05 / 2_000) ** 0.5
    assert share >= 0.95 - slack


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=60))
def test_a_reading_lies_within_its_interval(values: list[float]) -> None:
    found = median_estimate(values)
    assert min(values) <= found.low <= found.value <= found.high <= max(values)


def test_a_reading_is_clear_within_a_tenth_of_itself() -> None:
    assert energy.MedianEstimate(1.0, 0.91, 1.09, 20).clear
    assert not energy.MedianEstimate(1.0, 0.89, 1.01, 20).clear
    assert not energy.MedianEstimate(1.0, 0.99, 1.11, 20).clear
    assert not energy.MedianEstimate(0.0, 0.0, 0.0, 20).clear  # nothing was seen above the noise


def burn(seconds: float) -> None:
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


def test_an_estimate_is_processor_time_times_a_stated_power() -> None:
    (cost,) = measure({"work": lambda: burn(1e-4)}, 0.3, EnergyCounter((), "absent")).values()
    assert not cost.measured
    assert cost.joules.value == pytest.approx(cost.cpu_seconds.value * energy.WATTS_PER_THREAD)
    assert cost.joules.blocks >= energy.FEWEST
    assert cost.cpu_seconds.value <= cost.seconds.value * 1.05


def test_a_steady_work_is_done_as_soon_as_it_is_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that each run moves by exactly 1 ms: no noise, so the fewest blocks are enough, long before the limit."""
    now = [0.0]
    monkeypatch.setattr(energy, "perf_counter", lambda: now[0])
    monkeypatch.setattr(energy, "thread_time", lambda: now[0])

    def work() -> None:
        now[0] += 1e-3

    (cost,) = measure({"work": work}, 100.0, EnergyCounter((), "absent")).values()
    assert cost.joules.blocks == energy.FEWEST
    assert cost.joules.clear
    assert cost.joules.value == pytest.approx(4e-3)


def test_a_noisy_work_stops_at_the_limit_and_says_that_it_is_noisy(monkeypatch: pytest.MonkeyPatch) -> None:
    now, rng = [0.0], np.random.default_rng(0)
    monkeypatch.setattr(energy, "perf_counter", lambda: now[0])
    monkeypatch.setattr(energy, "thread_time", lambda: now[0])

    def work() -> None:
        now[0] += float(rng.choice([1e-3, 1e-1]))  # one or the other: the median jumps between them

    (cost,) = measure({"work": work}, 2.0, EnergyCounter((), "absent")).values()
    assert now[0] < 2.0 + 1.0  # at most a round more
    assert not cost.joules.clear


class Package(Zone):
    """A package that draws 10 W at rest and 30 W at work, on a clock that the test moves."""

    now = 0.0
    joules = 0.0

    def read(self) -> int:
        return int(Package.joules * 1e6) % (self.limit + 1)


@pytest.mark.parametrize("extra", [20.0, 0.0])
def test_what_the_package_draws_at_rest_is_taken_off(monkeypatch: pytest.MonkeyPatch, extra: float) -> None:
    """20 W above resting over 1 ms are 20 mJ, though the counter starts again at 0 every 2 J; a work that adds nothing
    can't be told from rest, and is estimated instead."""
    Package.now = Package.joules = 0.0

    def passes(seconds: float, watts: float = 10.0) -> None:
        Package.now += seconds
        Package.joules += watts * seconds

    monkeypatch.setattr(energy, "perf_counter", lambda: Package.now)
    monkeypatch.setattr(energy, "thread_time", lambda: Package.now)
    monkeypatch.setattr(energy.time, "sleep", passes)
    using = EnergyCounter((Package("package-0", Path("."), 1_999_999),))
    (cost,) = measure({"work": lambda: passes(1e-3, 10.0 + extra)}, 1.0, using).values()
    assert cost.measured == (extra > 0)
    assert cost.joules.value == pytest.approx(extra * 1e-3 if extra else 4e-3, rel=1e-3)
