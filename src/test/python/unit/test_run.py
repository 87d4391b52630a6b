"""How a run has ended, by what the kernel and the interpreter of a session report."""
import os
import resource
import signal
import unittest
import unittest.mock
from types import SimpleNamespace

from sandbox_runner.preload import PreloadedRun
from sandbox_runner.run import Run, ending
from sandbox_runner.session.commands import PythonCommand, ShellCommand, python_ending

KILLED, LIMITED, SEGMENT = int(signal.SIGKILL), int(signal.SIGXCPU), int(signal.SIGSEGV)


class EndingTest(unittest.TestCase):
    def test_of_a_wait_status(self):
        for status, expected in {0: (0, None), 7 << 8: (7, None), 9: (137, 9), 11 | 128: (139, 11)}.items():
            with self.subTest(status=status):
                self.assertEqual(ending(status), expected)
                self.assertEqual(python_ending(status, 5), expected)

    def test_of_an_interpreter_that_lives(self):
        self.assertEqual(python_ending(None, 5), (5, None))
        self.assertEqual(python_ending(None, None), (137, None))


class ResultTest(unittest.TestCase):
    def result(self, kind=Run, status=0, cpu=0.25, kills=0, **state):
        """Of a run whose state is given, with so many kills for want of memory since its start."""
        run = kind.__new__(kind)
        usage = resource.struct_rusage((cpu, 0.5, 1000) + (0,) * 13)
        memory = SimpleNamespace(oom_kills=lambda: 3 + kills)
        outputs = [SimpleNamespace(truncated=False), SimpleNamespace(truncated=True)]
        run.__dict__.update(status=status, usage=usage, memory=memory, oom_kills=3, outputs=outputs, duration=1.5)
        run.__dict__.update(config={"cpu_seconds": 5}, timed_out=False, killed=False)
        run.__dict__.update(state)
        return run.result()

    def test_of_a_program_that_exits(self):
        self.assertEqual(
            self.result(status=7 << 8),
            {
                "exit_code": 7,
                "signal": None,
                "timed_out": False,
                "oom": False,
                "cpu": False,
                "duration_ms": 1500,
                "cpu_ms": 750,
                "peak_memory_bytes": 1024000,
                "stdout_truncated": False,
                "stderr_truncated": True,
                "state_lost": False,
            },
        )

    def test_why_a_program_was_killed(self):
        cases = (
            (dict(status=SEGMENT), (139, SEGMENT, False, False)),
            (dict(status=KILLED), (137, KILLED, False, False)),
            (dict(status=KILLED, kills=1), (137, KILLED, True, False)),
            (dict(status=KILLED, kills=1, killed=True, timed_out=True), (None, KILLED, False, False)),
            (dict(status=KILLED, cpu=5.0), (137, KILLED, False, True)),
            (dict(status=KILLED, cpu=5.0, killed=True, timed_out=True), (None, KILLED, False, False)),
            (dict(status=LIMITED), (152, LIMITED, False, True)),
            (dict(status=None, usage=None, killed=True, timed_out=True), (None, KILLED, False, False)),
            (dict(status=0, kills=1), (0, None, False, False)),
        )
        for state, expected in cases:
            with self.subTest(**state):
                self.assertEqual(self.short(self.result(**state)), expected)

    def test_a_shell_ends_as_its_last_command(self):
        cases = (
            (dict(status=137 << 8, kills=1), (137, None, True, False)),
            (dict(status=137 << 8), (137, None, False, False)),
            (dict(status=152 << 8), (152, None, False, True)),
            (dict(status=KILLED, kills=1, killed=True, timed_out=True), (None, KILLED, False, False)),
        )
        for state, expected in cases:
            with self.subTest(**state):
                self.assertEqual(self.short(self.result(ShellCommand, **state)), expected)

    def test_of_python_in_a_session(self):
        keeper = SimpleNamespace(lost=False)
        cases = (
            (dict(status=None, reply=4), (4, None, False, False, False)),
            (dict(status=None, reply=None, killed=True, timed_out=True), (None, None, False, False, False)),
            (dict(status=None, reply=130, killed=True, over_cpu=True), (152, LIMITED, False, True, False)),
            (dict(status=KILLED, kills=1), (137, KILLED, True, False, True)),
            (dict(status=KILLED, kills=1, killed=True, timed_out=True), (None, KILLED, False, False, True)),
            (dict(status=5 << 8), (5, None, False, False, True)),
            (dict(status=None, reply=0, keeper=SimpleNamespace(lost=True)), (0, None, False, False, True)),
        )
        for state, expected in cases:
            with self.subTest(**state):
                state = {"reply": None, "keeper": keeper, "over_cpu": False, "cpu_before": 0.5, "pid": 0, **state}
                result = self.result(PythonCommand, **state)
                self.assertEqual((*self.short(result), result["state_lost"]), expected)
                self.assertIs(keeper.lost, False)

    def short(self, result):
        return result["exit_code"], result["signal"], result["oom"], result["cpu"]


class DescriptorsTest(unittest.TestCase):
    def test_a_run_without_a_process_leaves_none_open(self):
        """Whatever it is that cannot be had: the fork, or one of the pipes before it."""
        before = descriptors()
        for sockets in "loopback", "gated":
            config = {"workspace": "/workspace", "sockets": sockets, "output_bytes": 1}
            memory = SimpleNamespace(oom_kills=lambda: 0)
            for step in range(5):
                with self.subTest(sockets=sockets, step=step):
                    run = PreloadedRun(None, config, 0, -1, memory)
                    pipe = unittest.mock.Mock(side_effect=failing(os.pipe, step))
                    fork = unittest.mock.Mock(side_effect=BlockingIOError)
                    with unittest.mock.patch.multiple(os, pipe=pipe, fork=fork):
                        self.assertRaises(OSError, run.begin, ["decimal"], 1)
                    self.assertEqual(fork.call_count, step == 4)
                    self.assertEqual(descriptors(), before)


def failing(function, successes):
    """What a mock shall do: call the function so many times, and then fail."""
    left = [None] * successes

    def call():
        if not left:
            raise OSError("none to be had")
        left.pop()
        return function()

    return call


def descriptors():
    return sorted(os.listdir("/proc/self/fd"))
