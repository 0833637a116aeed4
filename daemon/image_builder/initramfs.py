"""Builds initramfs archives: cpio of the "newc" kind, gzip'ed (kernel: Documentation/driver-api/
early-userspace/buffer-format.rst)."""
import gzip

DIRECTORY, FILE, CHARACTER_DEVICE = 0o040000, 0o100000, 0o020000


class Initramfs:
    def __init__(self):
        self.archive = bytearray()
        self.entries = 0

    def _add(self, name, mode, content=b"", device=(0, 0)):
        self.entries += 1
        path = name.encode() + b"\0"
        #         inode         mode  uid gid links mtime size       file's device
        fields = (self.entries, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(path), 0)
        self.archive += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        self._pad()
        self.archive += content
        self._pad()

    def _pad(self):
        self.archive += bytes(-len(self.archive) % 4)

    def add_directory(self, name):
        self._add(name, DIRECTORY | 0o755)

    def add_file(self, name, content, mode=0o755):
        self._add(name, FILE | mode, content)

    def add_console(self):
        """/dev/console, which the kernel opens before there is a devtmpfs."""
        self.add_directory("dev")
        self._add("dev/console", CHARACTER_DEVICE | 0o600, device=(5, 1))

    def write(self, path):
        self._add("TRAILER!!!", 0)
        with open(path, "wb") as file:
            file.write(gzip.compress(bytes(self.archive), compresslevel=1, mtime=0))
