# shellcheck shell=bash
# What dev/test is made of. What was started is stopped when the script ends, however it ends.

runner_tests=src/test/python/share.py
runner_shares=3
registry_cache=${XDG_CACHE_HOME:-$HOME/.cache}/code-interpreter/registry # harness.Registry looks there
runner_timeout_seconds=300
no_unit_tests=(-Dtest=None -Dsurefire.failIfNoSpecifiedTests=false)
maven_goals=(verify)
# The tests of integration alone, on what an earlier run has built.
maven_tests=(toolchains:select-jdk-toolchain failsafe:integration-test@side-by-side failsafe:integration-test@alone
  failsafe:verify@verdict)
cluster_arguments=()
test_logs=
maven_pid=
runner_pid=
owns_cluster=

begin_tests() {
  test_logs=$(mktemp -d)
  trap end_tests EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# Maven ends its test JVMs, which end their services; of a run that is killed, the watcher of each test JVM does (Janitor).
end_tests() {
  local status=$?
  trap '' INT TERM HUP
  [[ -z $maven_pid ]] || { kill "$maven_pid" 2> /dev/null; wait "$maven_pid"; } || true
  [[ -z $runner_pid ]] || kill "$runner_pid" 2> /dev/null || true
  remove_runner_containers
  stop_aliases
  stop_service
  [[ -z $owns_cluster ]] || stop_cluster
  [[ -z ${engine_directory:-} ]] || end_other_engine
  [[ -z ${s3rver_pid:-} ]] || end_s3rver
  (( status != 0 )) || rm -rf "$test_logs"
}

remove_runner_containers() {
  local left
  left=$(docker ps --all --quiet --filter "label=code-interpreter.runner-test=$$" 2> /dev/null) || return 0
  # shellcheck disable=SC2086 # several words
  [[ -z $left ]] || docker rm --force $left > /dev/null 2>&1 || true
}

# Beside the compiler and the unit tests: the runner's tests are over before the service's containers are counted.
begin_runner_tests() {
  test_runner &
  runner_pid=$!
}

await_runner_tests() {
  [[ -n $runner_pid ]] || return 0
  local status=0
  wait "$runner_pid" || status=$?
  runner_pid=
  (( status == 0 )) || fail "the runner's tests failed: see what is said above"
}

# Shares of them in containers side by side: most of them wait. What a share printed is shown when it failed.
test_runner() {
  local share failed=
  local -a pids=()
  say "testing the runner in $executor_image ($runner_shares containers)"
  for (( share = 0; share < runner_shares; share++ )); do
    test_runner_share "$share" > "$test_logs/runner-$share.log" 2>&1 < /dev/null &
    pids+=($!)
  done
  for (( share = 0; share < runner_shares; share++ )); do
    wait "${pids[share]}" || { failed=yes; sed "s/^/[share $share] /" "$test_logs/runner-$share.log" >&2; }
  done
  grep -h '^Ran ' "$test_logs"/runner-*.log | sed 's/^/    /' >&2 || true
  [[ -z $failed ]] || fail "the runner's tests failed (all of their output is in $test_logs)"
}

# The sources arrive over stdin: the engine may not see this directory.
test_runner_share() {
  tar -c src/main/python src/main/resources/dev/codeinterpreter/inventory src/test/python \
    | timeout --foreground "$runner_timeout_seconds" docker run --rm --interactive \
    --label "code-interpreter.runner-test=$$" --network none --user 200000:200000 --env HOME=/tmp --tmpfs /tmp \
    --sysctl 'net.ipv4.tcp_rmem=4096 131072 131072' --sysctl 'net.ipv4.tcp_wmem=4096 65536 131072' \
    --tmpfs /src:mode=1777 "$executor_image" \
    sh -c 'tar -x -C / && exec python3 -B "/$1" "$2" "$3"' sh "$runner_tests" "$1" "$runner_shares"
}

# test_service [ARGUMENT...]: of Maven's output its steps, the test classes, their counts, and everything that is wrong.
test_service() {
  local log=$test_logs/maven.log status=0 shown
  say "testing the service (mvn ${maven_goals[-1]})"
  : > "$log"
  # Where Maven's first step of tests has none to run, the next one adds to what an earlier run has left.
  rm -f target/failsafe-reports/failsafe-summary.xml
  mvn -B "${maven_goals[@]}" "$@" > "$log" 2>&1 < /dev/null &
  maven_pid=$!
  tail -n +1 -f --pid="$maven_pid" "$log" | sed -u -n -E \
    -e 's/^\[INFO\] --- ([^ ]+ \([^)]*\)).*/    \1/p' -e '/^\[(ERROR|WARNING)\]|Tests run:|BUILD |Total time:/p' &
  shown=$!
  wait "$maven_pid" || status=$?
  maven_pid=
  wait "$shown" || true
  if (( status != 0 )); then
    tail -n 100 "$log" >&2
    fail "the service's tests failed (all of Maven's output is in $log)"
  fi
  # A class that no one of Maven's steps runs is no failure to it.
  grep -q 'Tests run: [1-9]' "$log" || fail "no test is called that: $*"
}

# prepare_cluster CLASS...: on that which KUBECONFIG names and which has to know the images, or on one of our own. The
# arguments of Maven for it are in cluster_arguments, which is empty where there is neither.
prepare_cluster() {
  local classes
  local -a names=("*ClusterIT" "$@")
  if [[ -z ${KUBECONFIG:-} ]]; then
    if [[ $EUID -ne 0 ]] || ! grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then
      say 'skipped: the tests on Kubernetes need KUBECONFIG, or root on Debian 12'
      return 0
    fi
    # One that runs already is somebody's, who goes on with it.
    cluster_answers || owns_cluster=yes
    ensure_cluster
    ensure_service_image
    ensure_venv_image
    load_images "$executor_image" "$service_image" "$venv_image"
    eval "$(cluster_environment)"
    # What a program sees in a pod depends on the node: the golden files are of ours.
    names+=(GoldenSettingsIT)
  fi
  classes=$(printf '**/%s.java,' "${names[@]}")
  cluster_arguments=(-Pcluster "-Dcluster.classes=${classes%,}")
}

# Debian's registry of images, for RegistryIT, which is skipped without it. Unpacked and not installed: the package starts a
# service on port 5000.
ensure_registry() {
  [[ ! -x $registry_cache/usr/bin/docker-registry && ! -x /usr/bin/docker-registry ]] || return 0
  [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null || update_package_lists
  if ! has_package docker-registry; then
    say 'skipped: the tests of image pulls need docker-registry, which is a package of Debian'
    return 0
  fi
  step 'unpacking docker-registry' unpack_registry
}

unpack_registry() {
  mkdir -p "$registry_cache"
  (cd "$registry_cache" && apt-get download -q docker-registry && dpkg-deb --extract docker-registry_*.deb . && rm docker-registry_*.deb)
}

# Only by root: the tests of the clock say that they are skipped without.
ensure_faketime() {
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' > /dev/null || [[ $EUID -ne 0 ]] \
    || install_packages 'libfaketime is needed' libfaketime
}

# Chromium and what drives it, for the playground. Only by root: the tests say that they are skipped without.
ensure_browser() {
  if [[ -x /usr/bin/chromium && -x /usr/bin/chromedriver ]] || [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null; then
    return 0
  fi
  update_package_lists
  ! has_package chromium-driver || install_packages 'the playground is tested' chromium chromium-driver fonts-dejavu-core
}

# Only by root, where there is such a package: the test says that it is skipped without them.
ensure_proxies() {
  if [[ -x /usr/sbin/nginx && -x /usr/sbin/haproxy ]] || [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null; then
    return 0
  fi
  update_package_lists
  ! has_package haproxy || install_without_starting 'proxies in front of the service are tested' nginx haproxy
}
