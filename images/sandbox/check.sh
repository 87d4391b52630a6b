#!/bin/sh
# Fails unless what contents.tsv has for one of the images loads for the user that runs this, and no compiler or downloader has
# come with it. Run at the build.
set -eu
names=$(awk -F '\t' -v image="$1" '$1 == image && $4 != "-" { print $4 }' /usr/share/sandbox/contents.tsv)
for name in $names; do
  case $name in
    '$'*) command -v "${name#?}" > /dev/null || { echo "no command ${name#?}"; exit 1; } ;;
  esac
done
modules=$(echo "$names" | grep -v '^\$' | paste -sd, || true)
[ -z "$modules" ] || python3 -c "import $modules"
for tool in gcc cc g++ c++ clang as ld make curl wget iptables nft; do
  if command -v $tool; then exit 1; fi
done
