# shellcheck shell=bash
# The service: build it, start it, wait for it, stop it.

service_jar=target/code-interpreter.jar
service_cache=target/code-interpreter.aot
service_options=src/main/jvm/service.options
service_log=target/service.log
service_start_seconds=60
service_stop_seconds=20
service_pid=

build_service() {
  local started
  service_is_built && return 0
  started=$(date +%s)
  # Without the tests' classes, which take three times as long to compile.
  step 'building the service' mvn -q -B -Dmaven.test.skip package
  touch --date="@$started" "$service_jar" # Maven leaves a jar alone whose content is the same
}

ensure_service_cache() {
  [[ $service_cache -nt $service_jar ]] || step 'recording what the service loads at its start' train_service
}

train_service() {
  src/main/jvm/record-start "$JAVA_HOME/bin/java" "$service_options" "$service_jar" "$service_cache"
}

service_is_built() {
  [[ -e $service_jar && -d target/libs && -z $(find pom.xml src/main -newer "$service_jar" -print -quit) ]]
}

# start_service PORT: returns when GET /health answers 200.
start_service() {
  local port=$1
  ! port_is_taken "$port" || fail "port $port is taken: stop what listens there, or choose another one: PORT=8001 dev/run"
  say "starting the service (log: $service_log)"
  PORT=$port "$JAVA_HOME/bin/java" "@$service_options" -XX:AOTCache="$service_cache" -jar "$service_jar" < /dev/null > "$service_log" 2>&1 &
  service_pid=$!
  await_service "$port"
}

# service_url PORT: of this machine's service. It speaks HTTPS with TLS_CERT_FILE, whose certificate need not name this machine.
service_url() {
  printf '%s://127.0.0.1:%s' "$([[ -n ${TLS_CERT_FILE:-} ]] && printf https || printf http)" "$1"
}

# await_service PORT: returns when GET /health of the service that has been started answers 200.
await_service() {
  local port=$1 deadline
  deadline=$(( SECONDS + service_start_seconds ))
  until curl --silent --fail --max-time 5 --noproxy '*' --insecure --output /dev/null "$(service_url "$port")/health"; do
    kill -0 "$service_pid" 2> /dev/null || fail_with_log 'the service ended while it started.'
    (( SECONDS < deadline )) || fail_with_log "the service was not healthy after $service_start_seconds s."
    sleep 0.2
  done
}

port_is_taken() {
  (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null
}

fail_with_log() {
  tail -n 30 "$service_log" >&2
  fail "$1"
}

# Lets the service finish what it is doing, for a while.
stop_service() {
  [[ -n $service_pid ]] || return 0
  trap '' INT TERM
  local deadline=$(( SECONDS + service_stop_seconds ))
  kill -TERM "$service_pid" 2> /dev/null || true
  while kill -0 "$service_pid" 2> /dev/null && (( SECONDS < deadline )); do
    sleep 0.1
  done
  kill -KILL "$service_pid" 2> /dev/null || true
  wait "$service_pid" 2> /dev/null || true
  service_pid=
}
