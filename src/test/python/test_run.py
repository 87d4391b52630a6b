"""Output, input and the end of a run."""
import json
import os
import select
import textwrap
import time
from pathlib import Path

from harness import Client, RECEIVE_TIMEOUT, PAYLOAD, RunnerTest, processes_limited, setUpModule, survivors


class OutputTest(RunnerTest):
    def test_the_first_bytes_pass_and_the_rest_is_drained(self):
        for size, limit in ((1000, 1000), (1001, 1000), (5_000_000, 1_000_000), (70_000, 65_537), (10, 0)):
            with self.subTest(size=size, limit=limit):
                result = self.run_program(
                    f"import os, sys\ndata = bytes(i % 251 for i in range({size}))\nsys.stdout.buffer.write(data); sys.stderr.buffer.write(data[::-1])\nos._exit(3)",
                    output_bytes=limit,
                )
                data = bytes(i % 251 for i in range(size))
                self.assertEqual(result.out, data[:limit])
                self.assertEqual(result.err, data[::-1][:limit])
                self.assertEqual((result.exit["stdout_truncated"], result.exit["stderr_truncated"]), (size > limit, size > limit))
                self.assertEqual(result.code, 3)

    def test_a_flood_is_drained_and_the_program_ends_by_itself(self):
        result = self.run_program("import os\nfor _ in range(4096): os.write(1, b'x' * 65536)")
        self.assertEqual((len(result.out), result.exit["stdout_truncated"], result.code), (1_000_000, True, 0))

    def test_single_bytes_are_few_frames(self):
        result = self.run_program("import os\nfor i in range(10**6): os.write(1, b'%d' % (i % 10))", timeout=60, cpu_seconds=30)
        self.assertEqual(result.out, b"0123456789" * 10**5)
        self.assertLess(result.frames, 10_000)

    def test_output_arrives_while_the_program_runs(self):
        with Client(self.workspace) as client:
            client.ready()
            client.start("print('question')\nprint('answer', input())")
            question = b""
            while question != b"question\n":  # unbuffered, print writes its end apart
                question += client.expect(b"O")
            client.stdin(b"42\n")
            self.assertEqual(client.result().text, "answer 42\n")

    def test_a_silent_program_is_announced(self):
        """A few bytes may wait for more, but not until there are any."""
        with Client(self.workspace) as client:
            client.ready()
            client.start("input()")
            while client.outbox:
                del client.outbox[: os.write(client.process.stdin.fileno(), client.outbox)]
            self.assertTrue(select.select([client.process.stdout], [], [], RECEIVE_TIMEOUT)[0])
            self.assertEqual(os.read(client.process.stdout.fileno(), PAYLOAD), b"B" + bytes(4))

    def test_the_last_bytes_in_the_pipe_are_not_lost(self):
        result = self.run_program("import fcntl, os\nfcntl.fcntl(1, 1031, 1 << 20)\nos.write(1, b'x' * 900_000)\nos._exit(0)")
        self.assertEqual(len(result.out), 900_000)

    def test_an_owner_that_does_not_read_stops_nothing_but_the_output(self):
        with Client(self.workspace, output_bytes=50_000_000) as client:
            client.ready()
            client.start("import os\nfor _ in range(300): os.write(1, b'x' * 65536)", timeout=60)
            client.stdin(b"")
            while client.outbox:
                del client.outbox[: os.write(client.process.stdin.fileno(), client.outbox)]
            select.select([client.process.stdout], [], [], RECEIVE_TIMEOUT)
            memory = int(Path(f"/proc/{client.process.pid}/statm").read_text().split()[1]) * 4096
            self.assertLess(memory, 64 << 20)
            self.assertEqual(len(client.result().out), 300 * 65536)


class InputTest(RunnerTest):
    def test_no_stdin_is_an_immediate_end(self):
        self.assertEqual(self.run_program("import sys; print(repr(sys.stdin.read()))").text, "''\n")

    def test_all_of_a_large_stdin_arrives(self):
        data = os.urandom(10_000_000)
        result = self.run_program("import sys, zlib; d = sys.stdin.buffer.read(); print(len(d), zlib.crc32(d))", stdin=data)
        import zlib

        self.assertEqual(result.text, f"10000000 {zlib.crc32(data)}\n")

    def test_a_large_stdin_may_be_ignored(self):
        for code in ("print('x')", "import os, time\nos.close(0)\nprint('x')", "import sys; sys.stdin.read(10); print('x')"):
            with self.subTest(code):
                result = self.run_program(code, stdin=bytes(10_000_000))
                self.assertEqual((result.text, bytes(result.err), result.code), ("x\n", b"", 0))

    def test_hanging_up_is_noticed_behind_a_full_stdin(self):
        client = Client(self.workspace)
        client.ready()
        client.start("print('started'); import time; time.sleep(99)")
        client.expect(b"O")
        client.stdin(bytes(600_000), end=False)
        deadline = time.monotonic() + RECEIVE_TIMEOUT
        fd = client.process.stdin.fileno()
        while client.outbox and time.monotonic() < deadline:  # until the runner has stopped to read
            if not select.select([], [fd], [], 0.3)[1]:
                break
            del client.outbox[: os.write(fd, client.outbox)]
        client.close()
        self.assertEqual(survivors(), [])


class EndTest(RunnerTest):
    def test_nothing_outlives_the_main_process(self):
        programs = {
            "child": "import subprocess; subprocess.Popen(['sleep', '999'])",
            "daemon": "import os\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n        import time; time.sleep(99)\n    os._exit(0)",
            "deaf": """
                import os, signal, time
                if not os.fork():
                    for n in signal.valid_signals() - {9, 19}: signal.signal(n, signal.SIG_IGN)
                    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                    os.kill(os.getpid(), signal.SIGSTOP)
                    time.sleep(99)
                """,
            "respawning": """
                import os, signal
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                def respawn():
                    while True:
                        try:
                            for _ in range(2):
                                if not os.fork(): break
                            else: os._exit(0)
                        except OSError: os._exit(0)
                if not os.fork(): respawn()
                """,
            "holding stdout": "import os, time\nif not os.fork():\n    time.sleep(1); print('late'); time.sleep(99)",
            "writing": "import os\nif not os.fork():\n    while True: open('/tmp/x', 'w').write('x' * 99999)",
        }
        if not processes_limited():
            del programs["respawning"]
        for name, code in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                result = self.run_program(textwrap.dedent(code) + "\nos = __import__('os'); os.write(1, b'main'); os._exit(6)")
                self.assertLess(time.monotonic() - start, 3)
                self.assertEqual((result.text, result.code), ("main", 6))
                self.assertEqual(survivors(), [])

    def test_a_program_that_becomes_another_keeps_nothing_of_its_old_self(self):
        result = self.run_program(
            """
            import os, sys
            read, write = os.pipe()
            if not os.fork():
                os.close(write)
                print("end" if os.read(read, 1) == b"" else "data", flush=True)
                os._exit(0)
            os.close(read)  # and the other end is closed by the exec
            os.execv(sys.executable, [sys.executable, "-c", '''if True:
                import os, time
                print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
                def others():
                    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid(), os.getppid())
                        and open(f"/proc/{pid}/cmdline", "rb").read()]
                deadline = time.monotonic() + 10
                while others() and time.monotonic() < deadline: pass
                print(others())'''])
            """
        )
        self.assertEqual(result.text, "end\n0\n[]\n", result.err)

    def test_a_program_has_no_child_that_it_did_not_make(self):
        self.assertEqual(self.run_program("import os\ntry: os.wait()\nexcept ChildProcessError: print('none')").text, "none\n")

    def test_a_signal_to_the_group_arrives_once(self):
        result = self.run_program(
            """
            import os, signal, time
            count = 0
            def note(*_):
                global count
                count += 1
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
                signal.signal(number, note)
                os.kill(0, number)
            time.sleep(0.2)
            print(count)
            """
        )
        self.assertEqual((result.text, result.code), ("3\n", 0), result.err)

    def test_a_program_may_kill_the_process_that_shares_its_memory(self):
        result = self.run_program(
            """
            import os, signal
            for pid in filter(str.isdigit, os.listdir("/proc")):
                if int(pid) != os.getpid():
                    try: os.kill(int(pid), signal.SIGKILL)
                    except OSError: pass
            print("alive"); raise SystemExit(3)
            """
        )
        self.assertEqual((result.text, result.code), ("alive\n", 3), result.err)

    def test_nothing_is_written_after_the_end(self):
        """Threads, children and processes that share the memory write on when the main process ends."""
        result = self.run_program(
            """
            import ctypes, os, threading, time
            def write(name):
                with open(name, "wb", buffering=0) as file:
                    while True: file.write(b"x" * 4096); file.seek(0)
            threading.Thread(target=write, args=("thread",), daemon=True).start()
            for name in ("one", "two"):
                if not os.fork(): write(name)
            libc = ctypes.CDLL(None)
            stack = ctypes.create_string_buffer(1 << 16)
            libc.clone(ctypes.cast(libc.pause, ctypes.c_void_p), ctypes.c_void_p(ctypes.addressof(stack) + (1 << 16)), 0x100 | 17, None)
            while not all(os.path.exists(name) and os.path.getsize(name) for name in ("thread", "one", "two")): time.sleep(0.01)
            os._exit(0)
            """
        )
        self.assertEqual(result.skipped, [])
        self.assertEqual({name: len(content) for name, content in result.files.items()}, dict.fromkeys(("thread", "one", "two"), 4096))

    def test_zombies_of_others_are_reaped(self):
        result = self.run_program(
            """
            import os, time
            def processes():
                return list(filter(str.isdigit, os.listdir("/proc")))
            before = len(processes())
            for _ in range(300):
                if not os.fork():
                    if not os.fork(): os._exit(0)
                    os._exit(0)
                os.wait()
            deadline = time.monotonic() + 15
            # Not only zombies: one that has yet to end is one later.
            while len(processes()) > before and time.monotonic() < deadline: time.sleep(0.01)
            print(len(processes()) - before)
            """
        )
        self.assertEqual(result.text, "0\n")

    def test_late_frames_are_ignored_and_a_second_run_is_refused(self):
        with Client(self.workspace) as client:
            client.ready()
            client.start("pass")
            client.result()
            client.stdin(b"late")
            client.send(b"R", {"timeout_ms": 1000})
            self.assertEqual(json.loads(client.expect(b"P"))["reason"], "protocol")
            self.assertIsNone(client.receive())
