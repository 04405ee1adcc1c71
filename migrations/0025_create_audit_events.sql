-- migrate:up

-- The least id that is made at an instant (UUID version 7, RFC 9562 section 5.7): its first 48 bits are milliseconds.
create function first_uuid_at(instant timestamptz)
returns uuid
language sql immutable strict parallel safe
as $$
    select (lpad(to_hex(greatest(floor(extract(epoch from instant) * 1000), 0)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
comment on function first_uuid_at(timestamptz) is 'The least id that is made at an instant: rows from then on have it or a higher one.';

-- By id, which begins with the time: so it stays the whole primary key, and the order of a list.
--
-- No foreign keys: an event outlives what it is about. And hardly a check: PostgreSQL reads the text of each one anew for
-- each statement that writes, and only Postern's one statement writes here.
create table audit_events (
    id uuid not null,
    occurred_at timestamptz not null,
    action text collate "C" not null,
    actor_kind text not null,
    actor_user_id uuid,
    actor_api_key_id uuid,
    subject_kind text not null,
    subject_id uuid,
    details jsonb not null default '{}',
    request_id text,
    client_address inet,
    constraint audit_events_pkey primary key (id),
    constraint audit_events_actor_kind_check check (actor_kind in ('user', 'api_key', 'command_line', 'system'))
) partition by range (id);
comment on table audit_events is 'Who changed what: written with the change, in its transaction, and never changed (docs/AUDIT.md).';
comment on column audit_events.actor_user_id is 'The user who acted, or whose API key did; null for the command line and for Postern itself.';
comment on column audit_events.subject_id is 'What was changed; null for what has no id.';
comment on column audit_events.details is 'What of it was changed: names of fields, roles and permissions; no secret, no name and no address of a person.';
comment on column audit_events.request_id is 'The X-Request-Id of the answer, which stands in the log, too.';

create index audit_events_actor_user_id_id_idx on audit_events (actor_user_id, id);
create index audit_events_actor_api_key_id_id_idx on audit_events (actor_api_key_id, id)
    where actor_api_key_id is not null;
create index audit_events_subject_id_id_idx on audit_events (subject_id, id);
create index audit_events_action_id_idx on audit_events (action, id);

create function refuse_change_of_audit_event()
returns trigger
language plpgsql
as $$
begin
    raise exception 'audit events are never changed; whole months are dropped'
        using errcode = 'insufficient_privilege';
end
$$;

-- Against mistakes: whoever owns the table can remove it.
create trigger audit_events_append_only
before update or delete on audit_events
for each row
when (current_setting('postern.moves_audit_events', true) is distinct from 'on')
execute function refuse_change_of_audit_event();

create trigger audit_events_no_truncate
before truncate on audit_events
for each statement
execute function refuse_change_of_audit_event();

-- The default partition is there so that no change fails because a month was not made in time.
--
-- A month is attached, and not made as a partition: that would lock the whole table, and every change would wait. What is
-- locked is the default partition, which has no rows as long as this is called ahead of time.
--
-- Whoever waits for a lock makes others wait behind, so this does not wait for long, and is tried again later.
create function make_audit_partition(instant timestamptz)
returns boolean
language plpgsql
set lock_timeout = '2s'
set postern.moves_audit_events = 'on'
as $$
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
$$;
comment on function make_audit_partition(timestamptz) is 'Makes the partition of the month of an instant; false when it is there.';

-- Dropped at once: without rows to delete it takes a moment, however many there are. A change that comes meanwhile waits
-- for that moment, and no longer than the wait for the lock, if somebody is in the way.
create function drop_audit_partition(before timestamptz)
returns text
language plpgsql
set lock_timeout = '2s'
as $$
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
$$;
comment on function drop_audit_partition(timestamptz) is 'Drops the oldest month that ended before an instant, and gives the name of its table; null when there is none.';

-- The schema of these tables, whatever it is called, after the system's own, so that nothing in it hides a part of that.
do $$
declare
    signature text;
begin
    foreach signature in array array['make_audit_partition(timestamptz)', 'drop_audit_partition(timestamptz)'] loop
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', signature, current_schema());
    end loop;
    for ahead in 0..2 loop
        perform make_audit_partition(now() + ahead * interval '1 month');
    end loop;
end
$$;

-- One that somebody made before has the same name, and means the same by now.
insert into permissions (id, resource, action, description, is_built_in, created_at)
values ('01900000-0000-7000-8000-00000000010c', 'audit', 'read', 'See who changed what.', true, now())
on conflict (name) do update set is_built_in = true;

-- migrate:down
delete from role_permissions where permission_id = (select id from permissions where name = 'audit:read');
delete from permissions where name = 'audit:read';
drop function drop_audit_partition(timestamptz);
drop function make_audit_partition(timestamptz);
drop table audit_events;
drop function refuse_change_of_audit_event();
drop function first_uuid_at(timestamptz);
