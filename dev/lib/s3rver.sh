# shellcheck shell=bash
# A second make of S3 server for files.s3.S3ServerStoreIT, beside the one that Maven brings, at the version that
# dev/s3rver/package-lock.json pins.

s3rver_home=${XDG_CACHE_HOME:-$HOME/.cache}/code-interpreter/s3rver
s3rver_pid=
s3rver_storage=

# Afterwards S3_TEST_ENDPOINT names it. Without npm, or a registry to get it from, the test is left out, and a line says so.
begin_s3rver() {
  ensure_npm_packages 's3rver' dev/s3rver "$s3rver_home" || return 0
  local port deadline=$(( SECONDS + 20 ))
  # Of those that the kernel gives to no client before s3rver has it; harness.Ports gives the ones from 15,000 on.
  port=$(python3 -c 'import random, socket
for port in random.sample(range(14000, 15000), 1000):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        continue
    print(port)
    break')
  s3rver_storage=$(mktemp -d)
  # For the second page of a list it encrypts with a cipher that OpenSSL 3 has only there.
  node --openssl-legacy-provider "$s3rver_home/node_modules/s3rver/bin/s3rver.js" \
    --address 127.0.0.1 --port "$port" --directory "$s3rver_storage" --configure-bucket files > "$s3rver_storage.log" 2>&1 < /dev/null &
  s3rver_pid=$!
  until python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2> /dev/null; do
    (( SECONDS < deadline )) && kill -0 "$s3rver_pid" 2> /dev/null || fail "s3rver does not start: $(tail -n 5 "$s3rver_storage.log")"
    sleep 0.1
  done
  export S3_TEST_ENDPOINT=http://127.0.0.1:$port
}

end_s3rver() {
  [[ -n $s3rver_pid ]] || return 0
  unset S3_TEST_ENDPOINT
  kill "$s3rver_pid" 2> /dev/null || true
  wait "$s3rver_pid" 2> /dev/null || true
  rm -rf "$s3rver_storage" "$s3rver_storage.log"
}
