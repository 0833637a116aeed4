#!/usr/bin/python3
"""A file system (FUSE) that shows a folder, and fails as it is told to.

    failing_fs.py FOLDER MOUNTPOINT FAULTS

FAULTS is a file, which may come and go while the file system is mounted. Its first word is an error
(EIO, ENOSPC), the others are the operations that end with it, e.g. "EIO write fsync".
"""
import errno
import os
import sys

from fusepy import FUSE, FuseOSError, Operations


class FailingFs(Operations):
    def __init__(self, folder, faults):
        self.folder = folder
        self.faults = faults

    def __call__(self, operation, path, *args):
        try:
            with open(self.faults) as faults:
                error, *failing = faults.read().split()
        except (FileNotFoundError, ValueError):
            failing = ()
        if operation in failing:
            raise FuseOSError(getattr(errno, error))
        try:
            return super().__call__(operation, self.folder + path, *args)
        except OSError as failure:
            raise FuseOSError(failure.errno) from failure

    def getattr(self, path, handle=None):
        status = os.lstat(path)
        return {key: getattr(status, key) for key in (
            "st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks",
            "st_atime", "st_mtime", "st_ctime")}

    def readdir(self, path, handle):
        return [".", "..", *os.listdir(path)]

    def statfs(self, path):
        status = os.statvfs(path)
        return {key: getattr(status, key) for key in (
            "f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree",
            "f_favail", "f_namemax")}

    def open(self, path, flags):
        # The kernel has done what O_APPEND asks for, and reads to fill the pages that it writes.
        if flags & os.O_ACCMODE == os.O_WRONLY:
            flags = flags & ~os.O_ACCMODE | os.O_RDWR
        return os.open(path, flags & ~os.O_APPEND)

    def create(self, path, mode, info=None):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def read(self, path, size, offset, handle):
        return os.pread(handle, size, offset)

    def write(self, path, data, offset, handle):
        return os.pwrite(handle, data, offset)

    def truncate(self, path, length, handle=None):
        os.truncate(path, length)

    def fsync(self, path, datasync, handle):
        os.fsync(handle)

    def fsyncdir(self, path, datasync, handle):
        pass

    def flush(self, path, handle):
        pass

    def release(self, path, handle):
        os.close(handle)

    def rename(self, path, new_path):
        os.rename(path, self.folder + new_path)

    def symlink(self, path, target):
        os.symlink(target, path)

    def link(self, path, source):
        os.link(self.folder + source, path)

    def utimens(self, path, times=None):
        os.utime(path, times)

    def mknod(self, path, mode, device):
        os.mknod(path, mode, device)

    readlink = staticmethod(os.readlink)
    unlink = staticmethod(os.unlink)
    mkdir = staticmethod(os.mkdir)
    rmdir = staticmethod(os.rmdir)
    chmod = staticmethod(os.chmod)
    chown = staticmethod(os.lchown)


if __name__ == "__main__":
    folder, mountpoint, faults = (os.path.abspath(path) for path in sys.argv[1:])
    FUSE(FailingFs(folder, faults), mountpoint, foreground=True, nothreads=True, allow_other=True,
         default_permissions=True)
