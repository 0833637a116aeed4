"""Installs the packages that lie in a disk's unpacked Debian, in a guest.

second_stage.py EMU_VM DEPLOY ARCH IMAGE
"""
import os
import sys
import tempfile

import harness
from disk_guest import build_initramfs

INSTALL_SECONDS = 3600


def main():
    files = harness.fetch("fetch-disk-guest", harness.ARCH.name)
    with tempfile.TemporaryDirectory() as folder:
        initramfs = os.path.join(folder, "initramfs")
        build_initramfs(files, initramfs)
        guest = harness.Guest("--memory", "512M", "--kernel", f"{files}/linux", "--initrd", initramfs,
                              "--append", f"console={harness.ARCH.console} quiet", "--disk", sys.argv[4])
        try:
            guest.wait_for_prompt()
            guest.run("mount -t ext4 /dev/vda /mnt")
            guest.run("for d in dev proc sys; do mount --bind /$d /mnt/$d; done")
            guest.type("chroot /mnt /bin/sh /second-stage/run && echo installed || echo failed")
            if guest.wait_for(r"\n(installed|failed)\n", INSTALL_SECONDS).group(1) != "installed":
                guest.fail("the packages cannot be installed")
            guest.run("umount /mnt/dev /mnt/proc /mnt/sys; umount /mnt")
            if guest.exit_code("poweroff -f") != 0:
                guest.fail("the guest does not power off")
        finally:
            guest.close()


if __name__ == "__main__":
    main()
