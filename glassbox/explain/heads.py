"""What does an attention head look at? Scores of its pattern for three things that heads are known to do.

Elhage et al., "A Mathematical Framework for Transformer Circuits", 2021,
https://transformer-circuits.pub/2021/framework/ (previous token, induction); Olsson et al., "In-context Learning and
Induction Heads", 2022, https://arxiv.org/abs/2209.11895 (the induction score, there "prefix matching"); Wang et al.,
"Interpretability in the Wild", 2022, https://arxiv.org/abs/2211.00593 (duplicate token).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class HeadScores:
    """The share of its attention, 0 to 1, that each head (H,) pays to one kind of position before the reading one.

    - `previous_token`: the position just before;
    - `same_token`: where the same token stands;
    - `induction`: the one after such a place, whose token an induction head predicts.

    Each is the mean over the positions that have one of that kind before them; nan where none has.
    """

    previous_token: Array
    same_token: Array
    induction: Array


def head_scores(attention: NDArray[Any], ids: NDArray[np.integer]) -> HeadScores:
    """Return the scores of the heads with the patterns `attention` (N, H, T, T), reading position by position read, of
    texts of the tokens `ids` (N, T).

    Raises ValueError where the two don't fit.
    """
    if attention.ndim != 4 or ids.ndim != 2 or attention.shape != (len(ids), attention.shape[1], *ids.shape[1:] * 2):
        raise ValueError(f"the attention {attention.shape} is not (N, H, T, T) for ids (N, T) of {ids.shape}")
    steps = ids.shape[1]
    before = np.tri(steps, k=-1, dtype=bool)
    same = (ids[:, :, None] == ids[:, None, :]) & before
    after_same = np.zeros_like(same)
    after_same[:, :, 1:] = same[:, :, :-1]
    previous = np.broadcast_to(np.eye(steps, k=-1, dtype=bool), same.shape)
    return HeadScores(*(_share(attention, kind) for kind in (previous, same, after_same & before)))


def uniform_scores(ids: NDArray[np.integer]) -> HeadScores:
    """Return the scores, one each, of a head that attends to every position up to the reading one alike: what a head's
    scores have to be held against. `ids`: tokens (N, T)."""
    steps = ids.shape[-1]
    pattern = np.tri(steps) / np.arange(1, steps + 1)[:, None]
    return head_scores(np.broadcast_to(pattern, (len(ids), 1, steps, steps)), ids)


def _share(attention: NDArray[Any], kind: Mask) -> Array:
    """Return each head's mean attention to the positions `kind` (N, T, T), over the positions that have any."""
    paid = np.einsum("nhqk,nqk->nhq", attention.astype(np.float64), kind)
    counted = kind.any(axis=-1)
    if not counted.any():
        return np.full(attention.shape[1], np.nan)
    share: Array = np.einsum("nhq,nq->h", paid, counted) / counted.sum()
    return share
