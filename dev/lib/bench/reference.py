"""The reference's own sequence, by the docker command: a container that sleeps, the program in, run, the files out, kill."""

import io
import subprocess
import tarfile
import uuid

IMAGE = "code-interpreter-executor:latest"


def docker(*words, **options):
    return subprocess.run(["docker", *words], check=True, capture_output=True, **options).stdout


def archive_of(program):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("__main__.py")
        entry.size = len(program.encode())
        archive.addfile(entry, io.BytesIO(program.encode()))
    return file.getvalue()


def run(program):
    name = "code-interpreter-bench-" + uuid.uuid4().hex
    docker("run", "-d", "--rm", "--name", name, "--network", "none", "--memory", "256m", "--pids-limit", "64",
           "--tmpfs", "/workspace:uid=65532,gid=65532", "--workdir", "/workspace", "--env", "MPLCONFIGDIR=/tmp/matplotlib",
           IMAGE, "sleep", "60")
    try:
        docker("exec", "-i", "-u", "0", name, "tar", "-x", "-C", "/workspace", input=archive_of(program))
        docker("exec", name, "python", "/workspace/__main__.py")
        docker("exec", name, "tar", "-c", "-C", "/workspace", ".")
    finally:
        docker("kill", name)
