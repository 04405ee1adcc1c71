import dataclasses
import urllib.parse

from .linking import REDIRECT_URL, link_code
from .provider import Browser


@dataclasses.dataclass
class Sample:
    """What a valid request for one operation holds."""

    path: dict = dataclasses.field(default_factory=dict)
    query: dict = dataclasses.field(default_factory=dict)
    json: object = None
    form: dict | None = None
    headers: dict = dataclasses.field(default_factory=dict)

    def send(self, caller, operation, **changes):
        """Sends it as `caller`; `changes` are members to replace."""
        sample = dataclasses.replace(self, **changes)
        return caller.request(
            operation.method,
            operation.path.format(**sample.path),
            params=sample.query,
            json=sample.json,
            data=sample.form,
            headers=sample.headers,
        )


def sample_for(operation, world, owner):
    """A valid request that `owner`, a user's id, may send; what it names is new, and may be changed or deleted."""
    assert operation.name in SAMPLES, f"{operation.name} has no sample: add one to support/samples.py"
    return SAMPLES[operation.name](world, owner)


def plain(world, owner):
    return Sample()


def user(world, owner, **members):
    return Sample({"id": world.user()["id"]}, **members)


def role_of_user(world, owner):
    return Sample({"id": world.user()["id"], "role_id": world.role()["id"]})


def held_role_of_user(world, owner):
    role = world.role()
    return Sample({"id": world.user(roles=["user", role["name"]])["id"], "role_id": role["id"]})


def session_of_user(world, owner):
    user_id = world.user()["id"]
    return Sample({"id": user_id, "session_id": world.session(user_id)})


def identity_of_user(world, owner):
    user_id = world.user()["id"]
    return Sample({"id": user_id, "identity_id": world.identity(user_id)})


def own_identity(world, owner):
    # The other one is left to sign in with.
    world.identity(owner)
    return Sample({"id": world.identity(owner)})


def link(world, owner):
    return Sample({"provider": "corp"}, json={"redirect_to": REDIRECT_URL, "code_challenge": "A" * 43})


def proven_identity(world, owner):
    return Sample(json=link_code(world.users[owner], f"{world.name('linked')}@example.com"))


def role(world, owner, **members):
    return Sample({"id": world.role()["id"]}, **members)


def permission(world, owner):
    return Sample({"id": world.permission()["id"]})


# One has to hold what one gives away, and who may call this holds roles:write.


def permission_of_role(world, owner):
    return Sample({"id": world.role()["id"], "permission_id": world.permission_id("roles:write")})


def given_permission_of_role(world, owner):
    return Sample({"id": world.role("roles:write")["id"], "permission_id": world.permission_id("roles:write")})


def api_key(world, owner, **members):
    return Sample({"id": world.key(owner_id=owner)["id"]}, **members)


def callback(world, owner):
    browser = Browser(world.server)
    returned = urllib.parse.urlsplit(browser.consent(browser.begin(), "visitor@example.com"))
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.session.cookies)
    return Sample({"provider": "corp"}, dict(urllib.parse.parse_qsl(returned.query)), headers={"Cookie": cookies})


SAMPLES = {
    "GET /livez": plain,
    "GET /readyz": plain,
    "GET /healthz": plain,
    "GET /.well-known/jwks.json": plain,
    "GET /.well-known/oauth-authorization-server": plain,
    "GET /.well-known/openid-configuration": plain,
    "GET /openapi.json": plain,
    "GET /api/v1/examples/public": plain,
    "GET /api/v1/examples/jwt-only": plain,
    "GET /api/v1/examples/api-key-only": plain,
    "GET /api/v1/examples/either-auth": plain,
    "GET /api/v1/examples/admin-only": plain,
    "GET /api/v1/examples/users-read": plain,
    "GET /api/v1/auth/providers": plain,
    "GET /api/v1/auth/{provider}/login": lambda world, owner: Sample({"provider": "corp"}),
    "GET /api/v1/auth/{provider}/callback": callback,
    "POST /api/v1/auth/{provider}/link": link,
    "POST /api/v1/auth/refresh": lambda world, owner: Sample(json={"refresh_token": world.refresh_token()}),
    "POST /api/v1/auth/token": lambda world, owner: Sample(
        form={"grant_type": "refresh_token", "refresh_token": world.refresh_token()}
    ),
    "POST /api/v1/auth/introspect": lambda world, owner: Sample(form={"token": "a-token"}),
    "POST /api/v1/auth/revoke": lambda world, owner: Sample(form={"token": world.refresh_token()}),
    "POST /api/v1/auth/logout": plain,
    "GET /api/v1/auth/sessions": plain,
    "DELETE /api/v1/auth/sessions": plain,
    "DELETE /api/v1/auth/sessions/{id}": lambda world, owner: Sample({"id": world.session(owner)}),
    "GET /api/v1/auth/verify": plain,
    "GET /api/v1/auth/link": lambda world, owner: Sample(query={"token": world.link_token}),
    "POST /api/v1/auth/link": lambda world, owner: Sample(form={"token": world.renew_link()}),
    "GET /api/v1/users": plain,
    "POST /api/v1/users": lambda world, owner: Sample(json={"email": f"{world.name('made')}@example.com"}),
    "GET /api/v1/users/me": plain,
    "PATCH /api/v1/users/me": lambda world, owner: Sample(json={"display_name": "Ada"}),
    "GET /api/v1/users/me/identities": plain,
    "POST /api/v1/users/me/identities": proven_identity,
    "GET /api/v1/users/me/identities/{id}": own_identity,
    "DELETE /api/v1/users/me/identities/{id}": own_identity,
    "GET /api/v1/users/{id}": user,
    "PATCH /api/v1/users/{id}": lambda world, owner: user(world, owner, json={"display_name": "Ada"}),
    "DELETE /api/v1/users/{id}": user,
    "GET /api/v1/users/{id}/roles": user,
    "PUT /api/v1/users/{id}/roles/{role_id}": role_of_user,
    "DELETE /api/v1/users/{id}/roles/{role_id}": held_role_of_user,
    "GET /api/v1/users/{id}/sessions": user,
    "DELETE /api/v1/users/{id}/sessions": user,
    "DELETE /api/v1/users/{id}/sessions/{session_id}": session_of_user,
    "GET /api/v1/users/{id}/identities": user,
    "DELETE /api/v1/users/{id}/identities/{identity_id}": identity_of_user,
    "GET /api/v1/roles": plain,
    "POST /api/v1/roles": lambda world, owner: Sample(json={"name": world.name("role")}),
    "GET /api/v1/roles/{id}": role,
    "PATCH /api/v1/roles/{id}": lambda world, owner: role(world, owner, json={"description": "Changed."}),
    "DELETE /api/v1/roles/{id}": role,
    "GET /api/v1/roles/{id}/permissions": role,
    "PUT /api/v1/roles/{id}/permissions/{permission_id}": permission_of_role,
    "DELETE /api/v1/roles/{id}/permissions/{permission_id}": given_permission_of_role,
    "GET /api/v1/permissions": plain,
    "POST /api/v1/permissions": lambda world, owner: Sample(json={"resource": world.name("thing"), "action": "read"}),
    "GET /api/v1/permissions/{id}": permission,
    "DELETE /api/v1/permissions/{id}": permission,
    "GET /api/v1/api-keys": plain,
    "POST /api/v1/api-keys": lambda world, owner: Sample(json={"name": "made"}),
    "GET /api/v1/api-keys/{id}": api_key,
    "PATCH /api/v1/api-keys/{id}": lambda world, owner: api_key(world, owner, json={"name": "renamed"}),
    "DELETE /api/v1/api-keys/{id}": api_key,
    "GET /api/v1/audit-events": plain,
    "POST /api/v1/api-keys/{id}/rotate": lambda world, owner: api_key(world, owner, json={}),
}
