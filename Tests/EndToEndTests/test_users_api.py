"""Users: what administrators do to them, and what they do to themselves."""

import re

import pytest

from support.caller import bad_fields, refusal
from support.race import at_once
from support.wait import wait_until
from support.world import USERS

SETTINGS = {"POSTERN_WORKERS": 4}
PROFILE = "id email is_email_verified display_name is_active roles permissions created_at updated_at".split()


def test_create_answersWithTheUser(world):
    email = f"{world.name('new')}@example.com"

    answer = world.admin.post(USERS, json={"email": email, "display_name": "Ada Lovelace"})

    made = answer.json()
    assert answer.status_code == 201 and sorted(made) == sorted(PROFILE)
    assert answer.headers["Location"] == f"{USERS}/{made['id']}" and answer.headers["ETag"].startswith('"')
    assert made["email"] == email and made["display_name"] == "Ada Lovelace"
    assert (made["is_active"], made["is_email_verified"], made["roles"], made["permissions"]) == (
        True, False, ["user"], [],
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", made["created_at"])
    shown = world.admin.get(answer.headers["Location"])
    assert shown.json() == made and shown.headers["ETag"] == answer.headers["ETag"]


def test_create_takesEveryField(world):
    role = world.role("users:read")
    fields = {"is_active": False, "is_email_verified": True, "display_name": None, "roles": [role["name"], "user"]}

    made = world.user(**fields)

    assert {name: made[name] for name in fields} | {"roles": sorted(made["roles"])} == fields | {
        "roles": sorted(fields["roles"])
    }
    assert made["permissions"] == ["users:read"]


def test_create_withoutRoles_givesNone(world):
    assert world.user(roles=[])["roles"] == []


def test_create_whenARoleIsUnknown_is422AndCreatesNobody(world):
    email = f"{world.name('new')}@example.com"

    answer = world.admin.post(USERS, json={"email": email, "roles": ["user", "no-such-role"]})

    assert "roles" in bad_fields(answer)
    assert world.admin.shown(USERS, params={"q": email})["items"] == []


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda email: f"  {email}\t"])
def test_create_whenTheAddressIsTaken_is409InEverySpelling(world, spelling):
    email = world.user()["email"]

    assert refusal(world.admin.post(USERS, json={"email": spelling(email)})) == (409, "conflict")


@pytest.mark.parametrize(
    "email",
    [
        "", "ada", "@example.com", "ada@", "ada@localhost", "ada@@example.com", "ada@example..com", "ada@-example.com",
        "ada lovelace@example.com", "ada@example.com, eve@example.com", "ada\n@example.com", "ada\u0000@example.com",
        "ada\uff20example.com", "ad\u0131@example.com", "a\u0301da@example.com", "\u00e1da@example.com",
        "ada@ex\u0430mple.com", "\u202eada@example.com", "ada\u200b@example.com", '"ada"@example.com',
        "a" * 65 + "@example.com", "ada@" + "example." * 40 + "com", "<ada@example.com>", "ada@example.com\u0000",
    ],
    ids=ascii,
)
def test_create_whenTheAddressIsNone_is422(world, email):
    assert bad_fields(world.admin.post(USERS, json={"email": email})).keys() == {"email"}


def test_create_normalisesTheAddress(world):
    email = f"{world.name('Case')}@Example.COM"

    assert world.admin.made(USERS, {"email": f" {email} "})["email"] == email.lower()


def test_create_whenFiftyWantOneAddress_makesOneUser(world):
    email = f"{world.name('race')}@example.com"
    callers = [world.caller(token=world.admin.headers["Authorization"].split()[1]) for _ in range(50)]

    answers = at_once(*[
        lambda caller=caller, number=number: caller.post(
            USERS, json={"email": email.upper() if number % 2 else email}
        )
        for number, caller in enumerate(callers)
    ])

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert world.database.value(f"select count(*) from users where email = '{email}'") == "1"


def test_change_writesWhatIsNamedAlone(world):
    user = world.user(display_name="Ada", is_email_verified=True)

    changed = world.admin.patch(f"{USERS}/{user['id']}", json={"display_name": "Countess"})

    assert changed.status_code == 200
    assert changed.json() | {"updated_at": ""} == user | {"display_name": "Countess", "updated_at": ""}
    assert changed.json()["updated_at"] > user["updated_at"]
    assert world.admin.get(f"{USERS}/{user['id']}").json() == changed.json()


def test_change_clearsANameByNull(world):
    user = world.user(display_name="Ada")

    assert world.admin.patch(f"{USERS}/{user['id']}", json={"display_name": None}).json()["display_name"] is None


def test_change_ofTheAddress_isUnverifiedUnlessSaidOtherwise(world):
    user = world.user(is_email_verified=True)
    path = f"{USERS}/{user['id']}"

    def change(**body):
        return world.admin.patch(path, json=body).json()["is_email_verified"]

    assert change(email=user["email"].upper()) is True
    assert change(email=f"{world.name('moved')}@example.com") is False
    assert change(email=f"{world.name('moved')}@example.com", is_email_verified=True) is True


def test_change_whenTheAddressIsTaken_is409(world):
    user, other = world.user(), world.user()

    assert refusal(world.admin.patch(f"{USERS}/{user['id']}", json={"email": other["email"]})) == (409, "conflict")
    assert world.admin.shown(f"{USERS}/{user['id']}") == user


def test_delete_takesKeysAndSessionsAlong(world):
    person = world.person("users:read")
    key = world.key("users:read", owner_id=person.id)
    assert world.caller(key=key["key"]).get(USERS).status_code == 200

    assert world.admin.delete(f"{USERS}/{person.id}").status_code == 204

    wait_until(lambda: world.caller(key=key["key"]).get(USERS).status_code == 401, what="refusal of the key")
    assert person.get(f"{USERS}/me").status_code == 401
    assert refusal(world.admin.get(f"{USERS}/{person.id}")) == (404, "not_found")
    assert refusal(world.admin.delete(f"{USERS}/{person.id}")) == (404, "not_found")
    assert world.database.value(f"select count(*) from sessions where user_id = '{person.id}'") == "0"


def test_deactivation_stopsEveryKeyOnEveryWorker(world):
    owner = world.user()
    key = world.caller(key=world.key(owner_id=owner["id"])["key"])
    fresh = [world.caller(key=key.headers["X-API-Key"]) for _ in range(16)]
    statuses = lambda: {caller.get(f"{USERS}/me").status_code for caller in fresh}
    assert statuses() == {200}

    world.admin.patch(f"{USERS}/{owner['id']}", json={"is_active": False})
    wait_until(lambda: statuses() == {401}, what="refusal by all workers")

    world.admin.patch(f"{USERS}/{owner['id']}", json={"is_active": True})
    assert statuses() == {200}


def test_deactivatedUser_changesNothingAnyMore(world):
    person = world.person(roles=["admin"])
    victim = world.user()
    world.admin.patch(f"{USERS}/{person.id}", json={"is_active": False})
    before = world.contents()

    for answer in (
        person.patch(f"{USERS}/me", json={"display_name": "x"}),
        person.delete(f"{USERS}/{victim['id']}"),
        person.post(USERS, json={"email": f"{world.name('new')}@example.com"}),
        person.post("/api/v1/roles", json={"name": world.name("role")}),
        person.post("/api/v1/permissions", json={"resource": "x", "action": world.name("y")}),
        person.post("/api/v1/api-keys", json={"name": "x"}),
    ):
        assert refusal(answer) == (401, "unauthenticated"), answer.request.url
    assert world.contents() == before


def test_roles_areGivenAndTakenAgain_asOftenAsOneLikes(world):
    user, role = world.user(), world.role("users:read", "roles:read")
    path = f"{USERS}/{user['id']}/roles"

    for _ in range(2):
        answer = world.admin.put(f"{path}/{role['id']}")
        assert answer.status_code == 204 and answer.content == b""
    assert {held["name"] for held in world.admin.all(path)} == {"user", role["name"]}
    assert world.admin.shown(f"{USERS}/{user['id']}")["permissions"] == ["roles:read", "users:read"]

    for _ in range(2):
        assert world.admin.delete(f"{path}/{role['id']}").status_code == 204
    assert [held["name"] for held in world.admin.all(path)] == ["user"]


def test_me_isChangedByOneselfWithTokenAndKey(world):
    person = world.person()
    key = world.caller(key=world.key(owner_id=person.id)["key"])

    assert person.patch(f"{USERS}/me", json={"display_name": "Grace"}).json()["display_name"] == "Grace"
    assert key.patch(f"{USERS}/me", json={"display_name": "Hopper"}).json()["display_name"] == "Hopper"
    assert key.shown(f"{USERS}/me")["display_name"] == "Hopper"
    assert person.patch(f"{USERS}/me", json={"display_name": None}).json()["display_name"] is None


def test_me_takesNothingButTheName(world):
    person = world.person()
    before = world.contents()

    for field, value in {
        "roles": ["admin"], "permissions": ["users:read"], "email": "x@example.com", "is_active": True,
        "is_email_verified": True, "id": person.id,
    }.items():
        assert bad_fields(person.patch(f"{USERS}/me", json={"display_name": "x", field: value})) == {field: "unknown"}
    assert world.contents() == before


def test_me_byAKey_showsTheGrantsOfTheKey(world):
    owner = world.person("users:read", "roles:read")

    shown = world.caller(key=world.key("users:read", owner_id=owner.id)["key"]).shown(f"{USERS}/me")

    assert (shown["id"], shown["roles"], shown["permissions"]) == (owner.id, [], ["users:read"])


def test_list_showsNoPermissions(world):
    user = world.user()

    [item] = world.admin.shown(USERS, params={"q": user["email"]})["items"]

    assert item == {name: value for name, value in user.items() if name != "permissions"}
