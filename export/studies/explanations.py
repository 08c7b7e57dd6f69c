"""Do explanations tell the truth, and where do the networks fail? Written to studies/explanations.json.

Seven minutes on one busy core, half of it the deep CNN's. Each network's part is kept as soon as it is measured: a
second run goes on with those that are missing or have changed; remove the file to measure all of them anew.
"""

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export import data, measures
from export.data import Split
from export.run import Run
from export.studies.bootstrap import estimate, rounded
from glassbox.calibration import calibrated
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution import faithfulness as f
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.baseline_pictures import EMPTY
from glassbox.explain.attribution.methods import Map, Network, Picture, integrated_gradients
from glassbox.explain.attribution.registry import BASELINES, METHODS, ScoredMap
from glassbox.trust import slices
from glassbox.zoo import digit_models

PICTURES, CLOSE = 500, 60
"""Test pictures explained, and how many of them go through the costly tests: sensitivity, shuffling, steps."""
HEAVY, HEAVY_PICTURES, HEAVY_CLOSE = 3_000_000, 100, 20
"""Networks of so many FLOPs a picture are explained on fewer, the first of the same pictures."""
QUICK, QUICK_CLOSE = 6, 2
STEPS = (10, 50, 200)
SURE = 0.9
BASELINE = EMPTY
"""What pixels are erased to, and where integrated gradients start."""


def main(run: Run) -> None:
    """Measure every network of run.out on digits of MNIST's test set."""
    test = data.load(run.data).test
    count = QUICK if run.quick else PICTURES
    chosen = np.random.default_rng(run.seed).permutation(len(test))[:count]
    pictures = rescaled(test.digits[chosen])
    path = run.out.parent / "studies" / "explanations.json"
    models = digit_models.load(run.out)
    versions = {package: importlib.metadata.version(package) for package in ("onnxruntime", "onnx", "numpy")}
    settings: dict[str, object] = {"seed": run.seed, "pictures": count, "baseline": BASELINE}
    record = settings | {"versions": versions}
    networks = _kept(path, settings, models)
    for name, described in sorted(models.cards.items(), key=lambda pair: pair[1].flops):
        if name not in networks:
            heavy = (HEAVY_PICTURES, HEAVY_CLOSE) if described.flops >= HEAVY else (PICTURES, CLOSE)
            first, close = (QUICK, QUICK_CLOSE) if run.quick else heavy
            print(f"{name}: {first} pictures", flush=True)
            temperature = described.calibration.temperature
            network = Network(models.model_bytes(name), temperature=temperature)
            found = measured(network, pictures[:first], close, run.seed)
            networks[name] = {"sha256": described.sha256, "temperature": temperature} | found
            _write(path, record | {"networks": networks})
    chances = {name: _chances(models, name, test) for name in models.cards}
    _write(
        path,
        record
        | {
            "networks": {name: networks[name] for name in models.cards},
            "disagreement": disagreement({name: one.argmax(1) for name, one in chances.items()}, test.labels),
            "mistakes": {name: mistakes(one, test.labels) for name, one in chances.items()},
            "slices": {
                name: sliced(measure(test.digits), chances, test.labels) for name, measure in slices.MEASURES.items()
            },
        },
    )


# --- Explanations ----------------------------------------------------------------------------------------------------


def measured(network: Network, pictures: Picture, close: int, seed: int) -> dict[str, object]:
    """All tests of all methods on one network; the costly ones on the first `close` of the pictures (n, 28, 28).

    A map that is blank has no score: it is NaN here, left out of every estimate, and counted.
    """
    methods = registry.methods(network)
    scored: dict[str, list[ScoredMap | None]] = {name: [] for name in (*methods, *BASELINES)}
    better: dict[str, list[float]] = {name: [] for name in methods}
    missed: dict[str, list[float]] = {name: [] for name in methods if METHODS[name].sums_to}
    whole, ink, costly = [], [], []
    labels = network.scores(pictures).argmax(1)
    for index, (picture, label) in enumerate(zip(pictures, map(int, labels), strict=True)):
        maps = {name: METHODS[name].map(network, picture, label) for name in methods}
        against = registry.baselines(network, picture, label)
        for name, one in maps.items():
            made = None if f.blank(one) else ScoredMap(name, one, f.scores(network, picture, label, one))
            scored[name].append(made)
            better[name].append(np.nan if made is None else registry.verdict(made, against) == "better")
            if name in missed:
                missed[name].append(np.nan if made is None else f.missed(network, picture, label, one))
        for name, rival in against.items():
            scored[name].append(rival)
        together = np.stack([*maps.values(), *(rival.map for rival in against.values())])
        whole.append(f.agreement(together))
        ink.append(f.agreement(together[:, picture > 0]))
        if index < close:
            costly.append(_costly(network, picture, label, maps, seed + index))
        if (index + 1) % 50 == 0:
            print(f"  {index + 1}", flush=True)
    shown = [name for name in methods if any(scored[name])]
    return {
        "methods": {
            name: _faithful(scored[name])
            | {
                "over_edges": known(_faithfulness(scored[name]) - _faithfulness(scored["edges"])),
                "over_random": known(_faithfulness(scored[name]) - _faithfulness(scored["random"])),
                "better": known(np.array(better[name])),
                "blank": scored[name].count(None),
                "sensitivity": known(np.array([one["sensitivity"][name] for one in costly])),
                "randomised": {
                    part: _each([one["randomised"][part][name] for one in costly]) for part in ("whole", "ink")
                },
                "missed": known(np.array(missed[name]), np.median) if name in missed else None,
            }
            for name in shown
        },
        "inapplicable": [name for name in METHODS if name not in methods],
        "all_blank": [name for name in methods if name not in shown],
        "baselines": {name: _faithful(scored[name]) for name in BASELINES},
        "shuffled": f.in_order(network)[::-1],
        "steps": [
            {"steps": steps, "missed": estimate(np.array([one["steps"][steps] for one in costly]), np.median)}
            for steps in STEPS
        ],
        "maps": list(scored),
        "agreement": {"whole": _matrix(whole), "ink": _matrix(ink)},
    }


def _costly(network: Network, picture: Picture, label: int, maps: Mapping[str, Map], seed: int) -> dict[str, dict]:
    """Sensitivity and rank correlations with every layer shuffled by method, and what steps of integration miss."""
    similar: dict[str, dict[str, list[float]]] = {part: {name: [] for name in maps} for part in ("whole", "ink")}
    for _, other in f.shuffled(network, seed):
        for name, there in maps.items():
            here = METHODS[name].map(other, picture, label)
            similar["whole"][name].append(f.rank_correlation(here, there))
            similar["ink"][name].append(f.rank_correlation(here[picture > 0], there[picture > 0]))
    return {
        "sensitivity": {
            name: np.nan if f.blank(there) else f.sensitivity(network, picture, label, METHODS[name].map, there=there)
            for name, there in maps.items()
        },
        "randomised": similar,
        "steps": {
            steps: f.missed(network, picture, label, integrated_gradients(network, picture, label, steps=steps).map)
            for steps in STEPS
        },
    }


def _faithful(scored: list[ScoredMap | None]) -> dict[str, object]:
    found = [one for one in scored if one]
    return {
        "score": estimate(_faithfulness(found)),
        "spread": [rounded(end) for end in np.quantile(_faithfulness(found), (0.1, 0.9))],
        "deletion": estimate(np.array([one.scores.deletion.area for one in found])),
        "insertion": estimate(np.array([one.scores.insertion.area for one in found])),
    }


def _faithfulness(scored: Sequence[ScoredMap | None]) -> NDArray[np.float64]:
    return np.array([one.faithfulness if one else np.nan for one in scored])


def known(
    values: NDArray[np.float64], statistic: Callable[..., NDArray[np.float64]] = np.mean
) -> dict[str, float] | None:
    """The estimate from the values that are numbers; None if none is."""
    numbers = values[~np.isnan(values)]
    return estimate(numbers, statistic) if len(numbers) else None


def _each(values: list[list[float]]) -> list[dict[str, float] | None]:
    """Rows of one list a picture -> an estimate a column."""
    return [known(column) for column in np.array(values).T]


def _matrix(matrices: list[NDArray[np.float64]]) -> list[list[dict[str, float] | None]]:
    return [[known(cell) for cell in row] for row in np.stack(matrices, -1)]


# --- Verdicts --------------------------------------------------------------------------------------------------------


def disagreement(read: Mapping[str, NDArray[np.int64]], labels: NDArray[np.uint8]) -> dict[str, object]:
    """Who is right where another is wrong, and who reads another digit, counted over all digits."""
    names = list(read)
    right = {name: one == labels for name, one in read.items()}
    together, digits = np.stack(list(right.values())), np.stack(list(read.values()))
    return {
        "networks": names,
        "count": len(labels),
        "right_where_wrong": [[int((right[a] & ~right[b]).sum()) for b in names] for a in names],
        "differ": [[int((read[a] != read[b]).sum()) for b in names] for a in names],
        "all_right": int(together.all(0).sum()),
        "all_wrong": int((~together).all(0).sum()),
        "unanimous": int((digits == digits[0]).all(0).sum()),
    }


def mistakes(chances: NDArray[np.float64], labels: NDArray[np.uint8]) -> dict[str, object]:
    """Wrong verdicts by true and read label, with their mean confidence, from calibrated `chances` (n, 10)."""
    read, confidence = chances.argmax(1), chances.max(1)
    cells = []
    for true, wrong in sorted(set(zip(labels.tolist(), read.tolist(), strict=True))):
        inside = confidence[(labels == true) & (read == wrong)]
        if true != wrong:
            cells.append(
                {
                    "true": true,
                    "read": wrong,
                    "count": len(inside),
                    "confidence": rounded(inside.mean()),
                    "sure": int((inside >= SURE).sum()),
                }
            )
    return {"sure": SURE, "sure_count": int((confidence >= SURE).sum()), "cells": cells}


def sliced(
    values: NDArray[np.float64], chances: Mapping[str, NDArray[np.float64]], labels: NDArray[np.uint8]
) -> dict[str, object]:
    """The slices of one measure `values` (n,), each network's accuracy in each with its Wilson interval."""
    limits = slices.edges(values)
    places = slices.slice_of(values, limits)
    found = []
    for index, (low, high) in enumerate(pairwise(limits)):
        inside = places == index
        found.append(
            {
                "low": rounded(low),
                "high": rounded(high),
                "middle": rounded(np.median(values[inside])),
                "count": int(inside.sum()),
                "labels": np.bincount(labels[inside], minlength=10).tolist(),
                "accuracy": {
                    name: measures.accuracy(one[inside].argmax(1), labels[inside]) for name, one in chances.items()
                },
            }
        )
    return {"quantiles": [rounded(value) for value in np.quantile(values, np.linspace(0, 1, 101))], "slices": found}


def _chances(models: digit_models.Zoo, name: str, test: Split) -> NDArray[np.float64]:
    described = models.cards[name]
    session = onnxruntime.InferenceSession(models.model_bytes(name), providers=["CPUExecutionProvider"])
    return calibrated(measures.outputs(session, test.digits), described.output.kind, described.calibration.temperature)


# --- The record ------------------------------------------------------------------------------------------------------


def _kept(path: Path, settings: Mapping[str, object], models: digit_models.Zoo) -> dict[str, dict[str, object]]:
    """What an earlier run with the same `settings` found by the same methods of networks that are still the same."""
    if not path.exists():
        return {}
    earlier = json.loads(path.read_text(encoding="utf-8"))
    if {name: earlier.get(name) for name in settings} != settings:
        return {}
    return {
        name: one
        for name, one in earlier["networks"].items()
        if name in models.cards
        and one["sha256"] == models.cards[name].sha256
        and one["temperature"] == models.cards[name].calibration.temperature
        and METHODS.keys() == {*one["methods"], *one["inapplicable"], *one["all_blank"]}
    }


def _write(path: Path, record: Mapping[str, object]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
