# shellcheck shell=bash
# The Docker Engine: the running one, or Debian's, installed and started here.

engine_log=/var/log/dockerd.log
engine_start_seconds=60

ensure_engine() {
  use_docker_context
  engine_answers && return 0
  [[ -z ${DOCKER_HOST:-} ]] \
    || fail "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST: $(engine_complaint)"
  [[ $EUID -eq 0 ]] \
    || fail "no Docker Engine answers ($(engine_complaint)): start one, set DOCKER_HOST, or run this as root to have Debian's installed and started."
  install_engine
  engine_answers || start_engine
}

# The service knows DOCKER_HOST but not the contexts of the docker command.
use_docker_context() {
  if [[ -n ${DOCKER_HOST:-} ]] || ! command -v docker > /dev/null; then
    return 0
  fi
  local host
  host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2> /dev/null) || return 0
  [[ $host == unix:///var/run/docker.sock ]] || export DOCKER_HOST=$host
}

engine_answers() {
  command -v docker > /dev/null && timeout 10 docker version --format '{{.Server.Version}}' > /dev/null 2>&1
}

engine_complaint() {
  command -v docker > /dev/null || { echo 'the docker command is not installed'; return; }
  timeout 10 docker version --format '{{.Server.Version}}' 2>&1 | tail -n 1
}

install_engine() {
  local packages=()
  if ! command -v dockerd > /dev/null || ! command -v docker > /dev/null; then
    packages+=(docker.io)
    update_package_lists
    ! has_package docker-cli || packages+=(docker-cli) # Debian 13's docker.io comes without the command
  fi
  mountpoint -q /sys/fs/cgroup || packages+=(cgroupfs-mount)
  [[ ${#packages[@]} -eq 0 ]] || install_packages 'a Docker Engine is needed' "${packages[@]}"
}

start_engine() {
  if [[ -d /run/systemd/system ]]; then
    step 'starting the Docker Engine' systemctl start docker
  else
    say "starting the Docker Engine (log: $engine_log)"
    mountpoint -q /sys/fs/cgroup || cgroupfs-mount
    remove_stale_pid_file /var/run/docker/containerd/containerd.pid containerd
    remove_stale_pid_file /var/run/docker.pid dockerd
    # A live pid file means that an engine is starting already, as the package itself does on some machines.
    [[ -e /var/run/docker.pid ]] || launch_engine
  fi
  wait_for_engine
}

# The engine outlives this script: a session of its own, and none of the script's descriptors, or a reader of
# the script's output would wait for the engine to end.
launch_engine() {
  (
    for descriptor in /proc/self/fd/*; do
      descriptor=${descriptor##*/}
      (( descriptor <= 2 )) || eval "exec $descriptor>&-"
    done
    exec setsid nohup dockerd < /dev/null >> "$engine_log" 2>&1
  ) < /dev/null > /dev/null 2>&1 &
  engine_pid=$!
}

wait_for_engine() {
  local deadline=$(( SECONDS + engine_start_seconds ))
  until engine_answers; do
    if (( SECONDS >= deadline )) || { [[ -n ${engine_pid:-} ]] && ! kill -0 "$engine_pid" 2> /dev/null; }; then
      [[ ! -r $engine_log ]] || tail -n 20 "$engine_log" >&2
      fail "the Docker Engine did not start within $engine_start_seconds s (see ${engine_log} or the system's journal)."
    fi
    sleep 0.3
  done
}

# A killed engine leaves its pid files, and the next one refuses to start while anything has those numbers: another
# program, or the dead engine itself where nobody reaps it. Only a live process has an executable.
remove_stale_pid_file() {
  local file=$1 program=$2 pid
  [[ -e $file ]] || return 0
  pid=$(< "$file")
  [[ $pid =~ ^[0-9]+$ && $(readlink "/proc/$pid/exe") == */"$program"* ]] || rm -f "$file"
}
