"""What is measured. Each section gives rows: what, value, unit, and how it stands to something else of the same run."""

import collections
import http.client
import http.server
import threading
import time

from bench import reference
from bench.engine import Engine, engine_with_crun, settings_of_a_sandbox, settle
from bench.measure import load, median, percentile, rate, timed
from bench.service import CACHE, PORT, Client, Service, form_of

HELLO = "print('hi')"
PANDAS = "import pandas\nprint(pandas.DataFrame({'a': range(1000)}).a.sum())"
PLOT = "import matplotlib.pyplot as plot\nplot.plot([1, 2, 3])\nplot.savefig('plot.png')"
POOL = 2
IDLE = POOL + 3 * POOL  # and the bare ones
POOLS = {"WARM_POOL_SIZE": str(POOL), "WARM_POOL_BARE_SIZE": str(IDLE - POOL), "WARM_POOL_SESSION_SIZE": "0"}
FAKE = ["-cp", "target/code-interpreter.jar:target/libs/*:target/fake", "dev.codeinterpreter.Main"]
ON_FAKE = {"EXECUTOR_BACKEND": "fake", "WARM_POOL_SIZE": "0", "MAX_CONCURRENT_EXECUTIONS": "64"}
LARGE = 100_000_000


def warm_up(client, programs=150):
    """Until the JVM has compiled what a request needs."""
    for _ in range(programs):
        client.execute(HELLO)


def latencies(rounds):
    """Interleaved, so that what disturbs the machine disturbs all of them."""
    times = collections.defaultdict(list)
    with Service(**POOLS) as warm_service:
        client = Client()
        for _ in range(rounds):
            settle(IDLE)
            client.await_idle(POOL)
            times["first"].append(timed(lambda: client.execute(HELLO)))
        client.be_refused()
        warm_up(client)
        for _ in range(rounds):
            for name, program in (("hello", HELLO), ("pandas", PANDAS), ("plot", PLOT)):
                settle(IDLE)
                client.await_idle(POOL)
                times[name].append(timed(lambda: client.execute(program)))
                settle(IDLE)
                client.await_idle(POOL)
                times[name + " reference"].append(timed(lambda: reference.run(program)))
        for _ in range(3 * rounds):  # the tail needs more
            settle(IDLE)
            client.await_idle(POOL)
            times["hello"].append(timed(lambda: client.execute(HELLO)))
    yield "**Warm, one request after another, a sandbox idle**", None, "", ""
    for name, program in (("hello", "print('hi')"), ("pandas", "import pandas, a sum"), ("plot", "a plot to PNG")):
        ours, theirs = times[name], times[name + " reference"]
        yield (f"{program}: p50", median(ours), "ms",
               f"{median(theirs) / median(ours):.1f} times faster than the command line's {median(theirs):.0f} ms")
        yield f"{program}: p99 of {len(ours)}", percentile(ours, 0.99), "ms", ""
    yield f"print('hi') when the service has just started: p50 of the first {rounds}", median(times["first"]), "ms", ""


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes whatever spans it is sent."""

    protocol_version = "HTTP/1.1"
    batches = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Collector.batches += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


def tracing(rounds):
    """Two services side by side, with tracing and without; hello on each in turn, the first in turn as well."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pools = {"WARM_POOL_SIZE": "0", "WARM_POOL_BARE_SIZE": "4", "WARM_POOL_SESSION_SIZE": "0"}
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    times = collections.defaultdict(list)
    with Service(**pools), Service(port=PORT + 1, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **pools):
        clients = {"off": Client(), "on": Client(PORT + 1)}
        for client in clients.values():
            # The cache knows what a run calls, and not what a span does: the JVM has to compile both sides.
            warm_up(client, 600)
        for number in range(rounds):
            for name in sorted(clients, reverse=number % 2 == 1):
                for client in clients.values():
                    client.await_idle(0, rest=0.1)
                times[name].append(timed(lambda: clients[name].execute(HELLO)))
    server.shutdown()
    assert Collector.batches > 0, "no span has arrived"
    off, on = median(times["off"]), median(times["on"])
    pairs = [b / a for a, b in zip(times["off"], times["on"])]
    yield "**Tracing, in pairs with a service that has none**", None, "", ""
    yield f"print('hi') with every request traced: p50 of {rounds}", on, "ms", f"{on / off:.3f} of {off:.2f} ms without; median of the pairs' ratios {median(pairs):.3f}"


def cold(rounds):
    times = collections.defaultdict(list)
    with Service(WARM_POOL_SIZE="0") as service:
        client = Client()
        engine = Engine(settings_of_a_sandbox(service))
        warm_up(client)
        for _ in range(rounds):
            settle()
            times["cold"].append(timed(lambda: client.execute(HELLO)))
            settle()
            launched = []
            times["engine"].append(timed(lambda: launched.append(engine.launch())))
            engine.close(*launched[0])
    middle = {name: median(values) for name, values in times.items()}
    yield "**Cold**", None, "", ""
    yield "print('hi') in a new sandbox: p50", middle["cold"], "ms", f"{middle['cold'] / middle['engine']:.2f} of the engine alone"
    yield "engine alone: create, attach, start, READY", middle["engine"], "ms", ""


def runtimes(rounds):
    """What the engine starts containers with, in turn, on an engine that knows crun beside its own runc."""
    names = ("runc", "crun")
    times = collections.defaultdict(list)
    with engine_with_crun() as where:
        if not where:
            yield "**crun instead of runc**", None, "", "not measured: no engine here knows crun and could be started, see OPERATIONS.md"
            return
        with Service(WARM_POOL_SIZE="0") as service:
            settings = settings_of_a_sandbox(service)
        engines = {name: Engine({**settings, "HostConfig": {**settings["HostConfig"], "Runtime": name}}) for name in names}
        for _ in range(2 * rounds):
            for name, engine in engines.items():
                settle()
                launched = []
                times["launch", name].append(timed(lambda: launched.append(engine.launch())))
                times["exec", name].append(timed(lambda: reference.docker("exec", launched[0][0], "true")))
                times["removal", name].append(timed(lambda: engine.close(*launched[0])))
        with (Service(**POOLS, PYTHON_EXECUTOR_DOCKER_RUN_ARGS="--runtime runc"),
              Service(port=PORT + 1, **POOLS, PYTHON_EXECUTOR_DOCKER_RUN_ARGS="--runtime crun")):
            under_load(dict(zip(names, (PORT, PORT + 1))), times)
    yield f"**crun instead of runc, on {where}**", None, "", ""
    for what, row in (("launch", "create, attach, start, READY: p50"), ("exec", "docker exec true: p50"), ("removal", "removal: p50"),
                      ("pandas", "import pandas every 0.35 s: p50")):
        theirs, crun = median(times[what, "runc"]), median(times[what, "crun"])
        tail = f", p90 {percentile(times[what, 'crun'], 0.9):.0f} and {percentile(times[what, 'runc'], 0.9):.0f} ms" if what == "pandas" else ""
        yield row, crun, "ms", f"{crun / theirs:.2f} of runc's {theirs:.0f} ms{tail}"
    for crowd in (4, 16):
        theirs, crun = median(times[crowd, "runc"]), median(times[crowd, "crun"])
        yield f"print('hi') without a pause, {crowd} at a time", crun, "/s", f"{crun / theirs:.2f} of runc's {theirs:.1f} /s"


def under_load(ports, times):
    """The services of two runtimes, of which the one rests with a full pool while the other is measured."""
    clients = {name: Client(port) for name, port in ports.items()}

    def crowd_of(name, size, seconds):
        for client in clients.values():
            client.await_idle(POOL)
        settle(len(clients) * IDLE)
        return rate(lambda: lambda own=Client(ports[name]): own.execute(HELLO), size, seconds)

    for name, client in clients.items():
        client.be_refused()
        crowd_of(name, 16, 4)  # for the JVM to compile
    for name, client in clients.items():
        client.await_idle(POOL)
        times["pandas", name] = in_rhythm(client, PANDAS, 30, 0.35)
    for number in range(3):
        for name in sorted(clients, reverse=number % 2 == 1):
            for size, seconds in ((4, 3), (16, 6)):
                times[size, name].append(crowd_of(name, size, seconds))


def sessions(rounds):
    times = collections.defaultdict(list)
    with Service(WARM_POOL_SIZE="0", WARM_POOL_SESSION_SIZE="1") as service:
        client = Client()
        warm_up(client)
        for _ in range(rounds):
            await_session(client)
            in_session(client, times, lambda session: times["exec"].append(
                timed(lambda: reference.docker("exec", session, "bash", "-c", "echo hi"))))
    middle = {name: median(values) for name, values in times.items()}
    yield "**Sessions, one waiting in the pool**", None, "", ""
    yield "create: p50", middle["create"], "ms", ""
    yield "the first command, import pandas: p50", middle["first"], "ms", ""
    yield "bash: p50", middle["bash"], "ms", f"{middle['bash'] / middle['exec']:.2f} of docker exec"
    yield "Python: p50", middle["python"], "ms", f"{middle['python'] / middle['exec']:.2f} of docker exec"
    yield "docker exec bash: p50", middle["exec"], "ms", ""


def in_session(client, times, beside=lambda session: None):
    """Of a session that waits in the pool: its creation, its first command and later ones, and what is measured beside each."""
    created = []
    times["create"].append(timed(lambda: created.append(client.post("/v1/sessions")[1])))
    session = created[0]["session_id"]
    path = "/v1/sessions/" + session
    times["first"].append(timed(lambda: client.run(path + "/python", code="import pandas")))
    await_session(client)  # the next one's launch is nothing of these commands'
    for _ in range(5):
        times["bash"].append(timed(lambda: client.run(path + "/bash", cmd="echo hi")))
        times["python"].append(timed(lambda: client.run(path + "/python", code=HELLO)))
        beside(session)
    client.ask("DELETE", path)


def await_session(client):
    deadline = time.monotonic() + 60
    while client.pool().get("session_preloaded", 1) < 1:
        assert time.monotonic() < deadline, "no sandbox with libraries waits to be a session"
        time.sleep(0.05)
    time.sleep(0.5)  # for the launch's last traces


def sustained(seconds):
    """As fast as it goes, with what is in the pool and without; the engine and the command line at 16."""
    rows = {}
    with Service(**POOLS, EXECUTION_QUEUE_TIMEOUT_SEC="2") as service:
        client = Client()
        warm_up(client)
        settings = settings_of_a_sandbox(service)
        rate(lambda: lambda own=Client(): own.execute(HELLO), 16, seconds / 2)  # for the JVM to compile what only a crowd needs
        for workers in (1, 4):
            client.await_idle(POOL)
            rows[workers] = rate(lambda: lambda own=Client(): own.execute(HELLO), workers, seconds)
        overload = overloaded(seconds)
        time.sleep(5)
        recovered = [timed(lambda: client.execute(HELLO)) for _ in range(20)]
        Engine(settings)  # the first lets the runner be compiled, which is none of the crowd's time
        crowds = collections.defaultdict(list)
        for _ in range(3):  # in turn, so that what disturbs the machine disturbs all of them
            for name, action in (
                ("ours", lambda: lambda own=Client(): own.execute(HELLO)),
                ("engine", lambda: Engine(settings).cycle),
                ("command line", lambda: lambda: reference.run(HELLO)),
            ):
                client.await_idle(POOL)
                settle(IDLE)
                crowds[name].append(rate(action, 16, seconds / 2))
    rows[16], engines, commands = (median(crowds[name]) for name in ("ours", "engine", "command line"))
    yield "**Sustained, print('hi') in a sandbox each**", None, "", ""
    for workers, value in rows.items():
        yield (f"{workers} at a time", value, "/s",
               f"{value / engines:.2f} of the engine alone, {value / commands:.1f} times the command line" if workers == 16 else "")
    yield "16 at a time: the engine alone, create to removal", engines, "/s", ""
    yield "16 at a time: the command line", commands, "/s", ""
    answers, longest = overload
    yield ("64 at a time, permits for 16, 2 s of queue timeout: answered", answers[200] / seconds, "/s",
           ", ".join(f"{count} times {status}" for status, count in sorted(answers.items())))
    yield "64 at a time: longest wait for a 429", longest, "s", ""
    yield "5 s after that: print('hi') p50", median(recovered), "ms", "20 of 20 answered 200"


def paced(calls):
    """One call after another in a steady rhythm, and bursts, with the default pool for runs."""
    rows = collections.defaultdict(list)
    with Service(**POOLS) as service:
        client = Client()
        client.be_refused()
        warm_up(client)
        for name, program in (("hello", HELLO), ("pandas", PANDAS)):
            for pause in (0.35, 0.2):
                client.await_idle(POOL)
                rows[name, pause] = in_rhythm(client, program, calls, pause)
        for _ in range(5):
            for name, program in (("hello", HELLO), ("pandas", PANDAS)):
                for crowd in (8, 16):
                    client.await_idle(POOL)
                    settle(IDLE)
                    rows[name, crowd] += burst(program, crowd)
    yield "**Under load, default pool**", None, "", ""
    for (name, load), times in rows.items():
        what = f"every {load} s" if load < 1 else f"{load} at once"
        yield f"{name}, {what}: p50", median(times), "ms", f"p90 {percentile(times, 0.9):.1f}, longest {max(times):.0f} ms of {len(times)}"


def in_rhythm(client, program, calls, pause):
    times, due = [], time.monotonic()
    for _ in range(calls):
        time.sleep(max(0.0, due - time.monotonic()))
        times.append(timed(lambda: client.execute(program)))
        due += pause
    return times


def burst(program, crowd):
    clients = [Client() for _ in range(crowd)]
    for client in clients:
        client.pool()  # connected
    times = []
    threads = [threading.Thread(target=lambda own=client: times.append(timed(lambda: own.execute(program)))) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def overloaded(seconds):
    answers, refusals = collections.Counter(), [0.0]
    end = time.monotonic() + seconds

    def work():
        client = Client()
        while time.monotonic() < end:
            start = time.monotonic()
            status, _ = client.post("/v1/execute", code=HELLO)
            answers[status] += 1
            if status == 429:
                refusals.append(time.monotonic() - start)

    threads = [threading.Thread(target=work) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, max(refusals)


def overhead(seconds):
    """The service alone, above a backend whose sandboxes are threads of the same process."""
    with Service(command=FAKE, cache=False, **ON_FAKE):
        Client().execute(HELLO)
        load(PORT, HELLO, 16, seconds)  # for the JVM to compile
        alone, _ = load(PORT, HELLO, 1, seconds)
        _, together = load(PORT, HELLO, 16, seconds)
        yield "**The service's own share, sandboxes being threads of a fake backend**", None, "", ""
        yield "one client: p50", alone, "ms", ""
        yield "16 clients", together, "/s", ""


def large_file(client, form, rest=lambda: None):
    """Milliseconds of an upload, of a run that is given the file, and of a run that returns as much; a rest before each run."""
    ids = []
    uploaded = timed(lambda: ids.append(client.upload(form)))
    rest()
    staged = timed(lambda: client.execute("pass", files=[{"path": "in", "file_id": ids[0]}]))
    rest()
    program = f"open('out', 'wb').write(b'x' * {LARGE})"
    returned = timed(lambda: ids.append(client.execute(program, timeout_ms=30000)["files"][0]["file_id"]))
    for file in ids:
        client.ask("DELETE", "/v1/files/" + file)
    return uploaded, staged, returned


def speed(times):
    """Megabytes a second of a large file that took so many milliseconds each time."""
    return LARGE / 1000 / median(times)


def files():
    """In the default pool, a sandbox idle, and beside it with a launch in each run."""
    with Service(**POOLS, heap="96m") as service, Service(port=PORT + 1, WARM_POOL_SIZE="0", heap="96m"):
        client, cold = Client(), Client(PORT + 1)
        warm_up(client, 10)
        warm_up(cold, 10)
        engine = Engine(settings_of_a_sandbox(service))
        form = form_of(bytes(LARGE))
        times = collections.defaultdict(list)

        def rest():
            settle(IDLE)
            client.await_idle(POOL)

        for _ in range(5):  # in turn, so that what disturbs the machine disturbs all of them
            rest()
            times["into"].append(1000 * engine.transfer(f"head -c {LARGE} > /dev/null; echo done", LARGE, 0))
            rest()
            times["out of"].append(
                1000 * engine.transfer(f"head -c 65536 > /dev/null; head -c {LARGE} /dev/zero; echo done", 65536, LARGE))
            for own in (client, cold):
                for name, value in zip(("uploaded", "staged", "returned"), large_file(own, form, rest)):
                    times[name, own].append(value)
        yield "**Files of 100 MB, in a heap of 96 MB**", None, "", ""
        yield "upload", speed(times["uploaded", client]), "MB/s", ""
        for name, what in (("staged", "into"), ("returned", "out of")):
            yield (f"{name}: whole request, a sandbox idle", speed(times[name, client]), "MB/s",
                   f"the engine alone, {what} a container that runs: {speed(times[what]):.0f} MB/s;"
                   f" with its launch {speed(times[name, cold]):.0f} MB/s")
        yield "peak of the service's memory", service.memory("VmHWM"), "MB", ""


def start(rounds):
    plain, cached = [], []
    for _ in range(rounds):
        with Service(cache=False, WARM_POOL_SIZE="0") as service:
            plain.append(service.start_seconds)
        with Service(WARM_POOL_SIZE="0") as service:
            cached.append(service.start_seconds)
            time.sleep(2)
            resident = service.memory("VmRSS")
    yield f"**Start, with {CACHE.rpartition('/')[2]}**", None, "", ""
    yield "process start to healthy", median(cached), "s", f"{median(cached) / median(plain):.2f} of the {median(plain):.2f} s without"
    yield "resident memory, idle", resident, "MB", ""
