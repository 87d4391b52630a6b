"""The stores of files, one after another: large files in a small heap, and many small ones."""

import json
import os

from bench.measure import median, timed
from bench.sections import LARGE, large_file, speed, warm_up
from bench.service import Client, Service, form_of

SMALL = 1000
LIST_ALL = "/v1/files?limit=1000"
SETTINGS = {"WARM_POOL_SIZE": "0", "WARM_POOL_BARE_SIZE": "0", "WARM_POOL_SESSION_SIZE": "0", "TMP_SIZE_LIMIT": "16Mi",
            "MAX_STAGED_FILES": str(SMALL)}


def stores():
    """Name and settings; S3 where there is a server that speaks it."""
    yield "local", {}
    yield "shared", {"FILE_STORAGE": "shared"}
    if "S3_TEST_ENDPOINT" in os.environ:
        yield "s3", {
            "FILE_STORAGE": "s3", "FILE_S3_BUCKET": "files", "FILE_S3_PATH_STYLE": "true", "AWS_ACCESS_KEY_ID": "S3RVER",
            "AWS_SECRET_ACCESS_KEY": "S3RVER", "FILE_S3_ENDPOINT": os.environ["S3_TEST_ENDPOINT"],
        }


def small(client):
    """Milliseconds of each upload of 1 KB, of a list of all, of a run that is given all, and of each deletion."""
    form = form_of(bytes(1024))
    ids = []
    uploaded = [timed(lambda: ids.append(client.upload(form))) for _ in range(SMALL)]
    listed = []
    for _ in range(5):
        pages = []
        listed.append(timed(lambda: pages.append(client.ask("GET", LIST_ALL))))
        status, text = pages[0]
        assert status == 200 and len(json.loads(text)["files"]) == SMALL, text
    inputs = [{"path": f"in/{number}", "file_id": file} for number, file in enumerate(ids)]
    program = f"import os; assert len(os.listdir('in')) == {SMALL}"
    staged = [timed(lambda: client.execute(program, files=inputs, timeout_ms=30000)) for _ in range(3)]
    deleted = [timed(lambda: client.ask("DELETE", "/v1/files/" + file)) for file in ids]
    return uploaded, listed, staged, deleted


def section():
    yield "**Stores: 100 MB in a heap of 96 MB, and 1,000 files of 1 KB**", None, "", ""
    for name, settings in stores():
        with Service(heap="96m", **SETTINGS, **settings) as service:
            client = Client()
            warm_up(client, 10)
            form = form_of(bytes(LARGE))
            uploaded, staged, returned = zip(*(large_file(client, form) for _ in range(5)))
            peak = service.memory("VmHWM")
            yield (f"{name}: 100 MB uploaded", speed(uploaded), "MB/s",
                   f"staged {speed(staged):.0f}, returned {speed(returned):.0f} MB/s,"
                   f" both with their launch; peak of the service's memory {peak:.0f} MB")
            uploaded, listed, staged, deleted = small(client)
            yield (f"{name}: a small file uploaded, p50", median(uploaded), "ms",
                   f"deleted {median(deleted):.2f} ms; {SMALL} listed {median(listed):.1f} ms;"
                   f" a run with all {SMALL} {median(staged):.0f} ms")
    if "S3_TEST_ENDPOINT" not in os.environ:
        yield "s3", None, "", "not measured: npm did not get a server"
