"""A wall clock that can be set while processes run that look at it: theirs alone, never the machine's."""

import pathlib

from .postern import EXECUTABLE


class FakeClock:
    """Settings with which a process and its children see a clock that runs `offset` seconds ahead of the true one.

    libfaketime stands between a program and the C library; what it says of the monotonic clock stays true.
    """

    #: The first program with the library gives itself more of an environment, and Swift looks for the arguments of a
    #: program beside the environment that it was given. So the first is another.
    command = ["env", EXECUTABLE, "serve"]

    def __init__(self, folder):
        libraries = list(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        assert libraries, "libfaketime is not here; scripts/install test installs it"
        self._file = pathlib.Path(folder) / "clock"
        self.set(0)
        self.settings = {
            "LD_PRELOAD": libraries[0],
            "FAKETIME_TIMESTAMP_FILE": self._file,
            "FAKETIME_NO_CACHE": 1,
            "DONT_FAKE_MONOTONIC": 1,
            "NO_FAKE_STAT": 1,
        }

    def end(self, pid):
        """Removes what the library leaves behind of the process that was the first."""
        for name in f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}":
            (pathlib.Path("/dev/shm") / name).unlink(missing_ok=True)

    def set(self, offset):
        # As a whole, since it is read at any moment.
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset:+d}s\n")
        new.rename(self._file)
        self.offset = offset
