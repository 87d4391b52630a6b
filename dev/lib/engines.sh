# shellcheck shell=bash
# An engine of Debian 13 beside the one of this machine, in a container of it.

engine_image=code-interpreter-engine:latest
engine_container=code-interpreter-engine-$$
engine_directory=

# Afterwards DOCKER_HOST is that engine, and has the sandbox image. end_tests ends it.
begin_other_engine() {
  ensure_base_image
  step "building $engine_image" env DOCKER_BUILDKIT=0 \
    docker build --force-rm --target engine --tag "$engine_image" --file images/dind/Dockerfile .
  local privileges
  privileges=$(engine_privileges)
  engine_directory=$(mktemp -d)
  # shellcheck disable=SC2086 # several options
  docker run --detach --name "$engine_container" $privileges --volume "$engine_directory:/run/engine" \
    --network none "$engine_image" sh -c 'exec dockerd --bridge none --iptables=false --host unix:///run/engine/docker.sock' > /dev/null
  local deadline=$(( SECONDS + engine_start_seconds )) socket=unix://$engine_directory/docker.sock
  until docker --host "$socket" version > /dev/null 2>&1; do
    (( SECONDS < deadline )) || fail "it does not start: $(docker logs "$engine_container" 2>&1 | tail -n 3)"
    sleep 0.2
  done
  say "loading $executor_image into it"
  docker save "$executor_image" | docker --host "$socket" load --quiet > /dev/null
  export DOCKER_HOST=$socket
  say "testing on Docker Engine $(docker version --format '{{.Server.Version}}')"
}

end_other_engine() {
  unset DOCKER_HOST
  docker rm --force --volumes "$engine_container" > /dev/null 2>&1 || true
  rm -rf "$engine_directory"
}

# What --privileged gives, but for what this machine does not have itself.
engine_privileges() {
  local missing
  missing=$(python3 -c '
for line in open("/proc/self/status"):
    if line.startswith("CapBnd"):
        print(" ".join(str(n) for n in range(41) if not int(line.split()[1], 16) >> n & 1))')
  case $missing in
    '') echo --privileged ;;
    24) echo --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
      --security-opt systempaths=unconfined --volume /sys/fs/cgroup:/sys/fs/cgroup:rw ;;
    *) fail "this machine lacks the capabilities $missing, so no container of it can have an engine" ;;
  esac
}
