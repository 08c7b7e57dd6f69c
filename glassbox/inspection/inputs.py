"""What a model is fed: arrays as they are, a picture, text or random numbers, in the shapes that the inputs ask for."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from glassbox.input_error import InputError
from glassbox.inspection.answer import text
from glassbox.inspection.asked_inputs import Wanted, default, likely, nameless, vocabulary_size, wanted
from glassbox.inspection.opening import Opened, element_name
from glassbox.inspection.pictures import guessed, prepared
from glassbox.inspection.requests import Fed, Given, Picture, Random, Source, Text
from glassbox.inspection.vocabulary import ids, told_tokens

MOST_BYTES = 256_000_000
"""What all inputs together may take."""

Array = NDArray[Any]
_LAST = 3


def feeds(model: Opened, request: Fed, arrays: Mapping[str, Array]) -> tuple[dict[str, Array], list[dict[str, Any]]]:
    """Return the arrays to feed by input name, and as facts how each was made: of text the `tokens` of the first line.

    Raises InputError: `unknown_input`, `missing_array`, `input_type`, `input_rank`, `input_size`, `inputs_too_large`,
    and as `pictures`, `vocabulary` and `wanted` do.
    """
    asked = wanted(model)
    if strange := [name for name in request.inputs if name not in {one.name for one in asked}]:
        names = [one.name for one in asked]
        raise InputError(
            "unknown_input",
            f"The model has no input named {text(strange[0])!r}; its inputs are {', '.join(map(text, names))}.",
            name=text(strange[0]),
            inputs=list(map(text, names)),
        )
    free = dict(request.sizes)
    sources = {one.name: request.inputs.get(one.name) or _source(model, one, arrays) for one in asked}
    fed: dict[str, Array] = {}
    counts: Array | None = None
    tokens: dict[str, list[list[Any]]] = {}
    for one in sorted(asked, key=lambda x: _order(x, sources[x.name])):
        source = sources[one.name]
        if isinstance(source, Text) and one.kind != TensorProto.STRING:
            numbers, counts = ids(model, one.name, source.lines)
            tokens[one.name] = told_tokens(model, source.lines[0])
            made = fitted(one, numbers, free)
            free = {**_beside(asked, made.shape), **free}
        else:
            made = _make(model, one, source, free, arrays, request.seed)
        if _order(one, source) == _LAST:
            told = counts is not None and counts.shape == made.shape
            longest = max((x.shape[1] for x in fed.values() if x.ndim > 1), default=1)
            made = np.asarray(counts if told else np.full_like(made, longest), made.dtype)
        for size, given in zip(one.shape, made.shape, strict=True):
            if isinstance(size, str):
                free.setdefault(size, given)
        fed[one.name] = made
    facts = [
        {
            "name": one.name,
            "type": element_name(one.kind),
            "shape": list(fed[one.name].shape),
            "from": type(sources[one.name]).__struct_config__.tag,
            **({"tokens": tokens[one.name]} if one.name in tokens else {}),
        }
        for one in asked
    ]
    return {one.name: fed[one.name] for one in asked}, facts


def digest(fed: Mapping[str, Array]) -> bytes:
    """Return what tells arrays by name from others."""
    made = hashlib.blake2b(digest_size=16)
    for name, value in sorted(fed.items()):
        made.update(f"{name} {value.dtype.str} {value.shape}".encode())
        made.update(repr(value.tolist()).encode() if value.dtype.kind == "O" else value.tobytes())
    return made.digest()


def _order(one: Wanted, source: Source) -> int:
    """Return when an input's numbers are made: arrays first, then text and pictures, as they settle the sizes that
    others share, and lengths, which random numbers would make nonsense of, last."""
    if not isinstance(source, Random):
        return 0 if isinstance(source, Given) else 1
    lengths = "len" in one.name.lower() and len(one.shape) <= 1 and one.dtype.kind in "iu"
    return _LAST if lengths and source.high is None else 2


def _beside(asked: Sequence[Wanted], shape: tuple[int, ...]) -> dict[str, int]:
    """Return the sizes without a name of the inputs of whole numbers that go with tokens of `shape`, as masks do."""
    rows = [one for one in asked if len(one.shape) == len(shape) and one.dtype.kind in "iu"]
    return {
        size: shape[axis] for one in rows for axis, size in enumerate(one.shape) if size == nameless(one.name, axis)
    }


def _source(model: Opened, one: Wanted, arrays: Mapping[str, Array]) -> Source:
    """Return where an input's numbers come from that nothing is asked of: random, or all what it most likely takes."""
    if one.name in arrays:
        return Given(array=one.name)
    guess = likely(model, one)
    return Random() if guess is None else Random(low=guess, high=guess)


def _fixed(model: Opened, one: Wanted, free: Mapping[str, int]) -> tuple[int, ...]:
    shape = [
        size if isinstance(size, int) else free.get(size, default(model, one, axis))
        for axis, size in enumerate(one.shape)
    ]
    if np.prod(shape, dtype=float) * max(one.dtype.itemsize, 1) > MOST_BYTES:
        raise InputError(
            "inputs_too_large",
            f"Input {text(one.name)!r} of shape {tuple(shape)} would take more than {MOST_BYTES // 1_000_000} MB.",
            name=text(one.name),
            shape=shape,
            limit=MOST_BYTES // 1_000_000,
        )
    return tuple(shape)


def _make(
    model: Opened,
    one: Wanted,
    source: Source,
    free: Mapping[str, int],
    arrays: Mapping[str, Array],
    seed: int,
) -> Array:
    if isinstance(source, Random):
        table = vocabulary_size(model, one.name)
        rng = np.random.default_rng([seed, *one.name.encode()])
        return np.asarray(_random(one, source, _fixed(model, one, free), table, rng))
    if isinstance(source, Text):
        return _lines(model, one, source, free)
    made: Array
    if source.array not in arrays:
        raise InputError("missing_array", f"No array named {text(source.array)!r} was given.", name=text(source.array))
    elif isinstance(source, Picture):
        made = prepared(arrays[source.array], source, one.shape, _fixed(model, one, free))
        if one.dtype.kind in "iu":
            made = np.rint(np.clip(made, *_limits(one.dtype))).astype(one.dtype)
    else:
        made = arrays[source.array]
    return fitted(one, made, free)


def fitted(one: Wanted, given: Array, free: Mapping[str, int]) -> Array:
    """Return `given` in the type of the input, its shape checked. Raises InputError: `input_type` where whole numbers
    would lose something, `input_rank`, `input_size`."""
    if one.kind == TensorProto.STRING:
        fits = given.dtype.kind in "OSU"
        values = given.astype(str).astype(object) if fits else given
    else:
        fits = given.dtype.kind in "fiubV" and _may_become(given, one.dtype)
        values = given.astype(one.dtype) if fits else given
    if not fits:
        kind = element_name(one.kind)
        raise InputError(
            "input_type",
            f"Input {text(one.name)!r} takes {kind}; {given.dtype.name} can't be converted to that without loss.",
            name=text(one.name),
            wanted=kind,
            given=given.dtype.name,
        )
    if values.ndim != len(one.shape):
        raise InputError(
            "input_rank",
            f"Input {text(one.name)!r} has {len(one.shape)} axes, the array {values.ndim}.",
            name=text(one.name),
            wanted=len(one.shape),
            given=values.ndim,
        )
    for axis, (size, have) in enumerate(zip(one.shape, values.shape, strict=True)):
        if (size if isinstance(size, int) else free.get(size, have)) != have:
            raise InputError(
                "input_size",
                f"Axis {axis} of input {text(one.name)!r} must have the size "
                f"{size if isinstance(size, int) else free[size]}, not {have}.",
                name=text(one.name),
                axis=axis,
                wanted=size if isinstance(size, int) else free[size],
                given=have,
            )
    return values


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _may_become(given: Array, dtype: np.dtype[Any]) -> bool:
    """Return whether numbers may be written in `dtype`: as any floats, or as whole numbers whose range allows it."""
    if dtype.kind == given.dtype.kind == "b" or dtype == given.dtype:
        return True
    if dtype.kind in "fV" or dtype.kind == "c":
        return given.dtype.kind in "fiubV"
    if dtype.kind == "b":
        return given.dtype.kind in "iu" and bool(np.isin(given, (0, 1)).all())
    if given.dtype.kind not in "iub":
        return False
    if not given.size or given.dtype.kind == "b":
        return True
    try:
        limits = np.iinfo(dtype)
    except ValueError:  # 4-bit numbers of ml_dtypes
        return False
    return int(given.min()) >= limits.min and int(given.max()) <= limits.max


def _random(one: Wanted, source: Random, shape: tuple[int, ...], table: int | None, rng: np.random.Generator) -> Array:
    """Return random numbers: floats normal, pictures from 0 to 1, whole numbers as indices where they are looked up
    in a `table`, bytes and what is called so over their range, other whole numbers 0 or 1."""
    low, high = source.low, source.high
    if one.kind == TensorProto.STRING:
        words = ["a", "the", "glass", "box", "玻璃", "盒"]
        return np.array(rng.choice(words, shape), object).reshape(shape)
    if one.dtype.kind == "b":
        return rng.random(shape) < 0.5
    if one.dtype.kind in "iu":
        limits = np.iinfo(one.dtype)
        least = 0 if low is None else int(max(low, limits.min))
        octets = one.dtype == np.uint8 or "byte" in one.name.lower()
        most = (table or (256 if octets else 2)) - 1 if high is None else int(min(high, limits.max))
        return rng.integers(least, max(least, most), shape, endpoint=True).astype(one.dtype)
    picture = guessed(one.shape) is not None
    if low is None and high is None and not picture:
        return rng.standard_normal(shape).astype(one.dtype)
    return rng.uniform(0 if low is None else low, 1 if high is None else high, shape).astype(one.dtype)


def _lines(model: Opened, one: Wanted, source: Text, free: Mapping[str, int]) -> Array:
    """Return the lines as an array of strings: along the input's only axis of another size than 1, which is free or has
    as many places as there are lines."""
    lines = np.array(source.lines, object)
    open_axes = [axis for axis, size in enumerate(one.shape) if size != 1]
    free_axes = [axis for axis in open_axes if isinstance(one.shape[axis], str)]
    along = next(iter(free_axes or open_axes), None)
    shape = [
        len(lines) if axis == along else (1 if isinstance(size, str) else _fixed(model, one, free)[axis])
        for axis, size in enumerate(one.shape)
    ]
    if int(np.prod(shape)) != len(lines):
        raise InputError(
            "input_size",
            f"Input {text(one.name)!r} takes {int(np.prod(shape))} texts, not {len(lines)}.",
            name=text(one.name),
            axis=along or 0,
            wanted=int(np.prod(shape)),
            given=len(lines),
        )
    return fitted(one, lines.reshape(shape), {})
