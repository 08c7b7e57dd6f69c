"""The parts of a transformer, found by what its nodes compute."""

from collections.abc import Callable

import pytest
from hypothesis import given
from onnx import GraphProto, ModelProto, NodeProto

from glassbox.graph.transformer import Attention, Feedforward, Layer, Transformer, transformer
from glassbox.graph.transformer_writer import write_transformer
from tests.gradients import few
from tests.models import network
from tests.transformers import Shape, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=2, heads=2, size=3, width=6, neurons=4)


def small(biases: bool = False) -> ModelProto:
    shape = Shape(**{**SMALL.__dict__, "biases": biases})
    return write_transformer(weights(shape))


def node(graph: GraphProto, output: str) -> NodeProto:
    return next(node for node in graph.node if node.output[0] == output)


@given(shapes)
@few
def test_every_part_is_found(shape: Shape) -> None:
    bias = shape.biases
    layers = []
    for i in range(shape.layers):
        heads, neurons = f"attention{i}", f"feedforward{i}"
        attention = Attention(
            weights=f"{heads}/attention",
            values=f"{heads}/value",
            output=f"{heads}/W_write",
            writes=f"{heads}/head_writes",
            bias=f"{heads}/b_write" if bias else None,
            stream=heads,
        )
        output, added = f"{neurons}/W_write", f"{neurons}/b_write" if bias else None
        feedforward = Feedforward(f"{neurons}/neurons", output, added, neurons) if shape.neurons else None
        layers.append(Layer(attention, feedforward))
    expected = Transformer(
        ids="ids",
        embedding="embedding",
        positions="places",
        token="embedded/token",
        position="embedded/place",
        embedded="embedded",
        layers=tuple(layers),
        size="logits/size",
        normed="logits/normed",
        unembedding="embedding",
        transposed=True,
        bias="b_logits" if bias else None,
        logits="logits",
    )
    assert transformer(write_transformer(weights(shape))) == expected


def test_names_and_the_order_of_sums_and_nodes_do_not_matter() -> None:
    changed = small(biases=True)
    expected = transformer(changed)
    graph = changed.graph
    for each in graph.node:
        if each.op_type == "Add":
            each.input.reverse()
        for names in (each.input, each.output):
            for place, name in enumerate(names):
                names[place] = f"x{name}"
    for held in [*graph.initializer, *graph.output, *graph.input]:
        held.name = f"x{held.name}"
    backwards = GraphProto(node=list(graph.node)[::-1]).node
    del graph.node[:]
    graph.node.extend(backwards)
    found = transformer(changed)
    assert [layer.attention.values for layer in found.layers] == ["xattention0/value", "xattention1/value"]
    assert found.streams == tuple(f"x{name}" for name in expected.streams)
    assert found.bias == "xb_logits"
    assert {found.token, found.position} == {"xembedded/token", "xembedded/place"}


def _mean_of_another_tensor(graph: GraphProto) -> None:
    node(graph, "logits/squares").input[:] = ["embedded", "embedded"]


def _mean_over_the_tokens(graph: GraphProto) -> None:
    node(graph, "logits/mean_square").input[1] = "heads_axis"


def _no_root(graph: GraphProto) -> None:
    node(graph, "logits/size").op_type = "Abs"


def _a_function_behind(graph: GraphProto) -> None:
    node(graph, "logits").op_type = "Relu"


def _weights_of_no_softmax(graph: GraphProto) -> None:
    node(graph, "attention0/attention").op_type = "Identity"


def _heads_that_are_not_summed(graph: GraphProto) -> None:
    node(graph, "attention1/write").input[1] = "last_axis"


def _no_embedding(graph: GraphProto) -> None:
    node(graph, "embedded/token").op_type = "Identity"


def _no_positions(graph: GraphProto) -> None:
    node(graph, "embedded").op_type = "Identity"


def _an_unembedding_that_is_computed(graph: GraphProto) -> None:
    node(graph, "unembedding").input[0] = "logits/size"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_mean_of_another_tensor, "'logits/size' is not the root"),
        (_mean_over_the_tokens, "'logits/size' is not the root"),
        (_no_root, "'logits/size' should be the root .* comes from Abs"),
        (_a_function_behind, "'logits' should be the product .* comes from Relu"),
        (_weights_of_no_softmax, "'attention0' is not the sum of rows"),
        (_heads_that_are_not_summed, "'attention1' is not the sum of rows"),
        (_no_embedding, "'embedded' is not the sum of rows"),
        (_no_positions, "'embedded' should be the sum of token and position, .* comes from Identity"),
        (_an_unembedding_that_is_computed, "'logits/size' is no constant of 2 axes"),
    ],
)
def test_another_form_is_refused_by_name(change: Callable[[GraphProto], None], named: str) -> None:
    changed = small()
    change(changed.graph)
    with pytest.raises(ValueError, match=named):
        transformer(changed)


@pytest.mark.parametrize("name", ["mlp", "cnn", "gru"])
def test_networks_of_another_kind_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a transformer"):
        transformer(network(name))


def test_neurons_alone_are_refused() -> None:
    changed = small()
    node(changed.graph, "feedforward0").input[0] = "embedded"
    with pytest.raises(ValueError, match="'feedforward0/neurons' stands behind no attention"):
        transformer(changed)
