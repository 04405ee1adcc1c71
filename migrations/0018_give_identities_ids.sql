-- migrate:up
-- The database makes these ids, of version 7 like all others: a first sign-in makes user and identity in one statement,
-- and workers of the release before this one know of no id.
alter table oauth_accounts
    add column id uuid not null default (
        lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
            || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14)
    )::uuid,
    add constraint oauth_accounts_id_key unique (id);

-- Without a memory of what was taken away, an identity with the user's address would be back at the next sign-in.
create table unlinked_identities (
    user_id uuid not null
        constraint unlinked_identities_user_id_fkey references users on delete cascade,
    issuer text not null,
    subject text not null,
    unlinked_at timestamptz not null,
    constraint unlinked_identities_pkey primary key (user_id, issuer, subject),
    constraint unlinked_identities_issuer_check check (length(issuer) between 1 and 512),
    constraint unlinked_identities_subject_check check (length(subject) between 1 and 255)
);
comment on table unlinked_identities is 'Identities that were taken from a user: their e-mail address does not bring them back.';

-- migrate:down
drop table unlinked_identities;
alter table oauth_accounts drop column id;
