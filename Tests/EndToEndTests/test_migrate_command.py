"""`postern migrate`, as a deployment uses it."""

import concurrent.futures
import json
import pathlib
import shutil
import subprocess

from support.database import Database
from support.postern import EXECUTABLE, ROOT, clean_environment

FILES = sorted(path.name for path in (ROOT / "migrations").glob("0*.sql"))


def migrate(database, *arguments):
    return subprocess.run(
        [EXECUTABLE, "migrate", *arguments],
        env=clean_environment(DATABASE_URL=database.url), capture_output=True, text=True, timeout=60,
    )


def test_up_thenStatus(tmp_path):
    database = Database.empty()
    before = migrate(database, "status")
    assert before.returncode == 1 and before.stdout.count("pending") == len(FILES)

    up = migrate(database, "up", "--json")

    assert up.returncode == 0 and json.loads(up.stdout)["applied"] == FILES
    after = migrate(database, "status", "--json")
    assert after.returncode == 0
    status = json.loads(after.stdout)
    assert status["pending"] == 0 and all(entry["is_applied"] for entry in status["migrations"])
    again = migrate(database, "up", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["applied"] == []


def test_up_fromEightDeploymentsAtOnce_appliesEachFileOnce():
    database = Database.empty()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: migrate(database, "up", "--json"), range(8)))

    assert {each.returncode for each in done} == {0}, [each.stderr for each in done]
    applied = [name for each in done for name in json.loads(each.stdout)["applied"]]
    assert sorted(applied) == FILES


def test_up_whenAnAppliedFileWasChanged_refuses(tmp_path):
    database = Database.empty()
    folder = pathlib.Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations"))
    assert migrate(database, "up", "--dir", str(folder)).returncode == 0
    changed = folder / FILES[0]
    changed.write_text(changed.read_text() + "\n-- a word more\n")

    for command in ("up", "status"):
        done = migrate(database, command, "--dir", str(folder))
        assert done.returncode == 1 and FILES[0].split("_")[0] in done.stderr


def test_up_whenAFileFails_leavesNothingOfIt_andSaysWhere(tmp_path):
    database = Database.empty()
    (tmp_path / "0001_half.sql").write_text(
        "-- migrate:up\ncreate table half (id int);\nselect nonsense;\n-- migrate:down\ndrop table half;\n"
    )

    done = migrate(database, "up", "--dir", str(tmp_path))

    assert done.returncode == 1 and "0001_half.sql:3" in done.stderr and "nonsense" in done.stderr
    assert database.value("select count(*) from pg_tables where tablename = 'half'") == "0"


def test_up_whenTheDatabaseIsAway_failsWithOneLine():
    done = subprocess.run(
        [EXECUTABLE, "migrate", "up"],
        env=clean_environment(DATABASE_URL="postgresql:///x?host=/nowhere"), capture_output=True, text=True, timeout=30,
    )

    assert done.returncode == 1 and done.stdout == ""
