"""What glibc is told about memory has the effect that it is told for, each in a process of its own."""

import random
import subprocess
import sys

import pytest

from glassbox import heap
from glassbox.paths import ROOT
from tests import memory

HEAPS = """
import ctypes, sys, tempfile, threading
from glassbox import heap
if sys.argv[1] == "bound":
    heap.bound_arenas()
libc = ctypes.CDLL("libc.so.6")
libc.fdopen.restype = ctypes.c_void_p
ready = threading.Barrier(9)
def take():
    bytearray(100_000)
    ready.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
ready.wait()
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fdopen(file.fileno(), b"w"))
    libc.malloc_info(0, stream)
    libc.fflush(stream)
    print(open(file.name).read().count("<heap nr="))
"""


@pytest.mark.skipif(heap.glibc() is None, reason="another C library")
def test_threads_share_a_few_heaps() -> None:
    def heaps(how: str) -> int:
        ran = subprocess.run([sys.executable, "-c", HEAPS, how], cwd=ROOT, capture_output=True, text=True, check=True)
        return int(ran.stdout)

    assert heaps("bound") <= heap.ARENAS < heaps("as glibc would")


FREED = """
import sys, threading
from glassbox import heap
if sys.argv[1] == "overwritten":
    heap.overwrite_freed()
def take():
    data = bytearray(50_000)
    for place, letter in enumerate(reversed(sys.argv[2]), 25_000):
        data[place] = ord(letter)
thread = threading.Thread(target=take)
thread.start()
thread.join()
heap.give_back()
print("freed", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(heap.glibc() is None, reason="another C library")
def test_what_a_thread_freed_is_overwritten_where_it_is_not_given_back() -> None:
    word = "".join(random.SystemRandom().sample("bcdfghjklmnpqrstvwxz", 12))

    def found(how: str) -> set[str]:
        command = [sys.executable, "-c", FREED, how, word[::-1]]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"freed\n"
            return memory.found(process.pid, {word})

    assert found("as glibc does") == {word} and found("overwritten") == set()


KEPT = """
import resource, sys
from glassbox import heap
if sys.argv[1] == "kept":
    heap.keep_freed()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        arrays = [bytearray(300_000) for _ in range(20)]
        del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(heap.glibc() is None, reason="another C library")
def test_what_is_freed_and_taken_again_is_not_cleared_by_the_system_each_time() -> None:
    def faults(how: str) -> int:
        ran = subprocess.run([sys.executable, "-c", KEPT, how], cwd=ROOT, capture_output=True, text=True, check=True)
        return int(ran.stdout)

    assert 10 * faults("kept") < faults("as glibc does")
