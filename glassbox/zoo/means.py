"""What the parts of a transformer compute on the average over texts: what an ablated part is set to."""

import io
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Means:
    """Means over the positions of some texts.

    `heads` (layers, heads, width): what each head writes; `neurons` (layers, neurons): each neuron's activation, no
    columns in a network of attention only; `sizes` (layers + 1,): the length of the stream behind the embedding and
    behind each layer, the root of the sum of its squares; `token` (width,): the embedding of a token, without its
    position.
    """

    heads: Array
    neurons: Array
    sizes: Array
    token: Array

    def __post_init__(self) -> None:
        layers, _, width = self.heads.shape
        shapes = [self.neurons.shape[:1], self.sizes.shape, self.token.shape]
        if shapes != [(layers,), (layers + 1,), (width,)] or self.neurons.ndim != 2:
            raise ValueError(f"the means are of no one transformer: heads {self.heads.shape}, then {shapes}")
        if not all(np.isfinite(getattr(self, field.name)).all() for field in fields(self)):
            raise ValueError("a mean is not a finite number")

    def to_bytes(self) -> bytes:
        """Return the file that `from_bytes` reads: an .npz of the arrays by name."""
        file = io.BytesIO()
        np.savez_compressed(file, **{field.name: getattr(self, field.name) for field in fields(self)})
        return file.getvalue()


def from_bytes(file: bytes) -> Means:
    """Return the means in a file that `Means.to_bytes` made; a damaged one raises some exception or other."""
    with np.load(io.BytesIO(file), allow_pickle=False) as held:
        return Means(**{field.name: held[field.name].astype(np.float32) for field in fields(Means)})
