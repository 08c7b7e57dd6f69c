"""Rotary positions and attention that shares keys, of com.microsoft, written out: against engine and differences."""

import numpy as np
import pytest
from onnx import helper

from glassbox.graph.gradient import differentiate
from glassbox.graph.node import GradientError
from tests.graph.test_written_out import whole
from tests.graph.test_written_out_fused import MICROSOFT, floats, model

ANGLES = np.random.default_rng(9).uniform(0, 6, (8, 8))
TABLE = {"c": np.cos(ANGLES).astype(np.float32), "s": np.sin(ANGLES).astype(np.float32)}
HALF, FEW = ({name: table[:, :width] for name, table in TABLE.items()} for width in (4, 2))
PLACES = np.array([[1, 0, 5], [2, 3, 4]], np.int64)
ROTARY = {
    "halves": (floats(x=(2, 3, 16)), PLACES, HALF, {}),
    "pairs": (floats(x=(2, 3, 16)), PLACES, HALF, {"interleaved": 1}),
    "from a place on": (floats(x=(2, 3, 16)), np.array([4], np.int64), HALF, {"num_heads": 2}),
    "by head": (floats(x=(2, 2, 3, 8)), PLACES, HALF, {}),
    "in part": (floats(x=(2, 3, 16)), PLACES, FEW, {"num_heads": 2, "rotary_embedding_dim": 4}),
}


@pytest.mark.parametrize("name", ROTARY)
def test_rotary_positions(name):
    x, places, table, attributes = ROTARY[name]
    feeds = x | {"places": places} | table
    node = helper.make_node("RotaryEmbedding", ["x", "places", "c", "s"], ["h"], domain=MICROSOFT, **attributes)
    made = model([node, helper.make_node("Gelu", ["h"], ["y"], domain=MICROSOFT)], feeds)
    assert whole(made, feeds)["derivative right"] == 3


def lengths(total, *counts):
    return {"n": np.array(counts, np.int32) - 1, "t": np.array([total], np.int32)}


APART = floats(q=(2, 3, 64), k=(2, 3, 32), v=(2, 3, 32))
PACKED = floats(q=(2, 3, 128))
ONE = floats(q=(2, 1, 64), k=(2, 1, 32), v=(2, 1, 32))
PAST = floats(pk=(2, 2, 4, 16), pv=(2, 2, 4, 16))
LONGER = floats(pk=(2, 2, 7, 16), pv=(2, 2, 7, 16))
NEW = "q k v _ _ n t"
GROUPED = {
    "of a new text": (APART | lengths(3, 3, 3), NEW, {}),
    "in one tensor": (PACKED | lengths(3, 3, 3), "q _ _ _ _ n t", {}),
    "with places": (APART | lengths(3, 3, 3) | TABLE, "q k v _ _ n t c s", {"do_rotary": 1}),
    "with places in pairs": (
        PACKED | lengths(3, 3, 3) | TABLE,
        "q _ _ _ _ n t c s",
        {"do_rotary": 1, "rotary_interleaved": 1},
    ),
    "of the next token": (ONE | PAST | lengths(5, 5, 5) | TABLE, "q k v pk pv n t c s", {"do_rotary": 1}),
    "of texts of other lengths": (ONE | PAST | lengths(5, 5, 3) | TABLE, "q k v pk pv n t c s", {"do_rotary": 1}),
    "of a longer cache": (ONE | LONGER | lengths(5, 5, 3), "q k v pk pv n t", {}),
    "of a few near": (APART | lengths(3, 3, 3), NEW, {"local_window_size": 2}),
    "of scores that are held": (APART | lengths(3, 3, 3), NEW, {"softcap": 0.7, "scale": 0.3}),
    "with an addition": (
        APART | lengths(3, 3, 3) | floats(a=(2, 4, 3, 3)),
        "q k v _ _ n t _ _ _ a",
        {},
    ),
    "that may look nowhere": (APART | lengths(3, 3, 3) | floats(z=(4,)), "q k v _ _ n t _ _ _ _ z", {}),
    "that may look nowhere, for 0": (APART | lengths(3, 3, 3), NEW, {"smooth_softmax": 1}),
}


@pytest.mark.parametrize("name", GROUPED)
def test_grouped_attention(name):
    feeds, inputs, attributes = GROUPED[name]
    given = ["" if one == "_" else one for one in inputs.split()]
    node = helper.make_node(
        "GroupQueryAttention",
        given,
        ["h", "keys", "values"],
        domain=MICROSOFT,
        num_heads=4,
        kv_num_heads=2,
        **attributes,
    )
    nodes = [
        node,
        helper.make_node("Reshape", ["h", "flat"], ["h1"]),
        helper.make_node("Gelu", ["keys"], ["g"], domain=MICROSOFT),
        helper.make_node("Mul", ["g", "values"], ["cache"]),
        helper.make_node("Reshape", ["cache", "flat"], ["c1"]),
        helper.make_node("Concat", ["h1", "c1"], ["y"], axis=0),
    ]
    made = model(nodes, feeds, {"flat": np.array([-1])})
    assert whole(made, feeds)["derivative right"] == sum(array.dtype.kind == "f" for array in feeds.values())


def test_a_quantised_cache_is_refused_by_name():
    feeds = APART | lengths(3, 3, 3)
    given = ["q", "k", "v", "", "", "n", "t", "", "", "", "", "", "scale"]
    node = helper.make_node(
        "GroupQueryAttention", given, ["y", "a", "b"], domain=MICROSOFT, name="f", num_heads=4, kv_num_heads=2
    )
    made = model([node], feeds | floats(scale=(1,)))
    with pytest.raises(GradientError, match=r"GroupQueryAttention \(node 'f'\) has no gradient rule"):
        differentiate(made, "y", ["q"])
