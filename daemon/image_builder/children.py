"""Programs that the builder starts: none outlives it, however it ends."""
import contextlib
import ctypes
import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class ChildError(Exception):
    """A program failed; says what it said."""


def _end_with_parent(parent):
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@contextlib.contextmanager
def started(*command, **options):
    """A process that is gone afterwards. It speaks the language that programs read."""
    parent = os.getpid()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               preexec_fn=lambda: _end_with_parent(parent),
                               env={**os.environ, "LC_ALL": "C.UTF-8"}, **options)
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        with process:  # closes its pipes and waits
            pass


def run(*command, **options):
    """What a program writes to standard output."""
    with started(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                 **options) as process:
        output, errors = process.communicate()
    if process.returncode != 0:
        raise ChildError(f"{command[0]} failed: {errors.strip() or output.strip()}")
    sys.stderr.write(errors)
    return output
