# shellcheck shell=bash
# The executor image and the Debian image that it starts from.

base_image=debian:trixie-slim
executor_image=code-interpreter-executor:latest
service_image=code-interpreter:latest
venv_image=code-interpreter-executor-venv:latest # the name that harness.VenvImage has
source_label=code-interpreter.source
executor_image_pid=

# Builds the executor image unless the one that is there was made from the same images/sandbox/.
ensure_executor_image() {
  ! executor_image_is_made || return 0
  ensure_base_image
  build_executor_image
}

# The same beside what the script does until it calls end_executor_image.
begin_executor_image() {
  ! executor_image_is_made || return 0
  ensure_base_image # before the rest, as apt installs for one process at a time
  # A process group of its own, which can be ended with all that it has started.
  set -m
  build_executor_image &
  set +m
  executor_image_pid=$!
}

end_executor_image() {
  [[ -n $executor_image_pid ]] || return 0
  wait "$executor_image_pid"
  executor_image_pid=
}

stop_executor_image() {
  [[ -z $executor_image_pid ]] || kill -- "-$executor_image_pid" 2> /dev/null || true
}

executor_image_is_made() {
  [[ $(label_of "$executor_image") == "$(executor_source)" ]]
}

build_executor_image() {
  local source previous
  source=$(executor_source)
  previous=$(docker image inspect --format '{{.Id}}' "$executor_image" 2> /dev/null || true)
  step "building $executor_image (a few minutes)" build_sandbox_image "$executor_image" --label "$source_label=$source"
  [[ -z $previous ]] || docker rmi "$previous" > /dev/null 2>&1 || true # in use, or the same image: it stays
}

# build_sandbox_image TAG ARGUMENT...: with further arguments of docker build. By the classic builder: every engine has it, and
# it takes the local base image.
build_sandbox_image() {
  local tag=$1
  shift
  DOCKER_BUILDKIT=0 docker build --force-rm --target default --tag "$tag" "$@" images/sandbox
}

# Builds the image of src/test/images/venv, in a second: for the tests on a cluster, which has to be given it.
ensure_venv_image() {
  step "building $venv_image" env DOCKER_BUILDKIT=0 \
    docker build --force-rm --network none --tag "$venv_image" src/test/images/venv
}

executor_source() {
  (cd images/sandbox && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

label_of() {
  docker image inspect --format "{{index .Config.Labels \"$source_label\"}}" "$1" 2> /dev/null || true
}

ensure_base_image() {
  ! docker image inspect "$base_image" > /dev/null 2>&1 || return 0
  say "fetching $base_image"
  ! timeout 60 docker pull --quiet "$base_image" > /dev/null 2>&1 || return 0
  command -v mmdebstrap > /dev/null \
    || install_packages "$base_image cannot be pulled and has to be made" mmdebstrap debian-archive-keyring
  step "it cannot be pulled: making it from Debian's packages" make_base_image
}

# As slim as the image of that name: no documentation but the licences, no translations.
make_base_image() {
  mmdebstrap --variant=minbase \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    trixie - | docker import --change 'CMD ["bash"]' - "$base_image" && return 0
  docker rmi "$base_image" # half an image must not be taken for a whole one
  return 1
}

# release_images VERSION REVISION CREATED: both images under the version as their tag, with the labels of the OCI. The
# sandbox image gets them in a layer of nothing, so that its minutes are not spent again for them.
release_images() {
  ensure_executor_image
  ensure_base_image
  step "building code-interpreter:$1" build_service_image "code-interpreter:$1" \
    --build-arg "VERSION=$1" --build-arg "REVISION=$2" --build-arg "CREATED=$3"
  step "labelling code-interpreter-executor:$1" label_executor_image "$@"
}

label_executor_image() {
  printf 'FROM %s\n' "$executor_image" | DOCKER_BUILDKIT=0 docker build --tag "code-interpreter-executor:$1" \
    --label org.opencontainers.image.title=code-interpreter-executor \
    --label org.opencontainers.image.description='Python 3.13 with the usual data libraries: what code-interpreter runs programs in.' \
    --label org.opencontainers.image.licenses=Apache-2.0 \
    --label "org.opencontainers.image.base.name=$base_image" \
    --label "org.opencontainers.image.version=$1" \
    --label "org.opencontainers.image.revision=$2" \
    --label "org.opencontainers.image.created=$3" -
}

# build_service_image TAG ARGUMENT...: with further arguments of docker build.
build_service_image() {
  local tag=$1
  shift
  # A machine whose network looks into TLS trusts more than Debian does.
  DOCKER_BUILDKIT=0 docker build --force-rm \
    --build-arg "EXTRA_CA=$(cat /usr/local/share/ca-certificates/*.crt 2> /dev/null || true)" --tag "$tag" "$@" .
}

# Builds the service's image; what has not changed since the last time is not built again.
ensure_service_image() {
  ensure_base_image
  step "building $service_image" build_service_image "$service_image"
}
