"""Attribution: which pixels made the network give this label its score? One function a method.

A picture is (28, 28) float32 in [0, 1] and 0 is empty paper; a map is (28, 28) float64, what each pixel contributed.
The score S of a label is the network's output before the Softmax, where pixels still add up; RISE takes
the calibrated probability, that of the verdict. How far a map can be trusted is measured in `faithfulness`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.digits.tensors import as_input
from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate, score_tensor
from glassbox.graph.model import Model, read
from glassbox.graph.taps import tap

Picture = NDArray[np.float32]
Map = NDArray[np.float64]

SIDE = 28
STEPS = 50
"""The parts that integrated gradients take their way in."""


class NoFeatureMaps(ValueError):
    """Grad-CAM was asked of a network without convolutions."""


class Network:
    """A classifier of pictures, ready to be asked for scores and gradients. Threads may share it.

    The gradients of a statically quantised one are straight-through estimates: see `graph.gradient_rules.quantisation`.
    """

    def __init__(self, model: Model, provider: str = "cpu", temperature: float = 1.0) -> None:
        """`model`: (N, 28, 28) or (N, 1, 28, 28) -> (N, labels); `temperature`: as its card's calibration says.

        Raises ValueError as Session and differentiate do.
        """
        self.model, self.provider, self.temperature = read(model), provider, temperature
        self.score = score_tensor(self.model.graph)
        self.output = self.model.graph.output[0].name
        self._forward = Session(tap(self.model, [self.score]).SerializeToString(), provider)
        ((self.source, self._shape),) = self._forward.inputs.items()
        derivative = differentiate(self.model, self.score, [self.source])
        # Its memory is kept for the next run, at most 5 MB of a shipped network: half of the time of several pictures.
        self._backward = Session(derivative.SerializeToString(), provider, arena=True)

    def _feeds(self, pictures: Picture) -> dict[str, Picture]:
        return {self.source: as_input(pictures, self._shape).astype(self._forward.types[self.source], copy=False)}

    def scores(self, pictures: Picture) -> NDArray[np.float32]:
        """(n, 28, 28) -> (n, labels), before the Softmax."""
        found = self._forward.run_in_parts(self._feeds(pictures), [self.score]).outputs[self.score]
        return found.astype(np.float32, copy=False)  # a half-precision network gives float16

    def probabilities(self, pictures: Picture) -> NDArray[np.float64]:
        """(n, 28, 28) -> (n, labels): the softmax of the scores divided by the temperature."""
        return calibrated(self.scores(pictures), "logits", self.temperature)

    def gradients(self, pictures: Picture, label: int) -> NDArray[np.float64]:
        """(n, 28, 28) -> (n, 28, 28): dS/dx of each picture by itself."""
        return self.pullback(pictures, self._one_hot(label, len(pictures)))

    def pullback(self, pictures: Picture, cotangents: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, 28, 28), (n, labels) -> (n, 28, 28): the derivative by x of the sum of S times its cotangents."""
        name, cotangent = f"grad_{self.source}", f"grad_{self.score}"
        given = cotangents.astype(self._backward.types[cotangent], copy=False)
        found = self._backward.run_in_parts(self._feeds(pictures) | {cotangent: given}, [name]).outputs[name]
        return found.reshape(-1, SIDE, SIDE).astype(np.float64)

    def feature_maps(self, picture: Picture, label: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The maps A of the last convolution and dS/dA, both (channels, height, width). Raises NoFeatureMaps."""
        tensor, session = self._features
        given = self._one_hot(label, 1).astype(session.types[f"grad_{self.score}"], copy=False)
        outputs = session.run(self._feeds(picture[None]) | {f"grad_{self.score}": given}).outputs
        return outputs[tensor][0].astype(np.float64), outputs[f"grad_{tensor}"][0].astype(np.float64)

    @cached_property
    def _features(self) -> tuple[str, Session]:
        tensor = last_feature_maps(self.model)
        derivative = differentiate(self.model, self.score, [tensor], keep=[tensor])
        return tensor, Session(derivative.SerializeToString(), self.provider)

    def _one_hot(self, label: int, count: int) -> NDArray[np.float32]:
        rows = np.zeros((count, self.labels), np.float32)
        rows[:, label] = 1
        return rows

    @cached_property
    def labels(self) -> int:
        """How many classes there are."""
        return int(self.scores(np.zeros((1, SIDE, SIDE), np.float32)).shape[1])


def last_feature_maps(model: Model) -> str:
    """The output of the last Conv, after its normalisation and activation. Raises NoFeatureMaps."""
    graph = read(model).graph
    kept = {"Relu", "LeakyRelu", "Elu", "Selu", "Gelu", "Sigmoid", "Tanh", "BatchNormalization", "Clip", "HardSwish"}
    found = ""
    for node in graph.node:
        if node.op_type == "Conv" or (node.op_type in kept and found in node.input):
            found = node.output[0]
    if not found:
        raise NoFeatureMaps("this network has no convolution, so Grad-CAM has no feature maps to weigh")
    return found


def saliency(network: Network, picture: Picture, label: int) -> Map:
    """|dS/dx|: how much the score would change with each pixel. Simonyan et al., https://arxiv.org/abs/1312.6034"""
    return np.asarray(np.abs(network.gradients(picture[None], label)[0]))


def gradient_times_input(network: Network, picture: Picture, label: int) -> Map:
    """x dS/dx: exact contributions if the network were linear. Shrikumar et al., https://arxiv.org/abs/1605.01713"""
    return np.asarray(picture * network.gradients(picture[None], label)[0])


def smoothgrad(
    network: Network, picture: Picture, label: int, samples: int = 50, noise: float = 0.15, seed: int = 0
) -> Map:
    """|mean of dS/dx over `samples` noisy copies|; the noise is Gaussian, its deviation `noise` times the range of x.

    Smilkov et al., https://arxiv.org/abs/1706.03825
    """
    rng = np.random.default_rng(seed)
    deviation = noise * float(np.ptp(picture))
    copies = picture + rng.normal(0, deviation, (samples, SIDE, SIDE)).astype(np.float32)
    return np.asarray(np.abs(network.gradients(copies, label).mean(0)))


@dataclass(frozen=True)
class Integrated:
    """An integrated gradient. By the completeness axiom the map's sum should be `difference` = S(x) - S(baseline)."""

    map: Map
    difference: float

    @property
    def error(self) -> float:
        """What the sum misses `difference` by: the error of taking the integral in steps."""
        return float(self.map.sum()) - self.difference


def integrated_gradients(
    network: Network,
    picture: Picture,
    label: int,
    baseline: Picture | None = None,
    steps: int = STEPS,
    rival: int | None = None,
) -> Integrated:
    """(x - b) times the mean of dS/dx on the straight way from the baseline b, empty paper by default, to x.

    S is the score of `label`, less that of `rival` where there is one. The integral is taken at the middles of `steps`
    equal parts. Sundararajan et al., https://arxiv.org/abs/1703.01365
    """
    start = np.zeros_like(picture) if baseline is None else baseline
    way = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
    asked = np.zeros(network.labels, np.float32)
    asked[label] = 1
    if rival is not None:
        asked[rival] -= 1
    gradients = network.pullback(start + way[:, None, None] * (picture - start), np.tile(asked, (steps, 1)))
    scores = network.scores(np.stack([start, picture])).astype(np.float64) @ asked
    return Integrated((picture - start) * gradients.mean(0), float(scores[1] - scores[0]))


def grad_cam(network: Network, picture: Picture, label: int) -> Map:
    """relu(sum over channels of a_c A_c), a_c the mean of dS/dA_c, of the last convolution's maps A, enlarged.

    Raises NoFeatureMaps. Selvaraju et al., https://arxiv.org/abs/1610.02391
    """
    maps, gradients = network.feature_maps(picture, label)
    return enlarged(np.maximum((gradients.mean((1, 2))[:, None, None] * maps).sum(0), 0), (SIDE, SIDE))


def occlusion(network: Network, picture: Picture, label: int, size: int = 5, stride: int = 2) -> Map:
    """What the score loses when a square of `size` pixels is erased, averaged over the squares that cover a pixel.

    Zeiler & Fergus, https://arxiv.org/abs/1311.2901
    """
    corners = [(r, c) for r in range(1 - size, SIDE, stride) for c in range(1 - size, SIDE, stride)]
    erased = np.repeat(picture[None], len(corners), 0)
    covered = np.zeros((len(corners), SIDE, SIDE), bool)
    for index, (row, column) in enumerate(corners):
        covered[index, max(row, 0) : row + size, max(column, 0) : column + size] = True
    erased[covered] = 0
    changed = np.flatnonzero((erased != picture).any((1, 2)))  # erasing empty paper changes nothing
    loss = np.zeros(len(corners))
    if len(changed):
        loss[changed] = network.scores(picture[None])[0, label] - network.scores(erased[changed])[:, label]
    return np.asarray(np.tensordot(loss, covered, 1) / covered.sum(0))


def rise(
    network: Network, picture: Picture, label: int, masks: int = 800, cells: int = 7, share: float = 0.5, seed: int = 0
) -> Map:
    """The mean of random masks, each weighed by the label's probability when only its part of the picture is shown.

    A mask is a grid of `cells` x `cells`, each open with chance `share`, enlarged and shifted. Divided by the mean
    without weights, so that 0 to 1 is the mean probability when this pixel is open.
    Petsiuk et al., https://arxiv.org/abs/1806.07421
    """
    shown = _masks(masks, cells, share, seed)
    chances = network.probabilities(picture * shown)[:, label]
    return np.asarray(np.einsum("m,mrc->rc", chances, shown) / np.maximum(shown.sum(0, np.float64), 1e-9))


@lru_cache(maxsize=1)  # 2.5 MB: drawing them takes longer than a small network's answers to them
def _masks(masks: int, cells: int, share: float, seed: int) -> Picture:
    """The masks of RISE (masks, 28, 28), 1 where the picture is shown. Not to be written to."""
    rng = np.random.default_rng(seed)
    step = math.ceil(SIDE / cells)
    grids = enlarged((rng.random((masks, cells, cells)) < share).astype(np.float64), ((cells + 1) * step,) * 2)
    shifts = rng.integers(0, step, (masks, 2))
    cut = [grid[r : r + SIDE, c : c + SIDE] for grid, (r, c) in zip(grids, shifts, strict=True)]
    shown = np.stack(cut).astype(np.float32)
    shown.flags.writeable = False
    return shown


def enlarged(cells: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """(..., h, w) -> (..., *size), by straight lines between the middles of the cells."""
    for axis, wanted in zip((-2, -1), size, strict=True):
        count = cells.shape[axis]
        at = np.clip((np.arange(wanted) + 0.5) * count / wanted - 0.5, 0, count - 1)
        low = np.minimum(at.astype(int), max(count - 2, 0))
        high = np.minimum(low + 1, count - 1)
        shape = (-1, 1) if axis == -2 else (-1,)
        part = (at - low).reshape(shape)
        cells = np.take(cells, low, axis) * (1 - part) + np.take(cells, high, axis) * part
    return cells
