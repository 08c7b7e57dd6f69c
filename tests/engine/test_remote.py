"""Models run by a server: the answers are those of the embedded engine, or the engine says why there are none."""

import math
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassbox.engine import choice, remote, remote_server
from glassbox.engine.choice import INSTEAD, REMOTE
from glassbox.engine.circuit_breaker import CircuitBreaker
from glassbox.engine.engine_error import EngineError
from glassbox.engine.remote import RemoteSession
from glassbox.engine.remote_server import Server, Settings
from glassbox.engine.session import Session
from glassbox.paths import MODELS, ROOT
from tests import small_zoo
from tests.serving.reference_server import ReferenceServer, running

PICTURES = np.random.default_rng(5).random((3, 28, 28), np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name in ("rnn", "cnn"):
        small_zoo.write(folder, name)
    return folder


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a machine that is busy with other things take its time to connect, and to say that it is ready."""
    monkeypatch.setattr(remote_server, "_CONNECT", 30.0)


@pytest.fixture
def reference(folder: Path) -> Iterator[ReferenceServer]:
    with running(folder) as server:
        yield server


def session(
    address: str, name: str = "rnn", breaker: CircuitBreaker | None = None, **settings: object
) -> RemoteSession:
    settings = {"seconds": 60} | settings  # on a machine that is busy with other things
    server = Server(Settings(address, **settings), breaker, wait=lambda seconds: None)  # type: ignore[arg-type]
    return RemoteSession(name, Session(small_zoo.reader_model(name)), server)


def error(asked: RemoteSession, feeds: dict[str, np.ndarray] | None = None) -> EngineError:
    with pytest.raises(EngineError) as caught:
        asked.run(feeds or {"picture": PICTURES})
    return caught.value


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("name", ["rnn", "cnn"])
def test_the_answers_are_those_of_the_embedded_engine(reference: ReferenceServer, name: str, binary: bool) -> None:
    reference.behaviour.binary = binary
    asked = session(reference.address, name)
    feeds = {"picture": PICTURES.reshape(3, *asked.inputs["picture"][1:])}
    for _ in range(3):
        run = asked.run(feeds)
        assert (run.provider, list(run.outputs)) == (REMOTE, ["verdict"])
        assert run.outputs["verdict"].dtype == np.float32
        np.testing.assert_array_equal(run.outputs["verdict"], asked.embedded.run(feeds).outputs["verdict"])
        assert run.seconds > 0
    assert reference.binary_requests == (3 if binary else 0)
    assert reference.seen == {"/v2": 1, f"/v2/models/{name}": 1, f"/v2/models/{name}/infer": 3}


def test_many_rows_go_in_several_requests(reference: ReferenceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = np.random.default_rng(6).random((600, 28, 28), np.float32)
    asked = session(reference.address)
    wanted = asked.embedded.run({"picture": pictures}).outputs["verdict"]
    np.testing.assert_array_equal(asked.run({"picture": pictures}).outputs["verdict"], wanted)
    assert reference.seen["/v2/models/rnn/infer"] == 3
    empty = pictures[:0]
    assert asked.run({"picture": empty}).outputs["verdict"].shape == (0, 10)


def test_few_long_rows_go_in_several_requests_too() -> None:
    text = Session((MODELS / "text_zh_gru" / "1" / "model.onnx").read_bytes())
    asked = RemoteSession("text_zh_gru", text, Server(Settings("http://localhost")))
    feeds = {"ids": np.ones((32, 1000), np.int64), "lengths": np.arange(32, dtype=np.int32)}
    parts = asked._parts(feeds)
    assert [part["ids"].shape for part in parts] == [(4, 1000)] * 8
    np.testing.assert_array_equal(np.concatenate([part["lengths"] for part in parts]), feeds["lengths"])


def test_feeds_that_do_not_fit_are_refused_before_they_are_sent(reference: ReferenceServer) -> None:
    with pytest.raises(ValueError, match="input picture must be float32"):
        session(reference.address).run({"picture": PICTURES.astype(np.float64)})
    assert not reference.seen


def test_the_key_is_sent(reference: ReferenceServer) -> None:
    reference.behaviour.key = "a secret"
    asked = session(reference.address, key="a secret")
    asked.run({"picture": PICTURES})
    assert reference.keys == {"Bearer a secret"}
    assert "a secret" not in repr(asked.server.settings)
    refused = error(session(reference.address, key="another"))
    assert refused.reason.code == "key" and "GLASSBOX_ENGINE_KEY" in str(refused)


def test_an_address_may_have_a_path(folder: Path) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    with running(folder) as server:
        server.app.router.routes = [Mount("/engine", Starlette(routes=server.app.router.routes))]
        asked = session(f"{server.address}/engine/")
        assert asked.run({"picture": PICTURES}).provider == REMOTE


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asked = session(f"http://127.0.0.1:{port}")
    assert error(asked).reason.code == "unreachable"
    assert asked.server.health().failures == remote_server.TRIES == 3
    assert error(asked).reason.code == "paused"
    assert asked.server.health().breaker == "open"


def test_too_slow(reference: ReferenceServer) -> None:
    asked = session(reference.address)
    asked.run({"picture": PICTURES})
    asked.server.settings = replace(asked.server.settings, seconds=2)
    before = reference.seen["/v2/models/rnn/infer"]
    reference.behaviour.seconds = 60
    slow = error(asked)
    assert slow.reason.code == "too_slow" and "within 2 s" in str(slow)
    assert reference.seen["/v2/models/rnn/infer"] == before + 1, "what timed out is not asked for again"


def test_an_answer_that_drips_ends_at_the_same_time(reference: ReferenceServer) -> None:
    asked = session(reference.address)
    asked.run({"picture": PICTURES})
    asked.server.settings = replace(asked.server.settings, seconds=2)
    reference.behaviour.fault = "drip"  # each byte comes in time, the whole of them never does
    assert error(asked).reason.code == "too_slow"


def test_an_answer_without_an_end_is_not_kept(reference: ReferenceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_server, "MAX_BYTES", 3_000_000)
    reference.behaviour.fault = "endless"
    assert error(session(reference.address)).reason.code == "wrong_answer"


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        "wrong_shape",
        "one_row_more",
        "wrong_type",
        "not_finite",
        "other_name",
        "too_few_bytes",
        "lying_size",
        "lying_length",
        "no_json",
    ],
)
def test_a_wrong_answer_is_refused(reference: ReferenceServer, fault: str, binary: bool) -> None:
    if fault == "lying_length" and not binary:
        pytest.skip("only binary answers have a length")
    reference.behaviour.binary, reference.behaviour.fault = binary, fault
    asked = session(reference.address)
    assert error(asked).reason.code == "wrong_answer"
    assert asked.server.health().failures == 1
    reference.behaviour.fault = ""
    assert asked.run({"picture": PICTURES}).provider == REMOTE


@pytest.mark.parametrize("binary", [True, False])
def test_a_liar_is_not_believed_once(reference: ReferenceServer, binary: bool) -> None:
    reference.behaviour.binary, reference.behaviour.fault = binary, "reversed"
    asked = session(reference.address, breaker=CircuitBreaker(failures=1_000))
    for _ in range(50):
        refused = error(asked)
        assert refused.reason.code == "wrong_numbers" and not refused.passes
    assert f"The engine at {reference.address} gives other numbers for the model rnn" in str(refused)
    assert "models/rnn" in str(refused) and "unset GLASSBOX_ENGINE" in str(refused)
    assert asked.server.health().failures == 50


def test_a_liar_that_is_left_alone_is_still_called_one(reference: ReferenceServer) -> None:
    reference.behaviour.fault = "reversed"
    asked = session(reference.address)
    assert [error(asked).reason.code for _ in range(4)] == ["wrong_numbers"] * 3 + ["paused"]
    paused = error(asked)
    assert paused.cause.code == "wrong_numbers" and not paused.passes and "gives other numbers" in str(paused)


def test_who_begins_to_lie_is_found_out_and_then_watched(
    reference: ReferenceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = session(reference.address, breaker=CircuitBreaker(failures=1_000))
    asked.run({"picture": PICTURES})
    reference.behaviour.fault = "reversed"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            asked.run({"picture": PICTURES})
        except EngineError as caught:
            assert caught.reason.code == "wrong_numbers"
            break
    else:
        pytest.fail("nobody noticed")
    monkeypatch.setattr(remote, "SHARE", 1e-9)  # no time for another look, but for the doubts
    reference.behaviour.fault = ""
    for _ in range(remote.CONVINCED - 1):
        assert asked.run({"picture": PICTURES}).provider == REMOTE
    reference.behaviour.fault = "reversed"
    assert error(asked).reason.code == "wrong_numbers"


def test_comparing_is_bounded(reference: ReferenceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "SHARE", 1e-9)
    asked = session(reference.address, breaker=CircuitBreaker(failures=1, pause=0))
    here, computed = asked.embedded.run, []
    monkeypatch.setattr(asked.embedded, "run", lambda *given: computed.append(1) or here(*given))
    for _ in range(100):
        asked.run({"picture": PICTURES})
    assert len(computed) == 1
    reference.behaviour.statuses = [500]
    error(asked)
    for _ in range(100):
        asked.run({"picture": PICTURES})  # it came back: a new generation, whose second run looks at the model anew
    assert len(computed) == 2


def test_rounding_to_16_bits_is_no_lie(reference: ReferenceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "SHARE", math.inf)  # each answer is compared
    reference.behaviour.fault = "rounded"
    asked = session(reference.address)
    for _ in range(20):
        run = asked.run({"picture": PICTURES})
        assert run.provider == REMOTE
    assert (run.outputs["verdict"] != asked.embedded.run({"picture": PICTURES}).outputs["verdict"]).any()


def test_in_place_of_a_liar_the_embedded_engine_answers_where_it_may(reference: ReferenceServer) -> None:
    reference.behaviour.fault = "reversed"
    asked = session(reference.address, fallback=True)
    wanted = asked.embedded.run({"picture": PICTURES}).outputs["verdict"]
    for _ in range(5):  # of which the last two do not ask
        run = asked.run({"picture": PICTURES})
        assert run.provider == INSTEAD
        np.testing.assert_array_equal(run.outputs["verdict"], wanted)
        assert asked.server.failure is not None and asked.server.failure.code == "wrong_numbers"


def test_a_server_whose_answers_stay_wrong_is_left_alone(reference: ReferenceServer) -> None:
    reference.behaviour.fault = "wrong_shape"
    asked = session(reference.address)
    assert [error(asked).reason.code for _ in range(4)] == ["wrong_answer"] * 3 + ["paused"]
    health = asked.server.health()
    assert (health.runs, health.failures, health.breaker, health.latency) == (0, 3, "open", None)
    assert reference.seen["/v2/models/rnn/infer"] == 3


def test_an_answer_that_breaks_off_is_asked_for_again(reference: ReferenceServer) -> None:
    reference.behaviour.fault = "breaks_off"
    asked = session(reference.address, breaker=CircuitBreaker(failures=10))
    assert error(asked).reason.code == "unreachable"
    assert reference.seen["/v2/models/rnn/infer"] == 3


@pytest.mark.parametrize(
    ("metadata", "what"),
    [
        ({"inputs": []}, "its inputs are"),
        ({"inputs": [{"name": "picture", "datatype": "UINT8", "shape": [-1, 28, 28]}]}, "picture is UINT8"),
        ({"inputs": [{"name": "picture", "datatype": "FP32", "shape": [-1, 1, 28, 28]}]}, r"\[-1, 1, 28, 28\]"),
        ({"inputs": [{"name": "picture", "datatype": "FP32", "shape": [-1, 28, 32]}]}, r"\[-1, 28, 32\]"),
        ({"inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 28, 28]}]}, "its inputs are image"),
        ({"outputs": []}, "it lacks the output verdict"),
        ({"outputs": [{"name": "verdict", "datatype": "FP32", "shape": [-1, 11]}]}, r"verdict is FP32 \[-1, 11\]"),
    ],
)
def test_another_model_of_the_same_name_is_refused(
    reference: ReferenceServer, metadata: dict[str, object], what: str
) -> None:
    reference.behaviour.metadata = metadata
    asked = session(reference.address)
    refused = error(asked)
    assert refused.reason.code == "wrong_model"
    assert re.search(what, str(refused))
    assert reference.seen["/v2/models/rnn/infer"] == 0


def test_a_model_that_it_lacks(reference: ReferenceServer) -> None:
    asked = session(reference.address, "mlp")
    assert error(asked).reason.code == "no_model"
    assert asked.server.health().breaker == "closed"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_is_busy_is_asked_again(reference: ReferenceServer, status: int) -> None:
    asked = session(reference.address)
    asked.run({"picture": PICTURES})
    reference.behaviour.statuses = [status, status]
    assert asked.run({"picture": PICTURES}).provider == REMOTE
    reference.behaviour.statuses = [status] * 3
    assert error(asked).reason.code == "busy"


@pytest.mark.parametrize(("status", "code"), [(400, "refused"), (500, "failed"), (302, "refused"), (403, "key")])
def test_what_another_try_would_not_mend_is_not_asked_again(reference: ReferenceServer, status: int, code: str) -> None:
    asked = session(reference.address)
    asked.run({"picture": PICTURES})
    reference.behaviour.statuses = [status]
    assert error(asked).reason.code == code
    assert reference.seen["/v2/models/rnn/infer"] == 2


def test_a_server_that_comes_back_is_looked_at_anew(reference: ReferenceServer) -> None:
    asked = session(reference.address, breaker=CircuitBreaker(failures=1, pause=0))
    asked.run({"picture": PICTURES})
    reference.behaviour.statuses = [500]
    error(asked)
    reference.behaviour.binary = False
    asked.run({"picture": PICTURES})  # the first run finds it well again
    reference.seen.clear()
    reference.behaviour.metadata = {"outputs": []}
    assert error(asked).reason.code == "wrong_model"
    reference.behaviour.metadata = {}
    asked.run({"picture": PICTURES})
    assert reference.seen["/v2"] == 1


def test_the_embedded_engine_answers_instead_where_it_may(
    reference: ReferenceServer, caplog: pytest.LogCaptureFixture
) -> None:
    reference.behaviour.fault = "wrong_shape"
    asked = session(reference.address, fallback=True)
    run = asked.run({"picture": PICTURES})
    assert run.provider == INSTEAD
    np.testing.assert_array_equal(run.outputs["verdict"], asked.embedded.run({"picture": PICTURES}).outputs["verdict"])
    assert asked.server.health().instead == 1
    asked.run({"picture": PICTURES})
    assert asked.server.health().instead == 2
    assert caplog.text.count("the embedded engine answers instead: The engine at http://") == 1, (
        "once, not for each run"
    )
    reference.behaviour.fault = ""
    asked.run({"picture": PICTURES})
    reference.behaviour.fault = "wrong_shape"
    asked.run({"picture": PICTURES})
    assert caplog.text.count("the embedded engine answers instead") == 2


def test_health(reference: ReferenceServer) -> None:
    asked = session(reference.address)
    health = asked.server.health()
    assert (health.ready, health.problem, health.server, health.runs, health.latency) == (True, None, "", 0, None)
    for _ in range(4):
        asked.run({"picture": PICTURES})
    health = asked.server.health()
    assert (health.server, health.binary, health.breaker) == ("reference 1.0", True, "closed")
    assert (health.runs, health.failures) == (4, 0)
    assert health.latency is not None and health.latency.count == 4
    assert 0 < health.latency.p50 <= health.latency.p95 <= health.latency.p99
    reference.behaviour.statuses = [503]
    health = asked.server.health()
    assert health.problem is not None and (health.ready, health.problem.code) == (False, "busy")


def test_threads_share_few_connections(reference: ReferenceServer) -> None:
    asked = session(reference.address)
    wanted = asked.embedded.run({"picture": PICTURES}).outputs["verdict"]
    found: list[bool] = []

    def ask() -> None:
        for _ in range(5):
            found.append(np.array_equal(asked.run({"picture": PICTURES}).outputs["verdict"], wanted))

    threads = [threading.Thread(target=ask) for _ in range(3 * remote_server.CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 5 * len(threads)
    assert asked.server._pool.num_connections <= remote_server.CONNECTIONS


@pytest.mark.skipif(os.name == "nt", reason="processes are killed differently there")
def test_a_server_that_dies_under_load_fails_no_answer_where_the_embedded_engine_may_answer(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.serving.reference_server", folder, str(port)], cwd=ROOT)
    try:
        asked = session(f"http://127.0.0.1:{port}", fallback=True, breaker=CircuitBreaker(pause=0.01))
        while not asked.server.health().ready:
            assert process.poll() is None
            time.sleep(0.05)
        wanted = asked.embedded.run({"picture": PICTURES}).outputs["verdict"]
        found: list[tuple[str, bool]] = []
        dead = threading.Event()

        def ask() -> None:
            last = False
            while not last:
                last = dead.is_set()  # once more after its death
                run = asked.run({"picture": PICTURES})
                found.append((run.provider, np.array_equal(run.outputs["verdict"], wanted)))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        while len(found) < 200:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        dead.set()
        for thread in threads:
            thread.join()
    finally:
        process.kill()
        process.wait(10)
    assert all(right for _, right in found)
    assert {provider for provider, _ in found} == {REMOTE, INSTEAD}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"GLASSBOX_ENGINE": "localhost:8000"}, "http://HOST:PORT"),
        ({"GLASSBOX_ENGINE": "ftp://localhost"}, "http://HOST:PORT"),
        ({"GLASSBOX_ENGINE": "http://"}, "http://HOST:PORT"),
        ({"GLASSBOX_ENGINE": "http://[::1"}, "is no address"),
        ({"GLASSBOX_ENGINE": "http://me:secret@host"}, "without a password"),
        ({"GLASSBOX_ENGINE": "http://a", "GLASSBOX_ENGINE_KEY": "secret\nX: y"}, "an API key has letters"),
        ({"GLASSBOX_ENGINE": "http://a", "GLASSBOX_ENGINE_KEY": "钥匙"}, "an API key has letters"),
        ({"GLASSBOX_ENGINE": "http://a", "GLASSBOX_ENGINE_SECONDS": "soon"}, "GLASSBOX_ENGINE_SECONDS a number"),
        ({"GLASSBOX_ENGINE": "http://a", "GLASSBOX_ENGINE_SECONDS": "nan"}, "above 0 and at most 600"),
        ({"GLASSBOX_ENGINE": "http://a", "GLASSBOX_ENGINE_FALLBACK": "yes"}, "GLASSBOX_ENGINE_FALLBACK is 'yes'"),
    ],
)
def test_a_wrong_setting_is_named(variables: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        choice.from_environment(variables)
    assert "secret" not in str(caught.value)


def test_the_settings() -> None:
    for variables in ({}, {"GLASSBOX_ENGINE": ""}, {"GLASSBOX_ENGINE": "onnxruntime"}):
        assert choice.from_environment(variables) is choice.EMBEDDED
    made = choice.from_environment(
        {
            "GLASSBOX_ENGINE": "https://host:8443/prefix",
            "GLASSBOX_ENGINE_KEY": "k",
            "GLASSBOX_ENGINE_SECONDS": "2.5",
            "GLASSBOX_ENGINE_FALLBACK": "embedded",
        }
    )
    assert made.server is not None
    assert made.server.settings == Settings("https://host:8443/prefix", "k", 2.5, fallback=True)


def test_the_embedded_engine_does_without_an_http_client() -> None:
    code = (
        "import sys; from glassbox.engine import choice; choice.from_environment({}); print('urllib3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
