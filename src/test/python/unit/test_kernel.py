"""What /proc says of processes, which choose their names themselves."""
import os
import subprocess
import sys
import textwrap
import unittest

from sandbox_runner import kernel


class ProcessTest(unittest.TestCase):
    NAMES = ["sleep", ") Z 1 2 3 4", "\rPPid:\t0\r", "\nPPid:\t0\n", "a b", "\x0cState:\tZ", "((", "é"]

    def test_a_name_is_not_read_as_a_field(self):
        for name in self.NAMES:
            code = f"import ctypes; ctypes.CDLL(None).prctl(15, {name.encode()!r}, 0, 0, 0); import sys; print(1, flush=True); sys.stdin.read()"
            with self.subTest(name=name), subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) as process:
                process.stdout.readline()
                fields = kernel.stat_fields(kernel.read_bytes(f"/proc/{process.pid}/stat"))
                self.assertEqual(int(fields[1]), os.getpid())
                self.assertFalse(kernel.is_ending(fields))
                self.assertEqual(kernel.status_of(process.pid)["PPid"], str(os.getpid()))
                process.stdin.close()

    def test_the_dead_are_ending(self):
        with subprocess.Popen(["true"]) as process:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            stat = kernel.open_held(f"/proc/{process.pid}/stat")
            self.assertTrue(kernel.is_ending(kernel.held_stat(stat)))
            self.assertTrue(kernel.thread_is_ending(f"/proc/{process.pid}/stat"))
        self.assertEqual(kernel.held_stat(stat), [])
        os.close(stat)
        self.assertTrue(kernel.thread_is_ending(f"/proc/{process.pid}/stat"))

    def test_what_is_not_there_is_empty(self):
        self.assertEqual(kernel.open_held("/nowhere"), -1)
        self.assertEqual((kernel.held_stat(-1), kernel.read_text("/nowhere"), kernel.threads_of("0")), ([], "", []))
        self.assertEqual(kernel.status_of(0), {})

    def test_a_limit_only_falls(self):
        code = """
            import resource
            from sandbox_runner.kernel import lower_limit
            for soft, hard in (90, 95), (200, 300), (7, 8):
                lower_limit(resource.RLIMIT_NOFILE, soft, hard)
                print(resource.getrlimit(resource.RLIMIT_NOFILE))
            """
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], stdout=-1, text=True, env=environment)
        self.assertEqual(process.stdout, "(90, 95)\n(95, 95)\n(7, 8)\n")

    def test_mappings_name_their_files(self):
        found = list(kernel.mappings())
        self.assertTrue(all(length > 0 and length % 4096 == 0 for _, length, _, _ in found))
        self.assertIn("[stack]", {file for _, _, _, file in found})
