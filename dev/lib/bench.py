"""Times the service, the engine alone and the docker command line in turn: python3 dev/lib/bench.py URL ROUNDS

Machines are noisy and drift, so each round measures everything once, and what is printed are medians and their ratios.
"""

import http.client
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import uuid

HELLO = "print('hi')"
IMAGE = "code-interpreter-executor:latest"
RUNNER = "src/main/python/runner.py"
LABEL = "code-interpreter.component=sandbox"


class Service:
    """One kept-alive connection, as a client would hold it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def post(self, path, **body):
        self.connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(self.connection.getresponse().read())

    def run(self, path, **body):
        answer = self.post(path, **body)
        assert answer.get("exit_code") == 0, answer
        return answer

    def execute(self, code, timeout_ms=10000):
        return self.run("/v1/execute", code=code, timeout_ms=timeout_ms)

    def begin_session(self):
        return self.post("/v1/sessions")["session_id"]

    def end_session(self, session):
        self.connection.request("DELETE", f"/v1/sessions/{session}")
        self.connection.getresponse().read()


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


class Engine:
    """What the engine takes for a container with our settings whose runner says READY: the floor for a cold run."""

    def __init__(self, settings):
        self.settings = settings
        self.api = EngineConnection()
        with open(RUNNER, "rb") as file:
            text = file.read()
        config = {
            "protocol": 1, "workspace": "/workspace", "preload": [], "env": {}, "sockets": "loopback",
            "output_bytes": 1000, "cpu_seconds": 5, "file_bytes": 1 << 20, "open_files": 256, "output_files": 1,
            "output_file_bytes": 1, "output_total_bytes": 1, "output_depth": 1,
        }
        payload = json.dumps(config).encode()
        self.hello = len(text).to_bytes(4, "big") + text + b"C" + len(payload).to_bytes(4, "big") + payload

    def launch(self):
        name = "code-interpreter-bench-" + uuid.uuid4().hex
        self.api.call("POST", f"/containers/create?name={name}", self.settings)
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
        attached.sock.sendall(self.hello)
        assert stream.read(9)[8:] == b"Y", "expected READY"
        return name, attached

    def close(self, name, attached):
        attached.sock.shutdown(socket.SHUT_RDWR)
        attached.sock.close()
        try:
            self.api.call("POST", f"/containers/{name}/wait?condition=removed")
        except AssertionError:
            pass  # it was removed before we asked


def settings_of_a_sandbox(service_url):
    """What the service asks the engine for, read back from a sandbox of its own."""
    program = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'dev/lib'); import bench;"
         f"bench.Service({service_url!r}).execute('import time; time.sleep(3)')"])
    try:
        api = EngineConnection()
        query = urllib.parse.quote(json.dumps({"label": [LABEL]}))
        for _ in range(100):
            found = api.call("GET", f"/containers/json?filters={query}")
            if found:
                inspected = api.call("GET", f"/containers/{found[0]['Id']}/json")
                return {**inspected["Config"], "HostConfig": inspected["HostConfig"]}
            time.sleep(0.02)
        raise SystemExit("the service launched no sandbox")
    finally:
        program.wait()


def docker(*words, **options):
    return subprocess.run(["docker", *words], check=True, capture_output=True, **options).stdout


def command_line():
    """The reference's sequence: a container that sleeps, the program in, run, the files out, kill."""
    name = "code-interpreter-bench-" + uuid.uuid4().hex
    archive = subprocess.run(["tar", "-C", "dev/lib", "-c", "bench.py"], check=True, capture_output=True).stdout

    docker("run", "-d", "--rm", "--name", name, "--network", "none", "--memory", "256m", "--pids-limit", "64",
           "--tmpfs", "/workspace:mode=1777", "--workdir", "/workspace", IMAGE, "sleep", "60")
    try:
        docker("exec", "-i", "-u", "0", name, "tar", "-x", "-C", "/workspace", input=archive)
        assert docker("exec", name, "python", "-c", HELLO) == b"hi\n"
        docker("exec", name, "tar", "-c", "-C", "/workspace", ".")
    finally:
        docker("kill", name)


def settle(api):
    """Until the engine has removed what the last measurement left: that costs it half as much as a launch."""
    while api.call("GET", "/containers/json?all=true&filters=" + urllib.parse.quote('{"name": ["code-interpreter-"]}')):
        time.sleep(0.02)
    time.sleep(0.05)


def timed(action):
    start = time.perf_counter()
    result = action()
    return 1000 * (time.perf_counter() - start), result


def main(url, rounds):
    service = Service(url)
    engine = Engine(settings_of_a_sandbox(url))
    times = {"service": [], "engine": [], "command line": [], "bash": [], "python": [], "docker exec": []}
    session = service.begin_session()
    for _ in range(100):  # until the JVM has compiled what a request needs
        service.execute(HELLO)
    for round_number in range(rounds + 3):
        row = {}
        settle(engine.api)
        row["service"], _ = timed(lambda: service.execute(HELLO))
        settle(engine.api)
        row["engine"], launched = timed(engine.launch)
        engine.close(*launched)
        settle(engine.api)
        row["command line"], _ = timed(command_line)
        settle(engine.api)
        row["bash"], _ = timed(lambda: service.run(f"/v1/sessions/{session}/bash", cmd="echo hi"))
        row["python"], _ = timed(lambda: service.run(f"/v1/sessions/{session}/python", code=HELLO))
        row["docker exec"], _ = timed(lambda: docker("exec", session, "bash", "-c", "echo hi"))
        if round_number >= 3:  # the first ones warm the caches
            for name, value in row.items():
                times[name].append(value)
    service.end_session(session)
    median = {name: statistics.median(values) for name, values in times.items()}
    print(f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}, {rounds} rounds, medians\n")
    print(f"cold print('hi') over HTTP                     {median['service']:7.1f} ms")
    print(f"engine alone: create, attach, start, READY     {median['engine']:7.1f} ms   "
          f"service / engine       {median['service'] / median['engine']:.2f}")
    print(f"docker run, exec tar, exec python, exec tar, kill {median['command line']:4.0f} ms   "
          f"command line / service {median['command line'] / median['service']:.2f}")
    print(f"bash in a session                              {median['bash']:7.1f} ms   "
          f"bash / docker exec     {median['bash'] / median['docker exec']:.2f}")
    print(f"Python in a session                            {median['python']:7.1f} ms   "
          f"Python / docker exec   {median['python'] / median['docker exec']:.2f}")
    print(f"docker exec bash                               {median['docker exec']:7.1f} ms")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), int(sys.argv[2]))