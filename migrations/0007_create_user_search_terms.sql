-- migrate:up

-- A search finds users with a word that begins with the text q. Every suffix of e-mail address and name that begins at a
-- word is a term here, so these are the users with a term in the range from q to q || chr(1114111), the last character
-- there is.
--
-- A user may have several terms in that range ("ann@example.com", "anna"), and must be found once. Sorted, the terms of
-- one user that begin with q stand side by side. Only the first of them has less than the whole of q in common with the
-- term before it. That number, the length of the longest common prefix, is "shared", and so
--
--     term >= q and term < q || chr(1114111) and shared < length(q)
--
-- takes each user once, in the order of the index, and nothing has to be sorted or compared.
create table user_search_terms (
    user_id uuid not null
        constraint user_search_terms_user_id_fkey references users on delete cascade,
    term text collate "C" not null,
    shared smallint not null,
    is_active boolean not null,
    constraint user_search_terms_pkey primary key (user_id, term),
    constraint user_search_terms_term_check check (length(term) between 1 and 100),
    constraint user_search_terms_shared_check check (shared between 0 and 99)
);
comment on table user_search_terms is 'What users are found by. A trigger on users keeps it; nothing else writes here.';
comment on column user_search_terms.term is 'From a word of the e-mail address or name to its end, in lower case, cut to 100 characters.';
comment on column user_search_terms.shared is 'Characters in common with the term before it, of the same user and in sorted order; 0 for the first.';
comment on column user_search_terms.is_active is 'That of the user.';

-- Also for users of either kind: such a page is merged from a page of each.
create index user_search_terms_is_active_term_user_id_idx on user_search_terms (is_active, term, user_id)
    include (shared);

-- A word begins where the character before it is none, a space or ASCII punctuation, which is where the pieces begin
-- when all of these are made spaces; and an address is also found by its "@domain". A term with which another one begins
-- would find nothing more, and is left out.
--
-- The path names no schema in which somebody could create a function of the same name.
create function user_search_terms_of(email text, display_name text)
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

create function keep_user_search_terms()
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

create trigger users_search_terms_insert
after insert on users
for each row
execute function keep_user_search_terms();

create trigger users_search_terms_update
after update of email, display_name, is_active on users
for each row
when ((old.email, old.display_name, old.is_active) is distinct from (new.email, new.display_name, new.is_active))
execute function keep_user_search_terms();

-- migrate:down
drop trigger users_search_terms_update on users;
drop trigger users_search_terms_insert on users;
drop function keep_user_search_terms();
drop function user_search_terms_of(text, text);
drop table user_search_terms;
