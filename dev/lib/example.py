"""Sends a running service one real program and shows what comes back: python3 dev/lib/example.py http://127.0.0.1:8000"""

import json
import ssl
import sys
import time
import urllib.error
import urllib.request
import uuid

CSV = "city,month,rain\n" + "".join(
    f"{city},{month},{base + 7 * month % 40}\n" for city, base in (("Bergen", 150), ("Oslo", 50)) for month in range(1, 13)
)

CODE = """\
import matplotlib.pyplot as plt
import pandas as pd

rain = pd.read_csv("data.csv")
print(rain.groupby("city")["rain"].describe()[["mean", "min", "max"]])

rain.pivot(index="month", columns="city", values="rain").plot.bar(title="Rain (mm)")
plt.savefig("rain.png")
"""

# This service is on this machine: no proxy, and where it speaks HTTPS its certificate need not name it.
OPENER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
)


def call(method, url, body=None, content_type="application/json"):
    """Returns the answer's bytes, after printing how long it took. An error status raises, with the service's reason."""
    request = urllib.request.Request(url, body, {"Content-Type": content_type} if body else {}, method=method)
    start = time.monotonic()
    try:
        with OPENER.open(request, timeout=120) as response:
            answer, status = response.read(), response.status
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {url} answered {error.code}: {error.read().decode(errors='replace')}")
    except OSError as error:
        raise SystemExit(f"{method} {url} failed: {error}")
    print(f"{method} {url}  {status}  {len(answer)} bytes  {1000 * (time.monotonic() - start):.0f} ms")
    return answer


def upload(service, name, content):
    boundary = uuid.uuid4().hex
    body = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
        f"{content}\r\n"
        f"--{boundary}--\r\n"
    )
    answer = call("POST", f"{service}/v1/files", body.encode(), f"multipart/form-data; boundary={boundary}")
    return json.loads(answer)["file_id"]


def main(service):
    stored = [upload(service, "data.csv", CSV)]
    try:
        print("\nThe program:\n\n" + "".join(f"    {line}\n" for line in CODE.splitlines()))
        request = {"code": CODE, "timeout_ms": 60000, "files": [{"path": "data.csv", "file_id": stored[0]}]}
        answer = json.loads(call("POST", f"{service}/v1/execute", json.dumps(request).encode()))
        stored += [file["file_id"] for file in answer["files"]]
        print("\nThe answer:\n\n" + json.dumps(answer, indent=2) + "\n\nIts output:\n\n" + answer["stdout"])

        plots = [file["file_id"] for file in answer["files"] if file["path"] == "rain.png"]
        if answer["exit_code"] != 0 or len(plots) != 1:
            raise SystemExit("the program failed, or its plot did not come back")
        plot = call("GET", f"{service}/v1/files/{plots[0]}")
        if not plot.startswith(b"\x89PNG"):
            raise SystemExit("rain.png is not a PNG")
        print(f"rain.png is a PNG of {len(plot)} bytes\n")
    finally:
        for file_id in stored:
            call("DELETE", f"{service}/v1/files/{file_id}")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
