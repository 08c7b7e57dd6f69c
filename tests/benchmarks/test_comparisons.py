"""The comparisons' own arithmetic and tables; no test here asserts a time."""

import shutil
from importlib import import_module
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import curves
from benchmarks.comparisons import SUBJECTS, Setting, check, training
from benchmarks.measure import FEWEST, REPEATS, Timing, timings
from benchmarks.peers import numpy_peer, playground
from benchmarks.tables import OURS, Asked, Table, duration, markdown, times, verdicts


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_can_be_measured_where_no_peer_is_installed_yet(subject: str) -> None:
    assert callable(import_module(f"benchmarks.comparisons.{subject}").tables)


def test_slow_calls_take_part_in_fewer_rounds_and_quick_ones_more_often_in_each() -> None:
    now = 0.0

    def lasting(seconds: float):  # type: ignore[no-untyped-def]
        def call() -> None:
            nonlocal now
            now += seconds

        return call

    calls = {"quick": lasting(1e-5), "middling": lasting(1e-2), "slow": lasting(1.0)}
    found = timings(calls, 200, clock=lambda: now, most=5.0)
    assert {name: one.calls for name, one in found.items()} == {"quick": 200 * REPEATS, "middling": 200, "slow": FEWEST}
    assert [one.seconds for one in found.values()] == pytest.approx([1e-5, 1e-2, 1.0])


def test_a_call_may_have_a_clock_of_its_own() -> None:
    ticks = count()
    found = timings({"here": int, "there": int}, 20, clock=lambda: 0.0, clocks={"there": lambda: float(next(ticks))})
    assert (found["here"].seconds, found["there"].seconds) == (0.0, 1.0)


def test_what_computes_something_else_is_not_compared() -> None:
    calls = {OURS: lambda: np.ones(3), "peer": lambda: np.ones((1, 3))}
    check(calls)
    with pytest.raises(ValueError, match=r"other differs from Glassbox by 1\.00e-02"):
        check(calls | {"other": lambda: np.full(3, 1.01)})
    with pytest.raises(ValueError, match="broken"):
        check(calls | {"broken": lambda: np.full(3, np.nan)})


def test_the_report_has_the_times_their_ratios_and_what_was_asked() -> None:
    found = {OURS: Timing(2e-5, 200), "peer": Timing(1e-5, 4000), "slow": Timing(3e-2, 20)}
    asked = [Asked("one digit", 2.0, 1.3), Asked("ahead", 1500.0, 1000, at_least=True), Asked("start", 39.0, 40, "ms")]
    table = times("One digit", found, asked, "A note.")
    assert [list(row) for row in table.rows] == [
        ["peer", "10 us", "0.50", "4000"],
        [OURS, "20 us", "1.00", "200"],
        ["slow", "30 ms", "1,500.00", "20"],
    ]
    assert [row[3] for row in verdicts([table]).rows] == ["NO", "yes", "yes"]
    text = command.report([table], Setting())
    assert text.startswith("# Results\n") and "- Machine: " in text and "## One digit" in text
    assert "| one digit | <= 1.3 x" in text and "A note.\n" in text
    lines = markdown(table).splitlines()[2:7]
    assert len({len(line) for line in lines}) == 1


def test_the_times_by_size_are_drawn_beside_the_report(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    by_size = [
        Table(f"Time by {what}", (what, "1", "8"), [], curves={OURS: [1e-5, 2e-5], "peer": [1e-4, 3e-4]})
        for what in ("batch", "depth")
    ]
    for name in ("one.svg", "same.svg"):
        curves.draw([*by_size, Table("Another", ("", "time"), [])], tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text()
    assert all(text in drawn for text in ("Time by batch", "Time by depth", OURS, "peer")) and "Another" not in drawn
    assert (tmp_path / "same.svg").read_text() == drawn
    assert command.PICTURE.name in command.report(by_size, Setting())


def test_times_have_three_digits() -> None:
    assert [duration(seconds) for seconds in (1.234, 0.01234, 1.234e-5)] == ["1.23 s", "12.3 ms", "12.3 us"]


def test_the_limits_and_a_missing_gpu_are_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    limits, cuda = (import_module(f"benchmarks.comparisons.{name}") for name in ("limits", "cuda"))
    monkeypatch.setattr(limits, "COPIED", 1000)
    monkeypatch.setattr(limits, "SIDE", 8)
    (table,) = limits.tables(Setting(rounds=1, most=0.0))
    assert [row[0].split(" ")[0] for row in table.rows] == ["an", "the", "the", "sgemm", "copy"]
    if not cuda.provider_state("cuda").available:
        (table,) = cuda.tables(Setting(rounds=1))
        assert "no GPU was at hand" in table.rows[0][1]


def test_the_training_that_is_timed_is_that_of_numpy() -> None:
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(5, 10, 2)).astype(np.float32), rng.normal(size=(5, 10, 1)).astype(np.float32)
    session, feeds = training.trainer(training.dense((2, 4, 1), "Tanh"), training.Sgd(), x, t)
    weights = [(feeds["W1"], feeds["b1"]), (feeds["W2"], feeds["b2"])]
    outputs = session.run(feeds).outputs
    training.expect_equal(outputs, weights, x, t, tanh=True)
    with pytest.raises(ValueError, match="differ from NumPy's"):
        training.expect_equal(outputs, weights, x, t + 1, tanh=True)


def test_the_limit_of_a_step_has_as_many_nodes_as_the_step() -> None:
    assert training.nodes_a_step(training.dense((2, 8, 8, 1), "Tanh")) == 15
    assert training.negations(15)().outputs["end"].tolist() == [1.0]  # of an even number of steps


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_playgrounds_own_code_learns() -> None:
    # By a line, which it learns from any weights; those that it begins with are drawn anew each time.
    examples = np.array([[1, 1, 1], [-1, -1, -1], [1, -1, 1], [-1, 1, -1]], np.float32)
    with playground.training(examples, steps=300) as (process, call):
        losses = [call() for _ in range(5)]
    assert process > 0
    assert losses[-1] < 0.01  # half a square without learning


def test_the_networks_in_numpy_are_those_of_the_shipped_models() -> None:
    from glassbox.engine.session import Session
    from glassbox.graph.model import constants, read
    from glassbox.zoo import digit_models

    zoo, x = digit_models.load(), np.random.default_rng(0).random((3, 28, 28), np.float32)
    for name in ("mlp", "cnn", "rnn"):
        model = zoo.model_bytes(name)
        session = Session(model)
        ((source, shape),) = session.inputs.items()
        ours = session.run({source: x.reshape(3, *shape[1:])}).outputs[session.outputs[0]]
        np.testing.assert_allclose(numpy_peer.run(name, constants(read(model).graph), x)(), ours, rtol=1e-3, atol=1e-4)
