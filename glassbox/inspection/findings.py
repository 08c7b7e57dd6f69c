"""Findings: what is wrong with a file, or worth knowing about it, in codes that the page words."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, checker, defs, shape_inference

from glassbox.graph.builder import needed
from glassbox.graph.model import STANDARD, array, attributes, labels, operator, reads
from glassbox.graph.rewriting import OLDEST_OPSET
from glassbox.inspection.answer import text, texts
from glassbox.inspection.opening import Opened

NAMED = 8
"""Names that a finding gives of many."""
KNOWN_DOMAINS = (*STANDARD, "ai.onnx.ml", "com.microsoft")
_SMALLEST_TWIN = 64
"""Bytes below which two weights may well be alike by chance."""

Finding = dict[str, Any]


def findings(model: Opened) -> list[Finding]:
    """Return what was found: each has a `code`, a `level` ("error", "warning" or "note") and details.

    Codes: `checker` and `shape_inference` (why), `unsorted`, `newer_opset` and `older_opset` (version, and what is
    known or needed), `unknown_domain` (domain, operators), and those with `count` and the first `names`:
    `unknown_operator`, `nodes_unused`, `nodes_unnamed`, `training_mode`, `types_unknown`, `weights_unused`,
    `weights_alike` (both with `bytes`), `weights_double`, `weights_not_finite`, `weights_as_inputs`.
    """
    return [one for part in (_checked, _versions, _operators, _nodes, _weights, _tensors) for one in part(model)]


def _finding(code: str, level: str, **details: Any) -> Finding:
    return {"code": code, "level": level, **details}


def _named(code: str, level: str, names: list[str], **details: Any) -> Iterator[Finding]:
    if names:
        yield _finding(code, level, count=len(names), names=texts(names[:NAMED]), **details)


def _checked(model: Opened) -> Iterator[Finding]:
    original = ModelProto.FromString(model.data)
    if [node.output for node in original.graph.node] != [node.output for node in model.proto.graph.node]:
        yield _finding("unsorted", "warning")
    del original
    try:
        checker.check_model(model.skeleton)
        for weight in model.proto.graph.initializer:
            checker.check_tensor(weight)
    except Exception as error:  # the checker's own, and bare RuntimeErrors
        yield _finding("checker", "error", why=text(str(error)))
        return
    try:
        shape_inference.infer_shapes(model.skeleton, strict_mode=True)
    except Exception as error:
        yield _finding("shape_inference", "warning", why=text(str(error)))


def _versions(model: Opened) -> Iterator[Finding]:
    known = defs.onnx_opset_version()
    for entry in model.proto.opset_import:
        if entry.domain in STANDARD and entry.version > known:
            yield _finding("newer_opset", "error", version=entry.version, known=known)
        if entry.domain in STANDARD and entry.version < OLDEST_OPSET:
            yield _finding("older_opset", "note", version=entry.version, needed=OLDEST_OPSET)


def _operators(model: Opened) -> Iterator[Finding]:
    own = {(function.domain, function.name) for function in model.proto.functions}
    foreign: dict[str, Counter[str]] = defaultdict(Counter)
    unknown: Counter[str] = Counter()
    for node in model.nodes:
        if (node.domain, node.op_type) in own:
            continue
        if node.domain not in KNOWN_DOMAINS:
            foreign[node.domain][node.op_type] += 1
        elif node.domain != "com.microsoft" and not defs.has(
            node.op_type, "" if node.domain in STANDARD else node.domain
        ):
            unknown[operator(node)] += 1
    for domain, counts in foreign.items():
        yield _finding("unknown_domain", "error", domain=text(domain), operators=texts(list(counts)[:NAMED]))
    yield from _named("unknown_operator", "error", list(unknown))


def _nodes(model: Opened) -> Iterator[Finding]:
    graph = model.proto.graph
    used = {name for node in needed(graph.node, [value.name for value in graph.output]) for name in node.output}
    spare = [name for node, name in zip(graph.node, labels(graph), strict=True) if not used & set(node.output)]
    yield from _named("nodes_unused", "warning", spare)
    unnamed = [name for node, name in zip(graph.node, labels(graph), strict=True) if not node.name]
    yield from _named("nodes_unnamed", "note", unnamed)
    training = [
        node.name or node.output[0]
        for node in graph.node
        if node.op_type == "BatchNormalization" and attributes(node).get("training_mode")
    ]
    yield from _named("training_mode", "warning", training)


def _weights(model: Opened) -> Iterator[Finding]:
    graph = model.proto.graph
    read = {value.name for value in graph.output}.union(*map(reads, graph.node))
    inputs = {value.name for value in graph.input}
    sizes: dict[str, int] = {}
    twins: dict[tuple[str, tuple[int, ...], bytes], str] = {}
    alike, broken = [], []
    for weight in graph.initializer:
        value = array(weight)
        sizes[weight.name] = value.nbytes
        if value.dtype.kind in "OSU" or not value.size:
            continue
        if value.dtype.kind == "f" and not (np.isfinite(value.min()) and np.isfinite(value.max())):
            broken.append(weight.name)
        if value.nbytes >= _SMALLEST_TWIN:
            content = hashlib.blake2b(
                np.ascontiguousarray(value).reshape(-1).view(np.uint8).data, digest_size=16
            ).digest()
            if twins.setdefault((value.dtype.str, value.shape, content), weight.name) != weight.name:
                alike.append(weight.name)
    unused = [name for name in sizes if name not in read]
    yield from _named("weights_unused", "warning", unused, bytes=sum(sizes[name] for name in unused))
    yield from _named("weights_alike", "note", alike, bytes=sum(sizes[name] for name in alike))
    yield from _named("weights_not_finite", "warning", broken)
    yield from _named("weights_as_inputs", "note", [name for name in sizes if name in inputs])
    wide = [weight.name for weight in graph.initializer if weight.data_type == TensorProto.DOUBLE and weight.dims]
    yield from _named("weights_double", "note", wide)


def _tensors(model: Opened) -> Iterator[Finding]:
    told = model.described
    untold = [
        name
        for node in model.proto.graph.node
        for name in node.output
        if name and (name not in told or told[name].type.WhichOneof("value") is None)
    ]
    yield from _named("types_unknown", "note", untold)
