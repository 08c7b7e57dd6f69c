"""Compare: how two models differ in structure, in weights, and on the same inputs tensor by tensor."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.graph.model import operator
from glassbox.graph.structure import structure
from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, number, text, texts
from glassbox.inspection.asked_inputs import wanted
from glassbox.inspection.branches import settled
from glassbox.inspection.inputs import feeds, fitted
from glassbox.inspection.matching import matched
from glassbox.inspection.opening import Opened, opened, ran, session
from glassbox.inspection.requests import Compare
from glassbox.inspection.running import Tapped, tapped
from glassbox.inspection.timing import warm_seconds

Array = NDArray[Any]
MOST_NAMES = 200
"""Tensors or weights of one model alone that are named."""


def compare(models: Sequence[bytes], request: Compare, arrays: Mapping[str, Array]) -> Answer:
    """Return how the second model differs from the first.

    Facts: `structure` (pairs), `weights`, those that are not the same; `tensors` of floating-point or whole numbers
    that both have, in the order of the first, see `difference`, each `matched` by name or by topology, and whether it
    `exceeds` the tolerance; the branches `taken` of each If of the two, whose tensors tell their `path`, see
    `branches.Settled`; `first`, the first that does; `outputs`, the same of the plain runs' outputs; `alone`, the
    tensors of one model only; `seconds` of both plain runs, see `timing.warm_seconds`, and the `runs` that they are of.

    Raises InputError: `inputs_differ` where the second model takes other inputs, and as `run` does.
    """
    one, other = (opened(data) for data in models)
    fed, inputs = feeds(one, request, arrays)
    fed_other = _fed(other, fed)
    levels = request.optimised
    ready = [
        model.session if level == "all" else session(model.data, level)
        for model, level in zip((one, other), levels, strict=True)
    ]
    plain = [ran(run, given) for run, given in zip(ready, (fed, fed_other), strict=True)]
    timed = warm_seconds(list(zip(ready, (fed, fed_other), strict=True)), [seconds for _, seconds in plain])
    whole = [settled(model, given) for model, given in zip((one, other), (fed, fed_other), strict=True)]
    sides = [
        tapped(made.model) if level == "all" else Tapped(made.model, level)
        for made, level in zip(whole, levels, strict=True)
    ]
    runs = [_side(side, side.run(given)[0]) for side, given in zip(sides, (fed, fed_other), strict=True)]
    pairs = matched(runs[0].tensors, runs[1].tensors)
    tensors = [
        {
            "tensor": name,
            "other": runs[1].holders[twin],
            "matched": how,
            "node": text(sides[0].makers[name].node),
            "operator": text(sides[0].makers[name].operator),
            **_judged(runs[0].tensors[name][1], runs[1].tensors[twin][1], request.tolerance),
            **whole[0].place(name),
        }
        for name, twin, how in pairs
    ]
    outputs = [
        {"tensor": name, "other": twin, **_judged(plain[0][0][name], plain[1][0][twin], request.tolerance)}
        for name, twin in zip(plain[0][0], plain[1][0], strict=False)
        if _comparable(plain[0][0][name], plain[1][0][twin])
    ]
    paired = {name for name, _, _ in pairs}, {twin for _, twin, _ in pairs}
    facts = {
        "inputs": inputs,
        "taken": [[list(path) for path in made.taken] for made in whole],
        "structure": _structure(one, other),
        "weights": list(_weights(one, other)),
        "tensors": tensors,
        "first": next((row["tensor"] for row in tensors if row["exceeds"]), None),
        "outputs": outputs,
        "alone": [
            texts([name for name in side.tensors if name not in names][:MOST_NAMES])
            for side, names in zip(runs, paired, strict=True)
        ],
        "seconds": timed.seconds,
        "runs": timed.runs,
    }
    return Answer(facts)


def difference(one: Array, other: Array) -> dict[str, Any]:
    """Return as facts how `other` differs from `one`, both of one shape.

    `largest` and `mean` of |other - one|; `relative`, the largest by the largest |one|; `cosine` of the two; `at`, the
    cell of the largest, None where they are `equal`; `not_finite`, how many cells are a finite number in one alone, or
    another infinity: these are left out of the others, which are None where nothing is left.
    """
    a, b = (np.asarray(value).astype(np.float64) for value in (one, other))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    finite = np.isfinite(a) & np.isfinite(b)
    strange = int((~finite & ~same).sum())
    facts: dict[str, Any] = {"shape": list(a.shape), "not_finite": strange, "equal": bool(same.all())}
    if not finite.any():
        empty = 0.0 if not strange else None
        return facts | {"largest": empty, "mean": empty, "relative": empty, "cosine": None, "at": None}
    apart = np.abs(np.where(finite, b, 0) - np.where(finite, a, 0))
    place = np.unravel_index(int(np.argmax(apart)), a.shape)
    largest, scale = float(apart.max()), float(np.abs(a[finite]).max())
    lengths = float(np.linalg.norm(a[finite]) * np.linalg.norm(b[finite]))
    return facts | {
        "largest": number(largest),
        "mean": number(apart[finite].mean()),
        "relative": number(largest / scale) if scale else (0.0 if largest == 0 else None),
        "cosine": number(a[finite] @ b[finite] / lengths) if lengths else None,
        "at": None if facts["equal"] else [int(axis) for axis in place],
    }


def _judged(one: Array, other: Array, tolerance: float) -> dict[str, Any]:
    found = difference(one, other)
    close = found["relative"] is not None and found["relative"] <= tolerance
    return found | {"exceeds": bool(found["not_finite"]) or not close}


def _comparable(one: Any, other: Any) -> bool:
    """Return whether two values are tensors of numbers of one shape."""
    both = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    return both and one.shape == other.shape and not {one.dtype.kind, other.dtype.kind} & set("OUSc")


@dataclass(frozen=True)
class _Side:
    """The tensors of numbers that a model's nodes make: each's operator and values, and the tensor that really holds
    them where the model goes on with a rounded one."""

    tensors: dict[str, tuple[str, Array]]
    holders: dict[str, str]


def _side(inside: Tapped, values: Mapping[str, Any]) -> _Side:
    """Return what one model computed. What is quantised and at once dequantised again stands for what it was before:
    the rest of the model reads that, and ONNX Runtime's quantiser lets the rounding do the work of a Relu."""
    rounded: dict[str, str] = {}
    sources: dict[str, str] = {}
    for node in inside.proto.graph.node:
        if node.op_type == "QuantizeLinear":
            sources[node.output[0]] = node.input[0]
        elif node.op_type == "DequantizeLinear" and node.input[0] in sources:
            rounded[sources[node.input[0]]] = node.output[0]
    given = {value.name for value in inside.model.proto.graph.output}
    copies = {source if holder in given else holder for source, holder in rounded.items()} | {*sources}
    holders = {name: rounded.get(name, name) for name in inside.makers if name not in copies}
    found = {name: (inside.makers[name].operator, values.get(holder)) for name, holder in holders.items()}
    return _Side(
        {
            name: (kind, value)
            for name, (kind, value) in found.items()
            if isinstance(value, np.ndarray) and value.dtype.kind not in "OUSc"
        },
        holders,
    )


def _fed(model: Opened, fed: Mapping[str, Array]) -> dict[str, Array]:
    """Return what is fed to the second model: the first one's inputs, by name or, where the names differ, by place."""
    asked = wanted(model)
    if len(asked) != len(fed):
        raise InputError(
            "inputs_differ",
            f"The first model has {len(fed)} inputs, the second {len(asked)}.",
            first=len(fed),
            second=len(asked),
        )
    named = all(one.name in fed for one in asked)
    given = [fed[one.name] for one in asked] if named else list(fed.values())
    return {one.name: fitted(one, value, {}) for one, value in zip(asked, given, strict=True)}


def _structure(one: Opened, other: Opened) -> dict[str, Any]:
    whole = [structure(model.proto) for model in (one, other)]
    counts = [Counter(operator(node) for node in model.nodes if node.op_type != "Constant") for model in (one, other)]
    return {
        "operators": [[text(name), counts[0][name], counts[1][name]] for name in sorted({*counts[0], *counts[1]})],
        "opsets": [
            {text(x.domain or "ai.onnx"): x.version for x in model.proto.opset_import} for model in (one, other)
        ],
        "ir_versions": [model.proto.ir_version for model in (one, other)],
        "file_bytes": [len(model.data) for model in (one, other)],
        "nodes": [sum(count.values()) for count in counts],
        "parameters": [x.parameters for x in whole],
        "bytes": [x.bytes for x in whole],
        "multiply_adds": [x.multiply_adds for x in whole],
        "inputs": [[text(value.name) for value in model.inputs] for model in (one, other)],
        "outputs": [texts(value.name for value in model.proto.graph.output) for model in (one, other)],
    }


def _weights(one: Opened, other: Opened) -> Iterator[dict[str, Any]]:
    """Yield the weights that are not the same: `changed`, of another `shape` or `type`, or of the `first` or `second`
    model alone."""
    mine, theirs = set(one.weights), set(other.weights)
    alone = [(name, "first") for name in one.weights if name not in theirs]
    alone += [(name, "second") for name in other.weights if name not in mine]
    for name, state in alone[:MOST_NAMES]:
        yield {"name": name, "state": state}
    for name in one.weights:
        a, b = one.constant(name), other.constant(name) if name in theirs else None
        if a is None or b is None or (a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()):
            continue
        if a.shape != b.shape:
            yield {"name": name, "state": "shape", "shapes": [list(a.shape), list(b.shape)]}
        elif a.dtype.kind in "OUSc" or b.dtype.kind in "OUSc":
            yield {"name": name, "state": "changed"}
        else:
            state = "changed" if a.dtype == b.dtype else "type"
            yield {"name": name, "state": state, "types": [a.dtype.name, b.dtype.name], **difference(a, b)}
