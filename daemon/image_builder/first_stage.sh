# The start of the small Linux that installs a system: what dpkg itself needs is unpacked on the disk
# `root`, and then goes on there with the rest.
await_label() { while ! findfs "LABEL=$1" 2>/dev/null; do sleep 0.05; done; }
(
  set -e
  # A disk that is not finished is thrown away, so that nothing has to be safe on it before.
  mount -t ext4 -o noatime,nobarrier,data=writeback "$(await_label root)" /mnt
  mkdir /mnt/second-stage
  mount -t ext4 -o ro "$(await_label packages)" /mnt/second-stage
  while read -r package; do
    ar -p "/mnt/second-stage/$package" data.tar | tar -x -C /mnt
  done < /mnt/second-stage/essential
  for folder in dev proc sys; do mount --bind "/$folder" "/mnt/$folder"; done
  chroot /mnt /bin/sh /second-stage/second_stage.sh
  for folder in sys proc dev second-stage; do umount "/mnt/$folder"; done
  rmdir /mnt/second-stage
  # What was written and removed does not stay in the image.
  fstrim /mnt
  umount /mnt
)
[ $? = 0 ] && echo "second stage: done"
sync
poweroff -f
