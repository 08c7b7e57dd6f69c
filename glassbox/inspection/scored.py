"""A score of a model as a function of one of its tensors: its values, and its gradient where the operators have one."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from glassbox.engine.session import Session
from glassbox.explain.attribution.methods import NoFeatureMaps, last_feature_maps
from glassbox.graph.builder import FLOATS
from glassbox.graph.gradient import differentiate, final_softmax, score_tensor
from glassbox.graph.structure import structure
from glassbox.graph.submodel import submodel_from
from glassbox.graph.taps import tap, tappable
from glassbox.input_error import InputError
from glassbox.inspection.answer import text
from glassbox.inspection.asked_inputs import wanted
from glassbox.inspection.branches import settled
from glassbox.inspection.differentiability import first_floats
from glassbox.inspection.opening import Opened, ran, session
from glassbox.inspection.running import tapped

Array = NDArray[Any]
Floats = NDArray[np.float64]
BATCH = 16
"""Inputs of a run, where the model lets several be run at once."""
BASE_SECONDS, CELL_SECONDS, PRODUCT_SECONDS = 1e-4, 1e-9, 2.5e-11


class Scored:
    """The score `target` of a model as a function of the tensor `source`, an input or an inner tensor.

    `there`: what the source holds; `score` and `target`: the tensor of scores and the cell of it. `probable`: whether a
    softmax over the last axis makes probabilities of the scores, which then are compared by them. `seconds`: about what
    a run takes, by the numbers that it computes and reads: so what is asked of a model, and with it each answer,
    doesn't depend on how busy the machine is.
    """

    def __init__(
        self, model: Opened, fed: Mapping[str, Array], source: str, score: str, target: Sequence[int] | None
    ) -> None:
        """Raises InputError: `unknown_tensor`, `score_apart` where the score depends on more than the source and the
        other inputs, `score_kind` where it holds no floating-point numbers, `unknown_cell`, and as `running` does."""
        self.source = source
        self._taken = settled(model, fed).model
        inside = tapped(self._taken)
        values, _ = inside.run(fed)
        self.score = score or score_tensor(model.proto.graph)
        for name in (source, self.score):
            if not isinstance(values.get(name), np.ndarray):
                raise InputError("unknown_tensor", f"A run computes no tensor named {text(name)!r}.", name=text(name))
        if not {source, self.score} <= {*tappable(model.proto)}:  # they are in a branch
            model = self._taken
        self.model, others = _from(model, source, fed)
        self._fed = fed
        graph = self.model.graph
        scores: Array = values[self.score]
        if scores.dtype.kind != "f" or not scores.size:
            raise InputError(
                "score_kind", f"Tensor {text(self.score)!r} holds no floating-point numbers.", name=text(self.score)
            )
        self.there: Array = values[source]
        if self.there.dtype.kind not in "fiu" or not self.there.size:
            raise InputError("no_source", f"Tensor {text(source)!r} holds no numbers.", name=text(source))
        self.target = _target(scores, target, self.score)
        self._forward = session(_tap(self.model, self.score).SerializeToString())
        self._others = {name: value for name, value in others.items() if name in self._forward.inputs}
        softmax = final_softmax(graph)
        own = softmax is not None and softmax.input[0] == self.score
        self.probable = scores.ndim > 0 and scores.shape[-1] > 1 and (own or not score)
        self._batches = self._may_batch(scores)
        self.value = float(self.scores(self.there[None])[0])
        cells = sum(value.size for value in values.values() if isinstance(value, np.ndarray))
        free = {
            size: given
            for name, value in fed.items()
            for size, given in zip(model.shape(name) or (), value.shape, strict=False)
            if isinstance(size, str)
        }
        products = structure(model.skeleton, free).multiply_adds or 0
        self.seconds = BASE_SECONDS + CELL_SECONDS * (cells + len(model.data) / 4) + PRODUCT_SECONDS * products

    def scores(self, sources: Array) -> Floats:
        """(n, *source) -> the score of each, (n,)."""
        return np.array([rows[self.target] for rows in self._rows(sources)], np.float64)

    def shares(self, sources: Array) -> Floats:
        """(n, *source) -> (n,) from 0 to 1: the probability of the target; for a score that is none, how far it has
        come from that of zeros to its own."""
        rows = [np.asarray(row, np.float64) for row in self._rows(sources)]
        if self.probable:
            lines = np.stack([row[self.target[:-1]] for row in rows])
            with np.errstate(invalid="ignore", over="ignore"):  # scores may be infinite
                powers = np.exp(lines - lines.max(-1, keepdims=True))
                return np.asarray(powers[:, self.target[-1]] / powers.sum(-1))
        empty = float(self.scores(np.zeros_like(self.there)[None])[0])
        way = self.value - empty
        found = np.array([row[self.target] for row in rows])
        return np.clip((found - empty) / way, 0, 1) if way else np.zeros(len(rows))

    @cached_property
    def no_gradient(self) -> str | None:
        """Why the score has no gradient; None if it has one."""
        try:
            self._derivative  # noqa: B018 (it is made once asked for)
        except InputError as error:
            return str(error)
        return None

    @cached_property
    def no_feature_maps(self) -> str | None:
        """Why there are no maps of a convolution; None if there are."""
        try:
            last_feature_maps(self.model)
        except NoFeatureMaps as error:
            return str(error)
        return None

    @cached_property
    def _derivative(self) -> bytes:
        return self._differentiated([self.source], [])

    @cached_property
    def _backward(self) -> Session:
        return session(self._derivative)

    def gradients(self, sources: Array) -> Floats:
        """(n, *source) -> the gradient of the score by each, the same shape."""
        return np.stack([self._pulled(self._backward, one)[f"grad_{self.source}"] for one in sources]).astype(float)

    def feature_maps(self) -> tuple[Floats, Floats]:
        """Return the last convolution's maps and the gradient by them, (channels, height, width) each.

        Raises InputError: `no_feature_maps`, `no_gradient`.
        """
        if self.no_feature_maps is not None:
            raise InputError("no_feature_maps", self.no_feature_maps)
        tensor = last_feature_maps(self.model)
        found = self._pulled(session(self._differentiated([tensor], [tensor])), self.there)
        maps, gradients = (np.asarray(found[name], np.float64) for name in (tensor, f"grad_{tensor}"))
        if maps.ndim != 4 or len(maps) != 1:
            raise InputError("no_feature_maps", f"The feature maps {text(tensor)!r} belong to more than one picture.")
        return maps[0], gradients[0]

    def _differentiated(self, wrt: Sequence[str], keep: Sequence[str]) -> bytes:
        why = ""
        for model in (self.model, None):  # where the derivative of all branches can't be had, that of those taken
            try:
                model = model or _from(self._taken, self.source, self._fed)[0]
                made: bytes = differentiate(model, self.score, list(wrt), list(keep)).SerializeToString()
                return made
            except ValueError as error:
                why = text(str(error))
        raise InputError("no_gradient", why, why=why)

    def _pulled(self, backward: Session, one: Array) -> dict[str, Array]:
        seed = f"grad_{self.score}"
        shape = self._shape
        cotangent = np.zeros(shape, backward.types[seed])
        cotangent[self.target] = 1
        fed = {self.source: one, **self._others, seed: cotangent}
        return ran(backward, {name: value for name, value in fed.items() if name in backward.inputs})[0]

    def _rows(self, sources: Array) -> list[Array]:
        found: list[Array] = []
        step = BATCH if self._batches else 1
        for start in range(0, len(sources), step):
            part = sources[start : start + step]
            count = len(part)
            if self._batches:
                others = {name: np.repeat(value, count, 0) for name, value in self._others.items()}
                fed = {self.source: part.reshape(count, *self.there.shape[1:]), **others}
                scores = ran(self._forward, fed)[0][self.score]
                found += [scores[row : row + 1] for row in range(count)]
            else:
                found.append(ran(self._forward, {self.source: part[0], **self._others})[0][self.score])
        if any(row.shape != self._shape for row in found):
            raise InputError(
                "score_shape",
                f"The shape of {text(self.score)!r} depends on the input's values.",
                name=text(self.score),
            )
        return found

    def _may_batch(self, scores: Array) -> bool:
        """Return whether several inputs can be run at once with the same result, along free first axes of size 1."""
        self._shape = scores.shape
        shapes = [self._forward.inputs[name] for name in (self.source, *self._others) if name in self._forward.inputs]
        free = all(shape and isinstance(shape[0], str) for shape in shapes)
        if (
            not free
            or any(len(value) != 1 for value in (self.there, *self._others.values()))
            or scores.shape[:1] != (1,)
        ):
            return False
        two = {
            name: np.concatenate([value, np.zeros_like(value) if name == self.source else value])
            for name, value in {self.source: self.there, **self._others}.items()
        }
        try:
            both = ran(self._forward, two)[0][self.score]
        except InputError:
            return False
        return both.shape == (2, *scores.shape[1:]) and bool(np.allclose(both[:1], scores, rtol=1e-3, atol=1e-5))


def default_source(model: Opened) -> str:
    """Return the first input of floating-point numbers or, where there is none, the first such tensor that the inputs
    change, as behind the embedding of words, or an input of whole numbers. Raises InputError `no_source`."""
    floats = [one.name for one in model.inputs if one.type.tensor_type.elem_type in FLOATS] or first_floats(model)
    whole = [one.name for one in wanted(model) if one.dtype.kind in "iu"]
    if not floats and not whole:
        raise InputError("no_source", "No tensor of numbers depends on the inputs.")
    return (floats or whole)[0]


def _from(model: Opened, source: str, fed: Mapping[str, Array]) -> tuple[ModelProto, dict[str, Array]]:
    """Return the model from `source` on, and what is fed to its other inputs."""
    others = {name: value for name, value in fed.items() if name != source}
    if source in fed:
        return model.proto, others
    try:
        return submodel_from(model.proto, source, list(fed)), dict(fed)
    except ValueError as error:
        raise InputError("score_apart", text(error), why=text(error)) from None


def _tap(model: ModelProto, tensor: str) -> ModelProto:
    try:
        made = tap(model, [tensor])
    except ValueError as error:
        raise InputError("unknown_tensor", text(error), name=text(tensor)) from None
    wanted = [value for value in made.graph.output if value.name == tensor]
    copies = [type(value).FromString(value.SerializeToString()) for value in wanted]
    del made.graph.output[:]
    made.graph.output.extend(copies)
    return made


def _target(scores: Array, target: Sequence[int] | None, name: str) -> tuple[int, ...]:
    if target is None:
        filled = np.where(np.isnan(scores), -np.inf, scores)
        return tuple(int(i) for i in np.unravel_index(int(np.argmax(filled)), scores.shape))
    if len(target) != scores.ndim or not all(-n <= i < n for i, n in zip(target, scores.shape, strict=True)):
        raise InputError(
            "unknown_cell",
            f"Tensor {text(name)!r} of shape {scores.shape} has no cell {tuple(target)}.",
            name=text(name),
            shape=list(scores.shape),
            index=list(target),
        )
    return tuple(i % n for i, n in zip(target, scores.shape, strict=True))
