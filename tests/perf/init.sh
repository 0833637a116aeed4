#!/bin/busybox sh
# /init of the measured guest. Kernel command line: perf=NAME,... runs those programs, perf=none none,
# perf=shell stops in a shell; slice=SECONDS is their argument.
/bin/busybox mount -t proc proc /proc
read -r uptime idle </proc/uptime
echo "EMU-BOOT-OK $uptime"
/bin/busybox --install -s /bin
export PATH=/bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
for word in $(cat /proc/cmdline); do
  case $word in
  perf=*) programs=${word#perf=} ;;
  slice=*) slice=${word#slice=} ;;
  esac
done
[ "$programs" != none ] || programs=
[ "$programs" != shell ] || exec setsid cttyhack sh
grep -m1 -e '^isa' -e '^Features' /proc/cpuinfo | sed 's/.*: */EMU-ISA /'
grep -m1 '^mmu' /proc/cpuinfo | sed 's/.*: */EMU-MMU /'
for program in $(echo "$programs" | tr , ' '); do
  "/perf/$program" $slice || echo "EMU-FAILED $program"
done
read -r uptime idle </proc/uptime
echo "EMU-DONE $uptime"
poweroff -f
