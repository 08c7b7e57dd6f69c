"""What the parts of a transformer compute on the average over training texts: the file that mean ablation reads."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from export.run import Run
from glassbox.engine.session import Session
from glassbox.graph.taps import tap
from glassbox.graph.transformer import Transformer, transformer
from glassbox.text.tokens import PADDING
from glassbox.zoo import transformer_models
from glassbox.zoo.means import Means

TEXTS, QUICK_TEXTS = 4_000, 20
BATCH = 50

Ids = NDArray[np.int64]


def measure(run: Run, name: str, texts: Ids) -> None:
    """Write the means of the transformer `name` of run.out over `texts`, evenly apart, beside its card and tell of them
    there; `texts` (n, steps + 1) are what it learned from, PADDING behind each end."""
    zoo = transformer_models.load(run.out)
    chosen = texts[:: max(1, len(texts) // (QUICK_TEXTS if run.quick else TEXTS))]
    found, positions = means(zoo.model_bytes(name), chosen, zoo.cards[name].front)
    told = run.write_beside(name, transformer_models.MEANS, found.to_bytes())
    run.tell(name, "means", told | {"texts": len(chosen), "positions": positions})


def means(model: bytes, texts: Ids, front: int) -> tuple[Means, int]:
    """Return the means over the positions of `texts` (n, steps + 1) from which a token behind the first `front` is
    written, PADDING left out, and how many these are."""
    parts = transformer(model)
    session = Session(tap(model, list(_tensors(parts))).SerializeToString())
    sums: dict[str, NDArray[np.float64]] = {}
    positions = 0
    for first in range(0, len(texts), BATCH):
        ids = texts[first : first + BATCH]
        written = ids[:, 1:] != PADDING
        written[:, : front - 1] = False
        positions += int(written.sum())
        for name, added in _sums(parts, session.run({parts.ids: ids[:, :-1]}).outputs, written).items():
            sums[name] = sums.get(name, 0.0) + added
    return Means(**{name: (total / positions).astype(np.float32) for name, total in sums.items()}), positions


def _tensors(parts: Transformer) -> Iterator[str]:
    yield parts.token
    yield from parts.streams
    for layer in parts.layers:
        yield layer.attention.writes
        if layer.feedforward:
            yield layer.feedforward.neurons


def _sums(
    parts: Transformer, outputs: Mapping[str, NDArray[np.float32]], where: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Return the sums over the positions `where` (N, T), by the names of Means."""
    heads = [outputs[layer.attention.writes].swapaxes(1, 2)[where] for layer in parts.layers]
    none = np.zeros((1, 0))
    neurons = [outputs[layer.feedforward.neurons][where] if layer.feedforward else none for layer in parts.layers]
    streams = [outputs[name][where] for name in parts.streams]
    return {
        "heads": np.stack([values.sum(0, np.float64) for values in heads]),
        "neurons": np.stack([values.sum(0, np.float64) for values in neurons]),
        "sizes": np.stack([np.linalg.norm(values, axis=1).sum(dtype=np.float64) for values in streams]),
        "token": outputs[parts.token][where].sum(0, np.float64),
    }
