# shellcheck shell=bash
# Debian packages, installed only when something is missing and only by root.

# install_packages PURPOSE PACKAGE...
install_packages() {
  local purpose=$1
  shift
  if [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null; then
    fail "$purpose: install $* (as root on Debian, this script does it)"
  fi
  update_package_lists
  mkdir -p /usr/share/man/man1 # slim Debian images have none, and Java's packages link into it
  step "installing $*" \
    env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# install_without_starting PURPOSE PACKAGE...: of packages that start a service when they are installed.
install_without_starting() (
  local policy=/usr/sbin/policy-rc.d
  if [[ $EUID -eq 0 && ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
  fi
  install_packages "$@"
)

# has_package NAME: whether apt could install it.
has_package() {
  command -v apt-cache > /dev/null && apt-cache show "$1" > /dev/null 2>&1
}

update_package_lists() {
  [[ -z ${package_lists_are_fresh:-} ]] || return 0
  step 'reading the package lists' apt-get update -q
  package_lists_are_fresh=yes
}

# ensure_command COMMAND PACKAGE...
ensure_command() {
  local command=$1
  shift
  command -v "$command" > /dev/null || install_packages "$command is needed" "$@"
}
