"""Models that a server runs in place of ONNX Runtime in this process."""

import math
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.engine import inference_protocol as protocol
from glassbox.engine.choice import INSTEAD, REMOTE
from glassbox.engine.engine_error import EngineError
from glassbox.engine.inference_protocol import TensorMetadata
from glassbox.engine.remote_server import Server
from glassbox.engine.session import Run, Session

ROWS, ELEMENTS = 256, 4_096
"""Of one request: servers bound what they take. More rows, or a larger product of the sizes that the model leaves free,
are sent in several requests."""
TOLERANCE, SHARE, CONVINCED = 0.05, 0.01, 100
"""An answer may differ from the one that is computed here by TOLERANCE of its largest number, which leaves room for the
rounding of other processors and to 16 bits. Comparing takes at most SHARE of the time. After an answer that differs
more, CONVINCED in a row must agree before one is believed without."""


class RemoteSession:
    """One model on a server. `embedded` runs the same model here, and says what its inputs and outputs are: each answer
    is held to these, and so is what the server says of its model, before the first run. As a server may have another
    file of the same form, some answers are computed here too, and compared."""

    def __init__(self, name: str, embedded: Session, server: Server) -> None:
        self.name, self.embedded, self.server = name, embedded, server
        self.inputs, self.outputs = embedded.inputs, embedded.outputs
        self._checked: int | None = None
        self._doubts = 0
        """How many of the next answers are compared, however long that takes."""
        self._compare_from = 0.0

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> Run:
        """Run the model on `feeds` (arrays by input name) and give `outputs` (names), or all of them.

        Its `seconds` are those from asking to the answer. Raises EngineError where the server fails, unless the
        embedded engine may answer then; ValueError, as Session.run does, for feeds that do not fit the model.
        """
        names = self.outputs if outputs is None else outputs
        if problem := self.embedded.misfit(feeds, names):
            raise ValueError(problem)
        start = perf_counter()
        try:
            self._check_model()
            parts = [self._infer(part, names) for part in self._parts(feeds)]
        except EngineError as error:
            if not self.server.settings.fallback:
                raise
            self.server.answered_instead(error.cause, str(error))
            return self.embedded.run(feeds, names)._replace(provider=INSTEAD)
        found = parts[0] if len(parts) == 1 else {n: np.concatenate([part[n] for part in parts]) for n in names}
        return Run(found, perf_counter() - start, REMOTE)

    def run_in_parts(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> Run:
        """As `run`: how many examples a server runs at a time is its own affair."""
        return self.run(feeds, outputs)

    def _infer(self, feeds: Mapping[str, NDArray[Any]], names: Sequence[str]) -> dict[str, NDArray[Any]]:
        def check(found: Mapping[str, NDArray[Any]]) -> None:
            self._check_answer(feeds, names, found)
            self._compare(feeds, names, found)

        found = self.server.infer(self.name, feeds, names, check)
        return {name: found[name] for name in names}

    def _parts(self, feeds: Mapping[str, NDArray[Any]]) -> list[Mapping[str, NDArray[Any]]]:
        """Return the feeds of each request: all of them, or rows of them where each tensor has a row for each."""
        here = self.embedded
        first = {shape[0] if shape else 1 for shape in [*(here.inputs | here.optional | here.output_shapes).values()]}
        sizes = self._free_sizes(feeds)
        (rows,) = first if len(first) == 1 else (None,)
        if not isinstance(rows, str) or not sizes.get(rows):
            return [feeds]
        each = math.prod(size for name, size in sizes.items() if name != rows)
        at_once = max(1, min(ROWS, ELEMENTS // max(each, 1)))
        starts = range(0, sizes[rows], at_once)
        return [{name: value[start : start + at_once] for name, value in feeds.items()} for start in starts]

    def _free_sizes(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, int]:
        """Return the sizes that `feeds` give to the dimensions that the model leaves free, by their names."""
        shapes = self.embedded.inputs | self.embedded.optional
        pairs = (pair for name, value in feeds.items() for pair in zip(shapes[name], value.shape, strict=True))
        return {size: given for size, given in pairs if isinstance(size, str)}

    def _check_model(self) -> None:
        """Hold the server's model to ours, once in each of the server's generations."""
        generation = self.server.generation
        if self._checked == generation:
            return
        told, here = self.server.model(self.name), self.embedded
        inputs, outputs = ({one.name: one for one in tensors} for tensors in (told.inputs, told.outputs))
        if (unknown := inputs.keys() - (here.inputs | here.optional).keys()) or here.inputs.keys() - inputs.keys():
            raise self._wrong_model(f"its inputs are {', '.join(sorted(inputs))}", unknown=sorted(unknown))
        if missing := here.output_shapes.keys() - outputs.keys():
            raise self._wrong_model(f"it lacks the output {', '.join(sorted(missing))}")
        shapes, types = here.inputs | here.optional | here.output_shapes, here.types | here.output_types
        for name, tensor in [*inputs.items(), *((name, outputs[name]) for name in here.output_shapes)]:
            if not _same(tensor, shapes[name], types[name]):
                raise self._wrong_model(f"its tensor {name} is {tensor.datatype} {list(tensor.shape)}")
        self._checked, self._doubts = generation, max(self._doubts, 1)

    def _wrong_model(self, what: str, **details: Any) -> EngineError:
        address = self.server.settings.address
        sentence = f"The model {self.name} of the engine at {address} is another one than the card tells of: {what}."
        return EngineError("wrong_model", sentence, model=self.name, what=what, **details)

    def _check_answer(
        self, feeds: Mapping[str, NDArray[Any]], names: Sequence[str], found: Mapping[str, NDArray[Any]]
    ) -> None:
        """Raise ValueError unless an answer's names, types and shapes are the model's; a free size is the one that the
        feeds have."""
        here, free = self.embedded, self._free_sizes(feeds)
        for name in names:
            value = found.get(name)
            if value is None:
                raise ValueError(f"it lacks {name}")
            wanted = [free.get(size, size) if isinstance(size, str) else size for size in here.output_shapes[name]]
            fits = len(wanted) == value.ndim and all(
                isinstance(size, str) or size == given for size, given in zip(wanted, value.shape, strict=True)
            )
            if not fits or value.dtype.name != here.output_types[name]:
                raise ValueError(f"{name} is {value.dtype.name} {list(value.shape)}")
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                raise ValueError(f"{name} has a value that is not finite")

    def _compare(
        self, feeds: Mapping[str, NDArray[Any]], names: Sequence[str], found: Mapping[str, NDArray[Any]]
    ) -> None:
        """Raise EngineError where an answer differs from the one that is computed here, if it is its turn: the first in
        each of the server's generations is compared, later ones as SHARE allows."""
        start = perf_counter()
        if not self._doubts and start < self._compare_from:
            return
        here = self.embedded.run(feeds, names).outputs
        difference = max((_difference(found[name], here[name]) for name in names), default=0.0)
        if difference > TOLERANCE:
            self._doubts = CONVINCED
            address = self.server.settings.address
            sentence = (
                f"The engine at {address} gives other numbers for the model {self.name} than its file gives here; they"
                f" differ by up to {difference:.0%} of the largest. Give the engine the same models/{self.name} as this"
                " machine has, or unset GLASSBOX_ENGINE."
            )
            raise EngineError("wrong_numbers", sentence, model=self.name, address=address)
        self._doubts = max(self._doubts - 1, 0)
        end = perf_counter()
        self._compare_from = end + (end - start) / SHARE


def _difference(found: NDArray[Any], here: NDArray[Any]) -> float:
    """Return the largest difference between two tensors, in parts of the largest number of `here`; infinite where that
    is none."""
    largest = np.abs(here.astype(np.float64)).max(initial=np.finfo(np.float32).tiny)
    difference = float(np.abs(found.astype(np.float64) - here).max(initial=0) / largest)
    return math.inf if math.isnan(difference) else difference


def _same(tensor: TensorMetadata, shape: Sequence[int | str], dtype: str) -> bool:
    """Return whether a tensor of the server's has our type and, where neither leaves a size free, our shape."""
    return (
        tensor.datatype == protocol.DATATYPES.get(dtype)
        and len(tensor.shape) == len(shape)
        and all(isinstance(ours, str) or theirs in (ours, -1) for ours, theirs in zip(shape, tensor.shape, strict=True))
    )
