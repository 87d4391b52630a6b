# shellcheck shell=bash
# Everything that building, testing and running need. Each part does nothing when it finds its work done.

source dev/lib/say.sh
source dev/lib/packages.sh
source dev/lib/jdk.sh
source dev/lib/engine.sh
source dev/lib/images.sh

set_up() {
  set_up_engine
  ensure_jdk
  ensure_executor_image
}

# set_up_beside COMMAND...: makes the executor image, which takes minutes the first time, while the command runs. The
# script's EXIT trap has to call stop_executor_image.
set_up_beside() {
  set_up_engine
  begin_executor_image
  ensure_jdk
  "$@"
  end_executor_image
}

set_up_engine() {
  [[ $EUID -ne 0 || -e /etc/ssl/certs/ca-certificates.crt ]] \
    || install_packages 'certificates are needed' ca-certificates
  ensure_command curl curl
  ensure_command python3 python3
  ensure_command mvn maven
  ensure_engine
}
