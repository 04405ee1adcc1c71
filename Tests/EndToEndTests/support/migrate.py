import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

from .postern import EXECUTABLE, ROOT, clean_environment
from .wait import wait_until

FOLDER = ROOT / "migrations"
FILES = sorted(path.name for path in FOLDER.glob("0*.sql"))
SCHEMA = FOLDER / "schema.sql"
LATER = f"{len(FILES) + 1:04}"


def command(database, *arguments):
    """What starts `postern migrate …` on a database."""
    return {
        "args": [EXECUTABLE, "migrate", *map(str, arguments)],
        "env": clean_environment(DATABASE_URL=database.url),
    }


def migrate(database, *arguments):
    return subprocess.run(**command(database, *arguments), capture_output=True, text=True, timeout=60)


def start_migrating(database, *arguments):
    """The same in the background; what it says is a pipe."""
    return subprocess.Popen(
        **command(database, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def done(database, *arguments):
    """What a migration command that must succeed writes."""
    process = migrate(database, *arguments)
    assert process.returncode == 0, process.stderr
    return process.stdout


def copy_of_migrations(folder, later=None):
    """The released migrations in a folder of their own, and one more: (up, down)."""
    copy = pathlib.Path(shutil.copytree(FOLDER, folder / "migrations"))
    if later:
        up, down = later
        (copy / f"{LATER}_later.sql").write_text(f"-- migrate:up{up}\n-- migrate:down{down}\n")
    return copy


def dbmate():
    """The path of dbmate: that of the tests' tools, or else the machine's; None when there is none."""
    return shutil.which("dbmate", path=os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]))


@contextlib.contextmanager
def transaction(database, sql):
    """A transaction of somebody else that stays open."""
    process = subprocess.Popen(
        ["psql", database.url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    try:
        process.stdin.write(f"begin;\n{sql};\n\\echo open\n")
        process.stdin.flush()
        while (line := process.stdout.readline()) != "open\n":
            assert line, "psql has ended"
        yield
    finally:
        process.kill()
        process.communicate()
        # The server notices at once: the session waits for nothing.
        wait_until(lambda: "idle in transaction" not in states(database), what="the transaction being rolled back")


def states(database):
    return [
        state for state, in database.query("select state from pg_stat_activity where datname = current_database()")
    ]


def waits_for_a_lock(database):
    """Whether a migrator of the database waits for somebody's lock or transaction."""
    return database.value(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'postern' "
        "and wait_event_type = 'Lock'"
    ) != "0"
