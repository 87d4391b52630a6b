"""The run as the child lives it."""
from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import resource
import signal
import sys

from sandbox_runner.cpython import (
    OWN_NAMESPACES, compile_source, finish, fresh_main, report_exception, set_environment, standard_streams,
)
from sandbox_runner.environment import restore_path
from sandbox_runner.kernel import LIBC, PR_SET_DUMPABLE, PR_SET_PDEATHSIG, lower_limit, mappings, prctl, restore_signals
from sandbox_runner.landlock import enter_program_domain
from sandbox_runner.notebook import Notebook
from sandbox_runner.plain import PLAIN_MODULES
from sandbox_runner.reaper import start_memory_reaper
from sandbox_runner.results import Results
from sandbox_runner.seccomp import install, seccomp_filter

# More than programs map by intent. Where the kernel promises any amount, as it does on every node of Kubernetes, a request for a
# terabyte would otherwise be granted, and end in a kill instead of a MemoryError.
ADDRESS_SPACE = 1 << 36
INTERACTIVE, SHOWS = 1, 2  # in the byte with which a prepared child begins
LINUX_ONLY_LIMITS = ("msgqueue", "nice", "rtprio", "sigpending")  # a kernel of its own, such as gVisor's, may not have them
PROT_READ, MAP_PRIVATE, MAP_POPULATE = 1, 2, 0x8000
OWN_NAMESPACES.append(globals())


class Become(BaseException):
    """Raised in a forked child that is locked in: what it has of its parent's life ends, and main() returns the program."""

    def __init__(self, program):
        super().__init__()
        self.program = program


class Program:
    """The run as the child lives it: what must differ from a plain `python3 /workspace/__main__.py` differs in here."""

    CAN_SHOW = True

    def __init__(self, config: dict, others=()):
        self.config = config
        self.interactive = False
        self.orders = -1  # where to read how to run, once the files are there; -1: at once
        self.gate = -1  # where to send the listener of the filter, if that asks
        self.shows = -1  # where to send what the program shows
        self.notebook = None  # of a program that was written for one
        self.results = None
        self.workspace = config["workspace"]
        self.file = os.path.join(self.workspace, "__main__.py")
        self.runner = os.getpid()
        threads = [int(thread) for thread in os.listdir("/proc/self/task")]  # one, unless its Python starts more
        loopback, gated = config["sockets"] != "unix", config["sockets"] == "gated"
        self.filter = seccomp_filter(os.uname().machine, loopback, self.runner, threads, others, gated)

    def enter_sandbox(self, stdin: int, stdout: int, stderr: int, report: int) -> None:
        """Gives up what the runner has and locks itself in. A failure goes to the report, and nothing runs."""
        try:
            report = self.setup_fds(stdin, stdout, stderr, report)
            restore_signals()
            os.setsid()
            self.setup_parent_death()
            self.setup_limits()
            self.setup_interpreter()
            enter_program_domain()
            install(self.filter, self.gate)
            self.setup_memory_reaper()
            prctl(PR_SET_DUMPABLE, 1)  # not before: in a session others could reach into what is still without a filter
            self.raise_oom_score()
            self.become(report)
        except BaseException as error:
            try:
                os.write(report, f"cannot lock the sandbox: {type(error).__name__}: {error}".encode())
            finally:  # also when nobody reads it any more
                os._exit(1)

    def setup_fds(self, stdin: int, stdout: int, stderr: int, report: int) -> int:
        """Returns the report's new descriptor."""
        if self.shows >= 0:
            self.shows = os.dup2(self.shows, self.last_descriptor(), inheritable=False)
        if self.gate >= 0:
            self.gate = fcntl.fcntl(self.gate, fcntl.F_DUPFD_CLOEXEC, 100)  # out of the way of the others
        for fd, target in ((stdin, 0), (stdout, 1), (stderr, 2)):
            os.dup2(fd, target)
        report = os.dup2(report, 3, inheritable=False)
        if self.orders >= 0:
            self.orders = os.dup2(self.orders, 4, inheritable=False)
        self.close_descriptors()
        return report

    def last_descriptor(self) -> int:
        """One that the program's limit keeps it from: it takes no room, and no loop over all descriptors closes it."""
        number, (soft, hard) = self.config["open_files"], resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft <= number < hard:
            soft = number + 1
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return min(number, soft - 1)

    def setup_parent_death(self) -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.runner:
            os._exit(1)

    def setup_memory_reaper(self) -> None:
        if self.orders >= 0:
            self.memory_reaper = start_memory_reaper()

    def close_descriptors(self) -> None:
        self.close_from(5 if self.orders >= 0 else 4)

    def close_from(self, first: int) -> None:
        end = 1 + max(map(int, os.listdir("/proc/self/fd")))
        for kept in sorted((self.gate, self.shows)):  # the first is closed when the filter is installed
            if kept >= first:
                os.closerange(first, kept)
                first = kept + 1
        os.closerange(first, end)

    def become(self, report: int) -> None:
        self.touch_pages()
        if self.shows >= 0:
            self.results = Results(self.config)
            self.results.install(self.shows)
        self.announce()
        if self.orders >= 0:
            order = os.read(self.orders, 1)
            if not order:
                os._exit(0)  # the runner is gone
            os.read(self.orders, 1)  # until the runner has closed its end, or the program could see the socket
            os.close(self.orders)
            self.interactive = bool(order[0] & INTERACTIVE)
            if self.results and not order[0] & SHOWS:
                self.results.remove()
                self.results = None
        self.drop_shadowed_modules()
        gc.enable()
        os.close(report)

    def setup_limits(self) -> None:
        cpu = self.config["cpu_seconds"]
        lower_limit(resource.RLIMIT_CPU, cpu, cpu + 1)
        self.setup_plain_limits()

    def setup_plain_limits(self) -> None:
        for name, value in self.config["ulimits"].items():
            try:
                lower_limit(getattr(resource, "RLIMIT_" + name.upper()), value, value)
            except (OSError, ValueError):
                if name not in LINUX_ONLY_LIMITS:
                    raise
        for kind, value in (
            (resource.RLIMIT_FSIZE, self.config["file_bytes"]),
            (resource.RLIMIT_NOFILE, self.config["open_files"]),
            (resource.RLIMIT_AS, max(ADDRESS_SPACE, 4 * os.sysconf("SC_PHYS_PAGES") * resource.getpagesize())),
            (resource.RLIMIT_CORE, 0),
        ):
            lower_limit(kind, value, value)

    def raise_oom_score(self) -> None:
        try:
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("1000")  # the program dies before its runner
            self.inflate_rss()
        except (OSError, ValueError):  # no such file, and none at all
            pass

    def inflate_rss(self) -> None:
        """The kernel kills the largest process, and in a pod the runner's score is ours but for a few points: it could be
        the one. So the interpreter's file is mapped once more: that counts for our size, and takes no memory."""
        files = {file for _, _, rights, file in mappings() if rights == "r-xp" and "python" in file}
        size, path = max((os.path.getsize(file), file) for file in files)
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        LIBC.mmap(None, ctypes.c_size_t(size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, ctypes.c_long(0))
        os.close(file)

    def setup_interpreter(self) -> None:
        enter(self.workspace)
        set_environment(self.config["env"])
        standard_streams()
        sys.argv = [self.file]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv = [sys.orig_argv[0], self.file]
        sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        restore_path()
        sys.path.insert(0, self.workspace)

    def touch_pages(self) -> None:
        """Does what every program needs a first time: that copies the memory which we share with the runner, page by page,
        at a time that no run is charged for."""
        self.before = set(sys.modules)
        statements, _ = compile_source(b"pass\n0", self.file, True)
        exec(statements, {})
        gc.collect()

    def announce(self) -> None:
        """Says that it is locked in; of this one nobody waits for it."""

    def drop_shadowed_modules(self) -> None:
        """What the runner imported must not hide a module that was staged under the same name."""
        for name in {entry.partition(".")[0] for entry in os.listdir(self.workspace)}:
            if name not in sys.modules or name in PLAIN_MODULES:
                continue
            spec = next(filter(None, (finder.find_spec(name, None) for finder in sys.meta_path)), None)
            if spec and str(spec.origin).startswith(self.workspace + "/"):
                for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
                    del sys.modules[loaded]
                    self.before.discard(loaded)

    def run(self) -> None:
        """The program's whole life. Never returns, in the program's process or in one that it forked."""
        status = 1
        try:
            names = fresh_main(self.file)
            error = None
            try:
                statements, *last = self.compile()
                execute = self.notebook.execute if self.notebook else exec
                execute(statements, names)  # the program, as the client sent it
                for expression in last:
                    self.show_value(execute, expression, names)
            except BaseException as caught:
                error = caught  # reported outside of this handler: a hook must not find us in its context
            status = report_exception(error)
            self.show_rest()
            self.leave_notebook()
            interrupted = type(error) is KeyboardInterrupt
            names.pop("__file__", None)  # so does CPython, before the exit handlers
            names.pop("__cached__", None)
            del names, error
            status = finish(self.workspace, self.before) or status
            if interrupted:
                status = 128 + signal.SIGINT
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.kill(os.getpid(), signal.SIGINT)
        finally:
            os._exit(status)

    def show_value(self, execute, expression, names: dict) -> None:
        if self.results and self.results.is_on():
            self.results.show_value(execute, expression, names)
        else:
            execute(expression, names)

    def show_rest(self) -> None:
        """What the program has left to be shown. It may have broken anything, also the names of exceptions."""
        if self.results:
            try:
                self.results.show_rest()
            except:  # noqa: E722
                pass

    def leave_notebook(self) -> None:
        if self.notebook:
            try:
                self.notebook.finish()
                self.notebook.close()
            except:  # noqa: E722
                pass

    def compile(self) -> list:
        with open(self.file, "rb") as file:
            return self.compile_code(file.read(), self.file, self.interactive)

    def compile_code(self, source: bytes, file: str, interactive: bool) -> list:
        """As compile_source; what is no Python may have been written for a notebook."""
        try:
            return compile_source(source, file, interactive)
        except SyntaxError:
            if not self.config.get("notebook"):
                raise
        self.notebook = self.notebook or Notebook(self.workspace)
        return self.notebook.compile(source, file, interactive)


def enter(workspace: str) -> None:
    """In a session an earlier command may have removed the permission to enter, and later ones are the same user."""
    try:
        os.chdir(workspace)
    except PermissionError:
        os.chmod(workspace, 0o700)
        os.chdir(workspace)
