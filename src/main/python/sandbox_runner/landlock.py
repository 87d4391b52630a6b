"""Domains that keep programs from the memory and descriptors of processes outside."""
from __future__ import annotations

import ctypes
import os
import struct

from sandbox_runner.kernel import LIBC, PR_SET_NO_NEW_PRIVS, prctl

# Landlock's calls have the same numbers on every machine.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH = 1, 1
LANDLOCK_ACCESS_FS_REFER = 1 << 13
LANDLOCK_SCOPES = 1 << 0 | 1 << 1  # abstract Unix sockets, signals
LANDLOCK_QUIET = 1 << 0 | 1 << 2  # what is refused, also in domains below, fills no audit log of the host
LANDLOCK_SEPARATES, LANDLOCK_HAS_SCOPES, LANDLOCK_HAS_LOG = 2, 6, 7  # versions


def landlock_version() -> int:
    """What the kernel lets us use of Landlock; 0 or less when nothing."""
    return LIBC.syscall(ctypes.c_long(LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), LANDLOCK_CREATE_RULESET_VERSION)


def landlock(number: int, *arguments) -> int:
    result = LIBC.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock's system call {number}: {os.strerror(code)}")
    return result


def enter_domain(version: int, scopes: int = 0) -> None:
    """Puts this process, and whatever it starts, into a Landlock domain of its own, for good.

    From inside no process outside can be traced or read by /proc/<pid>/fd, mem, environ and the like, though it has our
    uid and is dumpable; from outside the domain hides nothing. It refuses nothing else but the scopes. The
    one access that every domain refuses, links and renames into another directory, is allowed everywhere, which the first
    version of Landlock could not do.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    attributes = struct.pack("=QQQ", LANDLOCK_ACCESS_FS_REFER, 0, scopes)
    ruleset = landlock(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        rule = struct.pack("=Qi", LANDLOCK_ACCESS_FS_REFER, root)
        landlock(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        os.close(root)
        landlock(LANDLOCK_RESTRICT_SELF, ruleset, LANDLOCK_QUIET if version >= LANDLOCK_HAS_LOG else 0)
    finally:
        os.close(ruleset)


def enter_program_domain() -> None:
    """One for each run, and for each command of a session."""
    version = landlock_version()
    if version >= LANDLOCK_SEPARATES:
        enter_domain(version)
