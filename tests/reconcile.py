"""The one check of explanations: a cell's terms add up, and the result is ONNX Runtime's own number."""

from collections.abc import Iterator

import numpy as np

from glassbox.explain.terms.cells import Index
from glassbox.explain.terms.explain import Explanation, Inside

TOLERANCE = 1e-5  # relative to the sum of the sizes of the terms


def reconcile(inside: Inside, tensor: str, index: Index) -> Explanation:
    """Explain the cell and assert all that an explanation promises; gives it back."""
    found = inside.terms(tensor, index)
    products, where = found.terms.products, f"{tensor}{index}: {found}"
    size = float(np.abs(products).sum())
    assert abs(products.sum() + found.bias - found.before) <= TOLERANCE * size, where
    if found.engine is not None:
        assert found.engine == float(inside.tensors[tensor][index])
        assert found.error is not None and found.error <= TOLERANCE, where
    for term in found.terms[:: max(1, len(found.terms) // 7)]:
        assert term.value == float(inside.tensors[term.source][term.source_index]), where
        if found.kind != "softmax":
            assert term.product == term.weight * term.value, where
    for gate in found.gates.values():
        reconcile(inside, gate.tensor, gate.index)
    return found


def sampled(inside: Inside, tensor: str, rng: np.random.Generator, most: int = 200) -> Iterator[Index]:
    """Every index of a small tensor, `most` random ones of a large one."""
    shape = inside.tensors[tensor].shape
    if inside.tensors[tensor].size <= most:
        yield from np.ndindex(shape)
    else:
        yield from (tuple(int(i) for i in rng.integers(0, shape)) for _ in range(most))
