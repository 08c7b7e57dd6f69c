"""Every attribution of a picture beside its rivals that know nothing: which of them may be trusted here?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassbox.explain.attribution import faithfulness as f
from glassbox.explain.attribution import methods as a
from glassbox.explain.attribution.faithfulness import Method, RandomisedLayer, Scores
from glassbox.explain.attribution.methods import Map, Network, NoFeatureMaps, Picture

METHODS: Mapping[str, Method] = {
    "saliency": a.saliency,
    "gradient_times_input": a.gradient_times_input,
    "smoothgrad": a.smoothgrad,
    "integrated_gradients": lambda network, picture, label: a.integrated_gradients(network, picture, label).map,
    "grad_cam": a.grad_cam,
    "occlusion": a.occlusion,
    "rise": a.rise,
}
SIGNED = ("gradient_times_input", "integrated_gradients", "occlusion")
"""Methods whose maps tell what speaks for the label (above 0) from what speaks against it (below 0)."""
RIVALS = ("edges", "random")
MARGIN = 0.02
"""Faithfulness closer than this is a draw: a picture or two of the 49 on a curve."""
LITTLE = 0.1
"""Where erasing the whole picture changes the probability by less than this, no map can be told from another."""


@dataclass(frozen=True)
class ScoredMap:
    """A map (28, 28) with its scores; `missed`: by how much of the difference in score an integrated gradient's sum
    misses it (completeness), None for the others."""

    name: str
    map: Map
    scores: Scores
    missed: float | None = None

    @property
    def faithfulness(self) -> float:
        """Area of insertion less area of deletion, -1 to 1: large if the map's first pixels both suffice and matter."""
        return self.scores.insertion.area - self.scores.deletion.area


def methods(network: Network) -> list[str]:
    """The methods that the network allows: Grad-CAM needs feature maps."""
    try:
        a.last_feature_maps(network.model)
    except NoFeatureMaps:
        return [name for name in METHODS if name != "grad_cam"]
    return list(METHODS)


def attribute(network: Network, picture: Picture, label: int, name: str) -> ScoredMap:
    """The map of the method `name` (of METHODS) for a picture (28, 28), with its scores.

    Raises KeyError for another name, and NoFeatureMaps for Grad-CAM where `methods` leaves it out.
    """
    method, missed = METHODS[name], None
    if name == "integrated_gradients":
        found = a.integrated_gradients(network, picture, label)
        attribution, missed = found.map, abs(found.error) / max(abs(found.difference), 1e-9)
    else:
        attribution = method(network, picture, label)
    return ScoredMap(name, attribution, f.scores(network, picture, label, attribution, method), missed)


def rivals(network: Network, picture: Picture, label: int) -> dict[str, ScoredMap]:
    """The edges of the picture, and chance: the median of five random maps, of which one is shown."""
    maps = {"edges": f.edge_map(picture), "random": f.random_map()}
    found = f.baselines(network, picture, label)
    return {name: ScoredMap(name, maps[name], found[name]) for name in RIVALS}


def verdict(scored: ScoredMap, against: Mapping[str, ScoredMap]) -> str:
    """What the scores say: "better", "edges" (beats chance, not the edges), "chance" (no better than chance) or, where
    the picture leaves nothing to measure, "nothing"."""
    curve = scored.scores.insertion.probabilities
    if abs(float(curve[-1] - curve[0])) < LITTLE:
        return "nothing"
    if scored.faithfulness < against["random"].faithfulness + MARGIN:
        return "chance"
    return "better" if scored.faithfulness >= against["edges"].faithfulness + MARGIN else "edges"


def randomisation(network: Network, picture: Picture, label: int, name: str) -> list[RandomisedLayer]:
    """The weight-randomisation check of the method `name`: see `faithfulness.weight_randomisation`. Raises KeyError."""
    return f.weight_randomisation(network, picture, label, METHODS[name])


def limits(attribution: Map, name: str) -> tuple[float, float]:
    """The values at the ends of a map's scale: symmetric where it is signed, else from 0, but RISE from its least."""
    most = float(np.abs(attribution).max())
    if name in SIGNED:
        return -most, most
    return (float(attribution.min()) if name == "rise" else 0.0), most
