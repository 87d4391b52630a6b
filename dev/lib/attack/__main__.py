"""python3 -m attack MINUTES [ATTACK...]: all attacks at once, a client beside them, a verdict."""

import os
import resource
import sys
import threading
import time
import traceback
import uuid

from attack.attacks import ATTACKS, Attack, prepare
from bench.service import PORT, Client, Service

# What caches, pools and half-closed sockets breathe.
DESCRIPTOR_SLACK = 30
RSS_GROWTH = 1.15
SETTLE_SECONDS = 90


class Probe:
    """Runs a program every second, each on a connection of its own as most clients do."""

    def __init__(self, stop):
        self.stop, self.answered, self.wrong, self.worst = stop, 0, [], 0.0

    def run(self):
        while not self.stop.is_set():
            token, begun = uuid.uuid4().hex, time.monotonic()
            try:
                status, answer = Client().post("/v1/execute", code=f"print('{token}')", timeout_ms=20000)
                if status != 200 or answer["stdout"] != token + "\n":
                    self.wrong.append(f"{status} {answer}"[:300])
            except Exception as error:  # whatever it is, the run was not answered
                self.wrong.append(f"{type(error).__name__} {error}"[:300])
            self.answered += 1
            took = time.monotonic() - begun
            self.worst = max(self.worst, took)
            self.stop.wait(max(0.0, 1 - took))


def counts(service):
    process = f"/proc/{service.process.pid}"
    return {"descriptors": len(os.listdir(f"{process}/fd")), "threads": len(os.listdir(f"{process}/task")),
            "RSS, MB": service.memory("VmRSS"), "spool and store, MB": disk(service.directory) / 1e6}


def disk(top):
    total = 0
    for place, _, names in os.walk(top):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
            except OSError:
                pass  # it has just gone
    return total


def repeat(attack, function):
    while not attack.stop.is_set():
        try:
            function(attack)
        except OSError:
            attack.stop.wait(0.2)  # refused; it tries again
        except Exception:
            traceback.print_exc()
            return


def main(minutes, names):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    mark = f"attack-{uuid.uuid4().hex}"
    with Service(heap="256m", FILE_STORAGE_MAX_MB="1000", PYTHON_EXECUTOR_DOCKER_RUN_ARGS=f"--label {mark}=1") as service:
        for _ in range(20):
            Client().post("/v1/execute", code="print(1)")
        stop = threading.Event()
        if b'"status"' not in Attack(PORT, 101, stop).ask("GET", "/health"):
            sys.exit("the attackers' requests are refused before they do any harm: this would show nothing")
        if "listings" in names:
            prepare(Attack(PORT, 100, stop))
        rows = [counts(service)]
        probe = Probe(stop)
        attacks = {name: Attack(PORT, number, stop) for number, name in enumerate(names)}
        threads = [threading.Thread(target=repeat, args=(attacks[name], ATTACKS[name])) for name in names]
        threads.append(threading.Thread(target=probe.run))
        for thread in threads:
            thread.start()
        for _ in range(2):
            time.sleep(minutes * 30)
            if service.process.poll() is not None:
                break
            rows.append(counts(service))
        stop.set()
        for thread in threads:
            thread.join(60)
        alive = service.process.poll() is None
        peak = service.memory("VmHWM") if alive else 0
        deadline = time.monotonic() + SETTLE_SECONDS
        while alive and counts(service)["descriptors"] > rows[0]["descriptors"] + DESCRIPTOR_SLACK and time.monotonic() < deadline:
            time.sleep(1)
        if alive:
            rows.append(counts(service))

    print("| | " + " | ".join(("start", "middle", "end", "after")[:len(rows)]) + " |\n|---|" + "---:|" * len(rows))
    for name in rows[0]:
        print(f"| {name} |" + "".join(f" {row[name]:.0f} |" for row in rows))
    print("\nattacks:", ", ".join(f"{name} {attack.done}" for name, attack in attacks.items()))
    print(f"runs of the client beside: {probe.answered}, wrong {len(probe.wrong)}, slowest {probe.worst:.1f} s; highest RSS {peak:.0f} MB")
    problems = probe.wrong[:20] + judge(rows, alive, probe)
    problems += [f"{name} was never tried" for name, attack in attacks.items() if not attack.done]
    print("\n".join(f"FAILED {problem}" for problem in problems) or "the service has held")
    return 1 if problems else 0


def judge(rows, alive, probe):
    if not alive:
        return ["the service has ended"]
    problems = [] if probe.answered else ["no run was tried"]
    if rows[-1]["descriptors"] > rows[0]["descriptors"] + DESCRIPTOR_SLACK:
        problems.append(f"descriptors: {rows[0]['descriptors']} at the start, {rows[-1]['descriptors']} after")
    if rows[2]["RSS, MB"] > rows[1]["RSS, MB"] * RSS_GROWTH:
        problems.append(f"RSS: {rows[1]['RSS, MB']:.0f} MB in the middle, {rows[2]['RSS, MB']:.0f} MB at the end")
    return problems


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:] or list(ATTACKS)))
