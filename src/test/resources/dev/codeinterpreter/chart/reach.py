"""Tries to reach each of TARGETS and says what came of it: a JSON object by the targets' names."""
import errno
import json
import os
import socket
import sys

# [name, protocol, address, port]
TARGETS = json.loads("""TARGETS""")


def reach(protocol, host, port):
    try:
        reached = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
    except OSError as e:
        return "no socket: " + errno.errorcode[e.errno]
    if not port:
        return "a socket" # for an address that is nobody's here, that is enough to know
    with reached:
        reached.settimeout(5)
        try:
            reached.connect((host, port))
            if protocol == "udp":
                reached.send(b"x")
        except OSError as e:
            return "not reached: " + repr(e)
        return "reached"


def resolve(name):
    try:
        return "reached: " + socket.gethostbyname(name)
    except OSError:
        return "no name"


def listen():
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
            s.bind(("0.0.0.0", 8080))
            s.listen()
            return "reached"
    except OSError as e:
        return "no socket: " + errno.errorcode[e.errno]


def other_families():
    """Whatever else would lead out of a network namespace, or tell about it."""
    made = []
    for family, kind in (("AF_INET6", "SOCK_STREAM"), ("AF_INET6", "SOCK_DGRAM"), ("AF_INET", "SOCK_RAW"), ("AF_PACKET", "SOCK_RAW"),
                         ("AF_NETLINK", "SOCK_RAW"), ("AF_VSOCK", "SOCK_STREAM"), ("AF_ALG", "SOCK_SEQPACKET")):
        try:
            socket.socket(getattr(socket, family), getattr(socket, kind)).close()
            made.append(family + " " + kind)
        except OSError:
            pass
    return "no socket" if not made else "made " + ", ".join(made)


found = {name: reach(protocol, host, port) for name, protocol, host, port in TARGETS}
found["a name"] = resolve("kubernetes.default.svc.cluster.local")
found["listening"] = listen()
found["other families"] = other_families()
found["credentials"] = "reached" if os.path.exists("/var/run/secrets/kubernetes.io") else "none"
found["environment"] = ", ".join(name for name in os.environ if "KUBERNETES" in name or "SERVICE" in name) or "none"
print(json.dumps(found))
