"""Read: what a file holds, without running it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from glassbox.graph.model import operator
from glassbox.graph.structure import Structure, parameters, structure
from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, limited, text
from glassbox.inspection.asked_inputs import described
from glassbox.inspection.findings import findings
from glassbox.inspection.graphs import graphs, tensor_facts
from glassbox.inspection.labels import labels
from glassbox.inspection.opening import Opened, opened
from glassbox.inspection.requests import Read
from glassbox.inspection.vocabulary import tokenizer
from glassbox.inspection.weights import details, weights

MOST_METADATA = 100


def read(models: Sequence[bytes], request: Read, arrays: Mapping[str, NDArray[Any]]) -> Answer:
    """Return what the file holds.

    Facts: `file`; `inputs` and `outputs`; `graphs`, see `glassbox.inspection.graphs`; `operators`, counted with those
    inside bodies and functions, with what the nodes of the main graph cost; `totals`; `weights`; `findings`;
    `tokenizer`, how the file cuts text, see `vocabulary.Tokenizer`, "" where it doesn't say; `tokens`, the size of its
    vocabulary; `labels`, what the places of its output stand for; on request `details` of weights, with their arrays,
    and `gradients`, see `glassbox.inspection.differentiability`.
    """
    model = opened(models[0])
    whole = structure(model.proto, request.sizes)
    more, pictures = details(model, request.weights)
    gradients, cut = None, tokenizer(model)
    if request.gradients:  # the rules are imported only then
        from glassbox.inspection.differentiability import differentiability

        gradients = differentiability(model)
    facts: dict[str, Any] = {
        "file": _file(model),
        "inputs": _inputs(model),
        "outputs": [
            tensor_facts(model.described.get(one.name)) | {"name": one.name} for one in model.proto.graph.output
        ],
        "graphs": graphs(model, {layer.name: layer for layer in whole.layers}),
        "operators": _operators(model, whole),
        "totals": {"parameters": whole.parameters, "bytes": whole.bytes, "multiply_adds": whole.multiply_adds},
        "weights": weights(model),
        "findings": findings(model),
        "tokenizer": "" if cut is None else cut.kind,
        "tokens": 0 if cut is None else len(cut.numbers),
        "labels": labels(model),
        "details": more,
        "gradients": gradients,
    }
    return Answer(facts, pictures)


def _file(model: Opened) -> dict[str, Any]:
    proto = model.proto
    return {
        "bytes": len(model.data),
        "ir_version": proto.ir_version,
        "opsets": {text(entry.domain or "ai.onnx"): entry.version for entry in proto.opset_import},
        "producer": text(f"{proto.producer_name} {proto.producer_version}".strip()),
        "name": text(proto.graph.name),
        "description": text(proto.doc_string or proto.graph.doc_string),
        "metadata": limited({text(x.key): text(x.value) for x in proto.metadata_props}, MOST_METADATA),
    }


def _inputs(model: Opened) -> list[dict[str, Any]]:
    try:
        return described(model)
    except InputError:  # an input that can't be fed can be read about all the same
        return [tensor_facts(one) | {"name": one.name} for one in model.inputs]


def _operators(model: Opened, whole: Structure) -> list[dict[str, Any]]:
    """Return each operator, in the order in which they first come, with its nodes counted and their costs; a weight is
    counted where it is first read.

    A cost is None where that of a node can't be told; nodes inside bodies belong to the one that holds them.
    """
    counts = Counter(operator(node) for node in model.nodes if node.op_type != "Constant")
    sizes = parameters(model.proto.graph)
    seen = set[str]()
    rows: dict[str, dict[str, Any]] = {
        name: {"operator": text(name), "nodes": count, "parameters": 0, "bytes": 0, "multiply_adds": 0}
        for name, count in counts.items()
    }
    for layer in whole.layers:
        row = rows[layer.operator]
        shared = [sizes[name] for name in layer.constants if name in seen]
        seen.update(layer.constants)
        row["parameters"] += layer.parameters - sum(count for count, _ in shared)
        row["bytes"] += layer.bytes - sum(size for _, size in shared)
        known = row["multiply_adds"] is not None and layer.multiply_adds is not None
        row["multiply_adds"] = row["multiply_adds"] + layer.multiply_adds if known else None
    return list(rows.values())
