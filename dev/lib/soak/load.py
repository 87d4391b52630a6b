"""What clients do. Each kind gives the statuses that it got; an answer that is not its own is Wrong."""

import json
import random
import socket
import time
import uuid

from bench.service import PORT


class Wrong(Exception):
    pass


BUSY = (429,)  # a full service is no failure


def run(client, code, path="/v1/execute", timeout_ms=10000, **more):
    status, answer = client.post(path, code=code, timeout_ms=timeout_ms, **more)
    if status not in (200, *BUSY):
        raise Wrong(f"{status} {answer}")
    return status, answer


def expect(holds, answer):
    if not holds:
        raise Wrong(str(answer)[:300])


def hello(client):
    token = uuid.uuid4().hex
    status, answer = run(client, f"print('{token}')")
    expect(status in BUSY or answer["stdout"] == token + "\n" and answer["exit_code"] == 0, answer)
    yield status


def pandas(client):
    status, answer = run(client, "import pandas; print(pandas.Series([1, 2]).sum())")
    expect(status in BUSY or answer["stdout"] == "3\n", answer)
    yield status


def files(client):
    content = uuid.uuid4().hex.encode() * random.randint(1, 20000)
    id = client.upload(content)
    status, answer = run(client, "d = open('in', 'rb').read(); open('out', 'wb').write(d[::-1]); print(len(d))",
                         files=[{"path": "in", "file_id": id}])
    if status == 200:
        (out,) = answer["files"]
        _, back = client.ask("GET", f"/v1/files/{out['file_id']}")
        expect(back == content[::-1], answer)
        client.ask("DELETE", f"/v1/files/{out['file_id']}")
    client.ask("DELETE", f"/v1/files/{id}")
    yield status


def ends(code, termination, timeout_ms=1000):
    def kind(client):
        status, answer = run(client, code, timeout_ms=timeout_ms)
        expect(status in BUSY or answer["termination"] in termination, answer)
        yield status
    return kind


def stream(client):
    token = uuid.uuid4().hex
    status, text = client.ask("POST", "/v1/execute/stream", json.dumps({"code": f"print('{token}')"}))
    expect(status in BUSY or token in text.decode() and "event: result" in text.decode(), text)
    yield status


def leave(path):
    """Goes away in the middle, politely or not."""
    def kind(client):
        body = json.dumps({"code": "import time\nwhile True: print('x', flush=True); time.sleep(0.01)", "timeout_ms": 20000}).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", PORT), timeout=20) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(random.random() * 1.5)
            if random.random() < 0.5:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        yield "left"
    return kind


def session(client):
    status, answer = client.post("/v1/sessions", ttl_seconds=30)
    if status in BUSY:
        yield status
        return
    expect(status == 201, answer)
    path, token = f"/v1/sessions/{answer['session_id']}", uuid.uuid4().hex
    yield status
    steps = (
        ("python", {"code": f"x = '{token}'"}, ""), ("bash", {"cmd": f"echo {token} > f; sleep 99 &"}, ""),
        ("python", {"code": "print(x)"}, token), ("bash", {"cmd": "cat f"}, token),
        ("bash", {"cmd": "while :; do :; done", "timeout_ms": 300}, ""), ("python", {"code": "open('f').read()"}, token),
    )
    for command, body, said in steps:
        status, answer = client.post(f"{path}/{command}", **{"timeout_ms": 10000, **body})
        yield status
        expect(status in BUSY or status == 200 and said in answer["stdout"], answer)
        if status in BUSY:
            break
    if random.random() < 0.8:  # the others end with their time
        status, answer = client.ask("DELETE", path)
        expect(status == 204, answer)


def refused(client):
    for path, body, wanted in (("/v1/execute", {}, 422), ("/v1/execute", {"code": 1}, 422),
                               ("/v1/execute", {"code": "1", "files": [{"path": "x", "file_id": "y"}]}, 404)):
        status, answer = client.post(path, **body)
        expect(status == wanted, answer)
        yield status


KINDS = {
    "hello": (30, hello), "pandas": (4, pandas), "files": (8, files), "stream": (10, stream), "refused": (4, refused),
    "endless": (3, ends("while True: pass", ("timeout",), 400)),
    "memory": (2, ends("b = []\nwhile True: b.append(bytearray(1 << 24))", ("oom", "timeout"), 4000)),
    "forks": (2, ends("import os\nwhile True:\n try: os.fork()\n except OSError: pass", ("timeout",), 500)),
    "flood": (2, ends("import os\nwhile True: os.write(1, b'x' * 65536); os.write(2, b'y' * 65536)", ("timeout",), 500)),
    "disk": (2, ends("n = 0\nwhile True: open(f'/tmp/{n}', 'wb').write(bytes(1 << 20)); n += 1", ("exited", "timeout"), 4000)),
    "crash": (2, ends("import ctypes; ctypes.string_at(0)", ("signaled",), 4000)),
    "leaves": (5, leave("/v1/execute")), "leaves a stream": (5, leave("/v1/execute/stream")),
    "session": (3, session),
}
