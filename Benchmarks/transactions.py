"""What pgbench runs: the very SQL that Postern runs, each statement a transaction of its own, with values of its own."""

from statements import sql

USERS = "PostgresUserRepository.swift"
CHANGE = "PostgresUserRepository+Change.swift"
LIST = "PostgresUserRepository+List.swift"
KEYS = "PostgresAPIKeyRepository+Use.swift"
REFRESH = "PostgresSessionRepository+Refresh.swift"

# A number that no other transaction has, neither of this run nor of another, and that rises as ids of version 7 do.
NUMBER = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint as number \\gset"
NEXT_NUMBER = "\\set number :number + 1\n\\set id :number * 64 + :client_id"
ID = "('01f00000' || lpad(to_hex(:id::bigint), 24, '0'))::uuid"
# Of the present month, so that it goes where those of Postern go.
EVENT_ID = "(lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || lpad(to_hex(:id::bigint), 20, '0'))::uuid"
TOKEN = "decode(lpad(to_hex(:token::bigint), 64, '0'), 'hex')"
SUCCESSOR = "decode(lpad(to_hex(:id::bigint), 64, '0'), 'hex')"
# pgbench takes a colon, also one between quotes, for the beginning of a variable.
USERS_WRITE = "concat('users', chr(58), 'write')"
# Somebody who may create users.
INITIATOR = f"""
select ur.user_id as initiator
from user_roles ur
join role_permissions rp on rp.role_id = ur.role_id
join permissions p on p.id = rp.permission_id
where p.name = {USERS_WRITE}
order by random()
limit 1 \\gset
""".strip()
# As long as the answer to a refresh, encrypted, usually is.
ANSWER = "decode(repeat('5a', 828), 'hex')"


def api_key():
    return _script(
        "select secret_hash as value from api_keys order by random() limit 1 \\gset",
        sql(KEYS, "check", ":value"),
    )


def own_profile():
    return _script(
        "select id as value from users order by random() limit 1 \\gset",
        sql(USERS, "profile", ":value"),
    )


def users_page():
    # One more than the page holds tells whether there is another page.
    return _script("", sql(LIST, "listAll", "null", "51"))


def create_user():
    values = [ID, "'user.' || to_hex(:id::bigint) || '@example.com'", "false", "'New User'", "true", "now()", "now()"]
    values += ["'{user}'", "null", "null", "null", ":initiator", USERS_WRITE]
    values += [EVENT_ID, "now()", "'user.created'", "'user'", ":initiator", "null", "'user'", ID]
    values += ["jsonb_build_object('is_active', true, 'roles', array['user'])", "gen_random_uuid()::text", "'127.0.0.1'"]
    return _script(f"{INITIATOR}\n{NUMBER}", NEXT_NUMBER, sql(CHANGE, "create", *values))


def refresh():
    begin = f"""{NUMBER}
\\set token :number * 64 + :client_id
select id as session from sessions order by id offset :client_id limit 1 \\gset
insert into refresh_tokens (token_hash, session_id, created_at, expires_at)
values ({TOKEN}, :session, now(), now() + interval '30 days');"""
    use = [":session", TOKEN, SUCCESSOR, "now() + interval '30 days'", ANSWER, "now()", "now() - interval '10 seconds'"]
    return _script(
        begin,
        NEXT_NUMBER,
        sql(REFRESH, "sessionAndUserOfToken", TOKEN),
        sql(REFRESH, "use", *use, "'pgbench'", "'127.0.0.1'"),
        "\\set token :id",
    )


def _script(first, *lines):
    """What each connection does once, and what it does in each transaction."""
    once = f"\\if :isFirst\n{first}\n\\set isFirst 0\n\\endif\n" if first else ""
    return once + "\n".join(lines) + "\n"
