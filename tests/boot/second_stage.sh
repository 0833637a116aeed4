#!/bin/sh
# In the guest, at the root of a Debian that is unpacked but not installed: does that, with the packages
# beside this file.
set -e
export PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
cd "$(dirname "$0")"

mkdir -p /etc/dpkg/dpkg.cfg.d /var/lib/dpkg/info /var/lib/dpkg/updates
touch /var/lib/dpkg/status /var/lib/dpkg/available
cat > /etc/dpkg/dpkg.cfg.d/small <<END
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
END
echo debian > /etc/hostname
echo '/dev/vda / ext4 defaults,noatime 0 1' > /etc/fstab

# All there is comes at once: what a package needs before it is unpacked is there, but not installed.
dpkg --force-depends --install ./*.deb
passwd -d root
dpkg --audit
cd /
rm -rf /second-stage
