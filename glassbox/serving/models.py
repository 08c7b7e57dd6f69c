"""The models of models/ as they are served: what each takes, and running it on what came."""

import math
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.serving.protocol import ModelMetadata, RepositoryEntry, ServiceError, TensorMetadata
from glassbox.serving.tensors import DATATYPE
from glassbox.zoo import folder as zoo
from glassbox.zoo.cards import ROLES, ModelCard, NetworkCard

Arrays = Mapping[str, NDArray[Any]]
VERSION = "1"
PLATFORM = "onnx_onnxv1"
MOST, MOST_AT_ONCE = 4_096, 256
"""Rows of a request, or tokens in all its rows; and rows of one run, where there are no tokens: a request with more is
run in several, which bounds the memory that it takes."""
MOST_VALUES = 4_000_000
"""Numbers that a model may give for a request: a network that writes gives one for each token of its vocabulary."""
_RUNS = 5
"""Runs of which the fastest is the model's time, as whatever else the machine does only adds to it."""
_KINDS = {role: ModelCard if "familiarity" in role else NetworkCard for role in ROLES}
_WHOLE_BATCH = b"DynamicQuantizeLinear"
"""The operator that rounds all rows of a batch by the largest number among them."""


class ServedModel:
    """One model, ready to be asked. `rows_apart`: whether each row of a batch gets what it would get alone, so that
    those of several requests may run together. `seconds`: of a run with one row and one token, measured here."""

    def __init__(self, name: str, model: bytes) -> None:
        """Raises ValueError for a model that can't be loaded."""
        self.name = name
        self._session = Session(model)
        shapes = self._session.inputs
        types = self._types = {name: np.dtype(one) for name, one in self._session.types.items()}
        rows = {str(shape[0]) for shape in shapes.values()}
        self._rows = next(iter(rows))
        self.rows_apart = len(rows) == 1 and _WHOLE_BATCH not in model
        tokens = any(isinstance(size, str) for shape in shapes.values() for size in shape[1:])
        given = sum(math.prod(n for n in shape if isinstance(n, int)) for shape in self._session.output_shapes.values())
        self.most = min(MOST if tokens or self.rows_apart else MOST_AT_ONCE, MOST_VALUES // given)
        self.most_at_once = MOST if tokens else MOST_AT_ONCE
        self.metadata = ModelMetadata(
            name=name,
            versions=[VERSION],
            platform=PLATFORM,
            inputs=[_metadata(name, types[name], shape) for name, shape in shapes.items()],
            outputs=[
                _metadata(name, np.dtype(self._session.output_types[name]), shape)
                for name, shape in self._session.output_shapes.items()
            ],
        )
        ones = {
            name: np.ones([1 if isinstance(size, str) else size for size in shape], types[name])
            for name, shape in shapes.items()
        }
        self.seconds = min(self._session.run(ones).seconds for _ in range(_RUNS))

    def check(self, arrays: Arrays, outputs: Sequence[str] = ()) -> int:
        """Return how many rows `arrays` hold, or tokens in all rows. Raises ServiceError unless they are the inputs in
        type and shape, and `outputs` the model's."""
        wanted, free = self._session.inputs, dict[str, int]()
        if arrays.keys() != wanted.keys():
            raise ServiceError(400, f"the inputs are {', '.join(wanted)}: each is to be given, and no other")
        if not set(outputs) <= set(self._session.outputs):
            raise ServiceError(400, f"there is no such output; the outputs are {', '.join(self._session.outputs)}")
        for name, shape in wanted.items():
            given, dtype = arrays[name].shape, self._types[name]
            if arrays[name].dtype != dtype:
                raise ServiceError(400, f"the input {name} has the datatype {DATATYPE[dtype]}, and no other")
            fits = len(given) == len(shape) and all(
                size > 0 and size == (free.setdefault(want, size) if isinstance(want, str) else want)
                for size, want in zip(given, shape, strict=True)
            )
            if not fits:
                raise ServiceError(400, f"the input {name} has the shape [{', '.join(map(str, shape))}]")
        size = math.prod(free.values())
        if size > self.most:
            raise ServiceError(400, f"a request may have {self.most} rows, or tokens in all its rows, and no more")
        return size

    def rows(self, arrays: Arrays) -> int:
        """Return how many rows checked `arrays` have."""
        return len(next(iter(arrays.values())))

    def run(self, arrays: Arrays) -> dict[str, NDArray[Any]]:
        """Return all outputs for checked `arrays`. Raises ServiceError for values on which the model can't be run."""
        count = self.rows(arrays)
        if not self.rows_apart or count <= self.most_at_once:
            return self._run(arrays)
        parts = [
            self._run({name: array[start : start + self.most_at_once] for name, array in arrays.items()})
            for start in range(0, count, self.most_at_once)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _run(self, arrays: Arrays) -> dict[str, NDArray[Any]]:
        try:
            return self._session.run(arrays).outputs
        except Exception:  # as ONNX Runtime raised it; it may tell values
            raise ServiceError(400, "the model can't be run on these values: one is out of its range") from None


class ServedModels:
    """All models under `folder` (default: models/), each loaded at its first use. Threads may share it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.names = tuple(zoo.listings(folder))
        self._loaded: dict[str, ServedModel | str] = {}  # at most one a name; a text: why it is refused
        self._loading = threading.Lock()

    def loaded(self, name: str) -> ServedModel | None:
        """Return the model `name` if it is loaded."""
        found = self._loaded.get(name)
        return found if isinstance(found, ServedModel) else None

    def load(self, name: str, version: str = VERSION) -> ServedModel:
        """Return the model `name`. Raises ServiceError if there is none, or if it is refused."""
        if name not in self.names:
            raise ServiceError(404, "no model has this name; /v2/models tells their names")
        if version != VERSION:
            raise ServiceError(404, f"the model has no such version; there is {VERSION}")
        with self._loading:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
        found = self._loaded[name]
        if isinstance(found, str):
            raise ServiceError(503, f"the model is refused: {found}")
        return found

    def index(self) -> list[RepositoryEntry]:
        """Return the state of all models, which this loads."""
        entries = []
        for name in self.names:
            try:
                self.load(name)
                entries.append(RepositoryEntry(name, VERSION, "READY", ""))
            except ServiceError as refusal:
                entries.append(RepositoryEntry(name, VERSION, "UNAVAILABLE", str(refusal)))
        return entries

    def _load(self, name: str) -> ServedModel | str:
        try:
            _, model = zoo.accepted(name, _KINDS, self.folder)
            return ServedModel(name, model)
        except ValueError as error:
            return str(error)


def _metadata(name: str, dtype: np.dtype[Any], shape: Sequence[int | str]) -> TensorMetadata:
    return TensorMetadata(name, DATATYPE[dtype], [-1 if isinstance(size, str) else size for size in shape])
