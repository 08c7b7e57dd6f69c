"""Which models a child of the sandbox lets in: what would cost or reach more than it may is refused before it is run.

The checks read the parsed file alone, so each is done in milliseconds whatever the model would do.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import onnx
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, SparseTensorProto, TensorProto, ValueInfoProto

from glassbox.input_error import InputError

MB = 1 << 20
MOST_NODES = 5_000
"""Nodes in the file, those of subgraphs and functions included."""
MOST_EXPANDED = 20_000
"""Nodes once each call of a function is replaced by its body."""
MOST_FUNCTIONS = 64
MOST_AXES = 64
"""As many as NumPy's arrays can have."""
_NARROW = re.compile("int[24]$|float[46]_")
STANDARD, MICROSOFT = ("", "ai.onnx"), "com.microsoft"
NEWEST = {
    "": onnx.defs.onnx_opset_version(),
    "ai.onnx.ml": onnx.defs.onnx_ml_opset_version(),
    MICROSOFT: 1,
}
"""The newest version of each domain that is let in."""
_RESERVED = ("com.microsoft", "com.ms", "ai.onnx", "org.pytorch")
"""Domains, with those below them, in which the engine has operators of its own: a function can't speak for them."""
_FUSED = """
    Attention BiasGelu BiasSoftmax ConvTransposeWithDynamicPads DequantizeLinear DynamicQuantizeLSTM
    DynamicQuantizeMatMul EmbedLayerNormalization ExpandDims FastGelu FusedConv FusedGemm FusedMatMul
    GatherBlockQuantized GatherND Gelu GridSample GroupQueryAttention Inverse LinearAttention MatMulInteger16
    MatMulIntegerToFloat MatMulNBits MaxpoolWithMask MultiHeadAttention NhwcMaxPool Pad QAttention
    QEmbedLayerNormalization QGemm QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool
    QLinearLeakyRelu QLinearMul QLinearReduceMean QLinearSigmoid QLinearSoftmax QLinearWhere QuantizeLinear QuickGelu
    Range RotaryEmbedding SkipLayerNormalization SkipSimplifiedLayerNormalization TransposeMatMul Trilu Unique
"""
FUSED = frozenset(_FUSED.split())
"""Operators of com.microsoft that ONNX Runtime's optimiser and its quantiser write."""


Scope = GraphProto | FunctionProto
"""What holds nodes."""


@dataclass(frozen=True)
class Bounds:
    """The bytes that a file may have, and those of the tensors that it declares, taken together."""

    file: int
    tensors: int


def admit(data: bytes, bounds: Bounds) -> ModelProto:
    """Return the model in `data` if it may be run. Raises InputError, with the first thing that speaks against it."""
    if len(data) > bounds.file:
        size, most = round(len(data) / MB, 1), bounds.file // MB
        sentence = f"The file has {size} MB; the limit is {most} MB."
        raise InputError("model_too_large", sentence, size=size, limit=most)
    model = _parse(data)
    found = len(model.functions)
    if found > MOST_FUNCTIONS:
        sentence = f"The model has {found} functions; the limit is {MOST_FUNCTIONS}."
        raise InputError("too_many_functions", sentence, found=found, limit=MOST_FUNCTIONS)
    _check_versions(model)
    scopes = _scopes(model)
    tensors = list(_tensors(scopes))
    for tensor in tensors:
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
            name = tensor.name[:80]
            raise InputError(
                "external_data", f"Tensor {name!r} is in another file; save the model as one.", tensor=name
            )
    _check_operators(model, scopes)
    _check_calls(model)
    _check_memory(scopes, tensors, bounds.tensors)
    _check_sizes(scopes, tensors)
    return model


def _parse(data: bytes) -> ModelProto:
    model = ModelProto()
    # The engine takes a file with these letters here for its own format, whatever else is in it.
    is_other = data[4:8] == b"ORTM"
    try:
        model.ParseFromString(b"" if is_other else data)
    except Exception:
        is_other = True
    if is_other or not model.graph.node:
        raise InputError("not_onnx", "This is not an ONNX model: it can't be parsed as one, or it has no nodes.")
    return model


def _check_versions(model: ModelProto) -> None:
    newest = onnx.IR_VERSION
    if not 1 <= model.ir_version <= newest:
        version = model.ir_version
        sentence = f"The file has ONNX IR version {version}; versions 1 to {newest} are supported."
        raise InputError("unknown_ir", sentence, version=version, newest=newest)
    for owner in (model, *model.functions):
        for entry in owner.opset_import:
            domain = "" if entry.domain in STANDARD else entry.domain
            if domain in NEWEST and not 1 <= entry.version <= NEWEST[domain]:
                facts = {"domain": domain or "ai.onnx", "version": entry.version, "newest": NEWEST[domain]}
                sentence = "The model requires opset {version} of {domain}; 1 to {newest} are supported.".format(
                    **facts
                )
                raise InputError("unknown_opset", sentence, **facts)


def _scopes(model: ModelProto) -> list[Scope]:
    """Return every graph and function in the file, at whatever depth. Raises InputError for too many nodes."""
    waiting: list[Scope] = [model.graph, *model.functions]
    for training in model.training_info:
        waiting += [training.initialization, training.algorithm]
    scopes, found = [], 0
    while waiting:
        scope = waiting.pop()
        scopes.append(scope)
        found += len(scope.node) + 1
        if found - len(model.functions) - 1 > MOST_NODES:
            sentence = f"The model has more than {MOST_NODES} nodes, including those of its subgraphs and functions."
            raise InputError("too_many_nodes", sentence, limit=MOST_NODES)
        for attribute in _attributes(scope):
            waiting += _bodies(attribute)
    return scopes


def _attributes(scope: Scope) -> Iterator[AttributeProto]:
    if isinstance(scope, FunctionProto):
        yield from scope.attribute_proto
    for node in scope.node:
        yield from node.attribute


def _bodies(attribute: AttributeProto) -> list[GraphProto]:
    """Return the graphs of an attribute, whatever type it says it has."""
    return [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]


def _tensors(scopes: Iterable[Scope]) -> Iterator[TensorProto]:
    """Return every tensor that the file holds, wherever one can stand."""
    for scope in scopes:
        sparse: list[SparseTensorProto] = []
        if isinstance(scope, GraphProto):
            yield from scope.initializer
            sparse += scope.sparse_initializer
        for attribute in _attributes(scope):
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("sparse_tensor"):
                sparse.append(attribute.sparse_tensor)
            sparse += attribute.sparse_tensors
        for one in sparse:
            yield from (one.values, one.indices)


def _check_operators(model: ModelProto, scopes: Iterable[Scope]) -> None:
    own = {(function.domain, function.name) for function in model.functions}
    for domain, name in sorted(own):
        if any(domain == one or domain.startswith(f"{one}.") for one in _RESERVED):
            sentence = (
                f"The function {name[:80]!r} is in the domain {domain[:80]!r}, which is reserved for ONNX Runtime."
            )
            raise InputError("reserved_domain", sentence, domain=domain[:80], operator=name[:80])
    for node in (node for scope in scopes for node in scope.node):
        domain, operator = node.domain[:80], node.op_type[:80]
        if node.domain == MICROSOFT and node.op_type not in FUSED:
            sentence = f"The operator {operator!r} of {MICROSOFT} is not supported here."
            raise InputError("unknown_operator", sentence, operator=operator, domain=domain)
        if node.domain not in (*STANDARD, *NEWEST) and (node.domain, node.op_type) not in own:
            sentence = f"The operator {operator!r} is in the domain {domain!r}, which is not supported here."
            raise InputError("unknown_domain", sentence, domain=domain, operator=operator)


def _check_calls(model: ModelProto) -> None:
    """Raise InputError for functions that call themselves, and for a model that is too large once they are expanded."""
    bodies = {(one.domain, one.name, one.overload): one for one in model.functions}
    sizes: dict[tuple[str, str, str], int | None] = {}  # None: being counted

    def size(scope: Scope) -> int:
        total = 0
        for node in scope.node:
            total += 1 + sum(size(body) for attribute in node.attribute for body in _bodies(attribute))
            called = (node.domain, node.op_type, node.overload)
            if called in bodies and called not in sizes:
                sizes[called] = None
                sizes[called] = size(bodies[called])
            inside = sizes.get(called, 0)
            if inside is None:
                name = node.op_type[:80]
                raise InputError("endless_functions", f"The function {name!r} calls itself.", name=name)
            total += inside
        return total

    if size(model.graph) > MOST_EXPANDED:
        sentence = f"The model has more than {MOST_EXPANDED} nodes once its functions are inlined."
        raise InputError("too_many_calls", sentence, limit=MOST_EXPANDED)


def _declared(scopes: Iterable[Scope]) -> Iterator[ValueInfoProto]:
    """Return what the graphs say of their inputs and outputs."""
    for scope in scopes:
        if isinstance(scope, GraphProto):
            yield from scope.input
            yield from scope.output


def _check_memory(scopes: Iterable[Scope], tensors: Iterable[TensorProto], most: int) -> None:
    """Raise InputError where the tensors that the file holds, or that it says go in and out, take more than `most`."""
    held = sum(_bytes(tensor.data_type, tensor.dims) for tensor in tensors)
    for value in _declared(scopes):
        kind = value.type.tensor_type
        held += _bytes(kind.elem_type, [size.dim_value for size in kind.shape.dim])
    if held > most:
        sizes = {"needed": held // MB, "limit": most // MB}
        sentence = f"Its inputs, outputs and weights take {sizes['needed']} MB; the limit is {sizes['limit']} MB."
        raise InputError("needs_memory", sentence, **sizes)


def _bytes(kind: int, sizes: Sequence[int]) -> int:
    """Return what a tensor takes; its free dimensions count as 1."""
    try:
        width = onnx.helper.tensor_dtype_to_np_dtype(kind).itemsize
    except (KeyError, ValueError, TypeError):
        width = 1
    return width * math.prod(max(1, size) for size in sizes)


def _check_sizes(scopes: Iterable[Scope], tensors: Iterable[TensorProto]) -> None:
    """Raise InputError for a tensor of impossible sizes, or with more or fewer numbers than they say."""
    broken = [tensor.name for tensor in tensors if not _is_whole(tensor)]
    for value in _declared(scopes):
        sizes = value.type.tensor_type.shape.dim
        if len(sizes) > MOST_AXES or any(size.dim_value < -1 for size in sizes):  # -1: free
            broken.append(value.name)
    if broken:
        name = broken[0][:80]
        sentence = f"Tensor {name!r} has an invalid shape, or not as many numbers as its shape says."
        raise InputError("broken_tensor", sentence, tensor=name)


def _is_whole(tensor: TensorProto) -> bool:
    try:
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        numbers = getattr(tensor, onnx.helper.tensor_dtype_to_field(tensor.data_type))
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
    if len(tensor.dims) > MOST_AXES or any(size < 0 for size in tensor.dims):
        return False
    count = math.prod(tensor.dims)
    if _NARROW.search(kind.name):  # of which several share a byte
        return True
    if tensor.HasField("raw_data"):
        return bool(kind.kind != "O" and len(tensor.raw_data) == count * kind.itemsize)
    return bool(len(numbers) == count * (2 if kind.kind == "c" else 1))
