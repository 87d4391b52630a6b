"""What keys and /mcp cost, and how tenants share the permits."""

import collections
import contextlib
import hashlib
import json
import secrets
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from bench.measure import load, median, timed
from bench.sections import FAKE, HELLO, ON_FAKE, POOL, POOLS, warm_up
from bench.service import PORT, Client, Service

TENANTS = 50
REQUESTS = 10
CROWD = 500
SLOW = "import time\ntime.sleep(0.2)"


@contextlib.contextmanager
def key_file(tenants):
    """A file for AUTH_KEYS_FILE with one key of each tenant, and the keys."""
    keys = {tenant: "ci_" + secrets.token_urlsafe(32) for tenant in tenants}
    entries = [{"name": tenant, "tenant": tenant, "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": ["execute"]}
               for tenant, key in keys.items()]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"keys": entries}, file)
        file.flush()
        yield file.name, keys


def key(rounds):
    with (key_file(["acme"]) as (path, keys), Service(command=FAKE, cache=False, **ON_FAKE),
          Service(command=FAKE, cache=False, port=PORT + 1, AUTH_KEYS_FILE=path, **ON_FAKE)):
        sides = [(PORT, None), (PORT + 1, keys["acme"])]
        for port, secret in sides:
            load(port, HELLO, 16, 30, secret)  # for the JVM to compile
            load(port, HELLO, 1, 5, secret)
        latencies, rates = [], []
        for number in range(rounds):
            one, many = {}, {}
            for port, secret in sides if number % 2 else sides[::-1]:
                many[port] = load(port, HELLO, 16, 5, secret)[1]
                one[port] = load(port, HELLO, 1, 3, secret)[0]
            latencies.append(one[PORT + 1] / one[PORT])
            rates.append(many[PORT + 1] / many[PORT])
    yield "a key: p50 of one client, with it to without", median(latencies), "", f"median of {rounds} pairs on the fake backend"
    yield "a key: requests a second of 16 clients, with it to without", median(rates), "", ""


def mcp(rounds):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "run_python", "arguments": {"code": HELLO}}}
    with Service(**POOLS):
        client = Client()
        warm_up(client)
        for _ in range(100):
            client.post("/mcp", **call)
        plain, called = [], []
        for _ in range(rounds):
            client.await_idle(POOL)
            plain.append(timed(lambda: client.execute(HELLO)))
            client.await_idle(POOL)
            answers = []
            called.append(timed(lambda: answers.append(client.post("/mcp", **call))))
            assert answers[0][0] == 200 and "error" not in answers[0][1], answers
    yield "print('hi') by /mcp: p50", median(called), "ms", f"{median(called) - median(plain):+.2f} ms to /v1/execute, in turn"


def tenants():
    names = [f"tenant-{number}" for number in range(TENANTS)]
    with key_file([*names, "crowd", "single"]) as (path, keys), Service(AUTH_KEYS_FILE=path, EXECUTION_QUEUE_TIMEOUT_SEC="300", **POOLS):
        warm_up(Client(key=keys["single"]), 20)
        waits = at_once({name: REQUESTS for name in names}, keys, HELLO)
        firsts, lasts = [min(each) for each in waits.values()], [max(each) for each in waits.values()]
        yield (f"{TENANTS} tenants with {REQUESTS} requests each at once: all answered after", max(lasts), "s",
               f"a tenant's first answer after {min(firsts):.1f} to {max(firsts):.1f} s, its last after {min(lasts):.1f} to {max(lasts):.1f}")
        client = Client(key=keys["single"])
        with ThreadPoolExecutor(1) as other:
            crowd = other.submit(at_once, {"crowd": CROWD}, keys, SLOW)
            time.sleep(2)  # until they wait
            singles = [timed(lambda: client.execute(HELLO)) for _ in range(5)]
            crowd.result()
        yield (f"another's single request behind {CROWD} of 0.2 s: median", median(singles), "ms", f"longest {max(singles):.0f} ms of 5")


def at_once(counts, keys, program):
    """Seconds until each answer, by tenant; all of them have to be answered."""
    start = time.perf_counter()

    def request(name):
        Client(key=keys[name]).execute(program)
        return name, time.perf_counter() - start

    names = [name for name, count in counts.items() for _ in range(count)]
    waits = collections.defaultdict(list)
    with ThreadPoolExecutor(len(names)) as requests:
        for name, wait in requests.map(request, names):
            waits[name].append(wait)
    return waits


def section(rounds):
    yield "**Keys, tenants and /mcp**", None, "", ""
    yield from key(rounds)
    yield from mcp(10 * rounds)
    yield from tenants()
