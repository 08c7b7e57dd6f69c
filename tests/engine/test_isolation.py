"""The sandbox with children that do every wrong thing on purpose: see faults.py, whose commands are the switch."""

import os
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from glassbox.engine import isolation
from glassbox.engine.container import WORKERS
from glassbox.engine.isolated.messages import seconds_of_call
from glassbox.engine.isolation import PROTECTIONS, Answer, Limits, Sandbox
from glassbox.input_error import InputError, Reason
from tests.engine.faults import Fault
from tests.models import graph

LIMITS = Limits(seconds=30, children=2, answer_bytes=4 << 20)
"""Of which no test waits for the end, on however busy a machine."""
SHORT = Limits(seconds=2)
linux = pytest.mark.skipif(sys.platform != "linux", reason="takes Linux")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, "tests.engine.faults") as made:
        yield made


def ask(sandbox: Sandbox, command: str, session: str = "me", arrays: Any = None, **fault: Any) -> Answer:
    return sandbox.call(session, command, [], Fault(**fault), arrays)


def refusal(sandbox: Sandbox, command: str, **fault: Any) -> Reason:
    with pytest.raises(InputError) as raised:
        ask(sandbox, command, **fault)
    return raised.value.reason


def test_facts_and_arrays_come_back_as_they_were(sandbox: Sandbox) -> None:
    arrays = {
        "floats": np.arange(24, dtype=np.float32).reshape(2, 3, 4)[:, ::2],
        "big-endian": np.array([1, 2], ">i4"),
        "text": np.array([["é", "中文"]]),
        "bytes": np.array([b"a", b"bc"]),
        "none": np.zeros((0, 3), np.int8),
        "one": np.array(True),
    }
    answer = ask(sandbox, "echo", arrays=arrays, text="中")
    assert answer.facts["text"] == "中" and answer.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert answer.arrays[name].shape == array.shape and (answer.arrays[name] == array).all()


def test_a_question_that_is_too_long_is_refused_and_the_child_lives(sandbox: Sandbox) -> None:
    process = ask(sandbox, "echo").facts["process"]
    assert refusal(sandbox, "echo", text="x" * (5 << 20)).code == "bad_request"
    assert ask(sandbox, "echo").facts["process"] == process


def test_a_session_keeps_its_child_and_shares_it_with_no_other(sandbox: Sandbox) -> None:
    mine, others = (ask(sandbox, "echo", session=one).facts["process"] for one in ("me", "other"))
    assert ask(sandbox, "echo").facts["process"] == mine
    assert len({mine, others, os.getpid()}) == 3


def test_a_reason_crosses_the_pipe_without_what_controls_a_screen(sandbox: Sandbox) -> None:
    said = refusal(sandbox, "refuse", text="thing")
    assert (said.code, said.details) == ("no_such_thing", {"text": "thing", "places": [1, 2]})
    assert said.sentence == "there is no thing"
    assert refusal(sandbox, "fail", text="!").details == {"problem": "a b [2J!"}


@pytest.mark.parametrize(
    ("fault", "code", "detail"),
    [
        (("abort", {}), "model_crashed", "SIGABRT"),
        (("trap", {}), "model_crashed", "SIGFPE"),
        (("flood", {"number": 5 << 20}), "answer_too_large", 4),
        (("talk", {"text": "\0\0\0\xff", "number": 1000}), "answer_too_large", 4),
        (("talk", {"text": "nonsense" * 100, "number": 10_000}), "answer_too_large", 4),
        (("talk", {"text": "\x02\0\0\0no"}), "model_crashed", "0"),
        (("talk", {"text": '\x32\0\0\0{"arrays":[{"name":"x","dtype":"|O","shape":[9]}]}  '}), "model_crashed", "0"),
        (("allocate", {"number": 2 << 30}), "out_of_memory", 1024),
        (("no such command", {}), "bad_request", "no such command"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else str(value),
)
def test_each_fault_gives_one_sentence_and_hurts_nobody(
    sandbox: Sandbox, fault: tuple[str, dict[str, Any]], code: str, detail: Any
) -> None:
    other = ask(sandbox, "echo", session="other").facts["process"]
    said = refusal(sandbox, fault[0], **fault[1])
    assert (said.code, *said.details.values()) == (code, detail)
    assert ask(sandbox, "echo", text="again").facts["text"] == "again"
    assert ask(sandbox, "echo", session="other").facts["process"] == other


@pytest.mark.parametrize("fault", ["hang", "spin"])
def test_what_does_not_end_is_ended(fault: str) -> None:
    with Sandbox(SHORT, "tests.engine.faults") as short:
        said = refusal(short, fault)
        assert (said.code, said.details) == ("model_too_slow", {"limit": SHORT.seconds})
        assert not short._children["me"].lives


def test_a_large_model_has_more_time_within_a_bound() -> None:
    mb = 1 << 20
    assert [seconds_of_call(12, sizes) for sizes in ([], [20 * mb], [20 * mb + 1], [60 * mb, 60 * mb], [1 << 40])] == [
        *(12, 12, 13),
        *(22, 24),
    ]
    model = graph([helper.make_node("Relu", ["x"], ["y"])], {"x": [1]}, ["y"])
    model.doc_string = "x" * (21 * mb)
    with Sandbox(Limits(seconds=1, model_bytes=22 * mb), "tests.engine.faults") as short:
        with pytest.raises(InputError) as raised:
            short.call("me", "hang", [model.SerializeToString()], Fault())
        assert (raised.value.code, raised.value.details) == ("model_too_slow", {"limit": 2})


def test_the_start_takes_nothing_of_the_processor_time_of_a_call() -> None:
    with Sandbox(Limits(seconds=1), "tests.engine.slow_start") as slow:
        assert tuple(slow.protections()) == PROTECTIONS


@linux
def test_what_a_child_must_not_do_fails_in_it(sandbox: Sandbox, tmp_path: Path) -> None:
    """Whatever of Landlock and seccomp this kernel lacks, the limits on files and processes are everywhere."""
    if not all(sandbox.protections().values()):
        pytest.skip(f"this kernel does not protect from all: {sandbox.protections()}")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attempts = [
            *(("fork", {}), ("execute", {}), ("threads", {})),
            *(("write", {"text": str(path)}) for path in ("here", secret, "/dev/shm/x")),
            *(
                ("read", {"text": str(path)})
                for path in (secret, "/proc/self/environ", "/proc/1/environ", "/etc/passwd")
            ),
            *(("connect", {"number": port}), ("kill", {"number": os.getpid()})),
            *((name, {"number": os.getpid()}) for name in ("limit", "notify")),
        ]
        for command, fault in attempts:
            assert "refused" in ask(sandbox, command, **fault).facts, (command, fault)
    assert secret.read_text() == "secret" and not Path("/dev/shm/x").exists()
    assert "did" in ask(sandbox, "read", text=onnx.__file__).facts  # so it is not the attempt that fails


@linux
def test_a_child_has_nothing_of_its_parents(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "secret")
    with open(os.devnull) as kept:
        os.set_inheritable(kept.fileno(), True)
        seen = ask(sandbox, "look", session="new").facts
    assert seen["environment"].keys() <= {
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LD_LIBRARY_PATH"),
        *("LANG", "MALLOC_ARENA_MAX", "ORT_DISABLE_TELEMETRY"),
    }
    assert seen["environment"]["ORT_DISABLE_TELEMETRY"] == "1"
    pipes = [number for number, mode in seen["handles"].items() if stat.S_ISFIFO(mode)]
    assert len(pipes) == 2 and len(seen["handles"]) == 5
    assert seen["memory"] == LIMITS.memory
    now, most = seen["seconds"]
    assert LIMITS.seconds < now < most  # those of this call, beside what its start took
    assert Path(f"/proc/{seen['process']}/oom_score_adj").read_text() == "1000\n"
    folder = Path(seen["folder"])
    assert folder.is_dir() and not list(folder.iterdir()) and not folder.stat().st_mode & 0o222
    sandbox.sweep({"me"})
    assert not folder.exists()


def test_calls_wait_their_turn_and_are_told_their_place() -> None:
    told: list[int] = []
    with Sandbox(Limits(seconds=2, children=1, waiting=2, wait_seconds=600), "tests.engine.faults") as one:
        first = threading.Thread(target=refusal, args=(one, "hang"))
        first.start()
        while "me" not in one._busy:
            time.sleep(0.01)

        def wait(place: int) -> None:
            told.append(place)
            assert one.place("second") == place

        answer = one.call("second", "echo", [], Fault(text="at last"), tell=wait)
        first.join()
        assert answer.facts["text"] == "at last" and set(told) == {1} and one.place("second") == 0
        assert list(one._children) == ["second"]  # in the place of the child that is gone


def test_who_comes_when_too_many_wait_is_sent_away() -> None:
    with Sandbox(Limits(seconds=2, children=1, waiting=1, wait_seconds=0.1), "tests.engine.faults") as one:
        first = threading.Thread(target=refusal, args=(one, "hang"))
        first.start()
        while "me" not in one._busy:
            time.sleep(0.01)
        late = refusal(one, "echo", session="second")
        assert (late.code, late.details) == ("sandbox_busy", {"place": 1})
        left: list[Reason] = []

        def third(place: int) -> None:
            left.append(refusal(one, "echo", session="third"))
            raise KeyError("gone")

        with pytest.raises(KeyError):
            one.call("second", "echo", [], Fault(), tell=third)
        assert left[0].details == {"place": 2} and one.place("second") == 0
        first.join()


def test_children_end_with_their_sessions_when_idle_and_with_the_sandbox() -> None:
    with Sandbox(Limits(seconds=2, idle_seconds=0), "tests.engine.faults") as short:
        short.prepare("here")
        short.prepare("gone")
        short.prepare("no place left")
        assert list(short._children) == ["here", "gone"]
        here, gone = short._children.values()
        assert here.lives and gone.lives
        short.sweep({"here"})  # which has had no call for longer than 0 seconds
        assert not here.lives and not gone.lives and short._children == {}
        process = ask(short, "echo", session="here").facts["process"]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@linux
def test_a_child_is_ended_at_once_in_the_midst_of_a_call_too() -> None:
    with Sandbox(LIMITS, "tests.engine.faults") as sandbox:
        process = ask(sandbox, "echo").facts["process"]
        sandbox.end("me")
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
        assert ask(sandbox, "echo").facts["process"] != process
        codes: list[str] = []
        caller = threading.Thread(target=lambda: codes.append(refusal(sandbox, "hang").code))
        caller.start()
        while not sandbox._busy:
            time.sleep(0.01)
        sandbox.end("me")
        caller.join(20)  # far from the limit of 30 seconds, at which it would end by itself
        assert codes == ["model_too_slow"]
        assert ask(sandbox, "echo", text="again").facts["text"] == "again"
        sandbox.end("nobody")


def test_too_large_requests_are_refused_before_a_child_is_started() -> None:
    small = Sandbox(Limits(model_bytes=1 << 20, request_bytes=1 << 20), "no.such.module")
    for models, arrays, code in (
        ([bytes(1 + (1 << 20))], {}, "model_too_large"),
        ([], {"x": np.zeros(1 + (1 << 20), np.uint8)}, "arrays_too_large"),
    ):
        with pytest.raises(InputError) as raised:
            small.call("me", "echo", models, Fault(), arrays)
        assert raised.value.code == code and raised.value.details["limit"] == 1
    assert refusal(small, "echo").code == "sandbox_unavailable"
    small.close()


def test_children_leave_room_for_the_server_in_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "memory_limit", lambda: 1500 << 20)
    two, one = (Limits.of_environment({isolation.CHILDREN: count}).memory for count in ("2", "1"))
    assert 2 * two < 1500 << 20 and two < one == Limits.memory
    monkeypatch.setattr(isolation, "memory_limit", lambda: 64 << 20)
    assert Limits.of_environment({}).memory > 300 << 20  # below which not even Python starts


@pytest.mark.parametrize(
    ("processes", "asked", "each"), [("1", "2", 2), ("2", "2", 1), ("4", "2", 1), ("2", "8", 4), ("3", "8", 2)]
)
def test_processes_that_serve_one_address_share_the_children_and_the_memory(
    processes: str, asked: str, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = 8 << 30
    monkeypatch.setattr(isolation, "memory_limit", lambda: container)
    limits = Limits.of_environment({WORKERS: processes, isolation.CHILDREN: asked})
    assert limits.children == each
    servers = int(processes) * isolation._SERVER_MEMORY
    assert int(processes) * each * limits.memory + servers <= container


def test_no_folder_for_a_child_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with Sandbox(LIMITS, "tests.engine.faults") as made:
        assert refusal(made, "echo").code == "sandbox_unavailable"


def test_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "memory_limit", lambda: None)
    assert Limits.of_environment({}) == Limits()
    large = Limits.of_environment({isolation.MODEL_MEGABYTES: "100", isolation.CHILDREN: "3", isolation.SECONDS: "60"})
    assert (large.model_bytes, large.children, large.seconds) == (
        100 << 20,
        3,
        60,
    ) and large.memory > 10 * large.model_bytes
    forged = {isolation.MODEL_MEGABYTES: "-1", isolation.CHILDREN: "many"}
    assert Limits.of_environment(forged) == Limits()


def test_protections_have_names(sandbox: Sandbox) -> None:
    assert tuple(sandbox.protections()) == PROTECTIONS
    if sys.platform == "linux":
        assert sandbox.protections()["limits"] and sandbox.protections()["no_new_privileges"]
