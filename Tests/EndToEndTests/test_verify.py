"""What gateways ask: directly, and nginx in front of a service that knows nothing of Postern, from the shipped
configuration with only its ports changed."""

import os
import pathlib
import subprocess

import pytest
import requests

from support.backend import Backend, executable
from support.caller import bad_fields, refusal
from support.ports import free_port
from support.wait import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERIFY = "/api/v1/auth/verify"
IDENTITY = ("X-Postern-User-Id", "X-Postern-Credential", "X-Postern-Roles", "X-Postern-Permissions")


def test_verify_saysWhoIsCalling(world):
    person = world.person("users:read", "roles:read")
    answer = person.get(VERIFY)

    assert answer.status_code == 200
    assert [answer.headers[name] for name in IDENTITY] == [
        person.id, "access_token", ",".join(sorted(person.roles)), "roles:read,users:read"
    ]
    assert answer.json() == {
        "user_id": person.id, "credential": "access_token", "roles": sorted(person.roles),
        "permissions": ["roles:read", "users:read"],
    }


def test_verify_ofAKey_saysWhatTheKeyMay_andHasEveryFieldBeItEmpty(world):
    answer = world.keyholder().get(VERIFY)

    assert answer.status_code == 200
    assert [answer.headers[name] for name in IDENTITY] == [world.admin.id, "api_key", "", ""]


@pytest.mark.parametrize(
    "query, status",
    [
        ("permission=users:read", 200), ("role=user", 200), ("permission=users:read&role=user", 200),
        ("permission=users:write", 403), ("role=admin", 403), ("permission=users:write&role=user", 403),
        ("permission=users:read&role=admin", 403), ("permission=nobody:has", 403),
    ],
)
def test_verify_asksForRoleAndPermission(world, verified, query, status):
    assert verified.get(f"{VERIFY}?{query}").status_code == status


@pytest.mark.parametrize(
    "query, field",
    [
        ("permission=*", "permission"), ("permission=users:*", "permission"), ("permission=a:b,users:read", "permission"),
        ("permission=users:read&permission=users:write", "permission"), ("role=Admin", "role"), ("role=", "role"),
        ("rd=https://evil.example", "rd"),
    ],
)
def test_verify_whenTheQuestionIsNone_is422(world, verified, query, field):
    answer = verified.get(f"{VERIFY}?{query}")

    assert refusal(answer) == (422, "validation_failed") and bad_fields(answer).keys() == {field}


@pytest.mark.parametrize("name", ["X-Forwarded-Uri", "X-Forwarded-Method", "X-Original-URL", "User-Agent"])
def test_verify_isNotTalkedIntoAnything(world, name):
    assert world.nobody.get(VERIFY, headers={name: "/livez"}).status_code == 401


def test_verify_whenTheListsAreLong_leavesThemToTheBody(world):
    many = [world.permission()["name"] for _ in range(100)]
    answer = world.keyholder(*many).get(VERIFY)

    assert answer.headers["X-Postern-Permissions"] == ""
    assert answer.json()["permissions"] == sorted(many)


@pytest.fixture(scope="module")
def verified(world):
    return world.person("users:read")


@pytest.fixture(scope="module")
def gateway(world, tmp_path_factory):
    backend, folder, port = Backend(), tmp_path_factory.mktemp("gateway"), free_port()
    folder.chmod(0o755)  # nginx's workers are not root when its master is.
    site = (ROOT / "deploy/nginx/gateway.conf").read_text()
    for shipped, here in (
        ("listen 81;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:8080", f"127.0.0.1:{world.server.port}"),
        ("127.0.0.1:9000", f"127.0.0.1:{backend.port}"),
        ("reports:read", "users:read"),
    ):
        assert site.count(shipped) == 1
        site = site.replace(shipped, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}{site} }}\n"
    )
    command = [executable("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "nginx.log").open("w") as log:
        process = subprocess.Popen(command, env=dict(os.environ), stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(url), timeout=15, what="nginx")
    yield url, backend
    process.terminate()
    process.wait(timeout=10)
    backend.end()


def answers(url):
    try:
        return requests.get(url, timeout=5).status_code == 401
    except requests.ConnectionError:
        return False


def test_gateway_letsThroughWhoIsKnown_andSaysWhoItIs(verified, gateway):
    url, _ = gateway
    forged = {name: "forged" for name in IDENTITY} | {"X_Postern_User_Id": "forged"}
    seen = requests.post(f"{url}/x", data=b"body", headers=verified.headers | forged, timeout=10)

    assert seen.status_code == 200
    headers = seen.json()
    assert headers["x-postern-user-id"] == [verified.id]
    assert headers["x-postern-permissions"] == ["users:read"]
    assert "authorization" not in headers and "forged" not in str(headers)


def test_gateway_keepsOutWhoIsNot(world, gateway):
    url, backend = gateway
    before = len(backend.attempts)

    assert requests.get(f"{url}/x", timeout=10).status_code == 401
    assert requests.get(f"{url}/x", headers={"X-API-Key": "pst_" + "A" * 38}, timeout=10).status_code == 401
    assert requests.get(f"{url}/reports/x", headers=world.person().headers, timeout=10).status_code == 403
    assert len(backend.attempts) == before


def test_gateway_asksForThePermission(verified, gateway):
    url, _ = gateway

    assert requests.get(f"{url}/reports/x", headers=verified.headers, timeout=10).status_code == 200
