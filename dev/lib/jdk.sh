# shellcheck shell=bash
# The JDK that builds and runs the service: exactly 25, the installed one if there is one.

ensure_jdk() {
  JAVA_HOME=$(find_jdk) || {
    [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null || update_package_lists
    has_package openjdk-25-jdk-headless \
      || fail 'JDK 25 is needed and neither installed nor in the package lists: install one (Eclipse Temurin 25, say) and set JAVA_HOME to it.'
    install_packages 'JDK 25 is needed' openjdk-25-jdk-headless
    JAVA_HOME=$(find_jdk) || fail 'openjdk-25-jdk-headless is installed, but no JDK 25 was found in /usr/lib/jvm.'
  }
  export JAVA_HOME
}

find_jdk() {
  local on_path candidate
  on_path=$(command -v javac || true)
  [[ -z $on_path ]] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/*; do
    if is_jdk_25 "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

is_jdk_25() {
  [[ -n $1 && -x $1/bin/java && -x $1/bin/javac ]] || return 1
  if [[ -r $1/release ]]; then
    grep -q '^JAVA_VERSION="25[".+]' "$1/release"
  else
    [[ $("$1/bin/javac" -version 2>&1) =~ ^javac\ 25($|[^0-9]) ]]
  fi
}
