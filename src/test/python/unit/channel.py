"""An owner in memory, for modules that send frames."""
import json

from sandbox_runner.frames import Problem


class RecordingChannel:
    """Keeps what is sent, and has the content of announced files in pieces."""

    def __init__(self, *pieces):
        self.outbox, self.frames, self.pieces = b"", [], pieces

    def send(self, kind, payload=b""):
        self.frames.append((kind, payload))

    def send_json(self, kind, **fields):
        self.send(kind, json.dumps(fields).encode())

    def flush(self):
        pass

    def receive_data(self, path, size):
        for piece in self.pieces:
            yield piece
        if sum(map(len, self.pieces)) != size:
            raise Problem("protocol", path)

    @property
    def files(self):
        """What was sent: content by path."""
        files, path = {}, None
        for kind, payload in self.frames:
            if kind == b"F":
                path = json.loads(payload)["path"]
                files[path] = b""
            elif kind == b"D":
                files[path] += payload
        return files

    @property
    def sizes(self):
        return {entry["path"]: entry["size"] for entry in self.entries(b"F")}

    @property
    def skipped(self):
        return {entry["path"]: entry["reason"] for entry in self.entries(b"S")}

    def entries(self, wanted):
        return [json.loads(payload) for kind, payload in self.frames if kind == wanted]
