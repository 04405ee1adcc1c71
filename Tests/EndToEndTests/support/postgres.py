"""PostgreSQL servers that a test may stop, kill, freeze, fill and promote: each with its own folder, durable as usual."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from .database import psql
from .postern import EXECUTABLE, clean_environment
from .wait import wait_until


def _binaries():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return found[-1] if found else pathlib.Path(shutil.which("initdb")).parent


def _as_postgres():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ["setpriv"]
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


class PostgresServer:
    """One server. It is on a Unix socket in `folder` alone, where `DATABASE_URL` can name several of them."""

    def __init__(self, folder=None, **settings):
        self.folder = folder or tempfile.mkdtemp(prefix="postern-pg.", dir="/tmp")
        self.settings = {
            "listen_addresses": "", "unix_socket_directories": self.folder, "shared_buffers": "16MB",
            "max_wal_size": "64MB", **settings,
        }
        self.process = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, pwd.getpwnam("postgres").pw_uid)

    @property
    def data(self):
        return f"{self.folder}/data"

    @property
    def url(self):
        return url(self)

    # Making one

    def initialize(self):
        # Not synced: that is for a machine that loses its power, and takes long while others write.
        self._run("initdb", f"--pgdata={self.data}", "--username=postern", "--auth=trust", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--no-sync")
        return self.start()

    def standby(self, **settings):
        """A second server that follows this one."""
        second = PostgresServer(**settings)
        source = f"host={self.folder} user=postern application_name=standby"
        self._run("pg_basebackup", f"--pgdata={second.data}", f"--dbname={source}", "--checkpoint=fast",
                  "--wal-method=stream", "--write-recovery-conf", "--no-sync")
        return second.start()

    def migrate(self):
        environment = clean_environment(DATABASE_URL=self.url)
        subprocess.run([EXECUTABLE, "migrate", "up"], env=environment, check=True, capture_output=True, text=True)
        return self

    def _run(self, program, *arguments):
        command = [*_as_postgres(), str(_binaries() / program), *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr

    # Its life

    def start(self, wait=True):
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [*_as_postgres(), "--pdeathsig", "INT", str(_binaries() / "postgres"), "-D", self.data, *options]
        with open(f"{self.folder}/server.log", "ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        if wait:
            wait_until(self.accepts, timeout=60, what="PostgreSQL accepting connections")
        return self

    def accepts(self):
        assert self.process.poll() is None, pathlib.Path(f"{self.folder}/server.log").read_text()[-4000:]
        command = [str(_binaries() / "pg_isready"), "--quiet", f"--host={self.folder}", "--timeout=1"]
        return subprocess.run(command).returncode == 0

    def stop(self, how="fast"):
        """As `pg_ctl stop` does it: `fast` ends sessions in order, `immediate` is a crash that is told."""
        self.process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[how])
        self.process.wait(timeout=60)

    def kill(self):
        """SIGKILL for all of its processes at once."""
        self.signal(signal.SIGKILL)
        self.process.wait(timeout=60)
        # Its shared memory is in use until the last of them is gone.
        wait_until(lambda: not self.processes(), timeout=30, what="all processes of the server being gone")

    def signal(self, number):
        """To every process of it; each is the leader of a group of its own."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def processes(self):
        """The process ids of the server: all of them work in its data directory."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                if os.readlink(folder / "cwd") == self.data:
                    found.append(int(folder.name))
        return found

    def promote(self):
        assert psql(self.url, "select pg_promote(true, 30)") == [["t"]]

    def query(self, sql):
        return psql(self.url, sql)

    def end(self):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def url(*servers, user="postern"):
    """The connection string for the databases of these servers, of which one takes writes."""
    return f"host={','.join(server.folder for server in servers)} user={user} dbname=postgres"
