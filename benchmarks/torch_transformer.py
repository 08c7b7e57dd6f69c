"""The transformer as PyTorch's modules, with a key-value cache of its own: the peer of `benchmarks.transformer`.

One product gives all queries, keys and values, and PyTorch's own norm and attention are used: what it has that is fast
without being compiled.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import linear, relu, scaled_dot_product_attention

from glassbox.graph.transformer_writer import EPSILON, Weights, layers

Cache = tuple[Tensor, Tensor] | None
"""The keys and values of what has been read, (N, heads, T, size) each."""


class Attention(nn.Module):
    def __init__(self, weights: Weights, name: str) -> None:
        super().__init__()
        self.heads, width, _ = weights[f"{name}/W_query"].shape
        parts = [weights[f"{name}/W_{part}"].transpose(1, 0, 2) for part in ("query", "key", "value")]
        self.norm = nn.RMSNorm(width, eps=EPSILON, elementwise_affine=False)
        self.read = _linear(np.stack(parts, axis=1).reshape(width, -1))
        self.back = _linear(weights[f"{name}/W_write"].reshape(-1, width))

    def forward(self, stream: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        texts, steps, width = stream.shape
        read = self.read(self.norm(stream)).view(texts, steps, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = read.unbind()
        if cache is not None:
            key, value = torch.cat((cache[0], key), 2), torch.cat((cache[1], value), 2)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=cache is None)
        return stream + self.back(mixed.transpose(1, 2).reshape(texts, steps, width)), (key, value)


class Feedforward(nn.Module):
    def __init__(self, weights: Weights, name: str) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(len(weights[f"{name}/W_read"]), eps=EPSILON, elementwise_affine=False)
        self.read, self.back = _linear(weights[f"{name}/W_read"]), _linear(weights[f"{name}/W_write"])

    def forward(self, stream: Tensor) -> Tensor:
        return stream + self.back(relu(self.read(self.norm(stream))))


class TorchTransformer(nn.Module):
    """One transformer with the weights that `glassbox.graph.transformer_writer` writes."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        count, width = layers(weights), weights["embedding"].shape[1]
        self.tokens, self.places = (
            nn.Embedding.from_pretrained(torch.from_numpy(weights[name])) for name in ("embedding", "places")
        )
        self.attention = nn.ModuleList(Attention(weights, f"attention{i}") for i in range(count))
        self.feedforward = nn.ModuleList(Feedforward(weights, f"feedforward{i}") for i in range(count))
        self.norm = nn.RMSNorm(width, eps=EPSILON, elementwise_affine=False)

    def forward(self, ids: Tensor, caches: list[Cache]) -> tuple[Tensor, list[Cache]]:
        """Return the logits (N, V) behind the new tokens `ids` (N, T), and the caches with them."""
        past = 0 if caches[0] is None else caches[0][0].shape[2]
        stream, kept = self.tokens(ids) + self.places(torch.arange(past, past + ids.shape[1])), []
        for attention, feedforward, cache in zip(self.attention, self.feedforward, caches, strict=True):
            stream, new = attention(stream, cache)
            stream = feedforward(stream)
            kept.append(new)
        return linear(self.norm(stream[:, -1]), self.tokens.weight), kept

    @torch.inference_mode()
    def greedy(self, first: int, count: int) -> list[int]:
        """Return the `count` likeliest tokens behind `first`, each read again."""
        ids, caches, written = torch.tensor([[first]]), [None] * len(self.attention), []
        for _ in range(count):
            logits, caches = self(ids, caches)
            ids = logits.argmax(-1, keepdim=True)
            written.append(int(ids))
        return written


def _linear(matrix: NDArray[np.float32]) -> nn.Linear:
    """Return x -> x times `matrix`."""
    made = nn.Linear(*matrix.shape, bias=False)
    made.weight.data = torch.from_numpy(np.ascontiguousarray(matrix.T))
    return made
