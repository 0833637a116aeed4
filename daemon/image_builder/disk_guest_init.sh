#!/bin/busybox sh
# /init of the guests with disks: mounts, drivers, then /start, which says what the guest is for.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do
  insmod "/modules/$module" || echo "insmod $module failed"
done

# The system on the first disk: mounted at /mnt; started in place of this.
mount_system() {
  while [ ! -b /dev/vda ]; do sleep 0.01; done
  mount -t ext4 -o noatime /dev/vda /mnt
}
start_system() {
  mount --move /dev /mnt/dev
  umount /sys /proc
  exec switch_root /mnt /sbin/init
}

. /start
