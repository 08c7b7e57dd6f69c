"""Circuits against the whole matrix, and heads whose weights say what they do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.engine.session import Session
from glassbox.explain.circuits import Circuit, ov_circuit, qk_circuit
from glassbox.graph.taps import tap
from glassbox.graph.transformer_writer import write_transformer
from tests.transformers import Shape, weights


def random_circuit(seed: int, tokens: int = 600, head: int = 3) -> Circuit:
    rng = np.random.default_rng(seed)
    return Circuit(rng.standard_normal((tokens, head)), rng.standard_normal((head, tokens)))


def test_circuits_are_products_of_the_weights() -> None:
    rng = np.random.default_rng(0)
    embedding, query, key, value = (rng.standard_normal(shape) for shape in [(9, 6), (6, 2), (6, 2), (6, 2)])
    write, unembedding = rng.standard_normal((2, 6)), rng.standard_normal((6, 9))
    scores = embedding @ query @ key.T @ embedding.T / np.sqrt(2)
    qk = qk_circuit(embedding, query, key, 2**-0.5)
    np.testing.assert_allclose([qk.row(token) for token in range(9)], scores)
    np.testing.assert_allclose(np.stack([qk.column(token) for token in range(9)], axis=1), scores)
    ov = ov_circuit(embedding.astype(np.float32), value, write, unembedding)
    expected = embedding.astype(np.float32) @ value @ write @ unembedding
    np.testing.assert_allclose([ov.row(token) for token in range(9)], expected)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.integers(0, 99), st.sampled_from([0, 1, 10, 900, 200_000]))
def test_largest_entries_are_those_of_the_whole_matrix(seed: int, count: int) -> None:
    circuit = random_circuit(seed)
    matrix = circuit.left @ circuit.right
    entries = circuit.largest(count)
    np.testing.assert_allclose([entry.value for entry in entries], np.sort(matrix, axis=None)[::-1][:count])
    assert len({(entry.row, entry.column) for entry in entries}) == count
    for entry in entries[:900]:
        assert entry.value == pytest.approx(matrix[entry.row, entry.column])


def test_more_entries_than_there_are_is_all_of_them() -> None:
    assert len(random_circuit(0, tokens=4).largest(99)) == 16


@pytest.mark.parametrize(("write", "copying"), [(np.eye(4), 1), (-np.eye(4), -1), (np.eye(4)[[1, 2, 3, 0]], 0)])
def test_copying_heads_are_told_by_their_eigenvalues(write: np.ndarray, copying: float) -> None:
    """A head that writes the token that it read, one that writes against it, and one that writes the next in a ring."""
    tokens = np.eye(6)[:, :4] @ np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    assert ov_circuit(tokens, np.eye(4), tokens[:4].T @ write @ tokens[:4], tokens.T).copying == pytest.approx(copying)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.integers(0, 99))
def test_copying_is_that_of_the_whole_matrix(seed: int) -> None:
    circuit = random_circuit(seed, tokens=12)
    eigenvalues = np.linalg.eigvals(circuit.left @ circuit.right)
    assert circuit.copying == pytest.approx(eigenvalues.sum().real / np.abs(eigenvalues).sum(), abs=1e-6)


def test_circuit_of_zeros_copies_nothing() -> None:
    assert np.isnan(Circuit(np.zeros((5, 2)), np.zeros((2, 5))).copying)


def test_circuits_are_what_the_engine_computes_where_nothing_but_a_token_is_read() -> None:
    """In the first layer of a transformer without positions; its norm divides each token by its root mean square."""
    shape = Shape(vocabulary=7, context=6, layers=1, heads=2, size=3, width=5, neurons=0)
    held = weights(shape)
    held["places"][:] = 0
    names, ids = ["attention0/size", "attention0/scores", "attention0/head_writes"], [3, 1, 6, 1]
    session = Session(tap(write_transformer(held), names).SerializeToString())
    size, scores, writes = (session.run({"ids": np.array([ids])}).outputs[name][0] for name in names)
    for head in range(shape.heads):
        query, key, value, write = (held[f"attention0/W_{part}"][head] for part in ("query", "key", "value", "write"))
        qk = qk_circuit(held["embedding"], query, key, 3**-0.5)
        expected = [qk.row(token)[ids] for token in ids]
        np.testing.assert_allclose(scores[head] * size * size.T, expected, rtol=1e-4, atol=1e-5)
        ov = ov_circuit(held["embedding"], value, write, held["embedding"].T)
        first = writes[head, 0] @ held["embedding"].T  # the first position sees but itself
        np.testing.assert_allclose(first * size[0], ov.row(ids[0]), rtol=1e-4, atol=1e-5)
