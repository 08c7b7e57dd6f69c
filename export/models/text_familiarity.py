"""Whether a text is like those that a task's networks learned from: a Bloom filter of the training texts' runs
of tokens.

How many tokens a run has, and whether short texts are smoothed, is chosen by held-out texts against a few kinds of
strange ones. What the networks themselves give is compared with it where they are there: the energy of their scores
(Liu et al., "Energy-based out-of-distribution detection", 2020, https://arxiv.org/abs/2010.03759) and the Mahalanobis
distance of their last state from the nearest class (Lee et al., "A simple unified framework for detecting
out-of-distribution samples", 2018, https://arxiv.org/abs/1807.03888).
"""

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export import measures, strange
from export.run import Run
from export.sentences import CORPORA, Corpus, Sentences
from glassbox.engine.session import Session
from glassbox.paths import CONTENT
from glassbox.text import tokens
from glassbox.text.familiarity import NewRuns, places, runs, smoothed
from glassbox.text.recurrent import TextNetwork
from glassbox.zoo import text_models
from glassbox.zoo.cards import Display, Name
from glassbox.zoo.text_models import RunFilter, Smoothing

# Setup
FAMILIES = {"topic": "text_zh", "sentiment": "text_en", "scenario": "text_en_intent"}
UNITS = {"topic": "character", "sentiment": "word", "scenario": "word"}
NAMES = {
    "topic": {"en": "check for unfamiliar Chinese texts", "zh": "“不像学过的中文”的检查"},
    "sentiment": {"en": "check for unfamiliar film reviews", "zh": "“不像影评”的检查"},
    "scenario": {"en": "check for unfamiliar requests", "zh": "“不像助手指令”的检查"},
}
LENGTHS = (1, 2, 3, 4)
"""Tokens of a run, of which the held-out texts choose one."""
PRIORS = {"": 0, ", smoothed": 5}
"""Tokens, as many of their runs new as is usual, that each text is taken to have besides its own: likewise."""
PASSED = 0.95
"""The share of the held-out texts that must count as familiar: it sets the threshold."""
HASHES, BITS_A_RUN = 6, 8
"""Of the filter, which then takes some 2 % of the runs that it does not hold for ones that it does."""
Score = Callable[[Sequence[str]], NDArray[np.float64]]
"""Texts -> how strange each is."""


@dataclass(frozen=True)
class Check:
    """A check that is tried, and the `score` by which it finds a text strange."""

    model: onnx.ModelProto
    filter: RunFilter
    usual: Smoothing
    score: Score


def main(run: Run) -> None:
    # Data
    corpora = {task: run.some(load(run.text)) for task, load in CORPORA.items()}
    for place, (task, corpus) in enumerate(corpora.items()):
        unit, texts = UNITS[task], [tokens.normalise(text) for text in corpus.train.texts]
        words = {token for text in texts for token in tokens.tokens(text, unit)} - {" "}
        chosen_by, others = (
            {kind: _readable(of, words, unit) for kind, of in kinds(task, corpora, run.text, run.seed).items()}
            for kinds in (strange.choosing, strange.measured)
        )
        # Build
        checks = {
            f"new runs of {length}{said}": _check(texts, corpus.validation, unit, length, prior)
            for length in LENGTHS
            for said, prior in PRIORS.items()
        }
        # Choose
        scores = {name: check.score for name, check in checks.items()} | _network_scores(run, task, corpus)
        found = {name: _mean_auroc(score, corpus.validation.texts, chosen_by) for name, score in scores.items()}
        best = checks[max(checks, key=lambda name: found[name])]
        score = best.score
        # Evaluate
        validation, test = (score(part.texts) for part in (corpus.validation, corpus.test))
        quantiles = np.quantile(validation, np.linspace(0, 1, 101)).tolist()
        threshold = quantiles[round(100 * PASSED)]
        own = score(_own(task))
        # Export
        name = f"{FAMILIES[task]}_familiarity"
        names = {language: Name(said) for language, said in NAMES[task].items()}
        described = {
            "name": name,
            "role": "text_familiarity",
            "display": asdict(Display(names=names, order=place)),
            "task": task,
            "unit": unit,
            "filter": asdict(best.filter),
            "usual": asdict(best.usual),
            "threshold": threshold,
            "quantiles": quantiles,
            "passed": float((test <= threshold).mean()),
            "own_passed": float((own <= threshold).mean()),
            "chosen_by": list(chosen_by),
            "candidates": found,
            "strange": [_measure(kind, score(of), test, threshold) for kind, of in others.items()],
            "seed": run.seed,
            "dataset": {
                "name": corpus.name,
                "licence": corpus.licence,
                "source": corpus.source,
                "train": len(corpus.train),
                "test": len(corpus.test),
            },
        }
        print(f"{name}: {found}; passed {described['passed']:.3f}, own {described['own_passed']:.3f}")
        print(*described["strange"], sep="\n", flush=True)
        run.write(best.model, described)


def bloom(held_runs: Iterable[str], length: int) -> tuple[onnx.ModelProto, RunFilter]:
    """Return the filter that holds `held_runs`, of `length` tokens: places int64 (R, HASHES) -> 1 for each run that is
    not in it, float32 (R,)."""
    found = sorted(set(held_runs))
    held = RunFilter(length, HASHES, 2 ** math.ceil(math.log2(max(8, len(found) * BITS_A_RUN))))
    bits = np.zeros(held.bits, np.uint8)
    bits[places(found, held.bits, held.hashes)] = 1
    constants = {
        "filter": np.packbits(bits, bitorder="little"),
        "eight": np.array(8, np.int64),
        "two": np.array(2, np.uint8),
        "one": np.array(1, np.float32),
        "hashes": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Div", ["places", "eight"], ["byte_places"]),
        helper.make_node("Gather", ["filter", "byte_places"], ["bytes"]),
        helper.make_node("Mod", ["places", "eight"], ["bit_places"]),
        helper.make_node("Cast", ["bit_places"], ["shifts"], to=TensorProto.UINT8),
        helper.make_node("BitShift", ["bytes", "shifts"], ["shifted"], direction="RIGHT"),
        helper.make_node("Mod", ["shifted", "two"], ["bits"]),
        helper.make_node("Cast", ["bits"], ["set"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMin", ["set", "hashes"], ["known"], keepdims=0),
        helper.make_node("Sub", ["one", "known"], ["new"]),
    ]
    graph = helper.make_graph(
        nodes,
        "familiarity",
        [helper.make_tensor_value_info("places", TensorProto.INT64, ["R", held.hashes])],
        [helper.make_tensor_value_info("new", TensorProto.FLOAT, ["R"])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="glassbox")
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)
    return model, held


def _check(train: Iterable[str], validation: Sentences, unit: str, length: int, prior: int) -> Check:
    """Return the check by runs of `length` tokens in the normalised texts `train`, smoothed by `prior` tokens."""
    model, held = bloom((run for text in train for run in runs(text, unit, length)), length)
    new = NewRuns(Session(model.SerializeToString()), unit, held)
    shares, counts = new.shares(validation.texts)
    usual = Smoothing(float(np.average(shares, weights=counts)), prior)
    return Check(model, held, usual, lambda texts: smoothed(*new.shares(texts), held, usual))


def _readable(texts: Sequence[str], words: set[str], unit: str) -> list[str]:
    """Return the texts that have a token of `words`: the networks refuse one in which they know nothing."""
    return [text for text in texts if words.intersection(tokens.tokens(tokens.normalise(text), unit))]


def _own(task: str) -> list[str]:
    """Return the examples that the project has of its own."""
    with (CONTENT / "text_examples" / f"{task}.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def _mean_auroc(score: Score, inside: Sequence[str], outside: dict[str, list[str]]) -> float:
    known = score(inside)
    return float(np.mean([measures.auroc(known, score(texts)) for texts in outside.values()]))


def _measure(
    kind: str, found: NDArray[np.float64], test: NDArray[np.float64], threshold: float
) -> dict[str, str | int | float]:
    refused = float((found > threshold).mean())
    return {"kind": kind, "count": len(found), "auroc": measures.auroc(test, found), "refused": refused}


def _network_scores(run: Run, task: str, corpus: Corpus) -> dict[str, Score]:
    """What the task's best network in run.out gives to compare with: nothing where there is none."""
    zoo = text_models.load(run.out)
    of_task = [one for one in zoo.cards.values() if one.task == task]
    if not of_task:
        return {}
    best = max(of_task, key=lambda one: one.macro_accuracy)
    network, vocabulary = TextNetwork(zoo.model_bytes(best.name)), best.words()

    def ids(texts: Sequence[str]) -> list[list[int]]:
        return [[token.id for token in vocabulary.tokens(tokens.normalise(text))] for text in texts]

    def energy(texts: Sequence[str]) -> NDArray[np.float64]:
        return -np.logaddexp.reduce(network.outputs(ids(texts), network.score).astype(float), axis=1)

    def last_states(texts: Sequence[str]) -> NDArray[np.float64]:
        states = [np.split(states, network.directions, axis=1) for states in network.all_states(ids(texts))]
        return np.array([np.concatenate([s[0][-1], *(side[0] for side in s[1:])]) for s in states], float)

    means, precision = _classes(corpus.train, last_states)

    def distance(texts: Sequence[str]) -> NDArray[np.float64]:
        away = last_states(texts)[:, None] - means
        return np.einsum("nkd,de,nke->nk", away, precision, away).min(axis=1)

    return {"energy": energy, "Mahalanobis distance": distance}


def _classes(part: Sentences, states: Score) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean state of each class, (C, H), and the inverse of the covariance that they share, (H, H)."""
    found = states(part.texts)
    means = np.array([found[part.labels == label].mean(axis=0) for label in np.unique(part.labels)])
    covariance = np.cov((found - means[np.searchsorted(np.unique(part.labels), part.labels)]).T)
    return means, np.linalg.inv(covariance + 1e-3 * np.eye(len(covariance)))
