"""`postern migrate`, as a deployment and its operators use it."""

import concurrent.futures
import json
import subprocess

import pytest

from support.database import Database, psql, server_url
from support.migrate import (
    FILES, FOLDER, LATER, SCHEMA, command, copy_of_migrations, dbmate, done, migrate, start_migrating, transaction,
    waits_for_a_lock,
)
from support.pgbouncer import PgBouncer
from support.postern import EXECUTABLE, Postern, clean_environment
from support.terminal import run_on_terminal
from support.wait import wait_until

FAILED, USAGE = 1, 2
NEWEST = FILES[-1].split("_")[0]


def json_of(database, *arguments):
    return json.loads(done(database, *arguments, "--json"))


def pending(database, *arguments):
    """How many are pending; `status` exits 1 when some are."""
    return json.loads(migrate(database, "status", *arguments, "--json").stdout)["pending"]


# Up and status


def test_up_thenStatus():
    database = Database.empty()
    before = migrate(database, "status")
    assert before.returncode == FAILED and before.stdout.count("pending") == len(FILES)

    assert json_of(database, "up") == {"applied": FILES}

    status = json_of(database, "status")
    assert status["pending"] == 0 and all(entry["is_applied"] for entry in status["migrations"])
    assert json_of(database, "up") == {"applied": []}


def test_up_toAVersion_goesNoFurther():
    database = Database.empty()

    assert json_of(database, "up", "--to", "2") == {"applied": FILES[:2]}
    assert json_of(database, "up", "--to", "0003") == {"applied": FILES[2:3]}
    for version in ("9999", "x", "12345"):
        assert migrate(database, "up", "--to", version).returncode in (FAILED, USAGE)


def test_up_fromEightDeploymentsAtOnce_appliesEachFileOnce():
    database = Database.empty()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(lambda _: migrate(database, "up", "--json"), range(8)))

    assert {each.returncode for each in ended} == {0}, [each.stderr for each in ended]
    applied = [name for each in ended for name in json.loads(each.stdout)["applied"]]
    assert sorted(applied) == FILES
    assert done(database, "dump") == SCHEMA.read_text()


def test_up_whenAnAppliedFileWasChanged_refuses(tmp_path):
    database = Database.empty()
    folder = copy_of_migrations(tmp_path)
    done(database, "up", "--dir", folder)
    changed = folder / FILES[0]
    changed.write_text(changed.read_text() + "\n-- a word more\n")

    for subcommand in (["up"], ["status"], ["verify"], ["down", "--yes"], ["baseline", "--to", NEWEST]):
        ended = migrate(database, *subcommand, "--dir", folder)
        assert ended.returncode == FAILED and FILES[0].split("_")[0] in ended.stderr


def test_up_whenAFileFails_leavesNothingOfIt_andSaysWhere(tmp_path):
    database = Database.empty()
    (tmp_path / "0001_half.sql").write_text(
        "-- migrate:up\ncreate table half (id int);\nselect nonsense;\n-- migrate:down\ndrop table half;\n"
    )

    ended = migrate(database, "up", "--dir", tmp_path)

    assert ended.returncode == FAILED and "0001_half.sql:3" in ended.stderr and "nonsense" in ended.stderr
    assert database.value("select count(*) from pg_tables where tablename = 'half'") == "0"


def test_up_whenAFileFails_jsonSaysWhatWasApplied(tmp_path):
    database = Database.empty()
    for version, up, down in (("1", "create table a ()", "drop table z"), ("2", "create table b ()", "drop table b")):
        (tmp_path / f"000{version}_one.sql").write_text(f"-- migrate:up\n{up};\n-- migrate:down\n{down};\n")
    (tmp_path / "0003_half.sql").write_text("-- migrate:up\nselect nonsense;\n-- migrate:down\n")

    ended = migrate(database, "up", "--dir", tmp_path, "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == FAILED and said.pop("applied") == ["0001_one.sql", "0002_one.sql"]
    assert said.pop("error") in ended.stderr and said == {}

    ended = migrate(database, "down", "--to", "0", "--yes", "--dir", tmp_path, "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == FAILED and said["rolled_back"] == ["0002_one.sql"] and "0001_one.sql: table" in said["error"]
    ended = migrate(database, "baseline", "--to", "9", "--dir", tmp_path, "--json")
    assert json.loads(ended.stdout) == {"recorded": [], "error": "there is no migration 0009"}

    psql(server_url(), f'drop database "{database.name}"')
    said = json.loads(migrate(database, "up", "--dry-run", "--json").stdout)
    assert said["would_apply"] == [] and "does not exist" in said["error"]


def test_up_whenTheDatabaseIsAway_failsWithOneLine():
    ended = subprocess.run(
        [EXECUTABLE, "migrate", "up"],
        env=clean_environment(DATABASE_URL="postgresql:///x?host=/nowhere"), capture_output=True, text=True, timeout=30,
    )

    assert ended.returncode == FAILED and ended.stdout == ""


def test_up_withWait_waitsForTheDatabase():
    database = Database.empty()
    psql(server_url(), f'drop database "{database.name}"')

    process = start_migrating(database, "up", "--wait", "60s")
    assert process.stderr.readline() == "waiting for the database\n"
    psql(server_url(), f'create database "{database.name}"')
    process.communicate(timeout=60)

    assert process.returncode == 0 and pending(database) == 0


def test_up_whileATableIsInUse_doesNotMakeItsUsersWait(tmp_path):
    """A lock that is not to be had is given up after seconds, because everybody queues behind it."""
    database = Database.migrated()
    folder = copy_of_migrations(tmp_path, later=("\nalter table users add column later int;", "\nselect 1;"))

    with transaction(database, "select count(*) from users"):
        process = start_migrating(database, "up", "--dir", folder)
        wait_until(lambda: waits_for_a_lock(database), what="the migration waiting for the table")
        # This queues behind the migration, and gets its turn although the transaction before both goes on.
        database.query("select count(*) from users")
        assert process.poll() is None
    assert "is tried again" in process.communicate(timeout=60)[1]

    assert process.returncode == 0 and pending(database, "--dir", folder) == 0


def test_up_throughAPooler_warns():
    database = Database.migrated()
    assert "pooler" not in migrate(database, "up").stderr
    pooler = PgBouncer()
    try:
        database.url = pooler.url(database)
        assert "POSTERN_MIGRATION_DATABASE_URL" in migrate(database, "up").stderr
    finally:
        pooler.end()


# Down


def test_down_asksOnATerminal_andNeedsYesWithoutOne():
    database = Database.migrated()
    refused = migrate(database, "down")
    assert refused.returncode == USAGE and "--yes" in refused.stderr

    down = command(database, "down")
    status, shown = run_on_terminal(down["args"], down["env"], answer=b"n\n")
    assert status == FAILED and FILES[-1].encode() in shown
    assert pending(database) == 0

    status, shown = run_on_terminal(down["args"], down["env"], answer=b"y\n")
    assert status == 0, shown
    assert pending(database) == 1
    assert json_of(database, "down", "--yes") == {"rolled_back": [FILES[-2]]}


def test_down_toZero_leavesNothing_andUpGivesTheSameSchema():
    database = Database.migrated()

    assert json_of(database, "down", "--to", "0", "--yes") == {"rolled_back": FILES[::-1]}

    assert "create " not in done(database, "dump")
    assert json_of(database, "down", "--yes") == {"rolled_back": []}
    done(database, "up")
    assert done(database, "dump") == SCHEMA.read_text()


# Dry runs


def test_dryRun_showsThePlan_andChangesNothing():
    database = Database.empty()
    assert done(database, "up", "--dry-run", "--to", "2").splitlines() == FILES[:2]
    assert json_of(database, "up", "--dry-run") == {"would_apply": FILES}
    assert "create table users (" in done(database, "up", "--dry-run", "--verbose")
    refused = migrate(database, "baseline", "--to", "1", "--dry-run")
    assert refused.returncode == FAILED and "no table" in refused.stderr
    assert database.value("select count(*) from pg_tables where schemaname = 'public'") == "0"

    done(database, "up")
    assert json_of(database, "down", "--to", FILES[-3][:4], "--dry-run") == {
        "would_roll_back": [FILES[-1], FILES[-2]]
    }
    database.query("delete from postern_migrations where version = '0001'")
    assert json_of(database, "baseline", "--to", "2", "--dry-run") == {"would_record": FILES[:1]}
    assert database.value("select count(*) from postern_migrations where version = '0001'") == "0"
    assert done(database, "down", "--dry-run", "-v").strip().endswith((FOLDER / FILES[-1]).read_text().strip()[-20:])
    assert pending(database) == 0


# Verify and dump


def test_verify_whenTheSchemaIsAnother_saysWhere():
    database = Database.migrated()
    assert json_of(database, "verify") == {"problems": []}

    database.query("alter table users add column nickname text")
    database.query("insert into schema_migrations values ('0900')")
    found = migrate(database, "verify", "--json")
    assert found.returncode == FAILED
    # The schema of a later release is not ours to compare.
    assert json.loads(found.stdout)["problems"] == [
        "migration 0900 was applied by a newer release than this one",
        f"the schema was not compared: schema.sql is that of migration {NEWEST}, this one of 0900",
    ]

    database.query("delete from schema_migrations where version = '0900'")
    found = migrate(database, "verify")
    assert found.returncode == FAILED and found.stdout == ""
    assert found.stderr == 'table users is not as in schema.sql: has "nickname text"\n'


def test_verify_withoutAComparison_doesNotClaimOne(tmp_path):
    database = Database.empty()
    ended = migrate(database, "verify")
    assert ended.returncode == FAILED and FILES[0] in ended.stderr and "not compared" in ended.stderr

    done(database, "up")
    folder = copy_of_migrations(tmp_path)
    (folder / "schema.sql").unlink()
    ended = migrate(database, "verify", "--dir", folder)
    assert ended.returncode == FAILED and "not compared" in ended.stderr and "what the migrations give" not in ended.stderr


def test_baseline_takesOverWhatSchemaSQLHasMade():
    database = Database.empty()
    for arguments in (["--to", NEWEST], ["--to", "1"]):
        refused = migrate(database, "baseline", *arguments)
        assert refused.returncode == FAILED and "no table" in refused.stderr
    database.query(SCHEMA.read_text())

    assert json_of(database, "baseline", "--to", NEWEST) == {"recorded": FILES}
    assert json_of(database, "verify") == {"problems": []}


def test_dump_isTheCommittedSchema():
    database = Database.migrated()

    assert done(database, "dump") == SCHEMA.read_text()
    assert json_of(database, "dump") == {"version": NEWEST, "sql": SCHEMA.read_text()}


# New


def test_new_writesTheNextFile(tmp_path):
    folder = copy_of_migrations(tmp_path)
    environment = clean_environment()

    def new(*arguments):
        return subprocess.run(
            [EXECUTABLE, "migrate", "new", *arguments, "--dir", folder], env=environment, capture_output=True, text=True
        )

    path = folder / f"{int(NEWEST) + 1:04}_add_widgets.sql"
    assert new("add_widgets").stdout == f"{path}\n"
    assert path.read_text() == "-- migrate:up\n\n-- migrate:down\n"
    assert json.loads(new("add_gadgets", "--json").stdout)["path"].endswith(f"{int(NEWEST) + 2:04}_add_gadgets.sql")
    refused = new("Add Widgets")
    assert refused.returncode == FAILED and refused.stdout == ""


# Killed


def test_up_killedWhileAStatementWaits_isFinishedByTheNext(tmp_path):
    """The killed one's session must not go on for itself, nor hold up the next one."""
    database = Database.migrated()
    folder = copy_of_migrations(
        tmp_path, later=("\ncreate table later ();\nalter table users add column later int;", "\nselect 1;")
    )

    with transaction(database, "lock table users in access share mode"):
        process = start_migrating(database, "up", "--dir", folder)
        wait_until(lambda: waits_for_a_lock(database), what="the migration waiting for the table")
        process.kill()
        process.communicate()
        again = start_migrating(database, "up", "--dir", folder)
        wait_until(lambda: waits_for_a_lock(database), what="the next migrator waiting for the table")
    assert again.communicate(timeout=60) and again.returncode == 0

    assert pending(database, "--dir", folder) == 0
    assert database.value("select count(*) from pg_attribute where attname = 'later'") == "1"


def test_up_killedWhileAnIndexIsBuilt_isFinishedByTheNext(tmp_path):
    database = Database.migrated()
    index = " transaction:false\ncreate index concurrently users_later_idx on users (updated_at);"
    folder = copy_of_migrations(tmp_path, later=(index, "\ndrop index users_later_idx;"))
    valid = "select indisvalid from pg_index where indexrelid = to_regclass('users_later_idx')"

    with transaction(database, "lock table users in row exclusive mode"):
        # The build has begun, and waits for everybody who may write and does not know of the index.
        process = start_migrating(database, "up", "--dir", folder)
        wait_until(lambda: database.query(valid) == [["f"]] and waits_for_a_lock(database), what="the index being built")
        process.kill()
        process.communicate()
        wait_until(lambda: not waits_for_a_lock(database), what="the session of the killed migrator ending")
        assert database.query(valid) == [["f"]]
        status = migrate(database, "status", "--dir", folder)
        assert status.returncode == FAILED and f"{LATER}  later  begun, not finished" in status.stdout
        assert "users_later_idx is invalid" in migrate(database, "verify", "--dir", folder).stderr

    ended = migrate(database, "up", "--dir", folder)
    assert ended.returncode == 0 and "building it again" in ended.stderr
    assert database.query(valid) == [["t"]]
    assert "invalid" not in migrate(database, "verify", "--dir", folder).stderr


# Other programs and other releases


@pytest.mark.skipif(dbmate() is None, reason="dbmate is not installed; scripts/venv test brings it")
def test_dbmate_runsTheFiles_andPosternGoesOnFromThere():
    database = Database.empty()

    def run(*arguments):
        host = database.url.partition("host=")[2].partition("&")[0]
        url = f"postgres://postern@/{database.name}?socket={host}&sslmode=disable"
        options = ["--url", url, "--migrations-dir", FOLDER, "--no-dump-schema"]
        ended = subprocess.run([dbmate(), *options, *arguments], capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    run("migrate")
    assert done(database, "dump") == SCHEMA.read_text()
    assert pending(database) == 0
    assert json_of(database, "verify") == {"problems": []}
    assert json_of(database, "up") == {"applied": []}

    assert json_of(database, "baseline", "--to", NEWEST) == {"recorded": FILES}
    assert all(entry["applied_at"] for entry in json_of(database, "status")["migrations"])

    run("rollback")
    assert json_of(database, "up") == {"applied": [FILES[-1]]}
    for _ in FILES:
        run("rollback")
    assert "create " not in done(database, "dump")


def test_thisRelease_runsOnTheSchemaOfTheNext_andDoesNotTouchIt(tmp_path):
    """What migrations/README.md promises: the next release only adds."""
    later = (
        "\nalter table users add column later text;\nalter table sessions add column later int default 1 not null;"
        "\ncreate table later (id uuid primary key);\ncreate index on users (later);\ndrop index users_is_active_id_idx;"
    )
    folder = copy_of_migrations(tmp_path, later=(later, "\nselect 1;"))
    database = Database.empty()
    done(database, "up", "--dir", folder)

    refused = migrate(database, "up")
    assert refused.returncode == FAILED and "applied by a newer release" in refused.stderr
    server = Postern(database.url)
    try:
        server.start()
        key = server.bootstrap()["api_key"]
        created = server.post("/api/v1/users", key=key, json={"email": "ada@example.com", "roles": ["user"]})
        assert created.status_code == 201, created.text
        assert len(server.get("/api/v1/users", key=key).json()["items"]) == 2
        assert server.get("/api/v1/users/me", key=key).status_code == 200
    finally:
        server.end()


def test_serve_onAnOlderSchema_refuses_andSaysWhatToDo():
    database = Database.migrated()
    done(database, "down", "--yes")

    server = Postern(database.url)
    try:
        server.start(until=None)
        assert server.process.wait(timeout=30) == 64
        assert f"this release needs {NEWEST}; run: postern migrate up" in server.log
    finally:
        server.end()
