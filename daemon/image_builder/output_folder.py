"""The folder that a build fills: whoever finds the last file there finds all."""
import contextlib
import fcntl
import os
import shutil

TEMPORARY = "tmp"


class UsageError(Exception):
    pass


@contextlib.contextmanager
def work_in(path):
    """A folder below `path` to work in, which is gone at the end; a run that is killed leaves it to
    the next one."""
    try:
        os.makedirs(path, exist_ok=True)
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UsageError(f"--out {path}: {error.strerror}; give another folder") from error
    work = os.path.join(path, TEMPORARY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if others := set(os.listdir(path)) - {TEMPORARY}:
            raise UsageError(f"--out {path}: {min(others)} is there already; give an empty folder")
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        try:
            yield work
        finally:
            shutil.rmtree(work)
    except BlockingIOError:
        raise UsageError(f"--out {path}: another run works there; give another folder") from None
    finally:
        os.close(lock)


def publish(folder, path, last):
    """Moves the files of a folder there, one of them after all the others."""
    names = [*sorted(set(os.listdir(folder)) - {last}), last]
    for name in names:
        _sync(os.path.join(folder, name))
    for name in names:
        os.rename(os.path.join(folder, name), os.path.join(path, name))
    _sync(path)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
