"""What attackers do, each until it is stopped. All are bounded: connections, bytes and pace of one attack are small
enough for the machine, and large enough to have ended a service that does not bound them in sum."""

import http.client
import json
import random
import socket
import time

HEAD = b"Host: localhost\r\nContent-Type: application/json\r\n"
MB = 1 << 20


class Attack:
    def __init__(self, port, number, stop):
        self.port, self.number, self.stop = port, number, stop
        self.done = 0

    def connect(self, receive_buffer=None):
        client = socket.socket()
        client.settimeout(5)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.bind((f"127.0.0.{2 + self.number}", 0))
        client.connect(("127.0.0.1", self.port))
        return client

    def ask(self, method, path, body=b"", kind="application/json"):
        with self.connect() as client:
            client.settimeout(30)
            client.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = b""
            while part := client.recv(65536):
                answer += part
            return answer.partition(b"\r\n\r\n")[2]

    def held(self, count, begin, turn, pause, seconds):
        """Keeps so many connections, each after `begin`, and does `turn` on each again and again."""
        clients = []
        end = time.monotonic() + seconds
        while not self.stop.is_set() and time.monotonic() < end:
            if len(clients) < count:
                try:
                    client = self.connect(4096)
                    clients.append(client)
                    self.done += 1
                    begin(client)
                except OSError:
                    self.stop.wait(0.05)
                continue
            for client in list(clients):
                try:
                    turn(client)
                except OSError:
                    clients.remove(client)
                    client.close()
            self.stop.wait(pause)
        for client in clients:
            client.close()


def flood(attack, beginning, endless):
    """Sends what has no end for as long as it is taken, 64 MB at most."""
    with attack.connect() as client:
        try:
            client.sendall(beginning)
            for _ in range(1024):
                client.sendall(endless)
                if attack.stop.is_set():
                    break
        except OSError:
            pass  # refused, as it should be
    attack.done += 1
    attack.stop.wait(0.5)


def chunk_line(attack):
    flood(attack, b"GET /health HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536)
    flood(attack, b"POST /v1/execute HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 65536)


def trailer(attack):
    flood(attack, b"POST /v1/execute HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"y" * 65536)
    flood(attack, b"POST /v1/execute HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 10000)


def silent(attack):
    """2,500 connections in some seconds, and a pause."""
    clients = []
    for _ in range(2500):
        try:
            clients.append(attack.connect())
            attack.done += 1
        except OSError:
            pass
        if attack.stop.wait(0.002):
            break
    attack.stop.wait(5)
    for client in clients:
        client.close()


def unfinished_heads(attack):
    fields = b"".join(b"a%d:b\r\n" % n for n in range(1700))[:15000]
    small = b"".join(b"a%02d:%s\r\n" % (n, b"b" * 145) for n in range(98))
    attack.held(700, lambda c: c.sendall(b"GET /health HTTP/1.1\r\n" + random.choice((fields, small))), lambda c: c.sendall(b"x"), 2, 30)


def unread_streams(attack):
    code = "import sys\nsys.stdout.write('\\u20ac' + '\\0' * 999000)"
    body = json.dumps({"code": code, "timeout_ms": 5000}).encode()

    def begin(client):
        client.sendall(b"POST /v1/execute/stream HTTP/1.1\r\n" + HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        attack.stop.wait(0.5)
    attack.held(60, begin, lambda c: None, 1, 60)


def listings(attack):
    """Reads the listing slowly, which prepare() has made long."""
    attack.held(80, lambda c: c.sendall(b"GET /v1/files?limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n"), lambda c: c.recv(64), 1, 60)


def half_bodies(attack):
    head = b"POST /v1/execute HTTP/1.1\r\n" + HEAD + b"Content-Length: %d\r\n\r\n{\"code\":\"" % (200 * MB)

    def begin(client):
        client.sendall(head)
        for _ in range(100):
            client.sendall(b"x" * MB)
            attack.stop.wait(0.05)
    attack.held(15, begin, lambda c: c.sendall(b"x"), 20, 120)


def drip(attack):
    head = b"POST /v1/execute HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000000\r\n\r\n{\"code\":\""
    attack.held(200, lambda c: c.sendall(head), lambda c: c.sendall(b"x"), 5, 120)


def deleted_downloads(attack):
    """Files of 20 MB that are deleted while somebody reads them slowly."""
    form = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + b"x" * (20 * MB) + b"\r\n--b--\r\n"

    def begin(client):
        try:
            id = json.loads(attack.ask("POST", "/v1/files", form, "multipart/form-data; boundary=b"))["file_id"]
        except (ValueError, KeyError):
            raise OSError("no file: the store is full, as it should be at times")
        client.sendall(f"GET /v1/files/{id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        client.recv(64)
        attack.ask("DELETE", f"/v1/files/{id}")
    attack.held(10, begin, lambda c: c.recv(64), 1, 60)


def prepare(attack):
    """10,000 names of a thousand characters, for the listings."""
    client = http.client.HTTPConnection("127.0.0.1", attack.port, timeout=60)
    for number in range(10000):
        form = f"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{number:05}{'n' * 995}\"\r\n\r\nx\r\n--b--\r\n"
        client.request("POST", "/v1/files", form, {"Content-Type": "multipart/form-data; boundary=b"})
        client.getresponse().read()


ATTACKS = {
    "chunk_line": chunk_line, "trailer": trailer, "silent": silent, "unfinished_heads": unfinished_heads,
    "unread_streams": unread_streams, "listings": listings, "half_bodies": half_bodies, "drip": drip,
    "deleted_downloads": deleted_downloads,
}
