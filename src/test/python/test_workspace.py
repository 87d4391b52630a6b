"""Files into the sandbox and out of it."""
import hashlib
import json
import os

from harness import Client, PAYLOAD, RunnerTest, setUpModule


class StagingTest(RunnerTest):
    def test_files_arrive_whole(self):
        files = {
            "empty": b"",
            "a/b/c.bin": os.urandom(200_000),
            "exactly one frame": bytes(PAYLOAD),
            "übung.txt": b"\xff\x00",
            "-rf": b"x",
        }
        result = self.run_program(
            """
            import hashlib, os
            for path, _, names in sorted(os.walk(".")):
                for name in sorted(names):
                    file = os.path.join(path, name)
                    print(oct(os.stat(file).st_mode & 0o777), hashlib.sha256(open(file, "rb").read()).hexdigest()[:16], file)
                print(oct(os.stat(path).st_mode & 0o777), path) if path != "." else None
            """,
            files,
        )
        for path, content in files.items():
            self.assertIn(f"0o644 {hashlib.sha256(content).hexdigest()[:16]} ./{path}\n", result.text)
        self.assertIn("0o755 ./a/b\n", result.text)
        self.assertEqual(result.files, {})

    def test_what_cannot_be_staged_is_a_problem_and_names_the_path(self):
        for path, reason in {"../x": "protocol", "/x": "protocol", "a//b": "protocol", "n" * 256: "protocol"}.items():
            with self.subTest(path), Client(self.workspace) as client:
                client.ready()
                client.stage(path, b"x")
                problem = json.loads(client.expect(b"P"))
                self.assertEqual(problem["reason"], reason)
                self.assertIn(path, problem["message"])

    def test_more_than_the_workspace_shall_hold_is_no_space(self):
        """Whatever the file system would take: some engines give it no size."""
        with Client(self.workspace, staged_bytes=10) as client:
            client.ready()
            client.stage("fits", b"x" * 10)
            client.stage("more", b"x")
            problem = json.loads(client.expect(b"P"))
        self.assertEqual((problem["reason"], "more" in problem["message"]), ("no_space", True), problem)

    def test_a_full_file_system_is_no_space(self):
        if not os.path.ismount("/workspace"):
            self.skipTest("needs a small /workspace")
        size = os.statvfs("/workspace").f_bavail * os.statvfs("/workspace").f_frsize + (1 << 20)
        if size > 512 << 20:
            self.skipTest("/workspace is too large to fill")
        with Client("/workspace") as client:
            client.ready()
            client.send(b"F", {"path": "big", "size": size})
            for _ in range(0, size, PAYLOAD):
                client.send(b"D", bytes(PAYLOAD))
            problem = json.loads(client.expect(b"P"))
        self.addCleanup(os.unlink, "/workspace/big")
        self.assertEqual((problem["reason"], "big" in problem["message"]), ("no_space", True), problem)


class CollectionTest(RunnerTest):
    def test_regular_files_are_returned_under_their_true_names(self):
        names = ["a", ".env", "..x", "...", "pkg/__main__.py", "-rf", "new\nline", "tab\tesc\x1b", "übung", "a b", "x" * 255, "d/e/f", "--checkpoint=1"]
        result = self.run_program(
            f"""
            import os
            for name in {names!r}:
                os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
                open(name, "w").write(name)
            os.makedirs("empty directory"); open("zero", "w")
            """
        )
        self.assertEqual(result.files, {**{name: name.encode() for name in names}, "zero": b""})
        self.assertEqual(list(result.files), sorted(result.files, key=lambda name: [part.encode() for part in name.split("/")]))
        self.assertEqual(result.skipped, [])

    def test_what_is_no_file_is_skipped(self):
        result = self.run_program(
            """
            import os, socket
            os.symlink("/etc/passwd", "link"); os.symlink("/", "directory"); os.symlink("nowhere", "dangling"); os.symlink("self", "self")
            os.mkfifo("fifo"); socket.socket(socket.AF_UNIX).bind("socket"); open("real", "w").write("x"); os.link("real", "twin")
            """
        )
        self.assertEqual(result.files, {"real": b"x", "twin": b"x"})
        kinds = {name: "symlink" for name in ("link", "directory", "dangling", "self")}
        self.assertEqual(dict(result.skipped), {**kinds, "fifo": "special", "socket": "special"})

    def test_permissions_do_not_hide_files(self):
        result = self.run_program(
            """
            import os
            os.mkdir("d"); os.mkdir("r")
            for name in ("f", "d/g", "r/h"): open(name, "w").write(name); os.chmod(name, 0)
            os.chmod("d", 0); os.chmod("r", 0o400); os.chmod(".", 0)
            """
        )
        self.assertEqual(result.files, {"f": b"f", "d/g": b"d/g", "r/h": b"r/h"})
        self.assertEqual(result.skipped, [])

    def test_limits_are_reported(self):
        result = self.run_program(
            """
            import os
            open("a", "w").write("a" * 100); open("b", "w").write("b" * 101); open("c", "w").write("c" * 100)
            open("d", "w").write("d" * 60); open("e", "w").write("e" * 40); open("f", "w"); open("g", "w"); open("h", "w")
            open("sparse", "w").truncate(60 << 20)
            """,
            output_file_bytes=100,
            output_total_bytes=250,
            output_files=4,
        )
        self.assertEqual([(name, len(content)) for name, content in result.files.items()], [("a", 100), ("c", 100), ("e", 40), ("f", 0)])
        self.assertEqual(result.skipped, [("b", "too_large"), ("d", "total_size"), ("g", "file_limit")])

    def test_paths_count_for_the_total(self):
        result = self.run_program(
            """
            import os
            workspace = os.getcwd()
            for n in range(15): os.mkdir("d" * 250); os.chdir("d" * 250)
            for n in range(100): open(f"{n:03}" + "n" * 247, "w")
            os.chdir(workspace); open("z", "w")
            """
        )
        paths = [len(path) for path in result.files]
        self.assertEqual((len(paths), paths[-1]), (33, 1))
        self.assertLessEqual(sum(paths), 128 << 10)
        self.assertEqual([reason for _, reason in result.skipped], ["total_size"] * 16)

    def test_a_sparse_file_costs_what_it_announces(self):
        result = self.run_program("open('s', 'w').truncate(3_000_000)\nopen('t', 'w').truncate(60 << 20)")
        self.assertEqual(result.files, {"s": bytes(3_000_000)})
        self.assertEqual(result.skipped, [("t", "too_large")])

    def test_depth_is_bounded(self):
        result = self.run_program(
            """
            import os
            for n in range(1000):
                os.mkdir("d"); os.chdir("d")
                if n < 80: open("f", "w").write(str(n))
            """
        )
        self.assertEqual(len(result.files), 64)
        self.assertEqual(result.skipped, [("/".join("d" * 65), "depth")])

    def test_names_that_are_not_text_are_skipped(self):
        result = self.run_program(
            r"""
            import os
            os.makedirs(b"ok\xff/inside"); open(b"f\xed\xa0\x80", "w"); open("g", "w")
            """
        )
        self.assertEqual(list(result.files), ["g"])
        self.assertEqual([reason for _, reason in result.skipped], ["name_not_utf8"] * 2)

    def test_many_entries_are_bounded(self):
        result = self.run_program("import os\nfor n in range(3000): open(str(n), 'w')\nfor n in range(300): os.symlink('x', f's{n}')")
        self.assertEqual(len(result.files), 1000)
        self.assertEqual(result.skipped, [(sorted(map(str, range(3000)))[1000], "file_limit")])
        result = self.run_program("import os\nfor n in range(300): os.symlink('x', f's{n}')")
        self.assertEqual(len(result.skipped), 100)

    def test_inputs_are_returned_only_when_they_changed(self):
        files = {name: b"content" for name in ("same", "changed", "shorter", "gone", "mapped", "rewritten", "moved", "d/same")}
        result = self.run_program(
            """
            import mmap, os
            open("changed", "r+").write("CONTENT"); os.truncate("shorter", 3); os.unlink("gone"); open("rewritten", "w").write("content")
            with open("mapped", "r+b") as f, mmap.mmap(f.fileno(), 0) as m: times = os.stat("mapped"); m[0] = 65
            os.utime("mapped", ns=(times.st_atime_ns, times.st_mtime_ns))
            os.rename("moved", "d/moved")
            """,
            files,
        )
        self.assertEqual(result.files, {"changed": b"CONTENT", "shorter": b"con", "mapped": b"Aontent", "d/moved": b"content"})

    def test_an_input_may_become_a_directory(self):
        result = self.run_program("import os; os.unlink('a'); os.mkdir('a'); open('a/b', 'w').write('x')", {"a": b"1"})
        self.assertEqual(result.files, {"a/b": b"x"})

    def test_the_entrypoint_is_never_returned(self):
        result = self.run_program("open(__file__, 'a').write('# changed')")
        self.assertEqual(result.files, {})
        result = self.run_program("import os; os.unlink(__file__)")
        self.assertEqual(result.files, {})

    def test_a_workspace_that_was_moved_is_collected_where_it_went(self):
        moved = self.workspace + "-moved"
        self.addCleanup(self.remove, moved)
        result = self.run_program(f"import os; open('f', 'w').write('x'); os.rename({self.workspace!r}, {moved!r}); os.symlink('/etc', {self.workspace!r})")
        self.assertEqual(result.files, {"f": b"x"})
        os.unlink(self.workspace)

    def test_what_is_left_beside_the_workspace_is_named(self):
        self.addCleanup(self.remove, "/tmp/left")
        result = self.run_program(
            """
            import os, tempfile
            os.makedirs("/tmp/left/d"); open("/tmp/left/d/chart.png", "w").write("x"); open("/tmp/left/.hidden", "w").write("x")
            os.symlink("/etc/passwd", "/tmp/left/link"); open("inside", "w").write("x")
            with tempfile.NamedTemporaryFile(delete=False) as file: file.write(b"x")
            """
        )
        self.assertEqual(result.files, {"inside": b"x"})
        self.assertEqual(result.skipped, [("/tmp/left/d/chart.png", "outside_workspace")])
        self.assertEqual(self.run_program("print(open('/tmp/left/d/chart.png').read())").skipped, [])
        result = self.run_program("for n in range(30): open(f'/tmp/left/{n:02}', 'w').write('x')")
        self.assertEqual([reason for _, reason in result.skipped], ["outside_workspace"] * 20)
