-- migrate:up

-- The same terms as before (0007 says what they are), by a loop instead of a query with windows: a user is nearly always
-- written alone, and then setting up a query costs more than running it.
--
-- Of more than 40 places where a term begins the first ones count, those of the address before those of the name. And a
-- user whose name is the address has all of its terms now: the query took the two for one text of twice the length.
create or replace function user_search_terms_of(email text, display_name text)
returns table (term text, shared smallint)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
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
$$;

do $$
declare
    named record;
begin
    for named in
        select id, email, display_name, is_active from users where email = lower(display_name) for share
    loop
        delete from user_search_terms where user_id = named.id;
        insert into user_search_terms (user_id, term, shared, is_active)
        select named.id, t.term, t.shared, named.is_active
        from user_search_terms_of(named.email, named.display_name) t;
    end loop;
end
$$;

-- In the order in which a change of a user locks them.
lock table users, user_roles, user_search_terms in access exclusive mode;

-- A foreign key would be checked for each term. Only the triggers write terms, in the transaction that writes the user
-- and while it holds the lock of that row, so a trigger on delete does all that the key did. What the checks say is what
-- user_search_terms_of() does.
alter table user_search_terms
    drop constraint user_search_terms_user_id_fkey,
    drop constraint user_search_terms_term_check,
    drop constraint user_search_terms_shared_check;
comment on column user_search_terms.user_id is 'No reference: the triggers on users keep it.';

create or replace function keep_user_search_terms()
returns trigger
language plpgsql
as $$
begin
    if tg_op = 'UPDATE' then
        delete from user_search_terms where user_id = old.id;
    end if;
    insert into user_search_terms (user_id, term, shared, is_active)
    select new.id, t.term, t.shared, new.is_active
    from user_search_terms_of(new.email, new.display_name) t;
    return null;
end
$$;

create function remove_user_search_terms()
returns trigger
language plpgsql
as $$
begin
    if tg_op = 'TRUNCATE' then
        truncate user_search_terms;
    else
        delete from user_search_terms where user_id = old.id;
    end if;
    return null;
end
$$;

create or replace trigger users_search_terms_update
after update of id, email, display_name, is_active on users
for each row
when (
    (old.id, old.email, old.display_name, old.is_active)
        is distinct from (new.id, new.email, new.display_name, new.is_active)
)
execute function keep_user_search_terms();

create trigger users_search_terms_delete
after delete on users
for each row
execute function remove_user_search_terms();

create trigger users_search_terms_truncate
after truncate on users
for each statement
execute function remove_user_search_terms();

-- note_revocation() finds out for any table what it is about. Every new user comes with a role, and has no token yet.
create function note_revocation_of_new_role()
returns trigger
language plpgsql
as $$
begin
    if not exists (select from users u where u.id = new.user_id and u.created_at = new.created_at) then
        insert into revocations (kind, subject) values ('user', new.user_id) on conflict do nothing;
    end if;
    return null;
end
$$;

create or replace trigger user_roles_revocation
after update or delete on user_roles
for each row
execute function note_revocation('user', 'user_id');

create trigger user_roles_revocation_insert
after insert on user_roles
for each row
execute function note_revocation_of_new_role();

-- The schema of these tables, whatever it is called, after the system's own, so that nothing in it hides a part of that.
do $$
declare
    name text;
begin
    foreach name in array
        array['keep_user_search_terms', 'remove_user_search_terms', 'note_revocation_of_new_role']
    loop
        execute format(
            'alter function %I() set search_path = pg_catalog, %I, pg_temp', name, current_schema()
        );
    end loop;
end
$$;

-- migrate:down
lock table users, user_roles, user_search_terms in access exclusive mode;

drop trigger user_roles_revocation_insert on user_roles;
create or replace trigger user_roles_revocation
after insert or update or delete on user_roles
for each row
execute function note_revocation('user', 'user_id');
drop function note_revocation_of_new_role();

drop trigger users_search_terms_truncate on users;
drop trigger users_search_terms_delete on users;
drop function remove_user_search_terms();
create or replace trigger users_search_terms_update
after update of email, display_name, is_active on users
for each row
when ((old.email, old.display_name, old.is_active) is distinct from (new.email, new.display_name, new.is_active))
execute function keep_user_search_terms();

comment on column user_search_terms.user_id is null;
alter table user_search_terms
    add constraint user_search_terms_user_id_fkey foreign key (user_id) references users on delete cascade,
    add constraint user_search_terms_term_check check (length(term) between 1 and 100),
    add constraint user_search_terms_shared_check check (shared between 0 and 99);

create or replace function user_search_terms_of(email text, display_name text)
returns table (term text, shared smallint)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    suffix text;
    previous text := '';
begin
    for suffix in
        select word.suffix
        from (
            select left(substr(start.source, start.place::integer), 100) collate "C" as suffix
            from (
                select s.source,
                    sum(length(piece.text) + 1) over (partition by s.source order by piece.number) - length(piece.text)
                from (values (email), (lower(display_name))) s (source)
                cross join string_to_table(
                    translate(s.source, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)), ' '
                ) with ordinality piece (text, number)
                union all
                select email, position('@' in email)
            ) start (source, place)
            where substr(start.source, start.place::integer, 1) not in ('', ' ')
            order by start.place
            limit 40
        ) word
        order by word.suffix
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
$$;

create or replace function keep_user_search_terms()
returns trigger
language plpgsql
as $$
begin
    if tg_op = 'UPDATE' then
        delete from user_search_terms where user_id = new.id;
    end if;
    insert into user_search_terms (user_id, term, shared, is_active)
    select new.id, t.term, t.shared, new.is_active
    from user_search_terms_of(new.email, new.display_name) t;
    return null;
end
$$;

-- The schema of these tables, whatever it is called, after the system's own, so that nothing in it hides a part of that.
do $$
begin
    execute format(
        'alter function keep_user_search_terms() set search_path = pg_catalog, %I, pg_temp', current_schema()
    );
end
$$;
