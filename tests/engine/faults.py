"""What a child of the sandbox may do wrong, as commands of it: the switch by which its own tests make it do so."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from glassbox.engine.answer import Answer
from glassbox.input_error import InputError


class Fault(msgspec.Struct):
    """What a fault is to be done with."""

    text: str = ""
    number: int = 0


def _outcome(attempt: Callable[[], Any]) -> Answer:
    """What comes of something that a child must not do."""
    try:
        return Answer({"did": repr(attempt())})
    except (OSError, RuntimeError, MemoryError) as error:
        return Answer({"refused": type(error).__name__, "number": getattr(error, "errno", None)})


def echo(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    sizes = [len(model) for model in models]
    return Answer({"text": request.text, "process": os.getpid(), "sizes": sizes}, dict(arrays))


def refuse(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    raise InputError("no_such_thing", f"there is no {request.text}", text=request.text, places=[1, 2])


def fail(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    raise RuntimeError("a\nb\x1b[2J" + request.text)


def abort(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    os.abort()


def trap(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    signal.raise_signal(signal.SIGFPE)
    return Answer({})


def hang(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)


def spin(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    """Compute in native code, to which no signal handler of Python's comes."""
    return Answer({"sum": float(np.broadcast_to(np.float64(1), (1 << 40,)).sum())})


def flood(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    return Answer({}, {"x": np.zeros(request.number, np.uint8)})


def talk(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    """Write past the protocol: whatever stands in `text`, on each handle there is, without an end if `number`."""
    data = request.text.encode("latin-1")
    for _ in range(request.number or 1):
        for handle in range(64):
            try:
                os.write(handle, data)
            except OSError:
                continue
    if not request.number:
        os._exit(0)
    return Answer({})


def allocate(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    return Answer({"sum": int(np.ones(request.number, np.uint8).sum())})


def fork(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    return _outcome(os.fork)


def execute(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    return _outcome(lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]))


def write(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    def attempt() -> int:
        with open(request.text, "wb") as file:
            return file.write(b"x" * 100)

    return _outcome(attempt)


def read(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    def attempt() -> bytes:
        with open(request.text, "rb") as file:
            return file.read(20)

    return _outcome(attempt)


def connect(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    return _outcome(lambda: socket.create_connection(("127.0.0.1", request.number), 1))


def kill(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    return _outcome(lambda: os.kill(request.number, 0))


def limit(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    """Limit the processor time of another process, which would end it."""
    import resource

    return _outcome(lambda: resource.prlimit(request.number, resource.RLIMIT_CPU, (10**6, 10**6)))


def notify(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    """Have the kernel send another process a signal whenever there is something to read."""
    import fcntl

    return _outcome(lambda: fcntl.fcntl(3, fcntl.F_SETOWN, request.number))


def threads(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    import threading

    return _outcome(lambda: threading.Thread(target=print).start())


def unchecked(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    """Run a model that nobody has looked at, and read its weights: what holds where a check has failed."""
    from onnx import load_model_from_string, numpy_helper

    from glassbox.engine.session import Session

    data, found = arrays["model"].tobytes(), dict[str, Any]()
    try:
        found |= Session(data).run({"x": np.ones(1, np.float32)}).outputs
    except Exception as error:
        found["run"] = np.array(str(error)[:400])
    for tensor in load_model_from_string(data).graph.initializer:
        try:
            found["weights"] = numpy_helper.to_array(tensor)
        except Exception as error:
            found["reading"] = np.array(str(error)[:400])
    return Answer({}, found)


def look(models: Sequence[bytes], request: Fault, arrays: Mapping[str, Any]) -> Answer:
    """What a child has: its environment, its folder, its handles, and its limits."""
    import resource

    handles = {}
    for number in range(64):
        try:
            handles[str(number)] = os.fstat(number).st_mode
        except OSError:
            continue
    memory, _ = resource.getrlimit(resource.RLIMIT_AS)
    seconds = resource.getrlimit(resource.RLIMIT_CPU)
    return Answer(
        {
            "environment": dict(os.environ),
            "folder": os.getcwd(),
            "process": os.getpid(),
            "handles": handles,
            "memory": memory,
            "seconds": seconds,
        }
    )


COMMANDS = {
    one.__name__: one
    for one in (
        *(echo, refuse, fail, abort, trap, hang, spin, flood, talk, allocate, fork, execute),
        *(write, read, connect, kill, limit, notify, threads, unchecked, look),
    )
}
REQUESTS = dict.fromkeys(COMMANDS, Fault)
