-- migrate:up
create table api_keys (
    id uuid constraint api_keys_pkey primary key,
    owner_id uuid not null
        constraint api_keys_owner_id_fkey references users on delete cascade,
    name text not null,
    prefix text not null,
    last_four text not null,
    secret_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint api_keys_secret_hash_key unique (secret_hash),
    constraint api_keys_name_check check (length(name) between 1 and 100),
    constraint api_keys_prefix_check check (length(prefix) between 1 and 32),
    constraint api_keys_last_four_check check (length(last_four) = 4),
    constraint api_keys_secret_hash_check check (octet_length(secret_hash) = 32),
    constraint api_keys_expires_at_check check (expires_at > created_at)
)
-- Room in each page for the next version of a row: last_used_at is written all the time, and as long as no index
-- (nor its "where") mentions it, such an update touches no index at all. Never index last_used_at.
with (fillfactor = 85);
comment on table api_keys is 'Keys with which programs call on behalf of their owner.';
comment on column api_keys.prefix is 'First part of the key''s text.';
comment on column api_keys.last_four is 'Last four characters of the key''s text, to recognise it.';
comment on column api_keys.secret_hash is 'HMAC-SHA-256 of the key; the key itself is kept nowhere.';
comment on column api_keys.expires_at is 'Null: does not expire.';
comment on column api_keys.last_used_at is 'Written in batches, so it lags; null: never used. Never index it.';
comment on column api_keys.revoked_at is 'Set: the key is over for ever; the row stays for the record.';

-- One owner's keys by age; not partial, because deleting a user must find the revoked ones too.
create index api_keys_owner_id_id_idx on api_keys (owner_id, id);

-- What is given to a key never goes beyond what its owner holds, and a role can only be deleted when no user holds
-- it: when such a row goes, the key loses nothing that it could still use.
create table api_key_roles (
    api_key_id uuid not null
        constraint api_key_roles_api_key_id_fkey references api_keys on delete cascade,
    role_id uuid not null
        constraint api_key_roles_role_id_fkey references roles on delete cascade,
    constraint api_key_roles_pkey primary key (api_key_id, role_id)
);
comment on table api_key_roles is 'The roles given to a key.';

create index api_key_roles_role_id_idx on api_key_roles (role_id);

create table api_key_permissions (
    api_key_id uuid not null
        constraint api_key_permissions_api_key_id_fkey references api_keys on delete cascade,
    permission_id uuid not null
        constraint api_key_permissions_permission_id_fkey references permissions on delete cascade,
    constraint api_key_permissions_pkey primary key (api_key_id, permission_id)
);
comment on table api_key_permissions is 'The permissions given to a key directly.';

create index api_key_permissions_permission_id_idx on api_key_permissions (permission_id);

-- migrate:down
drop table api_key_permissions;
drop table api_key_roles;
drop table api_keys;
