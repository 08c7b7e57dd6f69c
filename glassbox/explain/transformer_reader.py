"""A transformer reading a text: the tensors that its residual stream is the sum of, and its logits.

It reads the text as it is, or with heads and neurons switched off and streams steered: see `interventions`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from glassbox.engine.session import Session
from glassbox.explain.interventions import Interventions, Patched, patched_tensors
from glassbox.explain.terms.explain import Inside, Tapped
from glassbox.graph.model import Model, constants, read
from glassbox.graph.patch import Feeds, with_patches
from glassbox.graph.submodel import submodel_from, submodel_to
from glassbox.graph.transformer import Transformer, transformer
from glassbox.zoo.means import Means

Ids = Sequence[int] | NDArray[np.integer[Any]]


class TransformerReader:
    """A transformer prepared once; then each text is one run. Threads may share it.

    `parts` are its tensors by name, `weights` its constants by name, `outputs` the names of the tensors that are read.
    """

    def __init__(self, model: Model, provider: str = "cpu", threads: int = 1, *, means: Means | None = None) -> None:
        """`model`: int64 ids (N, T) to logits (N, T, vocabulary), as `glassbox.graph.transformer` finds its parts.

        With `means`, parts can be switched off by mean ablation too. Raises ValueError for another model, or for means
        that are another's.
        """
        proto = read(model)
        self._file = model if isinstance(model, bytes) else proto.SerializeToString()
        self.provider, self.threads = provider, threads
        self.parts = transformer(proto)
        self.weights = constants(proto.graph)
        patched, patches = with_patches(proto, patched_tensors(self.parts))
        self.patched = Patched(patches, self.parts, self.weights, means)
        inner = dict.fromkeys([self.parts.normed, *_read(self.parts)])
        self.outputs = (self.parts.logits, *inner)
        self._to_normed = self._session(submodel_to(patched, [*inner]))
        self._from_normed = self._session(submodel_from(proto, self.parts.normed))

    @property
    def model(self) -> ModelProto:
        """The model, parsed anew: it is not kept beside its file's bytes, its weights and the engine's copy."""
        return read(self._file)

    @property
    def patched_model(self) -> ModelProto:
        """The model with the patches, made anew."""
        return with_patches(self.model, patched_tensors(self.parts))[0]

    @property
    def means(self) -> Means | None:
        """What the parts compute on the average; None where it is not known, so that mean ablation can't be asked."""
        return self.patched.means

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return len(self.weights[self.parts.embedding])

    @property
    def context(self) -> int:
        """How many tokens a text has at most."""
        return len(self.weights[self.parts.positions])

    @cached_property
    def unembedding(self) -> NDArray[Any]:
        """(vocabulary, width): what the normed stream is multiplied with for each token's logit."""
        weights = self.weights[self.parts.unembedding]
        return weights if self.parts.transposed else weights.T

    @cached_property
    def tapped(self) -> Tapped:
        """The model with all its tensors as outputs, made when it is first asked for."""
        return Tapped(self._file, self.provider, self.threads)

    @cached_property
    def tapped_patched(self) -> Tapped:
        """The same of the patched model."""
        return Tapped(self.patched_model, self.provider, self.threads)

    def read(self, ids: Ids, interventions: Interventions = ()) -> "TransformerReading":
        """Read the tokens `ids` (T,), with the `interventions` made.

        Raises ValueError for no tokens, for more than the context, for an unknown one, and for an intervention that
        can't be made, as `Patched.feeds` does.
        """
        feeds = self.feeds(ids, [interventions])
        return TransformerReading(self, feeds, self._run(feeds, self.outputs), tuple(interventions))

    def read_batch(self, ids: Ids, runs: Sequence[Interventions], outputs: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Return the tensors `outputs`, of those that `TransformerReading.tensors` has, of one text read once with each
        of `runs` in one batch, which is their first axis. Raises ValueError as `read` does."""
        return self._run(self.feeds(ids, runs), outputs)

    def read_texts(self, texts: NDArray[np.int64], patches: Feeds, outputs: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Return the tensors `outputs`, of what `TransformerReading.tensors` has, of many texts (N, T) in one batch.

        `patches`: feeds of `patched`, of which each holds for all texts or has one row a text. Raises ValueError for
        texts that are too long and for a token that is not known.
        """
        if texts.ndim != 2 or not 1 <= texts.shape[1] <= self.context or not texts.size:
            raise ValueError(f"texts are (N, T), T from 1 to {self.context}; got {texts.shape}")
        self.require_tokens(np.unique(texts).tolist())
        return self._run({self.parts.ids: texts, **patches}, outputs)

    def last_logits(
        self, ids: Ids, runs: Sequence[Interventions], embedded: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return the logits (runs, vocabulary) behind the last token of the same batch, for less than all of them take.

        `embedded` (runs, T, width): what is read in place of the stream behind the embedding, if given. Raises
        ValueError as `read` does.
        """
        normed = self._run(self.feeds(ids, runs, embedded), [self.parts.normed])[self.parts.normed]
        return self.unembed(normed[:, -1:])[:, 0]

    def unembed(self, normed: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits (N, T, vocabulary) of streams divided by their size, (N, T, width)."""
        logits: NDArray[np.float32] = self._from_normed.run({self.parts.normed: normed}).outputs[self.parts.logits]
        return logits

    def feeds(
        self, ids: Ids, runs: Sequence[Interventions], embedded: NDArray[np.float32] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return what the patched model takes for such a batch. Raises ValueError as `read` does."""
        tokens = np.asarray(ids)
        if tokens.ndim != 1 or not 1 <= tokens.size <= self.context or tokens.dtype.kind not in "iu":
            raise ValueError(f"a text is 1 to {self.context} tokens in a row, whole numbers; got {tokens.shape}")
        self.require_tokens(tokens)
        feeds = {self.parts.ids: np.tile(tokens.astype(np.int64), (len(runs), 1)), **self.patched.feeds(runs)}
        return feeds if embedded is None else feeds | self.patched.streams[0].replaced(embedded)

    def require_tokens(self, tokens: Iterable[int]) -> None:
        """Raise ValueError, naming what exists, for a token that is not known."""
        if unknown := [int(token) for token in tokens if not 0 <= token < self.vocabulary]:
            raise ValueError(f"no token has the id {unknown[0]}; there are {self.vocabulary}, counted from 0")

    def _run(self, feeds: Feeds, outputs: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Return `outputs`: what is computed up to the normed stream, and the logits from that."""
        logits, normed = self.parts.logits, self.parts.normed
        inner = dict.fromkeys(normed if name == logits else name for name in outputs)
        found = self._to_normed.run(feeds, [*inner]).outputs
        if logits in outputs:
            found[logits] = self.unembed(found[normed])
        return {name: found[name] for name in outputs}

    def _session(self, model: ModelProto) -> Session:
        return Session(model.SerializeToString(), self.provider, self.threads)


@dataclass(frozen=True)
class TransformerReading:
    """One text, read. `tensors` are the stream's summands, the streams and the logits, with a batch of 1, as they were
    with the `interventions` made."""

    reader: TransformerReader
    feeds: dict[str, NDArray[Any]]
    tensors: dict[str, NDArray[Any]]
    interventions: Interventions = ()

    @property
    def logits(self) -> NDArray[np.float32]:
        """What the model gives for the next token behind each, (T, vocabulary)."""
        logits: NDArray[np.float32] = self.tensors[self.reader.parts.logits][0]
        return logits

    @property
    def steps(self) -> int:
        """How many tokens were read."""
        return len(self.logits)

    @cached_property
    def inside(self) -> Inside:
        """Every number inside the model, the patched one where interventions were made: a further run, when it is
        first asked for."""
        return (self.reader.tapped_patched if self.interventions else self.reader.tapped).run(self.feeds)

    def require(self, position: int, *tokens: int) -> None:
        """Raise ValueError, naming what exists, for a position that was not read or a token that is not known."""
        if not 0 <= position < self.steps:
            raise ValueError(f"there is no position {position}; {self.steps} tokens were read, counted from 0")
        self.reader.require_tokens(tokens)


def _read(parts: Transformer) -> list[str]:
    """The tensors that ledger and lens read."""
    names = [parts.token, parts.position, *parts.streams, parts.size]
    for layer in parts.layers:
        names += [layer.attention.weights, layer.attention.values]
        names += [layer.feedforward.neurons] if layer.feedforward else []
    return names
