"""Make: another model out of this one, checked by running it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto
from onnx.utils import Extractor

from glassbox.engine import quantising
from glassbox.graph.gradient import differentiate
from glassbox.graph.model import reads
from glassbox.graph.node import GradientError
from glassbox.graph.shapes import inferred
from glassbox.graph.taps import tap
from glassbox.graph.training import trainable, training_graph
from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, number, text, texts
from glassbox.inspection.branches import settled
from glassbox.inspection.checking import (
    Checked,
    Given,
    by_a_step,
    by_differences,
    by_outputs,
    by_tensors,
    differentiated,
    optimiser,
    trained,
)
from glassbox.inspection.comparison import difference
from glassbox.inspection.inputs import feeds
from glassbox.inspection.opening import opened
from glassbox.inspection.requests import Make
from glassbox.inspection.running import tapped

Array = NDArray[Any]


def make(models: Sequence[bytes], request: Make, arrays: Mapping[str, Array]) -> Answer:
    """Return another model, made of this one.

    Facts: `kind`; `bytes` of both files; `inputs` and `outputs` of the made one; `checked`: `how`, and for each tensor
    compared how it differs, see `comparison.difference`, with the `largest` and the largest `relative` of all. What is
    compared, by `how`: "outputs", the outputs of both models on the given inputs; "tensors", what the model made and
    what a run of the whole gives; "differences", the gradient in a direction and the central difference of the score in
    it; "step", the loss of the first step and that of the model's own output. Arrays: `model`, the file's bytes.

    Raises InputError: `cannot_make` with the reason, `nothing_to_train`, `unknown_tensor`, and as `run` does.
    """
    model = opened(models[0])
    fed, inputs = feeds(model, request, arrays)
    values, _ = tapped(settled(model, fed).model).run(fed)
    given = Given(model, fed, values, request)
    build, check = MAKERS[request.kind]
    try:
        made = build(given)
    except InputError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # GradientErrors, and what onnx and the quantisers raise
        why = text(str(error)) or error.__class__.__name__
        raise InputError("cannot_make", f"This can't be made of the model: {why}", kind=request.kind, why=why) from None
    data = made.SerializeToString()
    try:
        checked = check(given, made, data)
    except InputError as error:
        if error.code not in ("cannot_load", "cannot_run"):
            raise
        why = text(str(error))
        raise InputError("cannot_make", f"What was made doesn't run: {why}", kind=request.kind, why=why) from None
    rows = [{"tensor": name, **difference(*pair)} for name, pair in checked.pairs.items()]
    facts = {
        "kind": request.kind,
        "fed": inputs,
        "bytes": [len(model.data), len(data)],
        "inputs": texts(value.name for value in made.graph.input),
        "outputs": texts(value.name for value in made.graph.output),
        "checked": {
            "how": checked.how,
            "tensors": rows,
            "largest": _most(rows, "largest"),
            "relative": _most(rows, "relative"),
            "not_finite": sum(row["not_finite"] for row in rows),
        },
    }
    return Answer(facts, {"model": np.frombuffer(data, np.uint8)})


def _half(given: Given) -> ModelProto:
    return _fewer_bits(given, quantising.half(given.model.proto))


def _dynamic(given: Given) -> ModelProto:
    return _fewer_bits(given, quantising.dynamic(given.model.proto))


def _static(given: Given) -> ModelProto:
    floats = {
        name: value
        for name, value in given.values.items()
        if isinstance(value, np.ndarray) and value.dtype == np.float32 and value.size
    }
    if bad := [name for name, value in floats.items() if not np.isfinite(value).all()]:
        raise ValueError(f"tensor {text(bad[0])!r} holds NaN or infinities on these inputs, and so has no range")
    ranges = {name: (float(value.min()), float(value.max())) for name, value in floats.items()}
    return _fewer_bits(given, quantising.static(given.model.proto, ranges))


def _fewer_bits(given: Given, made: ModelProto) -> ModelProto:
    before, after = ([node.op_type for node in model.graph.node] for model in (given.model.proto, made))
    kinds = [[weight.data_type for weight in model.graph.initializer] for model in (given.model.proto, made)]
    if before == after and kinds[0] == kinds[1]:
        raise ValueError("no operator of it can be written in fewer bits")
    return made


def _taps(given: Given) -> ModelProto:
    return tap(given.model.proto, list(given.request.tensors) or None)


def _derivative(given: Given) -> ModelProto:
    of, wrt = differentiated(given)
    try:
        return differentiate(given.model.proto, of, wrt)
    except GradientError:
        taken = settled(given.model, given.fed).model
        if taken is given.model:
            raise
    return differentiate(taken.proto, of, wrt)  # for the branches that these inputs take alone


def _training(given: Given) -> ModelProto:
    if len(given.fed) != 1 or len(given.outputs) != 1:
        raise ValueError(
            f"only a model of one input and one output can be trained; it has {len(given.fed)} and {len(given.outputs)}"
        )
    if not given.values[given.outputs[0]].ndim:
        raise ValueError(f"its output {text(given.outputs[0])!r} is one number without axes")
    weights = trained(given) or trainable(given.model.proto)
    if not weights:
        raise InputError("nothing_to_train", "The model has no weights that training could change.")
    return training_graph(given.model.proto, given.request.loss, optimiser(given), weights=weights)


def _submodel(given: Given) -> ModelProto:
    whole = inferred(given.model.proto)
    starts = list(given.request.tensors) or list(given.fed)
    ends = list(given.request.to) or [value.name for value in whole.graph.output]
    if missing := [name for name in [*starts, *ends] if not isinstance(given.values.get(name), np.ndarray)]:
        name = text(missing[0])
        raise InputError("unknown_tensor", f"A run computes no tensor named {name!r}.", name=name)
    part = Extractor(whole).extract_model(starts, ends)
    made = {*starts, *(weight.name for weight in part.graph.initializer)}
    made |= {weight.values.name for weight in part.graph.sparse_initializer}
    for node in part.graph.node:
        if absent := reads(node) - made:
            raise ValueError(f"{', '.join(ends)} depend on more than {', '.join(starts)}: {min(absent)!r} too")
        made.update(node.output)
    return part


def _most(rows: Sequence[Mapping[str, Any]], key: str) -> float | None:
    """Return the largest of what is known; None where nothing is."""
    known = [row[key] for row in rows if row[key] is not None]
    return number(max(known)) if known else None


Build = Callable[[Given], ModelProto]
Check = Callable[[Given, ModelProto, bytes], Checked]
MAKERS: Mapping[str, tuple[Build, Check]] = {
    "fp16": (_half, by_outputs),
    "int8_dynamic": (_dynamic, by_outputs),
    "int8_static": (_static, by_outputs),
    "taps": (_taps, by_tensors),
    "derivative": (_derivative, by_differences),
    "training": (_training, by_a_step),
    "submodel": (_submodel, by_tensors),
}
