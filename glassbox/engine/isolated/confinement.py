"""What a child of the sandbox takes from itself before it sees a stranger's byte, as far as its system lets it.

The limits hold on Linux and macOS. Linux also takes away: the privileges of its user, each file but Python's own
(Landlock, https://docs.kernel.org/userspace-api/landlock.html), TCP, and each system call but those of system_calls.py
(seccomp, https://docs.kernel.org/userspace-api/seccomp_filter.html). What does not hold is said, not hidden.

Only the standard library is imported here: the limits come before everything else.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

from glassbox.engine.isolated import system_calls

PROTECTIONS = ("limits", "no_new_privileges", "no_capabilities", "landlock", "landlock_network", "seccomp")
"""What may hold in a child, beside what its parent does for it anywhere: a process of its own with a time limit, an
empty folder, an environment of its own, and no open file of the parent's."""
_HANDLES, _NICE = 64, 5
_NO_NEW_PRIVILEGES, _SECCOMP = 38, 22
"""PR_SET_NO_NEW_PRIVS and PR_SET_SECCOMP of linux/prctl.h."""
_CAPABILITY_VERSION = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3, with the number of capset by machine."""
_CAPSET = {"x86_64": 126, "aarch64": 91}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""The number of rights on files that Landlock knows of, from each version of it on."""
_TCP_SINCE, _SCOPES_SINCE = 4, 6


def limit(memory: int, most_seconds: int) -> list[str]:
    """Let other processes go first, and limit this one to `memory` bytes, `most_seconds` of processor time in all, no
    file that it writes, no dump, and no other process; return ["limits"] if all of them hold.
    """
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")  # where memory runs out, Linux ends this process before any other
    try:
        import resource

        os.nice(_NICE)
    except (ImportError, OSError):  # Windows has neither
        return []
    wanted = {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (most_seconds, most_seconds),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (_HANDLES, _HANDLES),
        resource.RLIMIT_NPROC: (0, 0),
    }
    holds = True
    for kind, (soft, hard) in wanted.items():
        try:
            _, ceiling = resource.getrlimit(kind)
            hard = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
            resource.setrlimit(kind, (min(soft, hard), hard))
        except (OSError, ValueError):  # macOS has no limit on memory
            holds = False
    return ["limits"] if holds else []


def allow_seconds(seconds: int) -> None:
    """Let this process use `seconds` more of processor time, within the most that `limit` has set."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def confine(readable: Iterable[str]) -> list[str]:
    """Take away what this process does not need any more, for good; it may go on reading the folders `readable`.

    Return those of PROTECTIONS that hold from now on.
    """
    if sys.platform != "linux":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    machine = platform.machine()
    threads = len(os.listdir("/proc/self/task"))
    held = []
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        held.append("no_new_privileges")
    held += _landlock(libc, readable)
    if machine in _CAPSET and _drop_capabilities(libc, _CAPSET[machine]):
        held.append("no_capabilities")
    if machine in system_calls.ARCHITECTURES and _filter_system_calls(libc, machine):
        held.append("seccomp")
    return [one for one in PROTECTIONS if one in held and threads == 1]  # another thread goes on as it was


def _drop_capabilities(libc: ctypes.CDLL, number: int) -> bool:
    """Even root is then a user like any other."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    return bool(libc.syscall(number, header, bytes(24)) == 0)


def _landlock(libc: ctypes.CDLL, readable: Iterable[str]) -> list[str]:
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return []
    rights = (1 << max(number for since, number in _FILE_RIGHTS.items() if since <= version)) - 1
    network, scopes = (3 if version >= _TCP_SINCE else 0), (3 if version >= _SCOPES_SINCE else 0)
    attributes = struct.pack("=QQQ", rights, network, scopes)[: 24 if scopes else 16 if network else 8]
    rules = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return []
    try:
        for folder in readable:
            with suppress(OSError):
                handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
                try:
                    libc.syscall(_LANDLOCK_ADD, rules, 1, struct.pack("=Qi", _READ_FILE | _READ_FOLDER, handle), 0)
                finally:
                    os.close(handle)
        if libc.syscall(_LANDLOCK_RESTRICT, rules, 0) != 0:
            return []
    finally:
        os.close(rules)
    return ["landlock", "landlock_network"] if network else ["landlock"]


def _filter_system_calls(libc: ctypes.CDLL, machine: str) -> bool:
    """Have each call that is not allowed fail with EPERM, and end a process that speaks as another machine does.

    A program of classic BPF over struct seccomp_data: number at 0, architecture at 4, the first argument at 16.
    """
    load, equal, give = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    allow, refuse, end = 0x7FFF0000, 0x00050001, 0x80000000
    numbers = system_calls.allowed(machine)
    own = {numbers.pop(name): os.getpid() if by_number else 0 for name, by_number in system_calls.OWN_ALONE.items()}
    program = [(load, 0, 0, 4), (equal, 1, 0, system_calls.ARCHITECTURES[machine][0]), (give, 0, 0, end)]
    program += [(load, 0, 0, 0)]
    for number in numbers.values():
        program += [(equal, 0, 1, number), (give, 0, 0, allow)]
    for number, process in own.items():
        program += [(equal, 0, 4, number), (load, 0, 0, 16), (equal, 0, 1, process), (give, 0, 0, allow)]
        program += [(give, 0, 0, refuse)]
    program += [(give, 0, 0, refuse)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    header = struct.pack("@HP", len(program), ctypes.addressof(code))
    return bool(libc.prctl(_SECCOMP, 2, header, 0, 0) == 0)
