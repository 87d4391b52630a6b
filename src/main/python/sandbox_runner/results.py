"""What a program shows besides its output: display(), the value of its last line, its figures.

In the program's own process, which may do with it what it likes: see shown for the end that judges. What this needs of
the interpreter is bound here, for programs replace functions of os and the names of builtins.
"""
from __future__ import annotations

import _thread
import builtins
import fcntl
import sys
from os import close, fstat, getpid
from os import write as write_to
from time import monotonic, sleep

from sandbox_runner.bundles import Bundles, complain
from sandbox_runner.cpython import OWN_NAMESPACES
from sandbox_runner.forms import is_text
from sandbox_runner.hooks import LibraryHooks
from sandbox_runner.shown import BEGIN, CONTENT, CUT, END, FIGURE, HEAD, MESSAGE, PART, SIZE, VALUE

OWN_NAMESPACES.append(globals())
FIONREAD = 0x541B
READ_SECONDS, READ_PAUSE = 0.02, 0.0002


class Results:
    """The program's end of the pipe. Whatever fails here costs what was to be shown, and nothing else."""

    def __init__(self, config: dict):
        self.config = config
        self.fd, self.pid = -1, 0
        self.lock = _thread.RLock()
        self.number = 0
        self.bundles = Bundles()
        self.hooks = LibraryHooks(self)
        self.display = make_display(self)

    def install(self, fd: int) -> None:
        self.hooks.install()
        self.open(fd)

    def remove(self) -> None:
        self.close()
        self.hooks.remove()

    def open(self, fd: int) -> None:
        """From now on things are shown, on this descriptor, which is ours to close."""
        status = fstat(fd)
        self.fd, self.identity, self.pid = fd, (status.st_dev, status.st_ino), getpid()
        self.items, self.inline = self.config["results"], self.config["result_bytes"]
        builtins.display = self.display

    def close(self) -> None:
        if self.is_open():
            close(self.fd)
        self.fd = -1
        if vars(builtins).get("display") is self.display:
            del builtins.display

    def is_open(self) -> bool:
        """The program may have closed the descriptor, and opened another of that number."""
        try:
            status = fstat(self.fd)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self.identity

    def is_on(self) -> bool:
        return self.fd >= 0

    def show_value(self, execute, expression, names: dict) -> None:
        """Runs the last line. Its value goes to sys.displayhook, as ever, and is shown then."""
        hook = getattr(sys, "displayhook", None)

        def displayhook(value):
            if value is None or getpid() != self.pid:
                return hook(value)
            text = print_value(value) if hook is sys.__displayhook__ else hook(value)
            self.guarded(lambda: self.hooks.figures.show_left(value))
            self.guarded(lambda: self.show(value, VALUE, text))

        if hook:
            sys.displayhook = displayhook
        try:
            execute(expression, names)
        finally:
            if vars(sys).get("displayhook") is displayhook:
                sys.displayhook = hook

    def show_rest(self) -> None:
        if getpid() == self.pid:
            self.guarded(self.hooks.figures.show_left)

    def guarded(self, action) -> None:
        try:
            action()
        except Exception as error:
            complain("a result is not shown", error)

    def show_object(self, value) -> None:
        """For display(): an object may do it itself, and its plain text is printed."""
        if not self.bundles.shows_itself(value):
            print(self.show(value))

    def show(self, value, kind: bytes = b"", text=None) -> str:
        """Returns its plain text."""
        bundle, name = self.bundles.of(value, text)
        self.send(bundle, kind, name)
        return bundle["text/plain"]

    def send(self, bundle: dict, kind: bytes = b"", name: bytes = b"d") -> None:
        """Text first, as much of it as may pass; then what else does."""
        with self.lock:
            if self.items <= 0 or not self.is_open():
                return
            self.items -= 1
            left, cut = self.inline, False
            forms = []
            for mime_type in sorted(bundle, key="text/plain".__ne__):
                content = self.bundles.encoded(mime_type, bundle[mime_type], left)
                if mime_type == "text/plain" and len(content) > left:
                    content, cut = whole_characters(content[:left]), True
                inline = is_text(mime_type)
                if content is None or len(content) > (left if inline else self.config["output_file_bytes"]):
                    cut = True
                elif content or mime_type == "text/plain":
                    left -= len(content) if inline else 0
                    forms.append((mime_type, content))
            self.inline = left
            self.write(forms, kind, name, cut)
        if kind != VALUE:
            self.await_reader()

    def write(self, forms: list, kind: bytes, name: bytes, cut: bool) -> None:
        self.number += 1
        item = (getpid() & 0xFFFFFFFF).to_bytes(4, "big") + (self.number & 0xFFFFFFFF).to_bytes(4, "big")

        def message(letter, content):
            write_to(self.fd, item + letter + len(content).to_bytes(2, "big") + content)

        try:
            fcntl.lockf(self.fd, fcntl.LOCK_EX)  # processes that the program forks write here, too
        except OSError:
            pass
        try:
            message(BEGIN, kind)
            for mime_type, content in forms:
                message(PART, len(content).to_bytes(SIZE, "big") + name + mime_type.encode())
                view = memoryview(content)
                for start in range(0, len(content), MESSAGE - HEAD):
                    message(CONTENT, bytes(view[start : start + MESSAGE - HEAD]))
            message(END, CUT if cut else b"")
        except OSError:
            pass  # the pipe is not what it was: the program has had a hand in it
        finally:
            try:
                fcntl.lockf(self.fd, fcntl.LOCK_UN)
            except OSError:
                pass

    def await_reader(self) -> None:
        """For a while, so that what is put out from now on comes after what was shown."""
        limit = monotonic() + READ_SECONDS
        try:
            while any(fcntl.ioctl(self.fd, FIONREAD, bytes(4))) and monotonic() < limit:
                sleep(READ_PAUSE)
        except OSError:
            pass


def print_value(value) -> str:
    """What sys.__displayhook__ does, which keeps the text that it prints to itself."""
    if vars(sys).get("stdout") is None:
        return sys.__displayhook__(value)  # which says so
    builtins._ = None
    text = repr(value)
    try:
        sys.stdout.write(text)
        sys.stdout.write("\n")
    except UnicodeEncodeError:
        sys.__displayhook__(value)
    builtins._ = value
    return text


def whole_characters(text: bytes) -> bytes:
    return text.decode("utf-8", "ignore").encode()


class Handle:
    """What display(..., display_id=..) returns. What was shown cannot be changed: an update is shown anew."""

    def __init__(self, show, display_id):
        self._show, self.display_id = show, display_id

    def display(self, obj, **_):
        self._show(obj)

    update = display


def make_display(results: Results):
    def display(*objs, display_id=None, raw=False, **_):
        """Shows each object in its richest forms, and prints its plain text."""
        for obj in objs:
            if not results.is_on():
                print(repr(obj))
            elif raw and isinstance(obj, dict):
                results.send({"text/plain": "", **{key: form for key, form in obj.items() if isinstance(key, str)}})
            else:
                results.show_object(obj)
        return Handle(display, display_id) if display_id else None

    display.__module__ = "builtins"
    display.__qualname__ = "display"
    return display
