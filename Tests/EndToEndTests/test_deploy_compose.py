"""The files of deploy/ that no server runs in the tests: they must at least be well formed and hold no secret."""

import ipaddress
import pathlib
import re
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose():
    return YAML(typ="safe").load(COMPOSE_FILE)


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def test_compose_file_matches_the_compose_specification():
    result = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_compose_postern_starts_only_after_the_migrations_succeeded(services):
    assert services["postern"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["restart"] == "no"
    assert services["haproxy"]["depends_on"]["postern"] == {"condition": "service_healthy"}


def test_compose_publishes_only_the_load_balancer(services):
    assert [name for name, service in services.items() if "ports" in service] == ["haproxy"]


def test_compose_postern_trusts_the_load_balancer_and_nobody_else(compose, services):
    [(network, settings)] = services["haproxy"]["networks"].items()
    [pool] = compose["networks"][network]["ipam"]["config"]
    address, subnet = ipaddress.ip_address(settings["ipv4_address"]), ipaddress.ip_network(pool["subnet"])

    assert services["postern"]["environment"]["POSTERN_TRUSTED_PROXIES"] == str(address)
    assert network in services["postern"]["networks"]
    # Docker gives the first addresses away, to the bridge and to whoever starts first.
    assert address in subnet and int(address) - int(subnet.network_address) > 8


@pytest.mark.parametrize("name", ["POSTERN_SECRET", "POSTGRES_PASSWORD"])
def test_compose_has_no_default_secret(name):
    assert re.findall(rf"\$\{{{name}:?-", COMPOSE_FILE.read_text()) == []
    assert f"\n{name}=\n" in (ROOT / "deploy/env.example").read_text()


def test_compose_uses_only_files_that_exist(services):
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).is_file(), source
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file()


def test_dockerfile_runs_as_an_ordinary_user():
    final_stage = (ROOT / "deploy/Dockerfile").read_text().rpartition("\nFROM ")[2]

    users = re.findall(r"^USER (\d+):(\d+)$", final_stage, re.MULTILINE)

    assert users and all(int(number) >= 1000 for number in users[-1])
