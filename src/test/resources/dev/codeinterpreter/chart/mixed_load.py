"""Runs in a pod beside the service: mixed requests through its Service, each on a connection of its own.

mixed_load.py ADDRESS COUNT: says "under way" after a third of them, and at the end what it was told, as JSON."""
import collections
import http.client
import json
import sys
import threading
import time

address, count = sys.argv[1], int(sys.argv[2])
clients = 4
lock = threading.Lock()
answers, wrong, lost = collections.Counter(), [], []
begun = 0


def post(path, body):
    """The status and the body; "connection" when there was no whole answer."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return "connection", ""
    finally:
        connection.close()


def note(kind, status):
    with lock:
        answers["%s %s" % (kind, status)] += 1


def take():
    global begun
    with lock:
        begun += 1
        if begun == count // 3:
            print("under way", flush=True)
        return begun if begun <= count else None


def run(number):
    status, text = post("/v1/execute", {"code": "print(%d * 7)" % number, "timeout_ms": 20000})
    note("run", status)
    if status == 200:
        answer = json.loads(text)
        if (answer["stdout"], answer["exit_code"]) != ("%d\n" % (number * 7), 0):
            wrong.append(answer)


def stream(number):
    status, text = post("/v1/execute/stream", {"code": "print(%d + 1)" % number, "timeout_ms": 20000})
    if status == 200 and "event: result" not in text:
        status = "connection" if "event: error" not in text else 503
    note("stream", status)
    said = "".join(json.loads(line[6:]).get("data", "") for line in text.splitlines() if line.startswith("data: "))
    if status == 200 and said != "%d\n" % (number + 1):
        wrong.append(text)


def command(session, lines):
    """Adds a line to a file and counts; one that got no answer may have been added or not."""
    status, text = post("/v1/sessions/%s/bash" % session, {"cmd": "echo x >> n; wc -l < n", "timeout_ms": 20000})
    note("session", status)
    if status == 404:
        lost.append(session)
    if status != 200:
        return {line + extra for line in lines for extra in (0, 1)}
    answer = json.loads(text)
    seen = int(answer["stdout"] or -1)
    if seen - 1 not in lines:
        wrong.append([answer, sorted(lines)])
    return {seen}


def client():
    session, lines = None, {0}
    while session is None:
        status, text = post("/v1/sessions", {"ttl_seconds": 600})
        session = json.loads(text)["session_id"] if status == 201 else None
    while number := take():
        if number % 5 == 0:
            run(number)
        elif number % 5 == 1:
            stream(number)
        else:
            lines = command(session, lines)
            time.sleep(0.1)
    lines = command(session, lines)


threads = [threading.Thread(target=client) for _ in range(clients)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"answers": answers, "wrong": wrong, "lost": lost}), flush=True)
