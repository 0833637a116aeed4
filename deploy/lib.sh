# What the commands of deploy/ share. Sourced, not run.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

PACKAGES="build-essential ninja-build ccache cmake pkg-config python3
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev
  libspdlog-dev libcli11-dev libyaml-cpp-dev libsqlite3-dev libssl-dev libseccomp-dev liburing-dev libcap-ng-dev libsystemd-dev
  libslirp-dev libarchive-dev
  libre2-dev python3-grpcio python3-protobuf python3-fusepy
  libasmjit-dev libcapstone-dev libfdt-dev libunicorn-dev zlib1g-dev libzstd-dev libgtest-dev libgmock-dev
  golang-github-gogo-googleapis-dev binutils-riscv64-linux-gnu gcc-riscv64-linux-gnu g++-riscv64-linux-gnu opensbi
  binutils-aarch64-linux-gnu gcc-aarch64-linux-gnu g++-aarch64-linux-gnu
  git xorriso mtools e2fsprogs qemu-utils clang-format openssh-client openssl strace gdb-multiarch man-db groff zsh fish systemd"

say() { printf '== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Installs what is missing of PACKAGES; quick and silent where nothing is.
install_packages() {
  local missing=() package
  for package in $PACKAGES; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends "${missing[@]}"
}

# build FOLDER [TARGET...]: configures and builds, Release; everything unless told what.
build() {
  say "building in $1"
  cmake -S "$ROOT" -B "$1" -G Ninja -DCMAKE_BUILD_TYPE=Release
  cmake --build "$1" ${2:+--target "${@:2}"}
}
