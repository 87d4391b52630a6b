"""Times and rates."""

import statistics
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
