"""A sample of the models that onnx tests engines with: each opens with all its tensors, or says why not."""

import json
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from onnx import ModelProto

from glassbox.engine.session import Session
from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Compare, Explain, Make, Read, Run, Terms, View

EVERY = 30
"""Of some 1,900 models one in so many is looked into."""
CHANCE = ("bernoulli", "dropout", "random", "training")
ALLOWED = {"input_kind", "cannot_load", "cannot_run"}
"""Why a model of the sample may not run here: it takes a sequence, or ONNX Runtime can't run it."""


def sample() -> Iterator[tuple[str, ModelProto, dict[str, np.ndarray]]]:
    """Names, models and inputs of those that ONNX Runtime runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    assert len(cases) > 1500
    for case in cases[::EVERY]:
        fed = dict(zip([value.name for value in case.model.graph.input], case.data_sets[0][0], strict=False))
        try:
            Session(case.model.SerializeToString()).run(fed)
        except Exception:
            continue
        yield case.name, case.model, fed


@pytest.fixture(scope="module")
def models() -> list[tuple[str, ModelProto, dict[str, np.ndarray]]]:
    return list(sample())


def plain(fed: dict) -> dict[str, np.ndarray]:
    return {name: value for name, value in fed.items() if isinstance(value, np.ndarray)}


def test_each_model_opens_with_all_its_tensors_or_says_why_not(models: list) -> None:
    opened, refused = 0, set()
    for name, model, fed in models:
        data = model.SerializeToString()
        json.dumps(COMMANDS["read"]([data], Read(gradients=True), {}).facts, allow_nan=False)
        try:
            facts = COMMANDS["run"]([data], Run(), plain(fed)).facts
        except InputError as error:
            assert error.code in ALLOWED, f"{name}: {error}"
            refused.add(error.code)
            continue
        json.dumps(facts, allow_nan=False)
        seen = {row["tensor"] for row in facts["tensors"]} | {*facts["unseen"], *facts["others"]}
        assert {tensor for node in model.graph.node for tensor in node.output if tensor} <= seen, name
        expected = Session(data).run(fed).outputs
        arrays = {key: value for key, value in expected.items() if isinstance(value, np.ndarray)}
        asked = Run(views=tuple(View(tensor=key, most=4_000_000) for key in arrays))
        found = COMMANDS["run"]([data], asked, plain(fed)).arrays
        for key, value in arrays.items():
            if value.dtype.kind in "fiub" and not any(word in name for word in CHANCE):
                np.testing.assert_allclose(
                    found[f"values/{key}"].astype(float), value.astype(float), rtol=1e-3, atol=1e-5, err_msg=name
                )
        opened += 1
    assert opened > 0.9 * len(models) > 30


def test_whatever_is_asked_the_answer_is_an_answer_or_a_reason(models: list) -> None:
    """No command ends in an exception that nobody expected, and no term or gradient is wrong unsaid."""
    for name, model, fed in models:
        data, arrays = model.SerializeToString(), plain(fed)
        try:
            rows = COMMANDS["run"]([data], Run(), arrays).facts["tensors"]
        except InputError:
            continue
        asked = [Explain(), Make(kind="taps"), Make(kind="fp16"), Make(kind="derivative")]
        asked += [
            Terms(tensor=row["tensor"], index=tuple(size // 2 for size in row["shape"]))
            for row in rows[-1:]
            if row["cells"]
        ]
        for request in asked:
            command = type(request).__struct_config__.tag
            try:
                facts = COMMANDS[command]([data], request, arrays).facts
            except InputError as error:
                assert error.code != "unexpected", f"{name}, {command}: {error}"
                continue
            json.dumps(facts, allow_nan=False)
            assert facts.get("agrees", True), f"{name}: the terms miss the engine's number by {facts['error']}"
        if not any(word in name for word in CHANCE):
            facts = COMMANDS["compare"]([data, data], Compare(optimised=("all", "none")), arrays).facts
            assert facts["first"] is None, name
