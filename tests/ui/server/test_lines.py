"""Long jobs of several real processes take turns: never more than two, in order, and nobody waits for a dead one."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from glassbox.paths import ROOT
from glassbox.ui.frame.heavy_jobs import Turns
from glassbox.ui.server.lines import SharedLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks files")
PATIENCE = 60.0
JOB = """
import sys
from pathlib import Path
from glassbox.ui.frame.heavy_jobs import Turns
from glassbox.ui.server.lines import SharedLine

def say(word):
    print(word, flush=True)

turns = Turns(2, SharedLine(Path(sys.argv[1]), sys.argv[2], poll=0.01))
for line in sys.stdin:  # a job for each line, which lasts until the next one
    with turns.turn(lambda place: say(f"waits {place}")):
        say("works")
        sys.stdin.readline()
    say("done")
"""
MANY = """
import os, sys, threading, time
from pathlib import Path
from glassbox.ui.frame.heavy_jobs import Turns
from glassbox.ui.server.lines import SharedLine

turns = Turns(2, SharedLine(Path(sys.argv[1]) / "line", sys.argv[2], poll=0.001))
at_work = Path(sys.argv[1]) / "work"

def work(number):
    for piece in range(20):
        with turns.turn(lambda place: None):
            mine = at_work / f"{sys.argv[2]}-{number}-{piece}"
            mine.touch()
            os.write(1, f"{len(list(at_work.iterdir()))} ".encode())
            time.sleep(0.001)
            mine.unlink()

threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


class Worker:
    """A process that does jobs; `said`: what it has printed."""

    def __init__(self, folder: Path, name: str) -> None:
        self._log = (folder / f"{name}.log").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-c", JOB, str(folder / "line"), name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=self._log,
        )

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    @property
    def said(self) -> list[str]:
        return Path(f"/proc/self/fd/{self._log.fileno()}").read_text().split("\n")[:-1]

    def says(self, word: str) -> bool:
        """Wait until it says `word` last."""
        until = monotonic() + PATIENCE
        while monotonic() < until and self.said[-1:] != [word]:
            assert self.process.poll() is None
            sleep(0.01)
        return self.said[-1:] == [word]


@contextmanager
def workers(folder: Path, *names: str) -> Iterator[list[Worker]]:
    made = [Worker(folder, name) for name in names]
    try:
        yield made
    finally:
        for one in made:
            one.process.kill()
            one.process.wait(PATIENCE)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_work_and_the_others_are_told_their_place(tmp_path: Path) -> None:
    with workers(tmp_path, "0", "1", "2", "3", "4") as (first, second, third, fourth, fifth):
        for one, says in ((first, "works"), (second, "works"), (third, "waits 1"), (fourth, "waits 2")):
            one.go_on()
            assert one.says(says)
        fifth.go_on()
        assert fifth.says("waits 3")
        second.go_on()
        assert third.says("works") and fourth.says("waits 1") and fifth.says("waits 2")
        os.kill(first.process.pid, signal.SIGKILL)  # in the middle of its work
        first.process.wait(PATIENCE)
        assert fourth.says("works") and fifth.says("waits 1")
        os.kill(fifth.process.pid, signal.SIGKILL)  # while it waits
        fifth.process.wait(PATIENCE)
        second.go_on()
        assert second.says("waits 1")
        third.go_on()
        assert second.says("works")
        said = [word for one in (second, third, fourth) for word in one.said]
        assert all(re.fullmatch(r"works|done|waits [123]", word) for word in said)


def test_never_more_than_two_of_many(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    with ExitStack() as stack:
        made = [
            stack.enter_context(subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True))
            for number in range(4)
        ]
        seen = [int(word) for one in made for word in one.communicate(timeout=4 * PATIENCE)[0].split()]
    assert len(seen) == 4 * 3 * 20 and set(seen) == {1, 2}
    assert not [name for name in os.listdir(tmp_path / "line") if name[0].isdigit()]


def test_who_takes_the_place_of_an_ended_process_does_not_wait_for_itself(tmp_path: Path) -> None:
    before = SharedLine(tmp_path / "line", "0", poll=0.01)
    before.take()
    os.close(before._lives)  # it ends
    line = SharedLine(tmp_path / "line", "0", poll=0.01)
    assert line.before(line.take()) == 0


def test_without_the_folder_turns_are_taken_in_one_process(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = SharedLine(tmp_path / "line", "0", poll=0.01)
    turns, held = Turns(1, line), line.take()
    for path in (tmp_path / "line").iterdir():
        path.unlink()
    (tmp_path / "line").rmdir()
    assert line.before(held) == 0  # who waits there is let through
    with turns.turn(_nobody), pytest.raises(InterruptedError), turns.turn(_give_up):
        pytest.fail("there was no place")
    assert "take turns in each process by itself" in caplog.text


def _nobody(place: int) -> None:
    pytest.fail("nobody else is here")


def _give_up(place: int) -> None:
    raise InterruptedError
