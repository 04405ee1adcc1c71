"""API keys as administrators and programs handle them: for others, with grants, rotated, and never shown again."""

import datetime
import re
import socket

import pytest

from support.caller import bad_fields, refusal
from support.keys import with_a_wrong_checksum, with_another_secret, with_checksum
from support.wait import wait_until
from support.world import KEYS, USERS

SHOWN = "id owner_id name prefix last_four roles permissions created_at expires_at last_used_at use_count".split()


def me(world, secret):
    """The status that a key gets now; through a new connection, so through any worker."""
    return world.caller(key=secret).get(f"{USERS}/me").status_code


def instant(text):
    return datetime.datetime.fromisoformat(text)


def without_request_id(answer):
    return {name: value for name, value in answer.json().items() if name != "request_id"}


# Making, showing, changing


def test_create_forSomebodyElse_isTheManagersAlone(world):
    victim, plain_user = world.user(), world.person()
    manager = world.person("api_keys:manage")

    made = manager.made(KEYS, {"name": "for you", "owner_id": victim["id"]})

    assert sorted(made) == sorted([*SHOWN, "key"]) and made["owner_id"] == victim["id"]
    assert world.caller(key=made["key"]).shown(f"{USERS}/me")["id"] == victim["id"]
    body = {"name": "x", "owner_id": victim["id"]}
    assert refusal(plain_user.post(KEYS, json=body)) == (403, "forbidden")
    assert refusal(world.nobody.post(KEYS, json=body)) == (401, "unauthenticated")
    assert plain_user.made(KEYS, {"name": "mine", "owner_id": plain_user.id})["owner_id"] == plain_user.id


def test_create_forAUserWhoIsNone_is422(world):
    for owner in ("00000000-0000-0000-0000-000000000000", "x", 7, world.role_id("admin")):
        assert bad_fields(world.admin.post(KEYS, json={"name": "x", "owner_id": owner})).keys() == {"owner_id"}


def test_create_byAKey_isForItsOwnerWhenItMayManage(world):
    manager = world.keyholder("api_keys:manage", "users:read")

    assert manager.made(KEYS, {"name": "x", "permissions": ["users:read"]})["owner_id"] == world.admin.id
    assert refusal(manager.post(KEYS, json={"name": "x", "roles": ["admin"]})) == (403, "grant_exceeds_own")
    assert refusal(manager.post(KEYS, json={"name": "x", "permissions": ["users:write"]})) == (403, "grant_exceeds_own")
    assert refusal(world.keyholder("users:read").post(KEYS, json={"name": "x"})) == (403, "forbidden")


def test_list_showsOnesOwnAndToManagersEveryones(world):
    one, other, manager = world.person(), world.person(), world.person("api_keys:manage")
    mine = one.made(KEYS, {"name": "mine"})["id"]
    yours = other.made(KEYS, {"name": "yours"})["id"]

    assert [key["id"] for key in one.all(KEYS)] == [mine]
    assert [key["id"] for key in one.all(KEYS, owner_id=one.id)] == [mine]
    assert refusal(one.get(KEYS, params={"owner_id": other.id})) == (403, "forbidden")
    assert {mine, yours} <= {key["id"] for key in manager.all(KEYS)}
    assert [key["id"] for key in manager.all(KEYS, owner_id=other.id)] == [yours]


def test_change_writesWhatIsNamedAlone(world):
    owner = world.person("users:read", "roles:read")
    made = owner.made(KEYS, {"name": "before", "permissions": ["users:read"], "expires_at": "2099-01-01T00:00:00Z"})
    path, secret = f"{KEYS}/{made['id']}", made.pop("key")

    assert owner.patch(path, json={"name": "after"}).json() == made | {"name": "after"}
    assert owner.patch(path, json={"permissions": ["roles:read"]}).json()["permissions"] == ["roles:read"]
    assert world.caller(key=secret).get(USERS).status_code == 403
    assert world.caller(key=secret).get("/api/v1/roles").status_code == 200
    assert owner.patch(path, json={"expires_at": None}).json()["expires_at"] is None


@pytest.mark.parametrize(
    "body, answer",
    [
        ({"owner_id": "00000000-0000-0000-0000-000000000000"}, {"owner_id": "unknown"}),
        ({"key": "pst_x"}, {"key": "unknown"}),
        ({"rate_limit": 1_000_000}, {"rate_limit": "unknown"}),
        ({"last_used_at": None}, {"last_used_at": "unknown"}),
        ({"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "in_past"}),
        ({"permissions": ["users:read"]}, (403, "grant_exceeds_own")),
        ({"roles": ["admin"]}, (403, "grant_exceeds_own")),
    ],
    ids=str,
)
def test_change_whenItWouldGiveMore_isRefused(world, body, answer):
    owner = world.person()
    made = owner.made(KEYS, {"name": "key"})
    before = world.contents()

    got = owner.patch(f"{KEYS}/{made['id']}", json=body)

    assert (bad_fields(got) if isinstance(answer, dict) else refusal(got)) == answer
    assert world.contents() == before


def test_expiredKey_isNotBroughtBack(world):
    made = world.key()
    world.use_up_life(made["id"])
    path = f"{KEYS}/{made['id']}"

    for expiry in ("2099-01-01T00:00:00Z", None):
        assert bad_fields(world.admin.patch(path, json={"expires_at": expiry})) == {"expires_at": "expired"}
    assert refusal(world.admin.post(f"{path}/rotate")) == (409, "conflict")
    assert me(world, made["key"]) == 401


# Rotation


def test_rotate_givesANewKeyInPlaceOfTheOld(world):
    owner = world.person("users:read")
    old = owner.made(KEYS, {"name": "deploy", "permissions": ["users:read"]})

    answer = owner.post(f"{KEYS}/{old['id']}/rotate")

    new = answer.json()
    assert answer.status_code == 201 and answer.headers["Location"] == f"{KEYS}/{new['id']}"
    same = ("name", "owner_id", "roles", "permissions", "expires_at")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert new["id"] != old["id"] and new["key"] != old["key"]
    assert [me(world, old["key"]) for _ in range(8)] == [401] * 8
    assert world.caller(key=new["key"]).get(USERS).status_code == 200
    assert owner.get(f"{KEYS}/{old['id']}").status_code == 404


def test_rotate_withAnOverlap_letsBothWorkUntilTheSetInstant(world):
    old = world.key()

    new = world.admin.made(f"{KEYS}/{old['id']}/rotate", {"overlap_seconds": 2})

    end = instant(world.admin.shown(f"{KEYS}/{old['id']}")["expires_at"])
    assert 1.9 < (end - instant(new["created_at"])).total_seconds() < 2.1
    assert (me(world, old["key"]), me(world, new["key"])) == (200, 200)
    wait_until(lambda: me(world, old["key"]) == 401, timeout=10, what="the end of the old key")
    assert datetime.datetime.now(datetime.timezone.utc) >= end
    assert [me(world, old["key"]) for _ in range(4)] == [401] * 4
    assert me(world, new["key"]) == 200


def test_rotate_keepsTheLifetimeUnlessToldOtherwise(world):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=10)
    old = world.key(expires_at=soon.isoformat())

    new = world.admin.made(f"{KEYS}/{old['id']}/rotate", {"overlap_seconds": 60})
    told = world.admin.made(f"{KEYS}/{new['id']}/rotate", {"expires_at": "2099-01-01T00:00:00Z"})
    forever = world.admin.made(f"{KEYS}/{told['id']}/rotate", {"expires_at": None})

    def life(key):
        return instant(key["expires_at"]) - instant(key["created_at"])

    assert abs(life(new) - life(old)) < datetime.timedelta(seconds=1)
    assert instant(told["expires_at"]) == instant("2099-01-01T00:00:00Z") and forever["expires_at"] is None


def test_rotate_neverLengthensTheOldKey(world):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=600)
    old = world.key(expires_at=soon.isoformat())

    world.admin.made(f"{KEYS}/{old['id']}/rotate", {"overlap_seconds": 2_592_000})

    assert world.admin.shown(f"{KEYS}/{old['id']}")["expires_at"] == old["expires_at"]


@pytest.mark.parametrize("overlap", [-1, 2_592_001, 1.5, "60", None, True, 2**63])
def test_rotate_whenTheOverlapIsNone_is422(world, overlap):
    answer = world.admin.post(f"{KEYS}/{world.key()['id']}/rotate", json={"overlap_seconds": overlap})

    assert bad_fields(answer).keys() == {"overlap_seconds"}


# Nothing shows a key again


def test_key_isShownNowhereAgain(world):
    owner = world.person("users:read")
    made = owner.made(KEYS, {"name": "secretive"}, headers={"Idempotency-Key": world.name("once")})
    rotated = owner.made(f"{KEYS}/{made['id']}/rotate", {"overlap_seconds": 60})

    shown = [
        caller.get(path).text
        for caller in (owner, world.admin)
        for path in (KEYS, f"{KEYS}?owner_id={owner.id}", f"{KEYS}/{made['id']}", f"{KEYS}/{rotated['id']}",
                     f"{USERS}/{owner.id}", USERS, f"{USERS}/me")
    ]
    shown.append(owner.patch(f"{KEYS}/{rotated['id']}", json={"name": "renamed"}).text)
    shown += [world.caller(key=key["key"]).get(path).text
              for key in (made, rotated) for path in (f"{USERS}/me", "/api/v1/examples/api-key-only")]
    tables = [name for [name] in world.database.query("select tablename from pg_tables where schemaname = 'public'")]
    stored = "".join(str(world.database.query(f"select t::text from {table} t")) for table in tables)

    for key in (made["key"], rotated["key"]):
        secret = key.removeprefix("pst_")
        assert not [text for text in shown if secret[:8] in text]
        assert secret[:8] not in stored and secret[:8].encode().hex() not in stored
        assert any(key[-4:] in text for text in shown)


# What is no key


def test_refusal_isTheSameWhateverIsWrongWithTheKey(world):
    revoked, expired, working = world.key(), world.key(), world.key()
    world.admin.delete(f"{KEYS}/{revoked['id']}")
    world.use_up_life(expired["id"])
    owner = world.user()
    orphan = world.key(owner_id=owner["id"])
    world.admin.patch(f"{USERS}/{owner['id']}", json={"is_active": False})
    keys = [
        revoked["key"], expired["key"], orphan["key"], with_another_secret(working["key"]),
        with_a_wrong_checksum(working["key"]), "pst_", "x",
    ]

    answers = [world.caller(key=key).get(f"{USERS}/me") for key in keys]

    assert {answer.status_code for answer in answers} == {401}
    assert all(without_request_id(answer) == without_request_id(answers[0]) for answer in answers)
    headers = [{name for name in answer.headers} for answer in answers]
    assert all(names == headers[0] for names in headers)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: f"{key} x", lambda key: key.replace("_", "_ "), lambda key: f"Bearer {key}", lambda key: f'"{key}"',
        lambda key: key.upper(), lambda key: key.replace("pst", "p\u0455t"), lambda key: key + "\u200b",
        lambda key: f"{key},{key}", lambda key: key + "=", lambda key: "pst_" + key, lambda key: key + "\t\u00a0",
        lambda key: with_checksum("pst_" + "A" * 32), lambda key: with_checksum("pst_" + key[4:20]),
    ],
)
def test_key_whenItIsSpoilt_isRefused(world, spoil):
    key = spoil(world.key()["key"])

    assert world.server.get(f"{USERS}/me", key=key.encode()).status_code == 401


def test_key_inAnotherPlace_isNone(world):
    key = world.key(roles=["admin"])["key"]

    for path, headers in [
        (f"{USERS}/me?key={key}", {}), (f"{USERS}/me?api_key={key}", {}), (f"{USERS}/me?X-API-Key={key}", {}),
        (f"{USERS}/{key}", {}), (f"{KEYS}/{key}", {}), (USERS, {"Referer": f"https://example.com/?k={key}"}),
        (USERS, {"Cookie": f"X-API-Key={key}"}), (USERS, {"Api-Key": key}), (USERS, {"X_API_Key": key}),
        (USERS, {"Authorization": f"Bearer {key}"}), (USERS, {"Authorization": f"Bearer Bearer {key}"}),
        (USERS, {"Authorization": f"ApiKey {key}"}), (USERS, {"Authorization": key}),
        (USERS, {"Authorization": f"Basic {key}"}), (USERS, {"User-Agent": key}),
    ]:
        assert world.nobody.get(path, headers=headers).status_code == 401, (path, headers)
        # With a credential, the place is still none: what is logged of the request must not hold it.
        world.admin.get(path, headers={name: value for name, value in headers.items() if name != "Authorization"})
    assert not re.search(r"pst_[0-9A-Za-z]{38}", world.server.log)


def test_key_withALineBreak_isRefused(world):
    key = world.key()["key"]

    for text in (f"{key}\r\n x", f"{key[:10]}\r\n {key[10:]}", f"{key}\n", f"{key}\0"):
        with socket.create_connection(("127.0.0.1", world.server.port), timeout=10) as connection:
            connection.sendall(
                f"GET {USERS}/me HTTP/1.1\r\nHost: x\r\nX-API-Key: {text}\r\nConnection: close\r\n\r\n".encode()
            )
            status = connection.makefile("rb").readline().split()[1]
        assert status in (b"400", b"401"), text
