#!/bin/busybox sh
# /init of a whole system: finds the disk, leaves the work in /run/perf, and gives over to its init.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
grep -m1 '^isa' /proc/cpuinfo | sed 's/.*: */EMU-ISA /'
for module in $(cat /modules/order); do
  insmod "/modules/$module" || echo "insmod $module failed"
done
while [ ! -b /dev/vda ]; do sleep 0.01; done
mount -t ext4 -o noatime /dev/vda /root
mount -t tmpfs -o mode=755 tmpfs /root/run
cp -r /perf /root/run/perf
mount --move /dev /root/dev
umount /sys /proc
exec switch_root /root /sbin/init
