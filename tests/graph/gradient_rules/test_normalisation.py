import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.gradients import check, few

known = st.sampled_from(["sizes", "names", "rank"])
seeds = st.integers(0, 999)


@few
@given(spatial=st.lists(st.integers(1, 3), max_size=3), seed=seeds, known=known, epsilon=st.sampled_from([1e-5, 0.1]))
def test_batch_normalization(spatial, seed, known, epsilon):
    rng = np.random.default_rng(seed)
    inputs = {name: rng.normal(size=3) for name in ("s", "b", "m")} | {"v": rng.uniform(0.5, 2, 3)}
    inputs = {"x": rng.normal(size=(2, 3, *spatial))} | inputs
    check([helper.make_node("BatchNormalization", list(inputs), ["y"], epsilon=epsilon)], inputs, knowledge=known)


@few
@given(seed=seeds, known=known)
def test_batch_normalization_that_learns(seed, known):
    """Over the batch that it sees, on which y depends through the mean and the variance too."""
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.normal(size=(4, 3, 2)), "s": rng.normal(size=3), "b": rng.normal(size=3)}
    constants = {"m": np.zeros(3, np.float32), "v": np.ones(3, np.float32)}
    node = helper.make_node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y", "m2", "v2"], training_mode=1)

    def forward(feeds):
        x, s, b = (feeds[name] for name in "xsb")
        normal = (x - x.mean((0, 2), keepdims=True)) / np.sqrt(x.var((0, 2), keepdims=True) + 1e-5)
        return normal * s[:, None] + b[:, None]

    check([node], inputs, constants, knowledge=known, forward=forward, tolerance=2e-3)


@few
@given(axis=st.integers(-3, 2), bias=st.booleans(), seed=seeds, known=known)
def test_layer_normalization(axis, bias, seed, known):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, 4))
    inputs = {"x": x, "s": rng.normal(size=x.shape[axis:])} | ({"b": rng.normal(size=x.shape[axis:])} if bias else {})
    node = helper.make_node("LayerNormalization", list(inputs), ["y"], axis=axis, epsilon=0.01)

    def forward(feeds):
        axes = tuple(range(axis % 3, 3))
        x = feeds["x"]
        normal = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 0.01)
        return normal * feeds["s"] + feeds.get("b", 0)

    check([node], inputs, knowledge=known, forward=forward)


@few
@given(spatial=st.lists(st.integers(2, 3), min_size=1, max_size=3), seed=seeds, known=known)
def test_instance_normalization(spatial, seed, known):
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.normal(size=(2, 3, *spatial)), "s": rng.normal(size=3), "b": rng.normal(size=3)}
    node = helper.make_node("InstanceNormalization", list(inputs), ["y"], epsilon=0.1)

    def forward(feeds):
        x, axes, one = feeds["x"], tuple(range(2, 2 + len(spatial))), (-1, *[1] * len(spatial))
        normal = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 0.1)
        return normal * feeds["s"].reshape(one) + feeds["b"].reshape(one)

    check([node], inputs, knowledge=known, forward=forward)
