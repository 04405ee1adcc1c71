"""Databases of the run's own, on the server of POSTERN_TEST_DATABASE_URL."""

import os
import subprocess
import sys


class Database:
    def __init__(self, suffix=""):
        self.server_url = server_url()
        self.name = f"postern_bench_{os.getpid()}{suffix}"
        base, _, query = self.server_url.partition("?")
        self.url = f"{base.rpartition('/')[0]}/{self.name}?{query}"

    def __enter__(self):
        psql(self.server_url, f"create database {self.name}")
        # The process that all backends are children of.
        self.pid = int(self.run("select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)"))
        return self

    def __exit__(self, *_):
        psql(self.server_url, f"drop database {self.name} with (force)")

    def run(self, sql):
        """Runs statements, of which `copy … from stdin` may be one, and returns the output."""
        return psql(self.url, sql)


def server_url():
    return os.environ.get("POSTERN_TEST_DATABASE_URL") or sys.exit("Start this with scripts/bench.")


def server_version():
    return psql(server_url(), "show server_version").split()[0]


def server_settings():
    """What decides whether a commit is durable."""
    return {name: psql(server_url(), f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")}


def psql(url, sql):
    command = ["psql", url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout.strip()
