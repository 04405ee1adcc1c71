import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from .database import server_url
from .ports import free_port
from .wait import wait_until


class PgBouncer:
    """A pooler in transaction mode before the private PostgreSQL: whoever is served next may get anybody's session."""

    SESSIONS = 3

    def __init__(self):
        self.port = free_port()
        folder = server_url().partition("host=")[2].partition("&")[0]
        self._directory = pathlib.Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        configuration = self._directory / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host={folder} port=5432 user=postern\n"
            "[pgbouncer]\nauth_type = any\npool_mode = transaction\n"
            f"default_pool_size = {self.SESSIONS}\nmax_client_conn = 100\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            # It refuses to be root.
            + ("user = postgres\n" if os.geteuid() == 0 else "")
        )
        with (self._directory / "log").open("w") as log:
            # Debian keeps it where ordinary users do not look.
            program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
            self._process = subprocess.Popen([program, str(configuration)], stdout=log, stderr=log)
        wait_until(self._answers, what=f"PgBouncer listening; its log:\n{(self._directory / 'log').read_text()}\n")

    def _answers(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, database):
        return f"postgresql://postern@127.0.0.1:{self.port}/{database.name}?sslmode=disable&gssencmode=disable"

    def end(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._directory)
