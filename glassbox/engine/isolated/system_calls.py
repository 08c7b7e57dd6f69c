"""The system calls that a child of the sandbox may make, by their numbers on the machines that Linux runs it on."""

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""AUDIT_ARCH_* of linux/audit.h, and the column below, by platform.machine()."""

OWN_ALONE = {"tgkill": True, "prlimit64": False}
"""Calls that can end or limit any process of the same user: allowed where their first argument is this process, by its
number (True) or by 0."""

_NUMBERS = """
read 0 63
write 1 64
readv 19 65
writev 20 66
pread64 17 67
lseek 8 62
close 3 57
open 2 -
openat 257 56
stat 4 -
lstat 6 -
fstat 5 80
newfstatat 262 79
statx 332 291
access 21 -
faccessat 269 48
faccessat2 439 439
readlink 89 -
readlinkat 267 78
getdents64 217 61
getcwd 79 17
poll 7 -
ppoll 271 73
select 23 -
pselect6 270 72
mmap 9 222
mprotect 10 226
munmap 11 215
mremap 25 216
madvise 28 233
brk 12 214
futex 202 98
membarrier 324 283
sched_yield 24 124
sched_getaffinity 204 123
getcpu 309 168
set_robust_list 273 99
rseq 334 293
nanosleep 35 101
clock_nanosleep 230 115
clock_gettime 228 113
clock_getres 229 114
gettimeofday 96 169
time 201 -
times 100 153
setitimer 38 103
getrusage 98 165
getrlimit 97 163
prlimit64 302 261
uname 63 160
sysinfo 99 179
getrandom 318 278
getpid 39 172
gettid 186 178
getppid 110 173
getuid 102 174
geteuid 107 175
getgid 104 176
getegid 108 177
rt_sigaction 13 134
rt_sigprocmask 14 135
rt_sigreturn 15 139
sigaltstack 131 132
restart_syscall 219 128
tgkill 234 131
exit 60 93
exit_group 231 94
"""
"""From asm/unistd_64.h and asm-generic/unistd.h: what Python, NumPy and ONNX Runtime need to read, to compute and to
end. None makes a process, a thread, a socket or a shared segment, changes a file, looks into
another process or has the kernel send it signals (fcntl)."""


def allowed(machine: str) -> dict[str, int]:
    """Return the number of each call on `machine`, a key of ARCHITECTURES."""
    column = ARCHITECTURES[machine][1]
    rows = (line.split() for line in _NUMBERS.split("\n") if line)
    return {name: int(numbers[column]) for name, *numbers in rows if numbers[column] != "-"}
