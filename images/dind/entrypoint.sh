#!/bin/bash
# Starts an engine unless there is one, loads the images of /var/lib/images into it, and runs the given command as user 1000.
set -euo pipefail
engine_log=/var/log/dockerd.log
engine_start_seconds=60

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

start_engine() {
  [[ $EUID -eq 0 ]] || fail 'an engine can only be started by root: leave out the user, or give the socket of an engine'
  leave_root_group
  rm -f /var/run/docker.pid /run/containerd/containerd.pid # of a container that was killed and started again
  dockerd --group 1000 > "$engine_log" 2>&1 &
  local pid=$! deadline=$(( SECONDS + engine_start_seconds ))
  until docker version > /dev/null 2>&1; do
    kill -0 "$pid" 2> /dev/null \
      || fail "the engine has ended; is the container privileged? $(tail -n 3 "$engine_log")"
    (( SECONDS < deadline )) || fail "the engine does not answer after $engine_start_seconds s: $(tail -n 3 "$engine_log")"
    sleep 0.2
  done
}

# With cgroups of version 2 a group that has groups below it can have no processes of its own.
leave_root_group() {
  local root=/sys/fs/cgroup pid
  [[ -e $root/cgroup.controllers ]] || return 0
  mkdir -p "$root/init"
  while read -r pid; do
    echo "$pid" > "$root/init/cgroup.procs" 2> /dev/null || true # it has ended
  done < "$root/cgroup.procs"
  sed 's/ / +/g; s/^/+/' "$root/cgroup.controllers" > "$root/cgroup.subtree_control"
}

load_images() {
  local archive
  for archive in /var/lib/images/*.tar; do
    [[ -e $archive ]] || continue
    docker load --quiet --input "$archive" || fail "$archive cannot be loaded"
  done
}

# Set-ups of Onyx say it in their command.
while [[ ${1:-} == bash && ${2:-} == ./entrypoint.sh ]]; do
  shift 2
done
if [[ ${1:-} == code-interpreter-api && -z ${DOCKER_HOST:-} && ! -S /var/run/docker.sock ]]; then
  start_engine
  load_images
fi
[[ $EUID -eq 0 ]] || exec "$@"
# What the engine starts and leaves becomes a child of process 1, and Java does not wait for children that it has not started.
exec setpriv --reuid=1000 --regid=1000 --groups "1000,$(stat -c %g /var/run/docker.sock 2> /dev/null || echo 1000)" tini -- "$@"
