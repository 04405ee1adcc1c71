-- migrate:up
create table signing_keys (
    kid text constraint signing_keys_pkey primary key,
    number integer not null,
    wrapped_private_key bytea not null,
    created_at timestamptz not null,
    activates_at timestamptz not null,
    retired_at timestamptz,
    constraint signing_keys_number_key unique (number),
    constraint signing_keys_kid_check check (length(kid) between 1 and 128),
    constraint signing_keys_number_check check (number > 0),
    constraint signing_keys_retired_at_check check (retired_at >= activates_at)
);
comment on table signing_keys is 'Keys that sign access tokens or still verify them.';
comment on column signing_keys.kid is 'RFC 7638 thumbprint of the public key.';
comment on column signing_keys.number is 'One more than the highest when the key was made. Workers that make a key at the same time choose the same number, so exactly one of them stores its key.';
comment on column signing_keys.wrapped_private_key is 'PKCS #8, encrypted under a key derived from POSTERN_SECRET.';
comment on column signing_keys.activates_at is 'From then on it signs; before, it is only published.';
comment on column signing_keys.retired_at is 'From then on it only verifies; null while it signs.';

-- migrate:down
drop table signing_keys;
