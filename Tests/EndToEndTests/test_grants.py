"""Nobody passes on, takes away, or gets power over, more than they hold themselves."""

import pytest

from support.caller import bad_fields, refusal
from support.world import BUILT_IN_PERMISSIONS, KEYS, ROLES, USERS

EXCEEDS = (403, "grant_exceeds_own")
FORBIDDEN = (403, "forbidden")


@pytest.fixture(scope="module", params=["token", "key"])
def manager(request, world):
    """Manages users, roles and keys, by token or by key, and is no administrator: two permissions are missing."""
    held = BUILT_IN_PERMISSIONS - {"permissions:write", "tokens:introspect"}
    return world.person(*held) if request.param == "token" else world.keyholder(*held)


@pytest.fixture(scope="module")
def above(world):
    """A role that gives one permission which the manager lacks, beside one that the manager holds."""
    return world.role("users:read", "permissions:write")


@pytest.fixture
def superior(world, above):
    """A user who holds more than the manager."""
    return world.user(roles=["user", above["name"]])


@pytest.fixture
def administrator(world):
    return world.user(roles=["admin", "user"])


@pytest.fixture
def unchanged(world):
    """Compares what is stored before and after, to the last row."""
    before = world.contents()
    yield
    assert world.contents() == before


# Giving


@pytest.mark.parametrize("name", ["above", "admin"])
def test_role_beyondOnesOwn_isNotGiven(world, manager, above, name):
    role = above["name"] if name == "above" else "admin"
    role_id = world.role_id(role)
    user = world.user()
    before = world.contents()

    assert refusal(manager.put(f"{USERS}/{user['id']}/roles/{role_id}")) == EXCEEDS
    assert manager.put(f"{USERS}/{manager.id}/roles/{role_id}").status_code == 403
    for roles in ([role], ["user", role]):
        email = f"{world.name('new')}@example.com"
        assert refusal(manager.post(USERS, json={"email": email, "roles": roles})) == EXCEEDS
    assert world.contents() == before


def test_role_withinOnesOwn_isGiven(world, manager):
    role, user = world.role("users:read", "roles:write"), world.user()

    assert manager.put(f"{USERS}/{user['id']}/roles/{role['id']}").status_code == 204
    made = manager.made(USERS, {"email": f"{world.name('new')}@example.com", "roles": [role["name"]]})
    assert made["permissions"] == ["roles:write", "users:read"]


def test_userWithRoles_takesThePermissionToAssignThem(world):
    writer = world.person("users:write")
    email = f"{world.name('new')}@example.com"

    assert refusal(writer.post(USERS, json={"email": email, "roles": ["user"]})) == FORBIDDEN
    assert writer.made(USERS, {"email": email})["roles"] == ["user"]


@pytest.mark.parametrize("permission", ["permissions:write", "tokens:introspect"])
def test_permission_beyondOnesOwn_isNotGiven(world, manager, permission):
    role = world.role()
    before = world.contents()

    assert refusal(manager.put(f"{ROLES}/{role['id']}/permissions/{world.permission_id(permission)}")) == EXCEEDS
    for permissions in ([permission], ["users:read", permission]):
        assert refusal(
            manager.post(ROLES, json={"name": world.name("role"), "permissions": permissions})
        ) == EXCEEDS
    assert world.contents() == before


def test_permission_ofARoleOneHoldsOneself_isNotRaised(world):
    person = world.person("roles:write", "roles:read")
    [role] = [role for role in world.admin.all(f"{USERS}/{person.id}/roles") if role["name"] != "user"]
    before = world.contents()

    for permission in BUILT_IN_PERMISSIONS - {"roles:write", "roles:read"}:
        path = f"{ROLES}/{role['id']}/permissions/{world.permission_id(permission)}"
        assert refusal(person.put(path)) == EXCEEDS
    assert bad_fields(person.patch(f"{USERS}/me", json={"roles": ["admin"]})) == {"roles": "unknown"}
    assert world.contents() == before


def test_permission_thatIsNew_isNobodysToGiveButAdministrators(world):
    person = world.person("permissions:write", "roles:write")
    made = person.made("/api/v1/permissions", {"resource": world.name("thing"), "action": "read"})

    assert refusal(person.post(ROLES, json={"name": world.name("role"), "permissions": [made["name"]]})) == EXCEEDS
    assert world.role(made["name"])["permissions"] == [made["name"]]


# Taking away


def test_role_beyondOnesOwn_isNotTakenAway(world, manager, above, superior, administrator):
    harmless = world.role("users:read")["id"]
    before = world.contents()

    for user, role in ((superior, above["id"]), (administrator, world.role_id("admin"))):
        roles = f"{USERS}/{user['id']}/roles"
        assert manager.delete(f"{roles}/{role}").status_code == 403
        assert refusal(manager.delete(f"{roles}/{world.role_id('user')}")) == FORBIDDEN
        assert refusal(manager.put(f"{roles}/{harmless}")) == FORBIDDEN
    assert world.contents() == before


def test_permission_ofARoleBeyondOnesOwn_isNotTouched(world, manager, above, unchanged):
    path = f"{ROLES}/{above['id']}"

    assert refusal(manager.delete(f"{path}/permissions/{world.permission_id('permissions:write')}")) == EXCEEDS
    assert refusal(manager.delete(f"{path}/permissions/{world.permission_id('users:read')}")) == EXCEEDS
    assert refusal(manager.put(f"{path}/permissions/{world.permission_id('roles:read')}")) == EXCEEDS
    assert refusal(manager.patch(path, json={"description": "Mine now."})) == EXCEEDS
    assert refusal(manager.patch(path, json={"name": world.name("mine")})) == EXCEEDS


def test_role_beyondOnesOwn_isNotDeleted(world, manager):
    role = world.role("permissions:write")

    assert refusal(manager.delete(f"{ROLES}/{role['id']}")) == EXCEEDS
    assert world.admin.shown(f"{ROLES}/{role['id']}") == role


def test_roleAdmin_isAdministratorsAlone(world):
    # Everything there is by name, but not the role itself, which also gives what comes later.
    almost = world.person(*BUILT_IN_PERMISSIONS)
    user, administrator = world.user(), world.user(roles=["admin"])
    path = f"{ROLES}/{world.role_id('admin')}"
    before = world.contents()

    assert refusal(almost.put(f"{USERS}/{user['id']}/roles/{world.role_id('admin')}")) == EXCEEDS
    assert refusal(almost.post(USERS, json={"email": "x@example.com", "roles": ["admin"]})) == EXCEEDS
    assert refusal(almost.patch(path, json={"description": "Mine now."})) == EXCEEDS
    assert refusal(almost.patch(f"{USERS}/{administrator['id']}", json={"is_active": False})) == FORBIDDEN
    assert refusal(almost.post(KEYS, json={"name": "x", "owner_id": administrator["id"]})) == FORBIDDEN
    assert world.contents() == before


# Power over others


@pytest.mark.parametrize("name", ["superior", "administrator"])
def test_user_whoHoldsMore_isNotChanged(world, manager, request, name):
    user = request.getfixturevalue(name)
    path = f"{USERS}/{user['id']}"
    before = world.contents()

    for body in (
        {"email": "taken-over@example.com"}, {"is_active": False}, {"display_name": "x"}, {"is_email_verified": True},
    ):
        assert refusal(manager.patch(path, json=body)) == FORBIDDEN
    assert refusal(manager.delete(path)) == FORBIDDEN
    assert world.contents() == before


@pytest.mark.parametrize("name", ["superior", "administrator"])
def test_key_ofAUserWhoHoldsMore_isOutOfReach(world, manager, request, name):
    user = request.getfixturevalue(name)
    key = world.key(owner_id=user["id"])
    path = f"{KEYS}/{key['id']}"
    before = world.contents()

    assert refusal(manager.post(KEYS, json={"name": "x", "owner_id": user["id"]})) == FORBIDDEN
    assert refusal(manager.patch(path, json={"name": "x"})) == FORBIDDEN
    assert refusal(manager.post(f"{path}/rotate")) == FORBIDDEN
    assert refusal(manager.delete(path)) == FORBIDDEN
    assert manager.get(path).status_code == 200
    assert world.contents() == before


def test_user_whoHoldsNoMore_isWithinReach(world, manager):
    user = world.user(roles=["user", world.role("users:read")["name"]])
    key = world.key("users:read", owner_id=user["id"])

    assert manager.patch(f"{USERS}/{user['id']}", json={"display_name": "x"}).status_code == 200
    rotated = manager.made(f"{KEYS}/{key['id']}/rotate", {})
    assert manager.delete(f"{KEYS}/{rotated['id']}").status_code == 204
    assert manager.delete(f"{USERS}/{user['id']}").status_code == 204


def test_keyOfAnAdministrator_hasNoMorePowerThanItsGrants(world, administrator):
    key = world.keyholder("users:write", "users:delete", "roles:assign", "api_keys:manage", owner=administrator["id"])
    other_key = world.key(roles=["admin"], owner_id=administrator["id"])
    before = world.contents()

    assert refusal(key.post(KEYS, json={"name": "x", "roles": ["admin"]})) == EXCEEDS
    assert refusal(key.patch(f"{KEYS}/{key.key_id}", json={"roles": ["admin"]})) == EXCEEDS
    assert refusal(key.post(f"{KEYS}/{other_key['id']}/rotate")) == EXCEEDS
    assert refusal(key.patch(f"{USERS}/{world.admin.id}", json={"is_active": False})) == FORBIDDEN
    assert key.put(f"{USERS}/{administrator['id']}/roles/{world.role_id('admin')}").status_code == 403
    assert key.delete(f"{USERS}/{administrator['id']}/roles/{world.role_id('admin')}").status_code == 403
    # What it may not do to other administrators it may not do to its owner.
    assert refusal(key.patch(f"{USERS}/{administrator['id']}", json={"email": "x@example.com"})) == FORBIDDEN
    assert refusal(key.delete(f"{USERS}/{administrator['id']}")) == FORBIDDEN
    assert world.contents() == before


# What is held now, not what a token says


def test_token_olderThanTheLoss_hasNoPower(world):
    person = world.person("users:write", "users:delete", "roles:assign", "roles:write", "roles:delete")
    role = world.role()
    user = world.user()
    for held in world.admin.all(f"{USERS}/{person.id}/roles"):
        world.admin.delete(f"{USERS}/{person.id}/roles/{held['id']}")
    before = world.contents()

    for answer in (
        person.patch(f"{USERS}/{user['id']}", json={"display_name": "x"}),
        person.delete(f"{USERS}/{user['id']}"),
        person.put(f"{USERS}/{user['id']}/roles/{role['id']}"),
        person.delete(f"{USERS}/{user['id']}/roles/{world.role_id('user')}"),
        person.post(ROLES, json={"name": world.name("role")}),
        person.patch(f"{ROLES}/{role['id']}", json={"description": "x"}),
        person.delete(f"{ROLES}/{role['id']}"),
        person.post(USERS, json={"email": f"{world.name('new')}@example.com"}),
    ):
        assert refusal(answer) == FORBIDDEN, answer.request.url
    assert world.contents() == before


# All or nothing


def test_bulk_withOneItemThatIsRefused_appliesNothing(world, manager, above):
    holder = world.user(roles=["user", world.role("users:read")["name"]])
    key = world.key("users:read", owner_id=holder["id"])
    before = world.contents()

    def email():
        return f"{world.name('new')}@example.com"

    for answer, status in [
        (manager.post(USERS, json={"email": email(), "roles": ["user", above["name"]]}), 403),
        (manager.post(USERS, json={"email": email(), "roles": ["user", "no-such-role"]}), 422),
        (manager.post(USERS, json={"email": email(), "roles": ["user", 7]}), 422),
        (manager.post(ROLES, json={"name": world.name("r"), "permissions": ["users:read", "permissions:write"]}), 403),
        (manager.post(ROLES, json={"name": world.name("r"), "permissions": ["users:read", "no-such:thing"]}), 422),
        (manager.patch(f"{KEYS}/{key['id']}", json={"name": "x", "permissions": ["users:read", "users:write"]}), 403),
        (manager.patch(f"{USERS}/{holder['id']}", json={"display_name": "x", "email": world.admin.email}), 409),
        (manager.patch(f"{USERS}/{holder['id']}", json={"display_name": "x", "email": "none"}), 422),
    ]:
        assert answer.status_code == status, answer.text
    assert world.contents() == before


# Ways around the method and the address


@pytest.mark.parametrize(
    "headers, query",
    [
        ({"X-HTTP-Method-Override": "DELETE"}, {}), ({"X-Method-Override": "DELETE"}, {}),
        ({"X-HTTP-Method": "DELETE"}, {}), ({"X-Original-URL": f"{USERS}/me"}, {}),
        ({"X-Rewrite-URL": f"{USERS}/me"}, {}), ({"X-Forwarded-Uri": f"{USERS}/me"}, {}),
        ({"X-Forwarded-User": "admin@example.com", "X-User-Roles": "admin"}, {}), ({}, {"_method": "DELETE"}),
    ],
    ids=str,
)
def test_override_isIgnored(world, headers, query):
    plain_user, user = world.person(), world.user()
    path = f"{USERS}/{user['id']}"

    assert world.admin.get(path, headers=headers, params=query).status_code == (422 if query else 200)
    assert plain_user.get(path, headers=headers, params=query).status_code == 403
    assert world.admin.shown(path) == user
