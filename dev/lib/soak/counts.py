"""What there is of a service, and of the containers that it ever had, on the engine and in the kernel."""

import os
import subprocess
import time


class Seen:
    """Every container with this label, also those that have gone: the engine tells of their creation."""

    def __init__(self, label):
        self.label = label
        self.since = str(int(time.time()) - 3600)

    def ever(self):
        return set(docker("events", "--since", self.since, "--until", str(int(time.time())), "--filter", "event=create",
                          "--filter", f"label={self.label}", "--format", "{{.Actor.ID}}").split())

    def now(self):
        return docker("ps", "-aq", "--no-trunc", "--filter", f"label={self.label}").split()


def docker(*arguments):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def traces(seen):
    ids = seen.ever()
    groups = sum(name in ids for _, names, _ in os.walk("/sys/fs/cgroup") for name in names)
    layers = "/var/lib/docker/containers/"
    with open("/proc/mounts") as file:
        mounts = sum(any(part in ids for part in line.split()[1].split("/")) for line in file)
    metadata = len(ids & set(os.listdir(layers))) if os.access(layers, os.R_OK) else 0
    return {"containers": len(seen.now()), "cgroups": groups, "mounts": mounts, "directories": metadata}


def take(service, seen, pool):
    """When the load has stopped and only the warm pool is left."""
    deadline = time.monotonic() + 90
    while len(seen.now()) != pool and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(6)  # connections that clients have left
    process = f"/proc/{service.process.pid}"
    now = traces(seen)
    # The pool's own are no leftovers, but a container has a cgroup for each controller.
    per = now["cgroups"] / max(1, now["containers"])
    return {
        "containers": now["containers"], "cgroups": now["cgroups"], "mounts": now["mounts"], "cgroups of one": per,
        "threads": len(os.listdir(f"{process}/task")), "descriptors": len(os.listdir(f"{process}/fd")),
        "RSS, MB": service.memory("VmRSS"),
    }


def after(seen):
    deadline = time.monotonic() + 20
    while any(traces(seen).values()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return traces(seen)
