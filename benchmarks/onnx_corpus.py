"""What Glassbox makes of models that others wrote: `python -m benchmarks.onnx_corpus [PATTERN] [--refused]`.

The models are the tests of ONNX's own operators, which the wheel `onnx` generates, as far as ONNX Runtime runs them.
Of each: every tensor tapped; the terms of some cells of each float tensor held to the engine's numbers; the derivative
of each float output by each float input held to differences along random directions, in float64 where either evaluator
has the operators in it. The table has a line for each operator; PATTERN, a regular expression, selects models.

Not counted: a direction along which the function has a kink, where the two one-sided differences part; and what is no
derivative, the straight-through estimate behind QuantizeLinear, which only has to be finite.
"""

import argparse
import json
import multiprocessing
import re
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from glassbox.engine.session import Session
from glassbox.explain.terms.explain import Tapped, UnknownOperator
from glassbox.graph.backpropagation import QUANTISE
from glassbox.graph.gradient import differentiate
from glassbox.graph.model import subgraphs
from glassbox.graph.node import GradientError
from glassbox.graph.rewriting import upgraded

CELLS, DIRECTIONS = 6, 3
SECONDS = 60  # for one model
STEPS = (1e-6, 1e-5, 1e-7, 1e-4, 1e-2)  # the longer ones for what computes in float32 within
SINGLE_STEPS = (1e-2, 3e-3, 3e-2, 1e-3)
MASKED = 1e30
"""From here on a cell is not counted: a mask has made it minus infinity, or the least float, whatever it was."""
SMALLER = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)
UNRELATED = "does not depend on"
Arrays = Mapping[str, np.ndarray]
Function = Callable[[Arrays], np.ndarray]
warnings.simplefilter("ignore")


@dataclass
class Found:
    """What came of one model: `counts` by what was checked, `why` the refusals and what is wrong, in words."""

    name: str
    operator: str
    ran: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    why: list[str] = field(default_factory=list)

    def add(self, what: str, why: str = "") -> None:
        self.counts[what] += 1
        if why:
            self.why.append(f"{what}: {why}")

    @property
    def verdict(self) -> str:
        """ "not run", "wrong", "refused", or "full"."""
        if not self.ran:
            return "not run"
        for verdict in ("wrong", "refused"):
            if any(what.endswith(verdict) for what in self.counts):
                return verdict
        return "full"


def cases(pattern: str = "") -> list[Any]:
    """Return ONNX's own operator tests whose names match `pattern`."""
    from onnx.backend.test.case.node import collect_testcases  # 6 s

    return [case for case in collect_testcases(None) if re.search(pattern, case.name)]


def examine(case: Any) -> Found:
    """Check all that Glassbox promises of one model."""
    operators = {node.op_type for node in case.model.graph.node}
    found = Found(case.name, operators.pop() if len(case.model.graph.node) == 1 else "(several)")
    model, (given, _) = case.model, case.data_sets[0]
    feeds = {value.name: array for value, array in zip(model.graph.input, given, strict=False)}
    feeds = {name: np.asarray(array) if isinstance(array, np.generic) else array for name, array in feeds.items()}
    try:
        session = Session(model.SerializeToString())
        outputs = session.run(feeds).outputs
    except Exception:
        return found
    found.ran = True
    check_terms(found, model, feeds)
    check_derivatives(found, model, feeds, outputs)
    return found


def check_terms(found: Found, model: ModelProto, feeds: Mapping[str, Any]) -> None:
    try:
        inside = Tapped(model).run(feeds)
    except Exception as error:
        return found.add("tap wrong", repr(error))
    found.add("tap right")
    rng = np.random.default_rng(0)
    made = [name for node in model.graph.node for name in node.output if name in inside.tensors]
    coarsest = max([0.0, *(float(np.finfo(x.dtype).eps) for x in inside.tensors.values() if x.dtype.kind == "f")])
    for name in made:
        array = inside.tensors[name]
        if array.dtype.kind != "f":
            continue
        for flat in rng.permutation(array.size)[:CELLS]:
            index = tuple(int(i) for i in np.unravel_index(flat, array.shape))
            try:
                cell = inside.terms(name, index)
            except UnknownOperator as error:
                found.add("terms refused", str(error))
                break
            except Exception as error:
                found.add("terms wrong", f"{name}{index}: {error!r}")
                break
            close = max(1e-5, 4 * coarsest)
            sums = float(np.nansum(cell.terms.products)) + cell.bias
            adds_up = (
                not np.isfinite(cell.before)
                or cell.kind == "softmax"
                or abs(sums - cell.before) <= close * max(1e-30, cell.magnitude)
            )
            # A Fourier transform of the engine's own rounds in proportion to the whole, not to the cell.
            size = float(np.nanmax(np.abs(array[np.isfinite(array)]), initial=0.0))
            near = cell.error is not None and (cell.error <= close or abs(cell.after - cell.engine) <= close * size)
            right = near and adds_up
            found.add("terms right" if right else "terms wrong", "" if right else f"{name}{index}: {cell}")
    return None


def check_derivatives(found: Found, model: ModelProto, feeds: Mapping[str, Any], outputs: Arrays) -> None:
    floats = [name for name, array in feeds.items() if isinstance(array, np.ndarray) and array.dtype.kind == "f"]
    for of in outputs:
        if not isinstance(outputs[of], np.ndarray) or outputs[of].dtype.kind != "f":
            continue
        function: Function | None = None
        for wrt in floats:
            try:
                derivative = differentiate(model, of, [wrt])
            except GradientError as error:
                if UNRELATED not in str(error):
                    found.add("derivative refused", str(error))
                continue
            except Exception as error:
                found.add("derivative wrong", f"{of} by {wrt}: {error!r}")
                continue
            if function is None:
                function, steps = evaluator(model, of, feeds, outputs[of])
            verdict = compare(model, derivative, function, steps, of, wrt, feeds, outputs[of])
            found.add(*verdict)


def compare(
    model: ModelProto,
    derivative: ModelProto,
    function: Function,
    steps: Sequence[float],
    of: str,
    wrt: str,
    feeds: Arrays,
    y: np.ndarray,
) -> tuple[str, str]:
    """Return what is to be said of `derivative` and, if it is wrong, why."""
    rng, single = np.random.default_rng(7), steps is SINGLE_STEPS
    counted = np.abs(y.astype(np.float64)) < MASKED
    cotangent = np.where(counted, rng.normal(size=y.shape), 0).astype(y.dtype)
    try:
        given = Session(derivative.SerializeToString()).run({**feeds, f"grad_{of}": cotangent}).outputs[f"grad_{wrt}"]
    except Exception as error:
        return "derivative wrong", f"{of} by {wrt} fails at run time: {str(error)[:300]}"
    if given.shape != feeds[wrt].shape:
        return "derivative wrong", f"{of} by {wrt} has the shape {given.shape}"
    if any(node.op_type in (*QUANTISE, "Dropout") for node in model.graph.node):  # each run drops other cells
        return ("derivative estimated", "") if np.isfinite(given).all() else ("derivative wrong", "not finite")
    close = max(2e-3 if not single else 3e-2, 20 * float(np.finfo(y.dtype).eps))
    kinks = 0
    for _ in range(DIRECTIONS):
        direction = rng.normal(size=given.shape)
        slope = float((given.astype(np.float64) * direction).sum())
        scale = 1e-3 + float(np.abs(given * direction).sum())
        seen = []
        for step in steps:
            seen.append(differences(function, feeds, wrt, direction, cotangent, step))
            if abs(slope - seen[-1][0]) <= close * scale:
                break
        else:
            parts = [abs(ahead - behind) for _, ahead, behind in seen] + [abs(seen[0][0] - seen[1][0])]  # or it jumps
            if not all(part <= 2 * close * scale for part in parts[:3]) or not parts[-1] <= 10 * close * scale:
                kinks += 1
                continue
            return "derivative wrong", f"{of} by {wrt}: {slope}; differences give {[middle for middle, *_ in seen]}"
    return ("derivative at a kink" if kinks == DIRECTIONS else "derivative right"), ""


def differences(
    function: Function, feeds: Arrays, wrt: str, direction: np.ndarray, cotangent: np.ndarray, step: float
) -> tuple[float, float, float]:
    """Return the central difference along `direction`, and those ahead and behind."""
    x, weight = feeds[wrt].astype(np.float64), cotangent.astype(np.float64)
    try:
        ends = [function({**feeds, wrt: x + sign * step * direction}) for sign in (-1, 0, 1)]
    except RuntimeError:  # such as a scale that no kernel is for
        return np.nan, np.nan, np.nan
    if any(end.shape != weight.shape for end in ends):  # how many cells there are depends on x
        return np.nan, np.nan, np.nan

    def rise(start: np.ndarray, end: np.ndarray) -> float:
        """Cell by cell, as what a mask makes huge or infinite would swallow the rest."""
        return float((weight * np.where(start == end, 0.0, end - start)).sum())

    behind, here, ahead = ends
    return rise(behind, ahead) / (2 * step), rise(here, ahead) / step, rise(behind, here) / step


def evaluator(model: ModelProto, of: str, feeds: Arrays, y: np.ndarray) -> tuple[Function, Sequence[float]]:
    """Return the function that computes the output `of`, in float64 if any evaluator can, and steps to difference."""
    wide = widened(model)

    def doubled(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: array if isinstance(array, list) or array.dtype.kind != "f" else np.asarray(array, np.float64)
            for name, array in values.items()
        }

    def engine() -> Function:
        session = Session(wide.SerializeToString())
        return lambda values: np.asarray(session.run(doubled(values), [of]).outputs[of], np.float64)

    def reference() -> Function:
        evaluator = ReferenceEvaluator(wide)
        return lambda values: np.asarray(evaluator.run([of], doubled(values))[0], np.float64)

    def simpler() -> Function:
        """Of an operator that only the engine has, in float32: what it is written out as, which gives the same."""
        session = Session(widened(upgraded(model)).SerializeToString())
        return lambda values: np.asarray(session.run(doubled(values), [of]).outputs[of], np.float64)

    for make in (engine, reference, simpler):
        try:
            function = make()
            if np.allclose(function(feeds), y.astype(np.float64), rtol=5e-3, atol=1e-3, equal_nan=True):
                return function, STEPS
        except Exception:
            continue
    session = Session(model.SerializeToString())
    types = {name: array.dtype for name, array in feeds.items() if isinstance(array, np.ndarray)}

    def narrow(values: Arrays) -> np.ndarray:
        cast = {name: np.asarray(array, types[name]) if name in types else array for name, array in values.items()}
        return session.run(cast, [of]).outputs[of].astype(np.float64)

    return narrow, SINGLE_STEPS


def widened(model: ModelProto) -> ModelProto:
    """Return the model with float64 in place of all shorter floats."""
    wide = ModelProto()
    wide.CopyFrom(model)
    _widen(wide.graph)
    return wide


def _widen(graph: GraphProto) -> None:
    del graph.value_info[:]
    for value in [*graph.input, *graph.output]:
        for kind in (value.type.tensor_type, value.type.sequence_type.elem_type.tensor_type):
            if kind.elem_type in SMALLER:
                kind.elem_type = TensorProto.DOUBLE
    for tensor in graph.initializer:
        _widen_tensor(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in ("to", "dtype", "softmax_precision", "stash_type") and attribute.i in SMALLER:
                attribute.i = TensorProto.DOUBLE
            elif attribute.name in ("value_float", "value_floats") and node.op_type == "Constant":
                cells = numpy_helper.from_array(np.array(helper.get_attribute_value(attribute), np.float64))
                attribute.CopyFrom(helper.make_attribute("value", cells))
            elif attribute.HasField("t"):
                _widen_tensor(attribute.t)
        for body in subgraphs(node):
            _widen(body)


def _widen_tensor(tensor: TensorProto) -> None:
    if tensor.data_type in SMALLER:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))


def examined(found: Sequence[Any]) -> Iterator[Found]:
    """Return what comes of each case, each in a process that a crash or SECONDS may end."""
    global _cases
    _cases = found
    context = multiprocessing.get_context("fork")
    place = 0
    while place < len(found):
        with ProcessPoolExecutor(1, context) as pool:
            try:
                for place in range(place, len(found)):  # noqa: B020 (goes on where the last process ended)
                    yield pool.submit(_examine, place).result()
                place += 1
            except BrokenProcessPool:
                name = found[place].name
                yield Found(name, name, True, Counter({"process wrong": 1}), ["process wrong: ended"])
                place += 1


_cases: Sequence[Any] = ()


def _examine(place: int) -> Found:
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(SECONDS)
    try:
        return examine(_cases[place])
    except TimeoutError:
        name = _cases[place].name
        return Found(name, name, True, Counter({"check too slow": 1}))
    except Exception as error:
        name = _cases[place].name
        return Found(name, name, True, Counter({"check wrong": 1}), [f"check wrong: {error!r}"])
    finally:
        signal.alarm(0)


def _too_slow(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--refused", action="store_true", help="say of each model why it is refused")
    parser.add_argument("--json", type=Path, help="write what was found to this file")
    options = parser.parse_args()
    found = list(examined(cases(options.pattern)))
    if options.json:
        options.json.write_text(json.dumps([vars(one) | {"verdict": one.verdict} for one in found]))
    for one in found:
        if one.verdict == "wrong" or (options.refused and one.verdict == "refused"):
            print(f"{one.name}: {one.verdict}", *dict.fromkeys(one.why), sep="\n    ")
    print(table(found))


def table(found: Sequence[Found]) -> str:
    """Return the models by operator and verdict, then all checks by what came of them."""
    lines = [f"{'operator':30}{'full':>6}{'refused':>9}{'wrong':>7}{'not run':>9}"]
    by: dict[str, Counter[str]] = {}
    for one in found:
        by.setdefault(one.operator, Counter())[one.verdict] += 1
    total = Counter(one.verdict for one in found)
    for operator, count in [*sorted(by.items()), ("all", total)]:
        lines.append(f"{operator:30}{count['full']:6}{count['refused']:9}{count['wrong']:7}{count['not run']:9}")
    run = sum(count for verdict, count in total.items() if verdict != "not run")
    lines += [f"{verdict} {100 * total[verdict] / max(1, run):.1f} %" for verdict in ("full", "refused", "wrong")]
    checks = sum((one.counts for one in found), Counter[str]())
    return "\n".join([*lines, *(f"{what}: {count}" for what, count in sorted(checks.items()))])


if __name__ == "__main__":
    main()
