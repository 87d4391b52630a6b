# shellcheck shell=bash
# The JDK that builds and runs the service: exactly 25. The installed one, or the distribution's package, or Debian 13's.

borrowed_jdk=~/.jdks/debian-13-openjdk-25

ensure_jdk() {
  JAVA_HOME=$(find_jdk) || {
    install_jdk
    JAVA_HOME=$(find_jdk) || fail 'JDK 25 was installed, but not found.'
  }
  export JAVA_HOME
}

find_jdk() {
  local on_path candidate
  on_path=$(command -v javac || true)
  [[ -z $on_path ]] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* "$borrowed_jdk"; do
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

install_jdk() {
  [[ $EUID -ne 0 ]] || ! command -v apt-get > /dev/null || update_package_lists
  if has_package openjdk-25-jdk-headless; then
    install_packages 'JDK 25 is needed' openjdk-25-jdk-headless
  else
    ensure_command mvn maven # on Debian it brings along the host's certificates for Java, see below
    ensure_engine
    ensure_base_image
    step 'there is no JDK 25 for this system: taking that of Debian 13' borrow_jdk
  fi
}

# The JDK of Debian 13 with its own C library, so that it runs here (Debian 12's is too old for it) like any other JDK.
borrow_jdk() (
  mkdir -p "${borrowed_jdk%/*}" && arriving=$(mktemp -d "$borrowed_jdk.XXXXXX") || exit 1
  trap 'rm -rf "$arriving"' EXIT
  # As process 1, Bash needs the trap to end when Ctrl-C says so.
  docker run --rm --log-driver none "${base_image:?}" \
    bash -c "$(declare -f pack_jdk); trap 'exit 1' INT TERM; pack_jdk \"\$1\" & wait \$!" bash "$borrowed_jdk" \
    | tar -x -C "$arriving" || exit 1
  chmod 755 "$arriving"
  # This machine may trust more than Debian does.
  [[ ! -e /etc/ssl/certs/java/cacerts ]] || ln -sf /etc/ssl/certs/java/cacerts "$arriving/lib/security/cacerts"
  mv -T "$arriving" "$borrowed_jdk" || true # another run of this may have been faster
  "$borrowed_jdk/bin/javac" -version || { rm -rf "$borrowed_jdk"; exit 1; }
)

# Runs in a Debian 13 container and writes an archive: the JDK, made to run in the directory $1 of another system. Its
# programs look for libraries in its lib/ first, so those that they need go there, and the whole C library: its parts, the
# loader among them, work with their own version only.
pack_jdk() {
  set -euo pipefail
  local loader program
  mkdir -p /usr/share/man/man1
  {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends openjdk-25-jdk-headless patchelf
  } >&2
  cd /usr/lib/jvm/java-25-openjdk-*
  loader=$(patchelf --print-interpreter bin/java)
  {
    ldd bin/* lib/*.so lib/server/*.so | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | grep -v "^$PWD/"
    dpkg -L libc6 | grep -E '^(/usr)?/lib/[^/]+/lib[^/]+\.so[^/]*$'
    echo "$loader"
  } | sort -u | xargs cp -L -t lib
  find bin lib -type f -perm /111 ! -name '*.so*' | while read -r program; do
    # shellcheck disable=SC2016 # the loader replaces $ORIGIN
    patchelf --set-interpreter "$1/lib/${loader##*/}" --force-rpath --set-rpath '$ORIGIN:$ORIGIN/../lib' "$program"
  done
  find . -xtype l -delete # documentation and sources that are not installed
  tar -c --dereference .
}
