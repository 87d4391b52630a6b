"""Files of a session."""
import contextlib
import json
import os
import textwrap
import time

from harness import setUpModule
from session_harness import Connection, Lost, Refused, SessionTest


class FilesTest(SessionTest):
    def test_a_regular_file_is_removed_and_nothing_else(self):
        self.bash("mkdir -p d/e; echo 1 > d/f; echo 2 > g; ln -s g link; ln -s d way; mkfifo fifo; chmod 0 d/f")
        self.ask(b"U", path="d/f")
        self.ask(b"U", path="g")
        self.assertEqual(self.bash("ls -A . d").text, ".:\nd\nfifo\nlink\nway\n\nd:\ne\n")
        for path, reason in (("g", "not_found"), ("x/y", "not_found"), ("way/e", "not_found"), ("d/e", "not_a_file"), ("link", "not_a_file"), ("fifo", "not_a_file"), ("../etc", "protocol")):
            with self.subTest(path):
                self.assertEqual(self.refusal(lambda: self.ask(b"U", path=path)), reason)

    def test_new_and_changed_files_are_returned(self):
        self.bash("echo old > old; echo same > same; mkdir d; echo x > d/touched; ln -s old link; mkfifo fifo; echo > gone; echo main > __main__.py")
        answer = self.python("open('new', 'w').write('n'); open('old', 'a').write('er'); import os; os.unlink('gone'); open('d/e', 'w'); os.rename('d/touched', 'd/moved')")
        self.assertEqual(answer.files, {"new": b"n", "old": b"old\ner", "d/e": b"", "d/moved": b"x\n"})
        self.assertEqual(answer.skipped, [])  # nothing that is new
        self.assertEqual(self.python("1").files, {})
        self.assertEqual(self.python("os.symlink('x', 'link2')").skipped, [("link2", "symlink")])
        self.assertEqual(self.python("open('__main__.py', 'a').write('!')").files, {"__main__.py": b"main\n!"})

    def test_a_change_within_a_tick_is_seen(self):
        self.python("import os; f = os.open('f', os.O_RDWR | os.O_CREAT); os.write(f, b'0')")
        for n in range(30):
            self.python(f"os.pwrite(f, b'{n % 10}', 0)", interactive=False)
            answer = self.python(f"os.pwrite(f, b'{(n + 1) % 10}', 0)", interactive=False)
            self.assertEqual(answer.files, {"f": b"%d" % ((n + 1) % 10)})

    def test_times_that_were_set_back_do_not_hide_a_change(self):
        self.bash("echo 1 > f")
        answer = self.python("import os; s = os.stat('f'); open('f', 'w').write('2\\n'); os.utime('f', ns=(s.st_atime_ns, s.st_mtime_ns))")
        self.assertEqual(answer.files, {"f": b"2\n"})

    def test_files_of_a_run_that_timed_out_are_returned(self):
        for code in ("open('f', 'w').write('1')\nwhile True: pass", "open('f', 'w').write('2')\nimport signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass"):
            answer = self.python(code, 0.5)
            self.assertEqual((list(answer.files), answer.exit["timed_out"]), (["f"], True))

    def test_what_cannot_be_read_is_skipped_and_left_as_it_is(self):
        answer = self.python("import os; open('f', 'w').close(); os.chmod('f', 0); os.mkdir('d'); os.chmod('d', 0); open('g', 'w').close()")
        self.assertEqual((list(answer.files), dict(answer.skipped)), (["g"], {"d": "unreadable", "f": "unreadable"}))
        self.assertEqual(self.bash("stat -c %a f d").text, "0\n0\n")
        answer = self.bash("chmod 0 .")
        self.assertEqual(answer.code, 0)
        self.assertEqual(self.bash("echo ok").text, "ok\n")

    def test_writers_in_the_background_do_not_break_the_answer(self):
        writer = """
            import os, random, sys
            big, name = int(sys.argv[1]), sys.argv[2]
            while True:
                with open(name, "wb") as f: f.write(b"x" * random.randrange(big))
                os.truncate(name, random.randrange(big))
                if random.random() < .2: os.rename(name, name + "2")
                elif random.random() < .1: os.mkdir("d" + name); os.rmdir("d" + name)
                elif random.random() < .1: os.unlink(name); os.symlink("/etc/passwd", name); os.unlink(name); open(name, "w").close()
            """
        self.put("writer.py", textwrap.dedent(writer).encode())
        self.bash("for i in 1 2 3; do python3 writer.py 9000 small$i & python3 writer.py 9000000 big$i & done")
        for _ in range(10):
            with contextlib.suppress(Lost):
                try:
                    answer = self.python("open('mine', 'w').write('m')")
                    self.assertEqual(answer.files["mine"], b"m")
                    self.assertFalse([reason for _, reason in answer.skipped if reason not in ("in_use", "symlink", "unreadable", "total_size")], answer.skipped)
                except Refused as refused:
                    self.assertEqual(refused.reason, "changed")
            self.ask(b"W", False)
            for name in ("small1", "big1"):
                try:
                    self.ask(b"G", path=name)
                except Refused as refused:
                    self.assertIn(refused.reason, ("not_found", "changed"))

    def test_limits_hold(self):
        self.reopen(output_files=2, output_file_bytes=100, output_total_bytes=150)
        answer = self.python("for n, s in (('a', 100), ('b', 101), ('c', 60), ('d', 50), ('e', 0)): open(n, 'w').write('x' * s)")
        self.assertEqual(answer.sizes, {"a": 100, "d": 50})
        self.assertEqual(answer.skipped, [("b", "too_large"), ("c", "total_size"), ("e", "file_limit")])
        answer = self.python("import os\nfor n in range(100): os.mkdir('deep'); os.chdir('deep')\nos.chdir(sys.path[0])" if False else "import os, sys\nfor n in range(100): os.mkdir('deep'); os.chdir('deep')")
        self.assertEqual(dict(answer.skipped).get("/".join(["deep"] * 65)), "depth")

    def test_single_files(self):
        content = os.urandom(200_000)
        self.put("a/b/c.bin", content)
        self.assertEqual(self.bash("stat -c '%a %s' a/b/c.bin; stat -c %a a/b").text, "644 200000\n755\n")
        self.assertEqual(self.ask(b"G", path="a/b/c.bin").files, {"a/b/c.bin": content})
        big = os.urandom(3_000_000)
        self.put("a/b/c.bin", big)
        self.assertEqual(self.ask(b"G", path="a/b/c.bin").files, {"a/b/c.bin": big})
        self.put("empty", b"")
        self.assertEqual(self.ask(b"G", path="empty").files, {"empty": b""})
        self.bash("ln -s /etc/passwd link; ln -s a alias; mkfifo fifo; mkdir dir; chmod 0 empty; chmod 600 a/b/c.bin")
        for path in ("nope", "link", "alias/b/c.bin", "fifo", "dir", "empty", "a/b/c.bin/d", "x" * 300):
            with self.subTest(get=path):
                self.assertEqual(self.refusal(lambda: self.ask(b"G", path=path)), "not_found")
        for path in ("link", "fifo", "dir", "a", "alias/x", "empty/x", "link/x", "x" * 300):
            with self.subTest(put=path):
                self.assertEqual(self.refusal(lambda: self.put(path, b"x")), "not_a_file")
        for path in ("", "/x", "../x", "a/../b", "./a", "a//b", "a/", "a\0b"):
            with self.subTest(both=path):
                self.assertEqual(self.refusal(lambda: self.put(path, b"x")), "protocol")
                self.assertEqual(self.refusal(lambda: self.ask(b"G", path=path)), "protocol")
        answer = self.ask(b"W", False)
        self.assertEqual(answer.sizes, {"a/b/c.bin": 3_000_000, "empty": 0})
        self.assertEqual(dict(answer.skipped), {"link": "symlink", "alias": "symlink", "fifo": "special"})
        self.put("empty", b"replaced")
        self.assertEqual(self.ask(b"G", path="empty").files, {"empty": b"replaced"})

    def pages(self, limit):
        """All paths, page by page."""
        after, paths = "", []
        while True:
            page = list(self.ask(b"W", False, limit=limit, after=after).sizes)
            self.assertLessEqual(len(page), limit)
            if not page:
                return paths
            paths += page
            after = page[-1]

    def test_a_listing_is_sorted_by_path_and_read_in_pages(self):
        self.bash("mkdir -p a/b a.d 'a b' z; touch a/b/c a/b.x a/c a.d/e 'a b/f' a.txt a- a0 z/y zz \u00e9 \U0001f600 '\uffee'; ln -s a link; mkdir empty")
        names = ["a/b/c", "a/b.x", "a/c", "a.d/e", "a b/f", "a.txt", "a-", "a0", "z/y", "zz", "\u00e9", "\U0001f600", "\uffee"]
        ordered = sorted(names, key=str.encode)
        for limit in (1, 2, 3, len(names), 10000):
            self.assertEqual(self.pages(limit), ordered)
        for after in ("a", "a/", "a/b", "a/b/", "a/b/c", "a/b/c/d", "a0", "a00", "zz", "\U0010ffff", "a/zzz", "nothing/at/all", ".", " "):
            with self.subTest(after):
                rest = [name for name in ordered if name.encode() > after.encode()]
                self.assertEqual(list(self.ask(b"W", False, limit=100, after=after).sizes), rest)
        self.assertEqual(list(self.ask(b"W", False).sizes), ordered)

    def test_every_one_of_many_files_is_reached(self):
        self.bash("mkdir many deep; cd many; python3 -c \"for i in range(60000): open('f%d' % (i * 7919 % 60000), 'w').close()\"", 60)
        self.bash("for i in {1..15}; do n=$(printf 'd%.0s' {1..250}); mkdir $n; cd $n; done; for i in {1..700}; do : > $(printf 'x%.0s' {1..200})$i; done", 60)
        paths = self.pages(7000)
        self.assertEqual(len(paths), 60700)
        self.assertEqual(paths, sorted(set(paths)))
        self.assertGreater(max(map(len, paths)), 3900)

    def test_a_file_that_is_written_to_while_it_is_read_is_none(self):
        self.bash("head -c 9000000 /dev/zero > big")
        # Open before it is read: who opens it later waits until it is sent.
        with open(os.path.join(self.workspace, "big"), "r+b", 0) as file, Connection() as connection:
            connection.send(b"G", {"path": "big"})
            self.assertEqual(connection.receive()[0], b"F")
            file.write(b"new")
            kinds = []
            while not kinds or kinds[-1] == b"D":
                kind, payload = connection.receive()
                kinds.append(kind)
        self.assertEqual((kind, json.loads(payload)["reason"]), (b"P", "changed"))

    def test_an_interrupted_upload_leaves_the_old_file_and_nothing_else(self):
        self.put("f", b"old")
        with Connection() as connection:
            connection.put("f", bytes(100_000), size=200_000)
        limit = time.monotonic() + 5
        while len(os.listdir(self.workspace)) > 1 and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertEqual(self.bash("ls -A; cat f").text, "f\nold")
