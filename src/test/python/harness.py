"""The service's side of the protocol, for tests: the real loader and runner over real pipes.

The runner ends a run with kill(-1), so the tests that start one only work as process 1 of a pid namespace, and never as
root. In the sandbox image:

    docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --pids-limit 64 \\
        --memory 512m --tmpfs /tmp:mode=1777 --tmpfs /workspace:mode=1777 -u 200000:200000 -v "$PWD/src":/src:ro \\
        code-interpreter-executor python3 -B -m unittest discover -s /src/test/python

or with the Python of this machine, as root:

    unshare --pid --fork --mount-proc setpriv --reuid 200000 --regid 200000 --clear-groups \\
        python3 -B -m unittest discover -s src/test/python

Those in `unit` start none and work anywhere: python3 -B -m unittest discover -t src/test/python -s src/test/python/unit
"""
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "main" / "python"
sys.path.insert(0, str(SOURCES))  # for tests that import modules of the runner
from unit.programs import items
LOADER = (SOURCES / "loader.py").read_text()
MODULES = [
    (name, (SOURCES / (name.replace(".", "/") + ".py")).read_bytes())
    for name in (SOURCES / "sandbox_runner" / "modules.txt").read_text().split()
]
CORE = [(name, text) for name, text in MODULES if not name.startswith("sandbox_runner.session.")]
RECEIVE_TIMEOUT = 30  # seconds until a silent runner fails its test
PAYLOAD = 65536

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
}
if "LD_LIBRARY_PATH" in os.environ:  # an interpreter that is not installed where it was built
    ENVIRONMENT["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]


def setUpModule():
    """Of every module of tests that start runners: they import it."""
    if os.getpid() != 1 or os.getuid() == 0:
        raise RuntimeError("refusing to run: kill(-1) needs a pid namespace of our own and a user other than root")


def block(content):
    return struct.pack(">I", len(content)) + content


def hello(modules, compiled=b""):
    """What comes before the first frame."""
    named = b"".join(block(name.encode()) + block(text) for name, text in modules)
    return block(compiled) + struct.pack(">I", len(modules)) + named


def changed(modules, old, new):
    """The modules with another text in the one place where there is the old one."""
    assert sum(text.count(old) for _, text in modules) == 1
    return [(name, text.replace(old, new)) for name, text in modules]


class Client:
    """What the service does, without its distrust."""

    def __init__(self, workspace, **config):
        self.config = {
            "protocol": 1,
            "workspace": str(workspace),
            "env": ENVIRONMENT,
            "sockets": "loopback",
            "ulimits": {},
            "output_bytes": 1_000_000,
            "cpu_seconds": 10,
            "file_bytes": 64 << 20,
            "open_files": 256,
            "output_files": 1000,
            "output_file_bytes": 16 << 20,
            "output_total_bytes": 32 << 20,
            "staged_bytes": 32 << 20,
            "output_depth": 64,
        }
        self.config.update(config)
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOADER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            cwd=workspace,
        )
        self.outbox = bytearray(hello(MODULES if "session" in config else CORE))
        self.inbox = bytearray()
        self.started = 0
        self.compiled = bytearray()
        os.set_blocking(self.process.stdin.fileno(), False)
        self.send(b"C", self.config)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Hangs up, which must be enough to end the runner."""
        self.process.stdin.close()
        self.process.wait(RECEIVE_TIMEOUT)
        self.diagnostics = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()

    def send(self, kind, payload=b""):
        if not isinstance(payload, (bytes, bytearray)):
            payload = json.dumps(payload).encode()
        self.outbox += kind + struct.pack(">I", len(payload)) + payload

    def stage(self, path, content):
        self.send(b"F", {"path": path, "size": len(content)})
        for start in range(0, len(content), PAYLOAD):
            self.send(b"D", content[start : start + PAYLOAD])

    def stdin(self, content, end=True):
        for start in range(0, len(content), PAYLOAD):
            self.send(b"I", content[start : start + PAYLOAD])
        if end:
            self.send(b"E")

    def receive(self):
        """The next frame, or None when the runner has ended. Sends meanwhile."""
        limit = time.monotonic() + RECEIVE_TIMEOUT
        while True:
            if len(self.inbox) >= 5:
                end = 5 + int.from_bytes(self.inbox[1:5], "big")
                assert end <= 5 + PAYLOAD, "oversized frame"
                if len(self.inbox) >= end:
                    kind, payload = bytes(self.inbox[:1]), bytes(self.inbox[5:end])
                    del self.inbox[:end]
                    if kind == b"B":  # STARTED says no more than that the frames before it were not of the program
                        self.started += 1
                        continue
                    if kind == b"M":  # the runner's own code
                        self.compiled += payload
                        continue
                    return kind, payload
            poll = select.poll()
            poll.register(self.process.stdout, select.POLLIN)
            if self.outbox:
                poll.register(self.process.stdin, select.POLLOUT)
            ready = dict(poll.poll(max(0, limit - time.monotonic()) * 1000))
            if not ready:
                raise TimeoutError("the runner is silent")
            if self.outbox and self.process.stdin.fileno() in ready:
                try:
                    del self.outbox[: os.write(self.process.stdin.fileno(), self.outbox)]
                except BrokenPipeError:
                    self.outbox.clear()
            if self.process.stdout.fileno() in ready:
                data = os.read(self.process.stdout.fileno(), 1 << 18)
                if not data:
                    return None
                self.inbox += data

    def expect(self, kind):
        frame = self.receive()
        if frame is None or frame[0] != kind:
            raise AssertionError(f"expected {kind!r}, got {frame!r}")
        return frame[1]

    def ready(self):
        return json.loads(self.expect(b"Y"))

    def ping(self, **fields):
        self.send(b"N", fields or b"")
        return json.loads(self.expect(b"N"))

    def begin_preload(self, modules, seconds=60):
        self.send(b"J", {"modules": modules, "seconds": seconds})

    def preload(self, modules, seconds=60):
        """What the runner says when the modules are there, or never will be."""
        self.begin_preload(modules, seconds)
        while (answer := self.ping())["libraries"] == "importing":
            time.sleep(0.005)
        return answer

    def start(self, code, timeout=20.0, interactive=False, results=True):
        self.stage("__main__.py", code if isinstance(code, bytes) else textwrap.dedent(code).encode())
        request = {"timeout_ms": int(timeout * 1000), "last_line_interactive": interactive, "results": results}
        self.send(b"R", request)

    def result(self):
        return Result(self)


class Result:
    """All frames of a run, up to DONE."""

    def __init__(self, client):
        self.out, self.err = bytearray(), bytearray()
        self.files, self.skipped, shown = {}, [], []
        self.frames = 0
        self.exit = None
        while True:
            frame = client.receive()
            if frame is None:
                raise AssertionError("the runner ended before DONE")
            kind, payload = frame
            self.frames += 1
            if kind == b"O":
                self.out += payload
            elif kind == b"e":
                self.err += payload
            elif kind in (b"X", b"x", b"D", b"y") and self.exit is None:
                shown.append(frame)
            elif kind == b"T":
                self.exit = json.loads(payload)
                self.shown = items(shown)
            elif kind == b"F":
                entry = json.loads(payload)
                content = bytearray()
                while len(content) < entry["size"]:
                    content += client.expect(b"D")
                assert len(content) == entry["size"] and entry["path"] not in self.files
                self.files[entry["path"]] = bytes(content)
            elif kind == b"S":
                entry = json.loads(payload)
                self.skipped.append((entry["path"], entry["reason"]))
            elif kind == b"Z":
                return
            else:
                raise AssertionError(f"unexpected frame {frame!r}")

    @property
    def code(self):
        return self.exit["exit_code"]

    @property
    def text(self):
        return self.out.decode()


class RunnerTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.workspace = tempfile.mkdtemp(prefix="workspace-")
        self.addCleanup(self.remove, self.workspace)

    def remove(self, directory):
        subprocess.run(["rm", "-rf", directory], check=True)  # deeper than Python's recursion

    def empty(self):
        self.remove(self.workspace)
        os.mkdir(self.workspace)

    def run_program(self, code, files=(), stdin=b"", timeout=20.0, interactive=False, preload=(), shows=True, **config):
        self.empty()
        with Client(self.workspace, **config) as client:
            client.ready()
            if preload:
                self.assertEqual(client.preload(preload)["libraries"], "ready")
            for path, content in dict(files).items():
                client.stage(path, content)
            client.start(code, timeout, interactive, shows)
            client.stdin(stdin)
            result = client.result()
        self.assertEqual(client.diagnostics, "")
        return result

    def run_python(self, code, files=(), stdin=b""):
        """The same program in an interpreter of its own."""
        self.empty()
        for path, content in {**dict(files), "__main__.py": code if isinstance(code, bytes) else textwrap.dedent(code).encode()}.items():
            target = os.path.join(self.workspace, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            Path(target).write_bytes(content)
        process = subprocess.run(
            [sys.executable, os.path.join(self.workspace, "__main__.py")],
            input=stdin,
            capture_output=True,
            cwd=self.workspace,
            env=ENVIRONMENT,
            timeout=RECEIVE_TIMEOUT,
        )
        self.empty()
        return process.stdout, process.stderr, process.returncode if process.returncode >= 0 else 128 - process.returncode


def survivors():
    """The processes beside us that are not gone within the timeout. Zombies are reaped on the way."""
    limit = time.monotonic() + RECEIVE_TIMEOUT
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        found = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
        if not found or time.monotonic() > limit:
            return found


def limited(*files):
    """Whether our cgroup, of either version, sets such a limit."""
    for file in files:
        if os.path.exists(file) and Path(file).read_text().strip() not in ("max", "9223372036854771712"):
            return True
    return False


def processes_limited():
    return limited("/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/pids.max")


def memory_limited():
    return limited("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max")
