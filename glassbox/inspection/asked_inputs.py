"""The inputs that a model asks for: types, shapes, the sizes that it leaves open, and what would fit them."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from glassbox.graph.model import STANDARD
from glassbox.input_error import InputError
from glassbox.inspection.answer import sizes, text
from glassbox.inspection.conventions import convention
from glassbox.inspection.opening import Opened, element_name, type_name
from glassbox.inspection.pictures import guessed

_MOVES = ("Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Expand")
_DEFAULT, _SIDE, _SAMPLES = 16, 224, 512
"""Sizes that an input leaves open, where none is given: of a text, of a picture's sides, and of sound."""
_RATES, RATE = ("sr", "sample_rate", "sampling_rate", "samplerate"), 16_000
"""What an input with the samples a second is called, and what it mostly is of speech."""
_SOUNDS = ("audio", "wav", "waveform", "speech", "signal", "pcm", "samples")
_STATES = re.compile(r"(^|[^a-z])(state|hidden|cell|past|cache|memory|h0?|c0?|h_0|c_0)($|[^a-z])")
"""Names of what a model remembers from the run before, which at first is nothing."""
_NAMELESS = ("?", "-1", "None")
"""What exporters write for a free size without a name: two such sizes may differ."""
_SEGMENTS = ("token_type", "segment")
"""Names of inputs that say which of two texts a token belongs to: with one text, all to the first, 0."""


@dataclass(frozen=True)
class Wanted:
    """An input: its name, the standard's number of its type, and its shape with each free size named."""

    name: str
    kind: int
    shape: tuple[int | str, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's type; object for strings."""
        return np.dtype(object) if self.kind == TensorProto.STRING else helper.tensor_dtype_to_np_dtype(self.kind)


def wanted(model: Opened) -> list[Wanted]:
    """Return the inputs that have to be fed.

    Raises InputError: `input_kind` for a sequence, a map or an optional, `input_shape` where the number of axes is
    unknown.
    """
    found = []
    for value in model.inputs:
        shape = model.shape(value.name)
        if value.type.WhichOneof("value") != "tensor_type":
            kind = type_name(value)
            raise InputError(
                "input_kind",
                f"Input {text(value.name)!r} is a {kind}, not a tensor; only tensors can be given.",
                name=text(value.name),
                kind=kind,
            )
        if shape is None:
            raise InputError(
                "input_shape",
                f"The rank of input {text(value.name)!r} is not in the file.",
                name=text(value.name),
            )
        named = tuple(
            nameless(value.name, axis) if size is None or size in _NAMELESS else size for axis, size in enumerate(shape)
        )
        found.append(Wanted(value.name, value.type.tensor_type.elem_type, named))
    return found


def nameless(name: str, axis: int) -> str:
    """Return what a free size is called that has no name in the file."""
    return f"{name}.{axis}"


def described(model: Opened) -> list[dict[str, Any]]:
    """Return the inputs as facts: name, type, shape, free sizes with their defaults, the number that it is `likely` all
    of, and how a picture would fit."""
    return [
        {
            "name": one.name,
            "type": element_name(one.kind),
            "shape": sizes(one.shape),
            "free": {size: default(model, one, axis) for axis, size in enumerate(one.shape) if isinstance(size, str)},
            "likely": likely(model, one),
            "picture": _picture(model, one),
            "vocabulary": vocabulary_size(model, one.name) if one.dtype.kind in "iu" else None,
        }
        for one in wanted(model)
    ]


def _picture(model: Opened, one: Wanted) -> dict[str, Any] | None:
    """Return how a picture would fit, see `pictures.guessed`: as bytes for an input of whole numbers, and by the
    convention of the file's maker where that is known."""
    found = guessed(one.shape) if one.dtype.kind in "fiu" else None
    if found is None:
        return None
    usual = convention(model)
    preset = "bytes" if one.dtype.kind in "iu" else usual.preset if usual else found["preset"]
    return found | {"preset": preset}


def vocabulary_size(model: Opened, name: str) -> int | None:
    """Return how many rows the table has that an input of whole numbers looks rows up in; None if there is none."""
    reached = {name}
    for node in model.proto.graph.node:
        if node.domain not in STANDARD or not reached & set(node.input):
            continue
        if node.op_type in _MOVES and node.input[0] in reached:
            reached.update(node.output)
        elif node.op_type == "Gather" and node.input[1] in reached:
            table = model.shape(node.input[0])
            axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
            rows = None if table is None else table[axis]
            return rows if isinstance(rows, int) and rows > 0 else None
    return None


def likely(model: Opened, one: Wanted) -> float | None:
    """Return the number that an input most likely holds in all places: of a single one what the graph compares it with,
    or a usual rate of samples; 0 for a state, and of tokens 1 for a mask and 0 for the text that they belong to. None
    where nothing speaks for one."""
    if one.dtype.kind not in "fiu":
        return None
    if all(size == 1 for size in one.shape):
        compared = _compared(model, one.name)
        if compared is not None or one.name.lower() in _RATES:
            return RATE if compared is None else compared
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one.name).lower()
    if one.dtype.kind in "iu" and one.shape:
        if "mask" in name:
            return 1.0
        if any(word in name for word in _SEGMENTS):
            return 0.0
    remembers = one.dtype.kind == "f" and len(one.shape) > 1 and len(model.inputs) > 1 and _STATES.search(name)
    return 0.0 if remembers else None


def _compared(model: Opened, name: str) -> float | None:
    """Return the first number of the file that an input is compared with for being equal."""
    reached = {name}
    for node in model.proto.graph.node:
        if node.domain not in STANDARD or not reached & set(node.input):
            continue
        if node.op_type in (*_MOVES, "Gather") and node.input[0] in reached:
            reached.update(node.output)
        if node.op_type == "Equal":
            others = [model.constant(x) for x in node.input if x not in reached]
            return next(
                (float(x.reshape(-1)[0]) for x in others if x is not None and x.size and x.dtype.kind in "fiu"), None
            )
    return None


def default(model: Opened, one: Wanted, axis: int) -> int:
    """Return the size of a free axis where none is given: 1 for a batch, which is the first axis, what is called so, or
    the only free one of a state (layers, batch, units)."""
    name, free = str(one.shape[axis]).lower(), [isinstance(size, str) for size in one.shape]
    if axis == 0 or "batch" in name or (free == [False, True, False] and guessed(one.shape) is None):
        return 1
    picture = guessed(one.shape) if one.dtype.kind in "fu" else None
    if picture is not None and (usual := convention(model)) is not None:
        return usual.height if picture["layout"][axis] == "H" else usual.width
    if picture is None and one.dtype.kind == "f" and axis == len(one.shape) - 1:
        rated = any(value.name.lower() in _RATES for value in model.inputs)
        long = len(one.shape) == 2 and any(word in name for word in ("sequence", "sample", "time"))
        if rated or long or one.name.lower() in _SOUNDS:
            return _SAMPLES
    return _SIDE if picture is not None else _DEFAULT
