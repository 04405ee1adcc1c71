"""Bad settings stop the start with one clear line that never shows a value."""

import socket
import subprocess

import pytest

from support.database import Database
from support.ports import free_port
from support.postern import EXECUTABLE, clean_environment, new_secret


def serve(**settings):
    environment = {
        "DATABASE_URL": "postgresql:///nowhere?host=/nowhere",
        "POSTERN_SECRET": new_secret(),
        "POSTERN_LISTEN": f"127.0.0.1:{free_port()}",
        "POSTERN_ADMIN_LISTEN": "off",
    }
    return subprocess.run(
        [EXECUTABLE, "serve"],
        env=clean_environment(**(environment | settings)),
        capture_output=True, text=True, timeout=30,
    )


@pytest.mark.parametrize(
    "settings, key",
    [
        ({"POSTERN_WROKERS": "3"}, "POSTERN_WROKERS"),
        ({"POSTERN_WORKERS": "many-of-them"}, "POSTERN_WORKERS"),
        ({"POSTERN_WORKERS": "0"}, "POSTERN_WORKERS"),
        ({"POSTERN_POOL_SIZE": "-1"}, "POSTERN_POOL_SIZE"),
        ({"POSTERN_SECRET": None}, "POSTERN_SECRET"),
        ({"POSTERN_SECRET": "c2hvcnQ="}, "POSTERN_SECRET"),
        ({"POSTERN_SECRET": "not-base64-at-all-but-long-enough-to-be-one!"}, "POSTERN_SECRET"),
        ({"POSTERN_SECRET": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "POSTERN_SECRET"),
        ({"POSTERN_SECRET": None, "POSTERN_SECRET_FILE": "/nowhere/secret"}, "POSTERN_SECRET_FILE"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"POSTERN_LISTEN": "everywhere"}, "POSTERN_LISTEN"),
        ({"POSTERN_ADMIN_LISTEN": "nowhere"}, "POSTERN_ADMIN_LISTEN"),
        ({"POSTERN_LISTEN": "0.0.0.0:8080"}, "POSTERN_PUBLIC_URL"),
        ({"POSTERN_PUBLIC_URL": "http://id.example.com"}, "POSTERN_PUBLIC_URL"),
        ({"POSTERN_PUBLIC_URL": "https://id.example.com/"}, "POSTERN_PUBLIC_URL"),
        ({"POSTERN_ACCESS_TOKEN_TTL": "half an hour"}, "POSTERN_ACCESS_TOKEN_TTL"),
        ({"POSTERN_API_KEY_PREFIX": "no_underscore"}, "POSTERN_API_KEY_PREFIX"),
        ({"POSTERN_TRUSTED_PROXIES": "10.0.0.0/8,0.0.0.0/0"}, "POSTERN_TRUSTED_PROXIES"),
        ({"POSTERN_TRUSTED_PROXIES": "::/0"}, "POSTERN_TRUSTED_PROXIES"),
        ({"POSTERN_TRUSTED_PROXIES": "10.0.0.1/8"}, "POSTERN_TRUSTED_PROXIES"),
        ({"POSTERN_TRUSTED_PROXIES": "proxy.example.com"}, "POSTERN_TRUSTED_PROXIES"),
        ({"POSTERN_RATE_LIMIT_ADDRESS": "plenty"}, "POSTERN_RATE_LIMIT_ADDRESS"),
        ({"POSTERN_RATE_LIMIT_CREDENTIAL": "100"}, "POSTERN_RATE_LIMIT_CREDENTIAL"),
        ({"POSTERN_RATE_LIMIT_FAILED": "0/m"}, "POSTERN_RATE_LIMIT_FAILED"),
        ({"POSTERN_RATE_LIMIT_FAILED": "-60/m"}, "POSTERN_RATE_LIMIT_FAILED"),
        ({"POSTERN_RATE_LIMIT_SIGN_IN": "30/week"}, "POSTERN_RATE_LIMIT_SIGN_IN"),
        ({"POSTERN_LOG_LEVEL": "loudest"}, "POSTERN_LOG_LEVEL"),
        ({"POSTERN_OIDC_CORP_ISSUER": "https://idp.example.com"}, "POSTERN_OIDC_CORP_CLIENT_ID"),
        ({"POSTERN_OIDC_CORP_ISSUER": "ftp://idp.example", "POSTERN_OIDC_CORP_CLIENT_ID": "x"}, "POSTERN_OIDC_CORP_ISSUER"),
        ({"POSTERN_OIDC_CORP_ISSUER": "http://idp.example", "POSTERN_OIDC_CORP_CLIENT_ID": "x"}, "POSTERN_OIDC_CORP_ISSUER"),
        ({"POSTERN_GOOGLE_CLIENT_ID": "x"}, "POSTERN_GOOGLE_CLIENT_SECRET"),
        ({"POSTERN_CONFIG": "/nowhere/postern.conf"}, "POSTERN_CONFIG"),
    ],
)
def test_serve_whenASettingIsBad_exits64WithOneLine(settings, key):
    done = serve(**settings)

    assert done.returncode == 64, done
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line]
    assert len(lines) == 1 and key in lines[0], lines
    for value in settings.values():
        assert value is None or len(value) < 4 or value not in lines[0]


@pytest.mark.parametrize(
    "command, key",
    [
        (["migrate", "status"], "DATABASE_URL"),
        (["migrate", "up", "--wait", "60s"], "POSTERN_MIGRATION_DATABASE_URL"),
        (["users", "list"], "DATABASE_URL"),
        (["bootstrap", "--email", "ada@example.com"], "DATABASE_URL"),
        (["serve"], "DATABASE_URL"),
        (["dev"], "DATABASE_URL"),
        (["dev"], "POSTERN_MIGRATION_DATABASE_URL"),
    ],
)
def test_commands_whenAConnectionStringIsNone_exit64AndNameTheSetting(command, key, tmp_path):
    settings = {
        "DATABASE_URL": "postgresql:///nowhere?host=/nowhere",
        "POSTERN_SECRET": new_secret(),
        # Nothing asks the database how many connections a pooler has.
        "POSTERN_PREPARED_STATEMENTS": "off",
        key: "postgresql://postern:s3cret@[::1/x",
    }
    if command == ["dev"]:
        command = [*command, "--directory", tmp_path]
    done = subprocess.run(
        [EXECUTABLE, *command], env=clean_environment(**settings), capture_output=True, text=True, timeout=30
    )

    assert done.returncode == 64 and done.stdout == "", done
    line = done.stderr.splitlines()[-1]
    assert line == f"postern: {key} must be a URI, or keywords and values, as libpq reads it"
    assert "s3cret" not in done.stderr


def test_serve_whenASettingIsMistyped_saysWhichWasMeant():
    assert "did you mean POSTERN_WORKERS?" in serve(POSTERN_WROKERS="3").stderr


def test_serve_whenTheAddressIsTaken_exits1WithOneLine():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve(POSTERN_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "in use" in done.stderr.lower()


def test_serve_whenTheAddressIsNotOurs_exits1WithOneLine():
    done = serve(POSTERN_LISTEN="203.0.113.1:8080", POSTERN_PUBLIC_URL="https://id.example.com")

    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1


def test_serve_whenTheSecretIsAnotherOne_refusesAndMakesNoNewKey(start_postern):
    database = Database.migrated()
    start_postern(database.url).stop()
    assert database.value("select count(*) from signing_keys") == "1"

    other = start_postern(database.url, until=None)

    assert other.process.wait(timeout=30) == 64
    assert "POSTERN_SECRET" in other.log
    assert database.value("select count(*) from signing_keys") == "1"


def test_settings_fromAFile_areBelowTheEnvironment(start_postern, tmp_path):
    settings = tmp_path / "postern.conf"
    settings.write_text(f'# Postern\nPOSTERN_API_KEY_PREFIX = acme\nPOSTERN_SECRET="{new_secret()}"\nPOSTERN_WORKERS=3\n')

    postern = start_postern(POSTERN_CONFIG=settings, POSTERN_SECRET=None, POSTERN_WORKERS=1)

    assert postern.bootstrap()["api_key"].startswith("acme_")
    assert len(postern.workers()) == 1


def test_usage_whenWrong_exits2(tmp_path):
    for arguments in (["nonsense"], ["serve", "--nonsense"], ["migrate", "sideways"]):
        done = subprocess.run([EXECUTABLE, *arguments], capture_output=True, text=True, env=clean_environment())
        assert done.returncode == 2 and done.stdout == "" and done.stderr


def test_version_andHelp_areData():
    for flag in ("--version", "--help"):
        done = subprocess.run([EXECUTABLE, flag], capture_output=True, text=True, env=clean_environment())
        assert done.returncode == 0 and done.stdout and done.stderr == ""
