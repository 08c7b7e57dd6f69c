"""What is measured of a model's outputs, without Keras: accuracy, confusion and calibration, run by ONNX Runtime."""

import math

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy import optimize, stats

from export.data import Split
from glassbox.calibration import calibrated
from glassbox.digits.tensors import rescaled
from glassbox.intervals import wilson_interval

Labels = NDArray[np.integer]
BINS = 15


PARTS, ROUNDS = 5, 10
"""The held-out examples are cut into so many parts, anew in each round, to see whether a temperature helps."""


def judged(
    validation: NDArray[np.float32], known: Labels, test: NDArray[np.float32], labels: Labels, kind: str
) -> dict[str, object]:
    """Accuracy, confusion and calibration of the outputs for `test` (n, classes), with the temperature that `held_out`
    chooses on the outputs for `validation`, whose labels are `known`."""
    found = held_out(validation, kind, known)
    temperature = found["fitted"] if found["helps"] else 1.0
    before, after = (calibrated(test, kind, t) for t in (1.0, temperature))
    confusion = np.zeros((test.shape[1],) * 2, int)
    np.add.at(confusion, (labels, after.argmax(1)), 1)
    return {
        "accuracy": accuracy(after.argmax(1), labels),
        "confusion": confusion.tolist(),
        "calibration": {
            "temperature": temperature,
            "held_out": found,
            "ece_before": calibration_error(before, labels),
            "ece_after": calibration_error(after, labels),
            "bins_before": reliability(before, labels),
            "bins_after": reliability(after, labels),
        },
    }


def held_out(output: NDArray[np.float32], kind: str, labels: Labels) -> dict[str, float | bool]:
    """What a temperature is worth on examples that the network did not learn from, by repeated cross-validation.

    In each of ROUNDS the examples are cut at random into PARTS; each part is judged with the temperature fitted on the
    others, and with none. `gain` is the mean log-likelihood that the temperature adds (nats an example), `ece_before`
    and `ece_after` the parts' mean calibration errors, `fitted` the temperature of all examples together. It `helps` if
    it betters both by more than one standard error of the parts: else the simpler model, without one, is to be kept
    (the one-standard-error rule; Breiman et al., "Classification and Regression Trees", 1984, section 3.4.3).
    """
    parts = [
        _with_and_without(output, kind, labels, part)
        for seed in range(ROUNDS)
        for part in np.array_split(np.random.default_rng(seed).permutation(len(labels)), PARTS)
    ]
    gains, before, after = np.array(parts).T
    helps = all(change.mean() > change.std(ddof=1) / math.sqrt(PARTS) for change in (gains, before - after))
    return {
        "count": len(labels),
        "fitted": fit_temperature(output, kind, labels),
        "gain": float(gains.mean()),
        "ece_before": float(before.mean()),
        "ece_after": float(after.mean()),
        "helps": helps,
    }


def _with_and_without(
    output: NDArray[np.float32], kind: str, labels: Labels, part: NDArray[np.int64]
) -> tuple[float, float, float]:
    """What the temperature fitted on all examples but `part` adds there in log-likelihood, and the calibration errors
    without and with it."""
    rest = np.setdiff1d(np.arange(len(labels)), part)
    temperature = fit_temperature(output[rest], kind, labels[rest])
    before, after = (calibrated(output[part], kind, t) for t in (1.0, temperature))
    known = labels[part]
    return (
        _loss(before, known) - _loss(after, known),
        calibration_error(before, known),
        calibration_error(after, known),
    )


def outputs(
    session: onnxruntime.InferenceSession, digits: NDArray[np.uint8], batch: int = 1_000
) -> NDArray[np.float32]:
    """uint8 (n, 28, 28) -> what the model gives for each, `batch` of them a run."""
    entry = session.get_inputs()[0]
    shape = [d for d in entry.shape[1:]]
    pictures = rescaled(digits).reshape(-1, *shape)
    return np.concatenate(
        [session.run(None, {entry.name: pictures[i : i + batch]})[0] for i in range(0, len(pictures), batch)]
    )


def accuracy(read: NDArray[np.int64], labels: Labels) -> dict[str, float | int]:
    """Return the share of right labels with its 95 % interval."""
    count, correct = len(labels), int((read == labels).sum())
    low, high = wilson_interval(correct, count)
    return {"value": correct / count, "low": low, "high": high, "correct": correct, "count": count}


def fit_temperature(output: NDArray[np.float32], kind: str, labels: Labels) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, arXiv:1706.04599)."""

    def loss(log_temperature: float) -> float:
        return _loss(calibrated(output, kind, math.exp(log_temperature)), labels)

    return math.exp(optimize.minimize_scalar(loss, bounds=(-4, 3), method="bounded").x)


def _loss(chances: NDArray[np.float64], labels: Labels) -> float:
    """The mean of -ln of what the true labels are given."""
    return float(-np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-12)).mean())


def reliability(chances: NDArray[np.float64], labels: Labels) -> list[dict[str, float | int | None]]:
    """Mean confidence and accuracy of BINS equal bins of confidence."""
    confidence, right = chances.max(1), chances.argmax(1) == labels
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows: list[dict[str, float | int | None]] = []
    for i in range(BINS):
        inside = index == i
        filled = bool(inside.any())
        rows.append(
            {
                "confidence": float(confidence[inside].mean()) if filled else None,
                "accuracy": float(right[inside].mean()) if filled else None,
                "count": int(inside.sum()),
            }
        )
    return rows


def calibration_error(chances: NDArray[np.float64], labels: Labels) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy, weighted by the bins' counts."""
    rows = reliability(chances, labels)
    return sum(abs(r["confidence"] - r["accuracy"]) * r["count"] for r in rows if r["count"]) / len(labels)


def auroc(inside: NDArray[np.float32], outside: NDArray[np.float32]) -> float:
    """Return the chance that a value of `outside` lies above one of `inside` (Mann and Whitney, 1947)."""
    pairs_above = stats.mannwhitneyu(outside, inside).statistic
    return float(pairs_above / (len(inside) * len(outside)))


def on_pictures(session: onnxruntime.InferenceSession, pictures: Split) -> dict[str, float | int]:
    """Accuracy on prepared real pictures."""
    read = outputs(session, pictures.digits).argmax(1)
    correct = int((read == pictures.labels).sum())
    return {"correct": correct, "count": len(pictures), "accuracy": correct / len(pictures)}
