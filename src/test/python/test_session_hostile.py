"""Programs in a session that attack what is ours."""
import contextlib
import os
import socket
import time

from harness import RECEIVE_TIMEOUT, memory_limited, processes_limited, setUpModule
from session_harness import Connection, Lost, Refused, SessionTest


class HostileTest(SessionTest):
    def test_ours_are_out_of_reach(self):
        self.python("1")  # the interpreter is up, and looks like what it is: not ours
        answer = self.bash(
            """python3 -c '
import os, signal, resource
me, ours = os.getpid(), []
for name in filter(str.isdigit, os.listdir("/proc")):
    if name == "1" or int(name) == me: continue
    words = open(f"/proc/{name}/cmdline").read()
    if "marshal" in words: ours.append(int(name))
parents, pid = [], me
while pid: parents.append(pid); pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
def attempt(name, action):
    try: action(); print("DONE", name)
    except OSError as e: print("refused", name)
interpreter = [pid for pid in ours if os.access(f"/proc/{pid}/environ", os.R_OK)]
for pid in set(ours) - set(interpreter) - {me, parents[1]} | set(parents[2:]) - {1}:
    for number in (9, 19): attempt(f"kill {pid}", lambda: os.kill(pid, number)); attempt(f"group {pid}", lambda: os.killpg(pid, number))
    for file in ("mem", "environ", "maps", "fd/3", "oom_score_adj"): attempt(f"{pid} {file}", lambda: open(f"/proc/{pid}/{file}", "r+b" if file == "mem" else "rb" if file != "oom_score_adj" else "wb"))
    attempt(f"limit {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)))
attempt("kill all", lambda: os.kill(-1, 9))
' """
        )
        self.assertGreater(answer.text.count("refused"), 20, answer.err)
        self.assertNotIn("DONE", answer.text)
        self.assertEqual(self.python("1").text, "1\n")

    def test_a_name_is_not_read_as_a_field(self):
        """A process chooses the name with which its /proc/<pid>/status begins."""
        for name in (r"\rSigIgn:\tzz\r", r"\x0cSigIgn:\tzz", r"\x1cSigIgn:", r"\x0cSigPnd:\t100", ") Z 1 2 3 4 5", r"\x0cVmHWM:\tzz"):
            with self.subTest(name=name):
                self.python(f"import ctypes; ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\nx = 1")
                answer = self.python("x\nwhile True: pass", 0.5)
                self.assertEqual((answer.exit["timed_out"], answer.lost), (True, False))
                start = time.monotonic()
                self.assertEqual(self.python("x").text, "1\n")
                self.assertLess(time.monotonic() - start, 1.5)

    def test_a_program_cannot_pass_for_somebody_from_outside(self):
        answer = self.python(
            r"""
            import ctypes, socket
            for name in b"python3", b"\rPPid:\t0\r", b"\nPPid:\t0\n", b"\x0cPPid:\t0\x0c":
                ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
                peer = socket.socket(socket.AF_UNIX)
                peer.settimeout(10)
                try:
                    peer.connect(chr(0) + "code-interpreter")
                    print(peer.recv(1))
                except (ConnectionError, PermissionError) as error:
                    print(type(error).__name__)
            """
        )
        self.assertEqual(bytes(answer.err), b"")
        self.assertEqual(len(answer.text.splitlines()), 4)
        self.assertNotIn("Y", answer.text)  # READY is said to the owner alone

    def test_killing_what_can_be_killed(self):
        killer = "import os\nfor n in filter(str.isdigit, os.listdir('/proc')):\n    if int(n) not in (1, os.getpid()):\n        try: os.kill(int(n), 9)\n        except OSError: pass"
        self.python("x = 1")
        self.bash(f"python3 -c \"{killer}\"")
        answer = self.python("'x' in globals()")
        self.assertEqual((answer.text, answer.lost), ("False\n", True))
        # A process of an earlier command does not know the handlers to come, and they cannot know it.
        self.bash(f"(while :; do python3 -c \"{killer}\"; done) & disown")
        outcomes = set()
        for _ in range(20):
            try:
                self.bash("sleep 0.1", 5)
                outcomes.add("answer")
            except (Lost, Refused):
                outcomes.add("lost")
        self.assertTrue(outcomes <= {"answer", "lost"})
        self.ask(b"K", seconds=50)

    def test_no_process_is_left_for_a_command(self):
        if not processes_limited():
            self.skipTest("needs a limit of processes")
        code = "import os, time\\nfor i in range(5000):\\n    try:\\n        if not os.fork(): time.sleep(60); os._exit(0)\\n    except OSError: time.sleep(.01)\\n    if i > 3000: time.sleep(1)"
        self.bash(f"setsid python3 -c $'{code}' > /dev/null 2>&1 & sleep 2; exit 0")
        time.sleep(0.5)  # it takes the last two as well
        reasons = set()
        for action in (lambda: self.bash("true"), lambda: self.ask(b"W", False)):
            try:
                action()
            except Refused as refused:
                reasons.add(refused.reason)
            except Lost:
                pass
        self.assertEqual(reasons, {"exhausted"})
        self.assertEqual(self.python("1 + 1").text, "2\n")  # its process is there already
        self.ask(b"K", seconds=40)
        start = time.monotonic()
        self.ask(b"K", seconds=0)
        self.client.process.wait(RECEIVE_TIMEOUT)
        self.assertLess(time.monotonic() - start, 3)

    def test_full_file_systems(self):
        for place in ("/workspace", "/tmp"):
            if not os.path.ismount(place) or os.statvfs(place).f_blocks * os.statvfs(place).f_frsize > 128 << 20:
                self.skipTest("needs a small /workspace and a small /tmp")
        self.workspace = "/workspace"
        self.reopen(file_bytes=1 << 30)
        self.addCleanup(self.remove, "/tmp/fill")
        self.bash("cat /dev/zero > fill; cat /dev/zero > /tmp/fill")
        self.assertEqual(self.refusal(lambda: self.put("x", bytes(100_000))), "no_space")
        self.assertEqual(self.bash("echo ok").text, "ok\n")
        self.assertEqual(self.python("1 + 1").text, "2\n")
        self.assertEqual(self.bash("rm fill /tmp/fill; ls -A").text, "")

    def test_a_flood_of_connections_from_inside(self):
        self.bash(f"python3 -c 'import socket\nwhile True:\n  s = socket.socket(socket.AF_UNIX)\n  try: s.connect(chr(0) + \"code-interpreter\")\n  except OSError: pass' & disown")
        start = time.monotonic()
        for _ in range(5):
            self.assertEqual(self.bash("echo ok").text, "ok\n")
        self.assertLess(time.monotonic() - start, 10)

    def test_stopping_what_starts(self):
        stopper = "import os\nwhile True:\n  for n in filter(str.isdigit, os.listdir('/proc')):\n    if int(n) not in (1, os.getpid()):\n        try: os.kill(int(n), 19)\n        except OSError: pass"
        self.put("stopper.py", stopper.encode())
        self.bash("python3 stopper.py & disown")
        start = time.monotonic()
        with contextlib.suppress(Lost, Refused, socket.timeout):
            with Connection() as connection:
                connection.socket.settimeout(4)
                connection.bash("true", 1)
                connection.answer()
        self.assertLess(time.monotonic() - start, 6)
        start = time.monotonic()
        self.ask(b"K", seconds=0)
        self.client.process.wait(RECEIVE_TIMEOUT)
        self.assertLess(time.monotonic() - start, 3)

    def test_memory(self):
        if not memory_limited():
            self.skipTest("needs a memory limit")
        answer = self.python("b = []\nwhile True: b.append(bytearray(1 << 20))")
        self.assertEqual((answer.code, answer.exit["oom"], answer.lost), (137, True, True))
        answer = self.bash("python3 -c 'b = []\nwhile True: b.append(bytearray(1 << 20))'; exit $?")
        self.assertEqual((answer.code, answer.exit["oom"]), (137, True))
        self.assertEqual(self.python("1").text, "1\n")
