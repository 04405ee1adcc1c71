-- migrate:up

-- Workers check access tokens without a look-up, so they have to be told when a token stops being true. They read this
-- table a few times a second (docs/REVOCATION.md), each from the point up to which it has seen everything.
--
-- That point cannot be a time or a sequence: both are given out before the commit, and a row that commits late would lie
-- behind it. It is a transaction: whatever was committed or rolled back before the oldest transaction that still ran
-- when a worker read, it has seen.
create table revocations (
    xid xid8 not null default pg_current_xact_id(),
    kind text collate "C" not null,
    subject uuid not null,
    created_at timestamptz not null default now(),
    -- Begins with xid, by which workers read; and a transaction need not say twice what it changed.
    constraint revocations_pkey primary key (xid, kind, subject),
    constraint revocations_kind_check check (kind in ('session', 'user', 'roles'))
);
comment on table revocations is 'What ended or changed and concerns tokens that are out. Triggers write it, and workers read it.';
comment on column revocations.xid is 'The transaction of the change.';
comment on column revocations.kind is 'session: ended, with all its tokens. user: holds something else than tokens say, or is not active. roles: roles give something else.';
comment on column revocations.subject is 'The id of what changed.';

create index revocations_created_at_idx on revocations (created_at);

-- The arguments: the kind, and the column with the subject.
--
-- What a user or role gets at the moment of its creation, no token can have said otherwise.
create function note_revocation()
returns trigger
language plpgsql
as $$
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
$$;

-- The schema of these tables, whatever it is called, after the system's own, so that nothing in it hides a part of that.
do $$
begin
    execute format('alter function note_revocation() set search_path = pg_catalog, %I, pg_temp', current_schema());
end
$$;

create trigger sessions_revocation_update
after update of ended_at on sessions
for each row
when (old.ended_at is null and new.ended_at is not null)
execute function note_revocation('session', 'id');

-- A session that was over by its age for longer than a token can live (a day) has no token left.
create trigger sessions_revocation_delete
after delete on sessions
for each row
when (old.ended_at is null and old.expires_at > now() - interval '25 hours')
execute function note_revocation('session', 'id');

create trigger users_revocation_update
after update of is_active on users
for each row
when (old.is_active is distinct from new.is_active)
execute function note_revocation('user', 'id');

create trigger users_revocation_delete
after delete on users
for each row
execute function note_revocation('user', 'id');

create trigger user_roles_revocation
after insert or update or delete on user_roles
for each row
execute function note_revocation('user', 'user_id');

create trigger role_permissions_revocation
after insert or update or delete on role_permissions
for each row
execute function note_revocation('roles', 'role_id');

create trigger roles_revocation
after update of name, grants_all_permissions on roles
for each row
when ((old.name, old.grants_all_permissions) is distinct from (new.name, new.grants_all_permissions))
execute function note_revocation('roles', 'id');

create trigger permissions_revocation
after update of resource, action on permissions
for each row
when ((old.resource, old.action) is distinct from (new.resource, new.action))
execute function note_revocation('roles', 'id');

-- migrate:down
drop trigger permissions_revocation on permissions;
drop trigger roles_revocation on roles;
drop trigger role_permissions_revocation on role_permissions;
drop trigger user_roles_revocation on user_roles;
drop trigger users_revocation_delete on users;
drop trigger users_revocation_update on users;
drop trigger sessions_revocation_delete on sessions;
drop trigger sessions_revocation_update on sessions;
drop function note_revocation();
drop table revocations;
