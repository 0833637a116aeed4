#!/bin/busybox sh
# /init of the guests with disks: mounts, drivers, then a shell.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do
  insmod /modules/$module || echo "insmod $module failed"
done
exec setsid cttyhack sh
