"""What a program is limited to, and what it cannot reach."""
import json
import os
import platform
import resource
import signal
import time

from harness import CORE, Client, RunnerTest, changed, hello, memory_limited, processes_limited, setUpModule, survivors
from sandbox_runner import syscalls


class LimitsTest(RunnerTest):
    def test_time_is_up_for_every_kind_of_program(self):
        programs = {
            "loop": "while True: pass",
            "gil": "9**9**9",
            "regex": "import re; re.match('(a+)+$', 'a'*40 + 'b')",
            "sleep": "import time; time.sleep(1e9)",
            "signals": "import signal\nfor n in signal.valid_signals() - {9, 19}: signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
            "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            "thread": "import threading, time; threading.Thread(target=time.sleep, args=(99,)).start()",
            "exit handler": "import atexit, time; atexit.register(time.sleep, 99)",
            "exec": "import os; os.execvp('sleep', ['sleep', '60'])",
            "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
            "closed output": "import os, time\nos.close(1); os.close(2); time.sleep(99)",
        }
        if not processes_limited():
            del programs["forks"]  # nothing limits it here
        for name, code in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                result = self.run_program(code, timeout=0.5)
                self.assertLess(time.monotonic() - start, 5)
                self.assertTrue(result.exit["timed_out"])
                self.assertIsNone(result.code)
                self.assertEqual(result.exit["signal"], signal.SIGKILL)
                self.assertGreaterEqual(result.exit["duration_ms"], 500)
                self.assertEqual(survivors(), [])

    def test_one_millisecond_is_a_limit(self):
        self.assertTrue(self.run_program("while True: pass", timeout=0.001).exit["timed_out"])
        quick = self.run_program("print(1)", timeout=0.001)
        if not quick.exit["timed_out"]:
            self.assertEqual((quick.text, quick.code), ("1\n", 0))

    def test_output_and_files_before_the_end_of_time_are_kept(self):
        result = self.run_program("open('f', 'w').write('x')\nprint('a' * 100)\nwhile True: pass", timeout=1)
        self.assertEqual(result.text, "a" * 100 + "\n")
        self.assertEqual(result.files, {"f": b"x"})

    def test_the_cpu_limit_is_distinguished_from_others(self):
        result = self.run_program("while True: pass", cpu_seconds=1)
        self.assertEqual((result.code, result.exit["cpu"], result.exit["oom"]), (152, True, False))
        self.assertGreaterEqual(result.exit["cpu_ms"], 500)  # counted in ticks
        result = self.run_program("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", cpu_seconds=1)
        self.assertEqual((result.code, result.exit["cpu"], result.exit["oom"]), (137, True, False))
        result = self.run_program("import os, signal; os.kill(os.getpid(), 9)")
        self.assertEqual((result.code, result.exit["signal"], result.exit["cpu"], result.exit["oom"]), (137, 9, False, False))

    def test_running_out_of_memory_is_reported(self):
        if not memory_limited():
            self.skipTest("needs a memory limit")
        result = self.run_program("b = []\nwhile True: b.append(bytearray(1 << 20))")
        self.assertEqual((result.code, result.exit["oom"], result.exit["timed_out"]), (137, True, False))
        result = self.run_program("bytearray(10**15)")
        self.assertEqual((result.code, result.exit["oom"]), (1, False))
        self.assertIn(b"MemoryError", result.err)

    def test_other_limits_hold(self):
        result = self.run_program(
            """
            import os, resource
            for n in ("CPU", "FSIZE", "NOFILE", "CORE"): print(n, resource.getrlimit(getattr(resource, "RLIMIT_" + n)))
            try: os.truncate(os.open("f", os.O_CREAT | os.O_RDWR), 1 << 40)
            except OSError as e: print(e.strerror)
            print(open("/proc/self/oom_score_adj").read().strip(), oct(os.umask(0)))
            """,
            cpu_seconds=7,
            open_files=99,
        )
        self.assertEqual(result.text, "CPU (7, 8)\nFSIZE (67108864, 67108864)\nNOFILE (99, 99)\nCORE (0, 0)\nFile too large\n1000 0o22\n")

    def test_ulimits_of_the_owner_lower_what_the_container_allows(self):
        code = 'import resource\nfor n in ("MSGQUEUE", "SIGPENDING", "NOFILE"): print(n, resource.getrlimit(getattr(resource, "RLIMIT_" + n)))'
        most = resource.getrlimit(resource.RLIMIT_SIGPENDING)[1]
        for asked, given in ((7, 7), (most + 1, most)):
            result = self.run_program(code, ulimits={"msgqueue": 0, "sigpending": asked}, open_files=99)
            self.assertEqual(result.text, f"MSGQUEUE (0, 0)\nSIGPENDING ({given}, {given})\nNOFILE (99, 99)\n")

    def client_on_a_kernel_without(self, name):
        """A sandbox whose configuration sets this limit, started with a program."""
        call = b"    resource.setrlimit(kind, (soft, hard))\n"
        refused = f"    if kind == resource.RLIMIT_{name.upper()}: raise ValueError('not allowed')\n".encode()
        client = Client(self.workspace, ulimits={name: 0})
        client.outbox = bytearray(hello(changed(CORE, call, refused + call)))
        client.send(b"C", client.config)
        client.ready()
        client.start("print(1)")
        return client

    def test_a_kernel_without_a_limit_of_linux_runs_programs_still(self):
        with self.client_on_a_kernel_without("sigpending") as client:
            client.stdin(b"")
            self.assertEqual(client.result().text, "1\n")

    def test_a_kernel_without_a_limit_that_every_system_has_runs_none(self):
        with self.client_on_a_kernel_without("memlock") as client:
            self.assertEqual(json.loads(client.expect(b"P"))["reason"], "incompatible")
            self.assertIsNone(client.receive())

    def test_source_bombs_end_the_program_only(self):
        for code in ("(" * 100000 + ")" * 100000, "-" * 10**6 + "1", "\n".join(" " * n + "if 1:" for n in range(3000)), "x=" + "[" * 10**6):
            with self.subTest(code[:10]):
                result = self.run_program(code)
                self.assertIn(result.code, (1, 139))
        result = self.run_program("import sys; sys.setrecursionlimit(10**9); f = lambda: f(); f()", cpu_seconds=2)
        self.assertIn(result.code, (1, 137, 139, 152))  # since 3.11 such frames are on the heap


class IntegrityTest(RunnerTest):
    def test_the_runner_is_out_of_reach(self):
        result = self.run_program(
            """
            import ctypes, errno, os, resource, signal, sys
            libc = ctypes.CDLL(None, use_errno=True)
            runner = os.getppid()
            def attempt(name, action):
                try: print(name, "DONE", action())
                except OSError as e: print(name, errno.errorcode[e.errno])
            def call(number, *args):
                result = libc.syscall(number, *map(ctypes.c_long, args))
                if result < 0: raise OSError(ctypes.get_errno(), "")
                return result
            for file in ("mem", "environ", "maps", "fd", "auxv", "stack", "oom_score_adj"):
                attempt(file, lambda: os.open(f"/proc/{runner}/{file}", os.O_RDONLY if file not in ("mem", "oom_score_adj") else os.O_RDWR))
            for fd in range(256):
                try: os.open(f"/proc/{runner}/fd/{fd}", os.O_WRONLY); print("OPENED", fd)
                except OSError: pass
            attempt("prlimit", lambda: resource.prlimit(runner, resource.RLIMIT_CPU, (1, 1)))
            attempt("scheduler", lambda: os.sched_setscheduler(runner, os.SCHED_IDLE, os.sched_param(0)))
            attempt("affinity", lambda: os.sched_setaffinity(runner, {0}))
            attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, runner, 19))
            attempt("group priority", lambda: os.setpriority(os.PRIO_PGRP, runner, 19))
            attempt("user priority", lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19))
            for number in (9, 19, 15, 0):
                attempt(f"kill {number}", lambda: os.kill(runner, number))
                attempt(f"kill all {number}", lambda: os.kill(-1, number))
                attempt(f"kill group {number}", lambda: os.kill(-runner, number))
                attempt(f"kill 1 {number}", lambda: os.kill(1, number))
            if hasattr(os, "pidfd_open"): attempt("pidfd", lambda: os.pidfd_open(runner))
            if hasattr(signal, "pidfd_send_signal"): attempt("directory", lambda: signal.pidfd_send_signal(os.open(f"/proc/{runner}", os.O_RDONLY), 9))
            import fcntl
            r, w = os.pipe()
            fcntl.fcntl(r, fcntl.F_SETOWN, runner)
            attempt("owner signal", lambda: fcntl.fcntl(r, 10, 9))
            fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC); os.write(w, b"x")
            print("own", os.getpriority(os.PRIO_PROCESS, 0)); os.kill(os.getpid(), 0); os.setpriority(os.PRIO_PROCESS, 0, 5); resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))
            """
        )
        lines = dict(line.rsplit(" ", 1) for line in result.text.splitlines())
        self.assertEqual(lines.pop("own"), "0", result.err)
        self.assertEqual(set(lines.values()), {"EPERM", "EACCES"}, lines)
        self.assertEqual(result.code, 0, result.err)

    def test_no_descriptor_is_left_over(self):
        result = self.run_program(
            """
            import fcntl, os
            left = []
            for fd in range(3, 1024):
                try: fcntl.fcntl(fd, fcntl.F_GETFD); left.append(fd)
                except OSError: pass
            print(left, [os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in range(3)])
            """,
            open_files=1024,
        )
        self.assertEqual(result.text, "[] ['pipe', 'pipe', 'pipe']\n")

    def test_the_status_of_the_process_is_locked(self):
        result = self.run_program("print(open('/proc/self/status').read())")
        status = dict(line.split(":\t", 1) for line in result.text.splitlines() if ":\t" in line)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertEqual(status["SigBlk"], "0" * 16)

    def test_system_calls_are_refused(self):
        machine = platform.machine()
        refused = syscalls.syscalls(machine, syscalls.REFUSED)
        unknown = syscalls.syscalls(machine, syscalls.UNKNOWN)
        result = self.run_program(
            f"""
            import ctypes, errno
            libc = ctypes.CDLL(None, use_errno=True)
            def code(number, *args):
                ctypes.set_errno(0)
                return errno.errorcode.get(ctypes.get_errno(), "0") if libc.syscall(number, *map(ctypes.c_long, args)) < 0 else "OK"
            for name, number in {({**refused, **unknown})!r}.items(): print(name, code(number, 0, 0, 0, 0, 0, 0))
            """
        )
        codes = dict(line.split() for line in result.text.splitlines())
        self.assertEqual(codes, {**dict.fromkeys(refused, "EPERM"), **dict.fromkeys(unknown, "ENOSYS")})

    def test_nothing_is_shared_that_outlives_the_program(self):
        result = self.run_program(
            """
            import ctypes, errno, multiprocessing
            from multiprocessing import shared_memory
            libc = ctypes.CDLL(None, use_errno=True)
            for make, arguments in (libc.shmget, (0, 4096, 0o1600)), (libc.msgget, (0, 0o1600)), (libc.semget, (0, 1, 0o1600)):
                print(make(*arguments), errno.errorcode[ctypes.get_errno()])
            def add(lock, name):
                block = shared_memory.SharedMemory(name)
                for _ in range(100):
                    with lock: block.buf[0] += 1
                block.close()
            if __name__ == "__main__":
                context = multiprocessing.get_context("fork")
                lock, block = context.Lock(), shared_memory.SharedMemory(create=True, size=16)
                adders = [context.Process(target=add, args=(lock, block.name)) for _ in range(2)]
                for adder in adders: adder.start()
                for adder in adders: adder.join()
                print(block.buf[0]); block.close(); block.unlink()
            """
        )
        self.assertEqual((result.text, result.code), ("-1 EPERM\n" * 3 + "200\n", 0), result.err)

    def test_a_program_cannot_lead_the_runner_astray(self):
        """A hostile workspace and sys.path matter to the program alone: the results still arrive."""
        names = ("json", "os", "struct", "stat", "traceback", "errno", "encodings", "select", "re", "codecs", "ast")
        result = self.run_program("open('out', 'w').write('x'); print('ok')", {f"{name}.py": b"raise SystemExit(99)" for name in names})
        self.assertEqual((result.text, result.code, result.files), ("ok\n", 0, {"out": b"x"}))

    def test_a_failing_lock_is_a_problem_and_not_a_result(self):
        with Client(self.workspace, open_files="many") as client:
            client.ready()
            client.start("open('/tmp/ran', 'w')")
            problem = json.loads(client.expect(b"P"))
            self.assertEqual(problem["reason"], "incompatible")
            self.assertIsNone(client.receive())
        self.assertFalse(os.path.exists("/tmp/ran"))
