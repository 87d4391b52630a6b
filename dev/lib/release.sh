# shellcheck shell=bash
# The parts of a release. All archives are written so that the same contents give the same bytes.

project_version() {
  python3 -c 'import xml.etree.ElementTree as t; print(t.parse("pom.xml").getroot().findtext("{*}version"))'
}

# check_versions VERSION: the documents that name the version name this one.
check_versions() {
  grep -qx "version: $1" charts/code-interpreter/Chart.yaml || fail "Chart.yaml has another version than $1"
  grep -qx "appVersion: \"$1\"" charts/code-interpreter/Chart.yaml || fail "Chart.yaml has another appVersion than $1"
  grep -q "^## $1 " CHANGELOG.md || fail "CHANGELOG.md has no section $1"
  grep -q "image: \"code-interpreter:$1\"" k8s/code-interpreter.yaml || fail 'k8s/ is not current: run dev/manifests'
}

# pack_service FOLDER VERSION: what java -jar needs, and the options that it is shipped with.
pack_service() {
  local name=code-interpreter-$2 place=target/release/work
  rm -rf "$place"
  mkdir -p "$place/$name"
  cp -r target/libs target/code-interpreter.jar src/main/jvm/service.options LICENSE NOTICE "$place/$name"
  pack "$1/$name.tar.gz" "$place" "$name"
  rm -rf "$place"
}

# pack_chart FOLDER VERSION: as helm package does, with what .helmignore leaves.
pack_chart() {
  pack "$1/code-interpreter-chart-$2.tgz" charts code-interpreter --exclude=code-interpreter/ci --exclude=code-interpreter/.helmignore
}

# pack_examples FOLDER VERSION: compose's file and the manifests with the release's images, which nobody has to build.
pack_examples() {
  sed -e '/^    build:$/,/^      args:/d' -e '/^    build: {/d' -e 's/; both images are built when they are missing:$/, after docker load of both images:/' \
    -e "s/image: code-interpreter$/&:$2/" -e "s/code-interpreter-executor:latest/code-interpreter-executor:$2/" \
    compose.yaml > "$1/compose.yaml"
  sed "s/code-interpreter-executor:latest/code-interpreter-executor:$2/" k8s/code-interpreter.yaml > "$1/code-interpreter-$2.k8s.yaml"
}

# pack ARCHIVE DIRECTORY NAME OPTION...
pack() {
  local archive=$1 directory=$2 name=$3
  shift 3
  tar --create --sort=name --mtime='2000-01-01 00:00:00Z' --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w \
    --format=gnu --directory "$directory" "$@" "$name" | gzip --no-name -9 > "$archive"
}

# write_boms FOLDER VERSION: of Java by Maven's plug-in, of Debian by dpkg's list in each image, of the editor by npm's lock.
write_boms() {
  step 'listing the libraries of the service' mvn -q -B org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeBom \
    -DoutputFormat=json -DincludeTestScope=false -DincludeProvidedScope=false -DoutputName=bom
  local image
  for image in code-interpreter code-interpreter-executor; do
    installed_packages "$image:$2" | python3 dev/lib/release/bom.py "$image" "$2" \
      $([[ $image == *-executor ]] || echo target/bom.json target/libs dev/editor/package-lock.json) > "$1/$image-$2.cdx.json"
  done
}

# installed_packages IMAGE: dpkg's status, in status.d of what was copied from a package that is not installed, and the beginnings
# of the METADATA of Python packages that are not dpkg's.
installed_packages() {
  docker run --rm --network none --entrypoint sh "$1" -c \
    'for list in /var/lib/dpkg/status /var/lib/dpkg/status.d/* /usr/local/lib/python3*/dist-packages/*.dist-info/METADATA; do
       [ ! -f "$list" ] || { case $list in */METADATA) sed "/^$/q" "$list" ;; *) cat "$list" ;; esac; echo; }; done'
}

# save_images FOLDER VERSION
save_images() {
  local image
  for image in code-interpreter code-interpreter-executor; do
    step "writing $image-$2.image.tar.gz" save_image "$image:$2" "$1/$image-$2.image.tar.gz"
  done
}

save_image() {
  docker save "$1" | gzip --no-name -6 > "$2"
}

# check_release FOLDER VERSION: of the files alone, as one who downloads them.
check_release() {
  local folder=$1 version=$2 work image label example
  (cd "$folder" && sha256sum --quiet --check SHA256SUMS) || fail 'a checksum is wrong'
  for image in code-interpreter code-interpreter-executor; do
    python3 dev/lib/release/bom.py --check "$folder/$image-$version.cdx.json"
    step "loading $image from its archive" docker load --input "$folder/$image-$version.image.tar.gz"
    for label in title description licenses base.name version revision created; do
      [[ -n $(docker image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$label\"}}" "$image:$version") ]] \
        || fail "$image has no label $label"
    done
  done
  tar --list --file "$folder/code-interpreter-chart-$version.tgz" code-interpreter/Chart.yaml > /dev/null
  for example in "$folder/compose.yaml" "$folder/code-interpreter-$version.k8s.yaml"; do
    ! grep -nE 'build:|:latest' "$example" || fail "$example is not of this release"
    grep -q "code-interpreter-executor:$version" "$example" || fail "$example does not name the sandbox image"
    grep -qE "image: \"?code-interpreter:$version" "$example" || fail "$example does not name the service's image"
  done
  work=$(mktemp -d)
  tar --extract --directory "$work" --file "$folder/code-interpreter-$version.tar.gz"
  try_service "$work/code-interpreter-$version" "$version"
  rm -rf "$work"
  say "checked: checksums, both images from their archives, their labels and SBOMs, the chart, and a program on the service"
}

# try_service DIRECTORY VERSION: starts the unpacked service with the release's sandbox image and runs a program.
try_service() {
  local port=${PORT:-18100}
  trap stop_service EXIT
  ! port_is_taken "$port" || fail "port $port is taken: PORT=... dev/release"
  HOST=127.0.0.1 PORT=$port PYTHON_EXECUTOR_DOCKER_IMAGE=code-interpreter-executor:$2 WARM_POOL_SIZE=0 \
    FILE_STORAGE_DIR=$1/files "$JAVA_HOME/bin/java" "@$1/service.options" -jar "$1/code-interpreter.jar" \
    < /dev/null > "$service_log" 2>&1 &
  service_pid=$!
  await_service "$port"
  [[ $(curl --silent --noproxy '*' "http://127.0.0.1:$port/health") == *"\"version\":\"$2\""* ]] || fail "the service is not $2"
  python3 dev/lib/example.py "http://127.0.0.1:$port"
  stop_service
  trap - EXIT
}

# compare_builds FOLDER VERSION: the jar byte by byte, the images by their contents.
compare_builds() {
  local folder=$1 version=$2 again aside
  again=$(mktemp -d)
  aside=$(mktemp -d)
  # The release is below target/, which clean deletes.
  trap "mkdir -p '${folder%/*}' && mv '$aside/release' '$folder'" EXIT
  mv "$folder" "$aside/release"
  step 'building the service again' mvn -q -B -Dmaven.test.skip clean package
  mkdir -p "${folder%/*}"
  mv "$aside/release" "$folder"
  trap - EXIT
  rmdir "$aside"
  pack_service "$again" "$version"
  cmp "$folder/code-interpreter-$version.tar.gz" "$again/code-interpreter-$version.tar.gz" || fail 'two builds of the jar differ'
  say "code-interpreter-$version.tar.gz: the same bytes"
  rm -rf "$again"
  trap "docker rmi 'code-interpreter:$version-again' 'code-interpreter-executor:$version-again' > /dev/null 2>&1 || true" EXIT
  step "building code-interpreter:$version-again" build_service_image "code-interpreter:$version-again" --no-cache
  compare_images "code-interpreter:$version" "code-interpreter:$version-again"
  step "building code-interpreter-executor:$version-again" build_sandbox_image "code-interpreter-executor:$version-again" --no-cache
  compare_images "code-interpreter-executor:$version" "code-interpreter-executor:$version-again"
}

# compare_images ONE OTHER
compare_images() {
  local work
  work=$(mktemp -d)
  contents "$1" > "$work/one"
  contents "$2" > "$work/other"
  say "$1: $(wc -l < "$work/one") entries, $2: $(wc -l < "$work/other")"
  # The service's cache is a recording of a run: no two have the same profile.
  if diff <(grep -v ' app/code-interpreter.aot$' "$work/one") <(grep -v ' app/code-interpreter.aot$' "$work/other"); then
    say 'the same names, modes, owners, links and bytes; app/code-interpreter.aot is not compared'
  else
    fail "the contents differ (lists: $work)"
  fi
  rm -rf "$work"
}

contents() {
  local container
  container=$(docker create "$1" none)
  docker export "$container" | python3 dev/lib/release/contents.py
  docker rm "$container" > /dev/null
}
