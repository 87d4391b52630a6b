"""python3 -m soak MINUTES CLIENTS: load, counts, a verdict."""

import collections
import random
import sys
import threading
import time
import uuid

from bench.service import Client, Service
from soak import counts
from soak.load import KINDS, Wrong

# So much may a figure grow from the middle to the end: what caches and pools of connections breathe.
SLACK = {"threads": 12, "descriptors": 24}
RSS_GROWTH = 1.05
# In the first minutes the JVM still compiles what it runs often, and learns.
RSS_GROWTH_OF_A_SHORT_SOAK = 1.25
SHORT = 10
POOL = 2


class Load:
    def __init__(self, clients):
        self.clients = clients
        self.done = collections.Counter()
        self.statuses = collections.Counter()
        self.wrong = []

    def run(self, seconds):
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.work, args=(end,)) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def work(self, end):
        client = Client()
        names, weights = zip(*((name, weight) for name, (weight, _) in KINDS.items()))
        while time.monotonic() < end:
            name = random.choices(names, weights)[0]
            try:
                for status in KINDS[name][1](client):
                    self.statuses[status] += 1
                    self.done[name] += 1
            except Exception as error:  # whatever it is, it is what the soak is for
                self.wrong.append(f"{name}: {type(error).__name__} {error}"[:500])
                client = Client()


def main(minutes, clients):
    mark = f"soak-{uuid.uuid4().hex}"
    # All of its heap from the start, so that what grows is no heap that fills.
    with Service(heap="128m", WARM_POOL_SIZE=str(POOL), PYTHON_EXECUTOR_DOCKER_RUN_ARGS=f"--label {mark}=1",
                 EXECUTION_QUEUE_TIMEOUT_SEC="20") as service:
        load = Load(clients)
        load.run(min(120, minutes * 20))  # to warm up
        seen = counts.Seen(mark)
        rows = [counts.take(service, seen, POOL)]
        for _ in range(2):
            load.run(minutes * 30)
            rows.append(counts.take(service, seen, POOL))
        peak = service.memory("VmHWM")
    left = counts.after(seen)

    print("| | start | middle | end |\n|---|---:|---:|---:|")
    for name in rows[0]:
        print(f"| {name} |" + "".join(f" {row[name]:.0f} |" for row in rows))
    print(f"\nruns {sum(load.done.values())}:", ", ".join(f"{name} {count}" for name, count in load.done.most_common()))
    print("statuses:", ", ".join(f"{status} x {count}" for status, count in sorted(load.statuses.items(), key=str)))
    print(f"highest RSS {peak:.0f} MB; after the end of the service: {left}")
    problems = load.wrong[:20] + judge(rows, load.statuses, RSS_GROWTH if minutes >= SHORT else RSS_GROWTH_OF_A_SHORT_SOAK) + [f"left: {name} {count}" for name, count in left.items() if count]
    print("\n".join(f"FAILED {problem}" for problem in problems) or "nothing has grown")
    return 1 if problems else 0


def judge(rows, statuses, growth):
    start, middle, end = rows
    problems = [f"status {status}" for status in statuses if isinstance(status, int) and status >= 500]
    for name in "containers", "cgroups", "mounts":
        problems += [f"{name}: {row[name]}" for row in (middle, end) if row[name] > start[name]]
    for name, slack in SLACK.items():
        if end[name] > middle[name] + slack:
            problems.append(f"{name}: {middle[name]} in the middle, {end[name]} at the end")
    if end["RSS, MB"] > middle["RSS, MB"] * growth:
        problems.append(f"RSS: {middle['RSS, MB']:.0f} MB in the middle, {end['RSS, MB']:.0f} MB at the end")
    return problems


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))
