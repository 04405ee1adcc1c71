"""Roles, and the permissions that come with them."""

import pytest

from support.caller import bad_fields, refusal
from support.race import at_once
from support.wait import wait_until
from support.world import BUILT_IN_PERMISSIONS, ROLES, USERS

ROLE = "id name description is_built_in permissions created_at updated_at".split()
NO_NAMES = [
    "", "Admin", "ADMIN", "admin ", " admin", "\u0430dmin", "adm\u0131n", "admin\u200b", "admin\n", "1st", "-x", "a b",
    "a:b", "a,b", "a/b", "*", "x" * 65, "x" * 10_000, "\u202enimda",
]


def test_create_answersWithTheRole(world):
    name = world.name("role")

    answer = world.admin.post(
        ROLES, json={"name": name, "description": "Reads.", "permissions": ["users:read", "roles:read"]}
    )

    made = answer.json()
    assert answer.status_code == 201 and sorted(made) == sorted(ROLE)
    assert answer.headers["Location"] == f"{ROLES}/{made['id']}"
    assert (made["name"], made["description"], made["is_built_in"]) == (name, "Reads.", False)
    assert made["permissions"] == ["roles:read", "users:read"]
    shown = world.admin.get(f"{ROLES}/{made['id']}")
    assert shown.json() == made and shown.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_name_whenItIsNone_is422(world, name):
    role = world.role()

    assert bad_fields(world.admin.post(ROLES, json={"name": name})).keys() == {"name"}
    assert bad_fields(world.admin.patch(f"{ROLES}/{role['id']}", json={"name": name})).keys() == {"name"}
    assert world.admin.shown(f"{ROLES}/{role['id']}") == role


def test_name_whenItIsTaken_is409(world):
    role, other = world.role(), world.role()

    for name in (other["name"], "admin", "user"):
        assert refusal(world.admin.post(ROLES, json={"name": name})) == (409, "conflict")
        assert refusal(world.admin.patch(f"{ROLES}/{role['id']}", json={"name": name})) == (409, "conflict")


def test_create_whenTwentyWantOneName_makesOneRole(world):
    name = world.name("race")

    answers = at_once(*[lambda: world.admin.post(ROLES, json={"name": name})] * 20)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


def test_change_writesWhatIsNamedAlone(world):
    role = world.role("users:read", description="Before.")
    name = world.name("renamed")

    changed = world.admin.patch(f"{ROLES}/{role['id']}", json={"name": name}).json()

    assert changed | {"updated_at": ""} == role | {"name": name, "updated_at": ""}
    assert world.admin.patch(f"{ROLES}/{role['id']}", json={"description": ""}).json()["description"] == ""


@pytest.mark.parametrize("name", ["admin", "user"])
def test_builtInRole_keepsItsNameAndStays(world, name):
    path = f"{ROLES}/{world.role_id(name)}"

    assert refusal(world.admin.patch(path, json={"name": world.name("other")})) == (409, "conflict")
    assert refusal(world.admin.delete(path)) == (409, "conflict")
    answer = world.admin.patch(path, json={"name": name, "description": "Described anew."})
    assert answer.status_code == 200 and answer.json()["name"] == name and answer.json()["is_built_in"]


def test_admin_holdsEveryPermission_whichCannotBeChanged(world):
    path = f"{ROLES}/{world.role_id('admin')}"
    made = world.permission()

    held = set(world.admin.shown(path)["permissions"])
    assert {made["name"], *BUILT_IN_PERMISSIONS} <= held
    assert held == {permission["name"] for permission in world.admin.all(f"{path}/permissions", limit=200)}
    for permission in (made["id"], world.permission_id("users:read")):
        assert refusal(world.admin.put(f"{path}/permissions/{permission}")) == (409, "conflict")
        assert refusal(world.admin.delete(f"{path}/permissions/{permission}")) == (409, "conflict")


def test_permissions_areAttachedAndDetached_asOftenAsOneLikes(world):
    role, permission = world.role("users:read"), world.permission()
    path = f"{ROLES}/{role['id']}"

    for _ in range(2):
        answer = world.admin.put(f"{path}/permissions/{permission['id']}")
        assert answer.status_code == 204 and answer.content == b""
    assert world.admin.shown(path)["permissions"] == sorted([permission["name"], "users:read"])
    listed = world.admin.all(f"{path}/permissions")
    assert permission in listed and len(listed) == 2

    for _ in range(2):
        assert world.admin.delete(f"{path}/permissions/{permission['id']}").status_code == 204
    assert world.admin.shown(path)["permissions"] == ["users:read"]


def test_role_whenItChanges_changesWhatItsHoldersMay(world):
    role = world.role()
    user = world.user(roles=[role["name"]])
    key = world.caller(key=world.key(roles=[role["name"]], owner_id=user["id"])["key"])
    path = f"{ROLES}/{role['id']}/permissions/{world.permission_id('users:read')}"
    assert key.get(USERS).status_code == 403

    world.admin.put(path)
    wait_until(lambda: key.get(USERS).status_code == 200, what="what the role gives")

    world.admin.delete(path)
    wait_until(lambda: key.get(USERS).status_code == 403, what="the loss of what the role gave")


@pytest.mark.parametrize("holder", ["user", "key"])
def test_delete_whenSomebodyHoldsTheRole_is409AndSaysHowMany(world, holder):
    role = world.role()
    user = world.user(roles=[role["name"]])
    made = world.key(roles=[role["name"]], owner_id=user["id"]) if holder == "key" else None
    if made:
        world.admin.delete(f"{USERS}/{user['id']}/roles/{role['id']}")

    answer = world.admin.delete(f"{ROLES}/{role['id']}")

    assert refusal(answer) == (409, "conflict")
    assert ("1 API key" if made else "1 user") in answer.json()["detail"]
    # Nobody holds it any more.
    if made:
        world.admin.delete(f"/api/v1/api-keys/{made['id']}")
    else:
        world.admin.delete(f"{USERS}/{user['id']}/roles/{role['id']}")
    assert world.admin.delete(f"{ROLES}/{role['id']}").status_code == 204
    assert world.admin.get(f"{ROLES}/{role['id']}").status_code == 404


def test_delete_andAssignmentAtOnce_leaveNoHolderOfNothing(world):
    for _ in range(20):
        role, user = world.role(), world.user()

        deleted, assigned = at_once(
            lambda: world.admin.delete(f"{ROLES}/{role['id']}").status_code,
            lambda: world.admin.put(f"{USERS}/{user['id']}/roles/{role['id']}").status_code,
        )

        assert (deleted, assigned) in {(204, 404), (409, 204)}


@pytest.mark.parametrize(
    "permission",
    ["*", "users:*", "*:read", "users:read,users:write", "users", "users:read:x", "Users:read", "users:read ", ":", "",
     "us\u0435rs:read", "users\uff1aread", "x" * 10_000, "not-registered:read"],
    ids=lambda text: ascii(text[:30]),
)
def test_permission_whenThereIsNoneOfThisName_is422AndNothingIsMade(world, permission):
    name = world.name("role")
    fields = bad_fields(world.admin.post(ROLES, json={"name": name, "permissions": ["users:read", permission]}))

    assert all(field.startswith("permissions") for field in fields) and fields
    assert world.database.query(f"select 1 from roles where name = '{name}'") == []


def test_create_takesThousandPermissionsAndNoMore(world):
    resource = world.name("many")
    world.database.query(
        "insert into permissions (id, resource, action, created_at)"
        f" select gen_random_uuid(), '{resource}', 'a' || n, now() from generate_series(1, 1000) n"
    )
    names = [f"{resource}:a{number}" for number in range(1, 1001)]
    try:
        role = world.role(*names)
        assert len(role["permissions"]) == 1000
        answer = world.admin.post(ROLES, json={"name": world.name("role"), "permissions": [*names, "users:read"]})
        assert bad_fields(answer) == {"permissions": "too_long"}
        assert world.admin.delete(f"{ROLES}/{role['id']}").status_code == 204
    finally:
        world.database.query(f"delete from permissions where resource = '{resource}'")
