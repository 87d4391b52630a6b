# shellcheck shell=bash
# What the scripts print: nothing when there is nothing to do, one line per long step, the end of the log when it fails.

say() {
  printf '==> %s\n' "$*" >&2
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# step TITLE COMMAND...: says the title, runs the command with nothing shown but what it warns of, and ends the script with its
# last lines if it fails.
step() {
  local title=$1 log
  shift
  log=$(mktemp)
  say "$title"
  if "$@" > "$log" 2>&1 < /dev/null; then
    grep '^warning: ' "$log" >&2 || true
    rm -f "$log"
  else
    tail -n 30 "$log" >&2
    fail "this did not work: $title (all of its output is in $log)"
  fi
}
