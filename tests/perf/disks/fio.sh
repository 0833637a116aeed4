# /start of the guest that measures disks: fio from the first disk (deploy/fetch-programs) on the second.
# Kernel command line: jobs=PATTERN:BLOCK:DEPTH,... seconds=S.
grep -m1 -e '^isa' -e '^Features' /proc/cpuinfo | sed 's/.*: */EMU-ISA /'
while [ ! -b /dev/vdb ]; do sleep 0.01; done
mount -t ext4 -o ro /dev/vda /mnt
mount --bind /dev /mnt/dev
mount --bind /proc /mnt/proc
mount --bind /sys /mnt/sys
mount -t tmpfs tmpfs /mnt/tmp
for word in $(cat /proc/cmdline); do
  case $word in
  jobs=*) jobs=${word#jobs=} ;;
  seconds=*) seconds=${word#seconds=} ;;
  esac
done
for job in $(echo "$jobs" | tr , ' '); do
  set -- $(echo "$job" | tr : ' ')
  # Terse, version 3: fields 7 and 48 are KiB/s, read and written; 8 and 49 requests each second.
  chroot /mnt /usr/bin/fio --name="$job" --filename=/dev/vdb --ioengine=libaio --direct=1 \
    --rw="$1" --bs="$2" --iodepth="$3" --runtime="$seconds" --time_based --ramp_time=0.5 \
    --randseed=1 --terse-version=3 --output-format=terse >/mnt/tmp/out || echo "EMU-FAILED $job"
  echo "EMU-FIO $job $(tail -n 1 /mnt/tmp/out | cut -d ';' -f 7,8,48,49 | tr ';' ' ')"
done
echo EMU-DONE
poweroff -f
