"""The floor: what the engine takes for the same containers without a service."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import time
import urllib.parse
import uuid
from pathlib import Path

SOURCES = Path("src/main/python")
CONFIG = {
    "protocol": 1, "workspace": "/workspace", "env": {}, "sockets": "loopback", "ulimits": {}, "output_bytes": 1000,
    "cpu_seconds": 5, "file_bytes": 1 << 20, "open_files": 256, "output_files": 1, "output_file_bytes": 1,
    "output_total_bytes": 1, "output_depth": 1,
}


class EngineConnection(http.client.HTTPConnection):
    """The Engine API over the socket at DOCKER_HOST."""

    def __init__(self):
        super().__init__("localhost", timeout=60)

    def connect(self):
        address = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        assert address.startswith("unix://"), f"DOCKER_HOST={address}: only a Unix socket is measured"
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(address.removeprefix("unix://"))

    def call(self, method, path, body=None):
        self.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = self.getresponse()
        text = answer.read()
        assert answer.status < 400, text
        return json.loads(text) if text else None


@contextlib.contextmanager
def engine_with_crun():
    """Makes DOCKER_HOST an engine that knows crun beside runc, and tells which one.

    That is this machine's, or else one in a container of it, which only root can have; None where there is neither.
    """
    if "crun" in EngineConnection().call("GET", "/info")["Runtimes"]:
        yield "this machine's engine"
        return
    if os.geteuid() != 0:
        yield None
        return
    before = os.environ.get("DOCKER_HOST")
    process = subprocess.Popen(["dev/lib/bench/engine-with-crun"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        host = process.stdout.readline().strip()
        if host:
            os.environ["DOCKER_HOST"] = host
            yield f"Docker Engine {EngineConnection().call('GET', '/version')['Version']} in a container"
        else:
            yield None
    finally:
        if before is None:
            os.environ.pop("DOCKER_HOST", None)
        else:
            os.environ["DOCKER_HOST"] = before
        process.stdin.close()
        process.wait(timeout=120)  # it has a container to remove


def block(content):
    return len(content).to_bytes(4, "big") + content


def modules_of_a_single_run():
    names = (SOURCES / "sandbox_runner/modules.txt").read_text().split()
    names = [name for name in names if not name.startswith("sandbox_runner.session.")]
    sources = ((SOURCES / (name.replace(".", "/") + ".py")).read_bytes() for name in names)
    return len(names).to_bytes(4, "big") + b"".join(block(name.encode()) + block(text) for name, text in zip(names, sources))


class Output:
    """The bytes of a container's output, out of the frames in which the engine sends them."""

    def __init__(self, stream):
        self.stream, self.rest = stream, b""

    def read(self, size):
        while len(self.rest) < size:
            header = self.stream.read(8)
            self.rest += self.stream.read(int.from_bytes(header[4:], "big"))
        result, self.rest = self.rest[:size], self.rest[size:]
        return result


def runner_code(output):
    """What a runner tells of itself before READY, which is the end."""
    while True:
        kind, size = output.read(1), int.from_bytes(output.read(4), "big")
        payload = output.read(size)
        if kind == b"Y":
            return
        assert kind == b"M", "expected READY"
        yield payload


class Engine:
    """Launches what the service launches: the same settings, the same runner, compiled by the first."""

    compiled = b""

    def __init__(self, settings):
        self.settings = settings
        self.api = EngineConnection()
        config = json.dumps(CONFIG).encode()
        self.rest = modules_of_a_single_run() + b"C" + block(config)
        if not Engine.compiled:
            self.cycle()

    def launch(self):
        """Create, attach, start, READY."""
        name, attached, stream = self.start(self.settings)
        attached.sock.sendall(block(Engine.compiled) + self.rest)
        Engine.compiled = b"".join(runner_code(Output(stream))) or Engine.compiled
        return name, attached

    def transfer(self, script, sent, received):
        """Seconds until a shell script has read so many bytes and written so many, by which it ends."""
        name, attached, stream = self.start({**self.settings, "Entrypoint": ["sh", "-c", script]})
        start = time.perf_counter()
        piece = bytes(1 << 16)
        for done in range(0, sent, len(piece)):
            attached.sock.sendall(piece[:sent - done])
        output = Output(stream)
        for done in range(0, received, len(piece)):
            output.read(min(len(piece), received - done))
        assert output.read(5) == b"done\n"
        seconds = time.perf_counter() - start
        self.close(name, attached)
        return seconds

    def start(self, settings):
        name = "code-interpreter-bench-" + uuid.uuid4().hex
        self.api.call("POST", f"/containers/create?name={name}", settings)
        attached = EngineConnection()
        attached.connect()
        attached.sock.sendall(
            f"POST /containers/{name}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
            "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n".encode()
        )
        stream = attached.sock.makefile("rb")
        while stream.readline() != b"\r\n":
            pass
        self.api.call("POST", f"/containers/{name}/start")
        return name, attached, stream

    def close(self, name, attached):
        attached.sock.shutdown(socket.SHUT_RDWR)
        attached.sock.close()
        try:
            self.api.call("POST", f"/containers/{name}/wait?condition=removed")
        except AssertionError:
            pass  # it was removed before we asked

    def cycle(self):
        self.close(*self.launch())


def settings_of_a_sandbox(service):
    """What the service asks the engine for, read back from a sandbox of its own."""
    with service.background("import time; time.sleep(3)"):
        api = EngineConnection()
        query = urllib.parse.quote(json.dumps({"label": ["code-interpreter.component=sandbox"]}))
        for _ in range(100):
            found = api.call("GET", f"/containers/json?filters={query}")
            if found:
                inspected = api.call("GET", f"/containers/{found[0]['Id']}/json")
                return {**inspected["Config"], "HostConfig": inspected["HostConfig"]}
            time.sleep(0.02)
    raise SystemExit("the service launched no sandbox")


def settle(expected=0):
    """Until the engine has removed what the last measurement left: that costs it half as much as a launch."""
    api = EngineConnection()
    query = "/containers/json?all=true&filters=" + urllib.parse.quote('{"name": ["code-interpreter-"]}')
    while len(api.call("GET", query)) > expected:
        time.sleep(0.02)
    time.sleep(0.05)
