-- migrate:up

-- Workers keep what they have looked up of an API key for some seconds. So they have to be told when it stops being true,
-- as they are of tokens.

-- All rows keep to the old check, so they keep to this one; that is said in the next migration, without this one's lock.
alter table revocations
    drop constraint revocations_kind_check,
    add constraint revocations_kind_check check (kind in ('session', 'user', 'roles', 'api_key')) not valid;
comment on table revocations is 'What ended or changed and concerns tokens that are out or API keys. Triggers write it, and workers read it.';
comment on column revocations.kind is 'session: ended, with all its tokens. user: holds something else than before, or is not active. roles: roles give something else. api_key: over, or holds something else.';

-- Whenever one of these is set, also to what it was: the statement that changes a key's grants sets them, and with the
-- transaction in its row the key looks like a new one to the function below.
create trigger api_keys_revocation_update
after update of owner_id, secret_hash, expires_at, revoked_at on api_keys
for each row
execute function note_revocation('api_key', 'id');

create trigger api_keys_revocation_delete
after delete on api_keys
for each row
when (old.revoked_at is null)
execute function note_revocation('api_key', 'id');

-- What a key gets at the moment of its creation, nobody can have looked up otherwise. That is what the transaction in its
-- row says, or that the same transaction has changed the key, which is noted then.
create function note_revocation_of_api_key()
returns trigger
language plpgsql
as $$
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
$$;

do $$
begin
    execute format(
        'alter function note_revocation_of_api_key() set search_path = pg_catalog, %I, pg_temp', current_schema()
    );
end
$$;

create trigger api_key_roles_revocation
after insert or update or delete on api_key_roles
for each row
execute function note_revocation_of_api_key();

create trigger api_key_permissions_revocation
after insert or update or delete on api_key_permissions
for each row
execute function note_revocation_of_api_key();

-- Who holds all permissions holds one less, and no row of role_permissions says so.
create trigger permissions_revocation_delete
after delete on permissions
for each row
execute function note_revocation('roles', 'id');

-- migrate:down
drop trigger permissions_revocation_delete on permissions;
drop trigger api_key_permissions_revocation on api_key_permissions;
drop trigger api_key_roles_revocation on api_key_roles;
drop function note_revocation_of_api_key();
drop trigger api_keys_revocation_delete on api_keys;
drop trigger api_keys_revocation_update on api_keys;
comment on column revocations.kind is 'session: ended, with all its tokens. user: holds something else than tokens say, or is not active. roles: roles give something else.';
comment on table revocations is 'What ended or changed and concerns tokens that are out. Triggers write it, and workers read it.';
delete from revocations where kind = 'api_key';
alter table revocations
    drop constraint revocations_kind_check,
    add constraint revocations_kind_check check (kind in ('session', 'user', 'roles'));
