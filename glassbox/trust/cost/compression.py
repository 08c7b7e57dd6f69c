"""Compressed versions of a network: the same weights in fewer bits, the smallest of them set to zero, or fewer neurons.

`python -m export --study quantisation` makes and measures them: models/NETWORK_KIND/1/model.onnx with its card.json,
and studies/quantisation.json for what weights can be set to zero. The version "pruned" has no file: it is the
network with PRUNED of its weights at zero, as `prune` makes it here.
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
from glassbox.paths import STUDIES
from glassbox.records import Fraction, Natural, Positive, PositiveAmount, require
from glassbox.zoo import digit_models
from glassbox.zoo.cards import Accuracy, NetworkCard
from glassbox.zoo.digit_models import Zoo
from glassbox.zoo.folder import Models, accept, names

KINDS = ("fp16", "int8_dynamic", "int8_static", "narrow", "narrow_int8")
"""The versions that have a file."""
PRUNED = 0.5
"""The share of weights that are zero in the version "pruned"."""
ALL = ("fp32", "fp16", "int8_dynamic", "int8_static", "pruned", "narrow", "narrow_int8")
STUDY = STUDIES / "quantisation.json"


@dataclass(frozen=True)
class AgreementCount:
    """On how many of the test pictures the version and its network read the `same` label."""

    same: Natural
    count: Positive


@dataclass(frozen=True)
class Tuning:
    """What training a version took after it was cut: `seconds` by the clock, `cpu_seconds` on all cores together."""

    seconds: PositiveAmount
    cpu_seconds: PositiveAmount
    epochs: Positive


@dataclass(frozen=True, kw_only=True)
class CompressedCard(NetworkCard):
    """What is known of a compressed version that has a file. `operators`: how many nodes of each; `in_float`: operators
    that still calculate with 32 bits, as ONNX Runtime has no other kernel for them on the CPU; `deflated`: bytes after
    zlib."""

    of: str
    kind: str
    parameters: Positive
    deflated: Positive
    operators: dict[str, Natural]
    in_float: tuple[str, ...]
    accuracy: Accuracy
    agreement: AgreementCount
    tuning: Tuning | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        fits = self.kind in KINDS and self.name == f"{self.of}_{self.kind}"
        require(fits, f"{self.name} is no version {self.kind} of {self.of}")


@dataclass(frozen=True)
class PrunedAccuracy:
    """A network with the `share` of its weights that are smallest at zero: `deflated` bytes after zlib."""

    share: Fraction
    deflated: Positive
    accuracy: Accuracy


@dataclass(frozen=True)
class PruningStudy:
    """The accuracy of each network at growing shares of weights set to zero."""

    seed: int
    versions: dict[str, str]
    cuts: dict[str, tuple[PrunedAccuracy, ...]]


@dataclass(frozen=True)
class Version:
    """A network `of` this name or one of its compressed versions, `kind` one of ALL. `deflated`: bytes of the file
    after zlib; `in_float`: see CompressedCard."""

    of: str
    kind: str
    model: bytes
    accuracy: Accuracy
    parameters: int
    deflated: int
    in_float: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The version's own name, such as "cnn_fp16"."""
        return f"{self.of}_{self.kind}"


def prune(model: Model, share: float) -> ModelProto:
    """Return a copy of `model` with the `share` of its weights that are smallest in size at zero; biases stay.

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
    """Return the bytes of a model's file after zlib, as a .zip or a web server would carry it."""
    return len(zlib.compress(model, 9))


@cache  # one study, read once
def pruning_study(path: Path = STUDY) -> PruningStudy | None:
    """Return the recorded accuracies; None, with the reason in the log, if there are none or they are not right."""
    return records.load_or_none(PruningStudy, path)


def networks(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the networks under `folder` (default: models/) that have compressed versions there."""
    compressed = names("compressed", folder=folder)
    return tuple(of for of in digit_models.names(folder) if any(f"{of}_{kind}" in compressed for kind in KINDS))


def versions(models: Zoo, folder: Path | None = None, recorded: Path = STUDY) -> list[Version]:
    """Return each network of `models` that has compressed versions, followed by these in the order of ALL.

    A version that is missing or is not what its card was written for is left out (and logged, see zoo.folder.accept).
    """
    accepted: Models[CompressedCard] = accept({"compressed": CompressedCard}, folder)
    study = pruning_study(recorded)
    cuts = study.cuts if study else {}
    found = []
    for of in [name for name in networks(folder) if name in models.cards]:
        card, model = models.cards[of], models.model_bytes(of)
        for kind in ALL:
            version = accepted.cards.get(f"{of}_{kind}")
            if kind == "fp32":
                found.append(
                    Version(
                        of=of,
                        kind=kind,
                        model=model,
                        accuracy=card.accuracy,
                        parameters=card.parameters,
                        deflated=deflated(model),
                    )
                )
            elif kind == "pruned":
                found += _pruned(of, model, card.parameters, cuts.get(of, ()))
            elif version is not None:
                found.append(
                    Version(
                        of=of,
                        kind=kind,
                        model=accepted.model_bytes(version.name),
                        accuracy=version.accuracy,
                        parameters=version.parameters,
                        deflated=version.deflated,
                        in_float=version.in_float,
                    )
                )
    return found


def _pruned(of: str, model: bytes, parameters: int, cuts: Sequence[PrunedAccuracy]) -> list[Version]:
    return [
        Version(
            of=of,
            kind="pruned",
            model=prune(model, cut.share).SerializeToString(),
            accuracy=cut.accuracy,
            parameters=parameters,
            deflated=cut.deflated,
        )
        for cut in cuts
        if cut.share == PRUNED
    ]
