#!/bin/sh
# Installs what contents.tsv has for one of the images. Run at the build.
set -eu
packages=$(awk -F '\t' -v image="$1" '$1 == image { print $3 }' /usr/share/sandbox/contents.tsv)
apt-get update -qq
# Packages compile their bytecode one after another, also that of the tests that go: it is done once below, by all processors.
# Nor does any file have to reach the disk before the next: half an image is thrown away. It takes two of five minutes then.
dpkg-divert --quiet --add --rename --divert /usr/bin/py3compile.real /usr/bin/py3compile
ln -s /bin/true /usr/bin/py3compile
# shellcheck disable=SC2086 # words of their own
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io $packages
rm /usr/bin/py3compile
dpkg-divert --quiet --remove --rename --divert /usr/bin/py3compile.real /usr/bin/py3compile
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/cache/ldconfig/* /var/log/*

# What nothing here can use goes, 800 MB; the packages stay registered, so that apt works in an image made from this one: the
# libraries' own tests, drivers of GPUs, tables of Unicode, fonts and pages of documentation tools. Of tests the helpers stay,
# as numpy.testing needs some; tables and pulp import all of theirs.
[ ! -d /usr/lib/python3/dist-packages ] || find /usr/lib/python3/dist-packages \
  -path '*/tests/*' -name 'test_*.py*' ! -path '*/tables/tests/*' ! -path '*/pulp/tests/*' -delete
cd /usr/lib/*-linux-gnu
rm -rf libLLVM* libamd_comgr* libamdhip64* libhsa-runtime64* libgallium* libz3* dri/*_dri.so \
  /usr/share/unicode /usr/share/fonts/truetype/lato /usr/share/fonts-font-awesome /usr/share/sphinx_rtd_theme \
  /usr/share/javascript

# No program here runs with more rights than its caller, and all bytecode is compiled: the root will be read-only.
find / -xdev -perm /6000 -exec chmod ug-s {} +
getcap -r /usr 2> /dev/null | cut -d' ' -f1 | xargs -r -n1 setcap -r
python3 -m compileall -q -j 0 /usr/lib/python3 /usr/lib/python3.13
