"""Times and rates."""

import json
import statistics
import subprocess
import tempfile
import threading
import time


def timed(action):
    """Milliseconds."""
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


def median(values):
    return statistics.median(values)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def rate(action_of_worker, workers, seconds):
    """Completions a second of so many threads that each repeat an action, started together."""
    counts = [0] * workers
    end = time.monotonic() + seconds
    failures = []

    def work(number):
        try:
            action = action_of_worker()
            while time.monotonic() < end:
                action()
                counts[number] += 1
        except BaseException as failure:
            failures.append(failure)

    start = time.monotonic()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.monotonic() - start)


def load(port, program, clients, seconds, key=None):
    """By wrk: p50 in milliseconds and requests a second of clients that each repeat a run, all of which have to be answered."""
    script = ("wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\n"
              + (f"wrk.headers['Authorization'] = 'Bearer {key}'\n" if key else "")
              + f"wrk.body = {json.dumps(json.dumps({'code': program}))}\n"
              "done = function(s, l, r) io.write(string.format('RESULT %f %d %d\\n', l:percentile(50) / 1000, s.requests, s.errors.status)) end\n")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", file.name, f"http://127.0.0.1:{port}/v1/execute"]
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    _, middle, requests, errors = next(line for line in text.splitlines() if line.startswith("RESULT")).split()
    assert int(errors) == 0, text
    return float(middle), int(requests) / seconds
