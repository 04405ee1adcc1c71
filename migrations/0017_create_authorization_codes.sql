-- migrate:up
-- No index on user_id: the table holds the codes of the last minute.
create table authorization_codes (
    code_hash bytea constraint authorization_codes_pkey primary key,
    user_id uuid not null
        constraint authorization_codes_user_id_fkey references users on delete cascade,
    method text not null,
    redirect_uri text not null,
    code_challenge text not null,
    expires_at timestamptz not null,
    constraint authorization_codes_code_hash_check check (octet_length(code_hash) = 32),
    constraint authorization_codes_method_check check (length(method) between 1 and 64),
    constraint authorization_codes_redirect_uri_check check (length(redirect_uri) between 1 and 1024),
    constraint authorization_codes_code_challenge_check check (length(code_challenge) = 43)
);
comment on table authorization_codes is 'One-time codes that sign-ins returned to apps with; swapping one deletes its row.';
comment on column authorization_codes.code_hash is 'Hash of the code; the code itself is kept nowhere.';
comment on column authorization_codes.method is 'How the user signed in: the name of the provider.';
comment on column authorization_codes.redirect_uri is 'Where the code was sent.';
comment on column authorization_codes.code_challenge is 'SHA-256 of what the app must show (RFC 7636), base64url.';

create index authorization_codes_expires_at_idx on authorization_codes (expires_at);

-- migrate:down
drop table authorization_codes;
