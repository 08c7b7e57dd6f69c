"""Every amount of a ledger against a transformer in float64, its sum and its terms against ONNX Runtime's run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.explain.ledger import Entry, Ledger, ledger
from glassbox.explain.terms.trace import trace
from glassbox.explain.transformer_reader import TransformerReader, TransformerReading
from glassbox.graph.transformer_writer import write_transformer
from tests.gradients import few
from tests.reconcile import TOLERANCE, reconcile, sampled
from tests.transformers import Array, Computed, Shape, compute, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=2, heads=2, size=3, width=6, neurons=4, biases=True)
IDS = [3, 0, 3, 1]


def small() -> TransformerReading:
    return TransformerReader(write_transformer(weights(SMALL))).read(IDS)


def expected_amounts(
    shape: Shape, held: dict[str, Array], ids: list[int], computed: Computed, position: int, toward: Array
) -> dict[tuple[str, int | None, tuple[int, ...]], float]:
    """What each entry adds: what it wrote times `toward`, by the root of the last stream's mean square."""
    wide = {name: array.astype(np.float64) for name, array in held.items()}
    direction = toward / np.sqrt(np.mean(computed.streams[-1][position] ** 2) + 1e-6)
    amounts = {
        ("token", None, ()): wide["embedding"][ids[position]] @ direction,
        ("position", None, ()): wide["places"][position] @ direction,
    }
    for (layer, head, at, source), written in computed.heads.items():
        if at == position:
            amounts["head", layer, (head, source)] = written @ direction
    for (layer, neuron, at), written in computed.neurons.items():
        if at == position:
            amounts["neuron", layer, (neuron,)] = written @ direction
    for (layer, block), written in computed.biases.items():
        amounts["head_bias" if block == "attention" else "neuron_bias", layer, ()] = written @ direction
    return {place: float(amount) for place, amount in amounts.items()}


def found_amounts(found: Ledger) -> dict[tuple[str, int | None, tuple[int, ...]], float]:
    return {
        (part.kind, part.layer, at): float(part.amounts[at])
        for part in found.parts
        for at in np.ndindex(part.amounts.shape)
    }


@given(shapes, st.booleans(), st.data())
@few
def test_every_amount_is_the_formulas_and_the_sum_is_the_engines(
    shape: Shape, difference: bool, data: st.DataObject
) -> None:
    held = weights(shape)
    tokens = st.integers(0, shape.vocabulary - 1)
    ids = data.draw(st.lists(tokens, min_size=1, max_size=shape.context))
    position = data.draw(st.integers(0, len(ids) - 1))
    token, against = data.draw(tokens), data.draw(tokens) if difference else None
    reading = TransformerReader(write_transformer(held)).read(ids)
    found = ledger(reading, position, token, against)

    computed = compute(shape, held, ids)
    toward, bias = held["embedding"][token].astype(np.float64), held.get("b_logits", np.zeros(shape.vocabulary))
    logit = computed.logits[position, token]
    expected_bias = float(bias[token])
    if against is not None:
        toward = toward - held["embedding"][against]
        logit -= computed.logits[position, against]
        expected_bias -= float(bias[against])
    expected = expected_amounts(shape, held, ids, computed, position, toward)
    if shape.biases:
        expected["bias", None, ()] = expected_bias
    amounts = found_amounts(found)
    behind = {place for place in amounts if place[0] == "head" and place[2][1] > position}
    assert all(amounts[place] == 0 for place in behind)
    assert amounts.keys() - behind == expected.keys()
    for place, amount in expected.items():
        assert amounts[place] == pytest.approx(amount, abs=2e-5), place

    engine = reading.logits[position, token] - (0 if against is None else reading.logits[position, against])
    assert found.engine == pytest.approx(float(engine), abs=1e-5)
    assert found.error <= TOLERANCE
    assert abs(found.total - found.engine) <= TOLERANCE * sum(map(abs, amounts.values()))
    assert found.total == pytest.approx(logit, abs=5e-5)


@given(shapes, st.booleans(), st.data())
@few
def test_terms_add_up_to_their_entry_and_read_the_runs_cells(
    shape: Shape, difference: bool, data: st.DataObject
) -> None:
    tokens = st.integers(0, shape.vocabulary - 1)
    ids = data.draw(st.lists(tokens, min_size=1, max_size=shape.context))
    reading = TransformerReader(write_transformer(weights(shape))).read(ids)
    position = data.draw(st.integers(0, len(ids) - 1))
    found = ledger(reading, position, data.draw(tokens), data.draw(tokens) if difference else None)
    for kind, layer, index in found_amounts(found):
        opened = found.terms(kind, layer, index)
        amount = found_amounts(found)[kind, layer, index]
        assert sum(term.product for term in opened) == pytest.approx(amount, abs=1e-9)
        for term in opened:
            assert term.value == reading.inside.tensors[term.source][term.source_index]
            assert term.product == term.weight * term.value
        sources = {(term.source, *term.source_index[:-1]) for term in opened}
        match kind:
            case "token":
                assert sources == {("embedding", ids[position])}
            case "position":
                assert sources == {("places", position)}
            case "head":
                head, source = index
                assert sources == {(f"attention{layer}/value", 0, head, source)}
                (read,) = {(term.weight_source, term.weight_index) for term in opened}
                assert read == (f"attention{layer}/attention", (0, head, position, source))
            case "neuron":
                assert [term.source_index for term in opened] == [(0, position, *index)]


def test_every_number_inside_is_explained() -> None:
    inside, rng = small().inside, np.random.default_rng(0)
    for tensor, array in inside.tensors.items():
        if array.dtype.kind == "f":
            for index in sampled(inside, tensor, rng, most=20):
                reconcile(inside, tensor, index)


def test_the_thread_from_any_entry_ends_at_a_token_a_position_or_a_weight() -> None:
    reading = small()
    found = ledger(reading, 3, 2)
    ends = set()
    for kind, layer, index in found_amounts(found):
        term = found.terms(kind, layer, index)[0]
        ends.add(trace(reading.inside, term.source, term.source_index)[-1].tensor)
    held = set(weights(SMALL))
    assert ends <= held and {"embedding", "places"} <= ends


def test_the_largest_come_first() -> None:
    found = ledger(small(), 3, 2, against=4)
    everything = found.largest(10_000)
    assert len(everything) == found.amounts.size == 2 + 2 * (2 * 4 + 1 + 4 + 1) + 1
    assert [abs(entry.amount) for entry in everything] == sorted(map(abs, found_amounts(found).values()), reverse=True)
    assert {(entry.kind, entry.layer, entry.index): entry.amount for entry in everything} == found_amounts(found)
    assert found.largest(2) == everything[:2] and isinstance(everything[0], Entry)


def test_a_token_against_itself_is_nothing() -> None:
    found = ledger(small(), 1, 2, against=2)
    assert found.engine == found.total == found.error == 0


def test_the_scale_is_frozen_and_said() -> None:
    """Without it, the amounts add up to the product of the stream and the unembedding."""
    reading = small()
    found = ledger(reading, 2, 1)
    last = compute(SMALL, weights(SMALL), IDS).streams[-1][2]
    assert found.scale == pytest.approx(1 / np.sqrt(np.mean(last**2) + 1e-6), rel=1e-5)
    without_bias = found.total - float(found.part("bias").amounts)
    assert without_bias / found.scale == pytest.approx(last @ weights(SMALL)["embedding"][1], abs=1e-4)


def test_what_is_not_there_is_refused_by_name() -> None:
    reading = small()
    with pytest.raises(ValueError, match="no position 4; 4 tokens were read"):
        ledger(reading, 4, 0)
    with pytest.raises(ValueError, match="no position -1"):
        ledger(reading, -1, 0)
    with pytest.raises(ValueError, match="no token has the id 5; there are 5"):
        ledger(reading, 0, 1, against=5)
    found = ledger(reading, 0, 1)
    with pytest.raises(ValueError, match="'neuron' is in layer 2; there are 'token' in None"):
        found.part("neuron", 2)
    with pytest.raises(ValueError, match=r"'head' has no entry \(2, 0\); its shape is \(2, 4\)"):
        found.terms("head", 0, (2, 0))
    with pytest.raises(ValueError, match=r"'head' has no entry \(1,\)"):
        found.terms("head", 0, (1,))
