"""What each cell of a transformer moves: against the formulas with that one cell taken from the other text."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.explain.activation_patching import Moved, moved
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from tests.gradients import few
from tests.transformers import Array, Shape, norm, shapes, weights

SMALL = Shape(vocabulary=6, context=5, layers=2, heads=2, size=3, width=6, neurons=4)
Cell = tuple[str, int | None, int | None]
"""A part, as `Moved` names it."""


def forward(
    shape: Shape, w: dict[str, Array], ids: list[int], given: dict[tuple[Cell, int], Array]
) -> dict[Any, Array]:
    """All parts of a text by their cells, and the last logits by ""; `given`: what a cell is at a position instead."""
    found: dict[Any, Array] = {}

    def part(cell: Cell, values: Array) -> Array:
        for (which, position), value in given.items():
            if which == cell:
                values[position] = value
        found[cell] = values
        return values

    steps = len(ids)
    stream = part(("embedding", None, None), w["embedding"][ids] + w["places"][:steps])
    for layer in range(shape.layers):
        name, read = f"attention{layer}", np.array([norm(row) for row in stream])
        for head in range(shape.heads):
            query, key, value = (read @ w[f"{name}/W_{kind}"][head] for kind in ("query", "key", "value"))
            scores = np.exp(np.where(np.tri(steps), query @ key.T / np.sqrt(shape.size), -np.inf))
            pattern = scores / scores.sum(1, keepdims=True)
            stream = stream + part(("head", layer, head), pattern @ value @ w[f"{name}/W_write"][head])
        if shape.biases:
            stream = stream + w[f"{name}/b_write"]
        if shape.neurons:
            name, read = f"feedforward{layer}", np.array([norm(row) for row in stream])
            neurons = part(("neurons", layer, None), np.maximum(0, read @ w[f"{name}/W_read"]))
            stream = stream + neurons @ w[f"{name}/W_write"] + (w[f"{name}/b_write"] if shape.biases else 0)
    found[""] = w["embedding"] @ norm(stream[-1]) + w.get("b_logits", 0)
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shape, list[int], list[int]]:
    shape = draw(shapes.filter(lambda one: one.vocabulary > 2))
    token, steps = st.integers(0, shape.vocabulary - 1), draw(st.integers(1, shape.context))
    text, other = (draw(st.lists(token, min_size=steps, max_size=steps)) for _ in range(2))
    return shape, text, [*other[:-1], (text[-1] + 1) % shape.vocabulary]


@given(cases())
@few
def test_each_cell_moves_what_the_formulas_say(case: tuple[Shape, list[int], list[int]]) -> None:
    shape, text, other = case
    w = {name: array.astype(np.float64) for name, array in weights(shape).items()}
    ours, theirs = forward(shape, w, text, {}), forward(shape, w, other, {})
    here, there = (run[""][1] - run[""][0] for run in (ours, theirs))
    rows = moved(TransformerReader(write_transformer(weights(shape))), text, other, answer=0, other_answer=1)
    assert {(row.kind, row.layer, row.head) for row in rows} == ours.keys() - {""}
    for row in rows:
        cell = (row.kind, row.layer, row.head)
        for position, share in enumerate(row.shares):
            logits = forward(shape, w, text, {(cell, position): theirs[cell][position]})[""]
            expected = logits[1] - logits[0] - here
            assert share * (there - here) == pytest.approx(expected, abs=2e-4 * (1 + np.abs(logits).max()))


def test_what_stands_in_one_place_alone_is_moved_whole_from_there() -> None:
    reader = TransformerReader(write_transformer(weights(SMALL)))
    rows = moved(reader, [3, 0, 2, 5], [3, 0, 4, 5], answer=1, other_answer=2)
    (embedding,) = [row for row in rows if row.kind == "embedding"]
    np.testing.assert_allclose(embedding.shares, [0, 0, 1, 0], atol=1e-5)
    before = [row.shares[:2] for row in rows]
    np.testing.assert_allclose(before, 0, atol=1e-5)


def test_texts_that_can_not_be_compared_are_refused() -> None:
    reader = TransformerReader(write_transformer(weights(SMALL)))
    with pytest.raises(ValueError, match="no difference"):
        moved(reader, [1, 2], [1, 2], answer=0, other_answer=1)
    with pytest.raises(ValueError):
        moved(reader, [1, 2], [1, 2, 3], answer=0, other_answer=1)
    with pytest.raises(ValueError, match="no token has the id 6"):
        moved(reader, [1, 2], [1, 6], answer=0, other_answer=1)


def test_every_part_is_listed_once_in_the_order_of_the_layers() -> None:
    rows = moved(TransformerReader(write_transformer(weights(SMALL))), [1, 2], [3, 4], answer=0, other_answer=1)
    layer = [("head", 0), ("head", 1), ("neurons", None)]
    expected = [("embedding", None, None), *[(kind, i, head) for i in range(2) for kind, head in layer]]
    assert [(row.kind, row.layer, row.head) for row in rows] == expected
    assert all(isinstance(row, Moved) and row.shares.shape == (2,) for row in rows)
