# shellcheck shell=bash
# A Kubernetes of one node for the tests: build it, start it, load images into it, stop it.
#
# Theory of operation: Debian's source package `kubernetes` (1.20.2) holds the whole of Kubernetes with all that it is
# built from, though the binary package is kubectl alone. etcd, containerd, runc and the network plugins are ordinary
# packages. API server and kubelet listen on an address of a bridge that exists on this machine only. All that runs is
# found again by its pid files and its paths, so a cluster that was killed is cleared away by the next start.

cluster_cache=${XDG_CACHE_HOME:-$HOME/.cache}/code-interpreter/cluster
cluster_bin=$cluster_cache/bin
cluster_run=/run/code-interpreter-cluster
cluster_config=$cluster_run/kubeconfig
cluster_address=10.89.0.1
cluster_pods=10.88.0.0/16
cluster_services=10.96.0.0/16
cluster_bridge=ci-node
cluster_pod_bridge=ci-pods
cluster_programs=(kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet)
# Stopped in the reverse order. containerd last, and its containers after it.
cluster_daemons=(containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)

cluster_sysctls=(vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops)

ensure_cluster() {
  [[ $EUID -eq 0 ]] || fail 'the cluster needs root: pods are real containers with networks of their own.'
  ! cluster_answers || return 0
  build_cluster
  ensure_cluster_packages
  stop_cluster
  step 'starting the cluster' start_cluster
}

cluster_environment() {
  [[ -e $cluster_config ]] || fail 'there is no cluster: dev/cluster up'
  echo "export KUBECONFIG=$cluster_config"
}

cluster_answers() {
  [[ -e $cluster_config ]] && kubectl_here wait --for=condition=Ready node/node1 --timeout=1s > /dev/null 2>&1
}

kubectl_here() {
  KUBECONFIG=$cluster_config timeout 20 kubectl "$@"
}

ctr_here() {
  ctr --address "$cluster_run/containerd.sock" --namespace k8s.io "$@"
}

# --- building ---

build_cluster() {
  local program complete=yes
  for program in "${cluster_programs[@]}"; do
    [[ -x $cluster_bin/$program ]] || complete=
  done
  [[ -z $complete ]] || return 0
  ensure_packages 'Kubernetes has to be compiled' golang-go gcc libc6-dev make rsync jq dpkg-dev
  step 'compiling Kubernetes (about 10 minutes, once)' compile_cluster
}

compile_cluster() (
  set -e
  src=$cluster_cache/src
  rm -rf "$src"
  mkdir -p "$src/lists/partial" "$src/go/src/k8s.io" "$cluster_bin"
  trap 'rm -rf "$src"' EXIT
  trap 'exit 1' INT TERM
  # The sources come from the mirror that this machine uses anyway; /etc/apt stays as it is.
  apt-get update -qq
  mirror=$(apt-get indextargets --format '$(LABEL) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' \
    | awk '$1 == "Debian" && $2 == "bookworm" {print $3; exit}')
  [[ -n $mirror ]] || { echo 'this is not Debian 12, whose Kubernetes it is'; exit 1; }
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" > "$src/sources.list"
  apt=(apt-get -qq -o "Dir::Etc::sourcelist=$src/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$src/lists"
    -o APT::Sandbox::User=root)
  cd "$src"
  "${apt[@]}" update
  "${apt[@]}" source kubernetes
  ln -s "$(echo "$src"/kubernetes-1.*)" go/src/k8s.io/kubernetes
  cd go/src/k8s.io/kubernetes
  env GOPATH="$src/go" GOFLAGS= KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_COMMIT=debian KUBE_GIT_TREE_STATE=clean \
    KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 make WHAT="${cluster_programs[*]/#/cmd/}" GOLDFLAGS='-s -w'
  for program in "${cluster_programs[@]}"; do
    cp _output/local/bin/linux/*/"$program" "$cluster_bin/$program.new"
    mv "$cluster_bin/$program.new" "$cluster_bin/$program"
  done
)

ensure_cluster_packages() {
  ensure_packages 'a cluster is needed' etcd-server containerd runc containernetworking-plugins iptables iproute2 \
    conntrack busybox-static openssl procps
  ensure_command kubectl kubernetes-client
}

# ensure_packages PURPOSE PACKAGE...
ensure_packages() {
  local purpose=$1 package missing=()
  shift
  for package in "$@"; do
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2> /dev/null) == installed ]] \
      || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] || install_packages "$purpose" "${missing[@]}"
}

# --- starting ---

start_cluster() (
  set -e
  mkdir -p "$cluster_run/cni"
  cd "$cluster_run"
  sysctl --values "${cluster_sysctls[@]}" > sysctls
  ip link add "$cluster_bridge" type bridge
  ip addr add "$cluster_address/32" dev "$cluster_bridge"
  ip link set "$cluster_bridge" up
  # Docker lets nothing through this machine but what it knows.
  iptables -I FORWARD -i "$cluster_pod_bridge" -j ACCEPT
  iptables -I FORWARD -o "$cluster_pod_bridge" -j ACCEPT
  write_credentials
  write_containerd_config
  write_kubelet_config

  spawn containerd containerd --config containerd.toml
  spawn etcd etcd --data-dir etcd --unsafe-no-fsync --listen-client-urls http://127.0.0.1:12379 \
    --advertise-client-urls http://127.0.0.1:12379 --listen-peer-urls http://127.0.0.1:12380
  spawn kube-apiserver "$cluster_bin/kube-apiserver" --etcd-servers http://127.0.0.1:12379 \
    --bind-address "$cluster_address" --advertise-address "$cluster_address" --secure-port 6443 --cert-dir certs \
    --token-auth-file tokens.csv --authorization-mode RBAC --kubelet-preferred-address-types InternalIP \
    --service-account-key-file sa.pub --service-account-signing-key-file sa.key \
    --service-account-issuer https://kubernetes.default.svc --service-cluster-ip-range "$cluster_services" \
    --allow-privileged --enable-admission-plugins NodeRestriction,ResourceQuota,LimitRanger
  wait_for 60 'the API server' kubectl_here get --raw /readyz
  spawn kube-controller-manager "$cluster_bin/kube-controller-manager" --kubeconfig kubeconfig --leader-elect=false \
    --kube-api-qps 100 --kube-api-burst 200 --service-account-private-key-file sa.key --root-ca-file certs/apiserver.crt
  spawn kube-scheduler "$cluster_bin/kube-scheduler" --kubeconfig kubeconfig --leader-elect=false \
    --kube-api-qps 100 --kube-api-burst 200
  wait_for 30 containerd ctr_here version
  import_pause_image
  spawn kubelet "$cluster_bin/kubelet" --kubeconfig kubeconfig --config kubelet.yaml --container-runtime remote \
    --container-runtime-endpoint "unix://$cluster_run/containerd.sock" --hostname-override node1 \
    --node-ip "$cluster_address" --root-dir "$cluster_run/kubelet" --cert-dir "$cluster_run/kubelet-pki"
  spawn kube-proxy "$cluster_bin/kube-proxy" --kubeconfig kubeconfig --proxy-mode iptables \
    --cluster-cidr "$cluster_pods" --hostname-override node1 --bind-address "$cluster_address" \
    --conntrack-max-per-core 0 --metrics-bind-address 127.0.0.1:10249
  wait_for 90 'the node' kubectl_here wait --for=condition=Ready node/node1 --timeout=1s
  wait_for 60 'the default service account' kubectl_here get serviceaccount default
)

# spawn NAME COMMAND...: in the background, outliving us and holding nothing of ours.
spawn() {
  local name=$1
  shift
  (
    for descriptor in /proc/self/fd/*; do
      descriptor=${descriptor##*/}
      (( descriptor <= 2 )) || eval "exec $descriptor>&-"
    done
    exec setsid nohup "$@" < /dev/null > "$name.log" 2>&1
  ) < /dev/null > /dev/null 2>&1 &
  echo $! > "$name.pid"
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local deadline=$(( SECONDS + $1 )) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    if (( SECONDS >= deadline )); then
      tail -n 5 "$cluster_run"/*.log
      echo "$what did not come up"
      exit 1
    fi
    sleep 0.3
  done
}

write_credentials() {
  local token
  token=$(openssl rand -hex 16)
  openssl genrsa -out sa.key 2048 2> /dev/null
  openssl rsa -in sa.key -pubout -out sa.pub 2> /dev/null
  umask 077
  echo "$token,admin,admin,system:masters" > tokens.csv
  cat > kubeconfig << YAML
apiVersion: v1
kind: Config
current-context: local
clusters: [{name: local, cluster: {server: "https://$cluster_address:6443", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: "$token"}}]
contexts: [{name: local, context: {cluster: local, user: admin}}]
YAML
  umask 022
}

# restrict_oom_score_adj: inside a container or a small virtual machine there may be no CAP_SYS_RESOURCE, and without
# that no pod could start.
write_containerd_config() {
  cat > containerd.toml << TOML
version = 2
root = "$cluster_run/containerd/root"
state = "$cluster_run/containerd/state"
[grpc]
  address = "$cluster_run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$cluster_run/cni"
TOML
  cat > cni/10-pods.conflist << JSON
{"cniVersion": "0.4.0", "name": "ci-pods", "plugins": [
  {"type": "bridge", "bridge": "$cluster_pod_bridge", "isGateway": true, "ipMasq": true,
   "ipam": {"type": "host-local", "subnet": "$cluster_pods", "dataDir": "$cluster_run/cni-addresses",
            "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
}

# The rates are the defaults of current releases; those of 1.20 starve a node that starts pods quickly.
write_kubelet_config() {
  cat > kubelet.yaml << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /code-interpreter-cluster
failSwapOn: false
podPidsLimit: 128
resolvConf: /etc/resolv.conf
evictionHard: {memory.available: 200Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
kubeAPIQPS: 50
kubeAPIBurst: 100
eventRecordQPS: 50
eventBurst: 100
YAML
  local controller
  for controller in /sys/fs/cgroup/*/cgroup.procs; do
    mkdir -p "${controller%/*}/code-interpreter-cluster"
  done
  [[ ! -e /sys/fs/cgroup/cgroup.controllers ]] || mkdir -p /sys/fs/cgroup/code-interpreter-cluster
}

# What holds a pod's namespaces: a static busybox that sleeps.
import_pause_image() {
  local root
  root=$(mktemp -d)
  cp /bin/busybox "$root/"
  tar -C "$root" -c . | docker import --change 'ENTRYPOINT ["/busybox","sleep","2147483647"]' - localhost/pause:1
  rm -rf "$root"
  copy_images localhost/pause:1
}

# --- images ---

load_images() {
  local image missing=()
  cluster_answers || fail 'there is no cluster: dev/cluster up'
  for image in "$@"; do
    is_loaded "$image" || missing+=("$image")
  done
  [[ ${#missing[@]} -eq 0 ]] || step "copying ${missing[*]} into the cluster" copy_images "${missing[@]}"
}

# Whether the cluster has this very image: a tag may have moved since it was copied.
is_loaded() {
  local id
  id=$(docker image inspect --format '{{.Id}}' "$1") || fail "the Docker Engine has no image $1"
  [[ $(cat "$(loaded_mark "$1")" 2> /dev/null) == "$id" ]]
}

loaded_mark() {
  echo "$cluster_run/loaded-${1//[^A-Za-z0-9.-]/_}"
}

copy_images() {
  local image
  for image in "$@"; do
    docker save "$image" | ctr_here images import - || return 1
    docker image inspect --format '{{.Id}}' "$image" > "$(loaded_mark "$image")"
  done
}

# --- stopping ---

# Whatever is left of a cluster, also of a killed one.
stop_cluster() {
  [[ -e $cluster_run || -e /sys/class/net/$cluster_bridge || -e /sys/class/net/$cluster_pod_bridge ]] || return 0
  step 'stopping the cluster' remove_cluster
}

remove_cluster() {
  local index
  for (( index = ${#cluster_daemons[@]} - 1; index >= 0; index-- )); do
    stop_daemon "${cluster_daemons[index]}"
  done
  stop_containers
  unmount_all
  remove_networks
  remove_cgroups
  restore_sysctls
  rm -rf "$cluster_run"
}

# A kubelet has its way with its machine's kernel: it lets it promise any amount of memory, and restart after an oops.
restore_sysctls() {
  local name value
  [[ -e $cluster_run/sysctls ]] || return 0
  for name in "${cluster_sysctls[@]}"; do
    IFS= read -r value && sysctl --quiet --write "$name=$value"
  done < "$cluster_run/sysctls"
}

stop_daemon() {
  local name=$1 pid deadline=$(( SECONDS + 5 ))
  pid=$(cat "$cluster_run/$name.pid" 2> /dev/null) || return 0
  # The number may belong to somebody else by now.
  [[ $(tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null) == *"${name#kube-}"* ]] || return 0
  [[ $(readlink "/proc/$pid/cwd") == "$cluster_run"* ]] || return 0
  kill "$pid" 2> /dev/null || return 0
  while kill -0 "$pid" 2> /dev/null && [[ $(readlink "/proc/$pid/exe") ]]; do
    (( SECONDS < deadline )) || kill -9 "$pid" 2> /dev/null || true
    sleep 0.1
  done
}

# Shims of this cluster only: their command line names its socket. What they hold dies with its parent's cgroup.
stop_containers() {
  local pid
  for pid in $(pgrep -f "containerd-shim-runc-v2 .*-address $cluster_run/containerd.sock" || true); do
    pkill -9 -P "$pid" || true
    kill -9 "$pid" 2> /dev/null || true
  done
}

unmount_all() {
  local directory
  awk -v run="$cluster_run/" 'index($2, run) == 1 {print $2}' /proc/mounts | sort -r \
    | while read -r directory; do umount -l "$directory" || true; done
}

# kube-proxy clears away most of its own rules; the plugins' are those of pods that nobody deleted.
remove_networks() {
  local rule chain name table action
  [[ ! -x $cluster_bin/kube-proxy ]] || timeout 20 "$cluster_bin/kube-proxy" --cleanup || true
  iptables-save -t nat | sed -n "s/^-A \(POSTROUTING .*name: \"ci-pods\".*\)/\1/p" | while read -r rule; do
    eval "iptables -t nat -D $rule" || true
  done
  for rule in "-i $cluster_pod_bridge" "-o $cluster_pod_bridge"; do
    # shellcheck disable=SC2086 # two words
    while iptables -D FORWARD $rule -j ACCEPT 2> /dev/null; do :; done
  done
  for chain in $(iptables-save -t nat | sed -n 's/^-A \(CNI-[0-9a-f]*\) .*name: "ci-pods".*/\1/p' | sort -u); do
    iptables -t nat -F "$chain" && iptables -t nat -X "$chain" || true
  done
  for table in filter nat mangle; do
    iptables-save -t "$table" | sed -n 's/^-A \(.* -j KUBE-[A-Z0-9-]*\)$/\1/p' | while read -r rule; do
      eval "iptables -t $table -D $rule" || true
    done
    for action in -F -X; do
      iptables-save -t "$table" | sed -n 's/^:\(KUBE-[A-Z0-9-]*\) .*/\1/p' | xargs -r -n 1 iptables -t "$table" "$action"
    done
  done
  for name in /sys/class/net/"$cluster_pod_bridge"/brif/*; do
    [[ ! -e $name ]] || ip link delete "${name##*/}" || true
  done
  for name in "$cluster_pod_bridge" "$cluster_bridge"; do
    ip link delete "$name" 2> /dev/null || true
  done
}

remove_cgroups() {
  local attempt
  for attempt in 1 2 3; do
    find /sys/fs/cgroup -depth -type d -path '*/code-interpreter-cluster*' -exec rmdir {} + 2> /dev/null || true
    [[ -n $(find /sys/fs/cgroup -maxdepth 2 -name code-interpreter-cluster -print -quit) ]] || return 0
    sleep 0.5
  done
}
