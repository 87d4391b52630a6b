"""The libraries of a session's first interpreter, which are imported while the sandbox waits to be a session.

The keeper imports nothing. As the runner of a single run does, it forks an importer, which forks the interpreter and ends,
see preload: so the keeper owns the memory that it writes, as ever, and who ends when there is none is the interpreter. Its
libraries are gone with it; the one that takes its place imports what it needs.

The keeper reports to the runner when the interpreter is there, and the runner sends GO when the session begins. Whatever
ends before GO ends the keeper, and the runner starts another one, without libraries.
"""
from __future__ import annotations

import gc
import os
import select
import signal

from sandbox_runner.frames import PAYLOAD, from_json, to_json
from sandbox_runner.kernel import SIGNAL, open_held, send_signal
from sandbox_runner.preload import Importer
from sandbox_runner.session.interpreter import Interpreter
from sandbox_runner.session.keeper import Keeper

GO = b"go"


class PreloadedInterpreter(Importer, Interpreter):
    """An interpreter that begins with libraries."""

    def announce(self) -> None:
        """Waits afterwards: files that are staged for the session may have the names of modules that are loaded."""
        self.control.send(to_json({"pid": os.getpid(), **self.what_is_loaded()}))
        if self.control.recv(len(GO)) != GO:
            os._exit(0)  # the keeper is gone


class PreloadingKeeper(Keeper):
    """A keeper that is there before its session is."""

    def __init__(self, session, inbound, modules: list):
        super().__init__(session, inbound, False)
        self.modules = modules
        session.workspace.channel.close()  # the owner's

    def serve(self) -> None:
        try:
            self.import_libraries()
            self.await_go()
        except OSError:  # of what has ended meanwhile
            os._exit(1)
        gc.enable()
        super().serve()

    def new_interpreter(self, control: int) -> Interpreter:
        interpreter = PreloadedInterpreter(self.config, self.others, control)
        interpreter.modules = self.modules
        return interpreter

    def import_libraries(self) -> None:
        """Waits for the interpreter that the importer makes. For how long is the runner's matter, which ends us with it."""
        self.spawn()
        if not self.pid:
            os._exit(1)  # no process to be had
        self.new_interpreter = super().new_interpreter
        select.select([self.control], (), ())
        message = self.control.recv(PAYLOAD)
        if not message:
            os._exit(1)
        send_signal(-self.pid, signal.SIGKILL)  # what libraries may have started; the interpreter has a group of its own
        if self.stat_file >= 0:
            os.close(self.stat_file)
        fields = from_json(message)
        self.pid = fields.pop("pid")
        self.stat_file = open_held(f"/proc/{self.pid}/stat")
        self.inbound.send(to_json(fields))

    def await_go(self) -> None:
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        poll.register(self.inbound.fileno(), select.POLLIN)
        while self.inbound.fileno() not in dict(poll.poll()):
            os.read(self.wakeup, SIGNAL)
            self.reap()
            if not self.pid:
                os._exit(1)
        if self.inbound.recv(len(GO)) != GO:
            os._exit(0)  # the runner is gone
        self.control.send(GO)
