"""A Linux whose agent emud asks. Of a test that has one more argument: the folder of the agents."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "daemon", "image_builder"))
from disk_guest import build_initramfs  # noqa: E402

AGENTS = os.path.abspath(sys.argv[5])
START = """
mkdir -p /etc /root /tmp /home/ann /dev/pts
mount -t devpts devpts /dev/pts
echo 'root:x:0:0::/root:/bin/sh' > /etc/passwd
echo 'ann:x:1234:100::/home/ann:/bin/sh' >> /etc/passwd
echo 'wheel:x:77:bob,ann' > /etc/group
echo 'PRETTY_NAME="Test guest"' > /etc/os-release
/emu-agent &
echo the-agent-was-begun
exec setsid cttyhack sh
"""
# Before START: what the agent runs in a copy of the guest.
HOOK = """
mkdir -p /etc/emu-agent
cat > /etc/emu-agent/on-clone <<'END'
#!/bin/sh
hostname "$EMU_VM_NAME"
echo "gone-on-as-$EMU_VM_NAME-$EMU_GENERATION_ID" > /dev/console
END
chmod +x /etc/emu-agent/on-clone
hostname the-first
"""
CONSOLES = {"riscv64": "ttyS0", "aarch64": "ttyAMA0"}


def guest_flags(arch, folder, start=START):
    """The flags of a VM that has it; its initramfs is written into `folder`."""
    files = subprocess.run([os.path.join(ROOT, "deploy", "fetch-disk-guest"), arch], check=True,
                           text=True, stdout=subprocess.PIPE).stdout.split()[-1]
    with open(os.path.join(AGENTS, arch, "emu-agent"), "rb") as file:
        agent = file.read()
    initramfs = os.path.join(folder, "initramfs-" + arch)
    build_initramfs(files, initramfs, start, {"emu-agent": agent})
    return ("--arch", arch, "--memory", "512M", "--kernel", f"{files}/linux", "--initrd", initramfs,
            "--append", f"console={CONSOLES[arch]} quiet")
