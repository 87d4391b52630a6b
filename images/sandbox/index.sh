#!/bin/sh
# index.sh INDEX IMAGE MODULE...: installs what Debian has no packages of, the files of index-IMAGE.txt and no others, and
# imports those of the modules that it got. INDEX is off, the URL of an index of Python packages, which has to give them, or auto: that which pip
# asks by itself, and without it they are left out. Run at the build.
set -eu
index=$1 image=$2
shift 2
[ "$index" != off ] || exit 0
installed() { dpkg-query --show --showformat '${Package}\n' | sort; }

installed > /tmp/before
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-pip > /dev/null
status=0
PIP_INDEX_URL=$([ "$index" = auto ] || echo "$index") python3 -m pip install --quiet --no-deps --only-binary :all: \
  --require-hashes --requirement "/usr/share/sandbox/index-$image.txt" --no-compile --no-cache-dir --timeout 10 --retries 1 \
  --break-system-packages --root-user-action ignore --disable-pip-version-check || status=$?
installed | comm -13 /tmp/before - | xargs apt-get purge -qq -y > /dev/null
rm -rf /tmp/before /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/cache/ldconfig/* /var/log/*
if [ "$status" != 0 ]; then
  echo "warning: left out, as no index of Python packages gives it: $*"
  [ "$index" = auto ] || exit 1
  exit 0
fi
# Bytecode that does not have the time of this build in it.
python3 -m compileall -q --invalidation-mode unchecked-hash /usr/local/lib/python3.13/dist-packages
# Some are for one architecture alone.
for module in "$@"; do
  python3 -c "import importlib.util as util; util.find_spec('$module') and __import__('$module')"
done
