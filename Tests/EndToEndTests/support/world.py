import uuid

from .caller import Caller
from .provider import Browser
from .session import Session

USERS, ROLES, PERMISSIONS, KEYS = (f"/api/v1/{name}" for name in ("users", "roles", "permissions", "api-keys"))
BUILT_IN_PERMISSIONS = frozenset(
    "users:read users:write users:delete roles:read roles:write roles:delete roles:assign permissions:read"
    " permissions:write api_keys:manage tokens:introspect audit:read".split()
)


class World:
    """An installation, its administrator, and whatever users, roles and keys a test asks for.

    Everything made has a name of its own, so tests do not meet each other.
    """

    def __init__(self, installation):
        self.server = installation.server
        self.database = Session(installation.database)
        self.secrets = {installation.administrator["api_key"]}
        self.users = {}
        self._link = self.database.query("select token_hash, user_id from sign_in_links")[0]
        self.link_token = installation.administrator["sign_in_url"].partition("token=")[2]
        self.secrets.add(self.link_token)
        self.admin = self.caller(
            token=installation.administrator_token(),
            id=installation.administrator["user_id"],
            email="admin@example.com",
            roles={"admin", "user"},
            permissions=BUILT_IN_PERMISSIONS,
        )
        self.nobody = self.caller()
        self.secrets.add(installation.administrator_token())

    # Who calls

    def caller(self, **facts):
        caller = Caller(self.server, secrets=self.secrets, **facts)
        if "token" in facts and "id" in facts:
            # By id: who can be called for.
            self.users[facts["id"]] = caller
        return caller

    def person(self, *permissions, roles=(), email=None):
        """Somebody who signed in, and holds the role `user`, `roles`, and a role that gives `permissions`."""
        email = email or f"{self.name('person')}@example.com"
        pair = self._sign_in(email)
        facts = {"id": self.caller(token=pair["access_token"]).shown(f"{USERS}/me")["id"], "email": email}
        roles = {*roles, "user"}
        if permissions:
            roles.add(self.role(*permissions)["name"])
        for role in roles - {"user"}:
            self.give(facts["id"], role)
        if roles != {"user"}:
            # A token says what was held when it was made.
            pair = self._sign_in(email)
        held = BUILT_IN_PERMISSIONS if "admin" in roles else permissions
        return self.caller(token=pair["access_token"], roles=roles, permissions=held, **facts)

    def keyholder(self, *permissions, roles=(), owner=None):
        """A program with an API key of these grants."""
        owner = owner or self.admin.id
        made = self.key(*permissions, roles=roles, owner_id=owner)
        held = {*permissions} | (BUILT_IN_PERMISSIONS if "admin" in roles else set())
        caller = self.caller(key=made["key"], id=owner, roles=roles, permissions=held)
        caller.key_id = made["id"]
        return caller

    def _sign_in(self, email):
        pair = Browser(self.server).sign_in(email)
        self.secrets |= {pair["access_token"], pair["refresh_token"]}
        return pair

    def refresh_token(self):
        return self._sign_in("visitor@example.com")["refresh_token"]

    # What there is

    def name(self, kind):
        return f"{kind}-{uuid.uuid4().hex[:12]}"

    def user(self, **fields):
        return self.admin.made(USERS, {"email": f"{self.name('user')}@example.com"} | fields)

    def role(self, *permissions, **fields):
        return self.admin.made(ROLES, {"name": self.name("role"), "permissions": sorted(permissions)} | fields)

    def permission(self, **fields):
        return self.admin.made(PERMISSIONS, {"resource": self.name("thing"), "action": "read"} | fields)

    def key(self, *permissions, roles=(), **fields):
        """A key of the administrator, or of `owner_id`; the member `key` is its secret."""
        body = {"name": self.name("key"), "permissions": sorted(permissions), "roles": sorted(roles)}
        return self.admin.made(KEYS, body | fields)

    def give(self, user_id, role):
        """Gives a user the role of this name."""
        answer = self.admin.put(f"{USERS}/{user_id}/roles/{self.role_id(role)}")
        assert answer.status_code == 204, answer.text

    def session(self, user_id):
        """The id of a new session of this user, without any tokens."""
        return self.database.value(
            "insert into sessions (id, user_id, method, created_at, last_used_at, expires_at)"
            f" values (gen_random_uuid(), '{user_id}', 'corp', now(), now(), now() + interval '1 hour') returning id"
        )

    def identity(self, user_id):
        """The id of a new identity of this user at the provider."""
        return self.database.value(
            "insert into oauth_accounts (issuer, subject, user_id, created_at)"
            f" values ('{self.server.env['POSTERN_OIDC_CORP_ISSUER']}', '{self.name('subject')}', '{user_id}', now())"
            " returning id"
        )

    def role_id(self, name):
        return self.database.value(f"select id from roles where name = '{name}'")

    def permission_id(self, name):
        return self.database.value(f"select id from permissions where name = '{name}'")

    def use_up_life(self, key_id):
        """Lets an API key have expired yesterday."""
        self.database.query(
            "update api_keys set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
            f" where id = '{key_id}'"
        )

    def renew_link(self):
        """Makes the administrator's sign-in link usable again, and returns its token."""
        token_hash, user_id = self._link
        self.database.query(
            "insert into sign_in_links (token_hash, user_id, expires_at)"
            f" values ('{token_hash}', '{user_id}', now() + interval '1 hour') on conflict do nothing"
        )
        return self.link_token

    def contents(self):
        """Everything that is stored about who may do what; two equal ones mean that nothing changed between them."""
        tables = "users oauth_accounts roles permissions role_permissions user_roles api_key_roles api_key_permissions"
        tables = f"{tables} audit_events".split()
        parts = [f"select '{table}' as t, to_jsonb({table}) as row from {table}" for table in tables]
        # Written by itself some time after a key was used.
        parts.append("select 'api_keys', to_jsonb(api_keys) - array['last_used_at', 'use_count'] from api_keys")
        return sorted(map(tuple, self.database.query(" union all ".join(parts))))

    # The log

    def secrets_in_log(self):
        log = self.server.log
        return sorted(secret[:8] + "…" for secret in self.secrets if secret in log)
