"""Takes a program's memory apart where nobody waits for it."""
import ctypes
import os
import signal

from sandbox_runner.kernel import LIBC
from sandbox_runner.syscalls import CLONE_FILES, CLONE_PARENT, CLONE_VM, syscalls

UNDERTAKER_STACK = 16 << 10


def start_undertaker():
    """Leaves it to another process to take our memory apart, so that nobody waits for that who waits for our end.

    With libraries loaded it takes the kernel longer than most programs run. The other process shares memory and
    descriptors with us and sleeps inside of the kernel, on a lock which the kernel opens when we end or become another
    program; then it ends too. It has our filter and limits, and the program could make one like it. Without it all is
    the same, and slower.
    Returns what has to live as long as we.
    """
    lock, attributes, stack = (ctypes.create_string_buffer(size) for size in (64, 64, UNDERTAKER_STACK))
    LIBC.pthread_mutexattr_init(attributes)
    LIBC.pthread_mutexattr_setpshared(attributes, 1)  # the kernel wakes those who wait for a shared one only
    LIBC.pthread_mutex_init(lock, attributes)
    ctypes.c_int.from_buffer(lock).value = 1  # locked, by nobody
    number = ctypes.c_long(syscalls(os.uname().machine, "set_tid_address 218 96")["set_tid_address"])
    LIBC.syscall(number, lock)
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    flags = CLONE_VM | CLONE_FILES | CLONE_PARENT | signal.SIGCHLD
    top = ctypes.c_void_p(ctypes.addressof(stack) + len(stack))
    undertaker = LIBC.clone(ctypes.cast(LIBC.pthread_mutex_lock, ctypes.c_void_p), top, flags, lock)
    try:
        if undertaker > 0:  # its work shall not keep a processor from those who carry our answer
            os.setpriority(os.PRIO_PROCESS, undertaker, 19)
    except OSError:
        pass  # somewhere it may be forbidden
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return lock, stack
