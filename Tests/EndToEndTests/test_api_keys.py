"""The life of API keys, and what is not a key."""

import re

import pytest

from support.database import Database, server_url
from support.tcp_proxy import TCPProxy
from support.wait import wait_until


@pytest.fixture(scope="module")
def token(installation):
    return installation.sign_in()["access_token"]


def create(postern, token, **body):
    answer = postern.post("/api/v1/api-keys", token=token, json={"name": "deploy"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_key_hasTheDocumentedFormAndIsShownOnce(installation, token):
    postern = installation.server
    created = create(postern, token, name="ci")

    assert re.fullmatch(r"pst_[0-9A-Za-z]{38}", created["key"])
    assert created["last_four"] == created["key"][-4:] and created["prefix"] == "pst"
    assert created["expires_at"] is None and created["last_used_at"] is None
    shown = postern.get(f"/api/v1/api-keys/{created['id']}", token=token)
    assert shown.json() == {name: value for name, value in created.items() if name != "key"}
    assert created["key"] not in postern.get("/api/v1/api-keys", token=token).text
    assert created["key"] not in str(installation.database.query("select * from api_keys"))


def test_key_afterDelete_isRefusedEverywhere(postern, token):
    created = create(postern, token)
    assert postern.get("/api/v1/users/me", key=created["key"]).status_code == 200

    answer = postern.delete(f"/api/v1/api-keys/{created['id']}", token=token)

    assert answer.status_code == 204 and answer.content == b""
    wait_until(
        lambda: {postern.get("/api/v1/users/me", key=created["key"]).status_code for _ in range(10)} == {401},
        what="refusal by all workers",
    )
    assert postern.get(f"/api/v1/api-keys/{created['id']}", token=token).status_code == 404
    assert postern.delete(f"/api/v1/api-keys/{created['id']}", token=token).status_code == 404


def test_key_ofSomebodyElse_doesNotExist(installation, postern, token):
    other = create(postern, installation.administrator_token())

    assert postern.get(f"/api/v1/api-keys/{other['id']}", token=token).status_code == 404
    assert postern.delete(f"/api/v1/api-keys/{other['id']}", token=token).status_code == 404
    assert postern.get("/api/v1/users/me", key=other["key"]).status_code == 200


@pytest.mark.parametrize("id", ["x", "1", "00000000-0000-0000-0000-000000000000", "%27%20or%201=1", "..%2fusers"])
def test_key_whenTheIdIsNone_is404(postern, token, id):
    assert postern.delete(f"/api/v1/api-keys/{id}", token=token).status_code == 404


def test_create_whenTheOwnerLacksTheGrant_is403(postern, token):
    for grants in ({"roles": ["admin"]}, {"permissions": ["users:read"]}, {"roles": ["no-such-role"]}):
        answer = postern.post("/api/v1/api-keys", token=token, json={"name": "x"} | grants)
        assert answer.status_code == 403 and answer.json()["code"] == "grant_exceeds_own", grants


def test_create_withAKeyThatMayNotManageKeys_is403(postern, token):
    key = create(postern, token)["key"]

    answer = postern.post("/api/v1/api-keys", key=key, json={"name": "x"})

    assert answer.status_code == 403 and answer.json()["code"] == "forbidden"


def test_create_namesEveryBadField(postern, token):
    answer = postern.post(
        "/api/v1/api-keys",
        token=token,
        json={"name": "", "roles": ["admin", 7], "expires_at": "tomorrow", "owner_id": "me"},
    )

    problem = answer.json()
    assert answer.status_code == 422 and problem["code"] == "validation_failed"
    assert {(error["field"], error["code"]) for error in problem["errors"]} == {
        ("name", "too_short"), ("roles[1]", "wrong_type"), ("expires_at", "invalid"), ("owner_id", "invalid"),
    }


@pytest.mark.parametrize(
    "body, type, status",
    [
        (b'{"name":"x"', "application/json", 400),
        (b'{"name":"x","name":"y"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 413),
        (b"[" * 1000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"", "application/json", 400),
        (b'{"name":"x"}', "text/plain", 415),
        (b'{"name":"x"}', "application/json; charset=utf-16", 415),
        (b'{"name":"' + b"x" * 70_000 + b'"}', "application/json", 413),
    ],
)
def test_create_whenTheBodyIsNotAcceptable_saysWhy(postern, token, body, type, status):
    answer = postern.post("/api/v1/api-keys", token=token, data=body, headers={"Content-Type": type})

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_key_whenExpired_isRefused(installation, token):
    postern = installation.server
    assert postern.post(
        "/api/v1/api-keys", token=token, json={"name": "x", "expires_at": "2020-01-01T00:00:00Z"}
    ).status_code == 422
    created = create(postern, token, expires_at="2099-01-01T00:00:00Z")
    assert postern.get("/api/v1/users/me", key=created["key"]).status_code == 200

    installation.database.query(
        "update api_keys set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
        f" where id = '{created['id']}'"
    )

    wait_until(lambda: postern.get("/api/v1/users/me", key=created["key"]).status_code == 401, what="refusal")


def test_list_pagesNewestFirst(installation):
    postern = installation.server
    token = installation.sign_in("grace@example.com")["access_token"]
    made = [create(postern, token, name=f"key {number}")["id"] for number in range(5)]

    seen, cursor = [], ""
    while cursor is not None:
        page = postern.get(f"/api/v1/api-keys?limit=2{cursor and '&cursor=' + cursor}", token=token).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert seen == made[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=201", "limit=1&limit=2", "cursor=!", "x=1"])
def test_list_whenTheQueryIsWrong_is422(postern, token, query):
    assert postern.get(f"/api/v1/api-keys?{query}", token=token).status_code == 422


def test_lastUsed_isWrittenLater(installation, token):
    postern = installation.server
    created = create(postern, token)
    assert postern.get("/api/v1/users/me", key=created["key"]).status_code == 200

    wait_until(
        lambda: postern.get(f"/api/v1/api-keys/{created['id']}", token=token).json()["last_used_at"],
        timeout=20, what="last_used_at being written",
    )


def test_uses_areCounted_alsoThoseOfAWorkerThatStops(start_postern):
    database = Database.migrated()
    postern = start_postern(database.url)
    key = postern.bootstrap()["api_key"]
    uses = lambda: int(database.value("select use_count from api_keys"))
    for _ in range(30):
        assert postern.get("/api/v1/users/me", key=key).status_code == 200

    wait_until(lambda: uses() == 30, timeout=20, what="the uses being written")
    # Now the key pauses: what is counted here is due in a minute.
    for _ in range(12):
        assert postern.get("/api/v1/users/me", key=key).status_code == 200
    assert postern.stop() == 0

    assert uses() == 42


def mistyped(key):
    """Keys of the right form whose checksum is wrong."""
    return [key[:10] + ("A" if key[10] != "A" else "B") + key[11:], key[:-1] + ("A" if key[-1] != "A" else "B")]


def test_key_whenItIsNone_isRefusedWithOneSentence(postern, token):
    key = create(postern, token)["key"]
    bad = ["", "x", "pst_", key[:-1], key + "A", "abc" + key[3:], key.replace("_", "-"), "pst_" + "A" * 38, "é" * 42]

    answers = [postern.get("/api/v1/users/me", key=text.encode()) for text in bad + mistyped(key)]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_key_withABadChecksum_reachesNoSQL(start_postern):
    database = Database.migrated()
    folder = server_url().partition("host=")[2].partition("&")[0]
    proxy = TCPProxy(f"{folder}/.s.PGSQL.5432")
    try:
        postern = start_postern(
            f"postgresql://postern@127.0.0.1:{proxy.port}/{database.name}?sslmode=disable&gssencmode=disable",
            POSTERN_WORKERS=1,
        )
        key = postern.bootstrap()["api_key"]
        # Each connection gets a statement's text with its first use. The background work has statements of its own.
        look_up = b"k.secret_hash = $1"
        for text in mistyped(key) * 10:
            assert postern.get("/api/v1/users/me", key=text).status_code == 401
        assert look_up not in proxy.sent
        unknown = valid_key_nobody_has()
        assert postern.get("/api/v1/users/me", key=unknown).status_code == 401
        assert look_up in proxy.sent
    finally:
        proxy.close()


def valid_key_nobody_has():
    import zlib

    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    body = "pst_" + "Q" * 32
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = alphabet[rest] + digits
    return body + digits
