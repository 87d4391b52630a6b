"""On the cluster of KUBECONFIG, which has to have the executor image (dev/cluster up); without one there is nothing to measure."""

import collections
import contextlib
import http.client
import json
import os
import random
import subprocess
import time
import uuid

from bench.measure import median, percentile, timed
from bench.sections import await_session, in_session
from bench.service import Client, Service

HELLO = "print('hi')"
POOL = 2
CREATED_BY_THE_CLUSTER = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink", "generation")


def until(what, holds):
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


class Cluster:
    """The API of the cluster through a proxy of kubectl's, which knows how to log in, and a namespace in it of our own."""

    def __init__(self):
        self.namespace = "bench-" + uuid.uuid4().hex[:12]

    def __enter__(self):
        self.proxy = subprocess.Popen(["kubectl", "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.proxy.stdout.readline().rpartition(":")[2])
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        account = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/default"
        until("the namespace is set up", lambda: self.ask("GET", account)[0] == 200)
        return self

    def __exit__(self, *_):
        self.ask("DELETE", "/api/v1/namespaces/" + self.namespace)
        self.proxy.terminate()
        self.proxy.wait()

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def call(self, method, path, body=None):
        status, text = self.ask(method, path, body)
        assert status < 400, text
        return json.loads(text)

    def pods(self):
        return self.call("GET", self.path())["items"]

    def path(self, name=""):
        return f"/api/v1/namespaces/{self.namespace}/pods" + (name and "/" + name)

    def settle(self, expected=0):
        """Until what the last measurement left is gone, and then at any moment between two of the node's reports, one a second."""
        until("what was measured last is gone", lambda: len(self.pods()) <= expected)
        time.sleep(0.2 + random.random())

    def pod_of_a_sandbox(self, service):
        """What the service asks the cluster for, read back from a sandbox of its own."""
        with service.background("import time; time.sleep(5)"):
            until("a sandbox is there", self.pods)
            pods = self.pods()
        pod = {"metadata": pods[0]["metadata"], "spec": pods[0]["spec"]}
        for name in CREATED_BY_THE_CLUSTER:
            pod["metadata"].pop(name, None)
        pod["spec"].pop("nodeName", None)
        # The service is not to take it for one of its own.
        pod["metadata"]["labels"] = {}
        return pod

    def create_until_ready(self, pod):
        """From the request until the cluster says Ready, told by a watch that is there before."""
        name = "bench-" + uuid.uuid4().hex[:12]
        version = self.call("GET", self.path())["metadata"]["resourceVersion"]
        watch = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(watch):
            watch.request("GET", f"{self.path()}?watch=1&resourceVersion={version}&fieldSelector=metadata.name%3D{name}")
            events = watch.getresponse()
            start = time.perf_counter()
            self.call("POST", self.path(), {**pod, "metadata": {**pod["metadata"], "name": name}})
            for line in events:
                conditions = json.loads(line)["object"]["status"].get("conditions", [])
                if any(one["type"] == "Ready" and one["status"] == "True" for one in conditions):
                    break
            taken = 1000 * (time.perf_counter() - start)
        self.ask("DELETE", self.path(name) + "?gracePeriodSeconds=1")
        return taken


def service(cluster, **variables):
    return Service(
        EXECUTOR_BACKEND="kubernetes", KUBECONFIG=os.environ["KUBECONFIG"], KUBERNETES_EXECUTOR_NAMESPACE=cluster.namespace,
        KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY="IfNotPresent", **variables)


def warm_up(client, times=100):
    """Until the JVM has compiled what a request needs: in one session, since pods take their time."""
    client.be_refused()
    _, session = client.post("/v1/sessions")
    path = "/v1/sessions/" + session["session_id"]
    for _ in range(times):
        client.run(path + "/python", code=HELLO)
    client.ask("DELETE", path)


def section(rounds):
    if "KUBECONFIG" not in os.environ:
        yield "**On Kubernetes**", None, "", "not measured: KUBECONFIG is not set"
        return
    times = collections.defaultdict(list)
    with Cluster() as cluster:
        with service(cluster, WARM_POOL_SIZE=str(POOL)):
            client = Client()
            warm_up(client)
            for _ in range(3 * rounds):
                client.await_idle(POOL)
                cluster.settle(POOL)
                times["warm"].append(timed(lambda: client.execute(HELLO)))
        cluster.settle()
        with service(cluster, WARM_POOL_SIZE="0") as cold:
            client = Client()
            warm_up(client)
            cluster.settle()
            pod = cluster.pod_of_a_sandbox(cold)
            for _ in range(rounds):
                cluster.settle()
                times["cold"].append(timed(lambda: client.execute(HELLO)))
                cluster.settle()
                times["ready"].append(cluster.create_until_ready(pod))
            cluster.settle()
        with service(cluster, WARM_POOL_SIZE="0", WARM_POOL_BARE_SIZE="0", WARM_POOL_SESSION_SIZE="1"):
            client = Client()
            warm_up(client)
            for _ in range(rounds):
                await_session(client)
                cluster.settle(1)
                in_session(client, times)
    yield "**On Kubernetes, one request after another**", None, "", ""
    yield "print('hi') in a warm pod: p50", median(times["warm"]), "ms", ""
    yield f"print('hi') in a warm pod: p90 of {len(times['warm'])}", percentile(times["warm"], 0.9), "ms", ""
    yield ("print('hi') in a new pod: p50", median(times["cold"]), "ms",
           f"{median(times['cold']) / median(times['ready']):.2f} of the cluster alone")
    yield "the cluster alone: create such a pod, until Ready", median(times["ready"]), "ms", ""
    yield "a session that waited in the pool: create, p50", median(times["create"]), "ms", ""
    yield "its first command, import pandas: p50", median(times["first"]), "ms", ""
    yield "bash in it: p50", median(times["bash"]), "ms", ""
    yield "Python in it: p50", median(times["python"]), "ms", ""
