"""Debian's binary packages as archives: deb(5), ar(5)."""
import os
import shutil
import subprocess

import children

MAGIC = b"!<arch>\n"
HEADER_BYTES = 60


def _header(name, size):
    #                          mtime uid gid mode
    return b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 0, 0, 0, b"100644", size)


def _first_members(path):
    """What comes before the files: the format's version, and what is said of the package."""
    with open(path, "rb") as deb:
        if deb.read(len(MAGIC)) != MAGIC:
            raise children.ChildError(f"{path} is no package")
        for _ in range(2):
            header = deb.read(HEADER_BYTES)
            size = int(header[48:58])
            content = deb.read(size + size % 2)
            yield header + content


def write_stored(package, path):
    """The same package with its files uncompressed, for a machine where that would take long."""
    with open(path, "wb") as out:
        out.write(MAGIC + b"".join(_first_members(package)))
        start = out.tell() + HEADER_BYTES
        out.seek(start)
        with children.started("dpkg-deb", "--fsys-tarfile", package,
                              stdout=subprocess.PIPE) as process:
            shutil.copyfileobj(process.stdout, out, 1 << 20)
        if process.returncode != 0:
            raise children.ChildError(f"dpkg-deb cannot read {package}")
        size = out.tell() - start
        out.seek(start - HEADER_BYTES)
        out.write(_header("data.tar", size))


def unpack(package, folder):
    """Without its scripts and its files' owners."""
    os.makedirs(folder, exist_ok=True)
    children.run("dpkg-deb", "-x", package, folder)
