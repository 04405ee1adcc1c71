"""Every operation with every kind of caller.

What is expected follows from the access rule that the operation declares in the OpenAPI document; what the rules
themselves must be is the table `RULES`.
"""

import uuid

import pytest

from support.caller import refusal
from support.openapi import operations
from support.samples import SAMPLES, sample_for
from support.world import BUILT_IN_PERMISSIONS

OPERATIONS = operations()
ANYONE = ""

RULES = {
    "GET /livez": ANYONE,
    "GET /readyz": ANYONE,
    "GET /healthz": ANYONE,
    "GET /.well-known/jwks.json": ANYONE,
    "GET /.well-known/oauth-authorization-server": ANYONE,
    "GET /.well-known/openid-configuration": ANYONE,
    "GET /openapi.json": ANYONE,
    "GET /api/v1/examples/public": ANYONE,
    "GET /api/v1/examples/jwt-only": "token",
    "GET /api/v1/examples/api-key-only": "key",
    "GET /api/v1/examples/either-auth": "token key",
    "GET /api/v1/examples/admin-only": "token key role=admin",
    "GET /api/v1/examples/users-read": "token key users:read",
    "GET /api/v1/auth/providers": ANYONE,
    "GET /api/v1/auth/{provider}/login": ANYONE,
    "GET /api/v1/auth/{provider}/callback": ANYONE,
    "POST /api/v1/auth/{provider}/link": "token",
    "POST /api/v1/auth/refresh": ANYONE,
    "POST /api/v1/auth/token": ANYONE,
    "POST /api/v1/auth/introspect": "token key tokens:introspect",
    "POST /api/v1/auth/revoke": ANYONE,
    "POST /api/v1/auth/logout": "token",
    "GET /api/v1/auth/sessions": "token",
    "DELETE /api/v1/auth/sessions": "token",
    "DELETE /api/v1/auth/sessions/{id}": "token",
    "GET /api/v1/auth/verify": "token key",
    "GET /api/v1/auth/link": ANYONE,
    "POST /api/v1/auth/link": ANYONE,
    "GET /api/v1/users": "token key users:read",
    "POST /api/v1/users": "token key users:write",
    "GET /api/v1/users/me": "token key",
    "PATCH /api/v1/users/me": "token key",
    "GET /api/v1/users/me/identities": "token",
    "POST /api/v1/users/me/identities": "token",
    "GET /api/v1/users/me/identities/{id}": "token",
    "DELETE /api/v1/users/me/identities/{id}": "token",
    "GET /api/v1/users/{id}": "token key users:read",
    "PATCH /api/v1/users/{id}": "token key users:write",
    "DELETE /api/v1/users/{id}": "token key users:delete",
    "GET /api/v1/users/{id}/roles": "token key users:read",
    "PUT /api/v1/users/{id}/roles/{role_id}": "token key roles:assign",
    "DELETE /api/v1/users/{id}/roles/{role_id}": "token key roles:assign",
    "GET /api/v1/users/{id}/sessions": "token key users:read",
    "DELETE /api/v1/users/{id}/sessions": "token key users:write",
    "DELETE /api/v1/users/{id}/sessions/{session_id}": "token key users:write",
    "GET /api/v1/users/{id}/identities": "token key users:read",
    "DELETE /api/v1/users/{id}/identities/{identity_id}": "token key users:write",
    "GET /api/v1/roles": "token key roles:read",
    "POST /api/v1/roles": "token key roles:write",
    "GET /api/v1/roles/{id}": "token key roles:read",
    "PATCH /api/v1/roles/{id}": "token key roles:write",
    "DELETE /api/v1/roles/{id}": "token key roles:delete",
    "GET /api/v1/roles/{id}/permissions": "token key roles:read",
    "PUT /api/v1/roles/{id}/permissions/{permission_id}": "token key roles:write",
    "DELETE /api/v1/roles/{id}/permissions/{permission_id}": "token key roles:write",
    "GET /api/v1/permissions": "token key permissions:read",
    "POST /api/v1/permissions": "token key permissions:write",
    "GET /api/v1/permissions/{id}": "token key permissions:read",
    "DELETE /api/v1/permissions/{id}": "token key permissions:write",
    "GET /api/v1/api-keys": "token key key:api_keys:manage",
    "POST /api/v1/api-keys": "token key key:api_keys:manage",
    "GET /api/v1/api-keys/{id}": "token key key:api_keys:manage",
    "PATCH /api/v1/api-keys/{id}": "token key key:api_keys:manage",
    "DELETE /api/v1/api-keys/{id}": "token key key:api_keys:manage",
    "POST /api/v1/api-keys/{id}/rotate": "token key key:api_keys:manage",
    "GET /api/v1/audit-events": "token key audit:read",
}


# Who calls one of these is signed out.
SIGN_OUTS = ("POST /api/v1/auth/logout", "DELETE /api/v1/auth/sessions")


class Cast:
    """The callers of the matrix, each made once for all operations that can share it."""

    def __init__(self, world):
        self.world = world
        self._made = {}
        admin_key = world.keyholder(roles=["admin"])
        self._always = {
            "nobody": ("none", world.nobody),
            "token of a plain user": ("access_token", world.person()),
            "token of an administrator": ("access_token", world.admin),
            "key of an administrator": ("api_key", admin_key),
            "key without grants": ("api_key", world.keyholder()),
            "key of a deactivated owner": ("invalid", self._key_of_a_deactivated_owner()),
            "expired key": ("invalid", self._expired_key()),
            "revoked key": ("invalid", self._revoked_key()),
            "garbage token": ("invalid", world.caller(token="eyJhbGciOiJub25lIn0.e30.")),
            "token signed by somebody else": ("invalid", self._forged(world.admin)),
            "garbage key": ("invalid", world.caller(key="pst_" + "A" * 38)),
            "token and key": ("both", self._both(world.admin, admin_key)),
        }

    NAMES = (
        "nobody", "token of a plain user", "token of an administrator", "token with exactly what is declared",
        "key of an administrator", "key without grants", "key with exactly what is declared",
        "key with all but what is declared", "key of a deactivated owner", "expired key", "revoked key",
        "garbage token", "token signed by somebody else", "garbage key", "token and key",
    )

    def caller(self, name, access):
        """Kind of credential, and caller."""
        roles, permissions = frozenset(access["roles"]), frozenset(access["permissions"])
        for_keys = permissions | frozenset(access["api_key_permissions"])
        match name:
            case "token with exactly what is declared":
                return "access_token", self._once(self.world.person, permissions, roles)
            case "key with exactly what is declared":
                return "api_key", self._once(self.world.keyholder, for_keys, roles)
            case "key with all but what is declared":
                return "api_key", self._once(self.world.keyholder, BUILT_IN_PERMISSIONS - for_keys, frozenset())
            case _:
                return self._always[name]

    def _once(self, make, permissions, roles):
        index = make.__name__, permissions, roles
        if index not in self._made:
            self._made[index] = make(*permissions, roles=roles)
        return self._made[index]

    def _key_of_a_deactivated_owner(self):
        owner = self.world.user(roles=["admin", "user"])
        holder = self.world.keyholder(roles=["admin"], owner=owner["id"])
        answer = self.world.admin.patch(f"/api/v1/users/{owner['id']}", json={"is_active": False})
        assert answer.status_code == 200, answer.text
        return holder

    def _expired_key(self):
        holder = self.world.keyholder(roles=["admin"])
        self.world.use_up_life(holder.key_id)
        return holder

    def _revoked_key(self):
        holder = self.world.keyholder(roles=["admin"])
        assert self.world.admin.delete(f"/api/v1/api-keys/{holder.key_id}").status_code == 204
        return holder

    def _forged(self, admin):
        text, _, signature = admin.headers["Authorization"].removeprefix("Bearer ").rpartition(".")
        return self.world.caller(token=f"{text}.{signature[:-4]}AAAA")

    def _both(self, one, other):
        both = self.world.caller(id=one.id)
        both.headers = one.headers | other.headers
        return both


def expected(operation, kind, caller):
    access = operation.access
    if not access["credentials"]:
        return operation.success
    if kind == "both":
        return 400
    if kind not in access["credentials"]:
        return 401
    permissions = set(access["permissions"])
    if kind == "api_key":
        permissions |= set(access["api_key_permissions"])
    if set(access["roles"]) <= caller.roles and permissions <= caller.permissions:
        return operation.success
    return 403


def media_types(answer):
    """The media type of the body, if there is one; JSON is UTF-8 by itself, and text says so."""
    if not answer.content:
        assert "Content-Type" not in answer.headers
        return set()
    media_type, _, charset = answer.headers["Content-Type"].partition("; ")
    assert charset == ("charset=utf-8" if media_type.startswith("text/") else "")
    return {media_type}


@pytest.fixture(scope="module")
def cast(world):
    return Cast(world)


@pytest.mark.parametrize("name", Cast.NAMES)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation_answersAsItsRuleSays(world, cast, operation, name):
    kind, caller = cast.caller(name, operation.access)
    if operation.name in SIGN_OUTS and kind == "access_token":
        caller = world.person(roles=caller.roles)
    owner = caller if kind in ("access_token", "api_key") else world.admin
    sample = sample_for(operation, world, owner=owner.id)

    answer = sample.send(caller, operation)

    assert answer.status_code == expected(operation, kind, caller), answer.text
    assert str(answer.status_code) in operation.description["responses"], "the status is not declared"
    assert media_types(answer) == operation.content(answer.status_code)
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def rule(access):
    words = [{"access_token": "token", "api_key": "key"}[name] for name in ("access_token", "api_key")
             if name in access["credentials"]]
    words += [f"role={name}" for name in access["roles"]] + access["permissions"]
    return " ".join(words + [f"key:{name}" for name in access["api_key_permissions"]])


def test_rules_areTheDocumentedOnes():
    assert {operation.name: rule(operation.access) for operation in OPERATIONS} == RULES


def test_samples_areOfOperationsThatThereAre():
    assert set(SAMPLES) == {operation.name for operation in OPERATIONS}


def test_document_isServedAsItIsPrinted(world):
    served = world.nobody.shown("/openapi.json")

    assert {(path, method) for path, item in served["paths"].items() for method in item} == {
        (operation.path, operation.method.lower()) for operation in OPERATIONS
    }


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.parameters("path")], ids=lambda operation: operation.name
)
def test_operation_whenAnIdIsNone_is404AndChangesNothing(world, operation):
    sample = sample_for(operation, world, owner=world.admin.id)
    others = [str(uuid.uuid4()), "00000000-0000-0000-0000-000000000000", "x", "1", "%27%20or%201=1", "..%2Fme", "%00"]
    before = world.contents()

    for name in sample.path:
        of_another_kind = world.role_id("admin") if "/users/{%s}" % name in operation.path else world.admin.id
        for other in [*others, of_another_kind]:
            answer = sample.send(world.admin, operation, path=sample.path | {name: other})
            assert refusal(answer) == (404, "not_found"), (name, other, answer.text)
    assert world.contents() == before


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if "/api-keys/{id}" in o.path], ids=lambda operation: operation.name
)
def test_operation_whenTheKeyIsSomebodyElses_is404AndChangesNothing(world, operation):
    plain_user = world.person()
    sample = sample_for(operation, world, owner=world.admin.id)
    before = world.contents()

    assert refusal(sample.send(plain_user, operation)) == (404, "not_found")
    assert world.contents() == before


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.access["permissions"]], ids=lambda operation: operation.name
)
def test_operation_whenRefused_changesNothing(world, cast, operation):
    sample = sample_for(operation, world, owner=world.admin.id)
    plain_user = cast.caller("token of a plain user", operation.access)[1]
    before = world.contents()

    assert refusal(sample.send(plain_user, operation)) == (403, "forbidden")
    assert refusal(sample.send(world.nobody, operation)) == (401, "unauthenticated")
    assert world.contents() == before


def test_keys_neverGetTokens():
    for operation in OPERATIONS:
        if "TokenPair" in str(operation.description["responses"]):
            assert "api_key" not in operation.access["credentials"], operation.name
