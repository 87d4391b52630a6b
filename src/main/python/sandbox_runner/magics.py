"""What the lines of a notebook do that are none of Python's. In the program's own process, with its rights."""
from __future__ import annotations

import os
import sys
import time

from sandbox_runner.cpython import OWN_NAMESPACES

OWN_NAMESPACES.append(globals())

LOOP_SECONDS, REPEATS = 0.02, 7  # of %timeit: together well below the default timeout of a run
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
VALUED = ("-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target")


class Magics:
    """Each method is called by a line of the program. What fails in one is said on stderr, and the program goes on."""

    clock = staticmethod(lambda: (time.perf_counter(), time.process_time()))

    def __init__(self, workspace: str):
        self.workspace = workspace
        self.begun = None

    def unknown(self, name: str) -> None:
        print(f"{name} is not available here.", file=sys.stderr)

    def bash(self, command: str) -> None:
        self.run(command)

    def lines(self, command: str) -> list:
        import subprocess

        done = self.run(command, stdout=subprocess.PIPE)
        return done.stdout.decode(errors="replace").splitlines() if done else []

    def run(self, command: str, **options):
        import subprocess

        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        try:
            return subprocess.run(["bash", "-c", command], cwd=self.workspace, stdin=subprocess.DEVNULL, **options)
        except (OSError, ValueError) as error:  # no process to be had, no bash, a NUL in it
            print(f"!{command.splitlines()[0] if command else ''}: {error}", file=sys.stderr)
            return None

    def install(self, text: str) -> None:
        """Says of each package whether it is there: nothing can be installed."""
        import importlib.metadata
        import re
        import shlex

        try:
            words = shlex.split(re.split(r"&&|\|\||[;|&]", text)[0])
        except ValueError:
            words = text.split()
        skips = False
        for word in words:
            if skips or word.startswith("-"):
                if word in ("-r", "--requirement"):
                    print(f"{word}: nothing can be installed here.", file=sys.stderr)
                skips = not skips and word in VALUED
                continue
            name = re.match(r"[A-Za-z0-9._-]*", word).group()
            try:
                version = importlib.metadata.version(name)
            except (importlib.metadata.PackageNotFoundError, ValueError):
                print(f"{word} is not installed, and nothing can be installed here.", file=sys.stderr)
            else:
                print(f"Requirement already satisfied: {name} ({version})")

    def time(self, begun: tuple, value):
        self.report(begun)
        return value

    def timed(self):
        return Timed(self)

    def time_the_rest(self) -> None:
        self.begun = self.clock()

    def finish(self) -> None:
        if self.begun:
            begun, self.begun = self.begun, None
            self.report(begun)

    def report(self, begun: tuple) -> None:
        wall, cpu = (end - start for start, end in zip(begun, self.clock()))
        print(f"CPU times: {seconds(cpu)}\nWall time: {seconds(wall)}")

    def timeit(self, options: dict, code: str, call=None) -> None:
        if call is None:
            frame = sys._getframe(1)
            compiled = compile(code, "<timeit>", "exec", dont_inherit=True)
            names = {**frame.f_globals, **frame.f_locals}  # what it assigns is gone afterwards

            def call():
                exec(compiled, names)

        count = options.get("n", 0)
        if not count:
            count, spent = 1, self.spent(call, 1)
            while spent < LOOP_SECONDS and count < 10**8:
                count *= 10 if spent * 10 <= LOOP_SECONDS else 2
                spent = self.spent(call, count)
        times = [self.spent(call, count) / count for _ in range(max(1, options.get("r", REPEATS)))]
        mean = sum(times) / len(times)
        deviation = (sum((each - mean) ** 2 for each in times) / len(times)) ** 0.5
        runs = f"mean ± std. dev. of {len(times)} run{'s' * (len(times) > 1)}, {count:,} loop{'s' * (count > 1)} each"
        print(f"{seconds(mean)} ± {seconds(deviation)} per loop ({runs})")

    def spent(self, call, count: int) -> float:
        begun = time.perf_counter()
        for _ in range(count):
            call()
        return time.perf_counter() - begun


class Timed:
    def __init__(self, magics: Magics):
        self.magics = magics

    def __enter__(self):
        self.begun = self.magics.clock()

    def __exit__(self, *_):
        self.magics.report(self.begun)


def seconds(amount: float) -> str:
    for unit, name in UNITS:
        if amount >= unit:
            return f"{amount / unit:.3g} {name}"
    return f"{amount * 1e9:.3g} ns"
