# shellcheck shell=bash
# Other engines beside the one of this machine, each in a container of it.

engine_container=code-interpreter-engine-$$
engine_directory=
engine_before=
engine_arguments=()

# begin_other_engine NAME: afterwards DOCKER_HOST is that engine, has the sandbox image, and engine_arguments are Maven's for it.
# end_other_engine ends it.
#   docker  Debian 13's
#   tls     the same, by way of a port that demands certificates
#   crun    the same, with crun in place of runc
#   sid     that of the Debian to come
#   podman  Debian 13's Podman, which the service refuses: it is not given an image
begin_other_engine() {
  local name=$1 image target=docker command privileges
  [[ $name != sid && $name != podman ]] || target=$name
  image=code-interpreter-engine-$target:latest
  engine_before=${DOCKER_HOST:-}
  ensure_base_image
  step "building $image" env DOCKER_BUILDKIT=0 docker build --force-rm --target "$target" --tag "$image" src/test/images/engines
  privileges=$(engine_privileges)
  engine_directory=$(mktemp -d)
  make_certificates "$engine_directory"
  # crun refuses cgroups of both versions at once.
  command='! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
    exec dockerd --bridge none --iptables=false --add-runtime crun=/usr/bin/crun --host unix:///run/engine/docker.sock \
      --host tcp://0.0.0.0:2376 --tlsverify --tlscacert /run/engine/ca.pem --tlscert /run/engine/server.pem \
      --tlskey /run/engine/server-key.pem'
  [[ $name != podman ]] || command='exec podman --cgroup-manager cgroupfs system service --time 0 unix:///run/engine/docker.sock'
  # shellcheck disable=SC2086 # several options
  docker run --detach --name "$engine_container" $privileges --volume "$engine_directory:/run/engine" \
    --publish 127.0.0.1::2376 "$image" sh -c "$command" > /dev/null
  local deadline=$(( SECONDS + engine_start_seconds )) socket=unix://$engine_directory/docker.sock port
  until docker --host "$socket" version > /dev/null 2>&1; do
    (( SECONDS < deadline )) || fail "it does not start: $(docker logs "$engine_container" 2>&1 | tail -n 3)"
    sleep 0.2
  done
  if [[ $name != podman ]]; then
    say "loading $executor_image into it"
    docker save "$executor_image" | docker --host "$socket" load --quiet > /dev/null
    # A hostile program that looks at every file has ten seconds, which a fresh image takes to be read from the disk.
    docker --host "$socket" run --rm --network none "$executor_image" find / -xdev -perm /6000 > /dev/null 2>&1 || true
  fi
  port=$(docker port "$engine_container" 2376)
  case $name in
    tls) engine_arguments=("-Ddocker.tls=tcp://$port" "-Ddocker.certificates=$engine_directory") ;;
    crun) engine_arguments=(-Ddocker.runtime=crun) ;;
    podman) engine_arguments=(-Ddocker.podman=true) ;;
    *) engine_arguments=() ;;
  esac
  export DOCKER_HOST=$socket
  say "started the engine $name: $(docker version --format '{{.Server.Version}}')"
}

end_other_engine() {
  if [[ -n $engine_before ]]; then export DOCKER_HOST=$engine_before; else unset DOCKER_HOST; fi
  docker rm --force --volumes "$engine_container" > /dev/null 2>&1 || true
  rm -rf "$engine_directory"
  engine_directory=
}

# make_certificates DIRECTORY: an authority, what it signs for an engine on 127.0.0.1, and cert.pem and key.pem for its client.
make_certificates() (
  cd "$1"
  exec 2> /dev/null
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 2
  sign_certificate server server.pem server-key.pem subjectAltName=IP:127.0.0.1,extendedKeyUsage=serverAuth
  sign_certificate client cert.pem key.pem extendedKeyUsage=clientAuth
)

sign_certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$3" -out "$1.csr" -subj "/CN=$1"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile <(tr , '\n' <<< "$4") -days 2 -out "$2"
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
