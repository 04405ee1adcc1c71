"""A library that is loaded before a program, and ends it in its static initializers: nothing of its own runs."""

import pathlib
import shutil
import subprocess

SOURCE = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void die(int count, char **arguments) {
    const char *flag = getenv("TEST_WORKERS_DIE");
    if (count > 1 && strcmp(arguments[1], "worker") == 0 && flag && access(flag, F_OK) == 0) _exit(70);
}
"""


class DyingWorkers:
    """Lets every worker that starts die before its first line, for as long as it is switched on."""

    def __init__(self, folder):
        self._flag = pathlib.Path(folder) / "workers-die"
        library, source = pathlib.Path(folder) / "die.so", pathlib.Path(folder) / "die.c"
        source.write_text(SOURCE)
        # Swift comes with clang.
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
        self.settings = {"LD_PRELOAD": library, "TEST_WORKERS_DIE": self._flag}

    def on(self):
        self._flag.touch()

    def off(self):
        self._flag.unlink()
