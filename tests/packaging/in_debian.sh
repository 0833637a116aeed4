#!/bin/bash
# What debian_package_test.sh does inside. Argument: the firmware.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
fail() { echo "FAILED: $*"; cat /root/emud.log || true; exit 1; }
vm_runs() { grep -q RUNNING <<<"$(emuctl vm get a)" && grep -q tick <<<"$(emuctl console a --log)"; }
vm_processes() { grep -alsz '^emu-vm$' /proc/[0-9]*/cmdline | wc -l; }

apt-get update -q >/dev/null
apt-get install -qy --no-install-recommends /root/*.deb >/root/apt.log 2>&1 || { cat /root/apt.log; fail install; }
getent group emud >/dev/null || fail "no group emud"
emud --config /etc/emud/emud.yaml --check-config

emud --config /etc/emud/emud.yaml 2>/root/emud.log &
daemon=$!
for _ in $(seq 100); do emuctl vm list >/dev/null 2>&1 && break; sleep 0.1; done
[ "$(stat -c '%a %G' /run/emud/emud.sock)" = "660 emud" ] || fail "the socket's mode and group"
emuctl vm create a --firmware "$1" --memory 64M --start
for _ in $(seq 100); do vm_runs && break; sleep 0.1; done
vm_runs || fail "the VM does not run"
kill "$daemon"; wait "$daemon" || fail "emud ended with $?"

apt-get remove -qy emud >/dev/null 2>&1 || fail remove
[ ! -e /usr/bin/emud ] || fail "emud is there after removal"
[ -e /etc/emud/emud.yaml ] && [ -e /var/lib/emud/state.db ] || fail "removal took state or configuration"
[ "$(vm_processes)" -gt 0 ] || fail "removal ended a VM"

apt-get purge -qy emud emuctl >/dev/null 2>&1 || fail purge
for path in /etc/emud /var/lib/emud /run/emud /usr/bin/emuctl /usr/libexec/emud /lib/systemd/system/emud.service; do
  [ ! -e $path ] || fail "$path is there after purging"
done
! getent group emud || fail "group emud is there after purging"
[ "$(vm_processes)" = 0 ] || fail "a VM runs after purging"
echo "installed, used, removed and purged"
