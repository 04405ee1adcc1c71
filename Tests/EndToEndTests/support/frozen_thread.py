"""A thread of another process that is stopped while the rest of the process goes on: ptrace(2), as root.

Run as a program, it stops the thread of its argument and says so, until it is killed: the kernel then lets the thread go
on. It must be a process of its own, since the process that traces a thread has to take note of the thread's end, too.
"""

import ctypes
import os
import signal
import subprocess
import sys

PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4206, 0x4207
#: waitpid(2): also for a thread that is no child.
WALL = 0x40000000


class FrozenThread:
    """Stops the thread with the identifier `tid` for as long as it is entered."""

    def __init__(self, tid):
        self._command = [sys.executable, __file__, str(tid)]

    def __enter__(self):
        self._tracer = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        if self._tracer.stdout.readline() != "stopped\n":
            self.__exit__()
            raise AssertionError("the thread could not be stopped")
        return self

    def __exit__(self, *_):
        self._tracer.kill()
        self._tracer.wait()
        self._tracer.stdout.close()


def freeze(tid):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    for request in PTRACE_SEIZE, PTRACE_INTERRUPT:
        if libc.ptrace(request, tid, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
    # The first is the stop, and the second the end: whatever else it is sent waits while it is stopped.
    os.waitpid(tid, WALL)
    print("stopped", flush=True)
    os.waitpid(tid, WALL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    freeze(int(sys.argv[1]))
