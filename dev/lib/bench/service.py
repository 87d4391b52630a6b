"""The service as it is measured: a process of its own, and clients of it."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

PORT = int(os.environ.get("PORT", "8009"))
JAVA = os.path.join(os.environ["JAVA_HOME"], "bin", "java")
OPTIONS = os.environ["JAVA_OPTIONS"].split()
CACHE = "target/code-interpreter.aot"
BOUNDARY = "bench"


def form_of(content):
    """The body of an upload."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode()
    return head + content + f"\r\n--{BOUNDARY}--\r\n".encode()


class Client:
    """One kept-alive connection, with a key or none."""

    def __init__(self, port=PORT, key=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": "Bearer " + key} if key else {}

    def ask(self, method, path, body=None, kind="application/json"):
        self.connection.request(method, path, body, self.headers | ({"Content-Type": kind} if body is not None else {}))
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def post(self, path, **body):
        status, text = self.ask("POST", path, json.dumps(body))
        return status, json.loads(text)

    def run(self, path, **body):
        status, answer = self.post(path, **body)
        assert status == 200 and answer["exit_code"] == 0, answer
        return answer

    def execute(self, code, **options):
        return self.run("/v1/execute", code=code, **{"timeout_ms": 20000, **options})

    def be_refused(self, times=5000):
        """Quick, and the JVM compiles most of what a run needs."""
        for _ in range(times):
            self.post("/v1/execute", code=1)

    def upload(self, form):
        status, text = self.ask("POST", "/v1/files", form, f"multipart/form-data; boundary={BOUNDARY}")
        assert status == 201, text
        return json.loads(text)["file_id"]

    def pool(self):
        """How many sandboxes of the warm pool are in each state."""
        _, text = self.ask("GET", "/metrics")
        sizes = re.findall(r'code_interpreter_sandbox_pool_size\{[^}]*state="(\w+)"[^}]*} (\S+)', text.decode())
        return {state: int(float(size)) for state, size in sizes}

    def await_idle(self, preloaded, rest=0.2):
        """Until the pool is full, and so many have their libraries: all, in a version that does not tell them apart.

        Then it rests for some seconds, for the launch's last traces.
        """
        deadline = time.monotonic() + 60
        while (sizes := self.pool())["idle"] < sizes["target"] or sizes.get("preloaded", preloaded) < preloaded:
            assert time.monotonic() < deadline, "the pool does not fill"
            time.sleep(0.05)
        time.sleep(rest)


class Service:
    """Starts when entered, and is healthy then; its environment is the given variables."""

    def __init__(self, command=None, cache=True, heap=None, port=PORT, **variables):
        self.port = port
        self.command = command or ["-jar", "target/code-interpreter.jar"]
        self.options = [*OPTIONS, *([f"-XX:AOTCache={CACHE}"] if cache else []), *([f"-Xmx{heap}"] if heap else [])]
        self.variables = variables

    def __enter__(self):
        self.directory = tempfile.mkdtemp()
        environment = {
            "PATH": os.environ["PATH"], "PORT": str(self.port), "HOST": "127.0.0.1", "LOG_LEVEL": "WARNING",
            "FILE_STORAGE_DIR": self.directory, **self.variables,
        }
        if "DOCKER_HOST" in os.environ:
            environment["DOCKER_HOST"] = os.environ["DOCKER_HOST"]
        start = time.perf_counter()
        self.process = subprocess.Popen([JAVA, *self.options, *self.command], env=environment)
        while True:
            try:
                if Client(self.port).ask("GET", "/health")[0] == 200:
                    break
            except OSError:
                assert self.process.poll() is None, "the service ended while it started"
                time.sleep(0.005)
        self.start_seconds = time.perf_counter() - start
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)

    def memory(self, name):
        """VmRSS or VmHWM, in megabytes."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024

    @contextlib.contextmanager
    def background(self, code):
        thread = threading.Thread(target=lambda: Client().execute(code))
        thread.start()
        try:
            yield
        finally:
            thread.join()
