"""One child of the sandbox, seen from its parent: started, asked, and ended for good when it is late."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import FileIO
from threading import Lock, Timer
from time import monotonic
from typing import Any

from numpy.typing import NDArray

from glassbox.engine.answer import Answer
from glassbox.engine.isolated import messages
from glassbox.engine.isolated.messages import Call, Greeting, Reply
from glassbox.input_error import InputError
from glassbox.paths import PACKAGE

START_SECONDS = 60
"""What a child may take to import what it needs: half a second, unless ten processes wait for each processor."""
_CHILD = PACKAGE / "engine" / "isolated" / "child.py"
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Of the environment: what Python may need to start."""
_LATE = ("SIGALRM", "SIGXCPU")


class Child:
    """A process that runs the commands of a module on models that nobody vouches for. One thread at a time asks it.

    `settings`: memory, seconds, most_seconds, model_bytes, request_bytes, answer_bytes and commands; see `Limits`.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Start it, without waiting until it is ready. Raises InputError if no process can be started."""
        self._usual_seconds: int = settings["seconds"]
        self._seconds = self._usual_seconds
        self._memory: int = settings["memory"]
        self._answer_bytes: int = settings["answer_bytes"]
        self._late = False
        self._ending = Lock()
        self.protections: tuple[str, ...] | None = None
        self.spent, self.used = 0.0, monotonic()
        told = json.dumps({**settings, "path": _path(), "readable": _readable()})
        self._folder = ""
        try:
            self._folder = tempfile.mkdtemp(prefix="glassbox-")
            os.chmod(self._folder, 0o500)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(_CHILD), told],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd=self._folder,
                env=_environment(),
                **_group(),
            )
        except OSError as error:
            self._drop_folder()
            raise InputError("sandbox_unavailable", "No isolated process can be started for the model.") from error
        assert isinstance(self._process.stdin, FileIO) and isinstance(self._process.stdout, FileIO)
        self._asked, self._answers = self._process.stdin, self._process.stdout

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def greet(self) -> tuple[str, ...]:
        """Wait until it is ready and return the protections that hold in it. Raises InputError if it does not start."""
        if self.protections is None:
            with self._deadline(START_SECONDS):
                try:
                    greeting = messages.read(self._answers, Greeting)
                except (OSError, messages.Unreadable, messages.TooLarge):
                    greeting = None
            if greeting is None:
                self.end()
                raise InputError("sandbox_unavailable", "The isolated process for the model does not start.")
            self.protections = tuple(greeting.protections)
        return self.protections

    def ask(self, command: str, request: bytes, models: Sequence[bytes], arrays: Mapping[str, NDArray[Any]]) -> Answer:
        """Return what `command` answers. Raises InputError with its refusal, or with what became of the process.

        Starting it counts, but for a second that is always left: who asks waits no longer than the limit.
        """
        started = monotonic()
        self.greet()
        self._seconds = messages.seconds_of_call(self._usual_seconds, map(len, models))
        places, sent = messages.places(arrays)
        try:
            head = messages.head_bytes(Call(command, messages.raw(request), [len(one) for one in models], places))
        except messages.TooLarge:
            raise InputError("bad_request", "The request is too long.", command=command) from None
        try:
            with self._deadline(max(1.0, self._seconds - (monotonic() - started))):
                messages.write(self._asked, head, [*models, *sent])
                reply = messages.read(self._answers, Reply)
                if reply is None:
                    raise messages.Unreadable
                found = messages.read_arrays(self._answers, reply.arrays, self._answer_bytes)
        except messages.TooLarge:
            self.end()
            limit = self._answer_bytes >> 20
            raise InputError(
                "answer_too_large", f"The answer takes more than the {limit} MB allowed.", limit=limit
            ) from None
        except (OSError, messages.Unreadable):
            raise self._fate() from None
        finally:
            self.used = monotonic()
            self.spent += self.used - started
        if reply.refusal:
            raise InputError(reply.refusal.code, reply.refusal.sentence, **reply.refusal.details)
        return Answer(reply.facts, found)

    def end(self) -> None:
        """End it with all that it may have started."""
        with self._ending:
            _kill(self._process)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            for pipe in (self._asked, self._answers):
                with suppress(OSError):
                    pipe.close()
            self._drop_folder()

    def _deadline(self, seconds: float) -> "_Deadline":
        return _Deadline(self, seconds)

    def expire(self) -> None:
        """End its process because it is late; the thread that asked it then finds the end of the pipe."""
        self._late = True
        _kill(self._process)

    def _fate(self) -> InputError:
        """What became of a process whose answer is cut short."""
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(1)
        self.end()
        name = signal.Signals(-code).name if code and -code in set(signal.Signals) else ""
        if self._late or name in _LATE:
            seconds = self._seconds
            return InputError("model_too_slow", f"The model took more than the {seconds} s allowed.", limit=seconds)
        if code is None:
            return InputError("answer_unreadable", "The process that ran the model returned a malformed answer.")
        how = name or str(code)
        return InputError("model_crashed", f"The process that ran the model crashed ({how}).", signal=how)

    def _drop_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class _Deadline:
    """Ends a child that takes longer than `seconds`."""

    def __init__(self, child: Child, seconds: float) -> None:
        self._timer = Timer(seconds, child.expire)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        if process.poll() is None:  # else its number may be another's
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _environment() -> dict[str, str]:
    """Nothing of the parent's but what Python may need; one thread, no telemetry."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **threads, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "ORT_DISABLE_TELEMETRY": "1"}


def _path() -> list[str]:
    """Where the child finds modules: where this process does."""
    entries = [str(PACKAGE.parent), *(entry for entry in sys.path if os.path.isabs(entry))]
    return list(dict.fromkeys(entries))


def _readable() -> list[str]:
    """Folders of code, which a child may go on reading for what is imported late: Python's, its packages, Glassbox."""
    own = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    packages = {entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")}
    return sorted(own | packages | {str(PACKAGE)})
