# /start of the guest that measures its network: iperf3 from the disk (deploy/fetch-programs).
# Kernel command line: jobs=NAME:FLAG,... seconds=S server=ADDRESS.
grep -m1 -e '^isa' -e '^Features' /proc/cpuinfo | sed 's/.*: */EMU-ISA /'
while [ ! -b /dev/vda ] || [ ! -e /sys/class/net/eth0 ]; do sleep 0.01; done
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
mount -t ext4 -o ro /dev/vda /mnt
mount --bind /dev /mnt/dev
mount --bind /proc /mnt/proc
mount -t tmpfs tmpfs /mnt/tmp
for word in $(cat /proc/cmdline); do
  case $word in
  jobs=*) jobs=${word#jobs=} ;;
  seconds=*) seconds=${word#seconds=} ;;
  server=*) server=${word#server=} ;;
  esac
done
for job in $(echo "$jobs" | tr , ' '); do
  chroot /mnt /usr/bin/iperf3 --client "$server" --time "$seconds" --omit 1 --json \
    $(echo "${job#*:}" | tr + ' ') >/mnt/tmp/out || echo "EMU-FAILED $job"
  # The last rate of all is what the receiver has seen.
  rate=$(sed -n 's/.*"bits_per_second":[^0-9]*\([0-9.e+]*\).*/\1/p' /mnt/tmp/out | tail -n 1)
  echo "EMU-IPERF $job $rate"
done
echo EMU-DONE
poweroff -f
