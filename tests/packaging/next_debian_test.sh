#!/bin/bash
# The project on the Debian after this one: a clean copy of what is committed is built there and
# passes deploy/check. What was fetched and compiled before is used again.
# Arguments: the repository. Needs root.
set -euo pipefail
[ "${EMU_TEST_LONG:-0}" = 1 ] || { echo "with EMU_TEST_LONG=1 only"; exit 77; }
ROOT=$1 SUITE=trixie
CACHE=${EMU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emu}
# One at a time, so that what a killed one left is removed by the next.
WORK=$CACHE/next-debian
GROUP=emu-next-debian

# This process's control groups in the hierarchies in which emud makes some.
control_groups() {
  local controllers path mount
  while IFS=: read -r _ controllers path; do
    case ,$controllers, in
      ,,) mount=$(findmnt -nl -o TARGET -t cgroup2 | head -n 1) ;;
      *,cpu,* | *,memory,* | *,pids,*)
        mount=$(findmnt -nl -o TARGET -t cgroup -O "$controllers" | head -n 1) ;;
      *) continue ;;
    esac
    [ -z "$mount" ] || [ ! -d "$mount$path" ] || echo "$mount${path%/}"
  done </proc/self/cgroup
}

# emud's groups lie below its own or beside it: all of them below one that is removed in the end.
enter_control_groups() {
  local group
  for group in $GROUPS_HERE; do
    mkdir -p "$group/$GROUP/processes" && echo "$BASHPID" >"$group/$GROUP/processes/cgroup.procs" ||
      echo "$group holds no group of its own for the test"
  done
}

namespaces=
clean_up() {
  # unshare waits for the first process inside, and that is gone when all others are.
  while [ -n "$namespaces" ] && kill -0 "$namespaces" 2>/dev/null; do
    pkill -KILL -P "$namespaces" || true
    sleep 0.1
  done
  for group in $GROUPS_HERE; do
    [ ! -d "$group/$GROUP" ] || find "$group/$GROUP" -depth -type d -exec rmdir {} + || true
  done
  rm -rf "$WORK"
}

mkdir -p "$CACHE/ccache-$SUITE"
exec {lock}>"$CACHE/next-debian.lock"
flock --nonblock "$lock" || { echo "it runs already: $WORK"; exit 1; }
GROUPS_HERE=$(control_groups)
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
clean_up

mkdir -p "$WORK/debian"
tar -C "$WORK/debian" -xf "$("$ROOT/deploy/fetch-debian" "$SUITE")"
git clone -q "$ROOT" "$WORK/debian/root/emu"
cat >"$WORK/enter" <<'END'
debian=$1 cache=$2 compiled=$3
mount --bind "$debian" "$debian"
mount -t proc proc "$debian/proc"
mount -t sysfs -o ro sysfs "$debian/sys"
mount --rbind /sys/fs/cgroup "$debian/sys/fs/cgroup"
mount -t tmpfs -o mode=1777 tmpfs "$debian/dev/shm"
mkdir -p "$debian"/dev/pts "$debian"/root/.cache/{emu,ccache}
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$debian/dev/pts"
ln -sf pts/ptmx "$debian/dev/ptmx"
[ ! -e /dev/fuse ] || { touch "$debian/dev/fuse"; mount --bind /dev/fuse "$debian/dev/fuse"; }
mount --bind "$cache" "$debian/root/.cache/emu"
mount --bind "$compiled" "$debian/root/.cache/ccache"
cp /etc/resolv.conf "$debian/etc/resolv.conf"
# The root of its namespace and not only a changed root, in which no VM could have namespaces.
cd "$debian"
pivot_root . mnt
cd /
umount --lazy /mnt
exec env -i --default-signal HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  LANG=C.UTF-8 TERM=dumb CCACHE_DIR=/root/.cache/ccache ${EMU_SEED:+"EMU_SEED=$EMU_SEED"} \
  ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
  /root/emu/deploy/check
END
# Namespaces of its own, which end with this script however it ends.
(
  enter_control_groups
  exec {lock}>&-
  exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child \
    bash -e "$WORK/enter" "$WORK/debian" "$CACHE" "$CACHE/ccache-$SUITE"
) &
namespaces=$!
wait "$namespaces"
