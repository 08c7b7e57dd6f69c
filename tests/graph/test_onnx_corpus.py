"""A sample of ONNX's own operator tests; `python -m benchmarks.onnx_corpus` looks at them all."""

import pytest

from benchmarks.onnx_corpus import cases, examine

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the tests themselves divide by zero
EVERY = 40
"""Of some 1,900 models."""


@pytest.fixture(scope="module")
def found():
    return [examine(case) for case in cases()[::EVERY]]


def test_nothing_is_wrong_on_models_that_others_made(found):
    wrong = {one.name: one.why for one in found if one.verdict == "wrong"}
    assert not wrong


def test_most_are_supported_in_full_and_what_is_refused_is_named(found):
    ran = [one for one in found if one.ran]
    refused = [one for one in ran if one.verdict == "refused"]
    assert len(refused) <= 0.15 * len(ran), [one.why for one in refused]
    assert all("node" in why for one in refused for why in one.why)
