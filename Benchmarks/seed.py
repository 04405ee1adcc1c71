"""Fills a migrated database."""

from credentials import hasher, new_api_key, new_token

# Enough that no credential is asked about twice in a row, few enough to be made in a second.
CREDENTIALS = 1_000

SCHEMA = """
create function pg_temp.id(number bigint) returns uuid immutable language sql
    as $$ select ('01910000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;

insert into roles (id, name, created_at, updated_at)
select pg_temp.id(n), 'role-' || n, now(), now()
from generate_series(1, 20) n;

insert into role_permissions (role_id, permission_id, created_at)
select pg_temp.id(n), p.id, now()
from generate_series(1, 20) n, (select id, row_number() over (order by id) as number from permissions) p
where (n + p.number) % 3 = 0;

insert into users (id, email, is_email_verified, display_name, created_at, updated_at)
select pg_temp.id(n), 'user-' || n || '@example.com', true, 'User ' || n, now(), now()
from generate_series(1, {users}) n;

insert into user_roles (user_id, role_id, created_at)
select pg_temp.id(n), r.id, now()
from generate_series(1, {users}) n, roles r
where r.name in ('user', 'role-' || 1 + n % 20);

create temporary table credentials (number bigint, last_four text, key_hash bytea, link_hash bytea);
copy credentials from stdin;
{rows}
\\.

insert into api_keys (id, owner_id, name, prefix, last_four, secret_hash, created_at)
select pg_temp.id(number), pg_temp.id(number), 'benchmark', 'pst', last_four, key_hash, now()
from credentials;

insert into api_key_roles (api_key_id, role_id)
select pg_temp.id(number), r.id
from credentials, roles r
where r.name = 'role-' || 1 + number % 20;

insert into sign_in_links (token_hash, user_id, expires_at)
select link_hash, pg_temp.id(number), now() + interval '1 hour'
from credentials;

-- As if all of this had happened long ago: for what a user holds since a moment ago, tokens are not taken at their word.
delete from revocations;

vacuum analyze;
"""


SESSIONS = """
create function pg_temp.id(number bigint) returns uuid immutable language sql
    as $$ select ('01910000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;

create temporary table opened (number bigint, session_id uuid default gen_random_uuid(), token_hash bytea);
copy opened (number, token_hash) from stdin;
{rows}
\\.

insert into sessions (id, user_id, method, created_at, last_used_at, expires_at)
select session_id, pg_temp.id(number), 'benchmark', now(), now(), now() + interval '90 days'
from opened;

insert into refresh_tokens (token_hash, session_id, created_at, expires_at)
select token_hash, session_id, now(), now() + interval '30 days'
from opened;
"""


def seed(database, secret, users, credentials=CREDENTIALS):
    """Makes users with two roles each. Some have an API key and a sign-in link, the texts of which are returned."""
    numbers = range(1, min(users, credentials) + 1)
    keys = [new_api_key() for _ in numbers]
    links = [new_token() for _ in numbers]
    hash_key, hash_link = hasher(secret, "api-key-hashing"), hasher(secret, "sign-in-link-hashing")
    rows = [
        f"{number}\t{key[-4:]}\t\\\\x{hash_key(key)}\t\\\\x{hash_link(link)}"
        for number, key, link in zip(numbers, keys, links)
    ]
    database.run(SCHEMA.format(users=users, rows="\n".join(rows)))
    return keys, links


def open_sessions(database, secret, count):
    """Opens sessions of the users with credentials, in turn; their refresh tokens."""
    tokens = [new_token() for _ in range(count)]
    hash_token = hasher(secret, "refresh-token-hashing")
    rows = [f"{index % CREDENTIALS + 1}\t\\\\x{hash_token(token)}" for index, token in enumerate(tokens)]
    database.run(SESSIONS.format(rows="\n".join(rows)))
    return tokens
