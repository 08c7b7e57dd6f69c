"""Texts read with parts switched off and streams steered: against the formulas changed likewise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.explain.interventions import HeadAblation, Intervention, NeuronAblation, Steering
from glassbox.explain.ledger import ledger
from glassbox.explain.lens import LogitLens
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from glassbox.zoo.means import Means, from_bytes
from tests.gradients import few
from tests.reconcile import TOLERANCE, reconcile, sampled
from tests.transformers import Array, Changes, Shape, compute, norm, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=2, heads=2, size=3, width=6, neurons=4, biases=True)
IDS = [3, 0, 3, 1]


def means(shape: Shape, seed: int = 3) -> Means:
    """Random numbers for means: where they come from is no matter here."""
    rng = np.random.default_rng(seed)
    sizes = {
        "heads": (shape.layers, shape.heads, shape.width),
        "neurons": (shape.layers, shape.neurons),
        "sizes": (shape.layers + 1,),
        "token": (shape.width,),
    }
    return Means(**{name: rng.normal(size=size).astype(np.float32) for name, size in sizes.items()})


def reader(shape: Shape = SMALL) -> TransformerReader:
    return TransformerReader(write_transformer(weights(shape)), means=means(shape))


def interventions(shape: Shape) -> st.SearchStrategy[list[Intervention]]:
    layer, mean = st.integers(0, shape.layers - 1), st.booleans()
    direction = st.integers(0, 99).map(lambda seed: np.random.default_rng(seed).normal(size=shape.width))
    dose = st.sampled_from([-1.5, 0.0, 0.5])
    one: list[st.SearchStrategy[Intervention]] = [
        st.builds(HeadAblation, layer, st.integers(0, shape.heads - 1), mean),
        st.builds(Steering, st.integers(0, shape.layers), direction, dose),
    ]
    if shape.neurons:
        one.append(st.builds(NeuronAblation, layer, mean))
    return st.lists(st.one_of(one), max_size=5)


def changes(shape: Shape, made: list[Intervention]) -> Changes:
    """What the interventions come to, for `compute`."""
    found, average = Changes(), means(shape)
    for one in made:
        match one:
            case HeadAblation(layer, head, mean):
                found.heads[layer, head] = average.heads[layer, head] * mean
            case NeuronAblation(layer, mean):
                found.neurons[layer] = average.neurons[layer] * mean
            case Steering(stream, direction, dose):
                found.streams[stream] = found.streams.get(stream, 0) + dose * direction
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shape, list[int], list[Intervention]]:
    shape = draw(shapes)
    ids = draw(st.lists(st.integers(0, shape.vocabulary - 1), min_size=1, max_size=shape.context))
    return shape, ids, draw(interventions(shape))


@given(cases())
@few
def test_a_patched_reading_is_the_formulas_with_the_parts_changed(
    case: tuple[Shape, list[int], list[Intervention]],
) -> None:
    shape, ids, made = case
    reading = reader(shape).read(ids, made)
    expected = compute(shape, weights(shape), ids, changes(shape, made))
    np.testing.assert_allclose(reading.logits, expected.logits, atol=5e-5)
    for name, stream in zip(reading.reader.parts.streams, expected.streams, strict=True):
        np.testing.assert_allclose(reading.tensors[name][0], stream, atol=5e-5)
        np.testing.assert_allclose(reading.inside.tensors[name][0], stream, atol=5e-5)


@given(cases(), st.data())
@few
def test_the_ledger_of_a_patched_reading_adds_up_to_its_engines_number(
    case: tuple[Shape, list[int], list[Intervention]], data: st.DataObject
) -> None:
    shape, ids, made = case
    position = data.draw(st.integers(0, len(ids) - 1))
    token = data.draw(st.integers(0, shape.vocabulary - 1))
    found = ledger(reader(shape).read(ids, made), position, token)
    assert found.error <= TOLERANCE

    changed = changes(shape, made)
    expected = compute(shape, weights(shape), ids, changed)
    stream = expected.streams[-1][position]
    direction = weights(shape)["embedding"][token].astype(np.float64) / np.sqrt(np.mean(stream**2) + 1e-6)
    amounts = {(part.kind, part.layer): part.amounts for part in found.parts}
    assert {number for kind, number in amounts if kind == "steering"} == {
        number - 1 if number else None for number in changed.streams
    }
    for number, added in changed.streams.items():
        steered = amounts["steering", number - 1 if number else None]
        assert steered == pytest.approx(added @ direction, abs=5e-5)
    for (layer, head), written in changed.heads.items():
        assert not amounts["head", layer][head].any()
        amount = amounts["head_mean", layer][head] if written.any() else 0
        assert amount == pytest.approx(written @ direction, abs=5e-5)
    for (layer, head, at, source), written in expected.heads.items():
        if at == position:
            assert amounts["head", layer][head, source] == pytest.approx(written @ direction, abs=5e-5)
    for (layer, neuron, at), written in expected.neurons.items():
        if at == position:
            assert amounts["neuron", layer][neuron] == pytest.approx(written @ direction, abs=5e-5)
    for part in found.parts:
        for at in np.ndindex(part.amounts.shape):
            opened = found.terms(part.kind, part.layer, at)
            assert sum(term.product for term in opened) == pytest.approx(part.amounts[at], abs=1e-9)
            assert all(term.value == found.reading.inside.tensors[term.source][term.source_index] for term in opened)


ALL_KINDS = [HeadAblation(0, 1), HeadAblation(1, 0, mean=True), NeuronAblation(1, mean=True), Steering(1, np.ones(6))]


def test_the_lens_reads_the_streams_of_the_patched_run() -> None:
    reading = reader().read(IDS, ALL_KINDS)
    found = LogitLens(reading.reader).read(reading)
    held = weights(SMALL)
    for stage, stream in enumerate(compute(SMALL, held, IDS, changes(SMALL, ALL_KINDS)).streams):
        expected = np.array([held["embedding"] @ norm(one) + held["b_logits"] for one in stream])
        np.testing.assert_allclose(found.normed[stage], expected, atol=5e-5)


def test_every_number_inside_a_patched_reading_is_explained() -> None:
    inside, rng = reader().read(IDS, ALL_KINDS).inside, np.random.default_rng(0)
    for tensor, array in inside.tensors.items():
        if array.dtype.kind == "f":
            for index in sampled(inside, tensor, rng, most=20):
                reconcile(inside, tensor, index)


def test_a_batch_is_each_of_its_runs_alone() -> None:
    small = reader()
    runs: list[list[Intervention]] = [[], *([one] for one in ALL_KINDS), ALL_KINDS, [HeadAblation(0, 0)]]
    batch = small.read_batch(IDS, runs, ["logits", small.parts.streams[1]])
    assert list(batch) == ["logits", small.parts.streams[1]] and len(batch["logits"]) == len(runs)
    for run, logits in zip(runs, batch["logits"], strict=True):
        np.testing.assert_allclose(logits, small.read(IDS, run).logits, atol=1e-5)


def test_without_interventions_nothing_is_patched() -> None:
    reading = reader().read(IDS)
    assert list(reading.feeds) == ["ids"]
    assert not any(name.startswith("patch/") for name in reading.inside.tensors)


def test_of_two_that_switch_off_the_same_the_later_holds() -> None:
    small = reader()
    off, mean = HeadAblation(1, 1), HeadAblation(1, 1, mean=True)
    np.testing.assert_array_equal(small.read(IDS, [mean, off]).logits, small.read(IDS, [off]).logits)
    np.testing.assert_array_equal(small.read(IDS, [off, mean]).logits, small.read(IDS, [mean]).logits)


@pytest.mark.parametrize(
    ("intervention", "why"),
    [
        (HeadAblation(2, 0), "no layer 2; there are 2"),
        (HeadAblation(-1, 0), "no layer -1"),
        (HeadAblation(0, 2), "no head 2; there are 2"),
        (HeadAblation(0, -1), "no head -1"),
        (NeuronAblation(2), "no layer 2"),
        (Steering(3, np.ones(6)), "no stream 3; there are 3"),
        (Steering(0, np.ones(5)), r"6 finite numbers in a row; got \(5,\)"),
        (Steering(0, np.ones(6), float("nan")), "6 finite numbers"),
        (Steering(0, np.full(6, 1e30), 1e30), "6 finite numbers"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(intervention: Intervention, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        reader().read(IDS, [intervention])


def test_without_neurons_or_means_what_needs_them_is_refused() -> None:
    shape = Shape(vocabulary=5, context=4, layers=1, heads=2, size=3, width=6, neurons=0)
    without = TransformerReader(write_transformer(weights(shape)))
    assert without.means is None
    with pytest.raises(ValueError, match="layer 0 has no neurons"):
        without.read(IDS, [NeuronAblation(0)])
    with pytest.raises(ValueError, match="no means of this transformer"):
        without.read(IDS, [HeadAblation(0, 0, mean=True)])
    assert without.read(IDS, [HeadAblation(0, 0)]).logits.shape == (4, 5)


@pytest.mark.parametrize("change", [{"layers": 3}, {"heads": 3}, {"width": 7}, {"neurons": 5}])
def test_means_of_another_transformer_are_refused(change: dict[str, int]) -> None:
    other = Shape(**{**vars(SMALL), **change})
    with pytest.raises(ValueError, match="another transformer's"):
        TransformerReader(write_transformer(weights(SMALL)), means=means(other))


def test_means_are_read_from_their_file() -> None:
    made = means(SMALL)
    found = from_bytes(made.to_bytes())
    for name, array in vars(made).items():
        np.testing.assert_array_equal(getattr(found, name), array)


@pytest.mark.parametrize(
    "change",
    [
        {"heads": np.zeros((3, 2, 6), np.float32)},
        {"neurons": np.zeros(4, np.float32)},
        {"token": np.zeros(5, np.float32)},
        {"sizes": np.full(3, np.nan, np.float32)},
    ],
)
def test_means_that_fit_no_transformer_are_refused(change: dict[str, Array]) -> None:
    with pytest.raises(ValueError, match="mean"):
        Means(**{**vars(means(SMALL)), **change})


def test_the_last_logits_of_a_batch_are_those_of_each_run() -> None:
    small = reader()
    runs: list[list[Intervention]] = [[], ALL_KINDS, [HeadAblation(0, 0)]]
    for run, logits in zip(runs, small.last_logits(IDS, runs), strict=True):
        np.testing.assert_allclose(logits, small.read(IDS, run).logits[-1], atol=1e-5)
