"""What the program shows, as the parent passes it on.

The program writes to a pipe, and may write anything: what arrives is measured, never interpreted. A message is an id of
eight bytes, a letter, a length of two bytes and so much content, 4096 bytes together at most: so much a pipe takes in one
piece, whatever several threads and processes write at once. An item is

    BEGIN, (FORM, CONTENT..).., END

all with its id. One is open at a time: another BEGIN gives the open one up, as does whatever does not fit. From the
first bytes that are no message on everything is discarded, as output over its limit is, and the program goes on.
"""
from __future__ import annotations

import os

from sandbox_runner.forms import extension, is_text
from sandbox_runner.frames import DATA, FORM, SHOW, SHOWN, Channel
from sandbox_runner.streams import Pipe
from sandbox_runner.workspace import PATHS_TOTAL

MESSAGE, HEAD, ID, SIZE = 4096, 11, 8, 8  # bytes; a form's content begins with its size
BEGIN, PART, CONTENT, END = b"B", b"F", b"C", b"E"
VALUE, FIGURE, CUT = b"v", b"f", b"t"  # in BEGIN: the value of the last line; in PART: the name; in END: not all of it
MAX_FORMS = 32  # of an item
MAX_NUMBER = 1000  # in the name of a file
PIECE = 32 << 10  # bytes of a form that are put together, as messages are small


class Shown(Pipe):
    """The pipe on which the program shows something, and how much of it may still pass. Its reading never pauses: the program
    waits for it.

    Files count with those that are collected later: see count_in.
    """

    def __init__(self, channel: Channel, config: dict, fd: int):
        super().__init__(channel, fd)
        self.config = config
        self.items, self.inline = config["results"], config["result_bytes"]  # that are left
        self.deaf = self.has_value = False
        self.inbox, self.piece = bytearray(), bytearray()
        self.item, self.left, self.forms, self.cut = None, 0, 0, False  # the id of the open one, and how far it is
        self.files = self.total = self.paths = self.number = 0

    def take(self, data: bytes) -> None:
        if not self.deaf:
            self.inbox += data
            self.take_messages()

    def finish(self) -> None:
        """Nothing more arrives."""
        self.give_up()
        self.deaf = True

    def count_in(self, workspace) -> None:
        workspace.files += self.files
        workspace.total += self.total
        workspace.paths += self.paths

    def take_messages(self) -> None:
        start = 0
        while not self.deaf and len(self.inbox) >= start + HEAD:
            item, kind = bytes(self.inbox[start : start + ID]), bytes(self.inbox[start + ID : start + ID + 1])
            end = start + HEAD + int.from_bytes(self.inbox[start + ID + 1 : start + HEAD], "big")
            if end > start + MESSAGE:
                self.finish()
            elif len(self.inbox) < end:
                break
            else:
                self.take_message(item, kind, bytes(self.inbox[start + HEAD : end]))
                start = end
        del self.inbox[: len(self.inbox) if self.deaf else start]

    def take_message(self, item: bytes, kind: bytes, content: bytes) -> None:
        if kind == BEGIN:
            self.begin(item, content == VALUE)
        elif kind not in (PART, CONTENT, END):
            self.finish()
        elif item != self.item:
            pass  # of one that was given up
        elif kind == PART and not self.left and self.forms < MAX_FORMS and len(content) > SIZE:
            self.begin_form(content)
        elif kind == CONTENT and 0 < len(content) <= self.left:
            self.add(content)
        elif kind == END and not self.left:
            self.item = None
            self.channel.send_json(SHOWN, complete=True, truncated=self.cut or content == CUT)
        else:
            self.give_up()

    def begin(self, item: bytes, is_value: bool) -> None:
        self.give_up()
        if not self.items:
            self.finish()
        elif not (is_value and self.has_value):
            self.items -= 1
            self.has_value |= is_value
            self.item, self.left, self.forms, self.cut = item, 0, 0, False
            self.channel.send_json(SHOW, type="execute_result" if is_value else "display_data")

    def give_up(self) -> None:
        if self.item is not None:
            self.item = None
            self.piece.clear()
            self.channel.send_json(SHOWN, complete=False, truncated=True)

    def begin_form(self, content: bytes) -> None:
        self.forms += 1
        self.left, kind = int.from_bytes(content[:SIZE], "big"), content[SIZE + 1 :].decode("ascii", "replace")
        form = self.accept(kind, self.left, "figure" if content[SIZE : SIZE + 1] == FIGURE else "display")
        self.passes = form is not None
        self.cut |= not self.passes
        if form:
            self.channel.send_json(FORM, **form)

    def accept(self, kind: str, size: int, name: str):
        """The payload of FORM; None when this one is left out."""
        if is_text(kind):
            if size > self.inline:
                return None
            self.inline -= size
            return {"mime_type": kind, "size": size}
        ending = extension(kind)
        fits = size <= self.config["output_file_bytes"] and self.total + size <= self.config["output_total_bytes"]
        if not (ending and size and fits and self.files < self.config["output_files"]):
            return None
        path = self.free_name(name, ending)
        if not path or self.paths + len(path) > PATHS_TOTAL:
            return None
        self.files += 1
        self.total += size
        self.paths += len(path)
        return {"mime_type": kind, "size": size, "path": path}

    def free_name(self, name: str, ending: str) -> str:
        """One that nothing in the workspace has now."""
        while self.number < MAX_NUMBER:
            self.number += 1
            path = f"{name}-{self.number}.{ending}"
            try:
                os.lstat(os.path.join(self.config["workspace"], path))
            except OSError:
                return path
        return ""

    def add(self, content: bytes) -> None:
        self.left -= len(content)
        if self.passes:
            self.piece += content
            if len(self.piece) >= PIECE or not self.left:
                self.channel.send(DATA, bytes(self.piece))
                self.piece.clear()
