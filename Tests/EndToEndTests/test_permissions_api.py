"""Permissions."""

import jwt
import pytest

from support.caller import bad_fields, refusal
from support.world import BUILT_IN_PERMISSIONS, PERMISSIONS, ROLES, USERS

PERMISSION = "id name resource action description is_built_in created_at".split()
NO_PARTS = [
    "", "*", "a:b", "a,b", "A", "a b", "a ", "1a", "-a", "\u0430", "a\u200b", "a\n", "a\u0000", "x" * 65, "x" * 10_000,
]


def test_create_answersWithThePermission(world):
    resource = world.name("invoices")

    answer = world.admin.post(
        PERMISSIONS, json={"resource": resource, "action": "read", "description": "See invoices."}
    )

    made = answer.json()
    assert answer.status_code == 201 and sorted(made) == sorted(PERMISSION)
    assert made["name"] == f"{resource}:read" and made["description"] == "See invoices."
    assert made["is_built_in"] is False
    shown = world.admin.get(answer.headers["Location"])
    assert shown.json() == made and shown.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("field", ["resource", "action"])
@pytest.mark.parametrize("text", NO_PARTS, ids=lambda text: ascii(text[:30]))
def test_create_whenAPartIsNone_is422(world, field, text):
    body = {"resource": "a", "action": "b"} | {field: text}

    assert bad_fields(world.admin.post(PERMISSIONS, json=body)).keys() == {field}


def test_create_whenThereIsOneOfThisName_is409(world):
    made = world.permission()

    answer = world.admin.post(PERMISSIONS, json={"resource": made["resource"], "action": made["action"]})

    assert refusal(answer) == (409, "conflict")


def test_delete_removesWhatNobodyHolds(world):
    made = world.permission()

    assert world.admin.delete(f"{PERMISSIONS}/{made['id']}").status_code == 204
    assert refusal(world.admin.delete(f"{PERMISSIONS}/{made['id']}")) == (404, "not_found")


def test_delete_whenARoleOrAKeyHoldsIt_is409AndSaysHowMany(world):
    made = world.permission()
    role, key = world.role(made["name"]), world.key(made["name"])

    answer = world.admin.delete(f"{PERMISSIONS}/{made['id']}")
    assert refusal(answer) == (409, "conflict")
    assert "1 role" in answer.json()["detail"] and "1 API key" in answer.json()["detail"]

    assert world.admin.delete(f"{ROLES}/{role['id']}").status_code == 204
    assert refusal(world.admin.delete(f"{PERMISSIONS}/{made['id']}")) == (409, "conflict")
    assert world.admin.delete(f"/api/v1/api-keys/{key['id']}").status_code == 204
    assert world.admin.delete(f"{PERMISSIONS}/{made['id']}").status_code == 204


def test_builtInPermissions_stay(world):
    built_in = {item["name"]: item for item in world.admin.all(PERMISSIONS, limit=200) if item["is_built_in"]}

    assert built_in.keys() == BUILT_IN_PERMISSIONS
    for item in built_in.values():
        assert refusal(world.admin.delete(f"{PERMISSIONS}/{item['id']}")) == (409, "conflict")


def test_permissions_cannotBeChanged(world):
    answer = world.admin.patch(f"{PERMISSIONS}/{world.permission()['id']}", json={"action": "write"})

    assert refusal(answer) == (405, "method_not_allowed")


@pytest.fixture
def many(world):
    """The names of 1,000 permissions."""
    resource = world.name("many")
    world.database.query(
        "insert into permissions (id, resource, action, created_at)"
        f" select gen_random_uuid(), '{resource}', 'a' || n, now() from generate_series(1, 1000) n"
    )
    yield [f"{resource}:a{number}" for number in range(1, 1001)]
    of_this = f"in (select id from permissions where resource = '{resource}')"
    world.database.query(
        f"delete from role_permissions where permission_id {of_this}; delete from permissions where id {of_this}"
    )


def test_administrators_signInHoweverManyPermissionsThereAre(world, many):
    administrator = world.person(roles=["admin"])

    assert set(many) < set(administrator.shown(f"{USERS}/me")["permissions"])
    assert administrator.get(USERS).status_code == 200
    assert administrator.made(ROLES, {"name": world.name("role"), "permissions": many})["permissions"] == sorted(many)


def test_userWhoHoldsMoreThanATokenCanSay_isLookedUp(world, many):
    caller = world.person(*many[1:], "users:read")
    token = caller.headers["Authorization"].removeprefix("Bearer ")

    assert len(token) < 1024
    assert jwt.decode(token, options={"verify_signature": False})["grants_omitted"] is True
    assert caller.get(USERS).status_code == 200
    assert len(caller.shown(f"{USERS}/me")["permissions"]) == 1000
    assert world.admin.patch(f"{USERS}/{caller.id}", json={"is_active": False}).status_code == 200
    assert refusal(caller.get(USERS)) == (401, "unauthenticated")
