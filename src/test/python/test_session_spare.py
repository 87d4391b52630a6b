"""The handler that waits for the next command of the shell."""
import os
import signal
import time
from pathlib import Path

from harness import setUpModule
from session_harness import SessionTest


def children(parent):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] not in "ZX":
            found.append(int(name))
    return sorted(found)


class SpareTest(SessionTest):
    def await_spare(self, without=0):
        """The keeper, the spare handler and its shell, when they are there and the process `without` is gone."""
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            ours = children(self.client.process.pid)
            if len(ours) == 2 and without not in ours and children(ours[1]):
                time.sleep(0.2)  # for the shell to be locked in
                return *ours, children(ours[1])[0]
            time.sleep(0.01)
        self.fail("no spare handler")

    def test_each_serves_one_command(self):
        shells = set()
        for number in range(3):
            _, handler, shell = self.await_spare()
            self.assertEqual(self.bash("echo $$ $PPID").text, f"{shell} {handler}\n")
            shells.add(shell)
        self.assertEqual(len(shells), 3)

    def test_a_command_has_its_time_from_its_order_on(self):
        self.await_spare()
        time.sleep(0.7)
        answer = self.bash("sleep 0.1; echo done", 0.6)
        self.assertEqual((answer.text, answer.exit["timed_out"]), ("done\n", False))
        self.assertLess(answer.exit["duration_ms"], 600)

    def test_what_is_killed_or_stopped_while_it_waits_costs_nothing(self):
        for victim in ("handler", "shell"):
            for number in (signal.SIGKILL, signal.SIGSTOP):
                with self.subTest(victim, number=number):
                    os.kill(self.await_spare()[1 if victim == "handler" else 2], number)
                    time.sleep(0.1)
                    self.assertEqual(self.bash("echo on").text, "on\n")

    def test_a_shell_that_is_killed_loses_no_answer(self):
        for microseconds in range(0, 1000, 250):
            with self.subTest(microseconds):
                os.kill(self.await_spare()[2], signal.SIGKILL)
                time.sleep(microseconds / 1e6)
                answer = self.bash("echo on")
                self.assertIn((answer.text, answer.code), [("on\n", 0), ("", 137)])

    def test_it_knows_the_keeper(self):
        keeper, handler, _ = self.await_spare()
        os.kill(keeper, signal.SIGKILL)
        keeper, handler, _ = self.await_spare(without=handler)
        answer = self.bash(f"kill -9 {keeper} {handler} 2>&1 | grep -c 'not permitted'")
        self.assertEqual(answer.text, "2\n")
        self.assertTrue(self.python("1").lost)

    def test_it_enters_a_workspace_that_nobody_may_enter(self):
        self.await_spare()
        self.python("import os; os.chmod('.', 0)")
        self.assertEqual(self.bash("pwd; echo x > f; cat f").text, f"{self.workspace}\nx\n")

    def test_it_is_there_beside_a_command_of_the_interpreter(self):
        self.python("import subprocess; p = subprocess.Popen(['sleep', '301'])")
        _, handler, _ = self.await_spare()
        self.assertEqual(self.bash("echo $PPID").text, f"{handler}\n")

    def test_its_command_ends_as_any_other(self):
        self.await_spare()
        answer = self.bash("sleep 201 & sleep 201", 0.3)
        self.assertEqual((answer.exit["timed_out"], self.sleepers()), (True, []))
        self.await_spare()
        self.assertEqual(self.bash("kill -9 $$").code, 137)
        self.await_spare()
        self.assertEqual(self.bash("x" * 100).code, 127)
