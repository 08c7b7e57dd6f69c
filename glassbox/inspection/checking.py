"""How a made model is checked: by running it beside what it was made of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto
from onnx.utils import Extractor

from glassbox.graph.gradient import score_tensor
from glassbox.graph.optimisers import LEARNING_RATE, Adam, Optimiser, Sgd
from glassbox.graph.shapes import inferred
from glassbox.graph.taps import tap
from glassbox.graph.training import LOSSES, TARGETS, start, with_weights
from glassbox.inspection.differentiability import first_floats
from glassbox.inspection.opening import Opened, ran, session
from glassbox.inspection.requests import Make
from glassbox.inspection.running import tapped

Array = NDArray[Any]
CELLS = 16
STEPS = (1e-2, 1e-3, 3e-4, 1e-4, 3e-5)
"""Of a central difference, of CELLS cells at once, relative to the size of the numbers that it changes."""
BESIDE = 0.05
"""How far each input is from the given one where gradients are checked, relative to the largest."""
HALF_COARSER = 30
"""Of a central difference of numbers with 11 bits."""
RATE = 1e-3
"""The learning rate of the step that checks a training graph."""


@dataclass(frozen=True)
class Given:
    """The model, what it is fed, what its tensors then hold, and what is asked."""

    model: Opened
    fed: dict[str, Array]
    values: dict[str, Any]
    request: Make

    @property
    def outputs(self) -> list[str]:
        """The model's outputs that are tensors."""
        return [x.name for x in self.model.proto.graph.output if isinstance(self.values.get(x.name), np.ndarray)]


@dataclass(frozen=True)
class Checked:
    """How a made model was checked: `how` in a code, and `pairs` of what was expected and what it gave, by name."""

    how: str
    pairs: dict[str, tuple[Array, Array]]


def differentiated(given: Given) -> tuple[str, list[str]]:
    """Return what is differentiated, the score by default, and by what: the inputs of floating-point numbers."""
    of = given.request.to[0] if given.request.to else score_tensor(given.model.proto.graph)
    floats = [name for name, value in given.fed.items() if value.dtype.kind == "f"]
    return of, list(given.request.tensors) or floats or first_floats(given.model)


def optimiser(given: Given) -> Optimiser:
    """Return the optimiser that is asked for."""
    return Adam() if given.request.optimiser == "adam" else Sgd()


def trained(given: Given) -> list[str] | None:
    """Return the weights to train; None for all."""
    return list(given.request.tensors) or None


def by_outputs(given: Given, made: ModelProto, data: bytes) -> Checked:
    """Compare the outputs of both models on the same inputs."""
    found, _ = ran(session(data), given.fed)
    names = [name for name in given.outputs if name in found]
    return Checked("outputs", {name: (given.values[name], found[name]) for name in names})


def by_tensors(given: Given, made: ModelProto, data: bytes) -> Checked:
    """Compare what the made model gives with what a run of the whole gives."""
    ready = session(data)
    found, _ = ran(ready, {name: given.values[name] for name in ready.inputs})
    pairs = {name: (given.values.get(name), value) for name, value in found.items()}
    numbers = {
        name: (expected, value)
        for name, (expected, value) in pairs.items()
        if isinstance(expected, np.ndarray) and isinstance(value, np.ndarray) and expected.dtype.kind not in "OUSc"
    }
    return Checked("tensors", numbers)


def by_differences(given: Given, made: ModelProto, data: bytes) -> Checked:
    """Compare the gradient along a random direction with the central difference of the score in it, for each tensor
    that the model is differentiated by.

    It is done beside the given inputs: at equal numbers, of which pictures are full, the maximum of a pool has a kink.
    Of several STEPS the one counts that agrees best: a long one meets kinks, and a short one drowns in rounding; a
    wrong gradient agrees with none.
    """
    of, wrt = differentiated(given)
    rng = np.random.default_rng(0)
    given = _beside(given, rng)
    scores: Array = given.values[of]
    cotangent = rng.standard_normal(scores.shape).astype(scores.dtype)
    ready = session(data)
    fed = {name: value for name, value in {**given.fed, f"grad_{of}": cotangent}.items() if name in ready.inputs}
    gradients, _ = ran(ready, fed)
    pairs: dict[str, tuple[Array, Array]] = {}
    for name in wrt:
        gradient, here = gradients[f"grad_{name}"].astype(np.float64), _held(given, name)
        forward = _forward(given, name, of)
        way = _way(rng, here, gradient)
        tried = []
        coarse = HALF_COARSER if here.dtype.itemsize == 2 else 1
        for step in STEPS:
            scale = coarse * step * max(float(np.abs(here).max(initial=0)), 1e-3)
            ends = [(here + sign * scale * way).astype(here.dtype) for sign in (1, -1)]
            up, down = (forward(end).astype(np.float64) for end in ends)
            moved = (ends[0].astype(np.float64) - ends[1]) / scale
            tried.append((float(((up - down) / scale * cotangent).sum()), float((gradient * moved).sum())))
        expected, found = min(tried, key=lambda pair: abs(pair[0] - pair[1]))
        pairs[name] = np.array([expected]), np.array([found])
    return Checked("differences", pairs)


def _beside(given: Given, rng: np.random.Generator) -> Given:
    """Return the same with floating-point inputs that each differ a little, and what the tensors then hold."""
    fed = dict(given.fed)
    for name, value in fed.items():
        if value.dtype.kind == "f" and value.size:
            noise = rng.uniform(-BESIDE, BESIDE, value.shape) * max(float(np.abs(value).max()), 1e-3)
            fed[name] = (value + noise).astype(value.dtype)
    return replace(given, fed=fed, values=tapped(given.model).run(fed)[0])


def _way(rng: np.random.Generator, here: Array, gradient: Array) -> Array:
    """Return a direction in the CELLS cells of largest gradient, uphill, so that the score changes by more than its
    rounding, and in as many others. Zeros, at which a Relu and the maximum of a pool have a kink, stay out of it where
    there is anything else."""
    flat, slopes = here.reshape(-1), gradient.reshape(-1)
    smooth = np.flatnonzero(flat) if np.any(flat) else np.arange(flat.size)
    steepest = smooth[np.argsort(-np.abs(slopes[smooth]), kind="stable")[:CELLS]]
    others = rng.permutation(smooth)[:CELLS]
    way = np.zeros(flat.size)
    way[others] = rng.standard_normal(len(others))
    way[steepest] = np.sign(slopes[steepest]) * rng.uniform(0.5, 1.5, len(steepest))
    return np.asarray(way.reshape(here.shape))


def _held(given: Given, name: str) -> Array:
    value = given.values.get(name)
    return value if isinstance(value, np.ndarray) else given.model.held(name)


def _forward(given: Given, name: str, of: str) -> Callable[[Array], Array]:
    """Return the function from what `name`, an input, a weight or an inner tensor, holds to what `of` then does."""
    proto = tap(given.model.proto, [of])
    if name in given.model.weights:
        return lambda value: ran(session(with_weights(proto, {name: value}).SerializeToString()), given.fed)[0][of]
    fed = dict(given.fed)
    if name not in fed:
        proto = Extractor(inferred(proto)).extract_model([name, *fed], [of])
    ready = session(proto.SerializeToString())
    return lambda value: ran(ready, {x: y for x, y in (fed | {name: value}).items() if x in ready.inputs})[0][of]


def by_a_step(given: Given, made: ModelProto, data: bytes) -> Checked:
    """Compare the loss that one step reports with the loss of the model's own output, and with random targets of its
    shape; and the first with that after a small step, which must be no more."""
    (source,) = [name for name in given.fed if name in {value.name for value in made.graph.input}]
    output = given.outputs[0]
    predicted: Array = given.values[output].astype(np.float64)
    targets = _targets(given, predicted)
    fed = {**start(given.model.proto, optimiser(given), trained(given)), LEARNING_RATE: np.array(RATE, np.float32)}
    ready = session(data)
    fed |= {source: given.fed[source][None], TARGETS: targets[None].astype(ready.types[TARGETS])}
    found, _ = ran(ready, {name: value for name, value in fed.items() if name in ready.inputs})
    after = {name.removeprefix("next_"): value for name, value in found.items() if name.startswith("next_")}
    changed = session(with_weights(given.model.proto, after).SerializeToString())
    later, _ = ran(changed, given.fed)
    before = _loss(given, predicted, targets)
    rises = max(_loss(given, later[output].astype(np.float64), targets) - before, 0.0)
    return Checked(
        "step",
        {LOSSES: (np.array([before]), found[LOSSES].astype(np.float64)), "rise": (np.zeros(1), np.array([rises]))},
    )


def _targets(given: Given, predicted: Array) -> Array:
    rng = np.random.default_rng(0)
    if given.request.loss == "mean_squared_error":
        return rng.standard_normal(predicted.shape)
    places = rng.integers(0, predicted.shape[-1], predicted.shape[:-1])
    return np.asarray(np.eye(predicted.shape[-1])[places])


def _loss(given: Given, predicted: Array, targets: Array) -> float:
    """Return the loss of an output, in float64: of probabilities if the model ends in a Softmax, else of its scores."""
    if given.request.loss == "mean_squared_error":
        return float(((predicted - targets) ** 2).mean())
    graph = given.model.proto.graph
    logs = predicted - np.log(np.exp(predicted - predicted.max(-1, keepdims=True)).sum(-1, keepdims=True))
    logs -= predicted.max(-1, keepdims=True)
    if score_tensor(graph) != graph.output[0].name:
        logs = np.log(np.maximum(predicted, 1e-45))
    return float(-(targets * logs).sum(-1).mean())
