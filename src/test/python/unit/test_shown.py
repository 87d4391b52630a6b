"""What arrives on the pipe of a program, which may write anything there."""
import json
import os
import random
import tempfile
import unittest

from sandbox_runner.forms import extension, is_json, is_text
from sandbox_runner.shown import Shown
from unit.channel import RecordingChannel
from unit.programs import LIMITS, items

ITEM, OTHER = b"12345678", b"87654321"


def message(kind, content=b"", item=ITEM):
    return item + kind + len(content).to_bytes(2, "big") + content


def form(mime_type, content, size=None, name=b"d", item=ITEM):
    size = len(content) if size is None else size
    pieces = [message(b"C", content[at : at + 4085], item) for at in range(0, len(content), 4085)]
    return message(b"F", size.to_bytes(8, "big") + name + mime_type.encode(), item) + b"".join(pieces)


def item(*forms, kind=b"", end=b""):
    return message(b"B", kind) + b"".join(forms) + message(b"E", end)


PLAIN = form("text/plain", b"text")
SHOWN = {"type": "display_data", "data": {"text/plain": "text"}, "files": {}, "truncated": False}


class ShownTest(unittest.TestCase):
    def shown(self, *writes, **limits):
        """The frames of what is written so; the last write ends the program."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        read, end = os.pipe()
        self.channel = RecordingChannel()
        shown = Shown(self.channel, {**LIMITS, "workspace": directory.name, **limits}, read)
        for data in writes:
            while data:
                data = data[os.write(end, data[:60000]) :]
                while shown.fd >= 0 and shown.pump():
                    pass
        os.close(end)
        shown.pump()
        shown.finish()
        self.assertEqual(shown.fd, -1)
        self.state = shown
        return items(self.channel.frames)

    def test_items(self):
        self.assertEqual(self.shown(item(PLAIN), item(PLAIN, kind=b"v")), [SHOWN, {**SHOWN, "type": "execute_result"}])
        self.assertEqual(self.shown(item(PLAIN, end=b"t"))[0]["truncated"], True)
        self.assertEqual(self.shown(item(form("text/plain", b"")))[0]["data"], {"text/plain": ""})
        figure = item(PLAIN, form("image/png", b"p" * 100000, name=b"f"))
        self.assertEqual(self.shown(figure)[0]["files"], {"figure-1.png": b"p" * 100000})
        self.assertLess(max(len(payload) for _, payload in self.channel.frames), 65536)
        self.assertLess(len(self.channel.frames), 12)

    def test_byte_by_byte(self):
        both = item(PLAIN) + item(form("image/gif", b"GIF"))
        self.assertEqual(len(self.shown(*(both[at : at + 1] for at in range(len(both))))), 2)

    def test_one_value_of_a_last_line(self):
        found = self.shown(*[item(PLAIN, kind=b"v")] * 3, item(PLAIN))
        self.assertEqual([one["type"] for one in found], ["execute_result", "display_data"])

    def test_what_is_no_message_ends_it_and_is_drained(self):
        for rubbish in (b"\0" * 20, b"x" * 100000, message(b"Z"), message(b"C", b"c" * 4086), os.urandom(70000)):
            with self.subTest(rubbish[:20]):
                self.assertEqual(self.shown(item(PLAIN), rubbish, item(PLAIN)), [SHOWN])
                self.assertEqual(len(self.state.inbox), 0)

    def test_what_does_not_fit_costs_its_item(self):
        begin, end = message(b"B"), message(b"E")
        for broken in (
            begin,
            begin + form("text/plain", b"abc", size=4) + end,
            begin + form("text/plain", b"abc", size=2) + end,
            begin + form("text/plain", b"abc", size=4) + PLAIN + end,
            begin + message(b"C", b"x") + end,
            begin + PLAIN + message(b"C") + end,
            begin + message(b"F", b"") + end,
            begin + message(b"F", b"\0" * 8) + end,
            begin + PLAIN * 33 + end,
            begin + form("image/png", b"png", size=1 << 63) + end,
        ):
            with self.subTest(broken[:60]):
                self.assertEqual(self.shown(broken, item(PLAIN)), [SHOWN])

    def test_another_item_gives_the_open_one_up(self):
        other = message(b"B", item=OTHER) + form("text/plain", b"other", item=OTHER) + message(b"E", item=OTHER)
        found = self.shown(message(b"B") + PLAIN + other + PLAIN + message(b"E"))
        self.assertEqual([one["data"]["text/plain"] for one in found], ["other"])

    def test_bounds(self):
        self.assertEqual(len(self.shown(item(PLAIN) * 10, results=3)), 3)
        self.assertEqual(len(self.shown(message(b"B") * 10, item(PLAIN), results=3)), 0)
        long = item(form("text/html", b"h" * 7), form("text/plain", b"p" * 4))
        found = self.shown(long * 3, result_bytes=12)
        self.assertEqual([(one["data"], one["truncated"]) for one in found[:2]], [({"text/html": "h" * 7, "text/plain": "pppp"}, False), ({}, True)])
        png = item(form("image/png", b"p" * 10))
        self.assertEqual([len(one["files"]) for one in self.shown(png * 3, output_files=2)], [1, 1, 0])
        self.assertEqual([len(one["files"]) for one in self.shown(png * 3, output_total_bytes=25)], [1, 1, 0])
        self.assertEqual([one["truncated"] for one in self.shown(png, output_file_bytes=9)], [True])
        counted = type("Workspace", (), {"files": 1, "total": 5, "paths": 7})
        self.shown(png * 2)
        self.state.count_in(counted)
        self.assertEqual((counted.files, counted.total, counted.paths), (3, 25, 7 + 2 * len("display-1.png")))

    def test_kinds_that_are_none(self):
        for kind in ("", "text/x", "image/../x", "application/x+json/", "audio/" + "a" * 100, "video/é", "image/PNG", "application/\0+json"):
            with self.subTest(kind):
                self.assertEqual(self.shown(item(form(kind, b"content"), PLAIN)), [{**SHOWN, "truncated": True}])

    def test_names_end_somewhere(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        read, end = os.pipe()
        shown = Shown(RecordingChannel(), {**LIMITS, "workspace": directory.name}, read)
        for number in range(1, 1001):
            os.symlink("/", f"{directory.name}/display-{number}.png")
        os.write(end, item(form("image/png", b"p")) * 2)
        shown.pump()
        self.assertEqual([list(one["files"]) for one in items(shown.channel.frames)], [[], []])
        os.close(end)
        shown.close()

    def test_mutations_never_break_the_order_of_frames(self):
        generator = random.Random(7)
        whole = item(PLAIN, form("image/png", b"p" * 5000)) + item(PLAIN, form("text/html", b"h" * 300), kind=b"v")
        for _ in range(300):
            data = bytearray(whole * 2)
            for _ in range(generator.randrange(1, 6)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            with self.subTest(bytes(data[:40])):
                for one in self.shown(bytes(data), results=4):  # items() fails when a frame is out of order
                    self.assertLessEqual(sum(map(len, one["data"].values())), LIMITS["result_bytes"])
                for kind, payload in self.channel.frames:
                    if kind == b"x":
                        self.assertTrue(is_text(json.loads(payload)["mime_type"]) or extension(json.loads(payload)["mime_type"]))


class FormsTest(unittest.TestCase):
    def test_kinds(self):
        for kind in ("text/plain", "image/svg+xml", "application/json", "application/vnd.plotly.v1+json", "application/geo+json"):
            self.assertTrue(is_text(kind) and not extension(kind), kind)
        self.assertTrue(is_json("application/geo+json") and not is_json("text/html") and not is_json("application/+js on+json"))
        kinds = {"image/png": "png", "audio/ogg": "ogg", "audio/x-wav": "wav", "video/mp4": "mp4", "audio/vnd.long-one": "bin", "text/css": "", "image/x": ""}
        for kind, ending in kinds.items():
            self.assertEqual(extension(kind), ending, kind)
