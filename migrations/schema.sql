-- The schema after migration 0026, written by scripts/schema and never by hand.
-- To read and to compare: a database is made by postern migrate up, which also puts in the rows that belong to it.

set check_function_bodies = off;

-- Object: function drop_audit_partition(before timestamp with time zone)
CREATE OR REPLACE FUNCTION drop_audit_partition(before timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 SET lock_timeout TO '2s'
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
    name text;
begin
    perform pg_advisory_xact_lock('audit_events'::regclass::oid::bigint);
    set local lock_timeout = '100ms';
    select c.relname into name
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'audit_events'::regclass
        and c.relname ~ '^audit_events_\d{4}_\d{2}$'
        and c.relname < 'audit_events_' || to_char(before at time zone 'UTC', 'YYYY_MM')
    order by c.relname
    limit 1;
    if name is not null then
        execute format('drop table %I', name);
    end if;
    return name;
end
$function$;
comment on function drop_audit_partition(before timestamp with time zone) is 'Drops the oldest month that ended before an instant, and gives the name of its table; null when there is none.';

-- Object: function first_uuid_at(instant timestamp with time zone)
CREATE OR REPLACE FUNCTION first_uuid_at(instant timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
    select (lpad(to_hex(greatest(floor(extract(epoch from instant) * 1000), 0)::bigint), 12, '0') || repeat('0', 20))::uuid
$function$;
comment on function first_uuid_at(instant timestamp with time zone) is 'The least id that is made at an instant: rows from then on have it or a higher one.';

-- Object: function keep_user_search_terms()
CREATE OR REPLACE FUNCTION keep_user_search_terms()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
    if tg_op = 'UPDATE' then
        delete from user_search_terms where user_id = old.id;
    end if;
    insert into user_search_terms (user_id, term, shared, is_active)
    select new.id, t.term, t.shared, new.is_active
    from user_search_terms_of(new.email, new.display_name) t;
    return null;
end
$function$;

-- Object: function make_audit_partition(instant timestamp with time zone)
CREATE OR REPLACE FUNCTION make_audit_partition(instant timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SET lock_timeout TO '2s'
 SET "postern.moves_audit_events" TO 'on'
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
    month timestamp := date_trunc('month', instant at time zone 'UTC');
    first uuid := first_uuid_at(month at time zone 'UTC');
    past uuid := first_uuid_at((month + interval '1 month') at time zone 'UTC');
    name text := 'audit_events_' || to_char(month, 'YYYY_MM');
    schema regnamespace := (select relnamespace from pg_class where oid = 'audit_events'::regclass);
begin
    -- Not by to_regclass(), here and below: a session that waited for another goes on to believe what it has looked up.
    if exists (select from pg_class c where c.relnamespace = schema and c.relname = name) then
        return false;
    end if;
    -- One at a time; who waits for this holds nothing.
    perform pg_advisory_xact_lock('audit_events'::regclass::oid::bigint);
    set local lock_timeout = '100ms';
    if exists (select from pg_class c where c.relnamespace = schema and c.relname = name) then
        return false;
    end if;
    if not exists (select from pg_class c where c.relnamespace = schema and c.relname = 'audit_events_default') then
        execute format('create table %s.audit_events_default partition of audit_events default', schema);
        comment on table audit_events_default is 'Events of months that have no partition; they move when it is made.';
    end if;
    execute format('create table %s.%I (like audit_events including defaults including constraints)', schema, name);
    execute format('comment on table %I is %L', name, 'Audit events of ' || to_char(month, 'YYYY-MM') || ', in UTC.');
    lock table audit_events_default in access exclusive mode;
    -- All columns, also those of later migrations: the three tables have the same ones.
    execute format(
        'with moved as (delete from audit_events_default where id >= $1 and id < $2 returning *) '
        || 'insert into %I select * from moved', name
    ) using first, past;
    execute format('alter table audit_events attach partition %I for values from (%L) to (%L)', name, first, past);
    return true;
end
$function$;
comment on function make_audit_partition(instant timestamp with time zone) is 'Makes the partition of the month of an instant; false when it is there.';

-- Object: function note_revocation()
CREATE OR REPLACE FUNCTION note_revocation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
    insert into revocations (kind, subject)
    select distinct tg_argv[0], changed.subject
    from (
        select (version.content ->> tg_argv[1])::uuid, (version.content ->> 'created_at')::timestamptz
        from (values (to_jsonb(old)), (to_jsonb(new))) version (content)
        where version.content is not null
    ) changed (subject, created_at)
    where tg_op <> 'INSERT'
        or not exists (
            select from users u where u.id = changed.subject and u.created_at = changed.created_at
            union all
            select from roles r where r.id = changed.subject and r.created_at = changed.created_at
        )
    on conflict do nothing;
    return null;
end
$function$;

-- Object: function note_revocation_of_api_key()
CREATE OR REPLACE FUNCTION note_revocation_of_api_key()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
    insert into revocations (kind, subject)
    select distinct 'api_key', changed.subject
    from (values (old.api_key_id), (new.api_key_id)) changed (subject)
    where changed.subject is not null
        and (
            tg_op <> 'INSERT'
            or not exists (
                select from api_keys k
                where k.id = changed.subject and k.xmin = pg_current_xact_id()::xid
            )
        )
    on conflict do nothing;
    return null;
end
$function$;

-- Object: function note_revocation_of_new_role()
CREATE OR REPLACE FUNCTION note_revocation_of_new_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
    if not exists (select from users u where u.id = new.user_id and u.created_at = new.created_at) then
        insert into revocations (kind, subject) values ('user', new.user_id) on conflict do nothing;
    end if;
    return null;
end
$function$;

-- Object: function refuse_change_of_audit_event()
CREATE OR REPLACE FUNCTION refuse_change_of_audit_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
    raise exception 'audit events are never changed; whole months are dropped'
        using errcode = 'insufficient_privilege';
end
$function$;

-- Object: function remove_user_search_terms()
CREATE OR REPLACE FUNCTION remove_user_search_terms()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
    if tg_op = 'TRUNCATE' then
        truncate user_search_terms;
    else
        delete from user_search_terms where user_id = old.id;
    end if;
    return null;
end
$function$;

-- Object: function user_search_terms_of(email text, display_name text)
CREATE OR REPLACE FUNCTION user_search_terms_of(email text, display_name text)
 RETURNS TABLE(term text, shared smallint)
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
    at_sign integer := nullif(position('@' in email), 0);
    suffixes text[] := array[left(substr(email, at_sign), 100)];
    places integer[] := array[at_sign];
    source text;
    piece text;
    rest text;
    suffix text;
    previous text := '';
begin
    foreach source in array array[coalesce(email, ''), coalesce(lower(display_name), '')] loop
        rest := source;
        foreach piece in array
            string_to_array(translate(source, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)), ' ')
        loop
            suffixes := suffixes || left(rest, 100);
            places := places || length(source) - length(rest) + 1;
            rest := substr(rest, length(piece) + 2);
        end loop;
    end loop;

    if cardinality(suffixes) > 40 then
        suffixes := array(
            select found.suffix
            from unnest(suffixes, places) with ordinality found (suffix, place, number)
            where left(found.suffix, 1) not in ('', ' ')
            order by found.place, found.number
            limit 40
        );
    end if;

    foreach suffix in array
        array(
            select found.suffix
            from unnest(suffixes) found (suffix)
            where left(found.suffix, 1) not in ('', ' ')
            order by found.suffix collate "C"
        )
    loop
        if term is not null and not starts_with(suffix, term) then
            return next;
            previous := term;
        end if;
        term := suffix;
        shared := 0;
        while shared < length(term) and substr(term, shared + 1, 1) = substr(previous, shared + 1, 1) loop
            shared := shared + 1;
        end loop;
    end loop;
    if term is not null then
        return next;
    end if;
end
$function$;

-- Object: table api_key_permissions
create table api_key_permissions (
    api_key_id uuid not null,
    permission_id uuid not null,
    constraint api_key_permissions_pkey PRIMARY KEY (api_key_id, permission_id)
);
comment on table api_key_permissions is 'The permissions given to a key directly.';
CREATE INDEX api_key_permissions_permission_id_idx ON api_key_permissions USING btree (permission_id);

-- Object: table api_key_roles
create table api_key_roles (
    api_key_id uuid not null,
    role_id uuid not null,
    constraint api_key_roles_pkey PRIMARY KEY (api_key_id, role_id)
);
comment on table api_key_roles is 'The roles given to a key.';
CREATE INDEX api_key_roles_role_id_idx ON api_key_roles USING btree (role_id);

-- Object: table api_keys
create table api_keys (
    id uuid not null,
    owner_id uuid not null,
    name text not null,
    prefix text not null,
    last_four text not null,
    secret_hash bytea not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    use_count bigint default 0 not null,
    constraint api_keys_pkey PRIMARY KEY (id),
    constraint api_keys_secret_hash_key UNIQUE (secret_hash),
    constraint api_keys_expires_at_check CHECK (expires_at > created_at),
    constraint api_keys_last_four_check CHECK (length(last_four) = 4),
    constraint api_keys_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
    constraint api_keys_prefix_check CHECK (length(prefix) >= 1 AND length(prefix) <= 32),
    constraint api_keys_secret_hash_check CHECK (octet_length(secret_hash) = 32)
) with (fillfactor=85);
comment on table api_keys is 'Keys with which programs call on behalf of their owner.';
comment on column api_keys.prefix is 'First part of the key''s text.';
comment on column api_keys.last_four is 'Last four characters of the key''s text, to recognise it.';
comment on column api_keys.secret_hash is 'HMAC-SHA-256 of the key; the key itself is kept nowhere.';
comment on column api_keys.expires_at is 'Null: does not expire.';
comment on column api_keys.last_used_at is 'Written in batches, so it lags; null: never used. Never index it.';
comment on column api_keys.revoked_at is 'Set: the key is over for ever; the row stays for the record.';
comment on column api_keys.use_count is 'Uses, written in batches, so it lags. Never index it.';
CREATE INDEX api_keys_id_live_idx ON api_keys USING btree (id) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_owner_id_id_idx ON api_keys USING btree (owner_id, id);
CREATE INDEX api_keys_owner_id_id_live_idx ON api_keys USING btree (owner_id, id) WHERE revoked_at IS NULL;

-- Object: table audit_events
create table audit_events (
    id uuid not null,
    occurred_at timestamp with time zone not null,
    action text collate "C" not null,
    actor_kind text not null,
    actor_user_id uuid,
    actor_api_key_id uuid,
    subject_kind text not null,
    subject_id uuid,
    details jsonb default '{}'::jsonb not null,
    request_id text,
    client_address inet,
    constraint audit_events_pkey PRIMARY KEY (id),
    constraint audit_events_actor_kind_check CHECK (actor_kind = ANY (ARRAY['user'::text, 'api_key'::text, 'command_line'::text, 'system'::text]))
) partition by RANGE (id);
comment on table audit_events is 'Who changed what: written with the change, in its transaction, and never changed (docs/AUDIT.md).';
comment on column audit_events.actor_user_id is 'The user who acted, or whose API key did; null for the command line and for Postern itself.';
comment on column audit_events.subject_id is 'What was changed; null for what has no id.';
comment on column audit_events.details is 'What of it was changed: names of fields, roles and permissions; no secret, no name and no address of a person.';
comment on column audit_events.request_id is 'The X-Request-Id of the answer, which stands in the log, too.';
CREATE INDEX audit_events_action_id_idx ON ONLY audit_events USING btree (action, id);
CREATE INDEX audit_events_actor_api_key_id_id_idx ON ONLY audit_events USING btree (actor_api_key_id, id) WHERE actor_api_key_id IS NOT NULL;
CREATE INDEX audit_events_actor_user_id_id_idx ON ONLY audit_events USING btree (actor_user_id, id);
CREATE INDEX audit_events_subject_id_id_idx ON ONLY audit_events USING btree (subject_id, id);

-- Object: table authorization_codes
create table authorization_codes (
    code_hash bytea not null,
    user_id uuid not null,
    method text not null,
    redirect_uri text not null,
    code_challenge text not null,
    expires_at timestamp with time zone not null,
    used_at timestamp with time zone,
    session_id uuid,
    constraint authorization_codes_pkey PRIMARY KEY (code_hash),
    constraint authorization_codes_code_challenge_check CHECK (length(code_challenge) = 43),
    constraint authorization_codes_code_hash_check CHECK (octet_length(code_hash) = 32),
    constraint authorization_codes_method_check CHECK (length(method) >= 1 AND length(method) <= 64),
    constraint authorization_codes_redirect_uri_check CHECK (length(redirect_uri) >= 1 AND length(redirect_uri) <= 1024),
    constraint authorization_codes_session_id_check CHECK ((session_id IS NULL) = (used_at IS NULL))
);
comment on table authorization_codes is 'One-time codes that sign-ins returned to apps with. A used one stays until it expires: shown again, it ends its session.';
comment on column authorization_codes.code_hash is 'Hash of the code; the code itself is kept nowhere.';
comment on column authorization_codes.method is 'How the user signed in: the name of the provider.';
comment on column authorization_codes.redirect_uri is 'Where the code was sent.';
comment on column authorization_codes.code_challenge is 'SHA-256 of what the app must show (RFC 7636), base64url.';
comment on column authorization_codes.session_id is 'The session that the code was used for; no reference, because it is opened after that, and not at all when the verifier is wrong.';
CREATE INDEX authorization_codes_expires_at_idx ON authorization_codes USING btree (expires_at);

-- Object: table idempotency_keys
create table idempotency_keys (
    key_hash bytea not null,
    fingerprint bytea not null,
    sealed_reply text,
    expires_at timestamp with time zone not null,
    constraint idempotency_keys_pkey PRIMARY KEY (key_hash),
    constraint idempotency_keys_fingerprint_check CHECK (octet_length(fingerprint) = 32),
    constraint idempotency_keys_key_hash_check CHECK (octet_length(key_hash) = 32)
);
comment on table idempotency_keys is 'Answers to requests that may be sent again. Key, change and answer are one transaction.';
comment on column idempotency_keys.key_hash is 'Hash of the caller and the caller''s Idempotency-Key.';
comment on column idempotency_keys.fingerprint is 'SHA-256 of the request: another request under the same key is a mistake.';
comment on column idempotency_keys.sealed_reply is 'The answer, encrypted under a key derived from POSTERN_SECRET; null while the request runs.';
comment on column idempotency_keys.expires_at is 'From then on the key is free again, and the row can go.';
CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys USING btree (expires_at);

-- Object: table oauth_accounts
create table oauth_accounts (
    issuer text not null,
    subject text not null,
    user_id uuid not null,
    email text,
    created_at timestamp with time zone not null,
    id uuid default ((lpad(to_hex((EXTRACT(epoch FROM clock_timestamp()) * 1000::numeric)::bigint), 12, '0'::text) || '7'::text) || substr(replace(gen_random_uuid()::text, '-'::text, ''::text), 14))::uuid not null,
    constraint oauth_accounts_pkey PRIMARY KEY (issuer, subject),
    constraint oauth_accounts_id_key UNIQUE (id),
    constraint oauth_accounts_email_check CHECK (length(email) <= 320),
    constraint oauth_accounts_issuer_check CHECK (length(issuer) >= 1 AND length(issuer) <= 512),
    constraint oauth_accounts_subject_check CHECK (length(subject) >= 1 AND length(subject) <= 255)
);
comment on table oauth_accounts is 'The identities at outside issuers with which users sign in.';
comment on column oauth_accounts.email is 'What the issuer said when the identity was linked; for support, never for finding a user.';
CREATE INDEX oauth_accounts_user_id_idx ON oauth_accounts USING btree (user_id);

-- Object: table permissions
create table permissions (
    id uuid not null,
    resource text not null,
    action text not null,
    name text generated always as ((resource || ':'::text) || action) stored not null,
    description text default ''::text not null,
    is_built_in boolean default false not null,
    created_at timestamp with time zone not null,
    constraint permissions_pkey PRIMARY KEY (id),
    constraint permissions_name_key UNIQUE (name),
    constraint permissions_action_check CHECK (action ~ '^[a-z][a-z0-9_.-]{0,63}$'::text),
    constraint permissions_description_check CHECK (length(description) <= 500),
    constraint permissions_resource_check CHECK (resource ~ '^[a-z][a-z0-9_.-]{0,63}$'::text)
);
comment on table permissions is 'What may be done: an action on a kind of resource.';
comment on column permissions.name is 'resource:action, as tokens and rules write it.';
comment on column permissions.is_built_in is 'The API itself asks for it; it cannot be deleted.';

-- Object: table refresh_tokens
create table refresh_tokens (
    token_hash bytea not null,
    session_id uuid not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    used_at timestamp with time zone,
    replaced_by bytea,
    replaces bytea,
    sealed_pair bytea,
    constraint refresh_tokens_pkey PRIMARY KEY (token_hash),
    constraint refresh_tokens_expires_at_check CHECK (expires_at > created_at),
    constraint refresh_tokens_replaced_by_check CHECK (replaced_by IS NULL OR used_at IS NOT NULL),
    constraint refresh_tokens_token_hash_check CHECK (octet_length(token_hash) = 32)
) with (fillfactor=90);
comment on table refresh_tokens is 'Refresh tokens, each used once.';
comment on column refresh_tokens.token_hash is 'Hash of the token; the token itself is kept nowhere.';
comment on column refresh_tokens.replaced_by is 'token_hash of the successor; no reference, so that old rows can go in any order.';
comment on column refresh_tokens.replaces is 'token_hash of the predecessor; null for the first one of a session.';
comment on column refresh_tokens.sealed_pair is 'What was given for the token, for clients that lost the answer: encrypted under a key that only the token itself gives, and removed when the successor is used.';
CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens USING btree (expires_at);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens USING btree (session_id);

-- Object: table revocations
create table revocations (
    xid xid8 default pg_current_xact_id() not null,
    kind text collate "C" not null,
    subject uuid not null,
    created_at timestamp with time zone default now() not null,
    constraint revocations_pkey PRIMARY KEY (xid, kind, subject),
    constraint revocations_kind_check CHECK (kind = ANY (ARRAY['session'::text, 'user'::text, 'roles'::text, 'api_key'::text]))
);
comment on table revocations is 'What ended or changed and concerns tokens that are out or API keys. Triggers write it, and workers read it.';
comment on column revocations.xid is 'The transaction of the change.';
comment on column revocations.kind is 'session: ended, with all its tokens. user: holds something else than before, or is not active. roles: roles give something else. api_key: over, or holds something else.';
comment on column revocations.subject is 'The id of what changed.';
CREATE INDEX revocations_created_at_idx ON revocations USING btree (created_at);

-- Object: table role_permissions
create table role_permissions (
    role_id uuid not null,
    permission_id uuid not null,
    created_at timestamp with time zone not null,
    constraint role_permissions_pkey PRIMARY KEY (role_id, permission_id)
);
comment on table role_permissions is 'The permissions that come with a role.';
CREATE INDEX role_permissions_permission_id_idx ON role_permissions USING btree (permission_id);

-- Object: table roles
create table roles (
    id uuid not null,
    name text not null,
    description text default ''::text not null,
    is_built_in boolean default false not null,
    grants_all_permissions boolean default false not null,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    constraint roles_pkey PRIMARY KEY (id),
    constraint roles_name_key UNIQUE (name),
    constraint roles_description_check CHECK (length(description) <= 500),
    constraint roles_name_check CHECK (name ~ '^[a-z][a-z0-9_.-]{0,63}$'::text)
);
comment on table roles is 'Named sets of permissions that users and API keys hold.';
comment on column roles.is_built_in is 'Every installation has it; it can neither be renamed nor deleted.';
comment on column roles.grants_all_permissions is 'Holds every permission there is, also those created later.';

-- Object: table sessions
create table sessions (
    id uuid not null,
    user_id uuid not null,
    method text not null,
    user_agent text,
    created_at timestamp with time zone not null,
    last_used_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    address inet,
    constraint sessions_pkey PRIMARY KEY (id),
    constraint sessions_expires_at_check CHECK (expires_at > created_at),
    constraint sessions_method_check CHECK (length(method) >= 1 AND length(method) <= 64),
    constraint sessions_user_agent_check CHECK (length(user_agent) <= 512)
) with (fillfactor=85);
comment on table sessions is 'Signed-in users, one row a device. Every token of a session carries its id (sid).';
comment on column sessions.method is 'How the user signed in: the name of the provider, or link.';
comment on column sessions.ended_at is 'Set: signed out or revoked; none of its tokens counts any more.';
comment on column sessions.address is 'From where the session was last used.';
CREATE INDEX sessions_over_idx ON sessions USING btree (LEAST(ended_at, expires_at));
CREATE INDEX sessions_user_id_id_idx ON sessions USING btree (user_id, id);

-- Object: table sign_in_links
create table sign_in_links (
    token_hash bytea not null,
    user_id uuid not null,
    expires_at timestamp with time zone not null,
    constraint sign_in_links_pkey PRIMARY KEY (token_hash),
    constraint sign_in_links_token_hash_check CHECK (octet_length(token_hash) = 32)
);
comment on table sign_in_links is 'One-time sign-in links that were not used yet; using one deletes its row.';
CREATE INDEX sign_in_links_expires_at_idx ON sign_in_links USING btree (expires_at);

-- Object: table signing_keys
create table signing_keys (
    kid text not null,
    number integer not null,
    wrapped_private_key bytea not null,
    created_at timestamp with time zone not null,
    activates_at timestamp with time zone not null,
    retired_at timestamp with time zone,
    constraint signing_keys_pkey PRIMARY KEY (kid),
    constraint signing_keys_number_key UNIQUE (number),
    constraint signing_keys_kid_check CHECK (length(kid) >= 1 AND length(kid) <= 128),
    constraint signing_keys_number_check CHECK (number > 0),
    constraint signing_keys_retired_at_check CHECK (retired_at >= activates_at)
);
comment on table signing_keys is 'Keys that sign access tokens or still verify them.';
comment on column signing_keys.kid is 'RFC 7638 thumbprint of the public key.';
comment on column signing_keys.number is 'One more than the highest when the key was made. Workers that make a key at the same time choose the same number, so exactly one of them stores its key.';
comment on column signing_keys.wrapped_private_key is 'PKCS #8, encrypted under a key derived from POSTERN_SECRET.';
comment on column signing_keys.activates_at is 'From then on it signs; before, it is only published.';
comment on column signing_keys.retired_at is 'From then on it only verifies; null while it signs.';

-- Object: table unlinked_identities
create table unlinked_identities (
    user_id uuid not null,
    issuer text not null,
    subject text not null,
    unlinked_at timestamp with time zone not null,
    constraint unlinked_identities_pkey PRIMARY KEY (user_id, issuer, subject),
    constraint unlinked_identities_issuer_check CHECK (length(issuer) >= 1 AND length(issuer) <= 512),
    constraint unlinked_identities_subject_check CHECK (length(subject) >= 1 AND length(subject) <= 255)
);
comment on table unlinked_identities is 'Identities that were taken from a user: their e-mail address does not bring them back.';

-- Object: table used_login_states
create table used_login_states (
    state_hash bytea not null,
    expires_at timestamp with time zone not null,
    constraint used_login_states_pkey PRIMARY KEY (state_hash),
    constraint used_login_states_state_hash_check CHECK (octet_length(state_hash) = 32)
);
comment on table used_login_states is 'States of sign-ins that came back, so that none comes back twice.';
comment on column used_login_states.expires_at is 'When the state is refused by its own age, and the row can go.';
CREATE INDEX used_login_states_expires_at_idx ON used_login_states USING btree (expires_at);

-- Object: table user_roles
create table user_roles (
    user_id uuid not null,
    role_id uuid not null,
    created_at timestamp with time zone not null,
    constraint user_roles_pkey PRIMARY KEY (user_id, role_id)
);
comment on table user_roles is 'The roles that a user holds.';
CREATE INDEX user_roles_role_id_user_id_idx ON user_roles USING btree (role_id, user_id);

-- Object: table user_search_terms
create table user_search_terms (
    user_id uuid not null,
    term text collate "C" not null,
    shared smallint not null,
    is_active boolean not null,
    constraint user_search_terms_pkey PRIMARY KEY (user_id, term)
);
comment on table user_search_terms is 'What users are found by. A trigger on users keeps it; nothing else writes here.';
comment on column user_search_terms.user_id is 'No reference: the triggers on users keep it.';
comment on column user_search_terms.term is 'From a word of the e-mail address or name to its end, in lower case, cut to 100 characters.';
comment on column user_search_terms.shared is 'Characters in common with the term before it, of the same user and in sorted order; 0 for the first.';
comment on column user_search_terms.is_active is 'That of the user.';
CREATE INDEX user_search_terms_is_active_term_user_id_idx ON user_search_terms USING btree (is_active, term, user_id) INCLUDE (shared);

-- Object: table users
create table users (
    id uuid not null,
    email text not null,
    is_email_verified boolean default false not null,
    display_name text,
    is_active boolean default true not null,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    constraint users_pkey PRIMARY KEY (id),
    constraint users_email_key UNIQUE (email),
    constraint users_display_name_check CHECK (length(display_name) >= 1 AND length(display_name) <= 200),
    constraint users_email_check CHECK (email = lower(email) AND length(email) >= 3 AND length(email) <= 254)
);
comment on table users is 'People who may sign in.';
comment on column users.id is 'UUID version 7, made by the application, like every id here: sorting by id sorts by creation.';
comment on column users.email is 'Trimmed, lower-case ASCII: two addresses that look the same are the same.';
comment on column users.is_email_verified is 'An identity provider or an administrator vouched for the address.';
comment on column users.is_active is 'False: can neither sign in nor use keys.';
CREATE INDEX users_is_active_id_idx ON users USING btree (is_active, id);

-- Object: foreign key api_key_permissions_api_key_id_fkey of api_key_permissions
alter table api_key_permissions add constraint api_key_permissions_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_keys(id) ON DELETE CASCADE;

-- Object: foreign key api_key_permissions_permission_id_fkey of api_key_permissions
alter table api_key_permissions add constraint api_key_permissions_permission_id_fkey FOREIGN KEY (permission_id) REFERENCES permissions(id) ON DELETE CASCADE;

-- Object: foreign key api_key_roles_api_key_id_fkey of api_key_roles
alter table api_key_roles add constraint api_key_roles_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_keys(id) ON DELETE CASCADE;

-- Object: foreign key api_key_roles_role_id_fkey of api_key_roles
alter table api_key_roles add constraint api_key_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON DELETE CASCADE;

-- Object: foreign key api_keys_owner_id_fkey of api_keys
alter table api_keys add constraint api_keys_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: foreign key authorization_codes_user_id_fkey of authorization_codes
alter table authorization_codes add constraint authorization_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: foreign key oauth_accounts_user_id_fkey of oauth_accounts
alter table oauth_accounts add constraint oauth_accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: foreign key refresh_tokens_session_id_fkey of refresh_tokens
alter table refresh_tokens add constraint refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;

-- Object: foreign key role_permissions_permission_id_fkey of role_permissions
alter table role_permissions add constraint role_permissions_permission_id_fkey FOREIGN KEY (permission_id) REFERENCES permissions(id) ON DELETE RESTRICT;

-- Object: foreign key role_permissions_role_id_fkey of role_permissions
alter table role_permissions add constraint role_permissions_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON DELETE CASCADE;

-- Object: foreign key sessions_user_id_fkey of sessions
alter table sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: foreign key sign_in_links_user_id_fkey of sign_in_links
alter table sign_in_links add constraint sign_in_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: foreign key unlinked_identities_user_id_fkey of unlinked_identities
alter table unlinked_identities add constraint unlinked_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: foreign key user_roles_role_id_fkey of user_roles
alter table user_roles add constraint user_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON DELETE RESTRICT;

-- Object: foreign key user_roles_user_id_fkey of user_roles
alter table user_roles add constraint user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

-- Object: trigger api_key_permissions_revocation of api_key_permissions
CREATE TRIGGER api_key_permissions_revocation AFTER INSERT OR DELETE OR UPDATE ON api_key_permissions FOR EACH ROW EXECUTE FUNCTION note_revocation_of_api_key();

-- Object: trigger api_key_roles_revocation of api_key_roles
CREATE TRIGGER api_key_roles_revocation AFTER INSERT OR DELETE OR UPDATE ON api_key_roles FOR EACH ROW EXECUTE FUNCTION note_revocation_of_api_key();

-- Object: trigger api_keys_revocation_delete of api_keys
CREATE TRIGGER api_keys_revocation_delete AFTER DELETE ON api_keys FOR EACH ROW WHEN (old.revoked_at IS NULL) EXECUTE FUNCTION note_revocation('api_key', 'id');

-- Object: trigger api_keys_revocation_update of api_keys
CREATE TRIGGER api_keys_revocation_update AFTER UPDATE OF owner_id, secret_hash, expires_at, revoked_at ON api_keys FOR EACH ROW EXECUTE FUNCTION note_revocation('api_key', 'id');

-- Object: trigger audit_events_append_only of audit_events
CREATE TRIGGER audit_events_append_only BEFORE DELETE OR UPDATE ON audit_events FOR EACH ROW WHEN (current_setting('postern.moves_audit_events'::text, true) IS DISTINCT FROM 'on'::text) EXECUTE FUNCTION refuse_change_of_audit_event();

-- Object: trigger audit_events_no_truncate of audit_events
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_event();

-- Object: trigger permissions_revocation of permissions
CREATE TRIGGER permissions_revocation AFTER UPDATE OF resource, action ON permissions FOR EACH ROW WHEN (old.resource IS DISTINCT FROM new.resource OR old.action IS DISTINCT FROM new.action) EXECUTE FUNCTION note_revocation('roles', 'id');

-- Object: trigger permissions_revocation_delete of permissions
CREATE TRIGGER permissions_revocation_delete AFTER DELETE ON permissions FOR EACH ROW EXECUTE FUNCTION note_revocation('roles', 'id');

-- Object: trigger role_permissions_revocation of role_permissions
CREATE TRIGGER role_permissions_revocation AFTER INSERT OR DELETE OR UPDATE ON role_permissions FOR EACH ROW EXECUTE FUNCTION note_revocation('roles', 'role_id');

-- Object: trigger roles_revocation of roles
CREATE TRIGGER roles_revocation AFTER UPDATE OF name, grants_all_permissions ON roles FOR EACH ROW WHEN (old.name IS DISTINCT FROM new.name OR old.grants_all_permissions IS DISTINCT FROM new.grants_all_permissions) EXECUTE FUNCTION note_revocation('roles', 'id');

-- Object: trigger sessions_revocation_delete of sessions
CREATE TRIGGER sessions_revocation_delete AFTER DELETE ON sessions FOR EACH ROW WHEN (old.ended_at IS NULL AND old.expires_at > (now() - '25:00:00'::interval)) EXECUTE FUNCTION note_revocation('session', 'id');

-- Object: trigger sessions_revocation_update of sessions
CREATE TRIGGER sessions_revocation_update AFTER UPDATE OF ended_at ON sessions FOR EACH ROW WHEN (old.ended_at IS NULL AND new.ended_at IS NOT NULL) EXECUTE FUNCTION note_revocation('session', 'id');

-- Object: trigger user_roles_revocation of user_roles
CREATE TRIGGER user_roles_revocation AFTER DELETE OR UPDATE ON user_roles FOR EACH ROW EXECUTE FUNCTION note_revocation('user', 'user_id');

-- Object: trigger user_roles_revocation_insert of user_roles
CREATE TRIGGER user_roles_revocation_insert AFTER INSERT ON user_roles FOR EACH ROW EXECUTE FUNCTION note_revocation_of_new_role();

-- Object: trigger users_revocation_delete of users
CREATE TRIGGER users_revocation_delete AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION note_revocation('user', 'id');

-- Object: trigger users_revocation_update of users
CREATE TRIGGER users_revocation_update AFTER UPDATE OF is_active ON users FOR EACH ROW WHEN (old.is_active IS DISTINCT FROM new.is_active) EXECUTE FUNCTION note_revocation('user', 'id');

-- Object: trigger users_search_terms_delete of users
CREATE TRIGGER users_search_terms_delete AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION remove_user_search_terms();

-- Object: trigger users_search_terms_insert of users
CREATE TRIGGER users_search_terms_insert AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION keep_user_search_terms();

-- Object: trigger users_search_terms_truncate of users
CREATE TRIGGER users_search_terms_truncate AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION remove_user_search_terms();

-- Object: trigger users_search_terms_update of users
CREATE TRIGGER users_search_terms_update AFTER UPDATE OF id, email, display_name, is_active ON users FOR EACH ROW WHEN (old.id IS DISTINCT FROM new.id OR old.email IS DISTINCT FROM new.email OR old.display_name IS DISTINCT FROM new.display_name OR old.is_active IS DISTINCT FROM new.is_active) EXECUTE FUNCTION keep_user_search_terms();
