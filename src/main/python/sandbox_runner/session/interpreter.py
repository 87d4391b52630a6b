"""The interpreter of a session as it lives it."""
from __future__ import annotations

import _frozen_importlib
import _frozen_importlib_external
import _socket
import fcntl
import io
import os
import resource
import signal
import sys

from sandbox_runner.cpython import OWN_NAMESPACES, finish, flush_streams, fresh_main, report_exception, standard_streams
from sandbox_runner.frames import from_json
from sandbox_runner.kernel import LIBC
from sandbox_runner.program import Program
from sandbox_runner.results import Results
from sandbox_runner.session.descriptors import receive_descriptors

OWN_NAMESPACES.append(globals())


class Interpreter(Program):
    """The interpreter of a session as it lives it: one piece of code after another, all in one namespace.

    What it replies to the keeper may be forged by the program, which shares its process. No CPU limit is set: the
    keeper counts for each command, and what a command starts is bound by the command's time.
    """

    CONTROL = 4
    ORDER_FDS = 4  # descriptors that arrive with an order; one more for what is shown, if there is room

    def __init__(self, config: dict, others, control):
        super().__init__(config, others)
        self.control = control

    def close_descriptors(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a first command may be interrupted before we are ready
        os.dup2(self.control, self.CONTROL, inheritable=False)
        self.close_from(self.CONTROL + 1)

    def setup_limits(self) -> None:
        self.setup_plain_limits()
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most - self.ORDER_FDS, most))

    def setup_interpreter(self) -> None:
        # All of them now, before the workspace is on the path: linecache would import tokenize later.
        import linecache, tokenize, traceback

        high = fcntl.fcntl(self.CONTROL, fcntl.F_DUPFD_CLOEXEC, min(100, self.config["open_files"] - 1))
        os.close(self.CONTROL)
        self.control = _socket.socket(fileno=high)
        self.lines, self.print_exception = linecache.cache, traceback.print_exception
        super().setup_interpreter()
        sys.argv = [""]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv = sys.orig_argv[:1]

    def run(self) -> None:
        try:
            self.pid = os.getpid()
            self.names = fresh_main(self.file)
            for name in ("__file__", "__cached__"):
                del self.names[name]
            self.names["__loader__"] = _frozen_importlib.BuiltinImporter
            self.interrupt = signal.default_int_handler
            if self.config.get("results"):
                self.results = Results(self.config)
                self.results.hooks.install()
            self.null = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, min(100, self.config["open_files"] - 1))
            # The first command makes its own: these would be seekable, as what is open now is.
            sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
            while True:
                try:
                    self.execute_order(*self.receive())
                except Exception:  # a signal handler of the program's
                    pass
        finally:
            os._exit(1)

    def receive(self):
        """There is room for the descriptors of an order, though the program may have opened all that it can."""
        self.control.recv(1, _socket.MSG_PEEK)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            return receive_descriptors(self.control, 1024, self.ORDER_FDS + 1)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def execute_order(self, order: bytes, descriptors: list) -> None:
        if not order:
            os._exit(0)  # the keeper is gone
        if len(descriptors) < self.ORDER_FDS:
            os._exit(1)  # the program has taken its own room away; better a new interpreter than one that cannot receive
        order = from_json(order)
        for target, fd in enumerate(descriptors[:3]):
            os.dup2(fd, target)
            os.close(fd)
        with open(descriptors[3], "rb") as file:
            source = file.read()
        if len(descriptors) > self.ORDER_FDS:
            self.results.open(self.out_of_the_way(descriptors[self.ORDER_FDS]))
        status = self.execute(source, order["name"], order["interactive"])
        if os.getpid() != self.pid:  # a process that the program forked has reached the end of the code
            os._exit(finish(self.workspace, self.before) or status)
        flush_streams()
        LIBC.fflush(None)
        if self.results:
            self.results.close()
        try:
            for target in range(3):
                os.dup2(self.null, target)
        except OSError:  # the program has forbidden itself, and later commands, every descriptor
            os._exit(status)
        self.control.send(f"{order['token']} {status}".encode())

    def out_of_the_way(self, fd: int) -> int:
        """Above those that programs count on, where it can be had."""
        try:
            high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, min(100, self.config["open_files"] - 1))
        except OSError:
            return fd
        os.close(fd)
        return high

    def execute(self, source: bytes, file: str, interactive: bool) -> int:
        self.renew_streams()
        try:
            lines = io.StringIO(_frozen_importlib_external.decode_source(source)).readlines()
        except (SyntaxError, UnicodeError):
            lines = []
        self.lines[file] = len(source), None, lines, file
        error = None
        try:
            signal.signal(signal.SIGINT, self.interrupt)
            statements, *last = self.compile_code(source, file, interactive)
            execute = self.notebook.execute if self.notebook else exec
            execute(statements, self.names)
            for expression in last:
                self.show_value(execute, expression, self.names)
        except BaseException as caught:
            error = caught
        rest = [self.finish_notebook, self.show_rest]
        while True:
            try:
                while rest:
                    rest.pop()()
                handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
                break
            except BaseException as caught:
                error = error or caught
        self.interrupt = signal.default_int_handler if handler is None else handler
        try:
            if sys.version_info < (3, 13) and sys.excepthook is sys.__excepthook__:
                # The one in C knows files only.
                sys.excepthook = self.print_exception
                status = report_exception(error)
                sys.excepthook = sys.__excepthook__
            else:
                status = report_exception(error)
        except BaseException:
            status = 1
        return 128 + signal.SIGINT if type(error) is KeyboardInterrupt else status

    def finish_notebook(self) -> None:
        if self.notebook:
            self.notebook.finish()

    def renew_streams(self) -> None:
        """A stdin of its own for each command, and the others when they are closed or gone."""
        streams = sys.stdin, sys.stdout, sys.stderr
        genuine = sys.__stdin__, sys.__stdout__, sys.__stderr__
        standard_streams()
        for name, stream, ours in list(zip(("stdin", "stdout", "stderr"), streams, genuine)):
            lost = stream is None or getattr(stream, "closed", False)
            if name != "stdin" and ours is not None and not ours.closed:
                setattr(sys, f"__{name}__", ours)
            if not lost and (name != "stdin" or stream is not ours):
                setattr(sys, name, stream)
