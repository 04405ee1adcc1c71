"""`serve` counts the connections that its workers will want, and refuses when the database has fewer."""

import signal
import uuid

import pytest

from support.database import Database, psql, server_url
from support.postern import Postern
from support.tcp_proxy import TCPProxy
from support.wait import wait_until


def limited(limit):
    """The URL of a role that may have so many connections to a migrated database."""
    database = Database.migrated()
    role = f"limited_{uuid.uuid4().hex}"
    database.query(f"create role {role} login superuser connection limit {limit}")
    return database.url.replace("user=postern", f"user={role}")


def line(postern, message):
    return next(line for line in postern.log_lines() if line["msg"] == message)


def test_serve_whenTheDatabaseHasTooFewConnections_refuses(start_postern):
    postern = start_postern(limited(17), until=None, POSTERN_WORKERS=2, POSTERN_POOL_SIZE=4)
    assert postern.process.wait(timeout=30) == 64
    last = postern.log.splitlines()[-1]
    assert "POSTERN_POOL_SIZE" in last and "POSTERN_WORKERS" in last and "18" in last and "17" in last
    assert "worker started" not in postern.log


def test_serve_whenTheDatabaseHasJustEnough_starts_andSaysHowMany(start_postern):
    postern = start_postern(limited(18), POSTERN_WORKERS=2, POSTERN_POOL_SIZE=4)
    counted = line(postern, "connections to the database")
    assert (counted["needed"], counted["limit"]) == ("18", "18")


def test_oneWorkerMore_whenTheDatabaseHasNoRoom_isRefused(start_postern):
    postern = start_postern(limited(23), POSTERN_WORKERS=2, POSTERN_POOL_SIZE=4, POSTERN_MAX_WORKERS=8)
    postern.process.send_signal(signal.SIGTTIN)
    wait_until(lambda: len(postern.ready_workers()) == 3, what="a third worker")

    postern.process.send_signal(signal.SIGTTIN)
    wait_until(lambda: "number of workers cannot be changed now" in postern.messages(), what="the refusal")
    assert line(postern, "number of workers cannot be changed now")["limit"] == "3"
    # A reload still finds the settings unchanged.
    postern.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reloaded" in postern.messages(), timeout=30, what="the reload")


@pytest.fixture
def configured(start_postern, tmp_path):
    """Two workers with a pool of 4 on a database that has room for them and no more, the settings in a file."""
    file = tmp_path / "postern.conf"
    file.write_text("POSTERN_WORKERS=2\nPOSTERN_POOL_SIZE=4\n")
    # Of those in the environment, which come first, a test's harness counts the workers by one.
    postern = start_postern(
        limited(18), until=None, POSTERN_WORKERS=None, POSTERN_MAX_WORKERS=8, POSTERN_CONFIG=file
    )
    wait_until(lambda: len(postern.ready_workers()) == 2, timeout=30, what="both workers being ready")
    return postern, file


def allow(postern, limit):
    """Changes the limit of `limited`."""
    url = postern.env["DATABASE_URL"]
    role = url.partition("user=")[2].partition("&")[0]
    psql(server_url(), f"alter role {role} connection limit {limit}")


def send(postern, number, message):
    """Sends a signal, and returns what the log says of it."""
    before = postern.messages().count(message)
    postern.process.send_signal(number)
    wait_until(lambda: postern.messages().count(message) > before, timeout=40, what=message)
    return [line for line in postern.log_lines() if line["msg"] == message][-1]


@pytest.mark.parametrize("settings", ["POSTERN_WORKERS=2\nPOSTERN_POOL_SIZE=8\n", "POSTERN_WORKERS=5\nPOSTERN_POOL_SIZE=4\n"])
def test_reload_whenTheDatabaseHasTooFewConnections_isRefused_untilItHasEnough(configured, settings):
    postern, file = configured
    before = postern.ready_workers()
    file.write_text(settings)

    reason = send(postern, signal.SIGHUP, "reload failed; the workers stay as they are")["reason"]
    assert "POSTERN_POOL_SIZE makes" in reason and "= 3" in reason and "has 18 at most" in reason
    assert postern.ready_workers() == before

    allow(postern, 33)
    send(postern, signal.SIGHUP, "reloaded")


def test_upgrade_whenTheDatabaseHasTooFewConnections_isRefused(configured):
    postern, file = configured
    before = postern.ready_workers()
    file.write_text("POSTERN_WORKERS=2\nPOSTERN_POOL_SIZE=8\n")

    assert "has 18 at most" in send(postern, signal.SIGUSR2, "upgrade failed")["reason"]
    assert postern.ready_workers() == before


def test_upgrade_withMoreWorkersThanTheDatabaseHasRoomFor_isRefused(configured):
    postern, _ = configured
    allow(postern, 23)
    send(postern, signal.SIGHUP, "reloaded")
    send(postern, signal.SIGTTIN, "number of workers changed")
    allow(postern, 18)
    assert "room for 2 workers, and there are 3" in send(postern, signal.SIGUSR2, "upgrade failed")["reason"]


def test_reload_countsAnewHowManyWorkersThereMayBe_andAnUpgradeKeepsIt(configured):
    postern, file = configured
    assert send(postern, signal.SIGTTIN, "number of workers cannot be changed now")["limit"] == "2"

    # A smaller pool leaves room for another worker, and so does a larger database.
    file.write_text("POSTERN_WORKERS=2\nPOSTERN_POOL_SIZE=2\n")
    send(postern, signal.SIGHUP, "reloaded")
    send(postern, signal.SIGTTIN, "number of workers changed")
    send(postern, signal.SIGTTIN, "number of workers changed")
    assert send(postern, signal.SIGTTIN, "number of workers cannot be changed now")["limit"] == "4"

    send(postern, signal.SIGUSR2, "upgraded")
    assert send(postern, signal.SIGTTIN, "number of workers cannot be changed now")["limit"] == "4"


def test_serve_behindAPooler_countsOnly(start_postern):
    postern = start_postern(limited(17), POSTERN_WORKERS=2, POSTERN_POOL_SIZE=4, POSTERN_PREPARED_STATEMENTS="off")
    assert line(postern, "connections to the pooler")["needed"] == "18"


def test_serve_whenTheDatabaseTakesConnectionsAndSaysNothing_startsAfterAWhile(start_postern):
    proxy = TCPProxy("/nowhere")
    proxy.drop()
    try:
        url = f"postgresql://postern@127.0.0.1:{proxy.port}/x?sslmode=disable&gssencmode=disable"
        postern = start_postern(url, until="/livez")
        assert "database not reached" in postern.log
        wait_until(lambda: postern.get("/readyz").status_code == 503, what="not being ready")
    finally:
        proxy.close()


def test_serve_withAConnectionStringThatIsNone_refuses():
    postern = Postern("postgresql://postern:s3cret@[::1/x")
    postern.start(until=None)
    try:
        assert postern.process.wait(timeout=30) == 64
        assert "DATABASE_URL" in postern.log and "s3cret" not in postern.log
    finally:
        postern.end()
