"""A recurrent classifier of text with its tensors: ids -> embedded -> states -> scores -> output, of one text or many.

Its graph takes `ids` int64 (N, T) and `lengths` int32 (N,): behind a text's length nothing is read. Shapes: N texts, T
tokens, E numbers an embedded token, D directions, H units, C labels.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.engine.session import Session
from glassbox.engine.timing import timed
from glassbox.graph.gradient import differentiate, score_tensor
from glassbox.graph.model import RECURRENT, Model, array, attributes, operator, read
from glassbox.graph.recurrent_gates import with_gates
from glassbox.graph.submodel import submodel_from
from glassbox.graph.taps import tap
from glassbox.text.tokens import PADDING

IDS, LENGTHS = "ids", "lengths"
BATCH = 32
"""Texts a run: more is hardly faster, and 32 of 500 characters keep a GRU below 40 MB of working memory."""


class RecurrentActivations(NamedTuple):
    """What a network computes for one text: `output` (C,), `states` and, by the names of the ONNX standard, `gates`,
    (T, D H) each. `seconds`: the median time of `runs` runs inside ONNX Runtime on `provider`."""

    output: NDArray[np.float32]
    states: NDArray[np.float32]
    gates: dict[str, NDArray[np.float32]]
    seconds: float
    runs: int
    provider: str


class TextNetwork:
    """One model, ready to run. Threads may share it. `score`, `output`, `embedded` and `states` name its tensors; its
    recurrence is an `operator` of the ONNX standard in one direction or two (`directions`)."""

    def __init__(self, model: Model, provider: str = "cpu", temperature: float = 1.0) -> None:
        """`temperature`: as the model's card says.

        Raises ValueError for a model that does not embed `ids` and read them with one recurrent node.
        """
        self.model, self.provider, self.temperature = read(model), provider, temperature
        graph = self.model.graph
        embedders = [node for node in graph.node if node.op_type == "Gather" and IDS in node.input]
        cells = [node for node in graph.node if operator(node) in RECURRENT]
        if len(cells) != 1 or len(embedders) != 1 or not cells[0].output[0]:
            raise ValueError(f"ids, one embedding and one recurrent node are needed; there are {len(cells)} such nodes")
        self._cell, self.operator = cells[0], operator(cells[0])
        self.directions = 2 if attributes(cells[0]).get("direction") == "bidirectional" else 1
        self.embedded, self.states = embedders[0].output[0], cells[0].output[0]
        self.output, self.score = graph.output[0].name, score_tensor(graph)
        vectors = next(tensor for tensor in graph.initializer if tensor.name == embedders[0].input[0])
        self.embedding: NDArray[np.float32] = array(vectors)
        """The vectors of the vocabulary, (entries, E)."""
        tapped = tap(self.model, [self.states, self.score])
        self._session = Session(tapped.SerializeToString(), provider)
        gated, self._gates = with_gates(tapped)
        self._gated = Session(gated.SerializeToString(), provider)
        head = self._last_state()
        self._head = Session(submodel_from(self.model, head).SerializeToString(), provider) if head else None
        self._head_input = head

    def activations(self, ids: Sequence[int], runs: int = 1) -> RecurrentActivations:
        """Return the output, states and gates of one text, and the median time of `runs` runs."""
        feeds, outputs = padded([ids]), [self.output, self.states, *self._gates.values()]
        run = timed(lambda: self._gated.run(feeds, outputs), runs)
        gates = {gate: _side_by_side(run.outputs[name], 0) for gate, name in self._gates.items()}
        states = _side_by_side(run.outputs[self.states], 0)
        return RecurrentActivations(
            output=run.outputs[self.output][0],
            states=states,
            gates=gates,
            seconds=run.seconds,
            runs=run.runs,
            provider=run.provider,
        )

    def after_each(self, ids: Sequence[int], states: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the output (T, C) had the text ended after each of its tokens; `states` are those of `activations`.

        Where the head reads one direction's last state alone, each state was the last of a shorter text. A backward
        direction begins at the text's end: there each beginning of the text is a text of its own.
        """
        if self._head:
            return self._head.run({self._head_input: np.ascontiguousarray(states)}).outputs[self.output]
        beginnings = [ids[: length + 1] for length in range(len(ids))]
        return np.concatenate([run[self.output] for _, run in self.batches(beginnings, [self.output])])

    def outputs(self, texts: Sequence[Sequence[int]], tensor: str) -> NDArray[np.float32]:
        """Return the `output` or `score`, as `tensor` names it, of each text, (len(texts), C)."""
        found: NDArray[np.float32] | None = None
        for places, run in self.batches(texts, [tensor]):
            found = np.zeros((len(texts), run[tensor].shape[1]), np.float32) if found is None else found
            found[places] = run[tensor]
        if found is None:
            raise ValueError("there are no texts")
        return found

    def probabilities(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Return the calibrated probabilities (len(texts), C). Raises ValueError for no texts."""
        return calibrated(self.outputs(texts, self.score), "logits", self.temperature)

    def all_states(self, texts: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return the states of each text, (T, D H)."""
        found: list[NDArray[np.float32]] = [np.zeros((0, 0), np.float32)] * len(texts)
        for places, run in self.batches(texts, [self.states]):
            for column, place in enumerate(places):
                found[place] = _side_by_side(run[self.states], column)[: len(texts[place])]
        return found

    def gradients(self, embedded: NDArray[np.float32], label: int) -> NDArray[np.float32]:
        """Return dS/de of the score S of `label`, (n, T, E), for texts of one length given as vectors e (n, T, E)."""
        name = f"grad_{self.embedded}"
        parts = []
        for first in range(0, len(embedded), BATCH):
            part = embedded[first : first + BATCH]
            seed = np.zeros((len(part), self.labels), np.float32)
            seed[:, label] = 1
            lengths = np.full(len(part), part.shape[1], np.int32)
            feeds = {self.embedded: part, LENGTHS: lengths, f"grad_{self.score}": seed}
            parts.append(self._backward.run(feeds, [name]).outputs[name])
        return np.concatenate(parts)

    @cached_property
    def _backward(self) -> Session:
        rest = submodel_from(self.model, self.embedded, beside=[LENGTHS])
        return Session(differentiate(rest, self.score, [self.embedded]).SerializeToString(), self.provider)

    @cached_property
    def labels(self) -> int:
        """The number of labels, C."""
        return int(self.outputs([[PADDING]], self.output).shape[1])

    def batches(
        self, texts: Sequence[Sequence[int]], tensors: Sequence[str]
    ) -> Iterator[tuple[list[int], dict[str, NDArray[Any]]]]:
        """Run texts of like length together; yield their indices in `texts`, and the tensors of that run."""
        for places, feeds in batches(texts):
            yield places, self._session.run(feeds, tensors).outputs

    def _last_state(self) -> str:
        """Return the tensor (N, H) that the head begins with, "" where that is not one direction's last state."""
        outputs = [*self._cell.output, "", ""]
        readers = {name: [n for n in self.model.graph.node if name in n.input] for name in outputs if name}
        others = [name for name in (outputs[0], outputs[2]) if readers.get(name)]
        last = readers.get(outputs[1], [])
        whole = attributes(self._cell).get("direction", "forward") == "forward" and not others and len(last) == 1
        return str(last[0].output[0]) if whole else ""


def batches(texts: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], dict[str, NDArray[Any]]]]:
    """Yield the indices of up to BATCH of `texts` of like length, and what a model takes to read these."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for first in range(0, len(order), BATCH):
        places = order[first : first + BATCH]
        yield places, padded([texts[place] for place in places])


def padded(texts: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
    """Return the inputs of a model for texts of different lengths, filled up with PADDING, which is never read."""
    lengths = np.array([len(text) for text in texts], np.int32)
    ids = np.full((len(texts), int(lengths.max())), PADDING, np.int64)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)] = text
    return {IDS: ids, LENGTHS: lengths}


def _side_by_side(values: NDArray[Any], n: int) -> NDArray[Any]:
    """Return the text `n` of states (T, D, N, H) as (T, D H), the forward direction first."""
    return np.ascontiguousarray(values[:, :, n].reshape(len(values), -1))
