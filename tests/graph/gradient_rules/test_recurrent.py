"""onnx's evaluator knows the recurrent operators only in part, so the specification is written out here in float64."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from glassbox.graph.gradient import differentiate
from tests.gradients import check, graph, more, run

T, N, I, H = 4, 3, 2, 2  # steps, batch, inputs, hidden  # noqa: E741
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {
    "Tanh": np.tanh,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Relu": lambda x: np.maximum(x, 0),
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Elu": lambda x: np.where(x >= 0, x, np.expm1(np.minimum(x, 0))),
    "HardSigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "LeakyRelu": lambda x: np.where(x > 0, x, 0.01 * x),
    "Affine": lambda x: 0.8 * x + 0.1,
    "ScaledTanh": lambda x: 0.9 * np.tanh(0.7 * x),
}
PARAMETERS = {
    "Affine": (0.8, 0.1),
    "ScaledTanh": (0.9, 0.7),
    "HardSigmoid": (0.2, 0.5),
    "LeakyRelu": (0.01,),
    "Elu": (1.0,),
}
DEFAULTS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}


def cell(kind, given, functions, x, h, c, w, r, b, p):
    clip = given.get("clip", np.inf)
    f = [lambda z, n=name: FUNCTIONS[n](np.clip(z, -clip, clip)) for name in functions]
    wb, rb = b[: len(b) // 2], b[len(b) // 2 :]
    if kind == "RNN":
        return f[0](x @ w.T + h @ r.T + wb + rb), c
    zs = np.split(x @ w.T + wb, GATES[kind], axis=1)
    if kind == "GRU":
        r_z, r_r, r_h = np.split(r, 3)
        b_z, b_r, b_h = np.split(rb, 3)
        z, reset = f[0](zs[0] + h @ r_z.T + b_z), f[0](zs[1] + h @ r_r.T + b_r)
        if given.get("linear_before_reset"):
            new = f[1](zs[2] + reset * (h @ r_h.T + b_h))
        else:
            new = f[1](zs[2] + (reset * h) @ r_h.T + b_h)
        return (1 - z) * new + z * h, c
    i, o, forget, new = (z + part for z, part in zip(zs, np.split(h @ r.T + rb, 4, axis=1), strict=True))
    p_i, p_o, p_f = np.split(p, 3)
    i, forget, new = f[0](i + p_i * c), f[0](forget + p_f * c), f[1](new)
    c = forget * c + i * new
    return f[0](o + p_o * c) * f[2](c), c


def network(kind, given, functions):
    """The outputs Y, Y_h and Y_c of the operator, side by side as one row."""

    def forward(feeds):
        ways = {"forward": [1], "reverse": [-1], "bidirectional": [1, -1]}[given["direction"]]
        lengths = feeds.get("lengths", np.full(N, T))
        y, ends, cells = np.zeros((T, len(ways), N, H)), [], []
        for d, way in enumerate(ways):
            h = feeds["h"][d] if "h" in feeds else np.zeros((N, H))
            c = feeds["c"][d] if "c" in feeds else np.zeros((N, H))
            parts = [feeds["W"][d], feeds["R"][d], feeds["B"][d] if "B" in feeds else np.zeros(2 * GATES[kind] * H)]
            parts.append(feeds["P"][d] if "P" in feeds else np.zeros(3 * H))
            chosen = functions[d * len(DEFAULTS[kind]) :][: len(DEFAULTS[kind])]
            for step in range(T)[::way]:
                reads = (step < lengths)[:, None]
                new = cell(kind, given, chosen, feeds["X"][step], h, c, *parts)
                h, c = np.where(reads, new[0], h), np.where(reads, new[1], c)
                y[step, d] = np.where(reads, h, 0)
            ends.append(h)
            cells.append(c)
        outputs = [y, np.stack(ends), *([np.stack(cells)] if kind == "LSTM" else [])]
        return np.concatenate([output.reshape(-1) for output in outputs])

    return forward


@st.composite
def cases(draw, kind):
    given = {"hidden_size": H, "direction": draw(st.sampled_from(["forward", "reverse", "bidirectional"]))}
    directions = 1 + (given["direction"] == "bidirectional")
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    inputs = {
        "X": rng.normal(size=(T, N, I)),
        "W": rng.normal(0, 0.5, (directions, GATES[kind] * H, I)),
        "R": rng.normal(0, 0.5, (directions, GATES[kind] * H, H)),
    }
    if draw(st.booleans()):
        inputs["B"] = rng.normal(size=(directions, 2 * GATES[kind] * H))
    if draw(st.booleans()):
        inputs["lengths"] = rng.integers(1, T + 1, N).astype(np.int32)
    if draw(st.booleans()):
        inputs["h"] = rng.normal(size=(directions, N, H))
        if kind == "LSTM":
            inputs["c"] = rng.normal(size=(directions, N, H))
    if kind == "LSTM" and draw(st.booleans()):
        inputs["P"] = rng.normal(size=(directions, 3 * H))
    if kind == "GRU":
        given["linear_before_reset"] = draw(st.integers(0, 1))
    functions = DEFAULTS[kind] * directions
    if draw(st.booleans()):
        functions = [draw(st.sampled_from(sorted(FUNCTIONS))) for _ in functions]
        given["activations"] = functions
        alphas = [PARAMETERS[name] for name in functions if name in PARAMETERS]
        given["activation_alpha"] = [numbers[0] for numbers in alphas] or [0.0]
        given["activation_beta"] = [numbers[1] for numbers in alphas if len(numbers) > 1] or [0.0]
    return given, functions, inputs


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@more
@given(data=st.data(), known=st.sampled_from(["sizes", "names", "rank"]))
def test_recurrent(kind, data, known):
    given, functions, inputs = data.draw(cases(kind))
    roles = ["X", "W", "R", "B", "lengths", "h", "c", "P"][: 8 if kind == "LSTM" else 6]
    outputs = ["Y", "Y_h", "Y_c"][: 3 if kind == "LSTM" else 2]
    nodes = [helper.make_node(kind, [r if r in inputs else "" for r in roles], outputs, **given)]
    nodes += [helper.make_node("Reshape", [name, "flat"], [f"flat_{name}"]) for name in outputs]
    nodes += [helper.make_node("Concat", [f"flat_{name}" for name in outputs], ["y"], axis=0)]
    check(
        nodes,
        inputs,
        {"flat": np.array([-1])},
        knowledge=known,
        forward=network(kind, given, functions),
        tolerance=1e-3,
    )


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_clipped_gates(kind):
    given = {"hidden_size": H, "direction": "forward", "clip": 0.5}
    rng = np.random.default_rng(3)
    inputs = {
        "X": rng.normal(size=(T, N, I)),
        "W": rng.normal(size=(1, GATES[kind] * H, I)),
        "R": rng.normal(size=(1, GATES[kind] * H, H)),
    }
    names = ["Y", "Y_h", "Y_c"][: 3 if kind == "LSTM" else 2]
    nodes = [helper.make_node(kind, ["X", "W", "R"], names, **given)]
    nodes += [helper.make_node("Reshape", [name, "flat"], [f"flat_{name}"]) for name in names]
    nodes += [helper.make_node("Concat", [f"flat_{name}" for name in names], ["y"], axis=0)]
    check(nodes, inputs, {"flat": np.array([-1])}, forward=network(kind, given, DEFAULTS[kind]), tolerance=1e-3)


@pytest.mark.parametrize(("kind", "direction"), [*itertools.product(GATES, ["forward", "reverse"])])
def test_the_gradient_of_each_state_counts_its_effect_on_later_steps(kind, direction):
    """dh_t of the last states = the gradient of the initial state of a network that reads only the steps after t."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(T, N, I)).astype(np.float32)
    weights = {
        "W": rng.normal(size=(1, GATES[kind] * H, I)).astype(np.float32),
        "R": rng.normal(size=(1, GATES[kind] * H, H)).astype(np.float32),
    }
    cotangent = rng.normal(size=(1, N, H)).astype(np.float32)
    node = helper.make_node(kind, ["X", "W", "R"], ["", "y"], hidden_size=H, direction=direction, name="net")
    derivative = differentiate(graph([node], {"X": x}, weights, {"y": 3}), "y", ["net.Y"])
    (states,) = run(derivative, {"X": x, "grad_y": cotangent})
    assert states.shape == (T, 1, N, H)
    order = np.arange(T)[:: 1 if direction == "forward" else -1]
    assert states[order[-1], 0] == pytest.approx(cotangent[0])
    start = dict(zip(["h", "c"] if kind == "LSTM" else ["h"], [np.zeros((1, N, H), np.float32)] * 2, strict=False))
    ends = ["y", "y_c"][: len(start)]
    node = helper.make_node(kind, ["X", "W", "R", "", "", *start], ["", *ends], hidden_size=H, direction=direction)
    for t in order[:-1]:
        read, rest = (x[: t + 1], x[t + 1 :]) if direction == "forward" else (x[t:], x[:t])
        reached = run(graph([node], {"X": read} | start, weights, dict.fromkeys(ends, 3)), {"X": read} | start)
        feeds = {"X": rest} | dict(zip(start, reached, strict=True))
        (dh,) = run(differentiate(graph([node], feeds, weights, {"y": 3}), "y", ["h"]), feeds | {"grad_y": cotangent})
        assert states[t] == pytest.approx(dh, rel=1e-4, abs=1e-6)


def test_an_rnn_by_hand():
    """One neuron, h_t = relu(2 x_t + 3 h_(t-1)), x = (1, 1): h = (2, 8); dx = (6, 2), dW = 1 + 3, dR = 2."""
    x = np.ones((2, 1, 1), np.float32)
    weights = {"W": np.full((1, 1, 1), 2, np.float32), "R": np.full((1, 1, 1), 3, np.float32)}
    node = helper.make_node("RNN", ["x", "W", "R"], ["", "y"], hidden_size=1, activations=["Relu"])
    derivative = differentiate(graph([node], {"x": x}, weights, {"y": 3}), "y", ["x", "W", "R"])
    grads = run(derivative, {"x": x, "grad_y": np.ones((1, 1, 1), np.float32)})
    assert [g.reshape(-1).tolist() for g in grads] == [[6, 2], [4], [2]]


@pytest.mark.parametrize(
    ("activation", "slope"), [("Affine", 0), ("ScaledTanh", 0), ("ThresholdedRelu", 1), ("Elu", 1)]
)
def test_alpha_and_beta_left_out_are_those_of_the_engine(activation, slope):
    """h = f(x) at x = 1/2: ONNX Runtime takes zeros where the standard's operators have other values."""
    node = helper.make_node("RNN", ["x", "W", "R"], ["y"], hidden_size=1, activations=[activation])
    weights = {"W": np.ones((1, 1, 1), np.float32), "R": np.zeros((1, 1, 1), np.float32)}
    x = np.full((1, 1, 1), 0.5, np.float32)
    model = graph([node], {"x": x}, weights, {"y": 4})
    near = [run(model, {"x": x + shift})[0].item() for shift in (np.float32(-0.01), np.float32(0.01))]
    assert (near[1] - near[0]) / 0.02 == pytest.approx(slope, abs=1e-4)
    feeds = {"x": x, "grad_y": np.ones((1, 1, 1, 1), np.float32)}
    assert run(differentiate(model, "y", ["x"]), feeds)[0].item() == slope


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"layout": 1}, "batch first"), ({"activations": ["Cube"]}, "'cube'")],
    ids=["layout", "activation"],
)
def test_unknown_activations_and_layouts_are_refused_by_name(wrong, why):
    x, w, r = np.ones((1, 1, 1), np.float32), np.ones((1, 1, 1), np.float32), np.ones((1, 1, 1), np.float32)
    node = helper.make_node("RNN", ["X", "W", "R"], ["y"], hidden_size=1, name="net", **wrong)
    with pytest.raises(ValueError, match=rf"RNN \(node 'net'\).*{why}"):
        differentiate(graph([node], {"X": x, "W": w, "R": r}), "y", ["X"])


@pytest.mark.parametrize("kind", GATES)
def test_half_precision_gradients_do_not_end_the_process(kind, tmp_path):
    """ONNX Runtime's optimiser does, where a float16 weight stands behind a Transpose: so a child process tries."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, T, I))
    nodes = [
        helper.make_node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        helper.make_node(kind, ["steps", "W", "R"], ["", "y"], hidden_size=H),
    ]
    weights = {"W": rng.normal(size=(1, GATES[kind] * H, I)), "R": rng.normal(size=(1, GATES[kind] * H, H))}
    program = (
        "import numpy, sys; from pathlib import Path; from glassbox.engine.session import Session;"
        "feeds = dict(numpy.load(sys.argv[2]));"
        "print(Session(Path(sys.argv[1])).run(feeds).outputs['grad_x'].ravel().tolist())"
    )
    found = []
    for cells in (np.float32, np.float16):
        held = {name: array.astype(cells) for name, array in weights.items()}
        feeds = {"x": x.astype(cells), "grad_y": np.ones((1, N, H), cells)}
        model = graph(nodes, {"x": feeds["x"]}, held, {"y": 3}, "names")
        (tmp_path / "half.onnx").write_bytes(differentiate(model, "y", ["x"]).SerializeToString())
        np.savez(tmp_path / "feeds.npz", **feeds)
        command = [sys.executable, "-c", program, str(tmp_path / "half.onnx"), str(tmp_path / "feeds.npz")]
        child = subprocess.run(command, capture_output=True, text=True, check=False)
        assert child.returncode == 0, child.stderr
        found.append(np.array(child.stdout.strip("[]\n").split(","), float))
    np.testing.assert_allclose(found[1], found[0], atol=5e-3)
