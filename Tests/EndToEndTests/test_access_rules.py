"""Who may call what: each example endpoint with each kind of caller."""

import pytest

from support.wait import wait_until


@pytest.fixture(scope="module")
def callers(installation):
    server = installation.server
    user = installation.sign_in()["access_token"]
    admin = installation.administrator_token()

    def key(token, **body):
        answer = server.post("/api/v1/api-keys", token=token, json={"name": "test"} | body)
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    return {
        "nobody": {},
        "user token": {"token": user},
        "admin token": {"token": admin},
        "user key": {"key": key(user)},
        "admin key": {"key": key(admin, roles=["admin"])},
        "reader key": {"key": key(admin, permissions=["users:read"])},
        "bare key of an admin": {"key": key(admin)},
    }


EXPECTED = {
    #                       public jwt-only api-key-only either-auth admin-only users-read
    "nobody":               (200, 401, 401, 401, 401, 401),
    "user token":           (200, 200, 401, 200, 403, 403),
    "admin token":          (200, 200, 401, 200, 200, 200),
    "user key":             (200, 401, 200, 200, 403, 403),
    "admin key":            (200, 401, 200, 200, 200, 200),
    "reader key":           (200, 401, 200, 200, 403, 200),
    "bare key of an admin": (200, 401, 200, 200, 403, 403),
}
ENDPOINTS = ("public", "jwt-only", "api-key-only", "either-auth", "admin-only", "users-read")


@pytest.mark.parametrize("caller", EXPECTED)
def test_examples_letInWhomTheyShould(postern, callers, caller):
    got = tuple(postern.get(f"/api/v1/examples/{name}", **callers[caller]).status_code for name in ENDPOINTS)

    assert got == EXPECTED[caller]


def test_refusal_namesWhatIsMissing(postern, callers):
    answer = postern.get("/api/v1/examples/users-read", **callers["user token"])

    assert answer.json()["code"] == "forbidden"
    assert "users:read" in answer.json()["detail"]


def test_twoCredentialsAtOnce_are400(postern, callers):
    both = callers["user token"] | callers["admin key"]

    answer = postern.get("/api/v1/examples/either-auth", **both)

    assert answer.status_code == 400 and answer.json()["code"] == "malformed"


def test_key_losesWhatItsOwnerLoses(installation):
    server, database = installation.server, installation.database
    token = installation.sign_in("grace@example.com")["access_token"]
    grant = "from users u, roles r where u.email = 'grace@example.com' and r.name = 'admin'"
    database.query(f"insert into user_roles (user_id, role_id, created_at) select u.id, r.id, now() {grant}")
    key = server.post("/api/v1/api-keys", token=token, json={"name": "k", "roles": ["admin"]}).json()["key"]
    assert server.get("/api/v1/examples/admin-only", key=key).status_code == 200

    database.query(
        "delete from user_roles using users u, roles r where user_id = u.id and role_id = r.id"
        " and u.email = 'grace@example.com' and r.name = 'admin'"
    )
    wait_until(lambda: server.get("/api/v1/examples/admin-only", key=key).status_code == 403, what="the loss of the role")

    database.query("update users set is_active = false where email = 'grace@example.com'")
    try:
        wait_until(lambda: server.get("/api/v1/examples/either-auth", key=key).status_code == 401, what="refusal")
    finally:
        database.query("update users set is_active = true where email = 'grace@example.com'")
