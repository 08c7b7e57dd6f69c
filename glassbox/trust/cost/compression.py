"""The twins of a network: the same weights in fewer bits, the smallest of them set to zero, or fewer neurons.

`python -m export --study quantisation` makes and measures them: models/NETWORK_KIND/1/model.onnx with its card.json,
and studies/quantisation.json for what weights can be set to zero. The twin "pruned" has no file: it is the network
with PRUNED of its weights at zero, as `prune` makes it here.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from onnx import ModelProto, numpy_helper

from glassbox import records
from glassbox.graph.model import Model, array, read
from glassbox.paths import MODELS, STUDIES
from glassbox.records import require
from glassbox.zoo import digit_models
from glassbox.zoo.digit_models import Accuracy, Input, Output, Zoo

NETWORKS = (*digit_models.ARTICLE, "cnn_deep")
"""The networks that have twins."""
KINDS = ("fp16", "int8_dynamic", "int8_static", "narrow", "narrow_int8")
"""The twins that have a file."""
PRUNED = 0.5
"""The share of weights that are zero in the twin "pruned"."""
ALL = ("fp32", "fp16", "int8_dynamic", "int8_static", "pruned", "narrow", "narrow_int8")
STUDY = STUDIES / "quantisation.json"


@dataclass(frozen=True)
class AgreementCount:
    """How many of the test pictures twin and network read alike."""

    same: int
    count: int


@dataclass(frozen=True)
class Tuning:
    """What training a twin took after it was cut: `seconds` by the clock, `cpu_seconds` on all cores together."""

    seconds: float
    cpu_seconds: float
    epochs: int


@dataclass(frozen=True)
class CompressedCard:
    """What is known of a twin that has a file. `operators`: how many nodes of each; `in_float`: operators that still
    calculate with 32 bits, as ONNX Runtime has no other kernel for them on the CPU; `deflated`: bytes after zlib."""

    name: str
    of: str
    kind: str
    input: Input
    output: Output
    parameters: int
    bytes: int
    deflated: int
    sha256: str
    operators: dict[str, int]
    in_float: tuple[str, ...]
    accuracy: Accuracy
    agreement: AgreementCount
    seed: int
    versions: dict[str, str]
    tuning: Tuning | None = None

    def __post_init__(self) -> None:
        require(self.of in NETWORKS and self.kind in KINDS, f"{self.name}: no network has a twin of this kind")


@dataclass(frozen=True)
class PrunedAccuracy:
    """A network with the `share` of its weights that are smallest at zero: `deflated` bytes after zlib."""

    share: float
    deflated: int
    accuracy: Accuracy


@dataclass(frozen=True)
class PruningStudy:
    """What can be set to zero: each network's cuts, from nothing up."""

    seed: int
    versions: dict[str, str]
    cuts: dict[str, tuple[PrunedAccuracy, ...]]


@dataclass(frozen=True)
class Version:
    """A network or one of its twins, `kind` one of ALL: the file, how often it is right, and what it can be squeezed
    to. `in_float` is empty but for quantised twins with operators that stayed in 32 bits."""

    of: str
    kind: str
    model: bytes
    accuracy: Accuracy
    parameters: int
    deflated: int
    in_float: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.of}_{self.kind}"


def prune(model: Model, share: float) -> ModelProto:
    """A copy of `model` with the `share` of its weights that are smallest in size at zero; biases stay.

    Magnitude pruning over all layers at once, without training afterwards: Han et al., "Learning both weights and
    connections for efficient neural networks", 2015, https://arxiv.org/abs/1506.02626
    """
    pruned = read(model)
    kernels = [tensor for tensor in pruned.graph.initializer if tensor.name.endswith("kernel")]
    values = [array(tensor).copy() for tensor in kernels]
    sizes = np.concatenate([np.abs(one).ravel() for one in values])
    zeros = round(share * len(sizes))
    limit = np.partition(sizes, zeros - 1)[zeros - 1] if zeros else -1
    for tensor, one in zip(kernels, values, strict=True):
        one[np.abs(one) <= limit] = 0
        tensor.CopyFrom(numpy_helper.from_array(one, tensor.name))
    return pruned


def deflated(model: bytes) -> int:
    """Bytes of the file after zlib, as a .zip or a web server would carry it."""
    return len(zlib.compress(model, 9))


@cache  # one study, read once
def pruning_study(path: Path = STUDY) -> PruningStudy:
    """The recorded cuts. Raises OSError without the file, ValueError if it is not right."""
    return records.read(PruningStudy, path.read_bytes())


def versions(models: Zoo, folder: Path = MODELS, recorded: Path = STUDY) -> list[Version]:
    """Each network of `models` that has twins and its twins, networks in the order of NETWORKS and kinds in that of
    ALL. What is missing or is not what its card was written for is left out (and logged, see zoo.accept)."""
    names = {f"{of}_{kind}": CompressedCard for of in NETWORKS for kind in KINDS}
    cards, _, files = digit_models.accept(folder, names)
    cuts = pruning_study(recorded).cuts if recorded.exists() else {}
    found = []
    for of in [name for name in NETWORKS if name in models.cards]:
        card, model = models.cards[of], models.model_bytes(of)
        for kind in ALL:
            twin: CompressedCard | None = cards.get(f"{of}_{kind}")
            if kind == "fp32":
                found.append(Version(of, kind, model, card.accuracy, card.parameters, deflated(model)))
            elif kind == "pruned":
                found += _pruned(of, model, card.parameters, cuts.get(of, ()))
            elif twin is not None:
                found.append(
                    Version(of, kind, files[twin.name], twin.accuracy, twin.parameters, twin.deflated, twin.in_float)
                )
    return found


def _pruned(of: str, model: bytes, parameters: int, cuts: Sequence[PrunedAccuracy]) -> list[Version]:
    return [
        Version(of, "pruned", prune(model, cut.share).SerializeToString(), cut.accuracy, parameters, cut.deflated)
        for cut in cuts
        if cut.share == PRUNED
    ]
