#!/bin/bash
# The Debian packages in a clean Debian 12: they install with what they depend on, the daemon serves
# a VM as its configuration says, removal leaves the VM and its state, purging leaves nothing.
# Arguments: the repository, a firmware that says "tick". Needs root.
set -euo pipefail
[ "${EMU_TEST_LONG:-0}" = 1 ] || { echo "with EMU_TEST_LONG=1 only"; exit 77; }
ROOT=$1 FIRMWARE=$2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

"$ROOT/deploy/package" >/dev/null
mkdir "$WORK/debian"
tar -C "$WORK/debian" -xf "$("$ROOT/deploy/fetch-debian" bookworm)"
cp "$ROOT"/build/package/*.deb "$FIRMWARE" "$WORK/debian/root"
cp "$(dirname "$0")/in_debian.sh" "$WORK/debian/root"
# Namespaces of its own: nothing that is started in there outlives the test, or is seen outside.
unshare --mount --pid --fork bash -ec '
  mount -t proc proc "$1/proc"
  mount -t tmpfs tmpfs "$1/dev/shm"
  cp /etc/resolv.conf "$1/etc/resolv.conf"
  exec chroot "$1" /root/in_debian.sh "$2"' sh "$WORK/debian" "/root/$(basename "$FIRMWARE")"
