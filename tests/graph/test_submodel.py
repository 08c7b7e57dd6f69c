"""Submodels: cut at a tensor, the two parts of a model give what the whole does."""

import numpy as np
import pytest
from onnx import checker

from glassbox.engine.session import Session
from glassbox.graph.patch import with_patches
from glassbox.graph.submodel import submodel_from, submodel_to
from glassbox.graph.taps import tap
from glassbox.graph.transformer_writer import write_transformer
from tests.transformers import Shape, weights

MODEL = write_transformer(weights(Shape(vocabulary=7, context=5, layers=2, heads=2, size=3, width=6, neurons=4)))
IDS = {"ids": np.array([[3, 1, 6, 1]])}


def test_a_part_computes_its_tensors_with_no_node_that_they_do_not_need() -> None:
    names = ["attention1", "attention0/attention"]
    part = submodel_to(MODEL, names)
    checker.check_model(part, full_check=True)
    assert [value.name for value in part.graph.output] == names
    assert not any(node.name.startswith(("feedforward1", "logits")) for node in part.graph.node)
    assert "feedforward1/W_read" not in {weight.name for weight in part.graph.initializer}
    found, whole = (Session(one.SerializeToString()).run(IDS).outputs for one in (part, tap(MODEL, names)))
    assert list(found) == names
    for name in names:
        np.testing.assert_array_equal(found[name], whole[name])


def test_the_part_up_to_a_tensor_and_the_part_from_it_on_are_the_whole() -> None:
    first, rest = submodel_to(MODEL, ["logits/normed"]), submodel_from(MODEL, "logits/normed")
    normed = Session(first.SerializeToString()).run(IDS).outputs
    found = Session(rest.SerializeToString()).run(normed).outputs["logits"]
    np.testing.assert_allclose(found, Session(MODEL.SerializeToString()).run(IDS).outputs["logits"], atol=1e-5)


def test_inputs_with_defaults_are_kept_where_they_count() -> None:
    patched, patches = with_patches(MODEL, ["attention0", "attention1"])
    part = submodel_to(patched, ["feedforward0"])
    session = Session(part.SerializeToString())
    assert set(session.inputs) == {"ids"}
    assert set(session.optional) == {patches["attention0"].keep, patches["attention0"].value}


def test_a_tensor_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no tensor to tap is named 'nowhere'"):
        submodel_to(MODEL, ["nowhere"])
