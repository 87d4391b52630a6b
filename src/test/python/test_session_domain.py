"""What Landlock keeps apart in a session."""
import ctypes
import subprocess
import textwrap
import unittest

from harness import setUpModule
from session_harness import NAME, SessionTest

LANDLOCK_VERSION = max(0, ctypes.CDLL(None).syscall(444, None, 0, 1))
LOOK_INTO = """
import os, sys
pid = sys.argv[1]
for name in "environ", "maps", "mem", "fd/0", "fd/1", "exe", "cwd", "root":
    try:
        os.readlink(f"/proc/{pid}/{name}") if name[0] in "ecr" and name != "environ" else os.open(f"/proc/{pid}/{name}", os.O_WRONLY if name == "mem" else os.O_RDONLY)
        print(name)
    except PermissionError:
        pass
"""


@unittest.skipIf(LANDLOCK_VERSION < 2, "needs Landlock")
class DomainTest(SessionTest):
    """What Landlock keeps apart, and what stays as it was."""

    def looks_into(self, pid, command=""):
        return self.bash(f"{command} python3 look.py {pid}").text.split()

    def setUp(self):
        super().setUp()
        self.put("look.py", LOOK_INTO.encode())

    def test_no_command_reads_processes_of_another(self):
        outside = subprocess.Popen(["sleep", "99"], stdin=-1, stdout=-1)
        self.addCleanup(outside.stdout.close)
        self.addCleanup(outside.stdin.close)
        self.addCleanup(outside.wait)
        self.addCleanup(outside.kill)
        server = self.bash("sleep 99 > /dev/null 2>&1 & echo $!").text.strip()
        interpreter = self.python("import os; os.getpid()").text.strip()
        everything = "environ maps mem fd/0 fd/1 exe cwd root".split()
        self.assertEqual(self.looks_into("$$", "sleep 99 &"), everything)  # our own shell
        for name, pid in (("outside", outside.pid), ("another command", server), ("the interpreter", interpreter)):
            with self.subTest(name):
                self.assertEqual(self.looks_into(pid), [])
        child = f"import subprocess; subprocess.run(['python3', 'look.py', '%s'], capture_output=True, text=True).stdout.split()"
        self.assertEqual(self.python(child % server).text, "[]\n")
        self.assertEqual(self.python(child % outside.pid).text, "[]\n")
        self.assertEqual(self.python(child % interpreter).text, f"{everything}\n")

    def test_commands_still_have_to_do_with_each_other(self):
        listener = "import socket; s = socket.socket(socket.AF_UNIX); s.bind({}); s.listen(); c = s.accept()[0]; c.send(c.recv(9) * 2)"
        asker = "import socket; s = socket.socket(socket.AF_UNIX); s.connect({}); s.send(b'ab'); print(s.recv(9).decode())"
        for address in (r"chr(0) + 'between-us'", "'s'"):
            with self.subTest(address=address):
                self.bash(f"""python3 -c "{listener.format(address)}" > /dev/null 2>&1 &""")
                answer = self.bash(f"""for i in $(seq 100); do python3 -c "{asker.format(address)}" 2> err && exit; sleep .05; done; cat err""")
                self.assertEqual(answer.text, "abab\n")
        started = "while [ $(cat /proc/$!/comm) != sleep ]; do :; done; echo $!"
        server = self.bash(f"exec -a a-server sleep 99 > /dev/null 2>&1 & {started}").text.strip()
        for name, command, expected in (
            ("a name", f"tr '\\0' ' ' < /proc/{server}/cmdline", "a-server 99 "),
            ("a state", f"cut -d' ' -f2 /proc/{server}/stat", "(sleep)\n"),
            ("a parent", f"grep -c PPid /proc/{server}/status", "1\n"),
            ("a signal", f"kill -0 {server} && kill -STOP {server} && kill -CONT {server} && echo sent", "sent\n"),
            ("a wait", f"(sleep .2; kill {server}) & tail --pid={server} -f /dev/null; echo ended", "ended\n"),
            ("a pipe", "mkfifo p; (echo through > p) > /dev/null 2>&1 &", ""),
            ("its end", "timeout 9 cat p", "through\n"),
        ):
            with self.subTest(name):
                answer = self.bash(command)
                self.assertEqual(answer.text, expected, answer.err)
        answer = self.python("import os, subprocess; p = subprocess.Popen(['sleep', '99']); p.pid")
        self.assertEqual(self.bash(f"kill {answer.text.strip()} && echo sent").text, "sent\n")
        self.assertEqual(self.python("p.wait()").text, "-15\n")

    def test_files_are_renamed_and_linked_as_ever(self):
        code = """
            import os, shutil, tempfile
            os.makedirs("a/b"); os.mkdir("c")
            open("a/b/f", "w").close()
            os.rename("a/b/f", "c/f"); os.link("c/f", "a/f"); os.rename("a/b", "c/b")
            os.mkdir("/tmp/d"); open("/tmp/d/x", "w").close(); os.rename("/tmp/d/x", "/tmp/x"); os.remove("/tmp/x"); os.rmdir("/tmp/d")
            os.mkfifo("c/p"); os.rename("c/p", "p"); os.symlink("c", "l"); os.rename("l", "c/l"); os.truncate("c/f", 9)
            print(sorted(os.listdir("c")), os.stat("a/f").st_nlink)
            """
        expected = "['b', 'f', 'l'] 2\n"
        answer = self.python(code)
        self.assertEqual(answer.text, expected, answer.err)
        self.bash("rm -r a c p")
        self.put("moves.py", textwrap.dedent(code).encode())
        answer = self.bash("python3 moves.py")
        self.assertEqual(answer.text, expected, answer.err)

    @unittest.skipIf(LANDLOCK_VERSION < 6, "needs scopes")
    def test_no_signal_and_no_connection_leaves_the_session(self):
        outside = subprocess.Popen(["sleep", "99"])
        self.addCleanup(outside.wait)
        self.addCleanup(outside.kill)
        answer = self.bash(f"kill -9 {outside.pid} || kill -0 {outside.pid} || echo refused")
        self.assertEqual(answer.text, "refused\n")
        self.assertIsNone(outside.poll())
        code = f"import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + '{NAME[1:]}')"
        for answer in (self.python(code), self.bash(f'python3 -c "{code}"')):
            self.assertIn("PermissionError", answer.err.decode())
