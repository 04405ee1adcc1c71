-- migrate:up
create table users (
    id uuid constraint users_pkey primary key,
    email text not null,
    is_email_verified boolean not null default false,
    display_name text,
    is_active boolean not null default true,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint users_email_key unique (email),
    constraint users_email_check check (email = lower(email) and length(email) between 3 and 254),
    constraint users_display_name_check check (length(display_name) between 1 and 200)
);
comment on table users is 'People who may sign in.';
comment on column users.id is 'UUID version 7, made by the application, like every id here: sorting by id sorts by creation.';
comment on column users.email is 'Trimmed, lower-case ASCII: two addresses that look the same are the same.';
comment on column users.is_email_verified is 'An identity provider or an administrator vouched for the address.';
comment on column users.is_active is 'False: can neither sign in nor use keys.';

create table oauth_accounts (
    issuer text not null,
    subject text not null,
    user_id uuid not null
        constraint oauth_accounts_user_id_fkey references users on delete cascade,
    email text,
    created_at timestamptz not null,
    -- OpenID Connect Core 1.0 section 2: issuer and subject together name a person, for ever; an address does not.
    constraint oauth_accounts_pkey primary key (issuer, subject),
    constraint oauth_accounts_issuer_check check (length(issuer) between 1 and 512),
    constraint oauth_accounts_subject_check check (length(subject) between 1 and 255),
    constraint oauth_accounts_email_check check (length(email) <= 320)
);
comment on table oauth_accounts is 'The identities at outside issuers with which users sign in.';
comment on column oauth_accounts.email is 'What the issuer said when the identity was linked; for support, never for finding a user.';

create index oauth_accounts_user_id_idx on oauth_accounts (user_id);

-- migrate:down
drop table oauth_accounts;
drop table users;
