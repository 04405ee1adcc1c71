import os
import subprocess
import uuid

from .postern import EXECUTABLE, clean_environment


def server_url():
    url = os.environ.get("POSTERN_TEST_DATABASE_URL")
    assert url, "POSTERN_TEST_DATABASE_URL is not set; run the tests with scripts/with-postgres"
    return url


class Database:
    """A database of its own on the private PostgreSQL of the test run."""

    _template = None

    def __init__(self, name):
        self.name = name
        base, _, query = server_url().partition("?")
        self.url = f"{base.rsplit('/', 1)[0]}/{name}?{query}"

    @classmethod
    def empty(cls):
        database = cls(f"test_{uuid.uuid4().hex}")
        psql(server_url(), f'create database "{database.name}"')
        return database

    @classmethod
    def migrated(cls):
        """A copy of one that `postern migrate up` made."""
        if cls._template is None:
            template = cls.empty()
            template.migrate()
            cls._template = template
        database = cls(f"test_{uuid.uuid4().hex}")
        psql(server_url(), f'create database "{database.name}" template "{cls._template.name}"')
        return database

    def migrate(self):
        environment = clean_environment(DATABASE_URL=self.url)
        subprocess.run([EXECUTABLE, "migrate", "up"], env=environment, check=True, capture_output=True, text=True)

    def query(self, sql):
        """The rows of a statement; each is a list of texts."""
        return psql(self.url, sql)

    def value(self, sql):
        return self.query(sql)[0][0]


def psql(url, sql):
    command = ["psql", url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "-c", sql]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]
