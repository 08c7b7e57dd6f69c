"""The attribution methods and the baselines that they are held against: which map of a picture may be trusted?

A method takes a function in `methods.py`, an entry in METHODS, and its words in locale/*/frame.toml under [method]:
NAME, NAME_paper, NAME_help and NAME_limit. The pages, the study and its record go through METHODS; until the study has
run again (`python -m export --study explanations`) the scoreboard says that the method is not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from glassbox.explain.attribution import faithfulness as f
from glassbox.explain.attribution import methods as a
from glassbox.explain.attribution.baseline_pictures import BASELINE_PICTURES, EMPTY
from glassbox.explain.attribution.faithfulness import BlankMap, Method, RandomisedLayer, Scores
from glassbox.explain.attribution.methods import Map, Network, NoFeatureMaps, Picture

BASELINES = ("edges", "random")
"""Maps that know nothing of the network: the picture's edges, and chance."""
MARGIN = 0.02
"""Faithfulness closer than this is a tie: a picture or two of the 49 on a curve."""
LITTLE = 0.1
"""Where erasing the whole picture changes the probability by less than this, no map can be told from another."""


@dataclass(frozen=True)
class AttributionMethod:
    """A method: the function that makes its map, the address of its paper, and what is to be known of the map.

    `signed`: values above 0 speak for the label, those below 0 against it. `zero`: whether 0 means no contribution; the
    scale of a map without such a zero begins at its least value. `sums_to`: the map's sum should be the difference in
    score between the picture and empty paper for a "linear" network, or between it and the baseline for any, by
    "construction" (completeness). `from_baseline`: `map` also takes `baseline`, of BASELINE_PICTURES: see `against`.
    """

    map: Callable[..., Map]
    paper: str
    signed: bool = False
    zero: bool = True
    sums_to: str = ""
    needs_feature_maps: bool = False
    from_baseline: bool = False

    def against(self, baseline: str) -> Method:
        """Return the function that makes the map, from `baseline` if the method starts from one."""
        return partial(self.map, baseline=baseline) if self.from_baseline else self.map

    def applies(self, network: Network) -> bool:
        """Return whether the network has what the method needs."""
        if not self.needs_feature_maps:
            return True
        try:
            a.last_feature_maps(network.model)
        except NoFeatureMaps:
            return False
        return True


def _integrated(network: Network, picture: Picture, label: int, baseline: str = EMPTY) -> Map:
    return a.integrated_gradients(network, picture, label, BASELINE_PICTURES[baseline](picture)).map


METHODS: dict[str, AttributionMethod] = {
    "saliency": AttributionMethod(a.saliency, "https://arxiv.org/abs/1312.6034"),
    "gradient_times_input": AttributionMethod(
        a.gradient_times_input, "https://arxiv.org/abs/1605.01713", signed=True, sums_to="linear"
    ),
    "smoothgrad": AttributionMethod(a.smoothgrad, "https://arxiv.org/abs/1706.03825"),
    "integrated_gradients": AttributionMethod(
        _integrated, "https://arxiv.org/abs/1703.01365", signed=True, sums_to="construction", from_baseline=True
    ),
    "grad_cam": AttributionMethod(a.grad_cam, "https://arxiv.org/abs/1610.02391", needs_feature_maps=True),
    "occlusion": AttributionMethod(a.occlusion, "https://arxiv.org/abs/1311.2901", signed=True),
    "rise": AttributionMethod(a.rise, "https://arxiv.org/abs/1806.07421", zero=False),
}


@dataclass(frozen=True)
class ScoredMap:
    """A map (28, 28) with its scores; `missed`: the share of the difference in score that the sum of the map misses,
    where the method is complete by construction, else None."""

    name: str
    map: Map
    scores: Scores
    missed: float | None = None

    @property
    def faithfulness(self) -> float:
        """Area of insertion less area of deletion, -1 to 1: large if the map's first pixels both suffice and matter."""
        return self.scores.insertion.area - self.scores.deletion.area


def methods(network: Network) -> list[str]:
    """Return the names of the methods that apply to the network."""
    return [name for name, method in METHODS.items() if method.applies(network)]


def attribute(network: Network, picture: Picture, label: int, name: str, baseline: str = EMPTY) -> ScoredMap:
    """Return the map of the method `name` (of METHODS) for a picture (28, 28), with its scores but its `sensitivity`.

    `baseline`, of BASELINE_PICTURES, is what pixels are erased to, and where integrated gradients start. Raises
    KeyError for other names, NoFeatureMaps for Grad-CAM where `methods` leaves it out, and BlankMap for a map whose
    pixels are all alike, which has no score.
    """
    method, start = METHODS[name], BASELINE_PICTURES[baseline](picture)
    attribution = method.against(baseline)(network, picture, label)
    if f.blank(attribution):
        raise BlankMap(f"{name} gives all pixels the same: there is nothing to score")
    complete = method.sums_to == "construction"
    missed = f.missed(network, picture, label, attribution, baseline=start) if complete else None
    return ScoredMap(name, attribution, f.scores(network, picture, label, attribution, baseline=start), missed)


def sensitivity(network: Network, picture: Picture, label: int, scored: ScoredMap, baseline: str = EMPTY) -> float:
    """Return the sensitivity of a map that `attribute` returned for the same: as costly as three such maps."""
    return f.sensitivity(network, picture, label, METHODS[scored.name].against(baseline), there=scored.map)


def baselines(network: Network, picture: Picture, label: int, baseline: str = EMPTY) -> dict[str, ScoredMap]:
    """Return the maps of BASELINES with their scores; of five random maps the one of median deletion is scored."""
    maps = {"edges": f.edge_map(picture), "random": f.random_map()}
    found = f.baselines(network, picture, label, baseline=BASELINE_PICTURES[baseline](picture))
    return {name: ScoredMap(name, maps[name], found[name]) for name in BASELINES}


def verdict(scored: ScoredMap, against: Mapping[str, ScoredMap]) -> str:
    """Return what the scores say of a map `against` the baselines.

    "better" than both, "edges" (beats chance, not the edges), "chance" (no better than chance) or, where the picture
    leaves nothing to measure, "nothing".
    """
    curve = scored.scores.insertion.probabilities
    if abs(float(curve[-1] - curve[0])) < LITTLE:
        return "nothing"
    if scored.faithfulness < against["random"].faithfulness + MARGIN:
        return "chance"
    return "better" if scored.faithfulness >= against["edges"].faithfulness + MARGIN else "edges"


def randomisation(
    network: Network, picture: Picture, label: int, name: str, baseline: str = EMPTY
) -> list[RandomisedLayer]:
    """Return the weight-randomisation check of the method `name`: see `faithfulness.weight_randomisation`.

    Raises KeyError for a name that is not in METHODS.
    """
    return f.weight_randomisation(network, picture, label, METHODS[name].against(baseline))


def limits(attribution: Map, name: str) -> tuple[float, float]:
    """Return the values at the ends of the scale of a map that a method of METHODS, or a baseline, has made."""
    most, method = float(np.abs(attribution).max()), METHODS.get(name)
    if method is not None and method.signed:
        return -most, most
    return (0.0 if method is None or method.zero else float(attribution.min())), most
