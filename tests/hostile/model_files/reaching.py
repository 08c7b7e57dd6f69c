"""Models that reach for other files, or for operators that are not the standard's."""

from typing import Any

import numpy as np
from onnx import AttributeProto, ModelProto, SparseTensorProto

from tests.hostile.model_files.building import (
    branch,
    call,
    constant,
    external,
    function,
    hostile,
    model,
    node,
)

# Tensors whose numbers are kept elsewhere.
LOCATIONS = ("secret", "./secret", "../secret", "link", "/etc/hostname", "/proc/self/environ", "/dev/zero", "", "CON")
for _location in (*LOCATIONS, "*/_ORT_MEM_ADDR_/*", "https://127.0.0.1:9/secret", "secret\0.bin", "a/../../secret"):

    @hostile(f"weights in {_location!r}", "external_data")
    def _elsewhere(location: str = _location) -> ModelProto:
        return model([node("Identity", "w")], [external(location)])


@hostile("weights elsewhere, not marked so", "external_data")
def _unmarked() -> ModelProto:
    return model([node("Identity", "w")], [external("secret", marked=False)])


@hostile("weights elsewhere, without a place", "external_data")
def _without_place() -> ModelProto:
    tensor = external("x")
    del tensor.external_data[:]
    return model([node("Identity", "w")], [tensor])


def with_attribute(**fields: Any) -> ModelProto:
    made = node("Constant", "", "y")
    made.attribute.append(AttributeProto(**fields))
    return model([made])


SPARSE = SparseTensorProto(values=external("secret", "s"), indices=constant("", np.arange(6)), dims=[6])
SPARSE_PLACES = SparseTensorProto(
    values=constant("s", np.ones(6, np.float32)), indices=external("secret", ""), dims=[6]
)
hostile("a constant elsewhere", "external_data")(
    lambda: with_attribute(name="value", type=AttributeProto.TENSOR, t=external("secret"))
)
hostile("a constant elsewhere, said to be a number", "external_data")(
    lambda: with_attribute(name="value_float", type=AttributeProto.FLOAT, f=1, t=external("secret"))
)
hostile("constants elsewhere", "external_data")(
    lambda: with_attribute(name="value", type=AttributeProto.TENSORS, tensors=[external("secret")])
)
for _name, _sparse in (("values", SPARSE), ("places", SPARSE_PLACES)):
    hostile(f"a sparse constant's {_name} elsewhere", "external_data")(
        lambda one=_sparse: with_attribute(name="sparse_value", type=AttributeProto.SPARSE_TENSOR, sparse_tensor=one)
    )
hostile("sparse constants elsewhere", "external_data")(
    lambda: with_attribute(name="value", type=AttributeProto.SPARSE_TENSORS, sparse_tensors=[SPARSE])
)


@hostile("sparse weights elsewhere", "external_data")
def _sparse_weights() -> ModelProto:
    made = model([node("Identity", "s")])
    made.graph.sparse_initializer.append(SPARSE)
    return made


@hostile("weights elsewhere in a branch", "external_data")
def _in_branch() -> ModelProto:
    inner = branch([node("Identity", "w", "b")], [external("secret")])
    return model([node("If", "c", then_branch=inner, else_branch=inner)], [constant("c", True)])


@hostile("weights elsewhere in a branch's branch", "external_data")
def _in_inner_branch() -> ModelProto:
    inner = branch([node("Constant", "", "b", value=external("secret"))])
    outer = branch([node("If", "c", "b", then_branch=inner, else_branch=inner)])
    return model([node("If", "c", then_branch=outer, else_branch=outer)], [constant("c", True)])


@hostile("weights elsewhere in a function", "external_data")
def _in_function() -> ModelProto:
    body = function([node("Constant", "", "w", value=external("secret")), node("Add", "x w")])
    return model([call()], functions=[body])


@hostile("weights elsewhere in a function's default", "external_data")
def _in_default() -> ModelProto:
    body = function([node("Identity")])
    body.attribute_proto.append(AttributeProto(name="a", type=AttributeProto.TENSOR, t=external("secret")))
    return model([call()], functions=[body])


@hostile("weights elsewhere in a training graph", "external_data")
def _in_training() -> ModelProto:
    made = model([node("Relu")])
    made.training_info.add().algorithm.CopyFrom(branch([node("Identity", "w", "b")], [external("secret")]))
    return made


# Operators that are not the standard's.
hostile("another's domain", "unknown_domain")(lambda: model([node("Relu", domain="com.example")]))
hostile("a domain that looks like the standard's", "unknown_domain")(lambda: model([node("Relu", domain="ai.onnx ")]))
hostile("the engine's own layout", "unknown_domain")(lambda: model([node("Conv", domain="com.microsoft.nchwc")]))
hostile("training operators", "unknown_domain")(lambda: model([node("Adam", domain="ai.onnx.preview.training")]))
hostile("a compiled model elsewhere", "unknown_operator")(
    lambda: model([node("EPContext", domain="com.microsoft", ep_cache_context="secret", embed_mode=0)])
)
hostile("an operator of no list", "unknown_operator")(lambda: model([node("BeamSearch", domain="com.microsoft")]))
hostile("a function in the engine's domain", "reserved_domain")(
    lambda: model(
        [call("EPContext", domain="com.microsoft")],
        functions=[function([node("Relu")], "EPContext", "com.microsoft")],
    )
)
hostile("a function in a domain below the engine's", "reserved_domain")(
    lambda: model([call("F", domain="com.ms.internal")], functions=[function([node("Relu")], "F", "com.ms.internal")])
)
hostile("no operator", None)(lambda: model([node("")]))
hostile("an operator that is none", None)(lambda: model([node("Rm -rf")]))
hostile("another's domain in a branch", "unknown_domain")(
    lambda: model(
        [
            node(
                "If",
                "c",
                then_branch=branch([node("A", "x", "b", domain="a")]),
                else_branch=branch([node("A", "x", "b")]),
            )
        ],
        [constant("c", True)],
    )
)
