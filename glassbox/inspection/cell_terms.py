"""Terms: where one number of a run came from, as facts."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from glassbox.explain.terms.explain import Explanation, Inside, Tapped, UnknownOperator
from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, number, text
from glassbox.inspection.branches import settled
from glassbox.inspection.inputs import digest, feeds
from glassbox.inspection.opening import Opened, opened
from glassbox.inspection.requests import Terms

Array = NDArray[Any]
AGREES = {"float16": 5e-3, "bfloat16": 5e-2}
"""How far a sum may be from the engine's number, relative to what was added, by the tensor's type."""
AGREES_ELSE = 1e-4


def terms(models: Sequence[bytes], request: Terms, arrays: Mapping[str, Array]) -> Answer:
    """Return the terms of the number `tensor[index]`.

    Facts: `kind`, `operators`, `bias`, `before`, `after` and `engine`, see `Explanation`; `error`, how far `after` is
    from the engine's number relative to what was added, and whether that `agrees` with it but for rounding; `count`
    terms, the `most` largest in `terms`; `gates`, the same of each; `origin`, the cell that this one only copies.

    Raises InputError: `unknown_tensor`, `unknown_cell`, `terms_unknown` (operator, node), and as `feeds` does.
    """
    model = opened(models[0])
    fed, _ = feeds(model, request, arrays)
    run = inside(settled(model, fed).model, fed)
    value = run.tensors.get(request.tensor)
    if value is None:
        name = text(request.tensor)
        raise InputError("unknown_tensor", f"A run computes no tensor named {name!r}.", name=name)
    shape, index = value.shape, request.index
    if len(index) != len(shape) or not all(-n <= i < n for i, n in zip(index, shape, strict=True)):
        raise InputError(
            "unknown_cell",
            f"Tensor {text(request.tensor)!r} of shape {tuple(shape)} has no cell {tuple(index)}.",
            name=text(request.tensor),
            shape=list(shape),
            index=list(index),
        )
    if value.dtype.kind in "OUSc":
        raise InputError("no_number", f"Tensor {text(request.tensor)!r} holds no real numbers.", name=request.tensor)
    at = tuple(i % n for i, n in zip(index, shape, strict=True))
    try:
        found = run.terms(request.tensor, at)
    except UnknownOperator as error:
        raise InputError("terms_unknown", str(error), operator=text(error.operator), node=text(error.node)) from None
    origin = run.origin(request.tensor, at)
    facts = _facts(found, request.most, str(value.dtype.name))
    return Answer(facts | {"origin": [origin.tensor, list(origin.at)]})


def inside(model: Opened, fed: Mapping[str, Array]) -> Inside:
    """Return a run with every number's address, kept with the model until another is asked for."""
    key, kept = digest(fed), model.kept
    if kept.get("inside", (None, None))[0] != key:
        if "terms" not in kept:
            kept["terms"] = _tapped(model)
        kept.pop("inside", None)
        try:
            kept["inside"] = key, kept["terms"].run(fed)
        except MemoryError:
            raise
        except Exception as error:  # the engine raises its own errors
            why = text(str(error))
            raise InputError(
                "cannot_run", f"ONNX Runtime can't run this model on these inputs: {why}", why=why
            ) from None
    run: Inside = kept["inside"][1]
    return run


def _tapped(model: Opened) -> Tapped:
    try:
        return Tapped(model.proto)
    except ValueError as error:
        why = text(str(error))
        raise InputError("cannot_load", f"ONNX Runtime can't load this model: {why}", why=why) from None


def _facts(found: Explanation, most: int, dtype: str) -> dict[str, Any]:
    error = found.error
    allowed = AGREES.get(dtype, AGREES_ELSE)
    return {
        "tensor": found.tensor,
        "index": list(found.index),
        "kind": found.kind,
        "operators": list(found.operators),
        "bias": number(found.bias),
        "before": number(found.before),
        "after": number(found.after),
        "engine": None if found.engine is None else number(found.engine),
        "error": None if error is None else number(error),
        "agrees": error is None or bool(error <= allowed),
        "count": len(found.terms),
        "terms": [
            {
                "source": term.source,
                "source_index": list(term.source_index),
                "weight": number(term.weight),
                "value": number(term.value),
                "product": number(term.product),
                "weight_source": term.weight_source,
                "weight_index": list(term.weight_index),
            }
            for term in found.terms.largest(most)
        ],
        "gates": {name: _facts(gate, most, dtype) for name, gate in found.gates.items()},
    }
