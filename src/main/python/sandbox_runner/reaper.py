"""A process that frees the memory of a program that has ended, while its answer is on its way."""
import ctypes
import os
import signal

from sandbox_runner.kernel import LIBC
from sandbox_runner.syscalls import CLONE_FILES, CLONE_PARENT, CLONE_VM, syscalls

REAPER_STACK = 16 << 10


def start_memory_reaper():
    """Leaves it to another process to free our memory, so that our parent has our end before that.

    With libraries loaded this takes the kernel longer than most programs run. The other process shares memory and
    descriptors with us and sleeps inside of the kernel, on a lock which the kernel opens when we end or become another
    program; then it ends too. It has our filter and limits, and the program could make one like it. Without it only the
    time differs.
    Returns what has to live as long as we.
    """
    lock, attributes, stack = (ctypes.create_string_buffer(size) for size in (64, 64, REAPER_STACK))
    LIBC.pthread_mutexattr_init(attributes)
    LIBC.pthread_mutexattr_setpshared(attributes, 1)  # the kernel wakes the waiters of a shared one only
    LIBC.pthread_mutex_init(lock, attributes)
    ctypes.c_int.from_buffer(lock).value = 1  # locked, by no thread
    number = ctypes.c_long(syscalls(os.uname().machine, "set_tid_address 218 96")["set_tid_address"])
    LIBC.syscall(number, lock)
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    flags = CLONE_VM | CLONE_FILES | CLONE_PARENT | signal.SIGCHLD
    top = ctypes.c_void_p(ctypes.addressof(stack) + len(stack))
    reaper = LIBC.clone(ctypes.cast(LIBC.pthread_mutex_lock, ctypes.c_void_p), top, flags, lock)
    try:
        if reaper > 0:  # its work must not take the processor from the answer
            os.setpriority(os.PRIO_PROCESS, reaper, 19)
    except OSError:
        pass  # somewhere it may be forbidden
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return lock, stack
