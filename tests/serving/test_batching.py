"""Requests that are there together run as one batch, and each gets what it would have got alone."""

import asyncio
import json
import threading
from typing import Any

import numpy as np
import pytest

from glassbox.engine.session import Session
from glassbox.paths import MODELS
from glassbox.serving import batching
from glassbox.serving.batching import Done, Runner
from glassbox.serving.models import ServedModels
from glassbox.serving.protocol import ServiceError
from tests.serving.client import app, send, tensor
from tests.serving.test_protocol import NAMES, digit, inputs

ZOO = ServedModels()


def together(runner: Runner, name: str, requests: list[dict[str, Any]]) -> list[Done | BaseException]:
    """What each of several requests at once gets."""
    model = ZOO.load(name)

    async def run() -> list[Done | BaseException]:
        asked = (runner.run(model, arrays, model.check(arrays)) for arrays in requests)
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(run())


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_gives_each_what_it_gets_alone(name: str) -> None:
    requests = [inputs(name, seed, rows) for seed, rows in enumerate((1, 3, 2))]
    session = Session(MODELS / name / "1" / "model.onnx")
    batched = together(Runner(0, 64), name, requests)
    for asked, done in zip(requests, batched, strict=True):
        assert isinstance(done, Done)
        assert done.rows == (6 if ZOO.load(name).rows_apart else len(next(iter(asked.values()))))
        for output, values in session.run(asked).outputs.items():
            np.testing.assert_allclose(done.outputs[output], values, rtol=1e-4, atol=2e-5)


def test_models_whose_rows_depend_on_each_other_run_alone() -> None:
    apart = {name for name in NAMES if not ZOO.load(name).rows_apart}
    assert apart == {name for name in NAMES if name.endswith("int8_dynamic")}
    name = min(apart)
    bright = {"picture": np.concatenate([digit(), 9 * digit(1)])}
    session = Session(MODELS / name / "1" / "model.onnx")
    alone = session.run({"picture": bright["picture"][:1]}).outputs["probabilities"]
    beside = session.run(bright).outputs["probabilities"][:1]
    assert np.abs(alone - beside).max() > 1e-4  # a stranger's picture would change the answer


def test_a_batch_has_no_more_rows_than_it_may() -> None:
    told: list[int] = []
    runner = Runner(0.05, 4, lambda model, done: told.append(done.rows))
    assert len(together(runner, "cnn", [{"picture": digit(seed)} for seed in range(10)])) == 10
    assert told == [4, 4, 2]
    told.clear()
    together(Runner(0, 1, lambda model, done: told.append(done.rows)), "cnn", [{"picture": digit()}] * 3)
    assert told == [1, 1, 1]


def test_what_arrives_within_the_window_runs_together() -> None:
    model = ZOO.load("mlp")

    async def run(window: float) -> list[int]:
        runner = Runner(window, 64)

        async def later(seconds: float) -> Done:
            await asyncio.sleep(seconds)
            arrays = {"picture": digit()[0]}
            return await runner.run(model, arrays, 1)

        return [done.rows for done in await asyncio.gather(later(0), later(0.05))]

    assert asyncio.run(run(0)) == [1, 1]
    assert asyncio.run(run(1)) == [2, 2]


def test_texts_of_one_length_share_a_batch_and_others_do_not() -> None:
    short, long = inputs("text_zh_gru"), inputs("text_zh_gru")
    long["ids"] = np.ones((2, 9), np.int64)
    found = together(Runner(0, 64), "text_zh_gru", [short, long, short])
    assert [done.rows for done in found if isinstance(done, Done)] == [4, 2, 4]


def test_a_bad_request_spoils_no_other() -> None:
    good, bad = inputs("text_zh_gru"), inputs("text_zh_gru")
    bad["ids"] = bad["ids"] + 10**6
    found = together(Runner(0, 64), "text_zh_gru", [good, bad, good])
    assert isinstance(found[0], Done) and isinstance(found[1], ServiceError) and isinstance(found[2], Done)
    np.testing.assert_array_equal(found[0].outputs["probabilities"], found[2].outputs["probabilities"])


def test_many_rows_run_in_several_batches() -> None:
    many = {"picture": np.concatenate([digit(seed) for seed in range(300)])}
    model = ZOO.load("cnn")
    np.testing.assert_allclose(
        model.run(many)["probabilities"][[0, 299]],
        model.run({"picture": many["picture"][[0, 299]]})["probabilities"],
        atol=1e-5,
    )


def test_no_more_waits_for_a_thread_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "IN_THE_LOOP", 0)
    monkeypatch.setattr(batching, "MOST_WAITING", 1 - (batching.os.cpu_count() or 1))
    found = together(Runner(0, 1), "cnn", [{"picture": digit()}] * 5)
    assert [isinstance(done, Done) for done in found] == [True, False, False, False, False]
    assert isinstance(found[1], ServiceError) and found[1].status == 503 and found[1].headers["retry-after"] == "1"


def test_what_comes_while_all_threads_are_at_work_runs_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "IN_THE_LOOP", 0)
    model, others = ZOO.load("cnn"), batching.os.cpu_count() or 1
    free = threading.Event()

    async def run() -> list[Done]:
        runner = Runner(0, 4)
        at_work = [asyncio.ensure_future(runner.call(free.wait)) for _ in range(others)]
        asked = []
        for seed in range(6):  # each in a turn of its own
            asked.append(asyncio.ensure_future(runner.run(model, {"picture": digit(seed)}, 1)))
            await asyncio.sleep(0.01)
        free.set()
        await asyncio.gather(*at_work)
        return await asyncio.wait_for(asyncio.gather(*asked), 10)

    found = asyncio.run(run())
    assert [done.rows for done in found] == [4, 4, 4, 4, 2, 2]
    for seed, done in enumerate(found):
        alone = model.run({"picture": digit(seed)})["probabilities"]
        np.testing.assert_allclose(done.outputs["probabilities"], alone, atol=1e-5)


def test_no_more_batches_wait_for_a_thread_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "IN_THE_LOOP", 0)
    monkeypatch.setattr(batching, "MOST_WAITING", 2)
    free = threading.Event()

    async def run() -> list[Done | BaseException]:
        runner = Runner(0, 4)
        at_work = [asyncio.ensure_future(runner.call(free.wait)) for _ in range(runner._most_waiting)]
        await asyncio.sleep(0)
        names = ("cnn", "mlp", "rnn")
        requests = [(ZOO.load(name), inputs(name)) for name in names]
        asked = [asyncio.ensure_future(runner.run(model, arrays, 1)) for model, arrays in requests]
        await asyncio.sleep(0.01)
        free.set()
        await asyncio.gather(*at_work)
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 10)

    found = asyncio.run(run())
    assert [isinstance(done, Done) for done in found] == [True, True, False]
    assert isinstance(found[2], ServiceError) and found[2].status == 503


def test_whoever_has_gone_leaves_no_work() -> None:
    ran: list[int] = []

    async def run() -> None:
        runner, arrays = Runner(0.05, 64, lambda model, done: ran.append(done.rows)), {"picture": digit()}
        tasks = [asyncio.ensure_future(runner.run(ZOO.load("cnn"), arrays, 1)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert ran == [2]


def test_requests_over_http_side_by_side_run_as_one_batch() -> None:
    served = app()
    body = json.dumps({"inputs": [tensor("picture", digit())]}).encode()

    async def several() -> list[str]:
        await send(served, "POST", "/v2/models/cnn/infer", body)  # loads it
        answers = await asyncio.gather(*(send(served, "POST", "/v2/models/cnn/infer", body) for _ in range(8)))
        return [answer.headers["server-timing"] for answer in answers]

    assert all("run;desc=8;" in timing for timing in asyncio.run(several()))
