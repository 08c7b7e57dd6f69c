"""Accuracy with heads off and with some alone: against the formulas, text by text."""

import numpy as np
import pytest

from glassbox.explain import head_circuits
from glassbox.explain.head_circuits import Texts
from glassbox.explain.heads import head_scores
from glassbox.explain.ledger import ledger
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from tests.transformers import Changes, Shape, compute, weights

SHAPE = Shape(vocabulary=4, context=6, layers=2, heads=3, size=2, width=5, neurons=3)
EVERY = tuple((layer, head) for layer in range(2) for head in range(3))
IDS = np.random.default_rng(1).integers(0, 4, (40, 7))
TEXTS = Texts(IDS, np.random.default_rng(2).random((40, 6)) < 0.7)


@pytest.fixture(scope="module")
def reader() -> TransformerReader:
    return TransformerReader(write_transformer(weights(SHAPE)))


def expected(off: tuple[tuple[int, int], ...]) -> float:
    """The share of counted tokens that are foreseen, one after the other."""
    changes = Changes(heads={head: np.zeros(SHAPE.width) for head in off})
    right = 0
    for text, counted in zip(IDS, TEXTS.counted, strict=True):
        logits = compute(SHAPE, weights(SHAPE), text[:-1].tolist(), changes).logits
        right += sum(logits[t].argmax() == text[t + 1] for t in range(6) if counted[t])
    return right / int(TEXTS.counted.sum())


@pytest.mark.parametrize("off", [(), ((0, 1),), ((0, 0), (1, 2)), EVERY], ids=str)
def test_accuracy_without_heads_is_that_of_the_formulas(
    reader: TransformerReader, off: tuple[tuple[int, int], ...]
) -> None:
    assert head_circuits.accuracy(reader, TEXTS, off) == pytest.approx(expected(off))
    assert expected(off) != pytest.approx(expected(((1, 1),)))


def test_the_heads_are_listed_and_those_beside_some(reader: TransformerReader) -> None:
    assert head_circuits.heads(reader) == EVERY
    assert head_circuits.only(reader, [(1, 0), (0, 2)]) == ((0, 0), (0, 1), (1, 1), (1, 2))


def test_scores_are_those_of_the_patterns(reader: TransformerReader) -> None:
    for layer, found in enumerate(head_circuits.scores(reader, TEXTS)):
        patterns = np.zeros((40, 3, 6, 6))
        for n, text in enumerate(IDS):
            tensors = reader.read(text[:-1]).tensors
            patterns[n] = tensors[reader.parts.layers[layer].attention.weights][0]
        one_by_one = head_scores(patterns, IDS[:, :-1])
        np.testing.assert_allclose(found.induction, one_by_one.induction, atol=1e-6)
        np.testing.assert_allclose(found.previous_token, one_by_one.previous_token, atol=1e-6)


def test_the_share_that_a_head_pays_to_where_it_is(reader: TransformerReader) -> None:
    expected = np.zeros((2, 3))
    for text in IDS[:, :-1]:
        tensors = reader.read(text).tensors
        for layer in range(2):
            pattern = tensors[reader.parts.layers[layer].attention.weights][0]
            expected[layer] += [sum(pattern[head, t, t] for t in range(1, 6)) / 5 for head in range(3)]
    np.testing.assert_allclose(head_circuits.own_token(reader, TEXTS), expected / len(IDS), rtol=1e-5)


def test_each_set_of_heads_is_tried_and_the_fewest_that_do_are_found(reader: TransformerReader) -> None:
    found = head_circuits.accuracy_by_heads(reader, TEXTS)
    assert len(found) == 2**6 and {*found} == {tuple(sorted(on)) for on in found}
    for on in [(), ((0, 1),), ((0, 0), (0, 2), (1, 1)), EVERY]:
        assert found[on] == pytest.approx(expected(tuple(head for head in EVERY if head not in on)))
    a, b, c = (0, 0), (0, 1), (1, 0)
    table = {(): 0.0, (a,): 0.5, (b,): 0.2, (c,): 0.1, (a, b): 0.985, (a, c): 0.992, (b, c): 0.995, (a, b, c): 1.0}
    assert head_circuits.fewest(table) == (b, c)
    assert head_circuits.fewest(table, within=0.5) == (a,)
    assert head_circuits.fewest(table, within=0.001) == (a, b, c)


def test_direct_attribution_is_the_mean_of_the_ledgers(reader: TransformerReader) -> None:
    """The heads' entries for the token that follows, less the mean of those for each token."""
    texts = Texts(IDS[:5], TEXTS.counted[:5])
    amounts: dict[tuple[int, int], list[float]] = {head: [] for head in EVERY}
    for text, counted in zip(texts.ids, texts.counted, strict=True):
        reading = reader.read(text[:-1])
        for t in np.flatnonzero(counted).tolist():
            entries = [ledger(reading, t, token) for token in range(SHAPE.vocabulary)]
            for layer, head in EVERY:
                heads = [one.part("head", layer).amounts[head].sum() for one in entries]
                amounts[layer, head].append(heads[text[t + 1]] - float(np.mean(heads)))
    found = head_circuits.direct_attribution(reader, texts)
    for (layer, head), every in amounts.items():
        assert found[layer][head] == pytest.approx(np.mean(every), rel=1e-4, abs=1e-5)


def test_what_is_not_there_is_named(reader: TransformerReader) -> None:
    with pytest.raises(ValueError, match="no head 3; there are 3"):
        head_circuits.accuracy(reader, TEXTS, [(0, 3)])
    with pytest.raises(ValueError, match=r"no head \(2, 0\)"):
        head_circuits.only(reader, [(2, 0)])
    with pytest.raises(ValueError, match="no token is counted"):
        head_circuits.accuracy(reader, Texts(IDS, np.zeros((40, 6), bool)))
    with pytest.raises(ValueError, match="T from 1 to 6"):
        head_circuits.accuracy(reader, Texts(np.zeros((2, 8), np.int64), np.ones((2, 7), bool)))
