-- migrate:up
create table sessions (
    id uuid constraint sessions_pkey primary key,
    user_id uuid not null
        constraint sessions_user_id_fkey references users on delete cascade,
    method text not null,
    user_agent text,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    constraint sessions_method_check check (length(method) between 1 and 64),
    constraint sessions_user_agent_check check (length(user_agent) <= 512),
    constraint sessions_expires_at_check check (expires_at > created_at)
)
-- As with api_keys: last_used_at changes at every refresh, and no index may mention it.
with (fillfactor = 85);
comment on table sessions is 'Signed-in users, one row a device. Every token of a session carries its id (sid).';
comment on column sessions.method is 'How the user signed in: the name of the provider, or link.';
comment on column sessions.ended_at is 'Set: signed out or revoked; none of its tokens counts any more.';

create index sessions_user_id_id_idx on sessions (user_id, id);

-- Rotation (RFC 9700 section 4.14.2): each token is used once and names its successor. The session is the family: when
-- a used token is shown again, the session ends.
create table refresh_tokens (
    token_hash bytea constraint refresh_tokens_pkey primary key,
    session_id uuid not null
        constraint refresh_tokens_session_id_fkey references sessions on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    replaced_by bytea,
    constraint refresh_tokens_token_hash_check check (octet_length(token_hash) = 32),
    constraint refresh_tokens_expires_at_check check (expires_at > created_at),
    constraint refresh_tokens_replaced_by_check check (replaced_by is null or used_at is not null)
)
with (fillfactor = 90);
comment on table refresh_tokens is 'Refresh tokens, each used once.';
comment on column refresh_tokens.token_hash is 'Hash of the token; the token itself is kept nowhere.';
comment on column refresh_tokens.replaced_by is 'token_hash of the successor; no reference, so that old rows can go in any order.';

create index refresh_tokens_session_id_idx on refresh_tokens (session_id);

create table used_login_states (
    state_hash bytea constraint used_login_states_pkey primary key,
    expires_at timestamptz not null,
    constraint used_login_states_state_hash_check check (octet_length(state_hash) = 32)
);
comment on table used_login_states is 'States of sign-ins that came back, so that none comes back twice.';
comment on column used_login_states.expires_at is 'When the state is refused by its own age, and the row can go.';

create index used_login_states_expires_at_idx on used_login_states (expires_at);

-- No index on user_id: the table holds the links of the last hour.
create table sign_in_links (
    token_hash bytea constraint sign_in_links_pkey primary key,
    user_id uuid not null
        constraint sign_in_links_user_id_fkey references users on delete cascade,
    expires_at timestamptz not null,
    constraint sign_in_links_token_hash_check check (octet_length(token_hash) = 32)
);
comment on table sign_in_links is 'One-time sign-in links that were not used yet; using one deletes its row.';

create index sign_in_links_expires_at_idx on sign_in_links (expires_at);

-- migrate:down
drop table sign_in_links;
drop table used_login_states;
drop table refresh_tokens;
drop table sessions;
