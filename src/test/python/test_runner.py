"""Tests of the runner: the real loader and runner over real pipes, and the real interpreter as the oracle.

The runner ends a run with kill(-1), so this suite only works as process 1 of a pid namespace, and never as root. In the
executor's image:

    docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --pids-limit 64 \\
        --memory 512m --tmpfs /tmp:mode=1777 --tmpfs /workspace:mode=1777 -u 200000:200000 -v "$PWD/src":/src:ro \\
        code-interpreter-executor python3 -B -m unittest discover -s /src/test/python

or with the Python of this machine, as root:

    unshare --pid --fork --mount-proc setpriv --reuid 200000 --regid 200000 --clear-groups \\
        python3 -B -m unittest discover -s src/test/python
"""
import importlib.util
import json
import os
import platform
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import unittest.mock
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "main" / "python"
sys.path.insert(0, str(SOURCES))
from sandbox_runner import gate, seccomp, syscalls

LOADER = (SOURCES / "loader.py").read_text()
MODULES = [
    (name, (SOURCES / (name.replace(".", "/") + ".py")).read_bytes())
    for name in (SOURCES / "sandbox_runner" / "modules.txt").read_text().split()
]
CORE = [(name, text) for name, text in MODULES if not name.startswith("sandbox_runner.session.")]
PATIENCE = 30  # seconds until a silent runner fails its test
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
            "preload": [],
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
        self.process.wait(PATIENCE)
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
        limit = time.monotonic() + PATIENCE
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

    def start(self, code, timeout=20.0, interactive=False):
        self.stage("__main__.py", code if isinstance(code, bytes) else textwrap.dedent(code).encode())
        self.send(b"R", {"timeout_ms": int(timeout * 1000), "last_line_interactive": interactive})

    def result(self):
        return Result(self)


class Result:
    """All frames of a run, up to DONE."""

    def __init__(self, client):
        self.out, self.err = bytearray(), bytearray()
        self.files, self.skipped = {}, []
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
            elif kind == b"T":
                self.exit = json.loads(payload)
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

    def run_program(self, code, files=(), stdin=b"", timeout=20.0, interactive=False, **config):
        self.empty()
        with Client(self.workspace, **config) as client:
            client.ready()
            for path, content in dict(files).items():
                client.stage(path, content)
            client.start(code, timeout, interactive)
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
            timeout=PATIENCE,
        )
        self.empty()
        return process.stdout, process.stderr, process.returncode if process.returncode >= 0 else 128 - process.returncode


class HandshakeTest(RunnerTest):
    def test_ready_reports_the_protocol_and_memory(self):
        with Client(self.workspace) as client:
            ready = client.ready()
        self.assertEqual(ready["protocol"], 1)
        self.assertGreater(ready["memory_bytes"], 1 << 20)
        self.assertLess(ready["memory_bytes"], 16 << 20)
        self.assertEqual(ready["missing"], [])
        self.assertEqual(client.process.returncode, 0)

    def test_answers_pings_until_it_runs(self):
        with Client(self.workspace) as client:
            client.ready()
            for _ in range(3):
                client.send(b"N")
                self.assertEqual(client.receive(), (b"N", b""))
            client.stage("f", b"x")
            client.send(b"N")
            self.assertEqual(client.receive(), (b"N", b""))
            client.start("print(1)")
            client.stdin(b"")
            self.assertEqual(client.result().text, "1\n")

    def test_compiled_code_spares_the_next_its_compilation(self):
        with Client(self.workspace) as client:
            client.ready()
        compiled = bytes(client.compiled)
        self.assertEqual(compiled[:4], importlib.util.MAGIC_NUMBER)
        for name, sent, told in (
            ("the same version", hello([(name, b"this is no Python") for name, _ in CORE], compiled), b""),
            ("another version", hello(CORE, b"\0" + compiled[1:]), compiled),
            ("no code", hello(CORE), compiled),
        ):
            with self.subTest(name):
                self.empty()
                with Client(self.workspace) as client:
                    client.outbox = bytearray(sent)
                    client.send(b"C", client.config)
                    client.ready()
                    client.start("print(1)")
                    client.stdin(b"")
                    self.assertEqual(client.result().text, "1\n")
                    self.assertEqual(client.compiled, told)
                self.assertEqual(client.diagnostics, "")

    def test_does_without_what_json_is_made_of(self):
        other = changed(CORE, b"from _json import", b"from _json_of_nobody import")
        with Client(self.workspace) as client:
            client.outbox = bytearray(hello(other))
            client.send(b"C", client.config)
            client.ready()
            client.start("print('\u00e9')")
            client.stdin(b"")
            self.assertEqual(client.result().text, "\u00e9\n")
        self.assertEqual(client.diagnostics, "")

    def test_preload_names_what_is_missing_or_broken(self):
        Path(self.workspace, "colorsys.py").write_text("raise SystemExit('from the workspace')")
        with Client(self.workspace, preload=["colorsys", "no_such_module", "decimal", "antigravity_of_nobody.x"]) as client:
            ready = client.ready()
        self.assertEqual(ready["missing"], ["no_such_module", "antigravity_of_nobody.x"])

    def test_problems_of_the_protocol_are_named(self):
        for name, frames in {
            "version": [(b"C", {"protocol": 2})],
            "order": [(b"R", {})],
            "oversized": [b"C" + struct.pack(">I", PAYLOAD + 1)],
        }.items():
            with self.subTest(name), Client(self.workspace) as client:
                client.outbox = bytearray(hello(CORE))
                for frame in frames:
                    if isinstance(frame, tuple):
                        client.send(*frame)
                    else:
                        client.outbox += frame
                self.assertEqual(json.loads(client.expect(b"P"))["reason"], "protocol")
                self.assertIsNone(client.receive())

    def test_output_of_a_library_cannot_reach_the_frames(self):
        library = tempfile.mkdtemp()
        self.addCleanup(self.remove, library)
        Path(library, "chatty.py").write_text(
            "import ctypes, os, sys\nprint('print')\nos.write(1, b'write')\nctypes.CDLL(None).puts(b'puts')\nos.system('echo child')\n"
        )
        env = {**ENVIRONMENT, "PYTHONPATH": library}
        with unittest.mock.patch.dict(globals(), ENVIRONMENT=env), Client(self.workspace, preload=["chatty"]) as client:
            self.assertEqual(client.ready()["missing"], [])
            client.start("print('mine')")
            client.stdin(b"")
            self.assertEqual(client.result().text, "mine\n")

    def test_hanging_up_ends_everything(self):
        for name, code in {
            "spinning": "while True: pass",
            "background": "import subprocess; subprocess.Popen(['sleep', '99'], start_new_session=True); input()",
            "flooding": "import os\nwhile True: os.write(1, b'x' * 65536)",
        }.items():
            with self.subTest(name):
                self.empty()
                client = Client(self.workspace)
                client.ready()
                client.start("print('started', flush=True)\n" + code)
                client.expect(b"O")
                client.close()
                self.assertEqual(client.process.returncode, 0)
                self.assertEqual(survivors(), [])


def survivors():
    """The processes beside us that do not even die within the test's patience. Zombies are reaped on the way."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        found = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
        if not found or time.monotonic() > limit:
            return found


class StagingTest(RunnerTest):
    def test_files_arrive_whole(self):
        files = {
            "empty": b"",
            "a/b/c.bin": os.urandom(200_000),
            "exactly one frame": bytes(PAYLOAD),
            "übung.txt": b"\xff\x00",
            "-rf": b"x",
        }
        result = self.run_program(
            """
            import hashlib, os
            for path, _, names in sorted(os.walk(".")):
                for name in sorted(names):
                    file = os.path.join(path, name)
                    print(oct(os.stat(file).st_mode & 0o777), hashlib.sha256(open(file, "rb").read()).hexdigest()[:16], file)
                print(oct(os.stat(path).st_mode & 0o777), path) if path != "." else None
            """,
            files,
        )
        import hashlib

        for path, content in files.items():
            self.assertIn(f"0o644 {hashlib.sha256(content).hexdigest()[:16]} ./{path}\n", result.text)
        self.assertIn("0o755 ./a/b\n", result.text)
        self.assertEqual(result.files, {})

    def test_what_cannot_be_staged_is_a_problem_and_names_the_path(self):
        for path, reason in {"../x": "protocol", "/x": "protocol", "a//b": "protocol", "n" * 256: "protocol"}.items():
            with self.subTest(path), Client(self.workspace) as client:
                client.ready()
                client.stage(path, b"x")
                problem = json.loads(client.expect(b"P"))
                self.assertEqual(problem["reason"], reason)
                self.assertIn(path, problem["message"])

    def test_more_than_the_workspace_shall_hold_is_no_space(self):
        """Whatever the file system would take: some engines give it no size."""
        with Client(self.workspace, staged_bytes=10) as client:
            client.ready()
            client.stage("fits", b"x" * 10)
            client.stage("more", b"x")
            problem = json.loads(client.expect(b"P"))
        self.assertEqual((problem["reason"], "more" in problem["message"]), ("no_space", True), problem)

    def test_a_full_file_system_is_no_space(self):
        if not os.path.ismount("/workspace"):
            self.skipTest("needs a small /workspace")
        size = os.statvfs("/workspace").f_bavail * os.statvfs("/workspace").f_frsize + (1 << 20)
        if size > 512 << 20:
            self.skipTest("/workspace is too large to fill")
        with Client("/workspace") as client:
            client.ready()
            client.send(b"F", {"path": "big", "size": size})
            for _ in range(0, size, PAYLOAD):
                client.send(b"D", bytes(PAYLOAD))
            problem = json.loads(client.expect(b"P"))
        self.addCleanup(os.unlink, "/workspace/big")
        self.assertEqual((problem["reason"], "big" in problem["message"]), ("no_space", True), problem)


class SemanticsTest(RunnerTest):
    """Each program runs twice, in the sandbox and as `python3 /workspace/__main__.py`, and must not notice."""

    PROGRAMS = {
        "names": "print(dir()); print(list(globals())); print(__annotations__ if '__annotations__' in globals() else None)",
        "main attributes": "print(__name__, __doc__, __package__, type(__loader__), __loader__.name, __loader__.path, __spec__, __file__, __cached__, __builtins__)",
        "docstring": "'doc'\nprint(__doc__)",
        "main is registered": "import sys, __main__; print(__main__.__dict__ is globals(), sys.modules['__main__'] is __main__)",
        "arguments": "import sys; print(sys.argv, sys.path, sys.flags, sys.executable, sys.dont_write_bytecode)",
        "original arguments": "import sys; print(getattr(sys, 'orig_argv', [None])[1:])",
        "environment": "import os, sys; print(sorted(os.environ.items())); os.system('env | grep -v ^_= | sort'); sys.exit(0)",
        "directory": "import os; print(os.getcwd(), oct(os.umask(0)))",
        "encodings": "import sys, locale; print(sys.getfilesystemencoding(), locale.getpreferredencoding(), sys.getdefaultencoding(), locale.setlocale(locale.LC_ALL))",
        "streams": """
            import sys
            for s in (sys.stdin, sys.stdout, sys.stderr):
                print(s, type(s), s.name, s.mode, s.encoding, s.errors, s.newlines, s.line_buffering, s.write_through)
                print(s.fileno(), s.isatty(), s.seekable(), s.closed, type(s.buffer), s.buffer.name, s.buffer.mode, s.buffer.closefd if hasattr(s.buffer, 'closefd') else s.buffer.raw.closefd)
            print(sys.stdout is sys.__stdout__, sys.stdin is sys.__stdin__, sys.stderr is sys.__stderr__)
            """,
        "signals": "import signal; print([(int(n), str(signal.getsignal(n))) for n in sorted(signal.valid_signals())]); print(signal.pthread_sigmask(0, []))",
        "threads": "import threading; print(threading.main_thread() is threading.current_thread(), threading.active_count(), threading.current_thread())",
        "process": "import os; print(os.getuid(), os.getgroups(), sorted(os.listdir('/proc/self/fd'))[:3])",
        "stdin": "import sys; print(repr(sys.stdin.readline())); print(repr(input())); print(repr(sys.stdin.read()))",
        "stdin bytes": "import sys; print(sys.stdin.buffer.read())",
        "input until the end": "while True: print(input())",
        "unencodable": "import sys; sys.stderr.write('\\ud800\\n'); print('\\ud800')",
        "exception": "def f(x):\n    return 1 / x\n\n\nf(\n    0\n)",
        "chained": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e",
        "in a handler": "try:\n    {}['a']\nexcept KeyError:\n    int('x')",
        "from none": "try:\n    {}['a']\nexcept KeyError:\n    raise ValueError from None",
        "no context of ours": "import sys\nprint(sys.exc_info())\ntry: 1/0\nexcept ZeroDivisionError as e: print(e.__context__, e.__cause__)",
        "exception without text": "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "name error": "pirnt('x')",
        "attribute error": "import math\nmath.sqr(2)",
        "groups": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])" if sys.version_info >= (3, 11) else "pass",
        "syntax error": "x = 1\nif x\n    pass\n",
        "unclosed": "print((1, 2\n" if sys.version_info >= (3, 10) else "",  # 3.9 puts the end elsewhere when it reads a file
        "indentation": "if 1:\npass\n",
        "tabs": "if 1:\n        a = 1\n\tb = 2\n",
        "return outside": "x = 1\nreturn 5\n",
        "global late": "def f():\n    x = 1\n    global x\n",
        "future": "from __future__ import annotations\ndef f(x: no_such_name): pass\nprint(f.__annotations__)",
        "future late": "x = 1\nfrom __future__ import annotations\n",
        "future unknown": "from __future__ import braces\n",
        "cookie": "# -*- coding: latin-1 -*-\nprint(ascii('é'))".encode("latin-1"),
        "byte order mark": b"\xef\xbb\xbfprint('bom')\nraise ValueError('\xc3\xa9')",
        "crlf": b"print(1)\r\nif 1:\r\n    print('''a\r\nb'''.encode())\r\nraise ValueError",
        "no newline": b"print(1)\nraise ValueError  # end",
        "empty": b"",
        "only a comment": "# nothing",
        "form feed": b"\x0cprint(1)\n",
        "deep": "x = " + "(" * 150 + "1" + ")" * 150 + "\nprint(x)",
        "too deep": "x = " + "(" * 5000 + "1" + ")" * 5000,
        "syntax warning": "x = 1\nprint(x is 1)\nprint('\\d')",
        "deprecation warning": "import warnings\nwarnings.warn('old', DeprecationWarning)\nwarnings.warn('user')\nimport json\njson.loads('1')",
        "warning filters": "import warnings; print(warnings.filters)",
        "staged module": "import helper\nhelper.fail()",
        "staged package": "import package.part\nprint(package.part.__file__, package.__path__)",
        "staged module over ours": "import json, select, ctypes\nprint(json.MINE, select.MINE, ctypes.MINE)",
        "staged module under a builtin": "import time, os, sys\nprint(hasattr(time, 'MINE'), hasattr(os, 'MINE'), hasattr(sys, 'MINE'))",
        "a directory is no module": "import struct; print(struct.calcsize('i'))",
        "pickle": "import pickle\nclass A:\n    x = 1\nprint(pickle.loads(pickle.dumps(A())).x, A.__module__)",
        "source": "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f), inspect.getfile(f))",
        "file is removed": "import os\nos.unlink(__file__)\n1/0",
        "atexit": """
            import atexit
            atexit.register(print, 'first registered')
            atexit.register(print, 'last registered')
            print('main')
            """,
        "atexit after an exception": "import atexit\natexit.register(print, 'exit')\n1/0",
        "atexit fails": "import atexit\natexit.register(print, 'runs')\natexit.register(lambda: 1/0)",
        "atexit sees no file": "import atexit\natexit.register(lambda: print('__file__' in globals(), '__cached__' in globals(), __name__))",
        "thread outlives main": "import threading, time\ndef f():\n    time.sleep(0.1); print('late')\nthreading.Thread(target=f).start()\nprint('main')",
        "daemon thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()\nprint('main')",
        "thread fails": "import threading\nt = threading.Thread(target=lambda: 1/0, name='T'); t.start(); t.join()",
        "futures": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\nf = pool.submit(print, 'done')\nprint(f.result())",
        "finalizer": "import os\nclass A:\n    def __del__(self): print('gone', os.getpid() > 0, B)\nB = 7\na = A()\nprint('main')",
        "finalizer in a cycle": "class A:\n    def __del__(self): print('gone')\na = A(); a.me = a; del a\nprint('main')",
        "finalizer in a module": "import helper\nhelper.keep()\nprint('main')",
        "finalizer after an exception": "class A:\n    def __del__(self): print('gone')\ndef f():\n    a = A()\n    1/0\nf()",
        "finalizer fails": "class A:\n    def __del__(self): 1/0\na = A()\ndel a\nprint('main')",
        "weak finalizer": "import weakref\nclass A: pass\na = A()\nweakref.finalize(a, print, 'finalized')",
        "temporary directory": "import tempfile\nt = tempfile.TemporaryDirectory()\nprint('main')",
        "generator": "def g():\n    try: yield\n    finally: print('closed')\nx = g(); next(x)",
        "buffered file": "f = open('/tmp/out-' + str(__import__('os').getpid()), 'w')\nf.write('text')\nimport os; os.unlink(f.name)",
        "displayhook": "import sys; print(sys.displayhook, sys.excepthook)",
        "excepthook": "import sys\nsys.excepthook = lambda t, e, tb: print('hook', t, e, tb.tb_frame.f_code.co_filename, tb.tb_lineno)\n1/0",
        "excepthook fails": "import sys\ndef hook(*a): raise KeyError('hook')\nsys.excepthook = hook\n1/0",
        "excepthook exits": "import sys\nsys.excepthook = lambda *a: sys.exit(9)\n1/0",
        "traceback module": "import sys, traceback\ntry: 1/0\nexcept Exception: traceback.print_exc(); print(len(traceback.extract_tb(sys.exc_info()[2])))",
        "replaced stdout": "import io, sys\nsys.stdout = io.StringIO()\nprint('lost')",
        "closed stdout": "import sys\nsys.stdout.close()",
        "interrupt": "raise KeyboardInterrupt",
        "interrupt by signal": "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
        "interrupt and atexit": "import atexit\natexit.register(print, 'exit')\nraise KeyboardInterrupt('why')",
        "fork": "import os, sys\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')",
        "fork fails": "import os, sys\npid = os.fork()\nif pid:\n    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\nelse:\n    raise SystemExit(7)",
        "subprocess": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; print(sys.path[0], sys.stdin.read()); sys.exit(3)'], input='in', text=True, capture_output=True).stdout)",
        "exec": "import os, sys\nos.execv(sys.executable, ['python3', '-c', 'print(5); raise SystemExit(4)'])",
        "asyncio": "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    p = await asyncio.create_subprocess_exec('echo', 'x', stdout=-1)\n    return (await p.communicate())[0]\nprint(asyncio.run(f()))",
        "sockets": """
            import socket, threading
            a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))
            print(socket.getaddrinfo('127.0.0.1', 80)[0][4])
            """,
        "argument of exit": "import sys; sys.exit(['a', 1])",
        "nested exit": "try:\n    raise SystemExit(3)\nfinally:\n    print('finally')",
        "hash": "print(hash(1.5), isinstance(hash('a'), int))",
        "limits": "import sys; print(sys.getrecursionlimit(), sys.getswitchinterval()); import gc; print(gc.isenabled(), gc.get_threshold())",
        "c output": "import ctypes; libc = ctypes.CDLL(None); libc.printf(b'from c\\n'); print('from python')",
        "builtins": "print(exit, quit, type(help), sorted(set(dir(__builtins__)))[-3:])",
        "typing": "import dataclasses, typing\n@dataclasses.dataclass\nclass A:\n    x: int\nprint(typing.get_type_hints(A), A(1))",
        "staged module over ours has an end": "import json; json.keep = json.A()",
        "annotations": "x: int = 1\nprint(__annotations__)",
        "random": "import random; random.seed(1); print(random.random())",
        "walrus and match": "(y := 5)\nprint(y)",
    }
    FILES = {
        "helper.py": b"class A:\n    def __del__(self): print('module object gone')\ndef keep():\n    global a\n    a = A()\ndef fail():\n    raise LookupError('helper')\n",
        "package/__init__.py": b"",
        "package/part.py": b"",
        "struct/data.csv": b"1,2",
    }
    SHADOWS = {name: b"MINE = 1\nclass A:\n    def __del__(self): print('shadow gone')\n" for name in ("json.py", "select.py", "ctypes/__init__.py", "time.py", "os.py", "sys.py")}
    STDIN = "first\r\nsecond é\nthird".encode()

    def check(self, code, files=(), stdin=b"", **config):
        expected = self.run_python(code, files, stdin)
        result = self.run_program(code, files, stdin, **config)
        self.assertEqual(comparable(bytes(result.out), bytes(result.err), result.code), comparable(*expected))
        self.assertEqual(survivors(), [])

    def test_programs_cannot_tell(self):
        for name, code in self.PROGRAMS.items():
            files = {**self.FILES, **(self.SHADOWS if name.startswith("staged module over") or "builtin" in name else {})}
            with self.subTest(name):
                self.check(code, files, self.STDIN)

    def test_exit_codes(self):
        codes = ["None", "0", "1", "255", "256", "-1", "True", "'message'", "1.5", "2**31", "b'x'", "''"]
        for code in codes:
            with self.subTest(code):
                self.check(f"import sys; sys.exit({code})")
        for code in ("os.abort()", "os._exit(255)", "os._exit(256)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)"):
            with self.subTest(code):
                self.check(f"import os; {code}")

    def test_process_pools(self):
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                self.check(
                    f"""
                    import multiprocessing, sys
                    from concurrent.futures import ProcessPoolExecutor
                    def square(x): return x * x
                    if __name__ == "__main__":
                        context = multiprocessing.get_context({method!r})
                        with context.Pool(2) as pool: print(pool.map(square, range(5)))
                        with ProcessPoolExecutor(2, mp_context=context) as pool: print(list(pool.map(square, range(5))))
                        queue = context.Queue()
                        process = context.Process(target=queue.put, args=("from a child",))
                        process.start(); print(queue.get()); process.join(); print(process.exitcode)
                    """
                )

    def test_preloaded_modules_make_no_difference(self):
        preload = ["json", "multiprocessing", "logging", "unittest", "concurrent.futures", "asyncio", "random", "ctypes.util"]
        for name in ("threads", "futures", "asyncio", "signals", "atexit", "finalizer", "staged module over ours", "staged module over ours has an end", "thread fails", "exception", "fork"):
            code = self.PROGRAMS[name]
            files = {**self.FILES, **(self.SHADOWS if "over ours" in name else {})}
            with self.subTest(name):
                self.check(code, files, preload=preload)


def comparable(out, err, code):
    """Without addresses and thread identities."""
    return tuple(re.sub(rb"0x[0-9a-f]+|started \d+", b"", text) for text in (out, err)) + (code,)


class InteractiveTest(RunnerTest):
    PROGRAMS = {
        "1 + 1": "2\n",
        "x = 5": "",
        "None": "",
        "x = 5\nx": "5\n",
        "x = 5; x": "5\n",
        "'text'": "'text'\n",
        "'doc'\n__doc__": "'doc'\n",
        "print('a')": "a\n",
        "[1,\n 2]": "[1, 2]\n",
        "def f():\n    return 1\nf()": "1\n",
        "if 1:\n    5": "",
        "": "",
        "# only": "",
        "from __future__ import annotations\ndef f(x: nope): pass\nf.__annotations__": "{'x': 'nope'}\n",
        "import sys\nsys.displayhook = lambda v: print('hook', v)\n3": "hook 3\n",
        "4\nimport builtins\n5": "5\n",
        "'doc'": "'doc'\n",
        "dir()": None,
        "list(globals())": None,
        "sorted(globals())": None,
        "(lambda: __name__)()": "'__main__'\n",
        "5\n'\\ud800'": "'\\ud800'\n",
        "...": "Ellipsis\n",
        "x = 1 # c\nx # c": "1\n",
    }
    ERRORS = ("\n\n1/0", "x = [\n]\nx[\n5\n]", "yield 1", "x = 1\n(yield 2)", "nope", "f(]", "x = 1\n  y", "'\\d'", "x = 1\nx is 1\nx is 1", "return")

    def test_last_expression_is_shown(self):
        for code, expected in self.PROGRAMS.items():
            with self.subTest(code):
                if expected is None:
                    expected = self.run_python(f"print({code})")[0].decode()
                result = self.run_program(code, interactive=True)
                self.assertEqual((result.text, bytes(result.err), result.code), (expected, b"", 0))

    def test_a_lone_string_is_still_the_docstring(self):
        result = self.run_program("import atexit; atexit.register(lambda: print(__doc__))\n'x'", interactive=True)
        self.assertEqual(result.text, "'x'\nNone\n")
        result = self.run_program("'x'", {"usercustomize.py": b""}, interactive=True)
        self.assertEqual(result.text, "'x'\n")

    def test_errors_are_those_of_the_interpreter(self):
        for code in self.ERRORS:
            with self.subTest(code):
                expected = self.run_python(code)
                result = self.run_program(code, interactive=True)
                self.assertEqual((bytes(result.err), result.code), expected[1:])


class LimitsTest(RunnerTest):
    def test_time_is_up_for_every_kind_of_program(self):
        programs = {
            "loop": "while True: pass",
            "gil": "9**9**9",
            "regex": "import re; re.match('(a+)+$', 'a'*40 + 'b')",
            "sleep": "import time; time.sleep(1e9)",
            "signals": "import signal\nfor n in signal.valid_signals() - {9, 19}: signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
            "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            "thread": "import threading, time; threading.Thread(target=time.sleep, args=(99,)).start()",
            "exit handler": "import atexit, time; atexit.register(time.sleep, 99)",
            "exec": "import os; os.execvp('sleep', ['sleep', '60'])",
            "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
            "closed output": "import os, time\nos.close(1); os.close(2); time.sleep(99)",
        }
        if not processes_limited():
            del programs["forks"]  # nothing limits it here
        for name, code in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                result = self.run_program(code, timeout=0.5)
                self.assertLess(time.monotonic() - start, 5)
                self.assertTrue(result.exit["timed_out"])
                self.assertIsNone(result.code)
                self.assertEqual(result.exit["signal"], signal.SIGKILL)
                self.assertGreaterEqual(result.exit["duration_ms"], 500)
                self.assertEqual(survivors(), [])

    def test_one_millisecond_is_a_limit(self):
        self.assertTrue(self.run_program("while True: pass", timeout=0.001).exit["timed_out"])
        quick = self.run_program("print(1)", timeout=0.001)
        if not quick.exit["timed_out"]:
            self.assertEqual((quick.text, quick.code), ("1\n", 0))

    def test_output_and_files_before_the_end_of_time_are_kept(self):
        result = self.run_program("open('f', 'w').write('x')\nprint('a' * 100)\nwhile True: pass", timeout=1)
        self.assertEqual(result.text, "a" * 100 + "\n")
        self.assertEqual(result.files, {"f": b"x"})

    def test_the_cpu_limit_is_told_from_others(self):
        result = self.run_program("while True: pass", cpu_seconds=1)
        self.assertEqual((result.code, result.exit["cpu"], result.exit["oom"]), (152, True, False))
        self.assertGreaterEqual(result.exit["cpu_ms"], 500)  # counted in ticks
        result = self.run_program("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", cpu_seconds=1)
        self.assertEqual((result.code, result.exit["cpu"], result.exit["oom"]), (137, True, False))
        result = self.run_program("import os, signal; os.kill(os.getpid(), 9)")
        self.assertEqual((result.code, result.exit["signal"], result.exit["cpu"], result.exit["oom"]), (137, 9, False, False))

    def test_running_out_of_memory_is_told(self):
        if not memory_limited():
            self.skipTest("needs a memory limit")
        result = self.run_program("b = []\nwhile True: b.append(bytearray(1 << 20))")
        self.assertEqual((result.code, result.exit["oom"], result.exit["timed_out"]), (137, True, False))
        result = self.run_program("bytearray(10**15)")
        self.assertEqual((result.code, result.exit["oom"]), (1, False))
        self.assertIn(b"MemoryError", result.err)

    def test_other_limits_hold(self):
        result = self.run_program(
            """
            import os, resource
            for n in ("CPU", "FSIZE", "NOFILE", "CORE"): print(n, resource.getrlimit(getattr(resource, "RLIMIT_" + n)))
            try: os.truncate(os.open("f", os.O_CREAT | os.O_RDWR), 1 << 40)
            except OSError as e: print(e.strerror)
            print(open("/proc/self/oom_score_adj").read().strip(), oct(os.umask(0)))
            """,
            cpu_seconds=7,
            open_files=99,
        )
        self.assertEqual(result.text, "CPU (7, 8)\nFSIZE (67108864, 67108864)\nNOFILE (99, 99)\nCORE (0, 0)\nFile too large\n1000 0o22\n")

    def test_ulimits_of_the_owner_lower_what_the_container_allows(self):
        code = 'import resource\nfor n in ("MSGQUEUE", "SIGPENDING", "NOFILE"): print(n, resource.getrlimit(getattr(resource, "RLIMIT_" + n)))'
        most = resource.getrlimit(resource.RLIMIT_SIGPENDING)[1]
        for asked, given in ((7, 7), (most + 1, most)):
            result = self.run_program(code, ulimits={"msgqueue": 0, "sigpending": asked}, open_files=99)
            self.assertEqual(result.text, f"MSGQUEUE (0, 0)\nSIGPENDING ({given}, {given})\nNOFILE (99, 99)\n")

    def client_on_a_kernel_without(self, name):
        """A sandbox that is told to set this limit, started with a program."""
        call = b"    resource.setrlimit(kind, (soft, hard))\n"
        refused = f"    if kind == resource.RLIMIT_{name.upper()}: raise ValueError('not allowed')\n".encode()
        client = Client(self.workspace, ulimits={name: 0})
        client.outbox = bytearray(hello(changed(CORE, call, refused + call)))
        client.send(b"C", client.config)
        client.ready()
        client.start("print(1)")
        return client

    def test_a_kernel_without_a_limit_of_linux_runs_programs_still(self):
        with self.client_on_a_kernel_without("sigpending") as client:
            client.stdin(b"")
            self.assertEqual(client.result().text, "1\n")

    def test_a_kernel_without_a_limit_that_every_system_has_runs_none(self):
        with self.client_on_a_kernel_without("memlock") as client:
            self.assertEqual(json.loads(client.expect(b"P"))["reason"], "incompatible")
            self.assertIsNone(client.receive())

    def test_source_bombs_end_the_program_only(self):
        for code in ("(" * 100000 + ")" * 100000, "-" * 10**6 + "1", "\n".join(" " * n + "if 1:" for n in range(3000)), "x=" + "[" * 10**6):
            with self.subTest(code[:10]):
                result = self.run_program(code)
                self.assertIn(result.code, (1, 139))
        result = self.run_program("import sys; sys.setrecursionlimit(10**9); f = lambda: f(); f()", cpu_seconds=2)
        self.assertIn(result.code, (1, 137, 139, 152))  # since 3.11 such frames are on the heap


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


class OutputTest(RunnerTest):
    def test_the_first_bytes_pass_and_the_rest_is_drained(self):
        for size, limit in ((1000, 1000), (1001, 1000), (5_000_000, 1_000_000), (70_000, 65_537), (10, 0)):
            with self.subTest(size=size, limit=limit):
                result = self.run_program(
                    f"import os, sys\ndata = bytes(i % 251 for i in range({size}))\nsys.stdout.buffer.write(data); sys.stderr.buffer.write(data[::-1])\nos._exit(3)",
                    output_bytes=limit,
                )
                data = bytes(i % 251 for i in range(size))
                self.assertEqual(result.out, data[:limit])
                self.assertEqual(result.err, data[::-1][:limit])
                self.assertEqual((result.exit["stdout_truncated"], result.exit["stderr_truncated"]), (size > limit, size > limit))
                self.assertEqual(result.code, 3)

    def test_a_flood_is_drained_and_the_program_ends_by_itself(self):
        result = self.run_program("import os\nfor _ in range(4096): os.write(1, b'x' * 65536)")
        self.assertEqual((len(result.out), result.exit["stdout_truncated"], result.code), (1_000_000, True, 0))

    def test_single_bytes_are_few_frames(self):
        result = self.run_program("import os\nfor i in range(10**6): os.write(1, b'%d' % (i % 10))", timeout=60, cpu_seconds=30)
        self.assertEqual(result.out, b"0123456789" * 10**5)
        self.assertLess(result.frames, 10_000)

    def test_output_arrives_while_the_program_runs(self):
        with Client(self.workspace) as client:
            client.ready()
            client.start("print('question')\nprint('answer', input())")
            question = b""
            while question != b"question\n":  # unbuffered, print writes its end apart
                question += client.expect(b"O")
            client.stdin(b"42\n")
            self.assertEqual(client.result().text, "answer 42\n")

    def test_a_silent_program_is_announced(self):
        """A few bytes may wait for more, but not until there are any."""
        with Client(self.workspace) as client:
            client.ready()
            client.start("input()")
            while client.outbox:
                del client.outbox[: os.write(client.process.stdin.fileno(), client.outbox)]
            self.assertTrue(select.select([client.process.stdout], [], [], PATIENCE)[0])
            self.assertEqual(os.read(client.process.stdout.fileno(), PAYLOAD), b"B" + bytes(4))

    def test_the_last_bytes_in_the_pipe_are_not_lost(self):
        result = self.run_program("import fcntl, os\nfcntl.fcntl(1, 1031, 1 << 20)\nos.write(1, b'x' * 900_000)\nos._exit(0)")
        self.assertEqual(len(result.out), 900_000)

    def test_an_owner_that_does_not_read_stops_nothing_but_the_output(self):
        with Client(self.workspace, output_bytes=50_000_000) as client:
            client.ready()
            client.start("import os\nfor _ in range(300): os.write(1, b'x' * 65536)", timeout=60)
            client.stdin(b"")
            while client.outbox:
                del client.outbox[: os.write(client.process.stdin.fileno(), client.outbox)]
            select.select([client.process.stdout], [], [], PATIENCE)
            memory = int(Path(f"/proc/{client.process.pid}/statm").read_text().split()[1]) * 4096
            self.assertLess(memory, 64 << 20)
            self.assertEqual(len(client.result().out), 300 * 65536)


class InputTest(RunnerTest):
    def test_no_stdin_is_an_immediate_end(self):
        self.assertEqual(self.run_program("import sys; print(repr(sys.stdin.read()))").text, "''\n")

    def test_all_of_a_large_stdin_arrives(self):
        data = os.urandom(10_000_000)
        result = self.run_program("import sys, zlib; d = sys.stdin.buffer.read(); print(len(d), zlib.crc32(d))", stdin=data)
        import zlib

        self.assertEqual(result.text, f"10000000 {zlib.crc32(data)}\n")

    def test_a_large_stdin_may_be_ignored(self):
        for code in ("print('x')", "import os, time\nos.close(0)\nprint('x')", "import sys; sys.stdin.read(10); print('x')"):
            with self.subTest(code):
                result = self.run_program(code, stdin=bytes(10_000_000))
                self.assertEqual((result.text, bytes(result.err), result.code), ("x\n", b"", 0))

    def test_hanging_up_is_noticed_behind_a_full_stdin(self):
        client = Client(self.workspace)
        client.ready()
        client.start("print('started'); import time; time.sleep(99)")
        client.expect(b"O")
        client.stdin(bytes(600_000), end=False)
        deadline = time.monotonic() + PATIENCE
        fd = client.process.stdin.fileno()
        while client.outbox and time.monotonic() < deadline:  # until the runner has stopped to read
            if not select.select([], [fd], [], 0.3)[1]:
                break
            del client.outbox[: os.write(fd, client.outbox)]
        client.close()
        self.assertEqual(survivors(), [])


class EndTest(RunnerTest):
    def test_nothing_outlives_the_main_process(self):
        programs = {
            "child": "import subprocess; subprocess.Popen(['sleep', '999'])",
            "daemon": "import os\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n        import time; time.sleep(99)\n    os._exit(0)",
            "deaf": """
                import os, signal, time
                if not os.fork():
                    for n in signal.valid_signals() - {9, 19}: signal.signal(n, signal.SIG_IGN)
                    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                    os.kill(os.getpid(), signal.SIGSTOP)
                    time.sleep(99)
                """,
            "respawning": """
                import os, signal
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                def respawn():
                    while True:
                        try:
                            for _ in range(2):
                                if not os.fork(): break
                            else: os._exit(0)
                        except OSError: os._exit(0)
                if not os.fork(): respawn()
                """,
            "holding stdout": "import os, time\nif not os.fork():\n    time.sleep(1); print('late'); time.sleep(99)",
            "writing": "import os\nif not os.fork():\n    while True: open('/tmp/x', 'w').write('x' * 99999)",
        }
        if not processes_limited():
            del programs["respawning"]
        for name, code in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                result = self.run_program(textwrap.dedent(code) + "\nos = __import__('os'); os.write(1, b'main'); os._exit(6)")
                self.assertLess(time.monotonic() - start, 3)
                self.assertEqual((result.text, result.code), ("main", 6))
                self.assertEqual(survivors(), [])

    def test_a_program_that_becomes_another_keeps_nothing_of_its_old_self(self):
        result = self.run_program(
            """
            import os, sys
            read, write = os.pipe()
            if not os.fork():
                os.close(write)
                print("end" if os.read(read, 1) == b"" else "data", flush=True)
                os._exit(0)
            os.close(read)  # and the other end is closed by the exec
            os.execv(sys.executable, [sys.executable, "-c", '''if True:
                import os, time
                print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
                def others():
                    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid(), os.getppid())
                        and open(f"/proc/{pid}/cmdline", "rb").read()]
                deadline = time.monotonic() + 10
                while others() and time.monotonic() < deadline: pass
                print(others())'''])
            """
        )
        self.assertEqual(result.text, "end\n0\n[]\n", result.err)

    def test_a_program_has_no_child_that_it_did_not_make(self):
        self.assertEqual(self.run_program("import os\ntry: os.wait()\nexcept ChildProcessError: print('none')").text, "none\n")

    def test_a_signal_to_the_group_arrives_once(self):
        result = self.run_program(
            """
            import os, signal, time
            count = 0
            def note(*_):
                global count
                count += 1
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
                signal.signal(number, note)
                os.kill(0, number)
            time.sleep(0.2)
            print(count)
            """
        )
        self.assertEqual((result.text, result.code), ("3\n", 0), result.err)

    def test_a_program_may_kill_whoever_shares_its_memory(self):
        result = self.run_program(
            """
            import os, signal
            for pid in filter(str.isdigit, os.listdir("/proc")):
                if int(pid) != os.getpid():
                    try: os.kill(int(pid), signal.SIGKILL)
                    except OSError: pass
            print("alive"); raise SystemExit(3)
            """
        )
        self.assertEqual((result.text, result.code), ("alive\n", 3), result.err)

    def test_nothing_is_written_after_the_end(self):
        """Threads, children and processes that share the memory write on when the main process ends."""
        result = self.run_program(
            """
            import ctypes, os, threading, time
            def write(name):
                with open(name, "wb", buffering=0) as file:
                    while True: file.write(b"x" * 4096); file.seek(0)
            threading.Thread(target=write, args=("thread",), daemon=True).start()
            for name in ("one", "two"):
                if not os.fork(): write(name)
            libc = ctypes.CDLL(None)
            stack = ctypes.create_string_buffer(1 << 16)
            libc.clone(ctypes.cast(libc.pause, ctypes.c_void_p), ctypes.c_void_p(ctypes.addressof(stack) + (1 << 16)), 0x100 | 17, None)
            while not all(os.path.exists(name) and os.path.getsize(name) for name in ("thread", "one", "two")): time.sleep(0.01)
            os._exit(0)
            """
        )
        self.assertEqual(result.skipped, [])
        self.assertEqual({name: len(content) for name, content in result.files.items()}, dict.fromkeys(("thread", "one", "two"), 4096))

    def test_zombies_of_others_are_reaped(self):
        result = self.run_program(
            """
            import os, time
            def processes():
                return list(filter(str.isdigit, os.listdir("/proc")))
            before = len(processes())
            for _ in range(300):
                if not os.fork():
                    if not os.fork(): os._exit(0)
                    os._exit(0)
                os.wait()
            deadline = time.monotonic() + 15
            # Not only zombies: one that has yet to end is one later.
            while len(processes()) > before and time.monotonic() < deadline: time.sleep(0.01)
            print(len(processes()) - before)
            """
        )
        self.assertEqual(result.text, "0\n")

    def test_late_frames_are_ignored_and_a_second_run_is_refused(self):
        with Client(self.workspace) as client:
            client.ready()
            client.start("pass")
            client.result()
            client.stdin(b"late")
            client.send(b"R", {"timeout_ms": 1000})
            self.assertEqual(json.loads(client.expect(b"P"))["reason"], "protocol")
            self.assertIsNone(client.receive())


class CollectionTest(RunnerTest):
    def test_regular_files_come_back_under_their_true_names(self):
        names = ["a", ".env", "..x", "...", "pkg/__main__.py", "-rf", "new\nline", "tab\tesc\x1b", "übung", "a b", "x" * 255, "d/e/f", "--checkpoint=1"]
        result = self.run_program(
            f"""
            import os
            for name in {names!r}:
                os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
                open(name, "w").write(name)
            os.makedirs("empty directory"); open("zero", "w")
            """
        )
        self.assertEqual(result.files, {**{name: name.encode() for name in names}, "zero": b""})
        self.assertEqual(list(result.files), sorted(result.files, key=lambda name: [part.encode() for part in name.split("/")]))
        self.assertEqual(result.skipped, [])

    def test_what_is_no_file_is_skipped(self):
        result = self.run_program(
            """
            import os, socket
            os.symlink("/etc/passwd", "link"); os.symlink("/", "directory"); os.symlink("nowhere", "dangling"); os.symlink("self", "self")
            os.mkfifo("fifo"); socket.socket(socket.AF_UNIX).bind("socket"); open("real", "w").write("x"); os.link("real", "twin")
            """
        )
        self.assertEqual(result.files, {"real": b"x", "twin": b"x"})
        kinds = {name: "symlink" for name in ("link", "directory", "dangling", "self")}
        self.assertEqual(dict(result.skipped), {**kinds, "fifo": "special", "socket": "special"})

    def test_permissions_do_not_hide_files(self):
        result = self.run_program(
            """
            import os
            os.mkdir("d"); os.mkdir("r")
            for name in ("f", "d/g", "r/h"): open(name, "w").write(name); os.chmod(name, 0)
            os.chmod("d", 0); os.chmod("r", 0o400); os.chmod(".", 0)
            """
        )
        self.assertEqual(result.files, {"f": b"f", "d/g": b"d/g", "r/h": b"r/h"})
        self.assertEqual(result.skipped, [])

    def test_limits_are_told(self):
        result = self.run_program(
            """
            import os
            open("a", "w").write("a" * 100); open("b", "w").write("b" * 101); open("c", "w").write("c" * 100)
            open("d", "w").write("d" * 60); open("e", "w").write("e" * 40); open("f", "w"); open("g", "w"); open("h", "w")
            open("sparse", "w").truncate(60 << 20)
            """,
            output_file_bytes=100,
            output_total_bytes=250,
            output_files=4,
        )
        self.assertEqual([(name, len(content)) for name, content in result.files.items()], [("a", 100), ("c", 100), ("e", 40), ("f", 0)])
        self.assertEqual(result.skipped, [("b", "too_large"), ("d", "total_size"), ("g", "file_limit")])

    def test_paths_count_for_the_total(self):
        result = self.run_program(
            """
            import os
            workspace = os.getcwd()
            for n in range(15): os.mkdir("d" * 250); os.chdir("d" * 250)
            for n in range(100): open(f"{n:03}" + "n" * 247, "w")
            os.chdir(workspace); open("z", "w")
            """
        )
        paths = [len(path) for path in result.files]
        self.assertEqual((len(paths), paths[-1]), (33, 1))
        self.assertLessEqual(sum(paths), 128 << 10)
        self.assertEqual([reason for _, reason in result.skipped], ["total_size"] * 16)

    def test_a_sparse_file_costs_what_it_announces(self):
        result = self.run_program("open('s', 'w').truncate(3_000_000)\nopen('t', 'w').truncate(60 << 20)")
        self.assertEqual(result.files, {"s": bytes(3_000_000)})
        self.assertEqual(result.skipped, [("t", "too_large")])

    def test_depth_is_bounded(self):
        result = self.run_program(
            """
            import os
            for n in range(1000):
                os.mkdir("d"); os.chdir("d")
                if n < 80: open("f", "w").write(str(n))
            """
        )
        self.assertEqual(len(result.files), 64)
        self.assertEqual(result.skipped, [("/".join("d" * 65), "depth")])

    def test_names_that_are_not_text_are_skipped(self):
        result = self.run_program(
            r"""
            import os
            os.makedirs(b"ok\xff/inside"); open(b"f\xed\xa0\x80", "w"); open("g", "w")
            """
        )
        self.assertEqual(list(result.files), ["g"])
        self.assertEqual([reason for _, reason in result.skipped], ["name_not_utf8"] * 2)

    def test_many_entries_are_bounded(self):
        result = self.run_program("import os\nfor n in range(3000): open(str(n), 'w')\nfor n in range(300): os.symlink('x', f's{n}')")
        self.assertEqual(len(result.files), 1000)
        self.assertEqual(result.skipped, [(sorted(map(str, range(3000)))[1000], "file_limit")])
        result = self.run_program("import os\nfor n in range(300): os.symlink('x', f's{n}')")
        self.assertEqual(len(result.skipped), 100)

    def test_inputs_come_back_only_when_they_changed(self):
        files = {name: b"content" for name in ("same", "changed", "shorter", "gone", "mapped", "rewritten", "moved", "d/same")}
        result = self.run_program(
            """
            import mmap, os
            open("changed", "r+").write("CONTENT"); os.truncate("shorter", 3); os.unlink("gone"); open("rewritten", "w").write("content")
            with open("mapped", "r+b") as f, mmap.mmap(f.fileno(), 0) as m: times = os.stat("mapped"); m[0] = 65
            os.utime("mapped", ns=(times.st_atime_ns, times.st_mtime_ns))
            os.rename("moved", "d/moved")
            """,
            files,
        )
        self.assertEqual(result.files, {"changed": b"CONTENT", "shorter": b"con", "mapped": b"Aontent", "d/moved": b"content"})

    def test_an_input_may_become_a_directory(self):
        result = self.run_program("import os; os.unlink('a'); os.mkdir('a'); open('a/b', 'w').write('x')", {"a": b"1"})
        self.assertEqual(result.files, {"a/b": b"x"})

    def test_the_entrypoint_is_never_returned(self):
        result = self.run_program("open(__file__, 'a').write('# changed')")
        self.assertEqual(result.files, {})
        result = self.run_program("import os; os.unlink(__file__)")
        self.assertEqual(result.files, {})

    def test_a_workspace_that_was_moved_is_collected_where_it_went(self):
        moved = self.workspace + "-moved"
        self.addCleanup(self.remove, moved)
        result = self.run_program(f"import os; open('f', 'w').write('x'); os.rename({self.workspace!r}, {moved!r}); os.symlink('/etc', {self.workspace!r})")
        self.assertEqual(result.files, {"f": b"x"})
        os.unlink(self.workspace)


class IntegrityTest(RunnerTest):
    def test_the_runner_is_out_of_reach(self):
        result = self.run_program(
            """
            import ctypes, errno, os, resource, signal, sys
            libc = ctypes.CDLL(None, use_errno=True)
            runner = os.getppid()
            def attempt(name, action):
                try: print(name, "DONE", action())
                except OSError as e: print(name, errno.errorcode[e.errno])
            def call(number, *args):
                result = libc.syscall(number, *map(ctypes.c_long, args))
                if result < 0: raise OSError(ctypes.get_errno(), "")
                return result
            for file in ("mem", "environ", "maps", "fd", "auxv", "stack", "oom_score_adj"):
                attempt(file, lambda: os.open(f"/proc/{runner}/{file}", os.O_RDONLY if file not in ("mem", "oom_score_adj") else os.O_RDWR))
            for fd in range(256):
                try: os.open(f"/proc/{runner}/fd/{fd}", os.O_WRONLY); print("OPENED", fd)
                except OSError: pass
            attempt("prlimit", lambda: resource.prlimit(runner, resource.RLIMIT_CPU, (1, 1)))
            attempt("scheduler", lambda: os.sched_setscheduler(runner, os.SCHED_IDLE, os.sched_param(0)))
            attempt("affinity", lambda: os.sched_setaffinity(runner, {0}))
            attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, runner, 19))
            attempt("group priority", lambda: os.setpriority(os.PRIO_PGRP, runner, 19))
            attempt("user priority", lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19))
            for number in (9, 19, 15, 0):
                attempt(f"kill {number}", lambda: os.kill(runner, number))
                attempt(f"kill all {number}", lambda: os.kill(-1, number))
                attempt(f"kill group {number}", lambda: os.kill(-runner, number))
                attempt(f"kill 1 {number}", lambda: os.kill(1, number))
            if hasattr(os, "pidfd_open"): attempt("pidfd", lambda: os.pidfd_open(runner))
            if hasattr(signal, "pidfd_send_signal"): attempt("directory", lambda: signal.pidfd_send_signal(os.open(f"/proc/{runner}", os.O_RDONLY), 9))
            import fcntl
            r, w = os.pipe()
            fcntl.fcntl(r, fcntl.F_SETOWN, runner)
            attempt("owner signal", lambda: fcntl.fcntl(r, 10, 9))
            fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC); os.write(w, b"x")
            print("own", os.getpriority(os.PRIO_PROCESS, 0)); os.kill(os.getpid(), 0); os.setpriority(os.PRIO_PROCESS, 0, 5); resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))
            """
        )
        lines = dict(line.rsplit(" ", 1) for line in result.text.splitlines())
        self.assertEqual(lines.pop("own"), "0", result.err)
        self.assertEqual(set(lines.values()), {"EPERM", "EACCES"}, lines)
        self.assertEqual(result.code, 0, result.err)

    def test_no_descriptor_is_left_over(self):
        result = self.run_program(
            """
            import fcntl, os
            left = []
            for fd in range(3, 1024):
                try: fcntl.fcntl(fd, fcntl.F_GETFD); left.append(fd)
                except OSError: pass
            print(left, [os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in range(3)])
            """,
            open_files=1024,
        )
        self.assertEqual(result.text, "[] ['pipe', 'pipe', 'pipe']\n")

    def test_the_status_of_the_process_is_locked(self):
        result = self.run_program("print(open('/proc/self/status').read())")
        status = dict(line.split(":\t", 1) for line in result.text.splitlines() if ":\t" in line)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertEqual(status["SigBlk"], "0" * 16)

    def test_system_calls_are_refused(self):
        machine = platform.machine()
        refused = syscalls.syscalls(machine, syscalls.REFUSED)
        unknown = syscalls.syscalls(machine, syscalls.UNKNOWN)
        result = self.run_program(
            f"""
            import ctypes, errno
            libc = ctypes.CDLL(None, use_errno=True)
            def code(number, *args):
                ctypes.set_errno(0)
                return errno.errorcode.get(ctypes.get_errno(), "0") if libc.syscall(number, *map(ctypes.c_long, args)) < 0 else "OK"
            for name, number in {({**refused, **unknown})!r}.items(): print(name, code(number, 0, 0, 0, 0, 0, 0))
            """
        )
        codes = dict(line.split() for line in result.text.splitlines())
        self.assertEqual(codes, {**dict.fromkeys(refused, "EPERM"), **dict.fromkeys(unknown, "ENOSYS")})

    def test_socket_families_follow_the_configuration(self):
        code = """
            import errno, socket
            for family in range(46):
                for kind, protocol in ((1, 0), (2, 0), (1, 6), (2, 17), (2, 1), (3, 255), (1, 132), (3, 0)):
                    try: socket.socket(family, kind, protocol); print(family, kind, protocol)
                    except OSError as e:
                        if family not in (1, 2, 10): assert e.errno == errno.EAFNOSUPPORT, (family, e)
            """
        unix = "1 1 0\n1 2 0\n1 2 1\n1 3 0\n"  # a raw unix socket is a datagram socket, protocol 1 is AF_UNIX itself
        internet = "".join(f"{family} {kind}\n" for family in (2, 10) for kind in ("1 0", "2 0", "1 6", "2 17"))
        self.assertEqual(self.run_program(code, sockets="unix").text, unix)
        lines = self.run_program(code, sockets="loopback").text
        if not os.path.exists("/proc/net/if_inet6"):
            internet = internet[: internet.index("10 ")]
        self.assertEqual(lines, unix + internet)

    LOOPBACK = {
        "servers": """
            import http.server, threading, urllib.request, xmlrpc.server, xmlrpc.client
            class H(http.server.BaseHTTPRequestHandler):
                def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'here')
                def log_message(self, *args): pass
            web = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)
            threading.Thread(target=web.serve_forever, daemon=True).start()
            for _ in range(100): assert urllib.request.urlopen(f'http://127.0.0.1:{web.server_port}/').read() == b'here'
            rpc = xmlrpc.server.SimpleXMLRPCServer(('localhost', 0), logRequests=False)
            rpc.register_function(pow)
            threading.Thread(target=rpc.serve_forever, daemon=True).start()
            print(xmlrpc.client.ServerProxy(f'http://localhost:{rpc.server_address[1]}').pow(2, 5))
            """,
        "a hundred at once": """
            import asyncio
            async def main():
                async def echo(reader, writer):
                    writer.write(await reader.readexactly(200000)); await writer.drain(); writer.close()
                server = await asyncio.start_server(echo, '127.0.0.1', 0, backlog=200)
                port = server.sockets[0].getsockname()[1]
                async def one():
                    reader, writer = await asyncio.open_connection('127.0.0.1', port)
                    writer.write(bytes(200000)); answer = await reader.read(-1); writer.close()
                    return len(answer)
                print(sum(await asyncio.gather(*(one() for _ in range(100)))))
            asyncio.run(main())
            """,
        "datagrams": """
            import socket
            a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in 'ab')
            a.bind(('127.0.0.1', 0)); b.sendto(b'x' * 60000, a.getsockname()); print(len(a.recv(65536)))
            """,
        "a manager": """
            import multiprocessing.managers, os
            class M(multiprocessing.managers.SyncManager): pass
            if __name__ == '__main__':
                with M(address=('127.0.0.1', 0), authkey=b'k') as m:
                    d = m.dict(); d['x'] = 1; print(d.copy(), m.address[0])
            """,
        "an interrupted call": """
            import signal, socket
            signal.signal(signal.SIGALRM, lambda *args: None); signal.siginterrupt(signal.SIGALRM, False); signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
            server = socket.create_server(('127.0.0.1', 0), backlog=200)
            for _ in range(300):
                client = socket.create_connection(server.getsockname()); server.accept()[0].close(); client.close()
            print('done')
            """,
    }

    def test_programs_talk_to_themselves(self):
        if gate.allowed_sockets("loopback") == "gated" and gate.socket_bound() < 400:
            self.skipTest("the buffers of sockets are larger than a sandbox has them: so few would do")
        for name, code in self.LOOPBACK.items():
            with self.subTest(name=name):
                result = self.run_program(code)
                expected = {"servers": "32\n", "a hundred at once": "20000000\n", "datagrams": "60000\n"}
                expected.update({"a manager": "{'x': 1} 127.0.0.1\n", "an interrupted call": "done\n"})
                self.assertEqual((result.text, bytes(result.err)), (expected[name], b""))

    # What a program may have in sockets where its cgroup does not count it: each way to get one that can be filled.
    GREEDY = """
        import os, socket, struct, sys
        keep = []
        def fill(s):
            s.setblocking(False)
            for option in socket.SO_SNDBUF, socket.SO_RCVBUF: s.setsockopt(socket.SOL_SOCKET, option, 1 << 30)
            try:
                for _ in range(100): s.send(bytes(60000))
            except OSError: pass
        def used(): return int(open('/proc/self/net/sockstat').read().split()[2])
        def tcp():
            client = socket.create_connection(server.getsockname()); keep.extend((client, server.accept()[0]))
            for s in keep[-2:]: fill(s)
        def again():
            s = keep[0]
            s.setblocking(True)
            try: s.connect(server.getsockname())
            except TypeError: pass
            keep.append(server.accept()[0]); fill(s)
            libc.connect(s.fileno(), bytes(16), 16)
        def unaccepted():
            s = socket.socket(); keep.append(s); s.connect(server.getsockname()); fill(s)
        def udp():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); keep.append(s); s.bind(('127.0.0.1', 0)); s.connect(s.getsockname()); fill(s)
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        server = socket.create_server(('127.0.0.1', 0), backlog=4096)
        for way in WAYS:
            if way is again: keep.append(socket.socket())
            try:
                for _ in range(2000): way()
                print(way.__name__, 'all of them')
            except OSError as error: print(way.__name__, error.errno, used() <= BOUND + 4)
        try: keep[0].sendto(b'x', 0x20000000, server.getsockname())
        except OSError as error: print(error.errno)
        print(int(open('/proc/self/net/sockstat').read().split('mem')[1].split()[0]) >= 0)
        """

    def test_what_waits_in_sockets_is_bounded(self):
        if gate.allowed_sockets("loopback") != "gated":
            self.skipTest("the cgroup counts it")
        bound = gate.socket_bound()
        for way, errors in (("tcp", "105"), ("again", "105"), ("unaccepted", "105"), ("udp", "105")):
            with self.subTest(way=way):
                code = textwrap.dedent(self.GREEDY).replace("WAYS", f"[{way}]").replace("BOUND", str(bound))
                result = self.run_program(code, open_files=4096)
                self.assertEqual(bytes(result.err), b"")
                self.assertEqual(result.text.splitlines()[0], f"{way} {errors} True")
                self.assertIn("95", result.text.splitlines())

    def test_nothing_is_shared_that_outlives_the_program(self):
        result = self.run_program(
            """
            import ctypes, errno, multiprocessing
            from multiprocessing import shared_memory
            libc = ctypes.CDLL(None, use_errno=True)
            for make, arguments in (libc.shmget, (0, 4096, 0o1600)), (libc.msgget, (0, 0o1600)), (libc.semget, (0, 1, 0o1600)):
                print(make(*arguments), errno.errorcode[ctypes.get_errno()])
            def add(lock, name):
                block = shared_memory.SharedMemory(name)
                for _ in range(100):
                    with lock: block.buf[0] += 1
                block.close()
            if __name__ == "__main__":
                context = multiprocessing.get_context("fork")
                lock, block = context.Lock(), shared_memory.SharedMemory(create=True, size=16)
                adders = [context.Process(target=add, args=(lock, block.name)) for _ in range(2)]
                for adder in adders: adder.start()
                for adder in adders: adder.join()
                print(block.buf[0]); block.close(); block.unlink()
            """
        )
        self.assertEqual((result.text, result.code), ("-1 EPERM\n" * 3 + "200\n", 0), result.err)

    def test_without_internet_sockets_libraries_still_work(self):
        result = self.run_program(
            """
            import asyncio, multiprocessing, socket
            from concurrent.futures import ProcessPoolExecutor
            async def main(): return await asyncio.to_thread(len, "abc") if hasattr(asyncio, "to_thread") else 3
            if __name__ == "__main__":
                print(asyncio.run(main()))
                with ProcessPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, 2])))
                with multiprocessing.Manager() as manager: print(manager.list([1]))
                try: socket.getaddrinfo("example.test", 80)
                except OSError as e: print(type(e).__name__)
            """,
            sockets="unix",
        )
        self.assertEqual((result.text, result.code), ("3\n[1, 2]\n[1]\ngaierror\n", 0), result.err)

    def test_a_program_cannot_lead_the_runner_astray(self):
        """A hostile workspace and sys.path matter to the program alone: the results still arrive."""
        names = ("json", "os", "struct", "stat", "traceback", "errno", "encodings", "select", "re", "codecs", "ast")
        result = self.run_program("open('out', 'w').write('x'); print('ok')", {f"{name}.py": b"raise SystemExit(99)" for name in names})
        self.assertEqual((result.text, result.code, result.files), ("ok\n", 0, {"out": b"x"}))

    def test_a_failing_lock_is_a_problem_and_not_a_result(self):
        with Client(self.workspace, open_files="many") as client:
            client.ready()
            client.start("open('/tmp/ran', 'w')")
            problem = json.loads(client.expect(b"P"))
            self.assertEqual(problem["reason"], "incompatible")
            self.assertIsNone(client.receive())
        self.assertFalse(os.path.exists("/tmp/ran"))


class FilterTest(unittest.TestCase):
    """The filter as the kernel would evaluate it, for both architectures on either."""

    ALLOW, EPERM, ENOSYS, NO_FAMILY = 0x7FFF0000, 0x50001, 0x50026, 0x50061
    IGNORED, EINVAL, EOPNOTSUPP = 0x50000, 0x50016, 0x5005F
    CASES = [
        ("kill", (1, 9), EPERM),
        ("kill", (77, 9), EPERM),
        ("kill", (78, 9), EPERM),
        ("kill", (77 + (5 << 32), 9), EPERM),
        ("kill", (2**64 - 1, 9), EPERM),
        ("kill", (2**32 - 77, 9), EPERM),
        ("kill", (500, 9), ALLOW),
        ("kill", (0, 9), ALLOW),
        ("tgkill", (77, 77, 9), EPERM),
        ("tkill", (78, 9), EPERM),
        ("prlimit64", (0, 0), ALLOW),
        ("prlimit64", (77, 0), EPERM),
        ("setpriority", (0, 77, 0), EPERM),
        ("setpriority", (2, 0, 0), EPERM),
        ("setpriority", (0, 0, 0), ALLOW),
        ("ioprio_set", (3, 0), EPERM),
        ("ioprio_set", (1, 77), EPERM),
        ("ioprio_set", (1, 0), ALLOW),
        ("personality", (0,), ALLOW),
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0x0040000,), EPERM),
        ("clone", (0x01200011,), ALLOW),
        ("clone", (0x003D0F00,), ALLOW),
        ("clone", (0x10000011,), EPERM),
        ("socket", (1, 1, 0), ALLOW),
        ("socket", (2, 1, 6), ALLOW),
        ("socket", (2, 1, 132), NO_FAMILY),
        ("socket", (16, 3, 0), NO_FAMILY),
        ("socket", (40, 1, 0), NO_FAMILY),
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (0, 0x5412 + (1 << 32)), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("fcntl", (0, 10, 9), EPERM),
        ("fcntl", (0, 3), ALLOW),
        ("ptrace", (), EPERM),
        ("shmget", (0, 4096, 0o1600), EPERM),
        ("msgget", (0, 0o1600), EPERM),
        ("semget", (0, 1, 0o1600), EPERM),
        ("clone3", (), ENOSYS),
        # Memory for programs that the kernel runs, of which the host has so much for all.
        ("setsockopt", (3, 1, 26), EPERM),
        ("setsockopt", (3, 1, 51), EPERM),
        ("setsockopt", (3, 1, 7), ALLOW),
        ("setsockopt", (3, 6, 26), ALLOW),
        ("prctl", (22, 2), EINVAL),
        ("prctl", (22 + (1 << 32), 1), EINVAL),
        ("prctl", (15, 22), ALLOW),
        ("seccomp", (1, 0), ENOSYS),
        # The disk of the host, which is everybody's.
        ("sync", (), IGNORED),
        ("syncfs", (0,), IGNORED),
        ("fadvise64", (0, 0, 0, 3), ALLOW),
        ("fadvise64", (0, 0, 0, 4), IGNORED),
        ("fadvise64", (0, 0, 0, 4 + (1 << 32)), IGNORED),
        ("openat2", (), ENOSYS),
        ("preadv2", (0, 0, 0, 0, 0, 0), ALLOW),
        ("preadv2", (0, 0, 0, 0, 0, 0x88), EOPNOTSUPP),
        ("openat", (0, 0, 0o2), ALLOW),
        ("fcntl", (0, 4, 0o4000), ALLOW),
        ("fcntl", (0, 4 + (1 << 32), "O_DIRECT"), EINVAL),
        ("fcntl", (0, 3, "O_DIRECT"), ALLOW),
        ("openat", (0, 0, "O_DIRECT"), EINVAL),
        ("open", (0, "O_DIRECT"), EINVAL),
        ("open", (0, 0), ALLOW),
    ]

    def evaluate(self, code, number, arguments, arch):
        data = struct.pack("<IIQ6Q", number, arch, 0, *(tuple(arguments) + (0,) * 6)[:6])
        program = list(struct.iter_unpack("<HBBI", code))
        place = accumulator = steps = 0
        while True:
            op, yes, no, value = program[place]
            place += 1
            steps += 1
            if op == 0x20:
                accumulator = int.from_bytes(data[value : value + 4], "little")
            elif op == 0x05:
                place += value
            elif op == 0x06:
                return value, steps
            else:
                test = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
                place += yes if test[op] else no

    def test_verdicts(self):
        for machine, arch in syscalls.AUDIT_ARCH.items():
            code = seccomp.seccomp_filter(machine, True, 77, [77, 78])
            self.assertLess(len(code) // 8, 1000)
            numbers = {}
            for table in (syscalls.REFUSED, syscalls.UNKNOWN, syscalls.IGNORED, syscalls.JUDGED):
                numbers.update(syscalls.syscalls(machine, table))
            for name, arguments, verdict in self.CASES:
                if name not in numbers:
                    continue
                arguments = [syscalls.O_DIRECT[machine] if value == "O_DIRECT" else value for value in arguments]
                with self.subTest(machine=machine, name=name, arguments=arguments):
                    self.assertEqual(self.evaluate(code, numbers[name], arguments, arch)[0], verdict)
            with self.subTest(machine=machine, name="other calls"):
                for number in set(range(600)) - set(numbers.values()):
                    verdict, steps = self.evaluate(code, number, (), arch)
                    self.assertEqual(verdict, self.ALLOW)
                    self.assertLess(steps, 40)
            self.assertEqual(self.evaluate(code, numbers["kill"], (500,), 0x40000003)[0], self.ENOSYS)
            self.assertEqual(self.evaluate(code, 0x40000000 + 1, (), arch)[0], self.ENOSYS)

    GATED = [
        ("connect", (3, 0, 16), "ASK"),
        ("socket", (2, 1, 0), ALLOW),
        ("socket", (10, 1 | 0o2004000, 6), ALLOW),
        ("socket", (2, 2, 0), "ASK"),
        ("socket", (10, 2 | 0o2004000, 17), "ASK"),
        ("socket", (2 + (1 << 32), 2 + (1 << 32), 17 + (1 << 32)), "ASK"),
        ("socket", (2, 3, 255), NO_FAMILY),
        ("socket", (1, 2, 0), ALLOW),
        ("socket", (16, 3, 0), NO_FAMILY),
        ("setsockopt", (3, 1, 7), IGNORED),
        ("setsockopt", (3, 1 + (1 << 32), 8 + (1 << 32)), IGNORED),
        ("setsockopt", (3, 6, 8), ALLOW),
        ("setsockopt", (3, 1, 2), ALLOW),
        ("setsockopt", (3, 1, 26), EPERM),
        ("sendto", (3, 0, 5, 0x20000000), EOPNOTSUPP),
        ("sendto", (3, 0x20000000, 0x20000000, 0x4000), ALLOW),
        ("sendmsg", (3, 0, 0x20004000), EOPNOTSUPP),
        ("sendmsg", (3, 0, 0), ALLOW),
        ("sendmmsg", (3, 0, 1, 0x20000000), EOPNOTSUPP),
    ]

    def test_verdicts_where_it_asks(self):
        for machine, arch in syscalls.AUDIT_ARCH.items():
            code = seccomp.seccomp_filter(machine, True, 77, [77], (), True)
            numbers = {**syscalls.syscalls(machine, syscalls.JUDGED), **syscalls.syscalls(machine, syscalls.GATED)}
            for name, arguments, verdict in self.GATED:
                verdict = seccomp.Filter.ASK if verdict == "ASK" else verdict
                with self.subTest(machine=machine, name=name, arguments=arguments):
                    self.assertEqual(self.evaluate(code, numbers[name], arguments, arch)[0], verdict)

    def test_many_threads_fit(self):
        code = seccomp.seccomp_filter("x86_64", False, 77, list(range(77, 1077)))
        self.assertLess(len(code) // 8, 4096)
        self.assertEqual(self.evaluate(code, 62, (1000, 9), 0xC000003E)[0], self.EPERM)
        self.assertEqual(self.evaluate(code, 41, (2, 1, 0), 0xC000003E)[0], self.NO_FAMILY)
        self.assertEqual(self.evaluate(code, 0, (), 0xC000003E)[0], self.ALLOW)

    def test_internet_sockets_need_a_group_that_counts_their_buffers(self):
        group, host = "/sys/fs/cgroup/memory/", "/sys/fs/cgroup/memory/docker/x/"
        one, two = "9:memory:/docker/x\n0::/docker/x\n", "0::/\n"
        none, some = "9223372036854771712\n", "33554432\n"
        tcp = "memory.kmem.tcp.limit_in_bytes"
        cases = (
            ({"/proc/self/cgroup": one, group + tcp: none}, False),
            ({"/proc/self/cgroup": one, group + tcp: some}, True),
            ({"/proc/self/cgroup": one, host + tcp: some, group + tcp: none}, True),
            ({"/proc/self/cgroup": one, host + tcp: none, group + tcp: some}, False),
            ({"/proc/self/cgroup": one}, False),
            ({"/proc/self/cgroup": one, "/sys/fs/cgroup/docker/x/memory.max": some}, False),
            ({"/proc/self/cgroup": two, "/sys/fs/cgroup/memory.max": some}, True),
            ({"/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/memory.max": "max\n"}, True),
            ({"/proc/self/cgroup": two}, False),
            ({}, False),
        )
        for files, counts in cases:
            with self.subTest(files=files):
                self.assertEqual(gate.counts_socket_buffers(lambda path: files.get(path.replace("//", "/"), "")), counts)

    def test_process_1_may_be_asked_to_kill_all(self):
        self.assertEqual(self.evaluate(seccomp.seccomp_filter("x86_64", True, 1, [1]), 62, (2**64 - 1, 9), 0xC000003E)[0], self.ALLOW)


class LibrariesTest(RunnerTest):
    """Only where the image has them."""

    def setUp(self):
        super().setUp()
        if not importlib.util.find_spec("pandas") or not importlib.util.find_spec("sklearn"):
            self.skipTest("no pandas, no sklearn here")

    def test_preloaded_libraries_work(self):
        result = self.run_program(
            """
            import pandas as pd, numpy as np, matplotlib, matplotlib.pyplot as plt
            from sklearn.linear_model import LinearRegression
            from sklearn.ensemble import RandomForestRegressor
            df = pd.DataFrame({"x": range(100), "y": [2 * i for i in range(100)]})
            model = LinearRegression().fit(df[["x"]], df["y"])
            RandomForestRegressor(n_estimators=4, n_jobs=2).fit(df[["x"]], df["y"])
            df.plot(x="x", y="y"); plt.savefig("plot.png")
            print(round(model.coef_[0], 6), matplotlib.get_backend().lower(), np.arange(3).sum())
            df.describe()
            """,
            preload=["numpy", "pandas", "matplotlib.pyplot", "sklearn.linear_model"],
            interactive=True,
        )
        self.assertEqual(result.code, 0, result.err)
        self.assertTrue(result.text.startswith("2.0 agg 3\n"), result.text)
        self.assertEqual(list(result.files), ["plot.png"])
        self.assertTrue(result.files["plot.png"].startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
